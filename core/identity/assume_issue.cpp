#include "identity/assume_issue.hpp"

#include <gatehouse/kit/json.hpp>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "identity/session_form.hpp"
#include "policy/arn.hpp"
#include "policy/fault.hpp"
#include "policy/parse.hpp"

namespace gatehouse::identity {
namespace {

constexpr std::string_view kRole = "role/";
constexpr std::size_t kMostManagedCharacters = 6144;

std::string_view name_of(std::string_view arn) noexcept {
  return arn.substr(arn.rfind('/') + 1);
}

Outcome<void> must_be_session_policy(std::string_view json, std::size_t most) {
  policy::ParseOptions options;
  options.max_characters = most;
  const auto parsed = policy::parse(json, policy::Kind::Session, options);
  if (!parsed) return refuse("MalformedPolicyDocument", "Syntax errors in policy: " + policy::text(parsed.error()));
  return {};
}

Outcome<std::string> without_blanks(std::string_view json) {
  kit::JsonFault fault;
  const auto parsed = kit::parse_json(json, fault);
  if (!parsed) return refuse("MalformedPolicyDocument", "This policy contains invalid Json: " + fault.text);
  return kit::write_json(*parsed);
}

int percent(std::size_t bytes) noexcept {
  return static_cast<int>((bytes * 100 + kPackedBytes - 1) / kPackedBytes);
}

}  // namespace

Outcome<std::string> role_account(std::string_view text) {
  const policy::Arn arn = policy::Arn::split(text);
  const bool account =
      arn.account().size() == 12 && std::all_of(arn.account().begin(), arn.account().end(), base::is_digit);
  if (!arn.whole || arn.parts[0] != "arn" || arn.service() != "iam" || !arn.region().empty() || !account ||
      !arn.resource().starts_with(kRole) || name_of(text).empty())
    return refuse("ValidationError", std::string(text.substr(0, 256)) + " is invalid");
  return std::string(arn.account());
}

Outcome<RoleLookup> look_up_role(Store& store, std::string_view arn, const std::vector<std::string>& policy_arns) {
  const auto account = role_account(arn);
  if (!account) return tl::unexpected<Fault>(account.error());
  return store.read<RoleLookup>([&](Tables& tables) -> Outcome<RoleLookup> {
    RoleLookup out;
    out.role = tables.role(*account, name_of(arn));
    if (out.role && out.role->arn() != arn) out.role.reset();
    for (const std::string& policy : policy_arns) out.policies.push_back(tables.policy(policy));
    return out;
  });
}

Outcome<void> limit_session(Session& session, const std::optional<std::string>& policy,
                            const std::vector<std::string>& policy_arns,
                            const std::vector<std::optional<ManagedPolicy>>& found) {
  if (policy) {
    if (auto sound = must_be_session_policy(*policy, 0); !sound) return sound;
    auto bare = without_blanks(*policy);
    if (!bare) return tl::unexpected<Fault>(bare.error());
    session.policy = std::move(*bare);
  }
  for (std::size_t i = 0; i < policy_arns.size(); ++i) {
    const std::string& arn = policy_arns[i];
    const std::optional<ManagedPolicy>& managed = found[i];
    // Those of other accounts are not for this role, and nobody learns whether they are there.
    if (!managed || managed->arn() != arn || (managed->account != session.account && managed->account != "aws"))
      return refuse("ValidationError", "The policy " + arn + " does not exist in the account of the role.");
    if (auto sound = must_be_session_policy(managed->document, kMostManagedCharacters); !sound) return sound;
    if (std::find(session.policy_arns.begin(), session.policy_arns.end(), arn) == session.policy_arns.end())
      session.policy_arns.push_back(arn);
  }
  return {};
}

Outcome<TemporaryCredentials> issue(Session session, const KeyRing& ring, base::Random& random) {
  const int packed = percent(packed_bytes(session));
  if (packed > 100)
    return refuse("PackedPolicyTooLarge", "Packed size of session tags and policies consumes " +
                                              std::to_string(packed) +
                                              "% of allotted space; please use fewer tags and "
                                              "a smaller policy.");
  session.access_key_id = new_id("ASIA", random);
  session.secret = new_secret(random);
  auto token = seal_session(session, ring, random);
  if (!token)
    return refuse("PackedPolicyTooLarge",
                  "The session does not fit into a session token; please use fewer tags and a "
                  "smaller policy.");
  TemporaryCredentials out;
  out.access_key_id = std::move(session.access_key_id);
  out.secret = std::move(session.secret);
  out.session_token = base::Secret(std::move(*token));
  out.expires = session.expires;
  return out;
}

Outcome<Assumed> issue_for(const Role& role, Session session, const KeyRing& ring, base::Random& random) {
  Assumed out;
  out.role_id = role.id + ":" + session.name;
  out.arn = "arn:aws:sts::" + role.account + ":assumed-role/" + role.name + "/" + session.name;
  out.source_identity = session.source_identity;
  if (const std::size_t bytes = packed_bytes(session); bytes != 0) out.packed_percent = percent(bytes);
  auto made = issue(std::move(session), ring, random);
  if (!made) return tl::unexpected<Fault>(made.error());
  out.credentials = std::move(*made);
  return out;
}

}  // namespace gatehouse::identity
