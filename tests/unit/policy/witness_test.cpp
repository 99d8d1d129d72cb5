#include "policy/witness.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace gatehouse::policy {
namespace {

using test::Keys;

Condition condition(std::string_view name, const std::vector<std::string>& values) {
  Condition out(Operator::parse(name).value(), name, KeyName::of("k"));
  for (const std::string& v : values)
    if (const auto why = out.add(v, true)) throw std::runtime_error(v + ": " + *why);
  return out;
}

// Every operator has values of either kind, whatever the request has now.
TEST(Witness, OfEveryOperatorBothWays) {
  const struct {
    const char* name;
    std::vector<std::string> values;
  } kCases[] = {
      {"StringEquals", {"a"}},
      {"StringEquals", {"${aws:username}"}},
      {"StringEquals", {"${other, 'x y'}"}},
      {"StringEquals", {"${*}b"}},
      {"StringNotEquals", {"a", "b"}},
      {"StringEqualsIgnoreCase", {"A"}},
      {"StringLike", {"a?c*"}},
      {"StringNotLike", {"a*"}},
      {"NumericEquals", {"5"}},
      {"NumericNotEquals", {"5.5"}},
      {"NumericLessThan", {"-5.25"}},
      {"NumericLessThanEquals", {"0"}},
      {"NumericGreaterThan", {"123456789012"}},
      {"NumericGreaterThan", {"+5"}},
      {"NumericGreaterThanEquals", {"7", "9"}},
      {"DateEquals", {"2026"}},
      {"DateLessThan", {"2026-03-01T00:00:00.5Z"}},
      {"DateLessThanEquals", {"1772323200"}},
      {"DateGreaterThan", {"2024-02-29"}},
      {"DateGreaterThanEquals", {"1969-12-31T23:59:59Z"}},
      {"Bool", {"true"}},
      {"BinaryEquals", {"AQID"}},
      {"IpAddress", {"192.0.2.0/24", "2001:db8::/32"}},
      {"NotIpAddress", {"10.0.0.0/8"}},
      {"IpAddress", {"192.0.2.7"}},
      {"ArnLike", {"arn:aws:iam::*:role/Reader"}},
      {"ArnNotEquals", {"arn:aws:iam::111122223333:user/${aws:username}"}},
      {"Null", {"true"}},
      {"Null", {"false"}},
  };
  const Keys requests[] = {Keys({{"aws:username", {"alice"}}}), Keys({{"aws:username", {"alice"}}, {"k", {"v"}}})};
  for (const auto& c : kCases)
    for (const bool if_exists : {false, true})
      for (const char* set : {"", "ForAllValues:", "ForAnyValue:"}) {
        if (std::string_view(c.name) == "Null" && (if_exists || *set != 0)) continue;
        const std::string name = set + std::string(c.name) + (if_exists ? "IfExists" : "");
        const Condition one = condition(name, c.values);
        for (const bool holds : {true, false})
          for (const Keys& request : requests) {
            const auto found = witnesses(one, holds, request, 8);
            EXPECT_FALSE(found.empty()) << name << " " << c.values[0] << " " << holds;
            for (const KeyChange& change : found) {
              ChangedContext changed(request);
              changed.set(change);
              EXPECT_EQ(one.holds(changed), holds) << name;
            }
          }
      }
}

TEST(Witness, WhatCannotBeHasNone) {
  // A bare operator on a multi-valued key.
  const Keys request = Keys().multi("k", {"a", "b"});
  EXPECT_TRUE(witnesses(condition("StringEquals", {"a"}), true, request, 8).empty());
  EXPECT_TRUE(witnesses(condition("Null", {"true", "false"}), false, request, 8).empty());
  EXPECT_TRUE(witnesses(condition("StringEquals", {"${nobody}"}), true, NoContext(), 8).empty());
  EXPECT_TRUE(
      witnesses(condition("IpAddress", {"0.0.0.0/0", "::/0"}), false, Keys({{"k", {"::1"}}}), 8).front().texts.empty());
}

TEST(Witness, AChangedContextAnswersForTheOthers) {
  const Keys request = {{"a", {"1"}}, {"b", {"2"}}};
  ChangedContext changed(request);
  changed.set({KeyName::of("A"), {"x", "y"}, true});
  changed.set({KeyName::of("a"), {"z"}, false});
  changed.set({KeyName::of("c"), {"w"}, false});
  EXPECT_EQ(changed.find(KeyName::of("a")).texts.front(), "z");
  EXPECT_FALSE(changed.find(KeyName::of("a")).multi);
  EXPECT_EQ(changed.find(KeyName::of("b")).texts.front(), "2");
  changed.forget(KeyName::of("A"));
  EXPECT_EQ(changed.find(KeyName::of("a")).texts.front(), "1");
  EXPECT_EQ(changed.find(KeyName::of("C")).texts.front(), "w");
}

}  // namespace
}  // namespace gatehouse::policy
