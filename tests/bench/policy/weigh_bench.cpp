#include <benchmark/benchmark.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.hpp"
#include "policy/parse.hpp"
#include "policy/weigh.hpp"

namespace gatehouse::policy {
namespace {

constexpr std::string_view kArn = "arn:aws:execute-api:us-east-1:111122223333:abcde12345/prod/GET/pets/7";

/// A request as the gateway knows one: each key has one text, the address is parsed already.
class Request final : public Context {
 public:
  Values find(const KeyName& key) const override {
    switch (key.known) {
      case KnownKey::SourceIp:
        return {{&source_ip_, 1}, false, &address_};
      case KnownKey::Referer:
        return {{&referer_, 1}, false};
      case KnownKey::UserAgent:
        return {{&user_agent_, 1}, false};
      default:
        return {};
    }
  }
  std::string_view user_agent_ = "curl/8.5.0";

 private:
  std::string_view source_ip_ = "192.0.2.7";
  std::string_view referer_ = "https://www.example.com/pets";
  base::IpAddress address_ = base::IpAddress::v4(0xc0000207);
};

Policy compiled(const std::string& text) {
  auto out = parse(R"({"Version":"2012-10-17","Statement":[)" + text + "]}", Kind::Resource, {});
  if (!out) throw std::runtime_error(policy::text(out.error()));
  return std::move(*out);
}

std::string statement(std::string_view effect, std::string_view resource, std::string_view conditions) {
  std::string out = R"({"Principal":"*","Action":"execute-api:Invoke","Effect":")";
  out.append(effect).append(R"(","Resource":"arn:aws:execute-api:us-east-1:111122223333:)").append(resource);
  return out.append("\"").append(conditions).append("}");
}

/// `count` - 1 Denies and at last the Allow that applies; more than a document may be long.
template <class Deny>
Policy denies(std::size_t count, Deny deny) {
  std::vector<Statement> all;
  for (std::size_t i = 1; i <= count; ++i) {
    const Policy one = compiled(i < count ? deny(i) : statement("Allow", "abcde12345/*", ""));
    all.push_back(one.statements().front());
    all.back().index = i - 1;
  }
  return Policy(Kind::Resource, "", std::move(all));
}

void weigh(benchmark::State& state, const Policy& policy, const Request& request, const Arn& arn) {
  const Question question{{}, Action::of("execute-api:Invoke"), {&arn, 1}, request};
  for (auto _ : state) benchmark::DoNotOptimize(policy::weigh(policy, question));
}

/// What the rest is measured by.
void sha256_1kb(benchmark::State& state) {
  const std::string text(1'000, 'a');
  for (auto _ : state) benchmark::DoNotOptimize(base::sha256(text));
}
BENCHMARK(sha256_1kb);

/// Two conditions each, no two alike, the second of which does not hold: nothing can be left out.
void conditions(benchmark::State& state) {
  const Policy policy = denies(static_cast<std::size_t>(state.range(0)), [](std::size_t i) {
    const std::string n = std::to_string(i);
    return statement("Deny", "abcde12345/prod/GET/*",
                     R"(,"Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.)" + std::to_string(i % 256) + "/" +
                         std::to_string(8 + i % 17) + R"("},"StringEquals":{"aws:Referer":"https://www.example.com/)" +
                         n + "\"}}");
  });
  weigh(state, policy, {}, Arn::split(kArn));
}
BENCHMARK(conditions)->Arg(1)->Arg(20)->Arg(200)->Arg(2'000);

/// Statements for other APIs, which cannot match.
void other_apis(benchmark::State& state) {
  const Policy policy = denies(static_cast<std::size_t>(state.range(0)), [](std::size_t i) {
    return statement("Deny", "other" + std::to_string(i) + "/prod/*", "");
  });
  weigh(state, policy, {}, Arn::split(kArn));
}
BENCHMARK(other_apis)->Arg(1)->Arg(20)->Arg(200)->Arg(2'000);

/// Statements for other paths of the same API, which cannot match either.
void other_paths(benchmark::State& state) {
  const Policy policy = denies(static_cast<std::size_t>(state.range(0)), [](std::size_t i) {
    return statement("Deny", "abcde12345/prod/GET/orders" + std::to_string(i) + "/*", "");
  });
  weigh(state, policy, {}, Arn::split(kArn));
}
BENCHMARK(other_paths)->Arg(1)->Arg(20)->Arg(200)->Arg(2'000);

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

/// `*a*a*a...` of 200 stars against a path of n bytes that lacks what the last looks for.
void hostile_glob(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const Policy policy = compiled(statement("Deny", "abcde12345/" + repeat("*a", 200) + "*b*", ""));
  const std::string text = "arn:aws:execute-api:us-east-1:111122223333:abcde12345/" + std::string(n, 'a');
  weigh(state, policy, {}, Arn::split(text));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(hostile_glob)->RangeMultiplier(4)->Range(1 << 10, 1 << 16)->Complexity(benchmark::oN);

/// A client's header searched for in a client's path, all but found at every place.
void hostile_variable(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const Policy policy = compiled(statement("Deny", "abcde12345/*${aws:UserAgent}*${aws:UserAgent}?x*", ""));
  const std::string header = std::string(n / 4, 'a') + "b";
  const std::string text = "arn:aws:execute-api:us-east-1:111122223333:abcde12345/" + header + std::string(n, 'a');
  Request request;
  request.user_agent_ = header;
  weigh(state, policy, request, Arn::split(text));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(hostile_variable)->RangeMultiplier(4)->Range(1 << 10, 1 << 16)->Complexity(benchmark::oN);

}  // namespace
}  // namespace gatehouse::policy
