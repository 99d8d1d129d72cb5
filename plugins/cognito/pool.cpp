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

}  // namespace

std::optional<PoolArn> PoolArn::parse(std::string_view arn, std::string& fault) {
  std::array<std::string_view, 6> parts;
  std::string_view rest = arn;
  for (std::size_t i = 0; i < 5; ++i) {
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) break;
    parts[i] = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
    if (i == 4) parts[5] = rest;
  }
  constexpr std::string_view kPool = "userpool/";
  const bool good = parts[0] == "arn" && is_word(parts[1]) && parts[2] == "cognito-idp" && is_word(parts[3]) &&
                    parts[4].size() == 12 &&
                    std::all_of(parts[4].begin(), parts[4].end(), [](char c) { return c >= '0' && c <= '9'; }) &&
                    parts[5].substr(0, kPool.size()) == kPool && is_word(parts[5].substr(kPool.size()));
  if (!good) {
    fault = "`" + std::string(arn) + "` is not `arn:aws:cognito-idp:REGION:ACCOUNT:userpool/POOL`";
    return std::nullopt;
  }
  return PoolArn{std::string(parts[1]), std::string(parts[3]), std::string(parts[4]),
                 std::string(parts[5].substr(kPool.size()))};
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

bool has_published_key(const kit::jose::KeySet& keys) noexcept {
  constexpr std::string_view kCognitoLocal = "jS8J3RuOy291lpsiFe2NfKV6VkdfMF4Q_840qOLXAjs";
  return std::any_of(keys.keys().begin(), keys.keys().end(),
                     [&](const kit::jose::Key& key) { return key.thumbprint() == kCognitoLocal; });
}

}  // namespace gatehouse::cognito
