#include "app/token_verdict.hpp"

#include <gatehouse/kit/jose/claims.hpp>

#include <algorithm>
#include <iterator>
#include <optional>

#include "app/token_anatomy.hpp"
#include "app/token_commands.hpp"
#include "app/token_time.hpp"

namespace gatehouse::app {
namespace {

namespace jose = kit::jose;
using jose::Outcome;
using jose::Refusal;
using kit::Json;
using State = TokenCheck::State;

std::string list(const std::vector<std::string>& texts) {
  std::string out;
  for (std::size_t i = 0; i < texts.size() && i < 10; ++i) out += (i == 0 ? "" : ", ") + shown(texts[i]);
  if (texts.size() > 10) out += " and " + std::to_string(texts.size() - 10) + " more";
  return out.empty() ? "none" : out;
}

std::string found(const Json& claims, const std::string& name) {
  constexpr std::size_t kMost = 600;
  const Json* const value = claims.member(name);
  std::string text = value != nullptr ? shown(*value) : std::string();
  if (text.size() > kMost) {
    std::size_t end = kMost;  // not inside of a character
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text = text.substr(0, end) + "...";
  }
  return "`" + shown_raw(name, 64) + "` " + (value != nullptr ? "is " + text : "is not there");
}

class Judge {
 public:
  Judge(std::string_view token, const jose::KeySet& keys, const TokenQuestion& question)
      : text_(token), keys_(keys), q_(question), anatomy_(TokenAnatomy::of(token)) {}

  TokenVerdict run() {
    read();
    verify();
    if (open_claims()) {
      issuer();
      if (q_.kind == TokenKind::Jwt) {
        audience();
        times();
        required_claims();
      } else {
        times();
        use();
      }
      scopes();
    }
    return std::move(out_);
  }

 private:
  void add(std::string name, const Outcome& outcome, std::string text) {
    const bool reached = out_.refusal == Refusal::None;
    out_.checks.push_back({std::move(name), outcome ? State::Ok : State::Refused, std::move(text), reached, vouched_});
    if (reached) out_.refusal = outcome.refusal;
  }
  void skip(std::string name, std::string why) {
    out_.checks.push_back({std::move(name), State::Skipped, std::move(why), out_.refusal == Refusal::None, vouched_});
    // INVARIANT: only what was not asked is skipped before a refusal; so a token with such a row is not one to let in.
    if (out_.refusal == Refusal::None) out_.refusal = Refusal::Malformed;
  }

  /// Allows what was refused, to see what else there would be. False: that cannot be allowed.
  bool relax(jose::TokenRules& rules, Refusal refusal) const {
    if (refusal == Refusal::Algorithm && !all_allowed(rules)) {
      rules.algorithms = jose::kAllAlgorithms;
      return true;
    }
    const Json* const typ = anatomy_.header ? anatomy_.header->member("typ") : nullptr;
    const std::string wanted = typ != nullptr && typ->kind == Json::Kind::String ? typ->text : "";
    if (refusal != Refusal::Type || rules.required_type == wanted) return false;
    rules.required_type = wanted;
    return true;
  }
  static bool all_allowed(const jose::TokenRules& rules) noexcept {
    for (int i = 0; i <= static_cast<int>(jose::Algorithm::EdDSA); ++i)
      if (!rules.algorithms.has(static_cast<jose::Algorithm>(i))) return false;
    return true;
  }

