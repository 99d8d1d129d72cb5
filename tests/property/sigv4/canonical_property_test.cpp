// Canonicalisation against a slow, obvious twin.
#include <gtest/gtest.h>
#include <gatehouse/kit/sigv4/canonical.hpp>
#include <gatehouse/kit/sigv4/encode.hpp>
#include <gatehouse/kit/sigv4/path.hpp>
#include <gatehouse/text.hpp>

#include "naive.hpp"
#include "random_request.hpp"

namespace gatehouse::kit::sigv4 {
namespace {

class SigV4Canonicalisation : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, SigV4Canonicalisation, testing::Range(1u, 5u));

TEST_P(SigV4Canonicalisation, S33_QueriesAsTheTwinHasThem) {
  RandomRequest random(GetParam());
  CanonicalQuery query;
  std::size_t sorted = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string raw = random.query();
    ASSERT_EQ(find_bad_escape(raw), std::string::npos);
    std::string out;
    query.append(out, raw, false);
    ASSERT_EQ(out, naive::query(raw)) << testing::PrintToString(raw);
    std::string again;
    query.append(again, out, false);
    ASSERT_EQ(again, out) << "a canonical query is its own canonical form";
    sorted += out != raw;
  }
  EXPECT_GT(sorted, 5'000u) << "most of them had to be changed";
}

TEST_P(SigV4Canonicalisation, S33_OrderAndSpellingDoNotCount) {
  RandomRequest random(GetParam());
  CanonicalQuery query;
  for (int i = 0; i < 5'000; ++i) {
    auto parts = naive::split(random.query(), '&');
    const auto joined = [&] {
      std::string out;
      for (const std::string& part : parts) (out += '&') += part;
      return out;
    };
    std::string one, other;
    query.append(one, joined(), false);
    for (std::size_t k = parts.size(); k > 1; --k) std::swap(parts[k - 1], parts[random.below(k)]);
    query.append(other, joined(), false);
    ASSERT_EQ(one, other);
  }
}

TEST_P(SigV4Canonicalisation, S32_PathsAsTheTwinHasThem) {
  RandomRequest random(GetParam());
  int changed = 0, same = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string path = random.path();
    std::string out;
    append_canonical_path(out, path);
    ASSERT_EQ(out, naive::encode(path, "/"));
    const std::string wanted = naive::normalised(path);
    std::string got;
    ASSERT_EQ(normalise_as_signers_do(path, got), wanted != path) << path;
    ++(wanted != path ? changed : same);
    ASSERT_EQ(got, wanted != path ? wanted : "") << path;
  }
  EXPECT_GT(changed, 1'000);
  EXPECT_GT(same, 1'000);
}

TEST_P(SigV4Canonicalisation, S34_HeadersAsTheTwinHasThem) {
  RandomRequest random(GetParam());
  for (int i = 0; i < 10'000; ++i) {
    const auto headers = random.headers();
    std::vector<gh_kv> all;
    std::vector<std::string_view> names;
    for (const auto& [name, value] : headers) {
      all.push_back({raw(name), raw(value)});
      names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    Request request;
    request.headers = {all.data(), all.size()};
    std::string out;
    append_canonical_headers(out, names, request);
    ASSERT_EQ(out, naive::headers(headers));
  }
}

}  // namespace
}  // namespace gatehouse::kit::sigv4
