#include "client/host_grants.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "client/upstream.hpp"

namespace gatehouse::client {

Result<HostGrants> HostGrants::make(const std::vector<std::string>& patterns) {
  HostGrants out;
  for (const std::string& pattern : patterns) {
    std::string_view text = pattern;
    const bool below = text.starts_with("*.");
    if (below) text.remove_prefix(2);
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
    if (const auto address = base::IpAddress::parse(text); address && !below) {
      out.hosts_.push_back(address->text());
      continue;
    }
    if (!is_host_name(text) || text.back() == '.')
      return fail(Code::Invalid,
                  "`" + pattern + "` is no host: write `idp.example.com`, `*.example.com` or an address");
    if (below)
      out.suffixes_.push_back("." + base::lower(text));
    else
      out.hosts_.push_back(base::lower(text));
  }
  return out;
}

bool HostGrants::allow(const Url& url) const noexcept {
  if (every_) return true;
  if (std::find(hosts_.begin(), hosts_.end(), url.host) != hosts_.end()) return true;
  if (url.address) return false;
  return std::any_of(suffixes_.begin(), suffixes_.end(), [&](const std::string& suffix) {
    return url.host.size() > suffix.size() && url.host.ends_with(suffix);
  });
}

}  // namespace gatehouse::client
