#include "pool.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::cognito {
namespace {

constexpr std::string_view kVariable = "${stageVariables.";

bool is_word(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

/// The parts, whatever the pool's id is. Nothing when there are others.
std::optional<PoolArn> split(std::string_view arn) {
  std::array<std::string_view, 6> parts;
  for (std::size_t i = 0; i < 5; ++i) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    parts[i] = arn.substr(0, colon);
    arn.remove_prefix(colon + 1);
  }
  parts[5] = arn;
  constexpr std::string_view kPool = "userpool/";
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (parts[0] != "arn" || !is_word(parts[1]) || parts[2] != "cognito-idp" || !is_word(parts[3]) ||
      parts[4].size() != 12 || !std::all_of(parts[4].begin(), parts[4].end(), is_digit) ||
      parts[5].substr(0, kPool.size()) != kPool)
    return std::nullopt;
  return PoolArn{std::string(parts[1]), std::string(parts[3]), std::string(parts[4]),
                 std::string(parts[5].substr(kPool.size()))};
}

std::string not_like(std::string_view arn, std::string_view pool) {
  return "`" + std::string(arn) + "` is not `arn:aws:cognito-idp:REGION:ACCOUNT:userpool/" + std::string(pool) + "`";
}

}  // namespace

std::optional<PoolArn> PoolArn::parse(std::string_view arn, std::string& fault) {
  std::optional<PoolArn> out = split(arn);
  // CG-54: AWS's ids begin with their region; those of emulators have entries of their own.
  if (!out || !is_word(out->pool) || out->pool.rfind(out->region + "_", 0) != 0 ||
      out->pool.size() == out->region.size() + 1) {
    fault = not_like(arn, "REGION_ID");
    out.reset();
  }
  return out;
}

std::string PoolArn::issuer() const {
  const char* const suffix = partition == "aws-cn" ? ".amazonaws.com.cn/" : ".amazonaws.com/";
  return "https://cognito-idp." + region + suffix + pool;
}

bool has_stage_variables(std::string_view arn) noexcept {
  return arn.find("${") != std::string_view::npos;
}

std::optional<std::string> with_stage_variables(std::string_view arn, const Fields& variables) {
  std::string out;
  while (!arn.empty()) {
    const std::size_t at = arn.find("${");
    out += arn.substr(0, at);
    if (at == std::string_view::npos) break;
    arn.remove_prefix(at);
    const std::size_t end = arn.find('}');
    if (arn.substr(0, kVariable.size()) != kVariable || end == std::string_view::npos) return std::nullopt;
    const std::string_view value = variables.get(arn.substr(kVariable.size(), end - kVariable.size()));
    if (value.empty()) return std::nullopt;
    out += value;
    arn.remove_prefix(end + 1);
  }
  return out;
}

bool is_pattern(std::string_view arn, std::string& fault) {
  const std::optional<PoolArn> parts = split(arn);
  std::string_view name = parts ? parts->pool : std::string_view();
  const bool variable = name.substr(0, kVariable.size()) == kVariable && name.back() == '}';
  if (variable) {
    name.remove_prefix(kVariable.size());
    name.remove_suffix(1);
  }
  if (variable && is_word(name)) return true;
  fault = not_like(arn, "${stageVariables.NAME}");
  return false;
}

bool has_published_key(const kit::jose::KeySet& keys) noexcept {
  constexpr std::string_view kCognitoLocal = "jS8J3RuOy291lpsiFe2NfKV6VkdfMF4Q_840qOLXAjs";
  return std::any_of(keys.keys().begin(), keys.keys().end(),
                     [&](const kit::jose::Key& key) { return key.thumbprint() == kCognitoLocal; });
}

}  // namespace gatehouse::cognito
