#!/usr/bin/env python3
"""`type: token` of REST APIs: one header, an expression that it must match, the TOKEN event, answers that are kept (spec
lambda-authorizers, sections 2 to 5 and 14). One plugin counts its calls, another writes its events down."""
import json
import os
import tempfile
import time

from support.client import Connection, request
from support.gateway import BUILD, Gateway, command
from support.story import Story, tell

PLUGINS = f"{BUILD}/tests/plugins/counting, {BUILD}/tests/plugins/good"
CONFIGURATION = """
authorizers:
  kept: {type: token, plugin: test.counting, placement: in_process, identity_sources: method.request.header.Authorization,
         identity_validation_expression: "Bearer [a-z0-9-]+", settings: {file: @DIR@/calls}}
  unkept: {type: token, plugin: test.counting, placement: in_process, identity_sources: [method.request.header.X-Token],
           result_ttl_seconds: 0, settings: {file: @DIR@/calls}}
  costly: {type: token, plugin: test.counting, placement: in_process, identity_sources: [method.request.header.X-Token],
           identity_validation_expression: "((a+)+)+(b|c+)*d", settings: {file: @DIR@/calls}}
  events: {type: token, plugin: test.event, placement: in_process, identity_sources: [method.request.header.Authorization],
           identity_validation_expression: "(?i)bearer (.+)", result_ttl_seconds: 0, settings: {file: @DIR@/events}}
  kept-events: {type: token, plugin: test.event, placement: in_process, settings: {file: @DIR@/events},
                identity_sources: [method.request.header.Authorization]}
apis:
  a1b2c3d4e5:
    type: rest
    hosts: [pets.test]
    stages: {live: {}, test: {}}
    routes:
      GET /kept: {authorizer: kept, integration: {type: mock}}
      POST /kept/{id}: {authorizer: kept, integration: {type: mock}}
      GET /unkept: {authorizer: unkept, integration: {type: mock}}
      GET /costly: {authorizer: costly, integration: {type: mock}}
      ANY /events/{id}: {authorizer: events, integration: {type: mock}}
      GET /kept-events/{id}: {authorizer: kept-events, integration: {type: mock}}
    gateway_responses:
      UNAUTHORIZED: {headers: {x-refused: "'yes'"}}
"""
ARN = "arn:aws:execute-api:eu-north-1:111122223333:a1b2c3d4e5/"


