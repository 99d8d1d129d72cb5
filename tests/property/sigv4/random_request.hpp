#pragma once
#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::kit::sigv4 {

/// Requests as strange as a parser lets them through.
class RandomRequest {
 public:
  explicit RandomRequest(std::uint32_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_); }
  bool once_in(std::size_t n) { return below(n) == 0; }
  template <class List>
  const auto& one_of(const List& list) {
    return list[below(std::size(list))];
  }
  std::string text(const char* alphabet, std::size_t most) {
    const std::string letters = alphabet;
    std::string out;
    for (std::size_t n = below(most + 1); n > 0; --n) out += letters[below(letters.size())];
    return out;
  }
  /// Segments that signers, servers and escapes see differently.
  std::string path() {
    static const std::vector<std::string> kSegments = {"a",   "b-c_d.e~f", "",    ".",         "..",     "...",
                                                       "%20", "%7e",       "%2F", "caf%c3%a9", "@x=",    "%2e%2e",
                                                       "*",   "a:b;c",     "+",   "%25",       "$&'(),!"};
    std::string out;
    for (std::size_t n = 1 + below(6); n > 0; --n) out += "/" + one_of(kSegments);
    return out;
  }
  /// Its escapes are well-formed.
  std::string query() {
    static const std::vector<std::string> kPieces = {"a",   "A",   "b",   "-",   "=",     "=",        "&",   "&",  "&",
                                                     "+",   "%20", "%2b", "%2B", "%00",   "%ff",      "%61", "*",  "~",
                                                     "%7E", "/",   ":",   ";",   "Param", "\xc3\xa9", "%3D", "%26"};
    std::string out;
    for (std::size_t n = below(20); n > 0; --n) out += one_of(kPieces);
    return out;
  }
  /// Names in lower case, sometimes twice; values with blanks everywhere.
  std::vector<std::pair<std::string, std::string>> headers() {
    static const std::vector<std::string> kNames = {"accept",     "x-custom", "x-amz-meta", "content-type",
                                                    "my-header1", "a",        "zz"};
    std::vector<std::pair<std::string, std::string>> out;
    for (std::size_t n = below(6); n > 0; --n) out.emplace_back(one_of(kNames), text("ab \t,;\"=\xc3\xa9", 40));
    return out;
  }

 private:
  std::mt19937 engine_;
};

}  // namespace gatehouse::kit::sigv4
