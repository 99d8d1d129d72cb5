// Which statements are looked at, and what is looked up once for all of them, must not show: the indexed weighing
// against one that goes through every statement by itself. Many statements, odd resources, spellings.
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/ip.hpp"
#include "policy/ip_range.hpp"
#include "policy/parse.hpp"
#include "policy/weigh.hpp"

namespace gatehouse::policy {
namespace {

class Index : public testing::TestWithParam<std::uint32_t> {
 protected:
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::string pick(const std::vector<std::string>& words) { return words[below(words.size())]; }

  std::string path(bool of_pattern) {
    std::string out = pick({"abc", "abc", "abcd", "ABC"});
    const std::size_t steps = below(7);
    for (std::size_t i = 0; i < steps; ++i) {
      out += '/';
      out += i == 0   ? pick({"prod", "prod", "Prod", "$default"})
             : i == 1 ? pick({"GET", "GET", "get", "POST", "$default"})
                      : pick({"a", "a", "b", "A", "", "%61", "a;x", "a:b", ".."});
      if (of_pattern && one_in(5)) out += pick({"*", "?", "${*}", "${k}", "${none}", "${none, 'a'}", "${", "**"});
    }
    if (of_pattern && one_in(2)) out += pick({"*", "/*", "?", "/"});
    if (!of_pattern && one_in(8)) out += pick({"\xff", "\xe2\x82", "/", "//", std::string(3'000, 'a')});
    return out;
  }
  std::string front(bool of_pattern) {
    if (of_pattern && one_in(4))
      return pick({"arn:*:execute-api:*:*:", "arn:aws:execute-api:us-*:1111222233?3:",
                   "arn:aws:execute-api:eu-west-1:*:", "arn:aws:Execute-API:US-EAST-1:111122223333:"});
    return "arn:aws:execute-api:us-east-1:111122223333:";
  }
  std::string resource_value() {
    if (one_in(40)) return pick({"*", "arn:aws:execute-api:*", "arn:aws:execute-api:us-east-1:*", "arn:aws:s3"});
    return front(true) + path(true);
  }
  std::string condition() {
    switch (below(6)) {
      case 0:
        return R"("StringEquals":{"k":"a"})";
      case 1:
        return R"("NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","2001:db8::/32"]})";
      case 2:
        return R"("IpAddressIfExists":{"AWS:sourceip":")" + pick({"192.0.2.7", "::/0", "0.0.0.0/0"}) + R"("})";
      case 3:
        return R"("ForAnyValue:IpAddress":{"aws:SourceIp":"192.0.2.0/24"})";
      case 4:
        return R"("StringLike":{"aws:UserAgent":"*a*"},"Null":{"aws:SourceIp":"true"})";
      default:
        return R"("StringNotEquals":{"aws:useragent":["a","${k}"]})";
    }
  }
  Policy document() {
    std::string statements;
    const std::size_t many = 10 + below(60), odd = one_in(2) ? 8 + below(12) : 40 + below(40);
    for (std::size_t i = 0; i < many; ++i) {
      if (i > 0) statements += ',';
      std::string resources;
      for (std::size_t n = 1 + below(2); n > 0; --n)
        resources += (resources.empty() ? "\"" : ",\"") + resource_value() + "\"";
      statements += R"({"Effect":")" + pick({"Allow", "Allow", "Deny"}) + R"(",)";
      statements += one_in(odd) ? R"("NotPrincipal":{"AWS":["111122223333","arn:aws:iam::111122223333:user/u"]},)"
                                : R"("Principal":)" + pick({R"("*")", R"({"AWS":"111122223333"})"}) + ",";
      statements += R"(")" + pick({"Action", "Action", "Action", "NotAction"}) + R"(":")" +
                    pick({"execute-api:Invoke", "execute-api:*", "*", "s3:*"}) + R"(",)";
      statements += (one_in(odd) ? R"("NotResource":[)" : R"("Resource":[)") + resources + "]";
      if (one_in(2)) statements += R"(,"Condition":{)" + condition() + "}";
      statements += '}';
    }
    // An Allow that leaves others out by their principal is refused.
    for (std::size_t at; (at = statements.find(R"("Allow","NotPrincipal")")) != std::string::npos;)
      statements.replace(at, 7, R"("Deny")");
    ParseOptions options;
    options.max_characters = 1 << 17;
    auto out = parse(
        R"({"Version":")" + pick({"2012-10-17", "2012-10-17", "2008-10-17"}) + R"(","Statement":[)" + statements + "]}",
        Kind::Resource, options);
    EXPECT_TRUE(out) << (out ? "" : text(out.error())) << statements;
    return std::move(*out);
  }

 private:
  std::mt19937 engine_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Seeds, Index, testing::Range(1u, 9u));

/// Brings the address parsed, as the gateway does, or leaves that to the conditions.
class Given final : public Context {
 public:
  Given(std::string k, std::string agent, std::string ip, bool parsed)
      : k_text_(std::move(k)), agent_text_(std::move(agent)), ip_text_(std::move(ip)), parsed_(parsed && address_) {}
  Given(const Given&) = delete;
  Values find(const KeyName& key) const override {
    if (key.lower == "k" && !k_.empty()) return {{&k_, 1}};
    if (key.known == KnownKey::UserAgent && !agent_.empty()) return {{&agent_, 1}};
    if (key.known == KnownKey::SourceIp && !ip_.empty()) return {{&ip_, 1}, false, parsed_ ? &*address_ : nullptr};
    return {};
  }

