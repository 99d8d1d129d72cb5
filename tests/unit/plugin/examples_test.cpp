// The example plugins, as their READMEs describe them.
#include <filesystem>

#include "support.hpp"

namespace gatehouse::plugin::test {
namespace {

class Examples : public HostTest {
 protected:
  Examples() { make_host({example_plugins()}); }
};

TEST_F(Examples, SharedToken) {
  const auto who = make(authorizer("com.example.shared-token", R"({"token": "s3cret-token-value"})"));
  EXPECT_EQ(who->category(), access::Category::Identity);
  const struct {
    const char* given;
    access::AnswerKind kind;
  } cases[] = {{"", access::AnswerKind::Unauthorized},
               {"wrong", access::AnswerKind::Deny},
               {"s3cret-token-valu", access::AnswerKind::Deny},
               {"s3cret-token-value2", access::AnswerKind::Deny},
               {"s3cret-token-value", access::AnswerKind::Allow}};
  for (const auto& c : cases) {
    Asked asked;
    if (*c.given != '\0') asked.header("X-Token", c.given);
    who->authorize(asked.facts, 0, asked);
    ASSERT_EQ(asked.answers, 1);  // at once: it is NONBLOCKING
    EXPECT_EQ(asked.answer->kind, c.kind) << c.given;
    EXPECT_EQ(asked.answer->challenge, c.kind == access::AnswerKind::Unauthorized ? "Token" : "");
    if (c.kind != access::AnswerKind::Allow) continue;
    EXPECT_EQ(asked.answer->principal_id, "token-user");
    ASSERT_EQ(asked.answer->context.size(), 1u);
    EXPECT_EQ(asked.answer->context[0].key, "tier");
    EXPECT_EQ(asked.answer->context[0].value, "gold");
  }
  const auto refused = host->make(authorizer("com.example.shared-token", R"({"token": "short"})"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "settings: `/token` does not satisfy `minLength`: 8");
}

TEST_F(Examples, RustToken) {
  if (!std::filesystem::exists(std::string(example_plugins()) + "/rust_token.so")) GTEST_SKIP() << "no rustc built it";
  const auto who = make(authorizer("com.example.rust-token", R"({"token": "s3cret-token-value"})"));
  ASSERT_NE(who, nullptr);
  for (const char* given : {"s3cret-token-value", "s3cret-token-valuE"}) {
    Asked asked;
    asked.header("X-Token", given);
    who->authorize(asked.facts, 0, asked);
    ASSERT_EQ(asked.answers, 1);
    EXPECT_EQ(asked.answer->kind, given[17] == 'e' ? access::AnswerKind::Allow : access::AnswerKind::Deny);
  }
}

struct Address {
  const char* allow;
  const char* from;
  bool passes;
};
const Address kAddresses[] = {
    {"10.0.0.0/8", "10.1.2.3", true},
    {"10.0.0.0/8", "11.1.2.3", false},
    {"10.0.0.0/8", "::ffff:10.1.2.3", true},
    {"0.0.0.0/0", "255.255.255.255", true},
    {"0.0.0.0/0", "2001:db8::1", false},
    {"::/0", "2001:db8::1", true},
    {"192.0.2.7", "192.0.2.7", true},
    {"192.0.2.7", "192.0.2.8", false},
    {"192.0.2.8/29", "192.0.2.15", true},
    {"192.0.2.8/29", "192.0.2.16", false},
    {"2001:db8::/33", "2001:db8:7fff::1", true},
    {"2001:db8::/33", "2001:db8:8000::1", false},
    {"2001:db8::1", "2001:DB8:0:0:0:0:0:1", true},
    {"::ffff:0:0/96", "10.1.2.3", true},
    {"10.0.0.0/8", "", false},
    {"10.0.0.0/8", "unix:", false},
    {"10.0.0.0/8", "10.1.2.3.4", false},
    {"10.0.0.0/8", "10.1.2.03", false},
};

TEST_F(Examples, IpAllowList) {
  for (const Address& c : kAddresses) {
    SCOPED_TRACE(std::string(c.allow) + " from " + c.from);
    const auto who = make(authorizer("com.example.ip-allow-list",
                                     R"({"allow": ["203.0.113.0/24", ")" + std::string(c.allow) + "\"]}",
                                     config::AuthorizerType::Network));
    ASSERT_NE(who, nullptr);
    EXPECT_EQ(who->category(), access::Category::Network);
    Asked asked;
    asked.facts.source_ip_text = c.from;
    who->authorize(asked.facts, 0, asked);
    ASSERT_EQ(asked.answers, 1);
    EXPECT_EQ(asked.answer->kind, c.passes ? access::AnswerKind::Allow : access::AnswerKind::Deny);
  }
}

TEST_F(Examples, IpAllowListRefusesWhatCouldWidenARule) {
  for (const char* block :
       {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0/8", "010.0.0.0/8", "2001:db8::1/32", "1::2::3",
        ":1", "1:", "1:2:3:4:5:6:7:8:9", "::/129", "2001:db8::g", "12345::", "::1.2.3", "a"}) {
    const auto made = host->make(authorizer(
        "com.example.ip-allow-list", R"({"allow": [")" + std::string(block) + "\"]}", config::AuthorizerType::Network));
    ASSERT_FALSE(made) << block;
    EXPECT_NE(made.error().text.find("`/allow/0` is not an address"), std::string::npos) << made.error().text;
  }
  EXPECT_FALSE(
      host->make(authorizer("com.example.ip-allow-list", R"({"allow": []})", config::AuthorizerType::Network)));
}

}  // namespace
}  // namespace gatehouse::plugin::test
