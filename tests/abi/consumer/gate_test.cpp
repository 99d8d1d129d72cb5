#include <gatehouse/testing.hpp>
namespace gt = gatehouse::testing;

int main() {
  gt::Harness gate(R"({"token": "s3cret-token-value"})");
  const auto with = [&](const char* token) {
    return gate.authorize(gt::request("GET", "/hello").header("x-token", token));
  };
  const bool good = with("").unauthorized() && with("wrong").denied() && with("s3cret-token-value").allowed() &&
                    with("s3cret-token-value").context("tier") == "gold" && gate.answers() == 4 &&
                    !gt::Harness(R"({"token": "short"})").refusal().empty();
  return good ? 0 : 1;
}
