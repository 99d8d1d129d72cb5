// What `token verify` says against a slow, obvious twin: the checks one by one, none told after the first refusal. Of
// tokens that are signed and of the same with a few of their bytes changed.
#include "app/token_verdict.hpp"

#include <gtest/gtest.h>
#include <gatehouse/kit/jose/base64url.hpp>
#include <gatehouse/kit/jose/claims.hpp>
#include <gatehouse/kit/jose/signer.hpp>

#include <map>
#include <random>

namespace gatehouse::app {
namespace {

namespace jose = kit::jose;
using jose::Refusal;

constexpr std::int64_t kNow = 1'795'685'400;

/// JW section 2.
Refusal http(std::string_view text, const jose::KeySet& keys, const TokenQuestion& q) {
  jose::Outcome why;
  const auto token = jose::Token::read(text, q.rules, why);
  if (!token) return why.refusal;
  if (why = token->verify(keys.find(token->kid())); !why) return why.refusal;
  const auto claims = token->claims(why);
  if (!claims) return why.refusal;
  if (why = jose::check_issuer(*claims, q.issuer); !why) return why.refusal;
  if (!q.audiences.empty())
    if (why = jose::check_audience(*claims, q.audiences); !why) return why.refusal;
  if (why = jose::check_times(*claims, q.now_ms, q.skew_s); !why) return why.refusal;
  for (const auto& [name, value] : q.claims)
    if (why = jose::check_claim(*claims, name, value); !why) return why.refusal;
  if (q.scopes.empty()) return Refusal::None;
  for (const std::string& has : jose::scopes_of(*claims))
    for (const std::string& wanted : q.scopes)
      if (has == wanted) return Refusal::None;
  return Refusal::Scope;
}

/// CG section 3, of one pool.
Refusal cognito(std::string_view text, const jose::KeySet& keys, const TokenQuestion& q) {
  jose::Outcome why;
  const auto token = jose::Token::read(text, q.rules, why);
  if (!token) return why.refusal;
  if (why = token->verify(keys.find(token->kid())); !why) return why.refusal;
  const auto claims = token->claims(why);
  if (!claims) return why.refusal;
  if (why = jose::check_issuer(*claims, q.issuer); !why) return why.refusal;
  if (why = jose::check_times(*claims, q.now_ms, q.skew_s); !why) return why.refusal;
  const auto text_of = [&](const char* name) {
    const kit::Json* const value = claims->member(name);
    return value != nullptr && value->kind == kit::Json::Kind::String ? value->text : std::string();
  };
  const bool id = text_of("token_use") == "id";
  if (!id && text_of("token_use") != "access") return Refusal::Claim;
  const std::string client = text_of(id ? "aud" : "client_id");
  if (client.empty() || (!q.audiences.empty() && client != q.audiences.front())) return Refusal::Audience;
  if (id != q.scopes.empty()) return Refusal::Claim;
  if (q.scopes.empty()) return Refusal::None;
  for (const std::string& has : jose::scopes_of(*claims))
    for (const std::string& wanted : q.scopes)
      if (has == wanted) return Refusal::None;
  return Refusal::Scope;
}

class TokenVerdicts : public testing::Test {
 protected:
  void SetUp() override {
    std::string fault, jwks;
    for (const auto kind :
         {jose::SigningKey::Kind::Rsa, jose::SigningKey::Kind::P256, jose::SigningKey::Kind::Ed25519}) {
      signers_.push_back(*jose::SigningKey::make(kind, fault));
      jwks += (jwks.empty() ? "{" : ",{") + signers_.back().jwk_members() + ",\"kid\":\"" +
              std::to_string(signers_.size()) + "\"}";
    }
    jose::KeySetReport report;
    keys_ = jose::KeySet::parse("{\"keys\":[" + jwks + "]}", report);
    ASSERT_TRUE(keys_) << report.fault;
  }

  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  std::string one_of(std::initializer_list<const char*> all) { return all.begin()[below(all.size())]; }

  std::string token() {
    const std::size_t signer = below(3);
    const auto algorithm = signers_[signer].usual_algorithm();
    std::string header =
        R"({"alg":")" +
        (below(12) == 0 ? one_of({"none", "HS256", "RS512", "PS256", "ES256"}) : std::string(jose::name(algorithm))) +
        '"';
    if (below(12) != 0) header += R"(,"kid":")" + std::to_string(below(12) == 0 ? below(5) : signer + 1) + '"';
    header += one_of({"", "", R"(,"typ":"JWT")", R"(,"typ":"JWT")", R"(,"typ":"at+jwt")", R"(,"typ":"x")"});
    if (below(20) == 0) header += one_of({R"(,"crit":[])", R"(,"zip":"DEF")", R"(,"jku":"a")", R"(,"alg":"RS256")"});
    const auto time = [&] { return std::to_string(kNow - 2 + static_cast<std::int64_t>(below(5))); };
    std::string claims = R"("iss":")" + one_of({"i", "i", "i", "i", "i/"}) + '"';
    claims += ",\"exp\":" + (below(3) == 0 ? time() : std::to_string(kNow + 60));
    if (below(3) == 0) claims += ",\"nbf\":" + time();
    if (below(3) == 0) claims += ",\"iat\":" + (below(5) == 0 ? "\"x\"" : time());
    claims += one_of({"", R"(,"aud":"a")", R"(,"aud":"a")", R"(,"aud":["b","a"])", R"(,"aud":"b")", R"(,"aud":[])"});
    claims += one_of({"", R"(,"client_id":"a")", R"(,"client_id":"a")", R"(,"client_id":"b")"});
    claims += one_of({"", R"(,"token_use":"id")", R"(,"token_use":"access")", R"(,"token_use":["id"])"});
    claims += one_of({"", R"(,"scope":"s t")", R"(,"scope":"st")", R"(,"scp":["s"])", R"(,"scp":[],"scope":"s")"});
    return signers_[signer].token(algorithm, header + '}', '{' + claims + (below(40) == 0 ? "" : "}")).value();
  }

  TokenQuestion question() {
    TokenQuestion q;
    q.kind = static_cast<TokenKind>(below(3));
    const bool is_jwt = q.kind == TokenKind::Jwt;
    if (!is_jwt)
      q.rules.algorithms = {jose::Algorithm::RS256};
    else if (below(3) != 0)
      q.rules.algorithms = jose::kAllAlgorithms;
    if (is_jwt && below(4) == 0) q.rules.required_type = one_of({"JWT", "at+jwt"});
    if (below(20) == 0) q.rules.max_bytes = 300;
    q.issuer = "i";
    if (below(3) != 0) q.audiences = {"a"};
    if (is_jwt ? below(3) == 0 : q.kind == TokenKind::CognitoAccess) q.scopes = {"s", "u"};
    if (is_jwt && below(5) == 0) q.claims = {{"token_use", "id"}};
    q.now_ms = kNow * 1000 + static_cast<std::int64_t>(below(3)) - 1;
    q.skew_s = below(4) == 0 ? 1 : 0;
    return q;
  }

  std::mt19937_64 random_{20261126};
  std::vector<jose::SigningKey> signers_;
  std::shared_ptr<const jose::KeySet> keys_;
};

