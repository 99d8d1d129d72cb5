#!/usr/bin/env python3
"""What an authorizer said, as headers of the upstream's request and as members of the access log."""
import json

from support.client import request
from support.gateway import BUILD, Gateway
from support.story import Story, tell
from support.upstream import Upstream
from support.wait import until

CONFIGURATION = """
upstreams:
  orders: {targets: ["@UPSTREAM@"]}
authorizers:
  gate: {type: request, plugin: test.counting, placement: in_process, identity_sources: [$request.header.x-token],
         result_ttl_seconds: 300, settings: {file: @DIR@/calls}}
  badge: {type: token, plugin: test.counting, placement: in_process, settings: {file: @DIR@/calls},
          identity_sources: [method.request.header.Authorization]}
apis:
  shop:
    type: http
    hosts: [shop.test]
    stages: {$default: {variables: {env: live}}}
    routes:
      ANY /orders/{id}:
        authorizer: gate
        integration:
          type: http_proxy
          upstream: orders
          request_parameters:
            overwrite:header.X-Who: $context.authorizer.principalId
            overwrite:header.X-Tenant: $context.authorizer.tenant
            overwrite:header.X-Level: $context.authorizer.level
            overwrite:header.X-Beta: $context.authorizer.beta
            overwrite:header.X-Limits: $context.authorizer.limits
            overwrite:header.X-Note: $context.authorizer.note
            append:header.X-Roles: $context.authorizer.roles
            overwrite:header.X-Real-IP: $context.identity.sourceIp
            overwrite:header.X-Id: $request.path.id
            overwrite:header.X-Env: $stageVariables.env
            overwrite:header.X-Gateway: gatehouse
            remove:header.x-token: "''"
  pets:
    type: rest
    hosts: [pets.test]
    stages: {live: {variables: {env: test}}}
    routes:
      GET /pets/{id}:
        authorizer: badge
        integration:
          type: http_proxy
          upstream: orders
          path: /pets
          request_parameters:
            integration.request.header.X-Who: context.authorizer.principalId
            integration.request.header.X-Tenant: context.authorizer.tenant
            integration.request.header.X-Level: context.authorizer.level
            integration.request.header.X-Note: context.authorizer.note
            integration.request.header.Authorization: context.authorizer.tenant
            integration.request.header.X-Id: method.request.path.id
            integration.request.header.X-Env: stageVariables.env
            integration.request.header.X-Gateway: "'gatehouse'"
"""
LOGGED = {"who": "$context.authorizer.principalId", "tenant": "$context.authorizer.tenant", "level": "$context.authorizer.level",
          "beta": "$context.authorizer.beta", "limits": "$context.authorizer.limits", "roles": "$context.authorizer.roles",
          "ratio": "$context.authorizer.ratio", "status": "$context.status", "both": "$context.authorizer.level/$context.status"}
MAPPED = ("X-Who", "X-Tenant", "X-Level", "X-Beta", "X-Limits", "X-Note", "X-Roles", "X-Real-IP", "X-Id", "X-Env", "X-Gateway")


class RequestParameters(Story):
    def setUp(self):
        self.upstream = self.enterContext(Upstream())
        gateway = Gateway(CONFIGURATION.replace("@UPSTREAM@", self.upstream.address), plugins=BUILD / "tests/plugins/counting")
        gateway.file.write_text(gateway.file.read_text().replace(
            "access.log}", "access.log, format: " + json.dumps(LOGGED) + "}"))
        self.gateway = self.enterContext(gateway)

    def orders(self, token, headers=(), path="/orders/7"):
        return request(self.gateway.address, "GET", path, [("x-token", token), *headers], host="shop.test")

    def pets(self, token, headers=()):
        return request(self.gateway.address, "GET", "/live/pets/7", [("Authorization", token), *headers], host="pets.test")

    def sent(self):
        """The mapped headers of the last request to the upstream: name to all of its values."""
        last = self.upstream.requests[-1]
        return {name: last.all(name) for name in MAPPED if last.all(name)}

    def logged(self, count=1):
        return until(lambda: len(lines := self.gateway.access_lines()) >= count and lines, what="the access log")

    def test_http(self):
        for _ in range(2):  # the second is answered by a kept result
            self.assertEqual(self.orders("map-1").status, 200)
            self.assertEqual(self.sent(), {
                "X-Who": ["map-1"], "X-Tenant": ["blue"], "X-Level": ["3"], "X-Beta": ["true"], "X-Limits": ['{"rps": 5}'],
                "X-Roles": ['["a","b"]'], "X-Real-IP": ["127.0.0.1"], "X-Id": ["7"], "X-Env": ["live"], "X-Gateway": ["gatehouse"]})
            self.assertIsNone(self.upstream.requests[-1].header("x-token"))

    def test_typed_in_the_access_log_of_an_http_api(self):
        self.orders("map-1")
        self.assertEqual(self.logged()[0], {
            "who": "map-1", "tenant": "blue", "level": 3, "beta": True, "limits": {"rps": 5}, "roles": ["a", "b"], "ratio": 0.5,
            "status": "200", "both": "3/200"})

    def test_texts_in_the_access_log_of_a_rest_api(self):
        self.pets("ada")
        self.assertEqual(self.logged()[0], {
            "who": "ada", "tenant": "blue", "level": "3", "beta": "true", "limits": "-", "roles": "-", "ratio": "-",
            "status": "200", "both": "3/200"})

    def test_rest(self):
        self.assertEqual(self.pets("ada", [("X-Level", "9")]).status, 200)
        self.assertEqual(self.sent(), {"X-Who": ["ada"], "X-Tenant": ["blue"], "X-Level": ["3"], "X-Id": ["7"], "X-Env": ["test"],
                                       "X-Gateway": ["gatehouse"]})
        self.assertEqual(self.upstream.requests[-1].all("Authorization"), ["blue"])

    def test_LA_C1_a_client_cannot_stand_in_for_the_authorizer(self):
        forged = [(name, "forged") for name in (
            "x-who", "X_Who", "X-TENANT", "x.tenant", "X-Limits", "X_Limits", "X-Note", "x_note", "X-Real-IP", "X_Roles", "X-Id")]
        self.assertEqual(self.orders("ada", forged).status, 200)
        self.assertNotIn("forged", [value for _, value in self.upstream.requests[-1].headers])
        self.assertEqual(self.sent(), {
            "X-Who": ["ada"], "X-Tenant": ["blue"], "X-Level": ["3"], "X-Beta": ["true"], "X-Real-IP": ["127.0.0.1"], "X-Id": ["7"],
            "X-Env": ["live"], "X-Gateway": ["gatehouse"]})
        self.assertEqual(self.orders("map-2", [("X-Roles", "mine")]).status, 200)
        self.assertEqual(self.sent()["X-Roles"], ["mine", '["a","b"]'], "append stands beside it")

    def test_what_cannot_stand_in_a_header_is_not_sent_at_all(self):
        for got, body in ((self.orders("split-1"), {"message": "Internal Server Error"}),
                          (self.pets("split-1"), {"message": "Internal server error"})):
            self.assert_answer(got, 500, body)
        self.assertEqual(self.upstream.requests, [])
        done = self.gateway.command("explain", "--request", self.orders("split-1").header("apigw-requestid"))
        self.assertIn("what the authorizer said for header `X-Note` cannot stand in a header", done.stdout)


if __name__ == "__main__":
    tell(__name__)
