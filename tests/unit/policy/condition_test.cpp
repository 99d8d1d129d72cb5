#include "policy/condition.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace gatehouse::policy {
namespace {

using test::Keys;

/// One condition over `k`; throws when it is not sound.
bool holds(std::string_view name, std::vector<std::string> values, const Context& context, const char* key = "k") {
  const auto what = Operator::parse(name);
  if (!what) throw std::runtime_error("not an operator: " + std::string(name));
  Condition condition(*what, name, KeyName::of(key));
  for (const std::string& v : values)
    if (const auto why = condition.add(v, true)) throw std::runtime_error(v + ": " + *why);
  return condition.holds(context);
}

// Every cell of 4.3.
TEST(Condition, P4_3_MissingAndMultiValuedKeys) {
  struct Row {
    const char* state;
    Keys keys;
    // P, N, P+IfExists, N+IfExists, ForAny P, ForAny N, ForAll P, ForAll N; -: not in the table
    const char* cells;
  };
  const Row kRows[] = {
      {"absent", Keys(), "01110011"},
      {"one, match", Keys({{"k", {"a"}}}), "10101010"},
      {"one, no match", Keys({{"k", {"x"}}}), "01010101"},
      {"multi-valued key, one value", Keys().multi("k", {"a"}), "0000----"},
      {"multi-valued key, other value", Keys().multi("k", {"x"}), "0000----"},
      {"several, all match", Keys().multi("k", {"a", "b"}), "00001010"},
      {"several, some match", Keys().multi("k", {"a", "x"}), "00001100"},
      {"several, none match", Keys().multi("k", {"x", "y"}), "00000101"},
  };
  const char* const kOperators[] = {"StringEquals",
                                    "StringNotEquals",
                                    "StringEqualsIfExists",
                                    "StringNotEqualsIfExists",
                                    "ForAnyValue:StringEquals",
                                    "ForAnyValue:StringNotEquals",
                                    "ForAllValues:StringEquals",
                                    "ForAllValues:StringNotEquals"};
  for (const Row& row : kRows) {
    for (std::size_t i = 0; i < 8; ++i) {
      if (row.cells[i] == '-') continue;
      EXPECT_EQ(holds(kOperators[i], {"a", "b"}, row.keys), row.cells[i] == '1') << row.state << " " << kOperators[i];
    }
  }
}

TEST(Condition, P4_3_AbsentAndEmpty) {
  const Keys none, empty({{"k", {""}}});
  EXPECT_TRUE(holds("ForAnyValue:StringEqualsIfExists", {"a"}, none));
  EXPECT_TRUE(holds("ForAllValues:StringEqualsIfExists", {"a"}, none));
  EXPECT_TRUE(holds("ForAllValues:StringNotLike", {"a"}, none));
  EXPECT_TRUE(holds("ForAllValues:StringEquals", {"a"}, empty));
  EXPECT_TRUE(holds("Null", {"true"}, empty));
  EXPECT_FALSE(holds("Null", {"false"}, empty));
  EXPECT_TRUE(holds("Null", {"true"}, none));
  EXPECT_FALSE(holds("Null", {"false"}, none));
  EXPECT_TRUE(holds("Null", {"false"}, Keys({{"k", {"x"}}})));
  EXPECT_TRUE(holds("Null", {"false"}, Keys().multi("k", {"x"})));
  EXPECT_TRUE(holds("StringEquals", {""}, empty));
  // Nothing listed: no value matches.
  EXPECT_FALSE(holds("StringEquals", {}, Keys({{"k", {"x"}}})));
  EXPECT_TRUE(holds("StringNotEquals", {}, Keys({{"k", {"x"}}})));
}

TEST(Condition, ASingleValuedKeyWithTwoValuesMatchesNothing) {
  const Keys two({{"k", {"a", "b"}}});
  EXPECT_FALSE(holds("StringEquals", {"a"}, two));
  EXPECT_FALSE(holds("StringNotEquals", {"x"}, two));
}

struct OperatorCase {
  const char* name;
  std::vector<std::string> values;
  const char* have;
  bool holds;
};

TEST(Condition, P4_2_Operators) {
  const OperatorCase kCases[] = {
      {"StringEquals", {"a*"}, "a*", true},
      {"StringEquals", {"a*"}, "abc", false},
      {"StringEquals", {"abc"}, "ABC", false},
      {"stringequals", {"abc"}, "abc", true},
      {"StringEqualsIgnoreCase", {"abc"}, "ABC", true},
      {"StringNotEqualsIgnoreCase", {"abc"}, "ABC", false},
      {"StringLike", {"curl/*"}, "curl/8.5.0", true},
      {"StringLike", {"curl/?.*"}, "curl/8.5.0", true},
      {"StringLike", {"CURL/*"}, "curl/8.5.0", false},
      {"StringNotLike", {"curl/*", "wget*"}, "wget", false},
      {"StringNotLike", {"curl/*", "wget*"}, "lynx", true},
      {"NumericEquals", {"10"}, "10.0", true},
      {"NumericNotEquals", {"10"}, "10.0", false},
      {"NumericLessThan", {"5"}, "4", true},
      {"NumericLessThan", {"5"}, "5", false},
      {"NumericLessThanEquals", {"5"}, "5", true},
      {"NumericGreaterThan", {"5"}, "6", true},
      {"NumericGreaterThan", {"5"}, "5", false},
      {"NumericGreaterThanEquals", {"5"}, "5", true},
      {"NumericGreaterThanEquals", {"5"}, "4.9", false},
      {"NumericEquals", {"5"}, "five", false},
      {"NumericNotEquals", {"5"}, "five", true},
      {"DateEquals", {"2026-01-01T00:00:00Z"}, "1767225600", true},
      {"DateNotEquals", {"2026-01-01T00:00:00Z"}, "2026-01-01T01:00:00+01:00", false},
      {"DateLessThan", {"2026-01-01T02:00:00+02:00"}, "2025-12-31T23:59:59Z", true},
      {"DateLessThan", {"2026-01-01T02:00:00+02:00"}, "2026-01-01T00:00:00Z", false},
      {"DateLessThanEquals", {"2026-01-01T02:00:00+02:00"}, "2026-01-01T00:00:00Z", true},
      {"DateGreaterThan", {"2026"}, "2026-01-01T00:00:00.5Z", true},
      {"DateGreaterThanEquals", {"1767225600"}, "2026-01-01T00:00:00Z", true},
      {"DateGreaterThan", {"2026"}, "soon", false},
      {"DateNotEquals", {"2026"}, "soon", true},
      {"Bool", {"true"}, "true", true},
      {"Bool", {"True"}, "TRUE", true},
      {"Bool", {"true"}, "false", false},
      {"Bool", {"false"}, "false", true},
      {"Bool", {"false"}, "no", false},
      {"BinaryEquals", {"aGVsbG8="}, "aGVsbG8", true},
      {"BinaryEquals", {"aGVsbG8="}, "hello", false},
      {"IpAddress", {"123.4.5.6/24"}, "123.4.5.9", true},
      {"IpAddress", {"10.0.0.0/8", "192.0.2.0/24"}, "192.0.2.7", true},
      {"NotIpAddress", {"192.0.2.0/24"}, "2001:db8::1", true},
      {"NotIpAddress", {"192.0.2.0/24"}, "::ffff:192.0.2.7", false},
      {"IpAddress", {"192.0.2.0/24"}, "192.0.2.7, 10.0.0.1", false},
      {"NotIpAddress", {"192.0.2.0/24"}, "nonsense", true},
      {"ArnEquals", {"arn:aws:iam::111122223333:role/*"}, "arn:aws:iam::111122223333:role/a/b", true},
      {"ArnLike", {"arn:aws:iam::*:role/Reader"}, "arn:aws:iam::111122223333:role/Reader", true},
      // a star before the fifth colon crosses none
      {"ArnLike", {"arn:aws:*:role/Reader"}, "arn:aws:iam::111122223333:role/Reader", false},
      {"ArnLike", {"arn:aws:s3:*:b"}, "arn:aws:s3:::b", false},
      {"ArnLike", {"*"}, "arn:aws:iam::111122223333:role/Reader", false},
      {"ArnLike", {"arn:aws:iam::111122223333:role/Reader"}, "Reader", false},
      {"ArnLike", {"arn:aws:iam::111122223333:role/reader"}, "arn:aws:iam::111122223333:role/Reader", false},
      {"ArnNotLike", {"arn:aws:iam::*:role/Reader"}, "arn:aws:iam::111122223333:role/Writer", true},
      {"ArnNotEquals", {"arn:aws:iam::*:role/Reader"}, "arn:aws:iam::111122223333:role/Reader", false},
      {"ArnLike", {"arn:aws:sqs:us-east-1:111122223333:a:*"}, "arn:aws:sqs:us-east-1:111122223333:a:b:c", true},
  };
  for (const OperatorCase& c : kCases)
    EXPECT_EQ(holds(c.name, c.values, Keys({{"k", {c.have}}})), c.holds)
        << c.name << " " << c.values[0] << " " << c.have;
}

TEST(Condition, P3_VariablesInValues) {
  const Keys keys = {{"k", {"alice"}},
                     {"aws:username", {"alice"}},
                     {"star", {"*"}},
                     {"yes", {"true"}},
                     {"aws:PrincipalArn", {"arn:aws:iam::111122223333:user/alice"}}};
  EXPECT_TRUE(holds("StringEquals", {"${aws:username}"}, keys));
  EXPECT_FALSE(holds("StringLike", {"${star}"}, keys));
  // Rule 3: unresolved is no match, so a negated operator holds.
  EXPECT_FALSE(holds("StringEquals", {"${nobody}"}, keys));
  EXPECT_TRUE(holds("StringNotEquals", {"${nobody}"}, keys));
  EXPECT_TRUE(holds("ArnEquals", {"arn:aws:iam::111122223333:user/${aws:username}"}, keys, "aws:PrincipalArn"));
  EXPECT_TRUE(holds("Bool", {"${yes}"}, Keys({{"k", {"true"}}, {"yes", {"true"}}})));
}

TEST(Condition, P4_2_RefusesBadlyTypedValues) {
  const std::pair<const char*, const char*> kCases[] = {{"NumericEquals", "ten"},
                                                        {"NumericEquals", ""},
                                                        {"NumericLessThan", "1e3"},
                                                        {"DateEquals", "soon"},
                                                        {"DateLessThan", "9223372036854775808"},
                                                        {"Bool", "yes"},
                                                        {"Bool", ""},
                                                        {"Null", "1"},
                                                        {"Null", "${k}"},
                                                        {"BinaryEquals", "%%"},
                                                        {"IpAddress", "10.0.0.0/33"},
                                                        {"NotIpAddress", "localhost"},
                                                        {"IpAddress", "10.0.0.*"}};
  for (const auto& [name, value] : kCases) {
    Condition condition(*Operator::parse(name), name, KeyName::of("k"));
    EXPECT_TRUE(condition.add(value, true)) << name << " " << value;
  }
}

TEST(Condition, P4_1_OperatorNames) {
  for (const char* name : {"ForAllValues:StringLikeIfExists", "foranyvalue:ARNNOTLIKE", "Null", "BoolIfExists"})
    EXPECT_TRUE(Operator::parse(name)) << name;
  for (const char* name :
       {"", "a", "StringEqual", "NullIfExists", "ForAnyValue:Null", "ForAllValues:", "IfExists",
        "ForAnyValue::StringEquals", "ForAnyValue:ForAllValues:StringEquals", "StringEqualsIfExistsIfExists",
        "StringEquals ", "NotStringEquals", "BoolNot", "ForAnyValueStringEquals"})
    EXPECT_FALSE(Operator::parse(name)) << name;
}

TEST(Condition, P4_3_WorkedExamples) {
  EXPECT_FALSE(holds("StringEquals", {"vpce-1"}, Keys(), "aws:SourceVpce"));
  EXPECT_TRUE(holds("StringNotEquals", {"vpce-1"}, Keys(), "aws:SourceVpce"));
  EXPECT_FALSE(holds("StringNotEquals", {"vpc-a", "vpc-b"}, Keys({{"aws:SourceVpc", {"vpc-b"}}}), "aws:SourceVpc"));
  EXPECT_TRUE(holds("NotIpAddress", {"10.0.0.0/8"}, Keys(), "aws:SourceIp"));
  EXPECT_TRUE(holds("BoolIfExists", {"true"}, Keys(), "aws:MultiFactorAuthPresent"));
  EXPECT_FALSE(holds("Bool", {"true"}, Keys(), "aws:MultiFactorAuthPresent"));
  EXPECT_TRUE(holds("Null", {"true"}, Keys(), "aws:TokenIssueTime"));
  EXPECT_TRUE(holds("ForAnyValue:StringLike", {"auth*"},
                    Keys().multi("cognito-identity.amazonaws.com:amr", {"authenticated", "idp.example"}),
                    "cognito-identity.amazonaws.com:amr"));
  EXPECT_TRUE(holds("StringEquals", {"hr"}, Keys({{"aws:PrincipalTag/dept", {"hr"}}}), "aws:PrincipalTag/Dept"));
}

TEST(KeyName, P5_KnownAndMultiValued) {
  EXPECT_EQ(KeyName::of("AWS:sourceip").known, KnownKey::SourceIp);
  EXPECT_EQ(KeyName::of("execute-api:viaDomainArn").known, KnownKey::ViaDomainArn);
  EXPECT_EQ(KeyName::of("aws:PrincipalTag/SourceIp").known, KnownKey::None);
  EXPECT_TRUE(is_multi_valued(KeyName::of("cognito-identity.amazonaws.com:AMR")));
  EXPECT_TRUE(is_multi_valued(KeyName::of("aws:PrincipalOrgPaths")));
  EXPECT_FALSE(is_multi_valued(KeyName::of("aws:PrincipalOrgID")));
}

}  // namespace
}  // namespace gatehouse::policy
