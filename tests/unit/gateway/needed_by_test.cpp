#include "gateway/needed_by.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

config::Config configuration() {
  config::Config out;
  out.apis.resize(2);
  config::Api& shop = out.apis[0];
  shop.name = "shop";
  shop.routes.resize(2);
  shop.routes[0].key = "GET /orders";
  shop.routes[0].authorizer = "gate";
  shop.routes[1].key = "POST /orders";
  shop.routes[1].authorizer = "other";
  config::Api& pets = out.apis[1];
  pets.name = "pets";
  pets.network = {"office"};
  pets.resource_policy = "policy";
  for (int i = 0; i < 9; ++i) {
    pets.routes.emplace_back().key = "GET /" + std::to_string(i);
    pets.routes.back().authorizer = "many";
  }
  return out;
}

const struct {
  const char* authorizer;
  const char* text;
} kCases[] = {
    {"gate", "needed by `GET /orders` of API `shop`"},
    {"office", "needed by every route of API `pets`"},
    {"policy", "needed by every route of API `pets`"},
    {"nobody's", ""},
    {"none", ""},
    {"many",
     "needed by `GET /0` of API `pets`, `GET /1` of API `pets`, `GET /2` of API `pets`, `GET /3` of API `pets`, "
     "`GET /4` of API `pets`, `GET /5` of API `pets`, `GET /6` of API `pets`, `GET /7` of API `pets` and 1 more"},
};

TEST(NeededBy, NamesTheRoutes) {
  for (const auto& c : kCases) EXPECT_EQ(needed_by(configuration(), c.authorizer), c.text);
}

}  // namespace
}  // namespace gatehouse::gateway
