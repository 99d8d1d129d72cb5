#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/condition.hpp"

namespace gatehouse::policy {

/// What a request might have under a key instead of what it has; no text at all: the key is absent.
struct KeyChange {
  KeyName key;
  std::vector<std::string> texts;
  bool multi = false;
};

/// A context in which some keys are changed. [any]
class ChangedContext final : public Context {
 public:
  explicit ChangedContext(const Context& base) : base_(base) {}
  ChangedContext(const ChangedContext&) = delete;
  ChangedContext& operator=(const ChangedContext&) = delete;
  /// Replaces an earlier change of the same key.
  void set(const KeyChange& change);
  void forget(const KeyName& key);
  Values find(const KeyName& key) const override;

 private:
  struct Entry {
    std::string lower;
    std::vector<std::string> texts;
    std::vector<std::string_view> views;
    bool multi;
  };
  const Context& base_;
  std::vector<Entry> entries_;
};

/// Values of its key with which the condition holds, or with `holds` false does not: what an explanation tries before
/// it says that a change would help. Each is tried on the condition itself; none: no such value was found (there may
/// be one). At most `most`, those that the policy writes first, absence last. [any]
std::vector<KeyChange> witnesses(const Condition& condition, bool holds, const Context& context, std::size_t most);

/// A text that the pattern may match: variables stand for what the context has, `*` and `?` for `fill`, or without one
/// for themselves. Whether it matches is for the caller to see.
std::string filled(std::string_view pattern, const Context& context, std::optional<std::string_view> fill,
                   bool variables);

}  // namespace gatehouse::policy
