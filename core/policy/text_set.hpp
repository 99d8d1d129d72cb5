#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace gatehouse::policy {

/// Texts by their shape, put together from left to right: what requests may ask for, to tell which patterns of a policy
/// match none of it. [setup]
class TextSet {
 public:
  void literal(std::string_view text);
  /// The byte as itself or percent-encoded.
  void escapable(unsigned char byte);
  /// One byte or more, but no slash.
  void segment();
  /// Any text, or none.
  void anything();
  /// One slash or more, or also none.
  void slashes(bool at_least_one);
  /// As one of several ways to go on: `begin_choice()`, then for each way `begin_way()` and what it is of; then
  /// `end_choice()`. May stand in one another.
  void begin_choice();
  void begin_way();
  void end_choice();

  /// Whether a pattern of a statement's Resource (its sixth part: wildcards; `${...}` and what follows count as any
  /// text) may match one of the texts. No is sure; yes may also mean that it would take too long to tell.
  bool may_match(std::string_view pattern) const;

 private:
  struct Unit {
    enum class Kind : std::uint8_t { Byte, NotSlash, Any, Fork } kind{};
    unsigned char byte = 0;
    std::vector<std::uint32_t> next;  // a Fork goes on at all of these, the others behind themselves
  };
  class Walk;
  std::uint32_t add(Unit::Kind kind, unsigned char byte = 0);
  void fork_back_to(std::uint32_t unit);

  std::vector<Unit> units_;  // the end is behind the last one
  struct Choice {
    std::uint32_t fork = 0;
    std::vector<std::uint32_t> ends;  // forks at the ends of its ways
    bool begun = false;
  };
  std::vector<Choice> open_;
};

}  // namespace gatehouse::policy
