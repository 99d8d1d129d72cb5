#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <cstdio>

#include "app/token_commands.hpp"
#include "app/token_time.hpp"
#include "app/token_verdict.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"
#include "config/interpolate.hpp"

namespace gatehouse::app {
namespace {

namespace jose = kit::jose;

constexpr std::size_t kMaxKeySet = 150'000;      // JW-59
constexpr std::size_t kMostAudiences = 50;       // JW-02
constexpr std::size_t kMostScopes = 10;          // JW-04
constexpr std::size_t kMostTokenBytes = 16'384;  // JW-6C

/// RFC 6749, section 3.3: it goes into a header.
bool is_scope(std::string_view text) noexcept {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '\\'; });
}

const char* state_name(TokenCheck::State state) noexcept {
  switch (state) {
    case TokenCheck::State::Ok:
      return "ok";
    case TokenCheck::State::Refused:
      return "refused";
    case TokenCheck::State::Skipped:
      return "skipped";
  }
  return "";
}

class TokenVerifyCommand final : public Command {
 public:
  explicit TokenVerifyCommand(CLI::App& parser) {
    const auto many = [&](const char* name, std::vector<std::string>& to, const char* help) {
      parser.add_option(name, to, help)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    };
    parser.add_option("TOKEN", argument_, "the token, also after `Bearer `; - and nothing: standard input");
    parser.add_option("--jwks", jwks_, "a file with the issuer's keys, a JWK set")->required();
    parser.add_option("--issuer", question_.issuer, "what `iss` has to be, to the last slash")->required();
    many("--audience", question_.audiences, "an audience that is taken (with --cognito: a client id); may be repeated");
    parser.add_flag("--allow-any-audience", any_audience_, "take every audience");
    many("--scope", question_.scopes, "a scope of the route: one of them is needed; may be repeated");
    many("--algorithm", algorithms_, "an algorithm that is allowed, instead of RS256, RS384, RS512; may be repeated");
    parser.add_option("--typ", question_.rules.required_type, "the `typ` that is required; else JWT, at+jwt or none");
    many("--claim", claims_, "a claim that is required, as NAME=VALUE; may be repeated");
    parser.add_option("--skew", question_.skew_s, "seconds that clocks may differ by")
        ->check(CLI::Range(0, 300))
        ->capture_default_str();
    parser.add_option("--max-bytes", max_bytes_, "the longest token that is taken")
        ->check(CLI::Range(std::size_t{1}, kMostTokenBytes))
        ->capture_default_str();
    parser.add_option("--now", now_, "the time to judge at: Unix seconds or RFC 3339");
    parser
        .add_option("--cognito", cognito_,
                    "judge as for a REST method with a Cognito authorizer: id (a method without scopes) or access")
        ->check(CLI::IsMember({"id", "access"}));
    parser.add_flag("--json", json_, "print one JSON object");
    parser.footer(
        "A token on the command line can be seen by every user of the machine (ps): give it on standard input.\n"
        "Exit code: 0 when the gateway would take the token, 1 when it would refuse it, 2 when the command line is "
        "wrong\n"
        "or a file cannot be read.");
  }

  int run() override {
    if (const std::string wrong = complete(); !wrong.empty()) {
      std::fprintf(stderr, "error: %s\n", wrong.c_str());
      return kUsage;
    }
    std::string exposed;
    const auto text = config::read_file(jwks_, shown_raw(jwks_, 256), kMaxKeySet, exposed);
    if (!text) {
      std::fprintf(stderr, "error: --jwks: %s\n", text.error().text.c_str());
      return kUsage;
    }
    if (!exposed.empty()) std::fprintf(stderr, "warning: --jwks: %s\n", exposed.c_str());
    jose::KeySetReport report;
    const auto keys = jose::KeySet::parse(*text, report, kMaxKeySet);
    for (const std::string& line : report.ignored)
      std::fprintf(stderr, "warning: --jwks: %s: not used\n", shown_raw(line, 512).c_str());
    if (!keys) {
      std::fprintf(stderr, "error: --jwks: `%s`: %s\n", shown_raw(jwks_, 256).c_str(),
                   shown_raw(report.fault, 512).c_str());
      return kUsage;
    }
    const auto given = given_token(argument_);
    if (!given) {
      std::fprintf(stderr, "error: %s\n", given.error().text.c_str());
      return kUsage;
    }
    const std::string_view token = question_.kind == TokenKind::Jwt ? given->token() : given->token_of_rest();
    TokenVerdict verdict = judge(token, *keys, question_);
    if (given->cut)
      verdict.hints.push_back("there are more than " + std::to_string(GivenToken::kMaxBytes) +
                              " bytes; the rest was not read");
    if (json_)
      std::printf("%s\n", object(verdict).c_str());
    else
      print(verdict);
    return verdict.refusal == jose::Refusal::None ? kOk : kFault;
  }

