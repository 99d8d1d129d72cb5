// An OpenID configuration, as an issuer or who pretends to be one may send it; and a Cache-Control header.
#include <gatehouse/kit/jose/discovery.hpp>
#include <gatehouse/kit/jose/host_doors.hpp>
#include <gatehouse/kit/jose/key_source.hpp>
#include <gatehouse/kit/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace gatehouse::kit;

constexpr const char* kIssuer = "https://id.example";

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void judge_url(const std::string& url) {
  const bool https = url.rfind("https://", 0) == 0;
  require(https || url.rfind("http://", 0) == 0, "an http or https URL");
  require(url.size() <= 2048, "a short one");
  require(std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c <= '~'; }), "fit for a log");
  require(url.find_first_of("#\\") == std::string::npos, "no fragment, nothing that others read as a slash");
  const std::size_t begin = https ? 8 : 7;
  const std::string authority = url.substr(begin, url.find_first_of("/?", begin) - begin);
  require(!authority.empty() && authority.front() != ':', "there is a host");
  require(authority.find('@') == std::string::npos, "no user information");
}

/// Says the same in other words, and is read in the same way.
void judge_again(const jose::Discovery& found) {
  Json text, document;
  text.kind = Json::Kind::String;
  document.kind = Json::Kind::Object;
  document.names = {"jwks_uri", "issuer"};
  text.text = found.jwks_uri;
  document.children.push_back(text);
  text.text = found.issuer;
  document.children.push_back(text);
  std::string fault;
  const auto again = jose::parse_discovery(write_json(document), fault, 1 << 20);
  require(again && again->issuer == found.issuer && again->jwks_uri == found.jwks_uri, "read again it is the same");
}

/// A source that is sent it asks for keys only where its own issuer says that they are (JW-51).
void judge_source(const std::string& text, const std::optional<jose::Discovery>& found) {
  std::vector<std::string> asked;
  jose::KeySource::Doors doors;
  doors.fetch = [&](const std::string& url, std::int64_t, std::size_t,
                    const std::function<void(jose::KeySource::Response)>& done) {
    asked.push_back(url);
    jose::KeySource::Response response;
    response.status = 200;
    response.body = text;
    done(std::move(response));
    return true;
  };
  doors.now_ms = [] { return std::int64_t{1}; };
  doors.after = [](std::int64_t, const std::function<void()>&) { return std::uint64_t{0}; };
  doors.cancel = [](std::uint64_t) {};
  doors.random = [] { return 0.5; };
  jose::KeySourceRules rules;
  rules.issuer = kIssuer;
  rules.discovery = jose::discovery_url(kIssuer);
  const auto source = std::make_shared<jose::KeySource>(rules, doors);
  int told = 0;
  source->find("a", [&](const jose::KeySource::Found& one) {
    ++told;
    // One text can be both: an issuer that sends its keys with the configuration.
    if (one.key != nullptr) require(one.key->kid() == "a" && asked.size() == 2, "a key is what was asked for");
  });
  require(told == 1, "who asks is told once");
  if (found && found->issuer == kIssuer)
    require(asked.size() == 2 && asked[1] == found->jwks_uri, "the keys are asked for");
  else
    require(asked.size() == 1, "nothing is asked for");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::int64_t age = jose::max_age_of(text);
  require(age >= -1 && age <= std::int64_t{1} << 31, "an age");
  std::string fault;
  const auto found = jose::parse_discovery(text, fault);
  require(found.has_value() == fault.empty(), "no document has a reason");
  require(fault.size() < 200, "a short one");
  judge_source(text, found);
  if (!found) return 0;
  judge_url(found->jwks_uri);
  judge_again(*found);
  require(!jose::parse_discovery(text, fault, size - 1), "no larger than allowed");
  return 0;
}