  void read() {
    jose::TokenRules rules = q_.rules;
    std::vector<Outcome> refusals;
    for (;;) {
      Outcome why;
      token_ = jose::Token::read(text_, rules, why);
      if (token_) break;
      refusals.push_back(why);
      if (refusals.size() > 3 || !relax(rules, why.refusal)) break;
    }
    const struct {
      const char* name;
      Refusal refusal;
      std::string ok;
    } stages[] = {{"token", Refusal::Missing, "there is one"},
                  {"size", Refusal::TooLong,
                   std::to_string(text_.size()) + " bytes; " + std::to_string(q_.rules.max_bytes) + " are allowed"},
                  {"segments", Refusal::Segments, "three"},
                  {"form", Refusal::Malformed, "base64url, JSON, and nothing in the header that is not supported"},
                  {"typ", Refusal::Type, header_text("typ")},
                  {"alg", Refusal::Algorithm, header_text("alg")},
                  {"kid", Refusal::KeyId, header_text("kid")}};
    for (const auto& stage : stages) {
      const auto refused = std::find_if(refusals.begin(), refusals.end(),
                                        [&](const Outcome& one) { return one.refusal == stage.refusal; });
      if (refused != refusals.end())
        add(stage.name, *refused, refused->detail + because(stage.refusal));
      else if (token_ || stage.refusal < refusals.back().refusal)
        add(stage.name, {}, stage.ok);
      else
        skip(stage.name, "not looked at: the token could not be read so far");
    }
  }
  std::string header_text(const char* name) const {
    return anatomy_.header ? found(*anatomy_.header, name) : std::string();
  }
  std::string because(Refusal refusal) const {
    if (refusal == Refusal::Malformed && !anatomy_.faults.empty()) return "; " + anatomy_.faults.front();
    if (refusal == Refusal::Type)
      return "; wanted: " +
             (q_.rules.required_type.empty() ? "`JWT`, `at+jwt` or none" : shown(q_.rules.required_type));
    if (refusal != Refusal::Algorithm) return {};
    std::string allowed;
    for (int i = 0; i <= static_cast<int>(jose::Algorithm::EdDSA); ++i)
      if (q_.rules.algorithms.has(static_cast<jose::Algorithm>(i)))
        allowed += (allowed.empty() ? "" : ", ") + std::string(jose::name(static_cast<jose::Algorithm>(i)));
    return "; allowed: " + allowed;
  }

  void verify() {
    if (!token_) {
      for (const char* name : {"key", "signature"}) skip(name, "not looked at: the token could not be read so far");
      return;
    }
    const jose::Key* const key = keys_.find(token_->kid());
    const Outcome outcome = token_->verify(key);
    if (outcome.refusal == Refusal::UnknownKey || outcome.refusal == Refusal::KeyMismatch) {
      std::vector<std::string> kids;
      for (const jose::Key& one : keys_.keys()) kids.push_back(one.kid());
      add("key", outcome, outcome.detail + (key == nullptr ? "; the set has " + list(kids) : ""));
      skip("signature", "not verified: there is no key for it");
    } else {
      add("key", {}, key->kind() + ", thumbprint " + key->thumbprint());
      vouched_ = static_cast<bool>(outcome);
      add("signature", outcome, outcome ? "by the key " + shown(key->kid()) : outcome.detail);
    }
    if (outcome) return;
    for (const jose::Key& one : keys_.keys())
      if (&one != key && token_->verify(&one))
        out_.hints.push_back("the key " + shown(one.kid()) + " of the set has signed it; its `kid` names another");
  }

  bool open_claims() {
    Outcome why;
    if (token_) claims_ = token_->claims(why);
    if (token_ && !claims_) add("payload", why, why.detail);
    // Nobody vouches for it, and nothing is decided by it any more: it is told.
    if (!token_ && out_.refusal != Refusal::None) claims_ = anatomy_.payload;
    if (!token_ && !claims_) skip("claims", "not looked at: the payload cannot be read");
    return claims_.has_value();
  }

  void issuer() {
    add("iss", jose::check_issuer(*claims_, q_.issuer), found(*claims_, "iss") + "; wanted: " + shown(q_.issuer));
  }
  void audience() {
    const bool aud = claims_->member("aud") != nullptr;
    const std::string name = aud || claims_->member("client_id") == nullptr ? "aud" : "client_id";
    const std::string is = found(*claims_, name);
    if (q_.audiences.empty())
      add(name, {}, is + "; any is taken");
    else
      add(name, jose::check_audience(*claims_, q_.audiences), is + "; wanted: one of " + list(q_.audiences));
  }

