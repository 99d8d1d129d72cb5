#include "app/sign_command_keys.hpp"

#include <cstdlib>
#include <utility>

#include "app/token_commands.hpp"
#include "base/text.hpp"
#include "config/interpolate.hpp"

namespace gatehouse::app {
namespace {

constexpr std::size_t kMostFileBytes = 1 << 20;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string credentials_file() {
  std::string file = environment("AWS_SHARED_CREDENTIALS_FILE");
  if (file.empty())
    if (const std::string home = environment("HOME"); !home.empty()) file = home + "/.aws/credentials";
  return file;
}

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

Result<SigningAccessKey> of_profile(const std::string& wanted, bool asked) {
  const std::string name = !wanted.empty() ? wanted : "default";
  const std::string file = credentials_file(), shown_file = shown_raw(file, 256);
  constexpr const char* kHow =
      "give --access-key-id and --secret-access-key, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a "
      "--profile";
  if (file.empty()) return fail(Code::NotFound, std::string("no access key: ") + kHow);
  std::string exposed;
  auto text = config::read_file(file, shown_file, kMostFileBytes, exposed);
  if (!text && !asked) return fail(Code::NotFound, std::string("no access key: ") + kHow);
  if (!text) return fail(text.error().code, "--profile: " + text.error().text);
  const base::Secret content(std::move(*text));
  auto found = read_profile(content.reveal(), name);
  if (!found) return fail(found.error().code, "`" + shown_file + "`: " + found.error().text);
  if (!*found)
    return fail(Code::NotFound,
                "no access key: `" + shown_file + "` has no profile `" + shown_raw(name, 64) + "`; " + kHow);
  if ((*found)->id.empty() || (*found)->secret.empty())
    return fail(Code::NotFound, "`" + shown_file + "`: profile `" + shown_raw(name, 64) +
                                    "` has no aws_access_key_id or no aws_secret_access_key");
  return std::move(**found);
}

}  // namespace

Result<std::optional<SigningAccessKey>> read_profile(std::string_view text, std::string_view name) {
  std::optional<SigningAccessKey> out;
  bool inside = false;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::string_view whole = text.substr(0, text.find('\n')), line = trimmed(whole);
    text.remove_prefix(std::min(whole.size() + 1, text.size()));
    ++number;
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      inside = trimmed(line.substr(1, line.size() - 2)) == name;
      if (inside && !out) out.emplace();
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos)
      return fail(Code::Invalid, "line " + std::to_string(number) + " is neither `[profile]` nor `name = value`");
    if (!inside) continue;
    const std::string key(trimmed(line.substr(0, equals))), value(trimmed(line.substr(equals + 1)));
    if (key == "aws_access_key_id") out->id = value;
    if (key == "aws_secret_access_key") out->secret = base::Secret(value);
    if (key == "aws_session_token") out->session_token = base::Secret(value);
    if (key == "region") out->region = value;
  }
  return out;
}

Result<SigningAccessKey> find_access_key(const GivenAccessKey& given) {
  SigningAccessKey out;
  if (!given.id.empty() || !given.secret.empty()) {
    if (given.id.empty() || given.secret.empty())
      return fail(Code::Invalid, given.id.empty() ? "--secret-access-key needs --access-key-id"
                                                  : "--access-key-id needs --secret-access-key");
    out.id = given.id;
    out.secret = base::Secret(given.secret);
    out.session_token = base::Secret(given.session_token);
  } else if (given.profile.empty() && !environment("AWS_ACCESS_KEY_ID").empty()) {
    out.id = environment("AWS_ACCESS_KEY_ID");
    out.secret = base::Secret(environment("AWS_SECRET_ACCESS_KEY"));
    out.session_token =
        base::Secret(!given.session_token.empty() ? given.session_token : environment("AWS_SESSION_TOKEN"));
    if (out.secret.empty()) return fail(Code::NotFound, "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not");
  } else {
    auto found =
        of_profile(!given.profile.empty() ? given.profile : environment("AWS_PROFILE"), !given.profile.empty());
    if (!found) return found;
    out = std::move(*found);
    if (!given.session_token.empty()) out.session_token = base::Secret(given.session_token);
  }
  for (const std::string& region :
       {given.region, environment("AWS_REGION"), environment("AWS_DEFAULT_REGION"), out.region})
    if (!region.empty()) {
      out.region = region;
      break;
    }
  return out;
}

}  // namespace gatehouse::app
