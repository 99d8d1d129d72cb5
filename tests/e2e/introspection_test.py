#!/usr/bin/env python3
"""plugins/examples/introspection in the real gateway, before an upstream: an authorization server on loopback, over TLS,
says what tokens are worth, or does not."""
import json
import pathlib
import re
import tempfile
import time
import unittest

from support.client import request
from support.gateway import PLUGINS, Gateway
from support.introspection_server import IntrospectionServer, make_certificate
from support.story import Story, tell
from support.upstream import Upstream
from support.wait import until

CONFIGURATION = """
upstreams:
  orders: {targets: ["@UPSTREAM@"]}
authorizers:
  oauth:
    type: request
    plugin: com.example.introspection
    placement: in_process
    identity_sources: [$request.header.Authorization]
    result_ttl_seconds: @TTL@
    timeout: @TIMEOUT@
    settings: {endpoint: "https://localhost:@PORT@/introspect", timeout_ms: @FETCH@, cache_seconds: @CACHE@, allow_private: true}
    secrets: {client_id: "${env:CLIENT_ID}", client_secret: "${env:CLIENT_SECRET}"}
    grants: {http: {hosts: [localhost], allow_private: true}}
apis:
  shop:
    type: http
    hosts: [shop.test]
    stages: {$default: {}}
    routes:
      ANY /orders:
        authorizer: oauth
        integration:
          type: http_proxy
          upstream: orders
          request_parameters: {"overwrite:header.X-Who": $context.authorizer.principalId,
            "overwrite:header.X-Scope": $context.authorizer.scope, "overwrite:header.X-Name": $context.authorizer.username}
      GET /mock: {authorizer: none, integration: {type: mock, body: mocked}}
  pets:
    type: rest
    hosts: [pets.test]
    stages: {live: {}}
    routes:
      GET /pets: {authorizer: rest, integration: {type: http_proxy, upstream: orders, path: /pets}}
"""
REST = CONFIGURATION[CONFIGURATION.index("    type: request"):CONFIGURATION.index("apis:")].replace(
    "[$request.header.Authorization]", "[method.request.header.Authorization]").replace("@TTL@", "0")
CONFIGURATION = CONFIGURATION.replace("apis:", "  rest:\n" + REST + "apis:", 1)
LOGGED = {"who": "$context.authorizer.principalId", "client": "$context.authorizer.client_id",
          "scope": "$context.authorizer.scope", "status": "$context.status"}


