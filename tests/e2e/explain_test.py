#!/usr/bin/env python3
"""`gatehouse explain` tells for a request that is not sent what would become of it, and why."""
import json

from support.gateway import Gateway, command
from support.story import Story, tell

CONFIGURATION = """
upstreams:
  orders: {targets: ["127.0.0.1:1"]}
authorizers:
  gate: {type: request, plugin: com.example.shared-token, placement: in_process, identity_sources: [$request.header.x-token],
         result_ttl_seconds: 0, settings: {token: open-sesame}}
  office: {type: network, plugin: com.example.ip-allow-list, placement: in_process, settings: {allow: ["10.0.0.0/8"]}}
apis:
  shop:
    type: http
    stages: {$default: {}}
    network: [office]
    cors: {allow_origins: ["https://app.example.com"], allow_methods: [GET], allow_headers: [x-token]}
    routes:
      GET /gated: {authorizer: gate, integration: {type: http_proxy, upstream: orders, path: /gated}}
      "GET /orders/{id}": {authorizer: none, integration: {type: mock, status: 200}}
"""
CASES = [  # name, arguments, exit status (0 = allowed), words in the order of their lines
    ("let through", ["GET", "/gated", "--from", "10.1.2.3", "--header", "x-token: open-sesame"], 0,
     ["route", "GET /gated", "office", "gate", "allowed"]),
    ("no token", ["GET", "/gated", "--from", "10.1.2.3"], 1,
     ["route", "office", "gate", "unauthorized", "refused, 401", "to change it: send `$request.header.x-token`"]),
    ("wrong token", ["GET", "/gated", "--from", "10.1.2.3", "--header", "x-token: open-barley"], 1,
     ["route", "office", "gate", "den", "refused, 403"]),
    ("wrong network", ["GET", "/gated", "--from", "192.0.2.1", "--header", "x-token: open-sesame"], 1,
     ["route", "network", "office", "den", "refused, 403"]),
    ("public", ["GET", "/orders/7", "--from", "10.1.2.3"], 0, ["GET /orders/{id}", "none"]),
    ("no route", ["GET", "/nowhere", "--from", "10.1.2.3"], 1, ["route", "404"]),
]


class Explain(Story):
    def setUp(self):
        self.gateway = Gateway(CONFIGURATION)
        self.addCleanup(self.gateway.discard)

    def explain(self, *arguments, status=0):
        done = command("explain", self.gateway.file, *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def test_each_step_is_told_in_order(self):
        for name, arguments, status, words in CASES:
            with self.subTest(name):
                said = self.explain(*arguments, status=status)
                at = 0
                for word in words:
                    found = said.find(word, at)
                    self.assertGreaterEqual(found, 0, f"`{word}` after byte {at} of:\n{said}")
                    at = found

    def test_a_preflight_is_answered_by_the_gateway(self):
        preflight = ["OPTIONS", "/gated", "--from", "10.1.2.3", "--header", "Origin: https://app.example.com",
                     "--header", "Access-Control-Request-Method: GET"]
        said = self.explain(*preflight, status=0)
        self.assertIn("preflight", said)
        self.assertRegex(said.splitlines()[-1], r"answered by the gateway.*204")
        self.assertNotIn("refused", said)
        self.assertEqual(json.loads(self.explain(*preflight, "--json", status=0))["status"], 204)
        # Those whom the network authorizer keeps out do not get one.
        preflight[3] = "192.0.2.1"
        self.assertIn("refused, 403", self.explain(*preflight, status=1))

    def test_secrets_stay_out(self):
        said = self.explain("GET", "/gated", "--from", "10.1.2.3", "--header", "x-token: open-sesame")
        self.assertNotIn("open-sesame", said)

    def test_as_json(self):
        told = json.loads(self.explain("GET", "/gated", "--from", "10.1.2.3", "--json", status=1))
        self.assertEqual(told["status"], 401)
        self.assertIn("gate", [record["who"] for record in told["trace"]])
        self.assertEqual(told["to_change_it"],
                         {"flips": False, "text": "send `$request.header.x-token`, which the request lacks"})
        told = json.loads(self.explain("GET", "/gated", "--from", "192.0.2.1", "--json", status=1))
        self.assertIsNone(told["to_change_it"])

    def test_a_faulty_configuration(self):
        self.gateway.file.write_text("apis: 7\n")
        self.assertEqual(command("explain", self.gateway.file, "GET", "/").returncode, 1)

    def test_a_request_that_is_none(self):
        for status, arguments in (
                (1, ["GET", "no-slash"]), (1, ["GET", "/", "--from", "nowhere"]), (1, ["GET", "/", "--header", "x: a\nb"]),
                (1, ["BREW", "/"]), (2, ["GET"]), (2, ["GET", "/", "--header", "no colon"]), (2, ["GET", "/", "--colour"])):
            with self.subTest(arguments):
                done = command("explain", self.gateway.file, *arguments)
                self.assertEqual((done.returncode, done.stdout), (status, ""))
                self.assertNotEqual(done.stderr, "")


class ExplainAs(Story):
    """Callers of `type: iam`: their keys are the gateway's to sign with."""

    IDENTITIES = """
accounts:
  "111122223333":
    users:
      ann:
        inline_policies:
          orders:
            Version: "2012-10-17"
            Statement: {Effect: Allow, Action: "execute-api:Invoke", Resource: "arn:aws:execute-api:*:*:shop/prod/GET/orders/*"}
        access_keys: [{access_key_id: AKIAANNANNANNANNANNA, secret_access_key: anns-secret}]
"""
    CONFIGURATION = """
identity: {file: identities.yaml}
authorizers:
  signed: {type: iam}
apis:
  shop:
    type: rest
    stages: {prod: {}}
    routes:
      "ANY /{proxy+}": {authorizer: signed, integration: {type: mock, status: 200}}
"""

    def setUp(self):
        self.gateway = Gateway(self.CONFIGURATION, gateway='account_id: "111122223333"')
        self.addCleanup(self.gateway.discard)
        identities = self.gateway.directory / "identities.yaml"
        identities.write_text(self.IDENTITIES)
        identities.chmod(0o600)

    def explain(self, *arguments, status):
        done = command("explain", self.gateway.file, *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertNotIn("anns-secret", done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_what_the_owner_of_a_key_may(self):
        said = self.explain("GET", "/prod/orders/7?a=b", "--as", "AKIAANNANNANNANNANNA", status=0)
        self.assertIn("arn:aws:iam::111122223333:user/ann", said)
        said = self.explain("POST", "/prod/orders/7", "--as", "AKIAANNANNANNANNANNA", status=1)
        self.assertIn("not_allowed", said)
        self.assertIn("to change it: statement 0 would allow it if the resource matched", said)
        self.assertIn("MISSING_AUTHENTICATION_TOKEN", self.explain("GET", "/prod/orders/7", status=1))

    def test_what_cannot_be(self):
        self.assertIn("there is no access key `AKIANOBODY`",
                      self.explain("GET", "/prod/x", "--as", "AKIANOBODY", status=1))
        self.assertIn("leave its `Authorization` header out",
                      self.explain("GET", "/prod/x", "--as", "AKIAANNANNANNANNANNA", "--header", "Authorization: x",
                                   status=1))


if __name__ == "__main__":
    tell(__name__)
