#include "identity/assume_input.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"

namespace gatehouse::identity {
namespace {

constexpr std::size_t kMostTags = 50, kMostTagKey = 128, kMostTagValue = 256;
constexpr std::size_t kMostPolicyArns = 10, kMostPolicyCharacters = 2048;
constexpr std::size_t kMostArn = 2048, kLeastArn = 20;

/// Of UTF-8, which is what AWS counts.
std::size_t characters(std::string_view utf8) noexcept {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool is_word(char c) noexcept {
  const char lower = base::to_lower(c);
  return base::is_digit(c) || (lower >= 'a' && lower <= 'z') || c == '_';
}

bool only(std::string_view text, const char* also) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_word(c) || (c != '\0' && std::strchr(also, c) != nullptr); });
}

/// Letters of any language, digits, blanks and some signs; what is not ASCII only has to be UTF-8.
bool is_tag_text(std::string_view text) noexcept {
  return base::is_utf8(text) && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) >= 0x80 || is_word(c) || (c != '\0' && std::strchr(" .:/=+-@", c));
         });
}

std::string shown(std::string_view value) {
  constexpr std::size_t kMost = 128;
  if (value.size() <= kMost) return std::string(value);
  std::size_t cut = kMost;
  while (cut > 0 && (static_cast<unsigned char>(value[cut]) & 0xc0) == 0x80) --cut;
  return std::string(value.substr(0, cut)) + "...";
}

bool has_key(const std::vector<Tag>& tags, std::string_view key) {
  return std::any_of(tags.begin(), tags.end(), [&](const Tag& tag) { return base::equal_ignoring_case(tag.key, key); });
}

}  // namespace

void Constraints::broken(std::string_view at, std::string_view value, std::string_view rule) {
  std::string text = "Value '" + shown(value) + "' at '";
  text.append(at).append("' failed to satisfy constraint: ").append(rule);
  broken_.push_back(std::move(text));
}

void Constraints::text(std::string_view at, const std::optional<std::string>& value, std::size_t least,
                       std::size_t most, const char* also, bool required) {
  if (!value) {
    if (!required) return;
    std::string line = "Value null at '";
    broken_.push_back(line.append(at).append("' failed to satisfy constraint: Member must not be null"));
    return;
  }
  const std::size_t size = characters(*value);
  if (size < least) broken(at, *value, "Member must have length greater than or equal to " + std::to_string(least));
  if (size > most) broken(at, *value, "Member must have length less than or equal to " + std::to_string(most));
  if (also != nullptr && !only(*value, also))
    broken(at, *value, std::string("Member must satisfy regular expression pattern: [\\w") + also + "]*");
}

void Constraints::number(std::string_view at, const std::optional<std::int64_t>& value, std::int64_t least,
                         std::int64_t most) {
  if (!value) return;
  if (*value < least)
    broken(at, std::to_string(*value), "Member must have value greater than or equal to " + std::to_string(least));
  if (*value > most)
    broken(at, std::to_string(*value), "Member must have value less than or equal to " + std::to_string(most));
}

void Constraints::count(std::string_view at, std::size_t have, std::size_t most) {
  if (have > most)
    broken(at, "[" + std::to_string(have) + " members]",
           "Member must have length less than or equal to " + std::to_string(most));
}

Outcome<void> Constraints::done() const {
  if (broken_.empty()) return {};
  std::string text = std::to_string(broken_.size());
  text += broken_.size() == 1 ? " validation error detected: " : " validation errors detected: ";
  for (std::size_t i = 0; i < broken_.size(); ++i) text.append(i == 0 ? "" : "; ").append(broken_[i]);
  return refuse("ValidationError", std::move(text));
}

Outcome<void> check_tags(const std::vector<Tag>& tags, const std::vector<std::string>& transitive_keys) {
  Constraints rules;
  rules.count("tags", tags.size(), kMostTags);
  rules.count("transitiveTagKeys", transitive_keys.size(), kMostTags);
  for (std::size_t i = 0; i < std::min(tags.size(), kMostTags); ++i) {
    const std::string at = "tags." + std::to_string(i + 1) + ".member.";
    rules.text(at + "key", tags[i].key, 1, kMostTagKey, nullptr, true);
    rules.text(at + "value", tags[i].value, 0, kMostTagValue, nullptr, true);
    if (!is_tag_text(tags[i].key)) rules.broken(at + "key", tags[i].key, "Member has characters that no tag may have");
    if (!is_tag_text(tags[i].value))
      rules.broken(at + "value", tags[i].value, "Member has characters that no tag may have");
  }
  if (auto done = rules.done(); !done) return done;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (base::equal_ignoring_case(tags[i].key.substr(0, 4), "aws:"))
      return refuse("InvalidParameterValue", "Tag keys that begin with 'aws:' are reserved: '" + tags[i].key + "'.");
    for (std::size_t j = 0; j < i; ++j)
      if (base::equal_ignoring_case(tags[i].key, tags[j].key))
        return refuse("InvalidParameterValue",
                      "Duplicate tag keys found: '" + tags[i].key + "'. Tag keys are case insensitive.");
  }
  for (const std::string& key : transitive_keys)
    if (!has_key(tags, key))
      return refuse("InvalidParameterValue",
                    "The specified transitive tag key must be included in the requested tags: '" + shown(key) + "'.");
  return {};
}

Outcome<void> check(const AssumeInput& in) {
  constexpr const char* kName = "+=,.@-";
  Constraints rules;
  rules.text("roleArn", in.role_arn, kLeastArn, kMostArn, nullptr, true);
  rules.text("roleSessionName", in.session_name, 2, 64, kName, true);
  rules.number("durationSeconds", in.duration_seconds, 900, 43'200);
  rules.text("policy", in.policy, 1, kMostPolicyCharacters, nullptr, false);
  rules.count("policyArns", in.policy_arns.size(), kMostPolicyArns);
  std::size_t plain = in.policy ? characters(*in.policy) : 0;
  for (std::size_t i = 0; i < in.policy_arns.size(); ++i) {
    rules.text("policyArns." + std::to_string(i + 1) + ".member.arn", in.policy_arns[i], kLeastArn, kMostArn, nullptr,
               true);
    plain += characters(in.policy_arns[i]);
  }
  rules.text("externalId", in.external_id, 2, 1224, "+=,.@:/-", false);
  rules.text("sourceIdentity", in.source_identity, 2, 64, kName, false);
  rules.text("serialNumber", in.serial_number, 9, 256, "+=/:,.@-", false);
  rules.text("tokenCode", in.token_code, 6, 6, nullptr, false);
  if (in.token_code && !std::all_of(in.token_code->begin(), in.token_code->end(), base::is_digit))
    rules.broken("tokenCode", *in.token_code, "Member must satisfy regular expression pattern: [\\d]*");
  if (auto done = rules.done(); !done) return done;
  if (plain > kMostPolicyCharacters)
    return refuse("ValidationError", "Policy and PolicyArns have " + std::to_string(plain) +
                                         " characters together; at most " + std::to_string(kMostPolicyCharacters) +
                                         " are allowed.");
  return check_tags(in.tags, in.transitive_tag_keys);
}

}  // namespace gatehouse::identity
