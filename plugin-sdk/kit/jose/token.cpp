#include "gatehouse/kit/jose/token.hpp"

#include <algorithm>
#include <utility>

#include "gatehouse/kit/jose/base64url.hpp"
#include "text.hpp"

namespace gatehouse::kit::jose {
namespace {

constexpr std::size_t kMostBytes = 16'384;                      // JW-6C
constexpr JsonLimits kLimits{kMostBytes, kMostBytes, 16, 256};  // JW-6B

/// A media type as it is compared: in lower case, without `application/` (RFC 7515, section 4.1.9).
std::string media_type(std::string_view text) {
  constexpr std::string_view kPrefix = "application/";
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (out.compare(0, kPrefix.size(), kPrefix) == 0) out.erase(0, kPrefix.size());
  return out;
}

std::optional<Json> object(std::string_view what, std::string_view text, Outcome& why) {
  JsonFault fault;
  std::optional<Json> out = parse_json(text, fault, kLimits);
  if (out && out->kind != Json::Kind::Object) {
    out.reset();
    fault.text = "no JSON object";
  }
  if (!out) why = {Refusal::Malformed, std::string(what) + ": " + fault.text};
  return out;
}

/// What the header says that must not be said, or must be said otherwise (JW-66, JW-6E).
Outcome judge_header(const Json& header, const TokenRules& rules) {
  for (const char* name : {"crit", "b64", "zip"})
    if (header.member(name) != nullptr)
      return {Refusal::Malformed, std::string("header: `") + name + "` is not supported"};
  if (header.member("cty") != nullptr) {
    const std::string* const cty = text_member(header, "cty");
    if (cty == nullptr || media_type(*cty) == "jwt")
      return {Refusal::Malformed, "header: `cty` says that the payload is a token, or is no text"};
  }
  const std::string* const typ = text_member(header, "typ");
  if (typ == nullptr && header.member("typ") != nullptr) return {Refusal::Type, "header: `typ` is no text"};
  if (typ == nullptr && !rules.required_type.empty())
    return {Refusal::Type, "header: no `typ`; " + quoted(rules.required_type) + " is required"};
  if (typ == nullptr) return {};
  const std::string type = media_type(*typ);
  const bool right =
      rules.required_type.empty() ? type == "jwt" || type == "at+jwt" : type == media_type(rules.required_type);
  if (!right) return {Refusal::Type, "header: `typ` is " + quoted(*typ)};
  return {};
}

}  // namespace

std::optional<Token> Token::read(std::string_view compact, const TokenRules& rules, Outcome& why) {
  const auto refuse = [&](Refusal refusal, std::string detail) {
    why = {refusal, std::move(detail)};
    return std::nullopt;
  };
  why = {};
  if (compact.empty()) return refuse(Refusal::Missing, "no token");
  const std::size_t most = std::min(rules.max_bytes, kMostBytes);
  if (compact.size() > most)
    return refuse(Refusal::TooLong,
                  "a token of " + std::to_string(compact.size()) + " bytes; " + std::to_string(most) + " are allowed");
  const auto dots = std::count(compact.begin(), compact.end(), '.');
  if (dots != 2) return refuse(Refusal::Segments, std::to_string(dots + 1) + " segments; a signed token has three");
  const std::size_t first = compact.find('.'), second = compact.rfind('.');

  Token token;
  const auto decode = [&](const char* what, std::string_view segment) {
    std::optional<std::string> bytes = decode_base64url(segment);
    if (!bytes) why = {Refusal::Malformed, std::string(what) + ": not base64url"};
    return bytes;
  };
  const auto header = decode("header", compact.substr(0, first));
  if (!header) return std::nullopt;
  // Before the signature: of a text that is not strictly base64url another spelling may be signed (JW-65).
  auto payload = decode("payload", compact.substr(first + 1, second - first - 1));
  if (!payload) return std::nullopt;
  auto signature = decode("signature", compact.substr(second + 1));
  if (!signature) return std::nullopt;
  if (signature->empty()) return refuse(Refusal::Malformed, "signature: empty");
  auto parsed = object("header", *header, why);
  if (!parsed) return std::nullopt;
  why = judge_header(*parsed, rules);
  if (!why) return std::nullopt;

  const std::string* const alg = text_member(*parsed, "alg");
  if (alg == nullptr) return refuse(Refusal::Algorithm, "header: `alg` is not there or is no text");
  const std::optional<Algorithm> algorithm = algorithm_of(*alg);
  if (!algorithm || !rules.algorithms.has(*algorithm))
    return refuse(Refusal::Algorithm, "header: `alg` is " + quoted(*alg) + ", which is not allowed");
  const std::string* const kid = text_member(*parsed, "kid");
  if (kid == nullptr || kid->empty() || kid->size() > 256)
    return refuse(Refusal::KeyId, "header: `kid` is not there or is no text of 1 to 256 bytes");

  token.algorithm_ = *algorithm;
  token.kid_ = *kid;
  token.header_ = std::move(*parsed);
  token.signed_ = compact.substr(0, second);
  token.payload_ = std::move(*payload);
  token.signature_ = std::move(*signature);
  return token;
}

Outcome Token::verify(const Key* key) const {
  if (key == nullptr) return {Refusal::UnknownKey, "no key has the `kid` " + quoted(kid_)};
  if (!key->fits(algorithm_))
    return {Refusal::KeyMismatch, "the key " + quoted(kid_) + " (" + key->kind() +
                                      (key->algorithm() ? " for " + std::string(name(*key->algorithm())) : "") +
                                      ") is not for " + std::string(name(algorithm_))};
  if (!key->verify(algorithm_, signed_, signature_))
    return {Refusal::Signature, "the signature is not by the key " + quoted(kid_)};
  return {};
}

std::optional<Json> Token::claims(Outcome& why) const {
  why = {};
  return object("payload", payload_, why);
}

}  // namespace gatehouse::kit::jose