TEST_F(TokenVerdicts, AreThoseOfTheChecksOneByOne) {
  std::map<Refusal, int> seen;
  for (int i = 0; i < 1500; ++i) {
    std::string text = token();
    const TokenQuestion q = question();
    if (i % 3 == 0)
      for (std::size_t n = 0; n <= below(2); ++n) text[below(text.size())] = "A.=_ "[below(6)];
    const Refusal wanted = (q.kind == TokenKind::Jwt ? http : cognito)(text, *keys_, q);
    const TokenVerdict verdict = judge(text, *keys_, q);
    ASSERT_EQ(verdict.refusal, wanted) << text << " " << name(verdict.refusal) << " " << name(wanted);
    ++seen[wanted];
    // The rows say the same: one that is not well as soon as, and only if, it is refused.
    bool well = true;
    for (const TokenCheck& check : verdict.checks) {
      ASSERT_EQ(check.reached, well) << text << " " << check.name;
      well = well && check.state == TokenCheck::State::Ok;
    }
    ASSERT_EQ(well, wanted == Refusal::None) << text;
    // The answer never holds a word of the token, and there is one for every refusal.
    const TokenAnswer answer = answer_to(wanted, q);
    ASSERT_EQ(answer.status == 200, well);
    ASSERT_EQ(answer.status == 403, wanted == Refusal::Scope && q.kind == TokenKind::Jwt);
    ASSERT_EQ(answer.www_authenticate.empty(), well || q.kind != TokenKind::Jwt);
  }
  for (const Refusal refusal :
       {Refusal::None, Refusal::TooLong, Refusal::Segments, Refusal::Malformed, Refusal::Type, Refusal::Algorithm,
        Refusal::KeyId, Refusal::UnknownKey, Refusal::KeyMismatch, Refusal::Signature, Refusal::Issuer,
        Refusal::Audience, Refusal::Expired, Refusal::NotYet, Refusal::Claim, Refusal::Scope})
    EXPECT_GT(seen[refusal], 0) << name(refusal);
}

TEST(TokenAnswer, JW_30_JW_36_JW_39_StatusBodyAndHeader) {
  TokenQuestion q;
  q.scopes = {"a", "b"};
  const TokenAnswer missing = answer_to(Refusal::Missing, q), expired = answer_to(Refusal::Expired, q),
                    scope = answer_to(Refusal::Scope, q);
  EXPECT_EQ(missing.status, 401);
  EXPECT_EQ(missing.www_authenticate, "Bearer");
  EXPECT_EQ(expired.status, 401);
  EXPECT_EQ(expired.body, R"({"message":"Unauthorized"})");
  EXPECT_EQ(expired.www_authenticate,
            R"(Bearer scope="" error="invalid_token" error_description="the token has expired")");
  EXPECT_EQ(scope.status, 403);
  EXPECT_EQ(scope.body, R"({"message":"Forbidden"})");
  EXPECT_EQ(scope.www_authenticate, R"(Bearer scope="a b" error="insufficient_scope" )"
                                    R"(error_description="the token does not have the required scope")");
}

TEST_F(TokenVerdicts, TellWhatWouldHaveBeenRefusedToo) {
  TokenQuestion q;
  q.issuer = "i";
  q.audiences = {"a"};
  q.now_ms = kNow * 1000;
  q.rules.required_type = "at+jwt";
  const auto text = signers_[1].token(jose::Algorithm::ES256, R"({"alg":"ES256","kid":"2","typ":"JWT"})",
                                      R"({"iss":"j","aud":"b","exp":1,"nbf":9999999999})");
  const TokenVerdict verdict = judge(text.value(), *keys_, q);
  EXPECT_EQ(verdict.refusal, Refusal::Type);
  std::string refused;
  for (const TokenCheck& check : verdict.checks)
    if (check.state == TokenCheck::State::Refused) refused += check.name + " ";
  EXPECT_EQ(refused, "typ alg iss aud exp nbf ");
}

}  // namespace
}  // namespace gatehouse::app