@unittest.skipUnless((PLUGINS / "introspection.so").exists(), "the examples are not built")
class Introspection(Story):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.certificate = make_certificate(folder)
        cls.stranger = make_certificate(folder, "stranger")
        if cls.certificate is None:
            raise unittest.SkipTest("there is no openssl to make a certificate with")

    def serve(self, ttl=0, timeout="5s", fetch=2000, cache=60, trusted=None):
        self.server = self.enterContext(IntrospectionServer(self.certificate))
        self.server.tokens.update({
            "ada": {"sub": "ada", "scope": "orders.read orders.write", "client_id": "web", "exp": int(time.time()) + 600},
            "old": {"sub": "ada", "exp": int(time.time()) - 10}, "later": {"sub": "ada", "nbf": int(time.time()) + 600}})
        self.upstream = self.enterContext(Upstream())
        text = CONFIGURATION
        for name, value in (("UPSTREAM", self.upstream.address), ("TTL", ttl), ("TIMEOUT", timeout), ("FETCH", fetch),
                            ("CACHE", cache), ("PORT", self.server.port)):
            text = text.replace(f"@{name}@", str(value))
        gateway = Gateway(text, env={
            "CLIENT_ID": self.server.CLIENT[0], "CLIENT_SECRET": self.server.CLIENT[1],
            "SSL_CERT_FILE": str((trusted or self.certificate)[0])})
        gateway.file.write_text(gateway.file.read_text().replace(
            "access.log}", "access.log, format: " + json.dumps(LOGGED) + "}"))
        self.gateway = self.enterContext(gateway)

    def get(self, token=None, host="shop.test", path="/orders", **more):
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return request(self.gateway.address, "GET", path, {**headers, **more}, host=host)

    def reason(self, response):
        """What `gatehouse explain` and the log know and the client is not told."""
        name = "apigw-requestid" if response.header("apigw-requestid") else "x-amzn-RequestId"
        done = self.gateway.command("explain", "--request", response.header(name))
        return done.stdout + self.gateway.log()

    def cache_hits(self):
        text = request(f"unix:{self.gateway.socket}", "GET", "/metrics").body.decode()
        return int(re.search(r'cache_hits_total\{[^}]*"oauth"[^}]*\} (\d+)\n', text)[1])

    def test_an_active_token_and_what_reaches_the_upstream(self):
        self.serve()
        got = self.get("ada", **{"X-Trace": "t-1", "Cookie": "sid=1", "X-Who": "root", "X_Scope": "all", "X-Name": "root"})
        self.assertEqual(got.status, 200, got)
        sent, = self.upstream.requests
        self.assertEqual((sent.method, sent.target), ("GET", "/orders"))
        self.assertEqual((sent.header("Authorization"), sent.header("X-Trace"), sent.header("Cookie")),
                         ("Bearer ada", "t-1", "sid=1"))
        self.assertEqual((sent.all("X-Who"), sent.all("X-Scope"), sent.all("X_Scope")),
                         (["ada"], ["orders.read orders.write"], []))
        self.assertEqual(sent.all("X-Name"), [], "the server told no username, and the client's word is none")
        line = until(lambda: self.gateway.access_lines(), what="the access log")[0]
        self.assertEqual(line, {"who": "ada", "client": "web", "scope": "orders.read orders.write", "status": "200"})
        self.assertEqual(self.get("ada", host="pets.test", path="/live/pets").status, 200)

    def test_tokens_that_are_worth_nothing(self):
        self.serve()
        for token in ("unknown", "old", "later"):
            for host, path in (("shop.test", "/orders"), ("pets.test", "/live/pets")):
                with self.subTest(token=token, host=host):
                    self.assert_answer(self.get(token, host, path), 401, {"message": "Unauthorized"})
        self.assertEqual(self.get().status, 401)
        self.assertEqual(self.server.times("unknown"), 2, "what is not active is asked again")
        for value in ("Basic YTpi", "Bearer a b", "Bearer", "bearer\xe9 x"):
            before = len(self.server.asked)
            self.assertEqual(request(self.gateway.address, "GET", "/orders", {"Authorization": value}, host="shop.test").status, 401)
            self.assertEqual(len(self.server.asked), before, value)
        self.assertEqual(self.upstream.requests, [])

    def test_an_active_token_is_asked_about_once(self):
        self.serve()
        for _ in range(8):
            self.assertEqual(self.get("ada").status, 200)
        # The cache belongs to an authorizer: `rest` has its own.
        self.assertEqual(self.get("ada", host="pets.test", path="/live/pets").status, 200)
        self.assertEqual(self.server.times("ada"), 2)
        self.assertEqual(self.cache_hits(), 7)

    def test_without_a_cache_a_revoked_token_is_refused_at_once(self):
        self.serve(cache=0)
        self.assertEqual([self.get("ada").status for _ in range(3)], [200] * 3)
        self.assertEqual(self.server.times("ada"), 3)
        del self.server.tokens["ada"]
        self.assertEqual(self.get("ada").status, 401)

    def test_the_results_own_cache_stands_before_the_plugins(self):
        self.serve(ttl=300)
        self.assertEqual([self.get("ada").status for _ in range(6)], [200] * 6)
        self.assertEqual((self.server.times("ada"), self.cache_hits()), (1, 0), "the plugin was called once")
        self.server.tokens["soon"] = {"sub": "eve", "exp": int(time.time()) + 2}
        self.assertEqual(self.get("soon").status, 200)
        until(lambda: self.get("soon").status == 401, 8, "the token to expire, whatever result_ttl_seconds says")

    def test_a_slow_server(self):
        self.serve(fetch=300)
        self.server.tokens["slow"] = "silence"
        begin = time.monotonic()
        got = self.get("slow")
        self.assert_answer(got, 500, {"message": "Internal Server Error"})
        self.assertLess(time.monotonic() - begin, 3)
        self.assertIn("introspection: ", self.reason(got))
        self.assertTrue(self.server.left.wait(5), "the connection of a fetch that took too long is closed")

    def test_slower_than_the_authorizers_deadline(self):
        self.serve(timeout="300ms", fetch=60_000)
        self.server.tokens["slow"] = "silence"
        begin = time.monotonic()
        got = self.get("slow", host="pets.test", path="/live/pets")
        self.assert_answer(got, 500, {"message": None})
        self.assertLess(time.monotonic() - begin, 3)
        self.assertIn("deadline", self.reason(got))
        self.assertTrue(self.server.left.wait(5), "the fetch is cancelled with its call")
        self.assertEqual(self.get("ada").status, 200)

    def test_answers_that_say_nothing(self):
        self.serve()
        self.server.tokens.update({
            "500": 500, "302": 302, "204": 204, "garbage": b"<html>busy</html>", "empty": b"", "list": b"[]",
            "text": b'{"active":"true","sub":"eve"}', "twice": b'{"active":false,"active":true,"sub":"eve"}',
            "nobody": b'{"active":true}', "large": b'{"active":true,"sub":"eve","x":"' + b"x" * 70_000 + b'"}',
            "cut": b'{"active":true,"sub":"eve"', "control": b'{"active":true,"sub":"eve\\r\\nX-Admin: 1"}'})
        for token in sorted(set(self.server.tokens) - {"ada", "old", "later"}):
            with self.subTest(token):
                got = self.get(token)
                self.assert_answer(got, 500, {"message": "Internal Server Error"})
                self.assertIn("introspection: ", self.reason(got))
        self.assertEqual(self.upstream.requests, [])

    def test_a_server_that_is_down_and_comes_back(self):
        self.serve(cache=0)
        self.assertEqual(self.get("ada").status, 200)
        self.server.close()
        for _ in range(4):
            got = self.get("ada")
            self.assert_answer(got, 500, {"message": "Internal Server Error"})
            self.assertIn("introspection: ", self.reason(got))
        self.assertEqual(self.get(path="/mock").status, 200)
        with IntrospectionServer(self.certificate, self.server.port) as again:
            again.tokens["ada"] = {"sub": "ada"}
            self.assertEqual(self.get("ada").status, 200)

    def test_a_server_that_nobody_vouches_for(self):
        self.serve(trusted=self.stranger)
        got = self.get("ada")
        self.assert_answer(got, 500, {"message": "Internal Server Error"})
        self.assertIn("certificate", self.reason(got))
        self.assertEqual((self.server.asked, self.upstream.requests), ([], []), "neither token nor credentials were sent")


if __name__ == "__main__":
    tell(__name__)
