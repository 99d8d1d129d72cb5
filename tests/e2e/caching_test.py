#!/usr/bin/env python3
"""Answers of authorizers that are used again: which requests share them, for how long, who forgets them, and how often the
authorizer is really called. The plugin counts its calls in a file."""
import json
import os
import shutil
import tempfile
import threading

from support.client import Connection, request
from support.gateway import BUILD, Gateway
from support.story import Story, tell
from support.wait import until

CONFIGURATION = """
authorizers:
  gate: {type: request, plugin: test.counting, placement: in_process, identity_sources: [@SOURCES@],
         result_ttl_seconds: @TTL@, settings: {file: "@FILE@"}}
  badge: {type: token, plugin: test.counting, placement: in_process, identity_sources: method.request.header.Authorization,
          identity_validation_expression: "Bearer [a-z0-9-]+", settings: {file: "@FILE@"}}
  path: {type: request, plugin: test.counting, placement: in_process, settings: {file: "@FILE@"},
         identity_sources: "method.request.header.x-token, context.httpMethod, context.path, stageVariables.env"}
  unkept: {type: request, plugin: test.counting, placement: in_process, settings: {file: "@FILE@"}, result_ttl_seconds: 0,
           identity_sources: method.request.header.x-token}
  strict: {type: request, plugin: test.counting, placement: in_process, settings: {file: "@FILE@"}, result_ttl_seconds: 0,
           strict_identity_sources: true, identity_sources: method.request.header.x-token}
apis:
  shop:
    type: http
    stages: {$default: {}, test: {}}
    routes:
      GET /one: {authorizer: gate, integration: {type: mock, body: one}}
      GET /two: {authorizer: gate, integration: {type: mock, body: two}}
  pets:
    type: rest
    hosts: [pets.test]
    stages: {live: {variables: {env: blue}}}
    routes:
      GET /badge: {authorizer: badge, integration: {type: mock}}
      GET /path/{id}: {authorizer: path, integration: {type: mock}}
      GET /unkept: {authorizer: unkept, integration: {type: mock}}
      GET /strict: {authorizer: strict, integration: {type: mock}}
"""


