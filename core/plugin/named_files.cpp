#include "plugin/named_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/digest.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "config/interpolate.hpp"
#include "plugin/json.hpp"

namespace gatehouse::plugin {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;

}  // namespace

Result<std::string> judge_files(const config::Authorizer& authorizer, const std::vector<SettingsFile>& files) {
  std::string out;
  for (const SettingsFile& file : files) {
    const auto wrong = [&](Code code, const std::string& why) {
      return tl::unexpected<Error>(Error{code, "settings: `" + file.pointer + "`: " + why, authorizer.settings.where});
    };
    std::string exposed;
    const auto bytes = config::read_file(file.path, file.path, kMostBytes, exposed);
    if (!bytes) return wrong(bytes.error().code, bytes.error().text);
    if (!exposed.empty() && authorizer.settings.production) return wrong(Code::Refused, exposed);
    if (!exposed.empty())
      base::log(base::Level::Warn, exposed, {{"authorizer", authorizer.name}, {"setting", file.pointer}});
    const base::Sha256 digest = base::sha256(*bytes);
    out += base::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
  }
  return out;
}

std::string files_fingerprint(const base::Secret& settings) {
  const auto json = parse_json(settings.reveal(), {kMostBytes, 100'000, 64});
  if (!json || json->kind != Json::Kind::Object) return {};
  std::string out;
  for (std::size_t i = 0; i < json->names.size(); ++i) {
    const Json& value = json->children[i];
    if (!json->names[i].ends_with("_file") || value.kind != Json::Kind::String) continue;
    std::error_code error;
    if (!std::filesystem::is_regular_file(value.text, error)) continue;
    std::string text(kMostBytes, '\0');
    std::ifstream file(value.text, std::ios::binary);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    const base::Sha256 digest = base::sha256(text);
    out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  }
  return out.empty() ? out : base::hex(out);
}

}  // namespace gatehouse::plugin
