#include "access/validation_expression.hpp"

#include <re2/re2.h>

namespace gatehouse::access {
namespace {

constexpr std::int64_t kMaxBytes = std::int64_t{1} << 20;

}  // namespace

ValidationExpression::ValidationExpression(std::unique_ptr<re2::RE2> compiled) noexcept
    : compiled_(std::move(compiled)) {}
ValidationExpression::ValidationExpression(ValidationExpression&&) noexcept = default;
ValidationExpression& ValidationExpression::operator=(ValidationExpression&&) noexcept = default;
ValidationExpression::~ValidationExpression() = default;

Result<ValidationExpression> ValidationExpression::parse(std::string_view text) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxBytes);
  options.set_never_capture(true);
  auto compiled = std::make_unique<RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!compiled->ok())
    return fail(Code::Invalid, "`" + std::string(text.substr(0, 200)) +
                                   "` is no regular expression (RE2's syntax): " + compiled->error());
  return ValidationExpression(std::move(compiled));
}

bool ValidationExpression::matches(std::string_view token) const noexcept {
  return compiled_->Match(re2::StringPiece(token.data(), token.size()), 0, token.size(), RE2::ANCHOR_BOTH, nullptr, 0);
}

const std::string& ValidationExpression::text() const noexcept {
  return compiled_->pattern();
}

}  // namespace gatehouse::access
