#include "identity/pool.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "identity/trust.hpp"

namespace gatehouse::identity {
namespace {

using kit::Json;

constexpr std::string_view kSessionName = "CognitoIdentityCredentials";
constexpr std::int64_t kSeconds = 3600;
constexpr std::string_view kGuestPolicy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]})";
constexpr std::string_view kUserPool = "cognito-idp.";

/// `region:uuid`, the region being the pool's.
std::string new_identity_id(const IdentityPool& pool, base::Random& random) {
  std::array<unsigned char, 16> bytes{};
  random.fill(bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);  // RFC 9562, version 4
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string out = pool.id.substr(0, pool.id.find(':')) + ":";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    const char byte = static_cast<char>(bytes[i]);
    out += base::hex({&byte, 1});
  }
  return out;
}

tl::unexpected<Fault> not_found(std::string_view what, std::string_view id) {
  return refuse("ResourceNotFoundException", std::string(what) + " '" + std::string(id) + "' not found.");
}

tl::unexpected<Fault> conflict() {
  return refuse("ResourceConflictException",
                "Logins belong to different identities, or the identity has another "
                "login of that provider.");
}

tl::unexpected<Fault> forbidden(std::string_view identity_id) {
  return refuse("NotAuthorizedException", "Access to Identity '" + std::string(identity_id) + "' is forbidden.");
}

tl::unexpected<Fault> no_guests() {
  return refuse("NotAuthorizedException", "Unauthenticated access is not supported for this identity pool.");
}

/// The identities that the logins are known to be, without those that are new.
std::vector<std::string> known_identities(Tables& tables, const IdentityPool& pool, const std::vector<Login>& logins,
                                          std::size_t& unknown) {
  std::vector<std::string> out;
  unknown = 0;
  for (const Login& login : logins) {
    auto id = tables.identity_of(pool.id, login.provider, login.subject);
    if (!id)
      ++unknown;
    else if (std::find(out.begin(), out.end(), *id) == out.end())
      out.push_back(std::move(*id));
  }
  return out;
}

/// Keeps what is new of the logins. False: the identity has another login of one of the providers.
bool link(Tables& tables, const IdentityPool& pool, std::string_view identity_id, const std::vector<Login>& logins) {
  const auto have = tables.logins_of(identity_id);
  for (const Login& login : logins) {
    const auto same =
        std::find_if(have.begin(), have.end(), [&](const auto& one) { return one.first == login.provider; });
    if (same == have.end())
      tables.add_login(pool.id, identity_id, login.provider, login.subject);
    else if (same->second != login.subject)
      return false;
  }
  return true;
}

/// One text of a claim; nothing for what is no single one.
std::optional<std::string> single_text(const Json& claim) {
  const bool text =
      claim.kind == Json::Kind::String || claim.kind == Json::Kind::Number || claim.kind == Json::Kind::Bool;
  return text ? std::optional(claim.text) : std::nullopt;
}

}  // namespace

Outcome<IdentityPool> pool_by_id(Store& store, std::string_view pool_id) {
  return store.read<IdentityPool>([&](Tables& tables) -> Outcome<IdentityPool> {
    auto pool = tables.pool(pool_id);
    if (!pool) return not_found("IdentityPool", pool_id);
    return std::move(*pool);
  });
}

Outcome<IdentityPool> pool_of_identity(Store& store, std::string_view identity_id) {
  return store.read<IdentityPool>([&](Tables& tables) -> Outcome<IdentityPool> {
    const auto id = tables.pool_of(identity_id);
    auto pool = id ? tables.pool(*id) : std::nullopt;
    if (!pool) return not_found("Identity", identity_id);
    return std::move(*pool);
  });
}

Outcome<std::string> identity_for(Store& store, const IdentityPool& pool, const std::vector<Login>& logins,
                                  base::Random& random, std::int64_t now, const MayCreate& may_create) {
  if (logins.empty() && !pool.allow_guests) return no_guests();
  if (!logins.empty()) {
    // Most who come are known: no write then.
    auto known = store.read<std::string>([&](Tables& tables) -> Outcome<std::string> {
      std::size_t unknown = 0;
      const auto ids = known_identities(tables, pool, logins, unknown);
      return ids.size() == 1 && unknown == 0 ? ids.front() : std::string();
    });
    if (!known || !known->empty()) return known;
  }
  return store.write<std::string>([&](Tables& tables) -> Outcome<std::string> {
    std::size_t unknown = 0;
    const auto ids = known_identities(tables, pool, logins, unknown);
    if (ids.size() > 1) return conflict();
    std::string id;
    if (ids.empty()) {
      if (!may_create()) return refuse("TooManyRequestsException", "Rate exceeded");
      id = new_identity_id(pool, random);
      tables.put_identity(pool.id, id, now);
    } else {
      id = ids.front();
    }
    if (!link(tables, pool, id, logins)) return conflict();
    return id;
  });
}

