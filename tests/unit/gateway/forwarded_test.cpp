#include "gateway/forwarded.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

struct Case {
  const char* what;
  const char* peer;
  std::vector<std::pair<const char*, const char*>> headers;
  const char* source;  // null: malformed
};

const Case kCases[] = {
    // 10.0.0.0/8 is trusted
    {"AT-96: a stranger's header is not believed", "192.0.2.1", {{"X-Forwarded-For", "127.0.0.1"}}, "192.0.2.1"},
    {"a trusted proxy's is", "10.0.0.1", {{"X-Forwarded-For", "192.0.2.7"}}, "192.0.2.7"},
    {"what the client wrote in front is not", "10.0.0.1", {{"X-Forwarded-For", "127.0.0.1, 192.0.2.7"}}, "192.0.2.7"},
    {"through two trusted proxies", "10.0.0.1", {{"X-Forwarded-For", "192.0.2.7, 10.0.0.2"}}, "192.0.2.7"},
    {"lines count like one list",
     "10.0.0.1",
     {{"X-Forwarded-For", "192.0.2.7"}, {"x-forwarded-for", "10.0.0.2"}},
     "192.0.2.7"},
    {"all trusted: the first", "10.0.0.1", {{"X-Forwarded-For", "10.0.0.3, 10.0.0.2"}}, "10.0.0.3"},
    {"no header: the proxy itself", "10.0.0.1", {}, "10.0.0.1"},
    {"a port is cut", "10.0.0.1", {{"X-Forwarded-For", "192.0.2.7:4711"}}, "192.0.2.7"},
    {"IPv6", "10.0.0.1", {{"X-Forwarded-For", "2001:db8::7"}}, "2001:db8::7"},
    {"IPv6 with a port", "10.0.0.1", {{"X-Forwarded-For", "[2001:db8::7]:1"}}, "2001:db8::7"},
    {"garbage is refused, not skipped", "10.0.0.1", {{"X-Forwarded-For", "192.0.2.7, unknown"}}, nullptr},
    {"Forwarded", "10.0.0.1", {{"Forwarded", "for=192.0.2.7;proto=https, for=10.0.0.2"}}, "192.0.2.7"},
    {"Forwarded, quoted IPv6", "10.0.0.1", {{"Forwarded", "proto=http;For=\"[2001:db8::7]:80\""}}, "2001:db8::7"},
    {"Forwarded without for vouches for nobody", "10.0.0.1", {{"Forwarded", "for=192.0.2.7, proto=https"}}, "10.0.0.1"},
    {"an obfuscated name is no address", "10.0.0.1", {{"Forwarded", "for=_hidden"}}, nullptr},
    {"a quoted host is text, whatever it says",
     "10.0.0.1",
     {{"Forwarded", "host=\"a;for=127.0.0.1;b\";for=192.0.2.7"}},
     "192.0.2.7"},
    {"so is one with a comma", "10.0.0.1", {{"Forwarded", "for=192.0.2.7;host=\"a,for=10.0.0.9;b\""}}, "192.0.2.7"},
    {"a quote that does not end", "10.0.0.1", {{"Forwarded", "for=192.0.2.7;host=\"a, for=10.0.0.2"}}, nullptr},
    {"nor with an escape", "10.0.0.1", {{"Forwarded", "for=192.0.2.7;host=\"\\\", for=10.0.0.2"}}, nullptr},
    {"two for in one element", "10.0.0.1", {{"Forwarded", "for=192.0.2.7;for=10.0.0.2"}}, nullptr},
    {"both at once: one may be the client's own word",
     "10.0.0.1",
     {{"Forwarded", "for=1.1.1.1"}, {"X-Forwarded-For", "192.0.2.7"}},
     nullptr},
};

TEST(Forwarded, SourceAddress) {
  const std::vector<base::IpNetwork> trusted{*base::IpNetwork::parse("10.0.0.0/8")};
  for (const Case& c : kCases) {
    http::Headers headers;
    for (const auto& [name, value] : c.headers) headers.add(name, value);
    const SourceAddress found = source_address(*base::IpAddress::parse(c.peer), headers, trusted);
    EXPECT_EQ(found.malformed, c.source == nullptr) << c.what;
    if (c.source != nullptr) {
      EXPECT_EQ(found.address.text(), c.source) << c.what;
    }
  }
}

}  // namespace
}  // namespace gatehouse::gateway
