#include "config/scalar.hpp"

#include "support.hpp"

namespace gatehouse::config {
namespace {

TEST(Scalar, PlainKinds) {
  const struct {
    std::string_view text;
    PlainKind kind;
  } kCases[] = {
      {"", PlainKind::Null},          {"~", PlainKind::Null},         {"null", PlainKind::Null},
      {"Null", PlainKind::Doubtful},  {"true", PlainKind::Bool},      {"false", PlainKind::Bool},
      {"True", PlainKind::Doubtful},  {"FALSE", PlainKind::Doubtful}, {"yes", PlainKind::Text},
      {"off", PlainKind::Text},       {"0", PlainKind::Number},       {"-0", PlainKind::Number},
      {"12", PlainKind::Number},      {"-1.5e+3", PlainKind::Number}, {"1E5", PlainKind::Number},
      {"007", PlainKind::Doubtful},   {"+1", PlainKind::Doubtful},    {".5", PlainKind::Doubtful},
      {"1.", PlainKind::Doubtful},    {"0x1F", PlainKind::Doubtful},  {"0o17", PlainKind::Doubtful},
      {"-.inf", PlainKind::Doubtful}, {".NaN", PlainKind::Doubtful},  {"-.nan", PlainKind::Text},
      {"1_000", PlainKind::Text},     {"0xZZ", PlainKind::Text},      {"0x", PlainKind::Text},
      {"1e", PlainKind::Text},        {"-", PlainKind::Text},         {".", PlainKind::Text},
      {"1.2.3", PlainKind::Text},     {"12:30", PlainKind::Text},     {"2026-01-01", PlainKind::Text},
      {"nothing", PlainKind::Text},
  };
  for (const auto& c : kCases) EXPECT_EQ(plain_kind(c.text), c.kind) << c.text;
}

TEST(Scalar, Booleans) {
  EXPECT_EQ(parse_bool("true"), true);
  EXPECT_EQ(parse_bool("false"), false);
  for (const char* text : {"True", "yes", "on", "1", "", "true "}) EXPECT_FALSE(parse_bool(text)) << text;
}

TEST(Scalar, Counts) {
  EXPECT_EQ(parse_count("0"), 0);
  EXPECT_EQ(parse_count("-5"), -5);
  EXPECT_EQ(parse_count("9223372036854775807"), INT64_MAX);
  for (const char* text : {"", "-", "+1", "01", "-01", "1 ", "0x1", "1e3", "1_0", "1.0", "9223372036854775808"})
    EXPECT_FALSE(parse_count(text)) << text;
}

TEST(Scalar, Durations) {
  EXPECT_EQ(parse_duration_ms("0ms"), 0);
  EXPECT_EQ(parse_duration_ms("500ms"), 500);
  EXPECT_EQ(parse_duration_ms("10s"), 10'000);
  EXPECT_EQ(parse_duration_ms("5m"), 300'000);
  EXPECT_EQ(parse_duration_ms("2h"), 7'200'000);
  for (const char* text : {"", "10", "s", "-1s", "1.5s", "10 s", "1m30s", "10S", "05s", "1d", "9223372036854775807s"})
    EXPECT_FALSE(parse_duration_ms(text)) << text;
}

TEST(Scalar, Sizes) {
  EXPECT_EQ(parse_size("10485760"), 10'485'760);
  EXPECT_EQ(parse_size("64KiB"), 65'536);
  EXPECT_EQ(parse_size("10MiB"), 10'485'760);
  EXPECT_EQ(parse_size("1GiB"), 1'073'741'824);
  for (const char* text :
       {"", "KiB", "10KB", "10k", "10 KiB", "1.5MiB", "-1", "010", "10mib", "9223372036854775807GiB"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Scalar, TextsAreReadBackAsTheSame) {
  for (const std::int64_t ms : {0, 1, 999, 1000, 1500, 60'000, 90'000, 3'600'000, 86'400'000})
    EXPECT_EQ(parse_duration_ms(duration_text(ms)), ms) << duration_text(ms);
  for (const std::int64_t bytes : {0, 1, 1023, 1024, 1536, 1 << 20, 10'485'760, 1 << 30})
    EXPECT_EQ(parse_size(size_text(bytes)), bytes) << size_text(bytes);
  EXPECT_EQ(duration_text(310'000), "310s");
  EXPECT_EQ(duration_text(300'000), "5m");
  EXPECT_EQ(size_text(10'485'760), "10MiB");
}

}  // namespace
}  // namespace gatehouse::config
