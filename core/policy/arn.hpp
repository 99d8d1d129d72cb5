#pragma once
#include <array>
#include <string_view>

#include "policy/pattern.hpp"

namespace gatehouse::policy {

/// The six parts of `arn:partition:service:region:account:resource`; the sixth keeps its colons. Views of the text.
struct Arn {
  std::array<std::string_view, 6> parts;
  bool whole = false;  // it has all six

  static Arn split(std::string_view text) noexcept;
  std::string_view partition() const noexcept { return parts[1]; }
  std::string_view service() const noexcept { return parts[2]; }
  std::string_view region() const noexcept { return parts[3]; }
  std::string_view account() const noexcept { return parts[4]; }
  std::string_view resource() const noexcept { return parts[5]; }
};

/// An ARN with wildcards and variables: each part is matched by itself, so that a star before the fifth colon crosses
/// none (spec iam-policy 2.2 and 4.2). [any]
class ArnPattern {
 public:
  ArnPattern() = default;
  /// Of a condition: all six parts fold nothing and may have variables. Fewer than six parts match nothing.
  static ArnPattern of_condition(std::string_view text, bool variables);
  /// Of a statement's Resource: parts one to five fold case, the service is literal, variables in the sixth only.
  /// `*` is everything. Fewer than six parts, but three: `pad` fills up with `*`; else nothing
  /// matches.
  static ArnPattern of_resource(std::string_view text, bool variables, bool pad);

  Pattern::Match match(const Arn& arn, const Context& context) const;
  /// The two halves of match() for a pattern of a Resource that is not everything: parts one to five of a whole ARN,
  /// and the sixth. Patterns whose texts agree up to front_size() have the same front.
  bool match_front(const Arn& arn) const noexcept;
  Pattern::Match match_resource(const Arn& arn, const Context& context) const {
    return parts_[5].match(arn.resource(), context);
  }
  std::size_t front_size() const noexcept { return front_size_; }
  bool is_everything() const noexcept { return shape_ == Shape::Everything; }
  const Pattern& resource() const noexcept { return parts_[5]; }
  const Pattern& part(std::size_t i) const noexcept { return parts_[i]; }
  /// False: it matches no ARN at all.
  bool can_match() const noexcept { return shape_ != Shape::Nothing; }

 private:
  enum class Shape : std::uint8_t { Nothing, Everything, Parts };
  Shape shape_ = Shape::Nothing;
  std::array<Pattern, 6> parts_;
  std::size_t front_size_ = 0;
};

}  // namespace gatehouse::policy
