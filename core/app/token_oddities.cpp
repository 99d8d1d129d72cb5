#include <gatehouse/kit/jose/algorithm.hpp>
#include <gatehouse/kit/jose/claims.hpp>
#include <gatehouse/kit/jose/token.hpp>

#include <algorithm>

#include "app/token_anatomy.hpp"
#include "app/token_commands.hpp"
#include "app/token_time.hpp"
#include "base/text.hpp"

namespace gatehouse::app {
namespace {

namespace jose = kit::jose;
using kit::Json;

bool is_text(const Json* value) noexcept {
  return value != nullptr && value->kind == Json::Kind::String;
}

void odd_algorithm(const Json& header, std::vector<std::string>& out) {
  const Json* const alg = header.member("alg");
  if (!is_text(alg)) {
    out.emplace_back("`alg` is not there or is no text");
    return;
  }
  if (base::equal_ignoring_case(alg->text, "none"))
    out.emplace_back("`alg` is none: it is not signed, anybody could have written it; never taken");
  else if (base::equal_ignoring_case(alg->text.substr(0, 2), "HS"))
    out.emplace_back("`alg` is an HMAC: whoever can check it can also make it; never taken");
  else if (const auto known = jose::algorithm_of(alg->text); !known)
    out.emplace_back("`alg` is none that can be verified");
  else if (!jose::kAwsAlgorithms.has(*known))
    out.push_back("`alg`: " + std::string(jose::name(*known)) +
                  " is taken only where the authorizer allows it; without that RS256, RS384 and RS512 are");
}

void odd_header(const Json& header, std::vector<std::string>& out) {
  odd_algorithm(header, out);
  const Json* const kid = header.member("kid");
  if (kid == nullptr)
    out.emplace_back("no `kid`: it does not say which key signed it");
  else if (!is_text(kid) || kid->text.empty() || kid->text.size() > 256)
    out.emplace_back("`kid` is no text of 1 to 256 bytes");
  else if (std::any_of(kid->text.begin(), kid->text.end(), [](char c) { return c <= ' ' || c >= '\x7f'; }) ||
           kid->text.find_first_of("'\"`;\\/") != std::string::npos)
    out.emplace_back(
        "`kid` has characters that ids of keys rarely have: it is only ever looked up, never run or opened");
  for (const char* name : {"jku", "x5u", "jwk", "x5c", "x5t", "x5t#S256"})
    if (header.member(name) != nullptr)
      out.push_back(std::string("`") + name + "`: the token says itself which key is right; never used, never fetched");
  for (const char* name : {"crit", "b64", "zip"})
    if (header.member(name) != nullptr)
      out.push_back(std::string("`") + name + "`: an extension that is not supported");
  if (header.member("cty") != nullptr) out.emplace_back("`cty`: the payload may be a token itself");
}

void odd_times(const Json& payload, std::int64_t now_ms, std::vector<std::string>& out) {
  std::optional<std::int64_t> times[3];
  constexpr const char* kNames[] = {"exp", "nbf", "iat"};
  for (std::size_t i = 0; i < 3; ++i) {
    const Json* const value = payload.member(kNames[i]);
    if (value == nullptr) continue;
    times[i] = time_of(*value);
    if (!times[i]) out.push_back(std::string("`") + kNames[i] + "` is no time: a number of seconds since 1970 is");
    // In milliseconds, as some libraries write them, it is in the year 48,000 or later.
    else if (*times[i] > 100'000'000'000'000)
      out.push_back(std::string("`") + kNames[i] + "` is in the far future: is it in milliseconds?");
  }
  const auto& [exp, nbf, iat] = times;
  if (payload.member("exp") == nullptr) out.emplace_back("no `exp`: it would never end; never taken");
  if (exp && *exp <= now_ms) out.push_back("it expired " + distance(*exp, now_ms));
  if (nbf && *nbf > now_ms) out.push_back("it begins only " + distance(*nbf, now_ms));
  if (iat && *iat > now_ms) out.push_back("it was issued in the future, " + distance(*iat, now_ms));
  if (exp && nbf && *nbf >= *exp) out.emplace_back("it ends before it begins");
  constexpr std::int64_t kDay = 86'400'000;
  if (exp && iat && *exp - *iat > kDay) out.push_back("it counts for " + span(*exp - *iat) + ": longer than a day");
}

void odd_payload(const Json& payload, std::int64_t now_ms, std::vector<std::string>& out) {
  const Json* const iss = payload.member("iss");
  if (!is_text(iss))
    out.emplace_back("`iss` is not there or is no text: nobody says to have issued it");
  else if (!iss->text.starts_with("https://"))
    out.emplace_back("`iss` is no https URL");
  const Json *const aud = payload.member("aud"), *const client = payload.member("client_id");
  if (aud == nullptr && client == nullptr) out.emplace_back("neither `aud` nor `client_id`: it is for nobody");
  if (aud != nullptr && client != nullptr) out.emplace_back("`aud` and `client_id`: only `aud` counts");
  if (payload.member("scp") != nullptr && payload.member("scope") != nullptr)
    out.emplace_back("`scp` and `scope`: only `scp` counts");
  odd_times(payload, now_ms, out);
}

void odd_signature(const Json& header, const std::string& signature, std::vector<std::string>& out) {
  if (std::all_of(signature.begin(), signature.end(), [](char c) { return c == '\0'; }))
    out.emplace_back("the signature is all zeros");
  const Json* const alg = header.member("alg");
  const auto algorithm = is_text(alg) ? jose::algorithm_of(alg->text) : std::nullopt;
  if (!algorithm) return;
  std::size_t wanted = 0;
  if (*algorithm == jose::Algorithm::ES256 || *algorithm == jose::Algorithm::EdDSA) wanted = 64;
  if (*algorithm == jose::Algorithm::ES384) wanted = 96;
  if (*algorithm == jose::Algorithm::ES512) wanted = 132;
  const std::string size = std::to_string(signature.size()) + " bytes";
  if (wanted != 0 && signature.size() != wanted)
    out.push_back("the signature has " + size + ", one of " + alg->text + " has " + std::to_string(wanted) +
                  (signature.front() == '\x30' ? ": is it in DER? It has to be R || S" : ""));
  if (wanted == 0 && (signature.size() < 256 || signature.size() > 1024))
    out.push_back("the signature has " + size + ", one of an RSA key that may be used has 256 to 1,024");
}

}  // namespace

std::vector<std::string> oddities(const TokenAnatomy& anatomy, std::string_view token, std::int64_t now_ms) {
  std::vector<std::string> out;
  const std::string size = std::to_string(token.size()) + " bytes: ";
  if (token.size() > 16'384)
    out.push_back(size + "no authorizer takes more than 16384");
  else if (token.size() > jose::TokenRules().max_bytes)
    out.push_back(size + "more than the 8192 that an authorizer takes unless it is told to");
  if (anatomy.header) odd_header(*anatomy.header, out);
  if (anatomy.payload) odd_payload(*anatomy.payload, now_ms, out);
  if (anatomy.header && anatomy.segment_count == 3 && anatomy.segments[2].bytes)
    odd_signature(*anatomy.header, *anatomy.segments[2].bytes, out);
  // Whatever was not thought of here: the judge itself, of form and header, with every algorithm allowed.
  jose::TokenRules rules;
  rules.algorithms = jose::kAllAlgorithms;
  rules.max_bytes = 16'384;
  jose::Outcome why;
  if (!jose::Token::read(token, rules, why))
    out.push_back("every authorizer refuses it as `" + std::string(jose::name(why.refusal)) + "`" +
                  (why.refusal == jose::Refusal::Type ? " unless it requires that `typ`" : "") + ": " + why.detail);
  return out;
}

}  // namespace gatehouse::app
