#include "config/check.hpp"

#include "support.hpp"

namespace gatehouse::config {
namespace {

const std::string kListen = "listeners: {l: {address: \"127.0.0.1:80\"}}\n";

std::string api(const std::string& members) {
  return kListen + "apis: {a: {" + members + "}}\n";
}
std::string authorizer(const std::string& members) {
  return kListen + "authorizers: {x: {" + members +
         "}}\napis: {a: {type: http, stages: {$default: {}}, routes: "
         "{GET /: {authorizer: x, integration: {type: mock}}}}}\n";
}

// name, text, what must be among the faults; empty: it loads.
const struct {
  const char* name;
  std::string text;
  const char* said;
} kCases[] = {
    {"AT-01 one identity authorizer",
     kListen + "authorizers: {x: {type: request, plugin: com.a, placement: in_process}, y: {type: request, plugin: "
               "com.b, placement: in_process}}\n"
               "apis: {a: {type: http, stages: {$default: {}}, routes: {GET /: {authorizer: [x, y], integration: "
               "{type: mock}}}}}\n",
     "two identity authorizers, `x` and `y`"},
    {"AT-20 $default is HTTP's",
     api("type: rest, stages: {p: {}}, routes: {$default: {authorizer: none, integration: {type: mock}}}"),
     "route `$default` is for HTTP APIs"},
    {"AT-20 $default",
     api("type: http, stages: {$default: {}}, routes: {$default: {authorizer: none, integration: {type: mock}}}"), ""},
    {"section 2.2 no $default stage in REST", api("type: rest, stages: {$default: {}}, routes: {}"),
     "stage `$default` is for HTTP APIs"},
    {"AT-60 gateway responses are REST's",
     api("type: http, stages: {s: {}}, routes: {}, gateway_responses: {THROTTLED: {}}"),
     "`gateway_responses` is for REST APIs"},
    {"AT-70 CORS is HTTP's", api("type: rest, stages: {s: {}}, routes: {}, cors: {}"), "`cors` is for HTTP APIs"},
    {"AT-72 credentials for everyone",
     api("type: http, stages: {s: {}}, routes: {}, cors: {allow_origins: ['*'], allow_credentials: true}"),
     "would let every site act as its visitors"},
    {"AT-72 credentials for one",
     api("type: http, stages: {s: {}}, routes: {}, cors: {allow_origins: ['https://a'], allow_credentials: true}"), ""},
    {"AT-72 everyone without", api("type: http, stages: {s: {}}, routes: {}, cors: {allow_origins: ['*']}"), ""},
    {"LA-04 at most an hour",
     authorizer("type: request, plugin: com.a, placement: in_process, identity_sources: s, result_ttl_seconds: 3601"),
     "`result_ttl_seconds` takes a whole number from 0 to 3600"},
    {"LA-05 caching without sources",
     authorizer("type: request, plugin: com.a, placement: in_process, result_ttl_seconds: 1"),
     "needs `identity_sources`"},
    {"an answer about a body is for no other body",
     authorizer("type: request, plugin: com.a, placement: in_process, identity_sources: s, result_ttl_seconds: 300, "
                "grants: {body: true}"),
     "an authorizer that reads bodies"},
    {"LA-04 caching with sources",
     authorizer("type: request, plugin: com.a, placement: in_process, identity_sources: s, result_ttl_seconds: 300"),
     ""},
    {"LA-06 a token has one source", authorizer("type: token, plugin: com.a, placement: in_process"),
     "`type: token` needs exactly one identity source"},
    {"LA-06 not two", authorizer("type: token, plugin: com.a, placement: in_process, identity_sources: 'a, b'"),
     "`type: token` needs exactly one identity source"},
    {"LA-07 the expression is the token's",
     authorizer("type: request, plugin: com.a, placement: in_process, identity_validation_expression: a"),
     "`identity_validation_expression` is for `type: token` and `type: cognito` only"},
    {"JW, CG tokens on the other API type, extended",
     "gateway: {compatibility: extended}\n" + kListen +
         "authorizers:\n  j: {type: jwt, identity_sources: [method.request.header.Authorization]}\n"
         "  c: {type: cognito, identity_sources: [$request.header.Authorization]}\n"
         "apis:\n  a: {type: rest, stages: {s: {}}, routes: {GET /: {authorizer: j, scopes: [r], integration: {type: "
         "mock}}}}\n"
         "  b: {type: http, stages: {s: {}}, routes: {GET /: {authorizer: c, integration: {type: mock}}}}\n",
     ""},
    {"LA-07 an empty one",
     authorizer("type: token, plugin: com.a, placement: in_process, identity_sources: s, "
                "identity_validation_expression: ''"),
     "is empty"},
    {"LA-25 strict is the request's",
     authorizer("type: token, plugin: com.a, placement: in_process, identity_sources: s, strict_identity_sources: "
                "true"),
     "`strict_identity_sources` is for `type: request` only"},
    {"sources with nothing between commas",
     authorizer("type: request, plugin: com.a, placement: in_process, identity_sources: 'a, , b'"),
     "has nothing before or behind a comma"},
    {"LA-B1 at most 30 seconds", authorizer("type: request, plugin: com.a, placement: in_process, timeout: 31s"),
     "`timeout`"},
    {"bundled plugins need no placement", authorizer("type: request, plugin: gatehouse.x"), ""},
    {"production off loopback", "gateway: {production: true}\nlisteners: {l: {address: \"0.0.0.0:80\"}}\n",
     "refuses plain HTTP"},
    {"production on loopback", "gateway: {production: true}\nlisteners: {l: {address: \"[::1]:80\"}}\n", ""},
    {"production, vouched for",
     "gateway: {production: true}\nlisteners: {l: {address: \"0.0.0.0:80\", insecure_plaintext: true}}\n", ""},
    {"ports that the system chooses do not clash",
     "listeners: {a: {address: \"127.0.0.1:0\"}, b: {address: \"127.0.0.1:0\"}}\n", ""},
    {"a resource policy on an HTTP API",
     kListen + "authorizers: {r: {type: resource, plugin: com.a, placement: in_process}}\napis: {a: {type: http, "
               "stages: {s: {}}, routes: {}, resource_policy: r}}\n",
     "`compatibility: extended` allows it"},
    {"a resource policy on an HTTP API, extended",
     "gateway: {compatibility: extended}\n" + kListen +
         "authorizers: {r: {type: resource, plugin: com.a, placement: in_process}}\napis: {a: {type: http, stages: {s: "
         "{}}, routes: {}, resource_policy: r}}\n",
     ""},
    {"9.3 an authorizer's Allow demanded where no resource policy could stand in for it",
     kListen + "apis: {a: {type: rest, stages: {s: {}}, routes: {}, require_authorizer_allow: true}}\n",
     "`require_authorizer_allow` is about a resource policy"},
    {"type resource_policy with a plugin", authorizer("type: resource_policy, plugin: com.a, placement: in_process"),
     "`type: resource_policy` has a plugin of its own"},
    {"nothing is said to be missing from a text that could not be read",
     "include: [absent.yaml]\n" +
         api("type: http, stages: {s: {}}, routes: {GET /: {authorizer: elsewhere, integration: {type: mock}}}"),
     "cannot read file"},
};

TEST(Check, Rules) {
  for (const auto& c : kCases) {
    const Loaded loaded = load_yaml(c.text);
    const std::string said = listed(loaded.diagnostics);
    if (*c.said == '\0') {
      EXPECT_TRUE(loaded.config) << c.name << "\n" << said;
    } else {
      EXPECT_FALSE(loaded.config) << c.name;
      EXPECT_NE(said.find(c.said), std::string::npos) << c.name << "\n" << said;
    }
  }
}

TEST(Check, AFileThatIsMissingHidesNoOtherFaultButReferences) {
  const Loaded loaded = load_yaml(kCases[std::size(kCases) - 1].text);
  EXPECT_EQ(loaded.diagnostics.errors().size(), 1u) << listed(loaded.diagnostics);
}

// What AWS has and this build has not: refused with Code::Unsupported, and with words that say so.
TEST(Check, WhatIsNotBuiltIsRefusedByName) {
  const std::string route =
      "type: http, stages: {s: {}}, routes: {GET /: {authorizer: none, integration: {type: mock}, @}}";
  const auto with = [&](const std::string& member) {
    return api(std::string(route).replace(route.find('@'), 1, member));
  };
  const std::string good = "type: request, plugin: com.a, placement: in_process";
  const std::string cases[] = {
      with("api_key_required: true"),
      with("throttling: {}"),
      api("type: http, stages: {s: {}}, routes: {}, vpc_endpoints: []"),
      api("type: rest, stages: {s: {}}, routes: {}, resource_policy: {Statement: []}"),
      api("type: rest, stages: {s: {}}, routes: {}, private_endpoint: {}"),
      api("type: rest, stages: {s: {}}, routes: {}, waf: x"),
      api("type: rest, stages: {s: {}}, routes: {}, usage_plans: {}"),
      api("type: websocket, stages: {s: {}}, routes: {}"),
      api("type: http, stages: {s: {throttling: {}}}, routes: {}"),
      "listeners: {l: {address: \"127.0.0.1:80\", tls: {}}}\n",
      "listeners: {l: {address: \"127.0.0.1:80\", proxy_protocol: true}}\n",
      "listeners: {l: {address: \"127.0.0.1:80\", mutual_tls: {}}}\n",
      kListen + "domains: {a.b: {mappings: {}, mutual_tls: {}}}\n",
      kListen + "domains: {a.b: {mappings: {}, routing_rules: []}}\n",
      kListen + "usage_plans: {}\n",
      kListen + "vpc_endpoints: {}\n",
      authorizer("type: private_endpoint"),
      authorizer("type: mutual_tls"),
      authorizer("type: request, plugin: com.a, placement: sandboxed"),
      api("type: http, stages: {s: {}}, routes: {GET /: {authorizer: none, integration: {type: lambda}}}"),
      api("type: http, stages: {s: {}}, routes: {GET /: {authorizer: none, integration: {type: vpc_link}}}"),
  };
  for (const std::string& text : cases) {
    const Loaded loaded = load_yaml(text);
    EXPECT_FALSE(loaded.config) << text;
    bool told = false;
    for (const Error& error : loaded.diagnostics.errors())
      told = told ||
             (error.code == Code::Unsupported && error.text.find("refused rather than ignored") != std::string::npos);
    EXPECT_TRUE(told) << text << listed(loaded.diagnostics);
  }
}

TEST(Check, WarningsDoNotRefuse) {
  const Loaded loaded = load_yaml(
      kListen +
      "upstreams: {u: {targets: [a:1]}}\nauthorizers: {x: {type: request, plugin: com.a, placement: in_process}}\n");
  EXPECT_TRUE(loaded.config);
  EXPECT_EQ(listed(loaded.diagnostics),
            "warning test.yaml:2:13: upstream `u` is used by no route\n"
            "warning test.yaml:3:15: authorizer `x` is used by no API and no route\n");
}

}  // namespace
}  // namespace gatehouse::config
