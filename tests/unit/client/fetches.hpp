#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "client/fetch_client.hpp"
#include "unit/client/tls_script.hpp"
#include "unit/client/world.hpp"

namespace gatehouse::test {

inline std::string read_file(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

inline client::Trust& trust() {
  static client::Trust one;
  return one;
}
inline std::string ca_pem() {
  return read_file(certificates().ca_file());
}

class Fetches {
 public:
  explicit Fetches(const base::Clock& clock = base::system_clock())
      : loop(clock), names(new TableResolver(loop)), fetcher(loop, std::unique_ptr<net::Resolver>(names)) {
    loop.turn(0);
  }
  /// One that may ask everybody on loopback.
  client::FetchRequest to(const std::string& url, std::vector<std::string> hosts = {"127.0.0.1", "*.test"}) {
    client::FetchRequest out;
    const auto parsed = client::Url::parse(url);
    EXPECT_TRUE(parsed) << url;
    out.url = *parsed;
    out.trust = *trust().of_pem(ca_pem());
    out.grants = std::make_shared<const client::HostGrants>(*client::HostGrants::make(hosts));
    out.allow_http = out.allow_private = true;
    return out;
  }
  client::FetchResult run(client::FetchRequest request) {
    std::optional<client::FetchResult> got;
    const auto fetch = fetcher.start(std::move(request), [&](client::FetchResult result) {
      EXPECT_FALSE(got.has_value()) << "told twice";
      got = std::move(result);
    });
    EXPECT_FALSE(got.has_value()) << "told from inside start()";
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!got && std::chrono::steady_clock::now() < end) loop.turn(5);
    EXPECT_TRUE(got.has_value()) << "no end in time";
    return got.value_or(client::FetchResult{});
  }

  net::Loop loop;
  TableResolver* names;
  client::FetchClient fetcher;
};

inline std::string at(const RawUpstream& raw, const std::string& scheme = "http",
                      const std::string& host = "127.0.0.1") {
  return scheme + "://" + host + ":" + std::to_string(raw.port());
}

#define EXPECT_FETCH(result, kind) \
  EXPECT_EQ((result).error, client::FetchError::kind) << name((result).error) << ": " << (result).detail

}  // namespace gatehouse::test