Outcome<void> admit(Store& store, const IdentityPool& pool, std::string_view identity_id,
                    const std::vector<Login>& logins) {
  if (logins.empty() && !pool.allow_guests) return no_guests();
  enum class Is : std::uint8_t { Admitted, New };
  const auto judge = [&](Tables& tables) -> Outcome<Is> {
    const auto have = tables.logins_of(identity_id);
    if (logins.empty()) {
      if (!have.empty()) return forbidden(identity_id);
      return Is::Admitted;
    }
    std::size_t unknown = 0;
    const auto ids = known_identities(tables, pool, logins, unknown);
    if (ids.size() > 1 || (ids.size() == 1 && ids.front() != identity_id))
      return refuse("NotAuthorizedException",
                    "Logins don't match. Please include at least one valid login for this identity or identity pool.");
    if (ids.empty() && !have.empty()) return forbidden(identity_id);
    return unknown == 0 ? Is::Admitted : Is::New;
  };
  const auto found = store.read<Is>(judge);
  if (!found) return tl::unexpected<Fault>(found.error());
  if (*found == Is::Admitted) return {};
  const auto linked = store.write<Is>([&](Tables& tables) -> Outcome<Is> {
    auto still = judge(tables);
    if (still && !link(tables, pool, identity_id, logins)) return conflict();
    return still;
  });
  if (!linked) return tl::unexpected<Fault>(linked.error());
  return {};
}

const Login* deciding_login(const IdentityPool& pool, const std::vector<Login>& logins) noexcept {
  for (const auto& [provider, clients] : pool.providers) {
    const std::string& name = provider;
    const auto at = std::find_if(logins.begin(), logins.end(), [&](const Login& one) { return one.provider == name; });
    if (at != logins.end()) return &*at;
  }
  return nullptr;
}

Outcome<WebIdentity> pool_identity(const IdentityPool& pool, std::string_view identity_id, const Login* login) {
  WebIdentity out;
  out.principal = out.host = kCognitoIdentity;
  out.issuer = "https://" + std::string(kCognitoIdentity);
  out.audience = out.cognito_identity_pool_id = pool.id;
  out.subject = out.cognito_identity_id = identity_id;
  if (login == nullptr) {
    out.amr = {"unauthenticated"};
    return out;
  }
  const bool user_pool = login->provider.starts_with(kUserPool);
  const std::string signed_in = login->provider + (user_pool ? ":CognitoSignIn:" : ":OIDC:") + login->subject;
  out.amr = {"authenticated", login->provider, signed_in};
  out.cognito_authenticated = true;
  out.cognito_provider = login->provider + "," + signed_in;
  for (const auto& [claim, key] : pool.attribute_tags) {
    const Json* const value = login->claims.member(claim);
    if (value == nullptr) continue;
    const auto text = single_text(*value);
    if (!text) return refuse("NotAuthorizedException", "The claim '" + claim + "' cannot be a tag.");
    out.tags.push_back({key, *text});
  }
  // What cannot be a tag is not left out: a policy may deny those who lack it, or allow them.
  if (auto sound = check_tags(out.tags, {}); !sound)
    return refuse("NotAuthorizedException", "The token's attributes cannot be tags: " + sound.error().message);
  return out;
}

Outcome<TemporaryCredentials> pool_credentials(Store& store, base::Random& random, const StsFacts& facts,
                                               std::string_view role_arn, const WebIdentity& who, std::string& log) {
  const auto misconfigured = [] {
    return refuse("InvalidIdentityPoolConfigurationException",
                  "Invalid identity pool configuration. Check assigned IAM roles for this pool.");
  };
  const auto found = look_up_role(store, role_arn, {});
  if (!found && found.error().code != "ValidationError") return tl::unexpected<Fault>(found.error());
  const Role* const role = found && found->role ? &*found->role : nullptr;
  const bool trusted = trusts(role, role_arn, facts, who, kSessionName, log);
  if (!trusted || role == nullptr) {
    log = std::string(role_arn) + ": " + log;
    return misconfigured();
  }
  const std::int64_t now = facts.unix_ms / 1000;
  Session session = web_session(*role, who, kSessionName, now, std::min(kSeconds, role->max_session_seconds));
  if (!who.cognito_authenticated) session.policy = kGuestPolicy;
  auto made = issue(std::move(session), store.ring(), random);
  if (made) return made;
  log = made.error().message;
  return misconfigured();
}

}  // namespace gatehouse::identity
