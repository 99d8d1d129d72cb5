#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "policy/weigh.hpp"

namespace gatehouse::policy {

/// The kinds of policies that have a say, in the order in which a denial names them.
enum class Layer : std::uint8_t { None, Guardrail, Endpoint, Resource, Identity, Boundary, Session };
std::string_view name(Layer layer) noexcept;

enum class Outcome : std::uint8_t { ImplicitlyDenied, ExplicitlyDenied, Allowed };
std::string_view name(Outcome outcome) noexcept;

/// All that is to be weighed. An absent set is one nobody attached.
struct Sets {
  std::span<const std::span<const Policy* const>> guardrails;  // level by level: each must allow
  const Policy* endpoint = nullptr;
  const Policy* resource = nullptr;
  std::span<const Policy* const> identity;
  const Policy* boundary = nullptr;
  std::span<const Policy* const> session;
  bool has_session = false;  // a session policy was given, be it an empty one
};

struct Verdict {
  Outcome outcome = Outcome::ImplicitlyDenied;
  Layer layer = Layer::None;  // that decided: that denied, lacked an Allow, or allowed
  Finding finding;            // without a statement for an implicit denial
};

/// Whether the owner of the resource lets the caller in: the same account (8.2) or another (8.3); nobody anonymous but
/// by the resource policy (8.4). [any]
Verdict combine(const Sets& sets, const Question& question, std::string_view owner_account,
                Observer* observer = nullptr);

/// The caller's own side alone: identity, boundary, session and guardrails, no resource policy (8.2, step 4; the half A
/// of 8.3).
Verdict combine_identity(const Sets& sets, const Question& question, Observer* observer = nullptr);

}  // namespace gatehouse::policy