class Tokens(Story):
    def setUp(self):
        self.gateway = self.enterContext(Gateway(
            CONFIGURATION, gateway='region: eu-north-1\naccount_id: "111122223333"', plugins=PLUGINS))

    def lines(self, name):
        file = self.gateway.directory / name
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def calls(self):
        return len(self.lines("calls"))

    def ask(self, path, *headers, method="GET"):
        return request(self.gateway.address, method, path, headers, host="pets.test")

    def unauthorized(self, response):
        self.assert_answer(response, 401, {"message": "Unauthorized"},
                           {"x-amzn-ErrorType": "UnauthorizedException", "x-refused": "yes"})

    def event(self, path, *headers, method="GET"):
        before = len(self.lines("events"))
        got = self.ask(path, *headers, method=method)
        self.assertEqual(got.status, 200, got)
        line, = self.lines("events")[before:]
        return json.loads(line)

    def test_LA_23_an_absent_or_empty_header(self):
        for path, name in (("kept", "Authorization"), ("unkept", "X-Token")):
            for headers in ([], [(name, "")], [(name, "  \t ")], [("X-Other", "Bearer abc")]):
                with self.subTest(path=path, headers=headers):
                    self.unauthorized(self.ask(f"/live/{path}", *headers))
        self.assertEqual(self.calls(), 0)

    def test_LA_23_the_header_by_any_letter_case(self):
        for name in ("x-token", "X-TOKEN", "X-Token"):
            self.assertEqual(self.ask("/live/unkept", (name, "ada")).status, 200)
        self.assertEqual(self.lines("calls"), ["ada"] * 3)

    def test_LA_21_a_header_that_stands_twice(self):
        self.unauthorized(self.ask("/live/unkept", ("X-Token", "ada"), ("x-token", "eve")))
        self.assertEqual(self.calls(), 0)

    def test_LA_30_LA_32_the_whole_value_must_match(self):
        for value in ("Bearer", "Bearer ", "abc", "Bearer ABC", "bearer abc", "Bearer abc ABC", "x Bearer abc", "Bearer  abc",
                      "Bearer abc\xe9", "Bearer abc,Bearer def"):
            with self.subTest(value):
                self.unauthorized(self.ask("/live/kept", ("Authorization", value)))
        self.assertEqual(self.calls(), 0)
        self.assertEqual(self.ask("/live/kept", ("Authorization", "Bearer abc-1")).status, 200)
        self.assertEqual(self.lines("calls"), ["Bearer abc-1"])

    def test_LA_33_the_expression_takes_linear_time(self):
        begin = time.monotonic()
        for _ in range(5):
            self.unauthorized(self.ask("/live/costly", ("X-Token", "a" * 6000)))
        self.assertLess(time.monotonic() - begin, 5)
        self.assertEqual(self.calls(), 0)

    def test_LA_31_the_event_has_the_whole_value_and_nothing_else(self):
        self.assertEqual(self.event("/live/events/%37%2b?a=b", ("authorization", "Bearer a b  c"), ("X-Other", "1")), {
            "type": "TOKEN", "methodArn": ARN + "live/GET/events/7%2B", "authorizationToken": "Bearer a b  c"})
        self.assertEqual(self.event("/test/events/8", ("Authorization", "\t BEARER \"\\\xc3\xa9 "), method="DELETE"), {
            "type": "TOKEN", "methodArn": ARN + "test/DELETE/events/8", "authorizationToken": "BEARER \"\\\xe9"})

    def test_LA_30_a_value_that_is_not_UTF_8_matches_nothing(self):
        self.unauthorized(self.ask("/live/events/7", ("Authorization", "Bearer \xe9")))
        self.assertEqual(self.lines("events"), [])

    def test_no_event_without_a_question(self):
        self.unauthorized(self.ask("/live/events/7", ("Authorization", "Basic YTpi")))
        self.assertEqual(self.lines("events"), [])

    def test_LA_A4_a_kept_answer_is_that_of_the_first_event(self):
        for path in ("/live/kept-events/1", "/live/kept-events/2"):
            self.assertEqual(self.ask(path, ("Authorization", "abc")).status, 200)
        self.assertEqual([json.loads(line)["methodArn"] for line in self.lines("events")], [ARN + "live/GET/kept-events/1"])
        self.assertEqual(self.event("/live/kept-events/2", ("Authorization", "abd"))["methodArn"], ARN + "live/GET/kept-events/2")

    def test_LA_A0_LA_A5_answers_are_kept_by_stage_and_token(self):
        for _ in range(3):
            for token, status in (("Bearer ada", 200), ("Bearer eve", 200)):
                self.assertEqual(self.ask("/live/kept", ("Authorization", token)).status, status)
                self.assertEqual(self.ask("/live/kept/7", ("Authorization", token), method="POST").status, status)
        self.assertEqual(sorted(self.lines("calls")), ["Bearer ada", "Bearer eve"])
        self.assertEqual(self.ask("/test/kept", ("Authorization", "Bearer ada")).status, 200)
        self.assertEqual(self.calls(), 3)

    def test_LA_A5_a_deny_is_kept_and_LA_A6_unauthorized_and_failures_are_not(self):
        self.gateway.write(CONFIGURATION.replace("  unkept: ", "  open: ").replace("authorizer: unkept", "authorizer: open")
                           .replace("result_ttl_seconds: 0, settings: {file: @DIR@/calls}", "settings: {file: @DIR@/calls}"))
        self.assertEqual(self.gateway.command("reload").returncode, 0)
        for token, status, calls in (("deny-1", 403, 1), ("unauthorized-1", 401, 3), ("fail-1", 500, 3), ("once-1", 200, 3)):
            with self.subTest(token):
                before = self.calls()
                self.assertEqual([self.ask("/live/unkept", ("X-Token", token)).status for _ in range(3)], [status] * 3)
                self.assertEqual(self.calls() - before, calls)

    def test_LA_71_unauthorized_of_the_plugin_looks_like_a_missing_token(self):
        self.unauthorized(self.ask("/live/unkept", ("X-Token", "unauthorized-1")))
        got = self.ask("/live/unkept", ("X-Token", "fail-1"))
        self.assert_answer(got, 500, {"message": None}, {"x-amzn-ErrorType": "AuthorizerConfigurationException"})

    def test_LA_AA_requests_that_miss_together_make_one_call(self):
        clients = [self.enterContext(Connection(self.gateway.address)) for _ in range(12)]
        self.gateway.write(CONFIGURATION.replace("Bearer [a-z0-9-]+", "slow-.*"))
        self.assertEqual(self.gateway.command("reload").returncode, 0)
        for client in clients:
            client.send("GET /live/kept HTTP/1.1\r\nHost: pets.test\r\nAuthorization: slow-x\r\n\r\n")
        self.assertEqual([client.response().status for client in clients], [200] * 12)
        self.assertEqual(self.lines("calls"), ["slow-x"])

    def test_explain_says_why(self):
        got = self.ask("/live/kept", ("Authorization", "Basic YTpi"))
        said = self.gateway.command("explain", "--request", got.header("x-amzn-RequestId")).stdout
        self.assertIn("identity", said)
        self.assertIn("kept", said)
        self.assertNotIn("YTpi", said + self.gateway.log(), "tokens are not told")


