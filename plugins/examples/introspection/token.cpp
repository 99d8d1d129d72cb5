#include "token.hpp"

#include <openssl/evp.h>
#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>

#include <algorithm>
#include <set>

namespace introspection {
namespace {

bool is_alnum(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

using Value = rapidjson::Value;

std::string_view text(const Value& v) {
  return {v.GetString(), v.GetStringLength()};
}

/// Controls in a name would end up in logs and headers.
bool take(const Value& v, std::string& to) {
  if (!v.IsString()) return false;
  to = text(v);
  return std::none_of(to.begin(), to.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}
bool take(const Value& v, std::optional<double>& to) {
  if (!v.IsNumber() || v.GetDouble() < 0 || v.GetDouble() > 9e12) return false;
  to = v.GetDouble();
  return true;
}
bool take(const Value& v, std::vector<std::string>& to) {  // a string or a list of strings
  if (v.IsString()) {
    to.emplace_back(text(v));
    return true;
  }
  if (!v.IsArray()) return false;
  for (const Value& one : v.GetArray()) {
    if (!one.IsString()) return false;
    to.emplace_back(text(one));
  }
  return true;
}

}  // namespace

std::string_view bearer_token(std::string_view header) {
  constexpr std::string_view kScheme = "bearer ";
  if (header.size() <= kScheme.size() || header.size() > 8192) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i)
    if ((header[i] >= 'A' && header[i] <= 'Z' ? header[i] - 'A' + 'a' : header[i]) != kScheme[i]) return {};
  header.remove_prefix(kScheme.size());
  while (!header.empty() && header.front() == ' ') header.remove_prefix(1);
  std::size_t n = 0;
  while (n < header.size() &&
         (is_alnum(header[n]) || std::string_view("-._~+/").find(header[n]) != std::string_view::npos))
    ++n;
  if (n == 0) return {};
  const std::size_t padding = header.find_first_not_of('=', n);
  return padding == std::string_view::npos ? header : std::string_view();
}

std::string form_encode(std::string_view in) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : in) {
    if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '*')
      out += c;
    else if (c == ' ')
      out += '+';
    else
      ((out += '%') += kHex[static_cast<unsigned char>(c) >> 4]) += kHex[c & 15];
  }
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(n));
  return out;
}

std::string sha256(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(digest), size};
}

std::optional<Claims> read_claims(std::string_view json) {
  // The reader takes a NUL for the end of the text.
  if (json.find('\0') != std::string_view::npos) return std::nullopt;
  rapidjson::Document document;
  rapidjson::MemoryStream stream(json.data(), json.size());
  document.ParseStream<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(stream);
  if (document.HasParseError() || !document.IsObject()) return std::nullopt;
  Claims out;
  std::set<std::string_view> names;
  bool has_active = false;
  for (const auto& member : document.GetObject()) {
    const std::string_view name = text(member.name);
    const Value& v = member.value;
    if (!names.insert(name).second) return std::nullopt;
    bool sound = true;
    std::string scope;
    if (name == "active") {
      sound = has_active = v.IsBool();
      out.active = sound && v.GetBool();
    } else if (name == "sub") {
      sound = take(v, out.subject);
    } else if (name == "username") {
      sound = take(v, out.username);
    } else if (name == "client_id") {
      sound = take(v, out.client_id);
    } else if (name == "iss") {
      sound = take(v, out.issuer);
    } else if (name == "aud") {
      sound = take(v, out.audience);
    } else if (name == "exp") {
      sound = take(v, out.expires_s);
    } else if (name == "nbf") {
      sound = take(v, out.not_before_s);
    } else if (name == "scope") {
      sound = take(v, scope);
      for (std::size_t at = 0; at < scope.size();) {
        const std::size_t end = std::min(scope.find(' ', at), scope.size());
        if (end > at) out.scopes.push_back(scope.substr(at, end - at));
        at = end + 1;
      }
    }
    if (!sound) return std::nullopt;
  }
  if (!has_active) return std::nullopt;
  return out;
}

}  // namespace introspection
