#include "client/url.hpp"

#include <cstdint>

#include "client/address_rule.hpp"
#include "fuzz/http/fuzz.hpp"
#include "http/parser.hpp"

using namespace gatehouse;

namespace {

void judge(const client::Url& url) {
  http::fuzz::check(!url.host.empty() && url.port != 0, "there is somewhere to go to");
  http::fuzz::check(url.target.starts_with('/'), "there is something to ask for");
  for (const char c : url.host + url.target)
    http::fuzz::check(c > ' ' && c < 0x7F && c != '\\' && c != '#', "nothing could end a line or be read otherwise");
  for (const char c : url.host) http::fuzz::check(c != '@' && c != '/' && c != '%' && c != '?', "the host is one");
  http::fuzz::check(http::is_valid_authority(url.authority()), "it is a good Host");
  // Read again it is the same: there is one reading.
  const auto again = client::Url::parse(url.text());
  http::fuzz::check(again && again->same_origin(url) && again->target == url.target && again->address == url.address,
                    "its text means itself");
  if (url.address) static_cast<void>(client::kind_of(*url.address));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const http::fuzz::Exact bytes({reinterpret_cast<const char*>(data), size});
  if (const auto url = client::Url::parse(bytes.view())) judge(*url);
  static const client::Url base = *client::Url::parse("https://a.test/b/c?d");
  if (const auto url = base.resolve(bytes.view()); url && url->text().size() <= client::Url::kMaxBytes) judge(*url);
  return 0;
}
