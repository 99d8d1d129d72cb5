#include "integration/identity_pool_token.hpp"

#include <gatehouse/kit/jose/base64url.hpp>
#include <gatehouse/kit/jose/claims.hpp>
#include <gatehouse/kit/jose/key.hpp>
#include <gatehouse/kit/jose/token.hpp>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "identity/trust.hpp"

namespace gatehouse::integration {
namespace {

namespace jose = kit::jose;
using identity::Outcome;
using identity::refuse;
using kit::Json;

constexpr std::string_view kHeaderMember = "gatehouse_key";  // the sealed public key
constexpr std::string_view kBound = "key of identity pool tokens";
constexpr std::int64_t kKeySeconds = 24 * 3600;
// What it signed last is good for a while; the clocks of two gateways may differ a little.
constexpr std::int64_t kKeyUsableSeconds = kKeySeconds + PoolTokens::kSeconds + 300;

std::string quoted(std::string_view text) {
  std::string out;
  base::append_json_string(out, text);
  return out;
}

/// `{"made":1700000000,"kty":"RSA",...}`, sealed.
std::string header_of(const jose::SigningKey& key, std::int64_t made, const identity::KeyRing& ring) {
  base::SystemRandom random;
  const std::string jwk = "{\"made\":" + std::to_string(made) + "," + key.jwk_members() +
                          ",\"kid\":" + quoted(key.thumbprint()) + ",\"alg\":\"RS256\",\"use\":\"sig\"}";
  const std::string sealed = ring.seal(identity::KeyRing::Purpose::Session, jwk, kBound, random);
  return "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":" + quoted(key.thumbprint()) + "," + quoted(kHeaderMember) +
         ":\"" + jose::encode_base64url(sealed) + "\"}";
}

std::string_view text_of(const Json* member) noexcept {
  return member != nullptr && member->kind == Json::Kind::String ? std::string_view(member->text) : std::string_view();
}

/// The key that the token brings, when a gateway with our ring made it lately.
std::optional<jose::Key> key_of(const jose::Token& token, const identity::KeyRing& ring, std::int64_t now) {
  const auto sealed = jose::decode_base64url(text_of(token.header().member(kHeaderMember)));
  if (!sealed || sealed->empty()) return std::nullopt;
  const auto opened = ring.open(identity::KeyRing::Purpose::Session, *sealed, kBound);
  if (!opened) return std::nullopt;
  kit::JsonFault fault;
  const auto jwk = kit::parse_json(opened->reveal(), fault);
  const Json* const at = jwk ? jwk->member("made") : nullptr;
  const auto made = at != nullptr ? base::parse_integer<std::int64_t>(at->text) : std::nullopt;
  if (!made || *made + kKeyUsableSeconds <= now) return std::nullopt;
  std::string why;
  return jose::Key::parse(*jwk, why);
}

tl::unexpected<identity::Fault> invalid() {
  return refuse("InvalidIdentityToken", "The token is none of this identity pool's");
}

/// `amr` as mint() writes it.
void read_amr(const Json& claims, identity::WebIdentity& out) {
  if (const Json* amr = claims.member("amr"); amr != nullptr && amr->kind == Json::Kind::Array)
    for (const Json& one : amr->children)
      if (one.kind == Json::Kind::String) out.amr.push_back(one.text);
  out.cognito_authenticated = out.amr.size() == 3 && out.amr[0] == "authenticated";
  if (out.cognito_authenticated) out.cognito_provider = out.amr[1] + "," + out.amr[2];
}

}  // namespace

std::optional<PoolTokens::Signer> PoolTokens::signer(std::int64_t now) const {
  const std::lock_guard lock(mutex_);
  if (signer_ && now >= signer_->made && now < signer_->made + kKeySeconds) return signer_;
  std::string why;
  auto key = jose::SigningKey::make(jose::SigningKey::Kind::Rsa, why);
  if (!key) return std::nullopt;
  std::string header = header_of(*key, now, ring_);
  signer_.emplace(Signer{std::move(*key), std::move(header), now});
  return signer_;
}

Outcome<std::string> PoolTokens::mint(const identity::WebIdentity& who, std::int64_t unix_ms) const {
  const std::int64_t now = unix_ms / 1000;
  std::string claims = "{\"iss\":" + quoted(who.issuer) + ",\"sub\":" + quoted(who.subject) +
                       ",\"aud\":" + quoted(who.audience) + ",\"amr\":[";
  for (std::size_t i = 0; i < who.amr.size(); ++i) claims.append(i == 0 ? "" : ",").append(quoted(who.amr[i]));
  claims += "],\"iat\":" + std::to_string(now) + ",\"exp\":" + std::to_string(now + kSeconds) + "}";
  const auto by = signer(now);
  auto token = by ? by->key.token(jose::Algorithm::RS256, by->header, claims) : std::nullopt;
  if (!token) return refuse("InternalErrorException", "The token could not be signed.");
  return std::move(*token);
}

Outcome<identity::WebIdentity> PoolTokens::identify(identity::Store& store, std::string_view text, std::int64_t unix_ms,
                                                    std::string& log) const {
  jose::TokenRules rules;
  rules.algorithms = {jose::Algorithm::RS256};
  rules.max_bytes = 16'384;
  jose::Outcome why;
  const auto token = jose::Token::read(text, rules, why);
  const auto key = token ? key_of(*token, ring_, unix_ms / 1000) : std::nullopt;
  if (key) why = token->verify(&*key);
  const auto claims = key && why ? token->claims(why) : std::nullopt;
  if (!claims) {
    log = token && !key ? "its key is none of ours, or too old" : why.detail;
    return invalid();
  }
  identity::WebIdentity out;
  out.principal = out.host = identity::kCognitoIdentity;
  out.issuer = "https://" + std::string(identity::kCognitoIdentity);
  if (why = jose::check_issuer(*claims, out.issuer); why) why = jose::check_times(*claims, unix_ms, 0);
  if (!why) {
    log = why.detail;
    if (why.refusal == jose::Refusal::Expired)
      return refuse("ExpiredTokenException", "The web identity token that was passed is expired");
    return invalid();
  }
  out.subject = out.cognito_identity_id = text_of(claims->member("sub"));
  out.audience = out.cognito_identity_pool_id = text_of(claims->member("aud"));
  read_amr(*claims, out);

  const auto there = store.read<bool>([&](identity::Tables& tables) -> Outcome<bool> {
    const auto of = tables.pool_of(out.subject);
    const auto pool = of && *of == out.audience ? tables.pool(*of) : std::nullopt;
    return pool && pool->allow_basic_flow && (out.cognito_authenticated || pool->allow_guests);
  });
  if (!there) return tl::unexpected<identity::Fault>(there.error());
  if (*there) return out;
  log = "its pool or its identity is not there any more, or its pool has the basic flow off";
  return invalid();
}

}  // namespace gatehouse::integration