  /// check_times() of one claim: the others are as if they were right.
  Outcome check_time(const char* name) const {
    Json only;
    only.kind = Json::Kind::Object;
    const auto put = [&](const char* member, const Json& value) {
      only.names.emplace_back(member);
      only.children.push_back(value);
    };
    if (std::string_view(name) != "exp") {
      Json never;
      never.kind = Json::Kind::Number;
      never.text = "9007199254740991";
      put("exp", never);
    }
    if (const Json* const value = claims_->member(name)) put(name, *value);
    return jose::check_times(only, q_.now_ms, q_.skew_s);
  }
  /// What the number stands for.
  std::string when(const char* name) const {
    const Json* const value = claims_->member(name);
    if (value == nullptr) return {};
    if (const auto time = time_of(*value)) return " (" + utc(*time) + ", " + distance(*time, q_.now_ms) + ")";
    return ", which is no time";
  }
  void times() {
    const Outcome all = jose::check_times(*claims_, q_.now_ms, q_.skew_s);
    const std::string skew = q_.skew_s != 0 ? ", skew " + std::to_string(q_.skew_s) + " s" : "";
    bool refused = false;
    for (const char* name : {"exp", "nbf", "iat"}) {
      if (claims_->member(name) == nullptr && std::string_view(name) != "exp") continue;
      const Outcome one = check_time(name);
      refused = refused || !one;
      add(name, one, found(*claims_, name) + when(name) + "; now is " + utc(q_.now_ms) + skew);
    }
    if (!all && !refused) add("times", all, all.detail);
  }
  void required_claims() {
    for (const auto& [name, value] : q_.claims)
      add("claim " + shown_raw(name, 64), jose::check_claim(*claims_, name, value),
          found(*claims_, name) + "; wanted: " + shown(value));
  }
  void scopes() {
    if (q_.scopes.empty()) return;
    const auto has = jose::scopes_of(*claims_);
    const bool one = std::any_of(q_.scopes.begin(), q_.scopes.end(), [&](const std::string& scope) {
      return std::find(has.begin(), has.end(), scope) != has.end();
    });
    add("scope", {one ? Refusal::None : Refusal::Scope, ""},
        "the token has " + list(has) + "; wanted: one of " + list(q_.scopes));
  }

  // Of Cognito's tokens: what they are (CG-26), for whom (CG-27), and whether the method takes such ones (CG-10..14).
  const std::string* text_of(const char* name) const {
    const Json* const value = claims_->member(name);
    return value != nullptr && value->kind == Json::Kind::String && !value->text.empty() ? &value->text : nullptr;
  }
  void use() {
    const std::string* const use = text_of("token_use");
    const bool access = use != nullptr && *use == "access", wants_access = q_.kind == TokenKind::CognitoAccess;
    const bool known = access || (use != nullptr && *use == "id");
    add("token_use", {known ? Refusal::None : Refusal::Claim, ""},
        found(*claims_, "token_use") + "; wanted: \"id\" or \"access\"");
    const char* const name = access || (!known && wants_access) ? "client_id" : "aud";
    const std::string* const client = text_of(name);
    const bool listed =
        client != nullptr &&
        (q_.audiences.empty() || std::find(q_.audiences.begin(), q_.audiences.end(), *client) != q_.audiences.end());
    add(name, {listed ? Refusal::None : Refusal::Audience, ""},
        found(*claims_, name) + (q_.audiences.empty() ? "; wanted: a text" : "; wanted: one of " + list(q_.audiences)));
    add("kind", {known && access == wants_access ? Refusal::None : Refusal::Claim, ""},
        wants_access ? "the method has scopes: it takes access tokens"
                     : "the method has no scopes: it takes ID tokens");
  }

  std::string_view text_;
  const jose::KeySet& keys_;
  const TokenQuestion& q_;
  TokenAnatomy anatomy_;
  std::optional<jose::Token> token_;
  std::optional<Json> claims_;
  bool vouched_ = false;
  TokenVerdict out_;
};

}  // namespace

TokenVerdict judge(std::string_view token, const jose::KeySet& keys, const TokenQuestion& question) {
  return Judge(token, keys, question).run();
}

}  // namespace gatehouse::app
