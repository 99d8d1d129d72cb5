#include "plugin/answer_policies.hpp"

#include <vector>

#include "base/text.hpp"
#include "plugin/answer.hpp"
#include "policy/parse.hpp"

namespace gatehouse::plugin {
namespace {

constexpr std::size_t kMaxResource = 512;  // LA-66; in bytes

bool has_long_resource(const policy::Policy& policy) noexcept {
  for (const policy::Statement& statement : policy.statements())
    for (const policy::ResourcePattern& resource : statement.resources)
      if (resource.text.size() > kMaxResource) return true;
  return false;
}

}  // namespace

std::string read_policies(const gh_policies& from, base::Arena& arena, access::Answer& out) {
  if (from.items == nullptr) return "have a count but no items";
  if (from.count > kMaxPolicies) return "are too many";
  const std::span<access::AnswerPolicy> all = arena.array<access::AnswerPolicy>(from.count);
  std::shared_ptr<std::vector<policy::Policy>> documents;
  for (std::size_t i = 0; i < from.count; ++i) {
    const gh_policy& one = from.items[i];
    if (one.role < GH_ROLE_IDENTITY || one.role > GH_ROLE_ENDPOINT) return "have an unknown role";
    all[i].role = static_cast<access::PolicyRole>(one.role - GH_ROLE_IDENTITY);
    if (one.handle != 0) {
      if (one.json.len != 0) return "have a handle and a text: one of the two";
      all[i].handle = one.handle;
      continue;
    }
    if (one.json.ptr == nullptr || one.json.len == 0) return "have neither a handle nor a text";
    if (all[i].role != access::PolicyRole::Identity) return "of other roles than identity take a handle, not a text";
    if (one.json.len > kMaxPolicyBytes) return "are too large";
    const std::string_view json(one.json.ptr, one.json.len);
    if (!base::is_utf8(json)) return "are not UTF-8";
    auto compiled = policy::parse(json, policy::Kind::Authorizer);
    if (!compiled) return "cannot be weighed: " + policy::text(compiled.error());
    if (has_long_resource(*compiled)) return "have a resource of more than 512 characters";
    if (documents == nullptr) {
      documents = std::make_shared<std::vector<policy::Policy>>();
      documents->reserve(from.count);  // INVARIANT: what `all` points to does not move
    }
    all[i].policy = &documents->emplace_back(std::move(*compiled));
    out.held_bytes += documents->back().bytes();
  }
  out.policies = all;
  out.holds = std::move(documents);
  return {};
}

}  // namespace gatehouse::plugin
