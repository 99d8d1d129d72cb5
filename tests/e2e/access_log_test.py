#!/usr/bin/env python3
"""The access log: one line of JSON a request, with the spec's variables and never a secret (spec api-types, section 11)."""
import json

from support.client import Connection, request
from support.gateway import Gateway
from support.story import Story, tell
from support.upstream import Upstream
from support.wait import until

CONFIGURATION = """
upstreams:
  orders: {targets: ["@UPSTREAM@"]}
authorizers:
  gate: {type: request, plugin: com.example.shared-token, placement: in_process, identity_sources: [$request.header.x-token],
         result_ttl_seconds: 0, settings: {token: open-sesame-very-secret}}
apis:
  shop:
    type: http
    hosts: [shop.test]
    stages: {$default: {}}
    routes:
      "GET /orders/{id}": {authorizer: none, integration: {type: http_proxy, upstream: orders, path: "/orders/{id}"}}
      GET /gated: {authorizer: gate, integration: {type: mock, status: 200, body: here}}
"""
FORMAT = {
    "id": "$context.requestId", "status": "$context.status", "method": "$context.httpMethod", "path": "$context.path",
    "route": "$context.routeKey", "ip": "$context.identity.sourceIp", "agent": "$context.identity.userAgent",
    "length": "$context.responseLength", "time": "$context.requestTimeEpoch", "api": "$context.apiId",
    "stage": "$context.stage", "protocol": "$context.protocol", "upstream": "$context.integration.status",
    "domain": "$context.domainName", "error": "$context.error.message", "kind": "$context.error.responseType",
    "absent": "$context.customDomain.basePathMatched", "mixed": "$context.httpMethod $context.path",
}


class AccessLog(Story):
    def serve(self, formatted):
        upstream = self.enterContext(Upstream())
        text = CONFIGURATION.replace("@UPSTREAM@", upstream.address)
        gateway = Gateway(text)
        if formatted:
            gateway.file.write_text(gateway.file.read_text().replace(
                "access.log}", "access.log, format: " + json.dumps(FORMAT) + "}"))
        return self.enterContext(gateway)

    def lines(self, gateway, count):
        return until(lambda: len(gateway.access_lines()) >= count and gateway.access_lines(), what=f"{count} access log lines")

    def test_variables(self):
        gateway = self.serve(formatted=True)
        got = request(gateway.address, "GET", "/orders/7?q=secret-query", {"User-Agent": "te\"st\\agent"}, host="shop.test")
        self.assertEqual(got.status, 200)
        line = self.lines(gateway, 1)[0]
        self.assertEqual(line["id"], got.header("apigw-requestid"))
        self.assertEqual((line["method"], line["path"], line["route"]), ("GET", "/orders/7", "GET /orders/{id}"))
        self.assertEqual((line["ip"], line["agent"]), ("127.0.0.1", "te\"st\\agent"))
        self.assertEqual((str(line["status"]), str(line["length"])), ("200", str(len(got.body))))
        self.assertEqual((line["api"], line["stage"], line["protocol"]), ("shop", "$default", "HTTP/1.1"))
        self.assertEqual((str(line["upstream"]), line["domain"]), ("200", "shop.test"))
        self.assertEqual((line["absent"], line["error"]), ("-", "-"))
        self.assertEqual(line["mixed"], "GET /orders/7")
        self.assertGreater(int(line["time"]), 1_600_000_000_000)

    def test_refusals(self):
        gateway = self.serve(formatted=True)
        request(gateway.address, "GET", "/gated", host="shop.test")
        request(gateway.address, "GET", "/gated", {"x-token": "wrong"}, host="shop.test")
        lines = {str(line["status"]): line["error"] for line in self.lines(gateway, 2)}  # two workers: in either order
        self.assertEqual(lines, {"401": "Unauthorized", "403": "Forbidden"})

    def test_default_members(self):
        gateway = self.serve(formatted=False)
        got = request(gateway.address, "GET", "/orders/7", host="shop.test")
        line = self.lines(gateway, 1)[0]
        self.assertIn(got.header("apigw-requestid"), line.values())
        self.assertIn("200", [str(value) for value in line.values()])

    def test_no_secret_is_written(self):
        for formatted in (True, False):
            gateway = self.serve(formatted)
            secrets = ["open-sesame-very-secret", "barley-wrong-secret", "query-secret", "bearer-secret", "cookie-secret"]
            for token in secrets[:2]:
                request(gateway.address, "GET", "/gated?key=query-secret", {
                    "x-token": token, "Authorization": "Bearer bearer-secret", "Cookie": "session=cookie-secret"}, host="shop.test")
            self.lines(gateway, 2)
            written = gateway.access_log.read_text() + gateway.log()
            for secret in secrets:
                self.assertNotIn(secret, written)

    def test_lines_stay_lines_whatever_a_client_sends(self):
        gateway = self.serve(formatted=True)
        agents = ["a\tb", "\u00e9".encode().decode("latin-1"), "{\"status\":200}", "x" * 4000, "\x80\xff"]
        for agent in agents:
            request(gateway.address, "GET", "/orders/7", {"User-Agent": agent}, host="shop.test")
        self.assertEqual(len(self.lines(gateway, len(agents))), len(agents))

    def test_each_request_of_a_connection_has_its_line(self):
        gateway = self.serve(formatted=True)
        with Connection(gateway.address) as connection:
            ids = [connection.request("GET", f"/orders/{i}", host="shop.test").header("apigw-requestid") for i in range(200)]
        self.assertEqual([line["id"] for line in self.lines(gateway, 200)], ids)

    def test_a_moved_file_is_opened_anew_on_reload(self):
        gateway = self.serve(formatted=True)
        request(gateway.address, "GET", "/orders/1", host="shop.test")
        self.lines(gateway, 1)
        gateway.access_log.rename(gateway.directory / "access.log.1")
        self.assertEqual(gateway.command("reload").returncode, 0)
        request(gateway.address, "GET", "/orders/2", host="shop.test")
        self.assertEqual(self.lines(gateway, 1)[0]["path"], "/orders/2")


if __name__ == "__main__":
    tell(__name__)
