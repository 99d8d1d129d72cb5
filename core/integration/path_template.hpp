#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "access/facts.hpp"
#include "base/arena.hpp"
#include "base/error.hpp"

namespace gatehouse::integration {

/// The path that an upstream is asked for: literal text, `{name}` or `{name+}` for what the route's parameter of that
/// name caught, `${stageVariables.name}`. Empty: the request's own path inside the API.
///
/// What is put in is a piece of the one normalised path (http::Target), so it holds no escape that could be read
/// twice; a stage variable must be path text itself. Where pieces meet inside one segment the whole is judged again:
/// no dot segment comes out that did not go in. Slashes at the beginning come out as one: what begins with two is read
/// as an authority by URL parsers.
class PathTemplate {
 public:
  /// `parameters`: the names that the route catches. The error says which piece is wrong.
  static Result<PathTemplate> parse(std::string_view text, const std::vector<std::string>& parameters);

  /// The path, and the request's query behind it. Nothing when it cannot be built: `what` says why, as a constant.
  /// [loop] Memory from `arena`, none where the request's own bytes do.
  std::string_view build(const access::Facts& facts, base::Arena& arena, std::string_view& what) const;

  static constexpr std::size_t kMaxParts = 64;

 private:
  struct Part {
    enum class Kind : std::uint8_t { Literal, Parameter, Variable } kind = Kind::Literal;
    std::string text;
  };
  std::vector<Part> parts_;
  bool judge_result_ = false;
};

}  // namespace gatehouse::integration