 private:
  std::string k_text_, agent_text_, ip_text_;
  std::string_view k_ = k_text_, agent_ = agent_text_, ip_ = ip_text_;
  std::optional<base::IpAddress> address_ = parse_address(ip_);
  bool parsed_;
};

/// Nothing kept from one statement to the next.
Finding plainly(const Policy& policy, const Question& q) {
  Finding out;
  for (const Statement& s : policy.statements()) {
    if (!all_missed(s, q).empty()) continue;
    const Grant grant = s.effect == Effect::Allow && s.principals ? s.principals->names(q.caller) : Grant::None;
    if (s.effect == Effect::Deny) {
      if (out.effect != Effect::Deny) out = {Effect::Deny, Grant::None, &policy, &s};
    } else if (out.effect == Effect::None || (out.effect == Effect::Allow && grant > out.grant)) {
      out = {Effect::Allow, grant, &policy, &s};
    }
  }
  return out;
}

TEST_P(Index, LeavesNoStatementOutThatApplies) {
  int allows = 0, denies = 0, nothing = 0;
  for (int round = 0; round < 150; ++round) {
    const Policy policy = document();
    for (int k = 0; k < 40; ++k) {
      std::vector<std::string> texts;
      const std::string whole = "arn:aws:execute-api:us-east-1:111122223333:" + path(false);
      texts.push_back(whole);
      // Other names are of the same API.
      const std::size_t others = one_in(3) ? 1 + below(2) : 0;
      const std::string of = whole.substr(0, whole.find('/'));
      for (std::size_t i = 0; i < others; ++i) {
        const std::string another = path(false);
        texts.push_back(of + (another.find('/') == std::string::npos ? "" : another.substr(another.find('/'))));
      }
      const std::vector<Arn> arns = [&] {
        std::vector<Arn> out;
        for (const std::string& text : texts) out.push_back(Arn::split(text));
        return out;
      }();
      const std::size_t named = 1 + (others > 0 ? below(others + 1) : 0);
      const Given context(pick({"", "a", "*", "\xff"}), pick({"", "a", "xax"}),
                          pick({"", "192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1%eth0", "198.51.100.1", "nowhere"}),
                          one_in(2));
      Caller caller;
      if (one_in(2)) caller = *Caller::of_arn("arn:aws:iam::111122223333:user/u");
      const std::string action = pick({"execute-api:Invoke", "EXECUTE-API:invoke", "s3:Get"});
      const Question question{caller, Action::of(action), std::span(arns).first(named), context,
                              std::span(arns).subspan(named)};
      const Finding fast = weigh(policy, question), slow = plainly(policy, question);
      ASSERT_EQ(name(fast.effect), name(slow.effect)) << whole;
      ASSERT_EQ(fast.grant, slow.grant) << whole;
      ASSERT_EQ(fast.statement, slow.statement) << whole;
      ++(fast.effect == Effect::Allow ? allows : fast.effect == Effect::Deny ? denies : nothing);
    }
  }
  EXPECT_GT(allows, 300);
  EXPECT_GT(denies, 300);
  EXPECT_GT(nothing, 300);
}

}  // namespace
}  // namespace gatehouse::policy
