#!/usr/bin/env python3
"""CORS of HTTP APIs: preflights answered by the gateway, headers added to actual answers (spec AT-70 to AT-75)."""
from support.client import request
from support.gateway import Gateway
from support.story import Story, tell
from support.upstream import Upstream

CONFIGURATION = """
upstreams:
  orders: {targets: ["@UPSTREAM@"]}
authorizers:
  gate: {type: request, plugin: com.example.shared-token, placement: in_process, identity_sources: [$request.header.x-token],
         result_ttl_seconds: 0, settings: {token: open-sesame}}
  wall: {type: network, plugin: com.example.ip-allow-list, placement: in_process, settings: {allow: [192.0.2.0/24]}}
apis:
  listed:
    type: http
    hosts: [listed.test]
    stages: {$default: {}}
    cors:
      allow_origins: ["https://shop.example", "https://admin.example:8443"]
      allow_methods: [GET, PUT]
      allow_headers: [content-type, x-token]
      expose_headers: [x-total]
      allow_credentials: true
      max_age_seconds: 600
    routes:
      GET /orders: {authorizer: none, integration: {type: http_proxy, upstream: orders, path: /orders}}
      GET /gated: {authorizer: gate, integration: {type: mock, status: 200}}
      ANY /closed: {authorizer: gate, integration: {type: mock, status: 200}}
  anyone:
    type: http
    hosts: [anyone.test]
    stages: {$default: {}}
    cors: {allow_origins: ["*"], allow_methods: ["*"], allow_headers: ["*"]}
    routes:
      GET /orders: {authorizer: none, integration: {type: mock, status: 200}}
  walled:
    type: http
    hosts: [walled.test]
    stages: {$default: {}}
    cors: {allow_origins: ["https://shop.example"], allow_methods: [GET]}
    network: [wall]
    routes:
      GET /orders: {authorizer: none, integration: {type: mock, status: 200}}
  silent:
    type: http
    hosts: [silent.test]
    stages: {$default: {}}
    routes:
      GET /orders: {authorizer: none, integration: {type: http_proxy, upstream: orders, path: /orders}}
"""
ASK = {"Access-Control-Request-Method": "PUT"}


def from_upstream(peer, _):
    peer.respond(200, b"orders", [("Access-Control-Allow-Origin", "https://upstream.example"), ("x-total", "7")])


class Cors(Story):
    @classmethod
    def setUpClass(cls):
        upstream = cls.enterClassContext(Upstream(from_upstream))
        cls.gateway = cls.enterClassContext(Gateway(CONFIGURATION.replace("@UPSTREAM@", upstream.address)))

    def ask(self, method, target, headers, host="listed.test"):
        return request(self.gateway.address, method, target, headers, host=host)

    def allowed(self, response):
        return response.header("Access-Control-Allow-Origin")

    def test_preflight_AT70(self):
        got = self.ask("OPTIONS", "/orders", {"Origin": "https://shop.example", **ASK})
        self.assertEqual((got.status, got.body), (204, b""))
        self.assertEqual(self.allowed(got), "https://shop.example")
        self.assertEqual(got.header("Access-Control-Allow-Credentials"), "true")
        self.assertEqual(got.header("Access-Control-Max-Age"), "600")
        self.assertEqual({m.strip() for m in got.header("Access-Control-Allow-Methods").split(",")}, {"GET", "PUT"})
        self.assertEqual({h.strip().lower() for h in got.header("Access-Control-Allow-Headers").split(",")},
                         {"content-type", "x-token"})
        self.assertIn("origin", got.header("Vary").lower())

    def test_preflight_of_a_path_without_a_route_is_answered_too(self):
        got = self.ask("OPTIONS", "/nowhere", {"Origin": "https://shop.example", **ASK})
        self.assertEqual((got.status, self.allowed(got)), (204, "https://shop.example"))

    def test_nor_past_the_network_authorizers_AT70(self):
        ask = {"Origin": "https://shop.example", **ASK}
        for path in ("/nowhere", "/orders"):
            got = self.ask("OPTIONS", path, ask, host="walled.test")
            self.assertEqual((got.status, got.json()), (403, {"message": "Forbidden"}), path)

    def test_preflight_of_a_stranger_gets_no_permission(self):
        for origin in ("https://evil.example", "http://shop.example", "https://shop.example:444", "null",
                       "https://shop.example.evil.example", "https://admin.example"):
            with self.subTest(origin):
                self.assertIsNone(self.allowed(self.ask("OPTIONS", "/orders", {"Origin": origin, **ASK})))

    def test_the_host_of_an_origin_ignores_case_AT75(self):
        got = self.ask("OPTIONS", "/orders", {"Origin": "https://SHOP.example", **ASK})
        self.assertEqual(self.allowed(got), "https://SHOP.example")

    def test_not_a_preflight_is_an_ordinary_request(self):
        self.assertEqual(self.ask("OPTIONS", "/orders", {"Origin": "https://shop.example"}).status, 404)
        self.assertEqual(self.ask("OPTIONS", "/orders", ASK).status, 404)

    def test_a_route_with_an_authorizer_judges_the_preflight_AT73(self):
        got = self.ask("OPTIONS", "/closed", {"Origin": "https://shop.example", **ASK})
        self.assertEqual((got.status, got.json()), (401, {"message": "Unauthorized"}))
        # `GET /gated` is no route of OPTIONS, so the automatic answer is left.
        self.assertEqual(self.ask("OPTIONS", "/gated", {"Origin": "https://shop.example", **ASK}).status, 204)

    def test_actual_answers_AT71(self):
        got = self.ask("GET", "/orders", {"Origin": "https://shop.example"})
        self.assertEqual((got.status, got.body), (200, b"orders"))
        self.assertEqual(self.allowed(got), "https://shop.example")  # once, and not the upstream's
        self.assertEqual(got.header("Access-Control-Expose-Headers").lower(), "x-total")
        stranger = self.ask("GET", "/orders", {"Origin": "https://evil.example"})
        self.assertEqual((stranger.status, self.allowed(stranger)), (200, None))
        self.assertIsNone(self.allowed(self.ask("GET", "/orders", {})))

    def test_refusals_can_be_read_by_the_page(self):
        got = self.ask("GET", "/gated", {"Origin": "https://shop.example"})
        self.assertEqual((got.status, self.allowed(got)), (401, "https://shop.example"))

    def test_anyone(self):
        got = self.ask("OPTIONS", "/orders", {"Origin": "https://evil.example", **ASK}, host="anyone.test")
        self.assertEqual((got.status, self.allowed(got)), (204, "*"))
        self.assertIsNone(got.header("Access-Control-Allow-Credentials"))

    def test_without_cors_nothing_is_added(self):
        got = self.ask("GET", "/orders", {"Origin": "https://shop.example"}, host="silent.test")
        self.assertEqual(self.allowed(got), "https://upstream.example")
        self.assertEqual(self.ask("OPTIONS", "/orders", {"Origin": "https://shop.example", **ASK}, host="silent.test").status, 404)


if __name__ == "__main__":
    tell(__name__)
