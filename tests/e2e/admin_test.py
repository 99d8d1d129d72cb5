#!/usr/bin/env python3
"""The admin socket: mode 0600, and what stands behind it: ready, status, metrics, reload, explain by request id."""
import json
import re
import stat

from support.client import Connection, request
from support.gateway import Gateway
from support.story import Story, tell

CONFIGURATION = """
authorizers:
  gate: {type: request, plugin: com.example.shared-token, placement: in_process, identity_sources: [$request.header.x-token],
         result_ttl_seconds: 0, settings: {token: open-sesame}}
apis:
  shop:
    type: http
    stages: {$default: {}}
    routes:
      GET /public: {authorizer: none, integration: {type: mock, status: 200, body: here}}
      GET /gated: {authorizer: gate, integration: {type: mock, status: 200, body: here}}
"""


class Admin(Story):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(CONFIGURATION))

    def ask(self, method, target):
        return request(str(self.gateway.socket), method, target)

    def test_only_the_owner_may_knock(self):
        mode = self.gateway.socket.stat().st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o600)

    def test_ready(self):
        self.assertEqual(self.ask("GET", "/ready").status, 200)

    def test_unknown_paths_and_methods(self):
        self.assertEqual(self.ask("GET", "/nowhere").status, 404)
        self.assertIn(self.ask("GET", "/reload").status, (404, 405))
        self.assertIn(self.ask("POST", "/ready").status, (404, 405))

    def test_the_admin_is_not_on_the_public_listener(self):
        for target in ("/ready", "/metrics", "/status", "/reload"):
            self.assertEqual(request(self.gateway.address, "GET", target).status, 404)

    def test_status(self):
        done = self.gateway.command("status")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(self.gateway.address, done.stdout)
        told = json.loads(self.gateway.command("status", "--json").stdout)
        self.assertIn(self.gateway.address, json.dumps(told))
        self.assertEqual(told["authorizers"], ["gate"])

    def metrics(self):
        got = self.ask("GET", "/metrics")
        self.assertEqual(got.status, 200)
        self.assertTrue(got.header("Content-Type").startswith("text/plain"))
        values = {}
        for line in got.body.decode().splitlines():
            if line.startswith("#"):
                continue
            self.assertRegex(line, r'^gatehouse_[a-z0-9_]+(\{([a-z_]+="[^"]*",?)*\})? [-+0-9.eE]+$')
            name, _, value = line.rpartition(" ")
            self.assertNotIn(name, values, "a series is told twice")
            values[name] = float(value)
        return values

    def test_metrics_count_requests(self):
        def requests():
            return sum(value for name, value in self.metrics().items() if re.match(r"gatehouse_\w*requests\w*_total", name))
        before = requests()
        with Connection(self.gateway.address) as connection:
            for _ in range(25):
                connection.request("GET", "/public")
        self.assertGreaterEqual(requests(), before + 25)

    def test_metrics_have_no_label_from_request_data(self):
        request(self.gateway.address, "GET", "/gated/evil-label-value", {"x-token": "evil-label-value"})
        self.assertNotIn(b"evil-label", self.ask("GET", "/metrics").body)

    def test_explain_by_request_id(self):
        refused = request(self.gateway.address, "GET", "/gated", {"x-token": "open-barley"})
        self.assertEqual(refused.status, 403)
        done = self.gateway.command("explain", "--request", refused.header("apigw-requestid"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("{", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^GET /gated from 127\.0\.0\.1, API \w+, route GET /gated$")
        self.assertRegex(done.stdout, r"(?m)^identity +gate +deny ")
        self.assertEqual(done.stdout.splitlines()[-1], "refused, 403")
        as_json = self.gateway.command("explain", "--json", "--request", refused.header("apigw-requestid"))
        told = json.loads(as_json.stdout)
        self.assertEqual((as_json.returncode, told["status"], told["request_id"]), (0, 403, refused.header("apigw-requestid")))
        self.assertNotIn("open-barley", done.stdout + as_json.stdout)
        unknown = self.gateway.command("explain", "--request", "no-such-request")
        self.assertEqual(unknown.returncode, 1)

    def test_reload(self):
        self.assertEqual(self.gateway.command("reload").returncode, 0)

    def test_nobody_is_there(self):
        with Gateway(CONFIGURATION) as other:
            other.stop()
            done = other.command("status")
            self.assertEqual(done.returncode, 1)
            self.assertIn(str(other.socket), done.stderr)
            self.assertFalse(other.socket.exists(), "the socket outlived the server")

    def test_a_stale_socket_is_replaced_and_a_live_one_is_not(self):
        with Gateway(CONFIGURATION) as other:
            other.process.kill()
            other.process.wait()
            self.assertTrue(other.socket.exists())
            other.start()
            self.assertEqual(request(str(other.socket), "GET", "/ready").status, 200)
            second = Gateway(CONFIGURATION)
            self.addCleanup(second.discard)
            second.file.write_text(second.text_of_config().replace(str(second.socket), str(other.socket)))
            with self.assertRaisesRegex(AssertionError, "did not get ready"):
                second.start()
            self.assertEqual(request(str(other.socket), "GET", "/ready").status, 200)


if __name__ == "__main__":
    tell(__name__)