GOOD = """
listeners: {public: {address: "127.0.0.1:0"}}
plugins: {directories: [@PLUGINS@]}
authorizers:
  gate: {type: token, plugin: test.counting, placement: in_process, identity_sources: [method.request.header.X-Token],
         identity_validation_expression: "a+", settings: {file: /tmp/never}}
apis:
  pets:
    type: rest
    stages: {live: {}}
    routes: {GET /: {authorizer: gate, integration: {type: mock}}}
""".replace("@PLUGINS@", PLUGINS)
SOURCE = "[method.request.header.X-Token]"
FAULTS = [  # name, text, what is said
    ("LA-01 an HTTP API", GOOD.replace("type: rest", "type: http").replace("live", "$default"), "type: token"),
    ("LA-06 no source", GOOD.replace(f"identity_sources: {SOURCE},", ""), "identity_sources"),
    ("LA-06 two sources", GOOD.replace(SOURCE, "method.request.header.A, method.request.header.B").replace(
        "identity_sources: method", "identity_sources: \"method").replace("header.B,", "header.B\","), "one"),
    ("LA-06 not a header", GOOD.replace(SOURCE, "[method.request.querystring.t]"), "header"),
    ("LA-06 nor a variable", GOOD.replace(SOURCE, "[context.path]"), "header"),
    ("LA-06 without a name", GOOD.replace(SOURCE, "[method.request.header.]"), "method.request.header."),
    ("LA-06 as HTTP APIs write it", GOOD.replace(SOURCE, "[$request.header.X-Token]"), "$request.header.X-Token"),
    ("LA-07 an expression that is none", GOOD.replace('"a+"', '"a(+"'), "a(+"),
    ("LA-07 what RE2 does not know", GOOD.replace('"a+"', '"(?=a)b"'), "(?=a)b"),
    ("LA-07 an expression for another type", GOOD.replace("type: token", "type: request"), "identity_validation_expression"),
    ("LA-04 a time that AWS does not take", GOOD.replace("settings:", "result_ttl_seconds: 3601, settings:"), "3600"),
]


class Faults(Story):
    def validate(self, text):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "gatehouse.yaml")
            with open(file, "w", encoding="utf-8") as out:
                out.write(text)
            return command("validate", file)

    def test_what_is_refused_at_load(self):
        done = self.validate(GOOD)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for name, text, said in FAULTS:
            with self.subTest(name):
                done = self.validate(text)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stdout + done.stderr, r"gatehouse\.yaml:\d+:\d+: ")
                self.assertIn(said, done.stdout + done.stderr)


if __name__ == "__main__":
    tell(__name__)
