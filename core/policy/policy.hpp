#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/arn.hpp"
#include "policy/condition.hpp"
#include "policy/principal.hpp"

namespace gatehouse::policy {

enum class Effect : std::uint8_t { None, Allow, Deny };
std::string_view name(Effect effect) noexcept;

/// What a document is for: which elements it must and must not have (spec iam-policy section 1).
enum class Kind : std::uint8_t { Identity, Boundary, Session, Guardrail, Resource, Endpoint, Trust, Authorizer };
std::string_view name(Kind kind) noexcept;

/// The actions of execute-api; what statements match of them is worked out when they are compiled.
enum class KnownAction : std::uint8_t { Invoke, InvalidateCache, ManageConnections, Other };

/// An action as a request asks for it: `execute-api:Invoke`. Folds case.
struct Action {
  std::string_view text;
  KnownAction known = KnownAction::Other;
  static Action of(std::string_view text) noexcept;
};

/// One value of Action or NotAction. The service is literal, the name may have wildcards, both fold case. A value that
/// has no name or white space in it matches nothing (2.1).
class ActionPattern {
 public:
  explicit ActionPattern(std::string_view text);
  bool match(std::string_view action) const noexcept;
  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
  std::string service_;
  Pattern name_;
  bool everything_ = false;
  bool nothing_ = false;
};

struct ResourcePattern {
  ArnPattern pattern;
  std::string text;         // as it is compared: shorthand expanded
  std::uint32_t front = 0;  // a number that patterns of the policy with the same parts one to five share
};

/// A compiled statement. Immutable.
struct Statement {
  std::size_t index = 0;  // in the document
  std::string sid;
  Effect effect = Effect::None;
  std::optional<Principals> principals;
  bool not_principal = false;
  std::vector<ActionPattern> actions;
  bool not_action = false;
  std::vector<ResourcePattern> resources;
  bool not_resource = false;
  bool has_resource = true;  // false in trust policies
  std::vector<Condition> conditions;

  bool acts_on(const Action& action) const noexcept {
    return action.known == KnownAction::Other ? matches_text(action.text)
                                              : (known_actions >> static_cast<unsigned>(action.known) & 1u) != 0;
  }
  bool matches_text(std::string_view action) const noexcept;
  std::uint8_t known_actions = 0;  // a bit for each KnownAction
};

/// A policy document, compiled: immutable, shared by every thread. Made by parse(). [any]
class Policy {
 public:
  Policy(Kind kind, std::string id, std::vector<Statement> statements);
  Policy(Policy&&) = default;
  Policy& operator=(Policy&&) = default;

  Kind kind() const noexcept { return kind_; }
  const std::string& id() const noexcept { return id_; }
  /// About what it takes in memory, rather more than less: for who keeps some.
  std::size_t bytes() const noexcept;
  const std::vector<Statement>& statements() const noexcept { return statements_; }

  /// Indexes, in order, of all statements with this effect that may apply to the action on a resource whose sixth part
  /// begins with `head` (an API's id); statements that cannot are mostly left out.
  std::span<const std::uint32_t> candidates(Effect effect, const Action& action, std::string_view head) const noexcept;
  /// The same for one resource alone, by the first steps of its path as well.
  std::span<const std::uint32_t> candidates_for(Effect effect, const Action& action,
                                                std::string_view resource) const noexcept;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  using Lists = std::unordered_map<std::string, std::vector<std::uint32_t>, Hash, std::equal_to<>>;
  struct Index {
    std::vector<std::uint32_t> rest;  // what may apply to any head; to all heads while by_head is empty
    Lists by_head;                    // with those of rest
    Lists by_start;  // under a start() what may apply to it, under a head what may to any start; with those of rest
  };
  static constexpr std::size_t kActions = 4;  // as KnownAction
  void build(Index& index, Effect effect, std::size_t action) const;

  Kind kind_;
  std::string id_;
  std::vector<Statement> statements_;
  std::array<Index, kActions> allows_, denies_;
};

/// Up to the first slash: of `abcde12345/prod/GET/pets` the API's id. [any]
std::string_view head(std::string_view resource) noexcept;
/// Up to the fourth slash: API, stage, verb and the first step of the path. [any]
std::string_view start(std::string_view resource) noexcept;

}  // namespace gatehouse::policy
