#include "access/kept_answer.hpp"

#include <string.h>

namespace gatehouse::access {
namespace {

// A member that is added to Answer and not copied here would point into a request that is over.
static_assert(sizeof(void*) != 8 || sizeof(Answer) == 248, "copy the new member here and in copy_answer()");

std::size_t size_of(std::span<const std::string_view> texts) noexcept {
  std::size_t out = 0;
  for (const std::string_view text : texts) out += text.size();
  return out;
}

std::size_t size_of(std::span<const TypedValue> values) noexcept {
  std::size_t out = 0;
  for (const TypedValue& v : values) out += v.key.size() + v.value.size();
  return out;
}

}  // namespace

KeptAnswer::KeptAnswer(std::uint64_t hash, std::string_view key, const Answer& from, std::int64_t expires_ns)
    : hash_(hash), expires_ns_(expires_ns), answer_(from) {
  text_bytes_ = key.size() + from.principal_id.size() + from.challenge.size() + from.usage_key.size() +
                from.reason.size() + from.code.size() + from.error_text.size() + from.message.size() +
                from.error_type.size() + size_of(from.context) + size_of(from.claims) + size_of(from.scopes);
  text_ = std::make_unique<char[]>(text_bytes_);
  values_.reserve(from.context.size() + from.claims.size());
  char* at = text_.get();
  const auto copy = [&](std::string_view text) {
    if (text.data() == nullptr) return text;
    char* const to = at;
    if (!text.empty()) ::memcpy(to, text.data(), text.size());
    at += text.size();
    return std::string_view(to, text.size());
  };
  const auto copy_all = [&](std::span<const TypedValue> all) {
    const std::size_t first = values_.size();
    for (const TypedValue& v : all) values_.push_back({copy(v.key), copy(v.value), v.type});
    return std::span<const TypedValue>(values_.data() + first, all.size());
  };
  key_ = copy(key);
  answer_.principal_id = copy(from.principal_id);
  answer_.challenge = copy(from.challenge);
  answer_.usage_key = copy(from.usage_key);
  answer_.reason = copy(from.reason);
  answer_.code = copy(from.code);
  answer_.error_text = copy(from.error_text);
  answer_.context = copy_all(from.context);
  answer_.claims = copy_all(from.claims);
  answer_.message = copy(from.message);
  answer_.error_type = copy(from.error_type);
  scopes_.reserve(from.scopes.size());
  for (const std::string_view scope : from.scopes) scopes_.push_back(copy(scope));
  answer_.scopes = scopes_;
  policies_.assign(from.policies.begin(), from.policies.end());
  answer_.policies = policies_;
  bytes_ = sizeof *this + text_bytes_ + values_.capacity() * sizeof(TypedValue) +
           scopes_.capacity() * sizeof(std::string_view) + policies_.capacity() * sizeof(AnswerPolicy) +
           from.held_bytes;
}

KeptAnswer::~KeptAnswer() {
  ::explicit_bzero(text_.get(), text_bytes_);
}

}  // namespace gatehouse::access
