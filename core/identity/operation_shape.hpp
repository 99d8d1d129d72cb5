#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

/// What texts and numbers of IAM's API may be: AWS's own constraints and, for refusals, its spelling of them.
namespace gatehouse::identity {

struct Shape {
  std::size_t least = 0;  // characters
  std::size_t most = std::numeric_limits<std::size_t>::max();
  std::string_view pattern = {};  // as a refusal shows it
  bool (*matches)(std::string_view) noexcept = nullptr;
  std::span<const std::string_view> one_of = {};
  std::int64_t lowest = std::numeric_limits<std::int64_t>::min();  // of numbers
  std::int64_t highest = std::numeric_limits<std::int64_t>::max();
};

namespace shape {

bool is_name(std::string_view text) noexcept;         // [\w+=,.@-]+
bool is_word(std::string_view text) noexcept;         // [\w]+
bool is_path(std::string_view text) noexcept;         // / or /.../
bool is_path_prefix(std::string_view text) noexcept;  // begins with /
bool is_policy_path(std::string_view text) noexcept;  // as a path, of the characters of names
bool is_version(std::string_view text) noexcept;      // v1
bool is_document(std::string_view text) noexcept;     // TAB, LF, CR, U+0020 to U+00FF
bool is_description(std::string_view text) noexcept;  // the same without DEL and U+0080 to U+00A0
bool is_tag(std::string_view text) noexcept;          // letters, digits, blanks and _.:/=+-@
bool is_visible(std::string_view text) noexcept;      // ASCII without blanks
bool is_pool_id(std::string_view text) noexcept;      // region:uuid
bool is_pool_name(std::string_view text) noexcept;    // [\w\s+=,.@-]+

inline constexpr std::string_view kNamePattern = R"([\w+=,.@-]+)";
inline constexpr std::string_view kStatuses[] = {"Active", "Inactive"};
inline constexpr std::string_view kScopes[] = {"All", "AWS", "Local"};

inline constexpr Shape kUserName{1, 64, kNamePattern, is_name};
inline constexpr Shape kOldUserName{1, 128, kNamePattern, is_name};  // of a user that is there
inline constexpr Shape kGroupName{1, 128, kNamePattern, is_name};
inline constexpr Shape kRoleName{1, 64, kNamePattern, is_name};
inline constexpr Shape kPolicyName{1, 128, kNamePattern, is_name};
inline constexpr Shape kPath{1, 512, R"((\u002F)|(\u002F[\u0021-\u007E]+\u002F))", is_path};
inline constexpr Shape kPathPrefix{1, 512, R"(\u002F[\u0021-\u007F]*)", is_path_prefix};
inline constexpr Shape kPolicyPath{1, 512, R"(((/[A-Za-z0-9\.,\+@=_-]+)*)/)", is_policy_path};
inline constexpr Shape kArn{20, 2'048};
inline constexpr Shape kDocument{1, 131'072, R"([\u0009\u000A\u000D\u0020-\u00FF]+)", is_document};
inline constexpr Shape kRoleDescription{0, 1'000, R"([\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*)", is_description};
inline constexpr Shape kPolicyDescription{0, 1'000};
inline constexpr Shape kVersionId{1, 64, R"(v[1-9][0-9]*(\.[A-Za-z0-9-]*)?)", is_version};
inline constexpr Shape kMarker{1, 320};
inline constexpr Shape kTagKey{1, 128, R"([\p{L}\p{Z}\p{N}_.:/=+\-@]+)", is_tag};
inline constexpr Shape kTagValue{0, 256, R"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", is_tag};
/// Shorter than AWS's: the access keys of published test vectors have eleven characters.
inline constexpr Shape kAccessKeyId{3, 128, R"([\w]+)", is_word};
inline constexpr Shape kSecret{8, 128, R"([\u0021-\u007E]+)", is_visible};
inline constexpr Shape kFixedToken{1, 4'096, R"([\u0021-\u007E]+)", is_visible};
inline constexpr Shape kStatus{0, 64, {}, nullptr, kStatuses};
inline constexpr Shape kScope{0, 64, {}, nullptr, kScopes};
inline constexpr Shape kProviderUrl{1, 255};
inline constexpr Shape kClientId{1, 255};
inline constexpr Shape kThumbprint{40, 40, R"([\w]+)", is_word};
inline constexpr Shape kPoolName{1, 128, R"([\w\s+=,.@-]+)", is_pool_name};
inline constexpr Shape kPoolId{1, 55, R"([\w-]+:[0-9a-f-]+)", is_pool_id};
inline constexpr Shape kProviderName{1, 128};
inline constexpr Shape kMaxItems{0, 0, {}, nullptr, {}, 1, 1'000};
inline constexpr Shape kSessionSeconds{0, 0, {}, nullptr, {}, 3'600, 43'200};

}  // namespace shape

/// Characters of UTF-8 text.
std::size_t characters(std::string_view text) noexcept;
/// Those that count in the size of a policy: all but white space.
std::size_t policy_characters(std::string_view document) noexcept;

}  // namespace gatehouse::identity
