#pragma once
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "policy/flip_options.hpp"

namespace gatehouse::policy {

/// What the whole decision would be about another question; nothing where that cannot be known.
using Judge = std::function<std::optional<Verdict>(const Question&)>;

/// A change of the request by which one element of a statement matches (`meets`) or does not.
struct Change {
  Miss element = Miss::None;
  const Condition* condition = nullptr;  // of a Miss::Condition
  bool meets = true;
  std::optional<KeyChange> example;  // of a condition: what was tried
  std::string example_text;          // of an action or a resource
};

/// What would become of one statement.
struct StatementChange {
  const Policy* policy = nullptr;
  const Statement* statement = nullptr;
  /// All together. None: nothing known keeps it from applying, or makes it apply.
  std::vector<Change> changes;
};

/// The smallest change of a request, as far as it was found, that turns a decision round.
struct Flip {
  enum class Kind : std::uint8_t {
    None,     // no statement is there that could: of a denial a policy must change
    Allow,    // an Allow would apply
    Escape,   // each Deny that applies would not
    Deny,     // of what is allowed: a Deny would apply
    Silence,  // of what is allowed: the Allow would not
  };
  Kind kind = Kind::None;
  Layer layer = Layer::None;                // of Kind::None: what lacks an Allow
  std::vector<StatementChange> statements;  // of an Escape each Deny, else one
  std::size_t left_out = 0;                 // Denies past the first kMostDenies
  /// Every change was tried together: a request with the examples is judged so. Nothing: it could not be tried.
  bool tried = false;
  std::optional<Verdict> then;
  bool flips = false;   // `then` is the other way round
  bool partly = false;  // not with every value that was tried: the examples are those with which it does
};

constexpr std::size_t kMostDenies = 4;  // that an Escape tells

/// What would turn `said`, the verdict on `question`, round. Of an implicit denial the Allow that misses fewest
/// elements, one that is seen to flip first; of an explicit one for every Deny a condition; of what is allowed one
/// condition, when that is enough. A claim is never made without having judged the changed request. `layers`: all
/// documents, in the order of Layer. The views are those of the documents. For explanations: bounded, not quick. [any]
Flip find_flip(const Question& question, const Verdict& said, std::span<const Layered> layers, const Judge& judge);

}  // namespace gatehouse::policy