 private:
  /// Fills the question. What is wrong with the command line; empty when nothing is.
  std::string complete() {
    if (cognito_ == "id") question_.kind = TokenKind::CognitoId;
    if (cognito_ == "access") question_.kind = TokenKind::CognitoAccess;
    const bool cognito = !cognito_.empty();
    question_.rules.max_bytes = max_bytes_;
    if (question_.issuer.empty()) return "--issuer: it is empty";
    if (any_audience_ && !question_.audiences.empty()) return "--allow-any-audience and --audience exclude one another";
    if (!cognito && !any_audience_ && question_.audiences.empty())
      return "name the --audience, or --allow-any-audience: without one the gateway loads no authorizer";
    if (question_.audiences.size() > kMostAudiences) return "more than 50 times --audience";
    if (question_.scopes.size() > kMostScopes) return "more than 10 times --scope";
    for (const std::string& scope : question_.scopes)
      if (!is_scope(scope)) return "--scope: `" + shown_raw(scope, 64) + "` is no scope (RFC 6749, section 3.3)";
    if (cognito_ == "id" && !question_.scopes.empty())
      return "--cognito id is a method without scopes: with --scope, access tokens are taken";
    if (cognito_ == "access" && question_.scopes.empty())
      return "--cognito access is a method with scopes: name its --scope; without one, ID tokens are taken";
    if (cognito && !(claims_.empty() && question_.rules.required_type.empty() && question_.skew_s == 0))
      return "--claim, --typ and --skew are settings of JWT authorizers: a Cognito authorizer has none of them";
    if (cognito && !algorithms_.empty()) return "--algorithm: Cognito's tokens are signed with RS256";
    if (cognito) question_.rules.algorithms = {jose::Algorithm::RS256};
    if (!algorithms_.empty()) question_.rules.algorithms = {};
    for (const std::string& name : algorithms_) {
      const auto algorithm = jose::algorithm_of(name);
      if (!algorithm)
        return "--algorithm: `" + shown_raw(name, 64) +
               "` is none that can be allowed: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA";
      question_.rules.algorithms.add(*algorithm);
    }
    for (const std::string& claim : claims_) {
      const std::size_t equals = claim.find('=');
      if (equals == std::string::npos || equals == 0)
        return "--claim: `" + shown_raw(claim, 64) + "` is not NAME=VALUE";
      question_.claims.emplace_back(claim.substr(0, equals), claim.substr(equals + 1));
    }
    const auto now = now_.empty() ? base::system_clock().unix_ms() : parse_now(now_);
    if (!now)
      return "--now: `" + shown_raw(now_, 64) + "` is neither Unix seconds nor RFC 3339 as 2026-11-26T09:30:00Z";
    question_.now_ms = *now;
    return {};
  }

  void print(const TokenVerdict& verdict) const {
    std::size_t width = 9;
    for (const TokenCheck& check : verdict.checks) width = std::max(width, check.name.size());
    bool reached = true, vouched = true;
    for (const TokenCheck& check : verdict.checks) {
      if (reached && !check.reached) {
        vouched = check.vouched;
        std::printf("  the gateway stops here; what follows is told, not judged%s:\n",
                    vouched ? "" : ", and nobody vouches for what the token says");
      }
      reached = check.reached;
      std::printf("%-7s  %-*s  %s\n", state_name(check.state), static_cast<int>(width), check.name.c_str(),
                  check.text.c_str());
    }
    for (const std::string& hint : verdict.hints) std::printf("hint: %s\n", hint.c_str());
    if (verdict.refusal == jose::Refusal::None) {
      std::printf("valid at %s\n", utc(question_.now_ms).c_str());
      return;
    }
    const TokenAnswer answer = answer_to(verdict.refusal, question_);
    std::printf("refused: %s\n", std::string(jose::name(verdict.refusal)).c_str());
    std::printf("the gateway answers %d %s\n", answer.status, answer.body.c_str());
    if (!answer.www_authenticate.empty()) std::printf("www-authenticate: %s\n", answer.www_authenticate.c_str());
  }

  std::string object(const TokenVerdict& verdict) const {
    const bool valid = verdict.refusal == jose::Refusal::None;
    std::string out = std::string("{\"valid\":") + (valid ? "true" : "false") +
                      ",\"refusal\":" + (valid ? "null" : in_json(jose::name(verdict.refusal))) +
                      ",\"now\":" + in_json(utc(question_.now_ms)) + ",\"checks\":[";
    const char* comma = "";
    for (const TokenCheck& check : verdict.checks) {
      out += comma + ("{\"check\":" + in_json(check.name)) + ",\"result\":" + in_json(state_name(check.state)) +
             ",\"reached\":" + (check.reached ? "true" : "false") +
             ",\"signature_verified\":" + (check.vouched ? "true" : "false") + ",\"text\":" + in_json(check.text) + "}";
      comma = ",";
    }
    out += "],\"hints\":[";
    comma = "";
    for (const std::string& hint : verdict.hints) {
      out += comma + in_json(hint);
      comma = ",";
    }
    out += "],\"answer\":";
    if (valid) return out + "null}";
    const TokenAnswer answer = answer_to(verdict.refusal, question_);
    return out + "{\"status\":" + std::to_string(answer.status) +
           ",\"www_authenticate\":" + (answer.www_authenticate.empty() ? "null" : in_json(answer.www_authenticate)) +
           ",\"body\":" + in_json(answer.body) + "}}";
  }

  TokenQuestion question_;
  std::string argument_ = "-", jwks_, now_, cognito_;
  std::vector<std::string> algorithms_, claims_;
  std::size_t max_bytes_ = jose::TokenRules().max_bytes;
  bool any_audience_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> token_verify_command(CLI::App& parser) {
  return std::make_unique<TokenVerifyCommand>(parser);
}

}  // namespace gatehouse::app
