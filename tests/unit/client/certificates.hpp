#pragma once
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

/// Certificates made for a test: an authority, and leaves of it, as PEM files in a folder that goes with the object.
namespace gatehouse::test {

class Certificates {
 public:
  Certificates() {
    folder_ = std::filesystem::temp_directory_path() / ("gatehouse-tls-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    ca_key_ = ::EVP_EC_gen("P-256");
    ca_ = make("test authority", ca_key_, nullptr, "");
    write_certificate(ca_file(), ca_);
  }
  ~Certificates() {
    ::X509_free(ca_);
    ::EVP_PKEY_free(ca_key_);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  std::string ca_file() const { return folder_ / "ca.pem"; }
  std::string certificate_file(const std::string& name) const { return folder_ / (name + ".pem"); }
  std::string key_file(const std::string& name) const { return folder_ / (name + ".key"); }
  /// `alternative`: `DNS:a.test,IP:127.0.0.1`.
  void issue(const std::string& name, const std::string& alternative) {
    EVP_PKEY* const key = ::EVP_EC_gen("P-256");
    X509* const leaf = make(name, key, ca_, alternative);
    write_certificate(certificate_file(name), leaf);
    FILE* const file = std::fopen(key_file(name).c_str(), "w");
    ::PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    ::X509_free(leaf);
    ::EVP_PKEY_free(key);
  }

 private:
  X509* make(const std::string& name, EVP_PKEY* key, X509* issuer, const std::string& alternative) {
    X509* const out = ::X509_new();
    ::X509_set_version(out, 2);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(out), ++serial_);
    ::X509_gmtime_adj(::X509_getm_notBefore(out), -3600);
    ::X509_gmtime_adj(::X509_getm_notAfter(out), 3600);
    ::X509_set_pubkey(out, key);
    ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(out), "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    ::X509_set_issuer_name(out, ::X509_get_subject_name(issuer == nullptr ? out : issuer));
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    ::X509V3_set_ctx(&context, issuer == nullptr ? out : issuer, out, nullptr, nullptr, 0);
    extend(out, context, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
    if (!alternative.empty()) extend(out, context, NID_subject_alt_name, alternative);
    ::X509_sign(out, issuer == nullptr ? key : ca_key_, ::EVP_sha256());
    return out;
  }
  static void extend(X509* certificate, X509V3_CTX& context, int nid, const std::string& value) {
    X509_EXTENSION* const extension = ::X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    ::X509_add_ext(certificate, extension, -1);
    ::X509_EXTENSION_free(extension);
  }
  static void write_certificate(const std::string& path, X509* certificate) {
    FILE* const file = std::fopen(path.c_str(), "w");
    ::PEM_write_X509(file, certificate);
    std::fclose(file);
  }

  std::filesystem::path folder_;
  EVP_PKEY* ca_key_ = nullptr;
  X509* ca_ = nullptr;
  long serial_ = 0;
};

}  // namespace gatehouse::test
