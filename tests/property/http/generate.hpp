#pragma once
#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

/// Heads, chunked bodies and targets that are nearly right, from a seed.
namespace gatehouse::http::testing_generate {

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::string pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

  std::string request_line() {
    const std::string method = one_in(6) ? pick({"get", "BREW", "CONNECT", "G T", "", "G\xe4T", "TRACE"})
                                         : pick({"GET", "POST", "OPTIONS", "DELETE", "HEAD", "PUT", "PATCH"});
    const std::string target =
        one_in(4)
            ? pick({"*",
                    "http://a/x",
                    "https://a:443",
                    "http://A:80/",
                    "http://a:443/",
                    "http://b/",
                    "http://b",
                    "HTTP://b:80/c?d",
                    "http://b?c",
                    "http://u@b/",
                    "https://[::1]/",
                    "ftp://b/",
                    "b",
                    "b:80",
                    "/a#b",
                    "",
                    "/\xc3\xa4",
                    "http:///",
                    "http:/b",
                    "http://",
                    "**"})
            : pick({"/", "/a/b", "/a?b=c", "/a%2Fb", "//", "/..", "/a{b}|\"", "/*", "/long/enough/for/a/second/load"});
    const std::string version =
        one_in(6) ? pick({"HTTP/1.2", "HTTP/2.0", "HTTP/1.", "http/1.1", "HTTP/1.11", "HTTP/11", "HTTPS/1.1", ""})
                  : pick({"HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"});
    return method + (one_in(20) ? pick({"  ", "\t", ""}) : " ") + target + (one_in(20) ? pick({"  ", "\t", ""}) : " ") +
           version + (one_in(30) ? " " : "");
  }

  std::string status_line() {
    const std::string version =
        one_in(8) ? pick({"HTTP/1.2", "HTTP/2", "http/1.1", "ICY", ""}) : pick({"HTTP/1.1", "HTTP/1.0"});
    const std::string code = one_in(8) ? pick({"20", "2000", "099", "600", "x", "+20", ""})
                                       : pick({"200", "204", "304", "404", "500", "100", "101"});
    return version + " " + code + (one_in(8) ? pick({"", " ", "OK", "\tOK", " O\x01K"}) : " A phrase");
  }

  std::string field() {
    switch (below(12)) {
      case 0:
        return "Content-Length: " +
               pick({"0", "5", "005", "+5", "", "5,5", "5 5", "99999999999999999999", "-1", "\t7 "});
      case 1:
        return pick({"Transfer-Encoding", "transfer-encoding"}) + ":" +
               pick({"chunked", " Chunked ", " gzip", "gzip, chunked", "", " chunked, chunked", " chunked;a"});
      case 2:
        return "Host: " + pick({"a", "b:80", "A:443", "", "a b", "u@a", "[::1]", "a:0", "a/b"});
      case 3:
      case 4:
        return pick({"Connection", "CONNECTION"}) + ": " +
               pick({"close", "Keep-Alive", "x-one", "close, x-two", "upgrade", "host", "a b", "", ", ,x-one",
                     "X-One,cookie", "authorization", "content-length", ":x"});
      case 5:
        return "Expect: " + pick({"100-continue", "100-Continue", "x", ""});
      case 6:
        return "Upgrade: websocket";
      case 7:
        return pick({"X One", "X\tOne", " X", "X(", "", "X\xe4"}) + ": " + "v";
      case 8:
        return pick({"X-Two", "x-One", "Cookie", "Authorization", "A_b!~"}) + pick({":", ": ", ":\t ", " :"}) +
               pick({"v", "", "v w  ", "\xff\xfe", "a value that is longer than sixteen bytes", "v\x01", "v\x7f"});
      default:
        return pick({"X-One", "Cookie", "Accept", "User-Agent", "X-Request-Id"}) + ": " +
               pick({"v", "a value that is longer than sixteen bytes", "q=1; r=\"2\""});
    }
  }

  std::string head(const std::string& first_line, bool with_host) {
    std::string out = one_in(12) ? pick({"\r\n", "\r\n\r\n", "\n", "\r"}) : "";
    out += first_line + "\r\n";
    if (with_host && !one_in(8)) out += "Host: a\r\n";
    for (std::size_t n = below(6); n != 0; --n) out += field() + "\r\n";
    out += "\r\n";
    while (one_in(3)) mutate(out);
    if (one_in(8)) out += "GET / HTTP/1.1\r\n";
    return out;
  }

  std::string chunked() {
    std::string out;
    for (std::size_t n = below(4); n != 0; --n) {
      const std::size_t size = 1 + below(20);
      out += hex(size) + extension() + "\r\n" + std::string(size, 'x') + "\r\n";
    }
    out += pick({"0", "0", "00"}) + extension() + "\r\n";
    for (std::size_t n = one_in(3) ? below(3) : 0; n != 0; --n)
      out += pick({"A: b", "ETag:\"x\" ", "Host: a", "content-length: 1", "X:", "B : c", ": d", "Trailer: x"}) + "\r\n";
    out += "\r\n";
    while (one_in(3)) mutate(out);
    if (one_in(4)) out += "more";
    return out;
  }

  std::string target() {
    std::string out = one_in(20) ? "" : "/";
    for (std::size_t n = below(8); n != 0; --n)
      out += pick({"a",   "/",      "..",  ".",         "%2e", "%2E",   "%2f",  "%2F", "%5c", "%41",
                   "%7e", "%C3%A4", "%c3", "%00",       "%",   "%2",    "/../", "/./", ";",   "%3b",
                   "%25", "~",      "?",   "%E2%82%AC", "%3F", "b%20c", "\\",   "//"});
    if (one_in(10)) mutate(out);
    return out;
  }

  void mutate(std::string& text) {
    if (text.empty()) return;
    const std::size_t at = below(text.size());
    switch (below(5)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.insert(at, 1, pick({"\r", "\n", " ", "\t", ":", ",", ";", "\"", "0"}).front());
        break;
      case 2:
        text.erase(at, 1);
        break;
      case 3:
        text.insert(at, text.substr(at, 1 + below(8)));
        break;
      default:
        text.resize(at);
    }
  }

 private:
  static std::string hex(std::size_t n) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    do out.insert(out.begin(), kDigits[n % 16]);
    while ((n /= 16) != 0);
    return out;
  }
  std::string extension() {
    return one_in(4) ? pick({";a", ";a=b", ";a=\"b;\\\"c\"", ";", ";a=", "; a", ";a=\"b", " "}) : "";
  }

  std::mt19937 random_;
};

}  // namespace gatehouse::http::testing_generate
