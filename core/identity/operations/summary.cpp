#include "identity/operations/entities.hpp"

namespace gatehouse::identity::operations {
namespace {

/// How many there are, page by page.
template <class Fetch>
std::int64_t count(Fetch fetch) {
  constexpr std::size_t kAtOnce = 1'000;
  std::int64_t out = 0;
  std::string after;
  for (;;) {
    const auto rows = fetch(Tables::Page{"/", after, kAtOnce});
    out += static_cast<std::int64_t>(rows.size());
    if (rows.size() < kAtOnce) return out;
    after = rows.back().name;
  }
}

Outcome<Value> summary_of(Tables& tables, const Input&, const OperationContext& context) {
  const std::string& account = context.account;
  using Page = Tables::Page;
  Value map = Value::map(), out;
  const auto put = [&](std::string_view name, std::int64_t number) { map.set(name, Value::of_number(number)); };
  put("Users", count([&](const Page& page) { return tables.users(account, page); }));
  put("Groups", count([&](const Page& page) { return tables.groups(account, page); }));
  put("Roles", count([&](const Page& page) { return tables.roles(account, page); }));
  put("Policies", count([&](const Page& page) { return tables.policies(account, page); }));
  put("Providers", static_cast<std::int64_t>(tables.providers(account).size()));
  put("AccountAccessKeysPresent", tables.keys_of(account).empty() ? 0 : 1);
  put("AccountMFAEnabled", 0);
  put("AccessKeysPerUserQuota", 2);
  put("AttachedPoliciesPerUserQuota", 10);
  put("AttachedPoliciesPerGroupQuota", 10);
  put("AttachedPoliciesPerRoleQuota", 10);
  put("AssumeRolePolicySizeQuota", 2'048);
  put("GroupsPerUserQuota", 10);
  put("UserPolicySizeQuota", 2'048);
  put("GroupPolicySizeQuota", 5'120);
  put("RolePolicySizeQuota", 10'240);
  put("PolicySizeQuota", 6'144);
  put("VersionsPerPolicyQuota", 5);
  out.set("SummaryMap", std::move(map));
  return out;
}

constexpr Operation kAll[] = {
    {"GetAccountSummary",
     "count what the account has, and say its quotas",
     SubjectKind::Everything,
     {},
     summary_of,
     Operation::kReads},
};

}  // namespace

std::span<const Operation> summary() {
  return kAll;
}

}  // namespace gatehouse::identity::operations
