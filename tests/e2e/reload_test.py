#!/usr/bin/env python3
"""Reload while clients are busy: compiled whole and swapped, or refused whole; either way nobody loses a request."""
import json
import os
import threading

from support.client import Connection, request
from support.gateway import Gateway
from support.load import Load
from support.story import Story, tell
from support.upstream import Upstream
from support.wait import until

# ASan sets freed memory aside, up to 256 MB: less of it here, so that the bound on memory means the same under it.
LEAN = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8"}

CONFIGURATION = """
upstreams:
  orders: {targets: ["@UPSTREAM@"]}
authorizers:
  gate: {type: request, plugin: com.example.shared-token, placement: in_process, identity_sources: [$request.header.x-token],
         result_ttl_seconds: 0, settings: {token: "@TOKEN@"}}
apis:
  shop:
    type: http
    stages: {$default: {}}
    routes:
      GET /which: {authorizer: none, integration: {type: mock, status: 200, body: "@WHICH@"}}
      GET /gated: {authorizer: gate, integration: {type: mock, status: 200, body: "@WHICH@"}}
      POST /orders: {authorizer: none, integration: {type: http_proxy, upstream: orders, path: /orders}}
      GET /orders: {authorizer: none, integration: {type: http_proxy, upstream: orders, path: /orders}}
"""


def configuration(upstream, which, token="open-sesame"):
    return CONFIGURATION.replace("@UPSTREAM@", upstream).replace("@WHICH@", which).replace("@TOKEN@", token)


class Reload(Story):
    def setUp(self):
        self.refusals = False
        self.upstream = self.enterContext(Upstream())
        self.gateway = self.enterContext(Gateway(configuration(self.upstream.address, "first"), env=LEAN))

    def tearDown(self):
        refused = [line for line in self.gateway.log().splitlines() if "reload refused" in line]
        self.assertEqual(bool(refused), self.refusals, refused)
        others = [line for line in self.gateway.log().splitlines() if line not in refused]
        self.assertNotIn(" error ", "\n".join(others))

    def which(self):
        return request(self.gateway.address, "GET", "/which").body.decode()

    def reload(self, *arguments):
        self.gateway.write(configuration(self.upstream.address, *arguments))
        return self.gateway.command("reload")

    def test_under_load_nothing_is_lost(self):
        kept = Load(self.gateway.address, "/which", clients=4)
        fresh = Load(self.gateway.address, "/which", clients=2, fresh=True)
        gated = Load(self.gateway.address, "/gated", clients=2, headers={"x-token": "open-sesame"})
        proxied = Load(self.gateway.address, "/orders", clients=4)
        loads = (kept, fresh, gated, proxied)
        with kept, fresh, gated, proxied:
            for i in range(20):
                done = self.reload(f"number-{i}")
                self.assertEqual(done.returncode, 0, done.stderr)
                # The command returns when every worker serves the new one, or soon after: bounded either way.
                until(lambda i=i: self.which() == f"number-{i}", 5, f"configuration {i} to serve")
        for load in loads:
            self.assertEqual(load.failures, [])
            self.assertEqual(load.refused, [])
            self.assertGreater(len(load.answered), 20)

    def test_by_signal(self):
        self.gateway.write(configuration(self.upstream.address, "second"))
        self.gateway.hang_up()
        until(lambda: self.which() == "second", what="the new configuration")

    def test_a_faulty_one_is_refused_whole(self):
        self.refusals = True
        for name, broken in (
                ("unknown key", configuration(self.upstream.address, "second") + "colour: blue\n"),
                ("not YAML", "apis: [\n"),
                ("plugin refuses its settings", configuration(self.upstream.address, "second", "")),
                ("plugin is not there", configuration(self.upstream.address, "second").replace("shared-token", "none"))):
            with self.subTest(name):
                self.gateway.write(broken)
                done = self.gateway.command("reload")
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn("gatehouse.yaml:", done.stdout + done.stderr)
                self.gateway.hang_up()  # the other door refuses as well; nobody tells, so look a while
                for _ in range(10):
                    self.assertEqual(self.which(), "first")
                self.assertTrue(self.gateway.alive())

    def test_new_settings_reach_the_plugin(self):
        self.assertEqual(request(self.gateway.address, "GET", "/gated", {"x-token": "open-sesame"}).status, 200)
        self.assertEqual(self.reload("second", "open-barley").returncode, 0)
        until(lambda: request(self.gateway.address, "GET", "/gated", {"x-token": "open-barley"}).status == 200,
              what="the new token")
        self.assertEqual(request(self.gateway.address, "GET", "/gated", {"x-token": "open-sesame"}).status, 403)

    def test_the_servers_log_follows(self):
        def reload(settings):
            begin = len(self.gateway.log())
            text = configuration(self.upstream.address, "first")
            self.gateway.file.write_text(self.gateway.text(text).replace("gateway:\n", f"gateway:\n{settings}", 1))
            self.assertEqual(self.gateway.command("reload").returncode, 0)
            return self.gateway.log()[begin:]
        self.assertIn(" info reloaded ", reload(""))
        self.assertEqual(json.loads(reload("  log_format: json\n").splitlines()[-1])["message"], "reloaded")
        self.assertEqual(reload("  log_level: warning\n"), "")

    def test_a_request_under_way_ends_as_it_began(self):
        release = threading.Event()

        def held(peer, request):
            release.wait(30)
            peer.respond(200, b"old request")
        self.upstream.behave = held
        with Connection(self.gateway.address) as uploading, Connection(self.gateway.address) as waiting:
            uploading.send("POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345")
            waiting.send("GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n")
            until(lambda: len(self.upstream.requests) == 1, what="the waiting request upstream")
            self.assertEqual(self.reload("second").returncode, 0)
            until(lambda: self.which() == "second", what="the new configuration")
            uploading.send("67890")
            until(lambda: len(self.upstream.requests) == 2, what="the uploaded request upstream")
            release.set()
            self.assertEqual(waiting.response().body, b"old request")
            self.assertEqual(uploading.response().body, b"old request")
            # The same connection is served by the new configuration next.
            self.assertEqual(waiting.request("GET", "/which").body, b"second")
        self.assertEqual(self.upstream.requests[1].body, b"1234567890")

    def test_many_reloads_leave_nothing_behind(self):
        for i in range(5):
            self.assertEqual(self.reload(f"warm-{i}").returncode, 0)
        descriptors, memory = self.gateway.descriptors(), self.gateway.rss_bytes()
        for i in range(50):
            self.assertEqual(self.reload(f"number-{i}").returncode, 0)
            until(lambda i=i: self.which() == f"number-{i}", what="the new configuration")
        until(lambda: self.gateway.descriptors() <= descriptors + 4, what="descriptors to be given back")
        self.assertLess(self.gateway.rss_bytes(), memory + 48 * 1024 * 1024)


if __name__ == "__main__":
    tell(__name__)