class Caching(Story):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.plugins = os.path.join(self.folder, "plugins")
        os.mkdir(self.plugins, 0o755)
        copy = shutil.copy(BUILD / "tests/plugins/counting/counting.so", self.plugins)
        os.chmod(copy, 0o755)
        self.file = os.path.join(self.folder, "calls")
        self.gateway = self.enterContext(Gateway(self.text(), plugins=self.plugins))

    def text(self, sources="$request.header.x-token", ttl=300):
        return CONFIGURATION.replace("@SOURCES@", sources).replace("@TTL@", str(ttl)).replace("@FILE@", self.file)

    def calls(self, token):
        if not os.path.exists(self.file):
            return 0
        with open(self.file, encoding="utf-8") as file:
            return file.read().splitlines().count(token)

    def get(self, path, token=None, header="x-token", host="localhost"):
        headers = {} if token is None else {header: token}
        return request(self.gateway.address, "GET", path, headers, host=host).status

    def test_hits_across_workers_and_routes(self):
        for _ in range(20):  # new connections: both workers take some
            self.assertEqual(self.get("/one", "ada"), 200)
            self.assertEqual(self.get("/two", "ada"), 200)
            self.assertEqual(self.get("/one", "deny-ada"), 403)
        self.assertEqual(self.calls("ada"), 1)
        self.assertEqual(self.calls("deny-ada"), 1)
        self.assertEqual(self.get("/test/one", "ada"), 200)
        self.assertEqual(self.calls("ada"), 2, "a stage has its own")

    def test_a_hit_says_to_the_log_what_the_call_said(self):
        for _ in range(3):
            self.get("/one", "ida")
        lines = until(lambda: (lines := self.gateway.access_lines())
                      and len(lines) == 3 and lines, what="three lines in the access log")
        self.assertEqual([line["principalId"] for line in lines], ["ida"] * 3)
        self.assertEqual(self.calls("ida"), 1)

    def test_what_is_not_kept(self):
        for token, status in (("unauthorized-1", 401), ("fail-1", 500), ("once-1", 200)):
            for i in range(3):
                self.assertEqual(self.get("/one", token), status)
                self.assertEqual(self.calls(token), i + 1)
        self.assertEqual(self.get("/one"), 401)
        self.assertEqual(self.calls(""), 0)

    def test_an_answers_own_time_ends_it(self):
        self.assertEqual(self.get("/one", "brief-1"), 200)
        self.assertEqual(self.get("/one", "brief-1"), 200)
        self.assertEqual(self.calls("brief-1"), 1)
        until(lambda: self.get("/one", "brief-1") == 200 and self.calls("brief-1") == 2, 5, "a second to pass")

    def test_fifty_at_once_make_one_call(self):
        statuses, lock, start = [], threading.Lock(), threading.Barrier(50)

        def client():
            with Connection(self.gateway.address) as connection:
                start.wait()
                status = connection.request("GET", "/one", {"x-token": "slow-1"}).status
            with lock:
                statuses.append(status)
        threads = [threading.Thread(target=client) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200] * 50)
        self.assertEqual(self.calls("slow-1"), 1)

    def test_a_client_that_leaves_fails_nobody(self):
        leader = Connection(self.gateway.address)
        leader.send(b"GET /one HTTP/1.1\r\nHost: x\r\nx-token: slow-2\r\n\r\n")
        until(lambda: self.calls("slow-2") == 1, what="the first call")
        statuses = []
        waiters = [threading.Thread(target=lambda: statuses.append(self.get("/one", "slow-2"))) for _ in range(8)]
        for waiter in waiters:
            waiter.start()
        leader.close()
        for waiter in waiters:
            waiter.join()
        self.assertEqual(statuses, [200] * 8)
        self.assertLessEqual(self.calls("slow-2"), 2)

    def test_purge(self):
        for path in ("/one", "/test/one"):
            self.get(path, "eve")
            self.get(path, "eve")
        self.assertEqual(self.calls("eve"), 2)
        done = self.gateway.command("purge", "--authorizer", "gate", "--stage", "shop/test")
        self.assertEqual((done.returncode, done.stdout), (0, "purged 1 kept answers\n"), done.stderr)
        self.get("/one", "eve")
        self.assertEqual(self.calls("eve"), 2)
        self.get("/test/one", "eve")
        self.assertEqual(self.calls("eve"), 3)
        done = self.gateway.command("purge", "--json")
        self.assertEqual(json.loads(done.stdout), {"purged": 2})
        for _ in range(4):
            self.get("/one", "eve")
        self.assertEqual(self.calls("eve"), 4)
        for arguments, said in ((("--authorizer", "nobody"), "no authorizer `nobody`"),
                                (("--stage", "shop"), "API/STAGE"), (("--stage", "shop/none"), "no stage `shop/none`")):
            done = self.gateway.command("purge", *arguments)
            self.assertEqual(done.returncode, 1)
            self.assertIn(said, done.stderr)
        self.get("/one", "eve")
        self.assertEqual(self.calls("eve"), 4, "a purge that is refused purges nothing")

    def test_metrics(self):
        for _ in range(5):
            self.get("/one", "max")
        metrics = request(f"unix:{self.gateway.socket}", "GET", "/metrics").body.decode()
        self.assertIn('gatehouse_result_cache_hits_total{authorizer="gate"} 4', metrics)
        self.assertIn('gatehouse_result_cache_misses_total{authorizer="gate"} 1', metrics)
        self.assertIn('gatehouse_result_cache_entries{authorizer="gate"} 1', metrics)
        self.assertRegex(metrics, r'gatehouse_result_cache_bytes{authorizer="gate"} [1-9]')

    def test_reload_keeps_what_still_means_the_same(self):
        self.get("/one", "joe")
        self.gateway.write(self.text())
        self.assertEqual(self.gateway.command("reload").returncode, 0)
        self.get("/one", "joe")
        self.assertEqual(self.calls("joe"), 1)
        for i, change in enumerate(({"sources": "$request.header.x-token, $context.routeKey"}, {"ttl": 200}, {"ttl": 0})):
            self.gateway.write(self.text(**change))
            done = self.gateway.command("reload")
            self.assertEqual(done.returncode, 0, done.stderr)
            until(lambda i=i: self.get("/one", "joe") == 200 and self.calls("joe") >= i + 2, 5, "the new configuration")
        before = self.calls("joe")
        for _ in range(3):
            self.get("/one", "joe")
        self.assertEqual(self.calls("joe"), before + 3, "0 is never")

    def test_rest_tokens(self):
        for value, status, calls in (("Bearer abc", 200, 1), ("Bearer ABC", 401, 0), ("abc", 401, 0), ("", 401, 0),
                                     ("deny-bearer", 401, 0)):
            for _ in range(2):
                self.assertEqual(self.get("/live/badge", value, "Authorization", "pets.test"), status, value)
            self.assertEqual(self.calls(value), calls, value)
        self.assertEqual(self.get("/live/badge", None, host="pets.test"), 401)

    def test_context_sources_separate_entries(self):
        for path in ("/live/path/1", "/live/path/1", "/live/path/2"):
            self.assertEqual(self.get(path, "zoe", host="pets.test"), 200)
        self.assertEqual(self.calls("zoe"), 2)

    def test_absent_sources_of_rest(self):
        self.assertEqual(self.get("/live/path/1", host="pets.test"), 401)
        self.assertEqual(self.get("/live/strict", host="pets.test"), 401)
        self.assertEqual(self.calls(""), 0)
        self.get("/live/unkept", host="pets.test")  # LA-25: the authorizer is asked
        with open(self.file, encoding="utf-8") as file:
            self.assertEqual(file.read(), "\n")

    def test_a_hit_that_refuses_says_so(self):
        self.get("/one", "deny-x")
        refused = request(self.gateway.address, "GET", "/one", {"x-token": "deny-x"})
        self.assertEqual(refused.status, 403)
        request_id = refused.header("apigw-requestid")
        done = self.gateway.command("explain", "--request", request_id)
        self.assertIn("cached", done.stdout)


if __name__ == "__main__":
    tell(__name__)
