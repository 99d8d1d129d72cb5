// A policy document of strangers, as every kind: what compiles can be weighed, says the same watched or not, and stays
// the same when it is compiled again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/parse.hpp"
#include "policy/weigh.hpp"

namespace {

using namespace gatehouse::policy;

void require(bool holds) {
  if (!holds) std::abort();
}

class OneValue final : public Context {
 public:
  Values find(const KeyName& key) const override {
    const bool multi = is_multi_valued(key);
    if (key.lower.size() % 3 == 0) return {{}, multi};
    return {{kValues + key.lower.size() % 4, multi ? std::size_t{2} : std::size_t{1}}, multi};
  }

 private:
  static constexpr std::string_view kValues[] = {"192.0.2.7", "2026-11-26T09:30:00Z", "true", "*",
                                                 "arn:aws:iam::111122223333:user/a"};
};

class Watch final : public Observer {
 public:
  void weighed(const Policy&, const Statement&, Miss miss, const Condition* condition) override {
    require((miss == Miss::Condition) == (condition != nullptr));
    ++seen;
  }
  std::size_t seen = 0;
};

bool same(const Finding& a, const Finding& b) {
  return a.effect == b.effect && a.grant == b.grant;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ParseOptions options;
  options.api_arn = "arn:aws:execute-api:eu-central-1:111122223333:abcde12345";
  const Arn arns[] = {Arn::split("arn:aws:execute-api:eu-central-1:111122223333:abcde12345/prod/GET/pets"),
                      Arn::split("arn:aws:execute-api:eu-central-1:111122223333:abcde12345/prod/$default")};
  for (const Kind kind : {Kind::Identity, Kind::Boundary, Kind::Session, Kind::Guardrail, Kind::Resource,
                          Kind::Endpoint, Kind::Trust, Kind::Authorizer}) {
    const auto policy = parse(text, kind, options);
    if (!policy) {
      require(!policy.error().empty());
      for (const Fault& fault : policy.error()) require(!fault.text.empty());
      continue;
    }
    require(!policy->statements().empty());
    const auto again = parse(text, kind, options);
    require(again.has_value());
    for (const std::string_view who :
         {"", "arn:aws:iam::111122223333:user/a", "arn:aws:sts::111122223333:assumed-role/r/s"}) {
      for (const std::string_view action : {"execute-api:Invoke", "execute-api:ManageConnections", "sts:AssumeRole"}) {
        const OneValue context;
        const Question question{Caller::of_arn(who).value_or(Caller{}), Action::of(action), arns, context};
        const Finding found = weigh(*policy, question);
        Watch watch;
        require(same(found, weigh(*policy, question, &watch)));
        require(watch.seen == policy->statements().size());
        require(same(found, weigh(*again, question)));
      }
    }
  }
  return 0;
}
