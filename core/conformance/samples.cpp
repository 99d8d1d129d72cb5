// What plugins are shown by the check: ordinary, hostile and random requests.
#include "conformance/request.hpp"

namespace gatehouse::conformance {
namespace {

constexpr std::uint32_t kTypes[] = {GH_API_HTTP, GH_API_REST, GH_API_WEBSOCKET};

const char* word(std::uint32_t type) {
  return type == GH_API_REST ? " (REST)" : type == GH_API_HTTP ? " (HTTP)" : " (WebSocket)";
}

std::uint32_t first_type(std::uint32_t api_types) {
  for (const std::uint32_t type : kTypes)
    if ((api_types & type) != 0) return type;
  return GH_API_HTTP;
}

/// Numbers below `n`; the standard's distributions differ from library to library.
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t n) : engine_(seed * 0x9e3779b97f4a7c15u + n) {}
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(engine_() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <std::size_t N>
  const char* of(const char* const (&words)[N]) {
    return words[below(N)];
  }

 private:
  std::mt19937_64 engine_;
};

constexpr const char* kPieces[] = {"Bearer ",
                                   "Basic ",
                                   "e30",
                                   ".",
                                   "..",
                                   "/",
                                   "%2f",
                                   "%00",
                                   "%s%n",
                                   "\0",
                                   "\xff",
                                   "\xc0\xaf",
                                   "\xed\xa0\x80",
                                   "=",
                                   "&",
                                   ";",
                                   ",",
                                   " ",
                                   "\t",
                                   "\"",
                                   "\\",
                                   "{",
                                   "}",
                                   "[",
                                   "null",
                                   "-1",
                                   "18446744073709551616",
                                   "1e999",
                                   "user",
                                   "admin",
                                   "\r\n",
                                   "'",
                                   "::1",
                                   "255.255.255.256"};
constexpr const char* kNames[] = {
    "authorization", "x-token", "x-api-key",  "x-user",    "host",   "cookie", "x-forwarded-for",
    "content-type",  "accept",  "x-amz-date", "signature", "origin", ""};

std::string random_text(Dice& dice) {
  if (dice.one_in(16)) return std::string(dice.below(20'000), static_cast<char>(dice.below(256)));
  std::string out;
  for (std::size_t n = dice.below(8); n > 0; --n) {
    if (dice.one_in(3))
      out += static_cast<char>(dice.below(256));
    else if (const char* piece = dice.of(kPieces); *piece == '\0')
      out += '\0';
    else
      out += piece;
  }
  return out;
}

}  // namespace

std::vector<Sample> ordinary_samples(std::uint32_t api_types) {
  std::vector<Sample> out;
  for (const std::uint32_t type : kTypes) {
    if ((api_types & type) == 0) continue;
    Sample anonymous;
    anonymous.name = std::string("a request without credentials") + word(type);
    anonymous.api_type = type;
    anonymous.headers = {{"host", "api.example.com"}, {"user-agent", "curl/7.88.1"}, {"accept", "*/*"}};
    anonymous.path_params = {{"id", "7"}};
    out.push_back(anonymous);

    Sample bearer = anonymous;
    bearer.name = std::string("a request with credentials") + word(type);
    bearer.token = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl";
    bearer.headers.emplace_back("authorization", bearer.token);
    bearer.headers.emplace_back("x-token", "correct-horse-battery-staple");
    bearer.headers.emplace_back("x-api-key", "k-123456");
    bearer.headers.emplace_back("x-user", "someone");
    bearer.raw_query = "page=2&page=3&q=a%20b";
    bearer.query = {{"page", "2"}, {"page", "3"}, {"q", "a b"}};
    out.push_back(bearer);

    if (type == GH_API_WEBSOCKET) continue;
    Sample post = bearer;
    post.name = std::string("a POST over IPv6") + word(type);
    post.method = "POST";
    post.path = "/orders";
    post.path_params.clear();
    post.source_ip = "2001:db8::7";
    post.headers.emplace_back("content-type", "application/json");
    post.headers.emplace_back("content-length", "2");
    post.headers.emplace_back("cookie", "a=1");
    post.headers.emplace_back("cookie", "b=2");
    out.push_back(post);
  }
  return out;
}

std::vector<Sample> hostile_samples(std::uint32_t api_types) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  Sample plain;
  plain.api_type = first_type(api_types);
  std::vector<Sample> out;
  const auto add = [&](const char* name, Sample s) {
    s.name = name;
    out.push_back(std::move(s));
  };
  Sample bytes = plain;
  bytes.token = all;
  bytes.raw_query = all;
  bytes.headers = {{"authorization", all}, {"x-token", all}, {"x-user", all}, {"x-api-key", all}, {all, all}};
  bytes.query = {{all, all}};
  add("every byte in headers and query", bytes);
  Sample where = bytes;
  where.path = "/" + all;
  where.source_ip = all;
  where.path_params = {{"id", all}};
  add("every byte in path and address", where);
  Sample absent = plain;
  absent.absent_texts = true;
  absent.method = absent.path = absent.source_ip = "";
  add("no texts at all", absent);
  Sample empty = plain;
  empty.headers = {{"authorization", ""}, {"x-token", ""}, {"x-user", ""}, {"", ""}};
  empty.query = {{"", ""}};
  add("empty texts", empty);
  Sample formats = plain;
  formats.path = "/%n%n%s%s%s%s%1000000d";
  formats.headers = {{"authorization", "%n%n%s%s%s%s"}, {"x-token", "%n%s%99999999s"}, {"x-user", "%s%n"}};
  add("format strings", formats);
  Sample large = plain;
  const std::string much(15'000, 'A');
  large.path = "/" + std::string(8'000, 'a');
  large.token = much;
  large.raw_query = much;
  large.headers = {{"authorization", "Bearer " + much}, {"x-token", much}, {"x-user", much}, {"x-api-key", much}};
  add("headers as long as they may be", large);
  Sample many = plain;
  for (int i = 0; i < 1'000; ++i)
    many.headers.emplace_back("x-user", std::to_string(i)), many.query.emplace_back("q", "");
  add("a thousand headers", many);
  Sample broken = plain;
  broken.token = "Bearer \xc0\xaf\xed\xa0\x80\xf5\x80\x80\x80";
  broken.headers = {{"authorization", broken.token}, {"x-token", "\xff\xfe"}, {"x-user", "\xe2\x82"}};
  broken.source_ip = "999.1.1.1";
  add("texts that are not UTF-8", broken);
  Sample deep = plain;
  deep.token = "Bearer " + std::string(60'000, '[');
  deep.headers = {
      {"authorization", deep.token}, {"x-token", std::string(60'000, '{')}, {"x-user", std::string(5'000, '.')}};
  add("brackets sixty thousand deep", deep);
  return out;
}

Sample random_sample(std::uint64_t seed, std::uint64_t n, std::uint32_t api_types) {
  Dice dice(seed, n);
  Sample out;
  out.name = "random request " + std::to_string(n);
  for (const std::uint32_t type : kTypes)
    if ((api_types & type) != 0 && (out.api_type == GH_API_HTTP || dice.one_in(2))) out.api_type = type;
  if ((api_types & out.api_type) == 0) out.api_type = first_type(api_types);
  if (dice.one_in(4)) out.method = random_text(dice);
  if (dice.one_in(2)) out.path = "/" + random_text(dice);
  if (dice.one_in(2)) out.raw_query = random_text(dice);
  if (dice.one_in(3)) out.source_ip = random_text(dice);
  if (dice.one_in(2)) out.token = random_text(dice);
  out.absent_texts = dice.one_in(16);
  for (std::size_t i = dice.below(12); i > 0; --i) out.headers.emplace_back(dice.of(kNames), random_text(dice));
  for (std::size_t i = dice.below(4); i > 0; --i) out.query.emplace_back(random_text(dice), random_text(dice));
  for (std::size_t i = dice.below(3); i > 0; --i) out.path_params.emplace_back("id", random_text(dice));
  return out;
}

}  // namespace gatehouse::conformance
