#pragma once
#include <gatehouse/kit/sigv4/date.hpp>
#include <gatehouse/kit/sigv4/path.hpp>
#include <gatehouse/kit/sigv4/signer.hpp>
#include <gatehouse/testing.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::iam::test {

namespace gt = gatehouse::testing;
namespace sigv4 = kit::sigv4;

inline constexpr const char* kKeyId = "AKIDGATEHOUSE0000001";
inline constexpr const char* kSecret = "gatehouse/test/secret+key/0123456789ABCD";
inline constexpr std::int64_t kNow = 1'768'472'130;  // 20260115T101530Z

/// A request and how it is to be signed.
struct Asked {
  std::string method = "GET", path = "/prod/pets", query = "b=2&a=1", body;
  sigv4::Unsigned::Headers headers;
  sigv4::AccessKey key{kKeyId, kSecret, ""};
  std::string region = "us-east-1", service = "execute-api";
  std::int64_t time_s = kNow;
  bool presigned = false, normalised = false, sign_token = true;

  gt::TestRequest sent() const {
    sigv4::Unsigned request;
    request.method = method;
    request.host = "api.example.com";
    request.path = path;
    request.raw_query = query;
    request.headers = headers;
    sigv4::Hasher hasher;
    request.payload = hasher.sha256(body);
    sigv4::SigningOptions options;
    options.region = region;
    options.service = service;
    options.time_s = time_s;
    options.normalise_path = normalised;
    options.sign_token = sign_token;
    const sigv4::Signed made =
        presigned ? sigv4::presign(request, key, options, 300) : sigv4::sign(request, key, options);
    gt::TestRequest out = gt::request(method, path);
    out.api_type = GH_API_REST;
    out.raw_query = made.raw_query;
    out.header("host", request.host);
    for (const auto& [name, value] : headers) out.header(name, value);
    for (const auto& [name, value] : made.headers) out.header(name, value);
    if (!body.empty()) out.header("content-length", std::to_string(body.size())).with_body(body);
    return out;
  }
};

inline gt::AccessKey access_key(std::string id, std::optional<std::string> token = std::nullopt,
                                std::uint32_t status = GH_KEY_OK) {
  gt::AccessKey out;
  out.id = std::move(id);
  out.secret = kSecret;
  out.token = std::move(token);
  out.status = status;
  return out;
}

/// The plugin in a gateway that knows one key.
struct Gate {
  explicit Gate(std::string_view settings = "{}") : h(settings) {
    h.set_time(kNow * 1000);
    h.access_key(access_key(kKeyId));
  }
  gt::TestAnswer ask(const Asked& asked) { return h.authorize(asked.sent()); }
  std::uint64_t count(const std::string& outcome) { return h.metric("requests_total{outcome=\"" + outcome + "\"}"); }
  gt::Harness h;
};

}  // namespace gatehouse::iam::test
