// The normalisation of targets against a slow, obvious twin, and what must hold of each normalised path.
#include <gtest/gtest.h>

#include <optional>

#include "base/text.hpp"
#include "http/target.hpp"
#include "property/http/generate.hpp"
#include "property/http/naive_head.hpp"

namespace gatehouse::http {
namespace {

using testing_generate::Generator;

std::optional<std::string> naive_segment(const std::string& segment, const PathRules& rules) {
  const std::string kUnreserved = naive::kDigits + naive::kLetters + "-._~";
  const std::string kHex = "0123456789ABCDEF";
  std::string out;
  std::string bytes;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] == '\\') return {};
    if (segment[i] != '%') {
      out += segment[i];
      bytes += segment[i];
      continue;
    }
    const std::string digits = segment.substr(i + 1, 2);
    if (digits.size() != 2 || !naive::only(digits, "0123456789abcdefABCDEF")) return {};
    const char byte = static_cast<char>(std::stoi(digits, nullptr, 16));
    bytes += byte;
    i += 2;
    if (byte == '\\' || byte == 127 || (byte >= 0 && byte < 32)) return {};
    if (byte == '/' && rules.encoded_slash == PathRules::EncodedSlash::Reject) return {};
    if (kUnreserved.find(byte) != std::string::npos) {
      out += byte;
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(byte) / 16];
      out += kHex[static_cast<unsigned char>(byte) % 16];
    }
  }
  if (!base::is_utf8(bytes)) return {};
  if (out == "." || out == "..") return out;
  // As a server would see it that takes %2F for a slash and drops parameters.
  for (const std::string& piece : naive::split(bytes, '/')) {
    const std::string seen = piece.substr(0, piece.find(';'));
    if (seen == "." || seen == "..") return {};
  }
  return out;
}

std::optional<std::string> naive_path(const std::string& target, const PathRules& rules) {
  for (const char c : target)
    if (c <= ' ' || c == 127 || c == '#') return {};
  const std::string path = target.substr(0, target.find('?'));
  if (path.empty() || path[0] != '/') return {};
  const std::vector<std::string> segments = naive::split(path.substr(1), '/');
  std::vector<std::string> out;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto segment = naive_segment(segments[i], rules);
    if (!segment) return {};
    if (*segment != "." && *segment != "..") {
      out.push_back(*segment);
      continue;
    }
    if (rules.dot_segments == PathRules::Dots::Reject) return {};
    if (*segment == ".." && !out.empty()) out.pop_back();
    if (i + 1 == segments.size()) out.emplace_back();
  }
  std::string joined;
  for (const std::string& segment : out) joined += "/" + segment;
  return joined;
}

TEST(TargetProperty, IsNormalisedAsTheTwinNormalisesIt) {
  int taken = 0;
  constexpr int kTargets = 50'000;
  for (int seed = 0; seed < kTargets; ++seed) {
    Generator generate(static_cast<std::uint32_t>(seed));
    const std::string target = generate.target();
    const PathRules rules{generate.one_in(2) ? PathRules::Dots::Reject : PathRules::Dots::Remove,
                          generate.one_in(2) ? PathRules::EncodedSlash::Reject : PathRules::EncodedSlash::Keep};
    const auto slow = naive_path(target, rules);
    base::Arena arena;
    const auto fast = parse_target(target, rules, arena);
    ASSERT_EQ(fast.has_value(), slow.has_value()) << "seed " << seed << ": " << target;
    if (!fast) continue;
    ++taken;
    ASSERT_EQ(fast->path, *slow) << "seed " << seed << ": " << target;
    ASSERT_EQ(fast->path.front(), '/');
    const auto again = parse_target(fast->path, PathRules{PathRules::Dots::Reject, rules.encoded_slash}, arena);
    ASSERT_TRUE(again.has_value()) << "seed " << seed << ": " << fast->path;
    ASSERT_EQ(again->path, fast->path) << "seed " << seed;
  }
  EXPECT_GT(taken, kTargets / 10);
  EXPECT_LT(taken, kTargets * 9 / 10);
}

}  // namespace
}  // namespace gatehouse::http
