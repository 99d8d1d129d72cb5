#include "gatehouse/kit/jose/token_gate.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "gatehouse/kit/jose/claims.hpp"
#include "provider_world.hpp"
#include "support/jose_signer.hpp"

namespace gatehouse::kit::jose {
namespace {

struct Subject final : Verified {
  std::string name;
};

const test::SigningKey& key_of(char which) {
  static const test::SigningKey one = test::SigningKey::rsa(), two = test::SigningKey::rsa();
  return which == '1' ? one : two;
}
std::string set_of(char which, const char* kid = "k") {
  return R"({"keys":[)" + key_of(which).jwk(std::string(R"("kid":")") + kid + '"') + "]}";
}
std::string token(char which, const std::string& payload, const std::string& kid = "k") {
  return key_of(which).token("RS256", R"({"alg":"RS256","kid":")" + kid + "\"}", payload);
}
std::string payload(const char* issuer, int exp_s, const char* more = "") {
  return std::string(R"({"sub":"ann","iss":")") + issuer + R"(","exp":)" + std::to_string(exp_s) + more + "}";
}

class Gate : public ::testing::Test {
 protected:
  Gate() {
    for (char which : {'1', '2'}) {
      KeySourceRules rules;
      rules.issuer = rules.jwks_uri = std::string("https://") + which;
      world_.pages[rules.jwks_uri] = ProviderWorld::ok(set_of(which));
      sources_.push_back(std::make_shared<KeySource>(rules, world_.doors()));
      sources_.back()->start();
    }
  }
  void make(std::size_t issuers = 2, std::size_t entries = 16) {
    std::vector<TokenGate::Issuer> all{{"https://1", sources_[0]}};
    if (issuers == 2) all.push_back({"https://2", sources_[1]});
    rules_.entries = entries;
    gate_ = std::make_unique<TokenGate>(
        rules_, all,
        [this](const Json& claims, std::size_t, std::int64_t now_ms, std::int64_t& until_ms,
               Outcome& why) -> std::shared_ptr<const Verified> {
          ++judged_;
          if (throws_) throw std::runtime_error("the token");
          why = check_times(claims, now_ms, 0);
          if (!why) return nullptr;
          until_ms = expiry_ms(claims, 0);
          auto out = std::make_shared<Subject>();
          out->name = claims.member("sub")->text;
          return out;
        },
        2);
  }
  /// `known`: whether it was remembered.
  Refusal ask(const std::string& text, std::uint32_t worker = 0, bool* known = nullptr) {
    TokenGate::Asked asked;
    if (const Verdict* verdict = gate_->known(text, worker, now_ms_, asked)) {
      if (known != nullptr) *known = true;
      EXPECT_EQ(verdict->verified != nullptr, static_cast<bool>(verdict->outcome));
      return verdict->outcome.refusal;
    }
    if (known != nullptr) *known = false;
    Refusal out = Refusal::Missing;  // still waiting
    gate_->verify(text, asked, now_ms_, [&out](const Verdict& verdict) {
      EXPECT_EQ(verdict.verified != nullptr, static_cast<bool>(verdict.outcome));
      out = verdict.outcome.refusal;
    });
    return out;
  }
  bool is_remembered(const std::string& text, std::uint32_t worker = 0) {
    TokenGate::Asked asked;
    return gate_->known(text, worker, now_ms_, asked) != nullptr;
  }

  ProviderWorld world_;
  std::vector<std::shared_ptr<KeySource>> sources_;
  TokenGate::Rules rules_;
  std::unique_ptr<TokenGate> gate_;
  std::int64_t now_ms_ = 1'000'000;
  int judged_ = 0;
  bool throws_ = false;
};

TEST_F(Gate, JW_6G_AKeyVerifiesTokensOfItsOwnIssuer) {
  for (const std::size_t issuers : {1u, 2u}) {
    make(issuers);
    EXPECT_EQ(ask(token('1', payload("https://1", 2000))), Refusal::None);
    EXPECT_EQ(ask(token('1', payload("https://2", 2000))), issuers == 1 ? Refusal::Issuer : Refusal::Signature);
    EXPECT_EQ(ask(token('1', payload("https://3", 2000))), Refusal::Issuer);
    EXPECT_EQ(ask(token('2', payload("https://1", 2000))), Refusal::Signature);
    EXPECT_EQ(ask(token('1', R"({"exp":2000})")), Refusal::Issuer);
    EXPECT_EQ(ask(token('1', R"({"iss":["https://1"],"exp":2000})")), Refusal::Issuer);
  }
  EXPECT_EQ(ask(token('2', payload("https://2", 2000))), Refusal::None);
}

TEST_F(Gate, JW_6D_NoClaimIsJudgedBeforeTheSignature) {
  make(1);
  EXPECT_EQ(ask(token('2', payload("https://1", 1))), Refusal::Signature);
  EXPECT_EQ(judged_, 0);
}

TEST_F(Gate, JW_6H_RememberedUntilItExpires) {
  make();
  const std::string good = token('1', payload("https://1", 1010));
  bool known = true;
  EXPECT_EQ(ask(good, 0, &known), Refusal::None);
  EXPECT_FALSE(known);
  EXPECT_EQ(ask(good, 0, &known), Refusal::None);
  EXPECT_TRUE(known);
  EXPECT_FALSE(is_remembered(good, 1)) << "by its worker alone";
  now_ms_ = 1'009'999;
  EXPECT_EQ(ask(good, 0, &known), Refusal::None);
  EXPECT_TRUE(known);
  now_ms_ = 1'010'000;
  EXPECT_EQ(ask(good, 0, &known), Refusal::Expired);
  EXPECT_FALSE(known);
  EXPECT_EQ(ask(good, 0, &known), Refusal::Expired);
  EXPECT_TRUE(known);
}

TEST_F(Gate, JW_6H_NoLongerThanIsAllowed) {
  rules_.longest_ms = 500;
  make();
  const std::string good = token('1', payload("https://1", 5000));
  EXPECT_EQ(ask(good), Refusal::None);
  now_ms_ += 499;
  EXPECT_TRUE(is_remembered(good));
  now_ms_ += 1;
  EXPECT_FALSE(is_remembered(good));
}

TEST_F(Gate, JW_58_AKeyThatIsGoneTakesItsTokensAlong) {
  make();
  const std::string one = token('1', payload("https://1", 90'000)), two = token('2', payload("https://2", 90'000));
  EXPECT_EQ(ask(one), Refusal::None);
  EXPECT_EQ(ask(two), Refusal::None);
  world_.pages["https://1"] = ProviderWorld::ok(set_of('1', "other"));
  world_.pass(2 * 3600 * 1000);
  EXPECT_FALSE(is_remembered(one));
  EXPECT_TRUE(is_remembered(two)) << "the other issuer's stay";
  EXPECT_EQ(ask(one), Refusal::UnknownKey);
}

TEST_F(Gate, JW_56_NotBeyondTheLifeOfTheKeys) {
  make();
  const std::string good = token('1', payload("https://1", 900'000));
  EXPECT_EQ(ask(good), Refusal::None);
  now_ms_ += 3LL * 3600 * 1000 - 1;  // the world's clock, and so the keys, stood still
  EXPECT_TRUE(is_remembered(good));
  now_ms_ += 1;
  EXPECT_FALSE(is_remembered(good));
}

TEST_F(Gate, RefusedTokensAreRememberedShortly) {
  make();
  const std::string forged = token('2', payload("https://1", 2000));
  EXPECT_EQ(ask(forged), Refusal::Signature);
  EXPECT_TRUE(is_remembered(forged));
  now_ms_ += 10'000;
  EXPECT_FALSE(is_remembered(forged));
  // What may be good in a moment, or costs nothing to refuse, is not.
  for (const std::string& text :
       {token('1', payload("https://1", 2000, R"(,"nbf":1500)")), token('1', payload("https://1", 2000), "unknown"),
        std::string("a.b.c"), std::string("x")}) {
    EXPECT_NE(ask(text), Refusal::None);
    EXPECT_FALSE(is_remembered(text)) << text;
  }
}

TEST_F(Gate, NothingIsRememberedWhereNothingIsToBe) {
  make(2, 0);
  const std::string good = token('1', payload("https://1", 2000));
  EXPECT_EQ(ask(good), Refusal::None);
  EXPECT_FALSE(is_remembered(good));
  make();
  EXPECT_EQ(ask(good, 7), Refusal::None) << "the executor's threads";
  EXPECT_FALSE(is_remembered(good, 7));
}

TEST_F(Gate, KeysThatComeByAnotherThreadLeaveNothingInTheWorkersMemory) {
  KeySourceRules rules;
  rules.issuer = rules.jwks_uri = "https://1";
  world_.holds = true;
  sources_[0] = std::make_shared<KeySource>(rules, world_.doors());
  make();
  const std::string good = token('1', payload("https://1", 2000));
  TokenGate::Asked asked;
  ASSERT_EQ(gate_->known(good, 0, now_ms_, asked), nullptr);
  Refusal said = Refusal::Missing;
  gate_->verify(good, asked, now_ms_, [&](const Verdict& verdict) { said = verdict.outcome.refusal; });
  EXPECT_EQ(said, Refusal::Missing);
  std::thread([&] { world_.release(); }).join();
  EXPECT_EQ(said, Refusal::None);
  EXPECT_FALSE(is_remembered(good));
}

TEST_F(Gate, JW_6D_AnAlteredPayloadNeverReachesTheClaims) {
  make(1);
  const std::string good = token('1', payload("https://1", 2000));
  const std::string signature = good.substr(good.rfind('.'));
  const std::string head = good.substr(0, good.find('.') + 1);
  for (const std::string& altered : {payload("https://1", 9000), payload("https://2", 2000), std::string("no JSON"),
                                     std::string(R"({"exp":1,"exp":2})"), std::string()})
    EXPECT_EQ(ask(head + test::base64url(altered) + signature), Refusal::Signature) << altered;
  EXPECT_EQ(judged_, 0);
}

TEST_F(Gate, WhoThrowsRefusesAndIsNotRemembered) {
  make();
  const std::string good = token('1', payload("https://1", 2000));
  throws_ = true;
  EXPECT_EQ(ask(good), Refusal::Claim);
  EXPECT_FALSE(is_remembered(good)) << "it was not the token's fault";
  throws_ = false;
  EXPECT_EQ(ask(good), Refusal::None);
}

TEST_F(Gate, WhoThrowsLaterIsAnsweredAllTheSame) {
  KeySourceRules rules;
  rules.issuer = rules.jwks_uri = "https://1";
  world_.holds = throws_ = true;
  sources_[0] = std::make_shared<KeySource>(rules, world_.doors());
  make();
  std::vector<Outcome> told;
  gate_->verify(token('1', payload("https://1", 2000)), {}, now_ms_,
                [&](const Verdict& verdict) { told.push_back(verdict.outcome); });
  world_.release();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].refusal, Refusal::Claim);
  EXPECT_EQ(told[0].detail.find("the token"), std::string::npos) << "JW-6I";
}

TEST_F(Gate, JW_6H_AClockThatIsSetBackForgets) {
  make();
  const std::string late = token('1', payload("https://1", 900)), good = token('1', payload("https://1", 2000));
  EXPECT_EQ(ask(late), Refusal::Expired);
  EXPECT_EQ(ask(good), Refusal::None);
  now_ms_ -= 200'000;
  EXPECT_FALSE(is_remembered(good));
  EXPECT_EQ(ask(late), Refusal::None) << "not refused until the clock is where it was";
  now_ms_ += 50'000;
  EXPECT_TRUE(is_remembered(late));
}

TEST_F(Gate, JW_58_WithoutTimersTokensAreNotRememberedBeyondTheRefresh) {
  world_.refuses_timers = true;
  KeySourceRules rules;
  rules.issuer = rules.jwks_uri = "https://1";
  sources_[0] = std::make_shared<KeySource>(rules, world_.doors());
  sources_[0]->start();
  make();
  const std::string good = token('1', payload("https://1", 900'000));
  EXPECT_EQ(ask(good), Refusal::None);
  world_.pages["https://1"] = ProviderWorld::ok(set_of('2', "other"));
  constexpr std::int64_t kRefresh = 2 * 3600 * 800;
  world_.pass(kRefresh - 2);
  now_ms_ += kRefresh - 2;
  EXPECT_TRUE(is_remembered(good));
  world_.pass(2);
  now_ms_ += 2;
  EXPECT_FALSE(is_remembered(good));
  EXPECT_EQ(ask(good), Refusal::None) << "has the keys fetched";
  EXPECT_EQ(ask(good), Refusal::UnknownKey);
}

TEST_F(Gate, JW_6G_TokensOfTwoIssuersWithOneKeyIdAreRememberedApart) {
  make();
  const std::string one = token('1', payload("https://1", 2000)), two = token('2', payload("https://2", 2000));
  EXPECT_EQ(ask(one), Refusal::None);
  EXPECT_EQ(ask(two), Refusal::None);
  world_.pages["https://2"] = ProviderWorld::ok(set_of('1'));
  world_.pass(2 * 3600 * 1000);
  EXPECT_TRUE(is_remembered(one));
  EXPECT_EQ(ask(two), Refusal::Signature) << "its key id names another key now";
}

TEST_F(Gate, JW_20_ATokenThatExpiresWhileItWaitsForKeys) {
  KeySourceRules rules;
  rules.issuer = rules.jwks_uri = "https://1";
  world_.holds = true;
  sources_[0] = std::make_shared<KeySource>(rules, world_.doors());
  rules_.now_ms = [this] { return now_ms_; };
  make();
  Refusal said = Refusal::Missing;
  gate_->verify(token('1', payload("https://1", 1001)), {}, now_ms_,
                [&](const Verdict& verdict) { said = verdict.outcome.refusal; });
  now_ms_ += 1000;
  world_.release();
  EXPECT_EQ(said, Refusal::Expired);
}

}  // namespace
}  // namespace gatehouse::kit::jose
