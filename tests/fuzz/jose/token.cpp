// A token: read, verified with fixed keys, its claims judged. Only what was once signed with them may be verified.
#include <gatehouse/kit/jose/base64url.hpp>
#include <gatehouse/kit/jose/claims.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>

namespace {

using namespace gatehouse::kit;

// Their private halves are gone.
constexpr const char* kKeys =
    R"({"keys":[{"kty":"RSA","n":"kf6a_-enYk5uknA1ucpVFLCXHAOnx6pvmxQHHkMrOjAROElM_bOhEVTQMAt-61yKYoETK2-Ng9NHz4EoyHnbWn1H8Hl9E128pRWvsE8cCcckzYmASoreCV-tOhsXgg_0_Em4zkvMa-zrr3DMa7UZuzscYmZfBQKub1sFm2BCmkQgxxbmjN0RntY1D5HeDbYqWv0UAlu4zZqY7k9M_NfVWwpoXtbLh_DPhkud7ucLq67GQcp93bbxBnbeUCywgOh-wwVvE_NGL0Nq-iClo0vdSdL5vn009eDguqru6jgH7qHE_WADgbtPzu5zBSSWW0eKiFzZKXu77bHcEK7jhmHYyw","e":"AQAB","kid":"a","use":"sig"},
{"kty":"EC","crv":"P-256","x":"7ps1wJ16o2xLtikaliBX0GwwKm8DW1cUEpVvAj0KynM","y":"QRhxR4R5p3dTW4c0mDipV_OUgD8P9pVX-64D-JeMN_M","kid":"b","use":"sig"},
{"kty":"EC","crv":"P-521","x":"ATI6Lgvb7K2GC8qyTHe04K9bIq9VeonDQqCCxzz7E9JYNMNT2qM4hmu92o4q0E1rgfXfcCTX5uhMSGHpLMx-JjMJ","y":"AYeU5J76ddzZGWoIFBtGxaS6QIjPH-QxDf7ry9mW8fxwjtS7ELrzEvZAQ-ZH7QuJvEe8xNtfw3nN-htEmtNOUetY","kid":"c","use":"sig"},
{"kty":"OKP","crv":"Ed25519","x":"Mzu4Qa3Tga5FoGUSGUtR3OFfpavYKq21OcJsOFYPH_E","kid":"d","use":"sig"}]})";
constexpr std::string_view kSigned[] = {
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEiLCJ0eXAiOiJKV1QifQ."
    "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOlsiYXBpIl0sImV4cCI6NDAwMDAwMDAwMCwiaWF0IjoxNzAwMDAwMDAwLjUsInNjb3BlIj"
    "oicmVhZCB3cml0ZSIsInN1YiI6InUtYSJ9",
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImIiLCJ0eXAiOiJKV1QifQ."
    "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOlsiYXBpIl0sImV4cCI6NDAwMDAwMDAwMCwiaWF0IjoxNzAwMDAwMDAwLjUsInNjb3BlIj"
    "oicmVhZCB3cml0ZSIsInN1YiI6InUtYiJ9",
    "eyJhbGciOiJFUzUxMiIsImtpZCI6ImMiLCJ0eXAiOiJKV1QifQ."
    "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOlsiYXBpIl0sImV4cCI6NDAwMDAwMDAwMCwiaWF0IjoxNzAwMDAwMDAwLjUsInNjb3BlIj"
    "oicmVhZCB3cml0ZSIsInN1YiI6InUtYyJ9",
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImQiLCJ0eXAiOiJKV1QifQ."
    "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOlsiYXBpIl0sImV4cCI6NDAwMDAwMDAwMCwiaWF0IjoxNzAwMDAwMDAwLjUsInNjb3BlIj"
    "oicmVhZCB3cml0ZSIsInN1YiI6InUtZCJ9",
    "eyJhbGciOiJQUzI1NiIsImtpZCI6ImEifQ.eyJjbGllbnRfaWQiOiJhcGkiLCJzY3AiOlsicmVhZCJdLCJleHAiOjRlOX0",
};

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

const jose::KeySet& keys() {
  static const auto set = [] {
    jose::KeySetReport report;
    auto out = jose::KeySet::parse(kKeys, report);
    require(out != nullptr && out->keys().size() == 4, "the keys are keys");
    return out;
  }();
  return *set;
}

void judge(const Json& claims) {
  constexpr std::int64_t kNow = 1'800'000'000'000;
  for (const int skew : {0, 300}) {
    const bool expired = jose::check_times(claims, kNow, skew).refusal == jose::Refusal::Expired;
    require(expired == (kNow >= jose::expiry_ms(claims, skew)), "the expiry is the first moment that is refused");
  }
  if (jose::check_issuer(claims, "https://id.example"))
    require(claims.member("iss")->text == "https://id.example", "the issuer is the one");
  if (jose::check_audience(claims, {"api"}))
    require(claims.member("aud") != nullptr || claims.member("client_id") != nullptr, "there is an audience");
  for (const std::string& scope : jose::scopes_of(claims)) require(!scope.empty(), "a scope is something");
  for (const std::string& name : claims.names) static_cast<void>(jose::check_claim(claims, name, "true"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  jose::TokenRules rules;
  rules.algorithms = jose::kAllAlgorithms;
  jose::Outcome why;
  const auto token = jose::Token::read(text, rules, why);
  require(token.has_value() == (why.refusal == jose::Refusal::None), "a refusal has a reason");
  require(why.detail.size() < 300, "a detail is short");
  if (!token) return 0;
  require(size <= rules.max_bytes && std::count(text.begin(), text.end(), '.') == 2, "within the limits");
  const std::size_t first = text.find('.'), second = text.rfind('.');
  for (const std::string& segment :
       {text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)}) {
    const auto bytes = jose::decode_base64url(segment);
    require(bytes && jose::encode_base64url(*bytes) == segment, "each segment has one spelling");
  }
  if (token->verify(keys().find(token->kid())))
    require(std::find(std::begin(kSigned), std::end(kSigned), text.substr(0, second)) != std::end(kSigned),
            "it was signed");
  if (const auto claims = token->claims(why)) judge(*claims);
  return 0;
}
