#!/usr/bin/env python3
"""Signed requests before the real gateway: what is let in, what each way to tamper with one comes to, and what clients of REST and
of HTTP APIs are told (spec sigv4)."""
import json
import shutil
import socket
import subprocess
import time
import unittest

from support.client import Connection, chunked, request
from support.gateway import Gateway, command
from support.signed import ACCOUNT, KEY_ID, SECRET, Signature, write_identities
from support.story import Story, tell
from support.upstream import Upstream

CONFIGURATION = """
upstreams:
  echo: {targets: ["@UPSTREAM@"]}
identity: {file: @DIR@/identities.yaml}
authorizers:
  signed: {type: iam, settings: @SETTINGS@}
apis:
  rest:
    type: rest
    hosts: [rest.test]
    stages: {prod: {}}
    routes:
      GET /mocked/{id}: {authorizer: signed, integration: {type: mock, status: 204}}
      ANY /{proxy+}: {authorizer: signed, integration: {type: http_proxy, upstream: echo, path: "/{proxy}"}}
  http:
    type: http
    hosts: [http.test]
    stages: {$default: {}}
    routes:
      ANY /{proxy+}: {authorizer: signed, integration: {type: http_proxy, upstream: echo, path: "/{proxy}"}}
"""


class SignedRequests(Story):
    @classmethod
    def setUpClass(cls):
        cls.upstream = cls.enterClassContext(Upstream())
        text = CONFIGURATION.replace("@UPSTREAM@", cls.upstream.address).replace("@SETTINGS@", "{}")
        gateway = Gateway(text, gateway=f'account_id: "{ACCOUNT}"')
        write_identities(gateway.directory, token="token/+==", more_keys=[
            {"access_key_id": "AKIDINACTIVE", "secret_access_key": SECRET, "status": "Inactive"}])
        cls.gateway = cls.enterClassContext(gateway)

    def send(self, target, headers, method="GET", body=None, host="rest.test"):
        return request(self.gateway.address, method, target, headers, body, host=host)

    def ask(self, signature, presigned=False):
        target, headers = signature.in_query() if presigned else signature.in_headers()
        return self.send(target, headers, signature.method, signature.body or None, signature.host)

    def refused(self, response, message, error_type, response_of="rest"):
        self.assertEqual((response.status, response.header("x-amzn-ErrorType")), (403, error_type), response.body)
        self.assertEqual(response.json()["message"], message)

    def test_signed_requests_are_let_in_in_both_forms(self):
        for host, prefix in (("rest.test", "/prod"), ("http.test", "")):
            for presigned in (False, True):
                for method, body in (("GET", b""), ("POST", b'{"id":1}'), ("PUT", b"x" * 200_000), ("DELETE", b"")):
                    for token in (None, "token/+=="):
                        with self.subTest(host=host, presigned=presigned, method=method, token=token):
                            got = self.ask(Signature(method, prefix + "/caf%C3%A9/a%20b", host, [("b", "2"), ("a", "1 ~*")],
                                                     {"x-custom": "  a   b "}, body, token=token), presigned)
                            self.assertEqual(got.status, 200, got.body)

    def test_what_was_signed_is_forwarded_whole(self):
        body = bytes(range(256)) * 64
        self.assertEqual(self.ask(Signature("POST", "/prod/deep/a~b", "rest.test", [("q", "a b")], {}, body)).status, 200)
        seen = self.upstream.requests[-1]
        self.assertEqual((seen.method, seen.body), ("POST", body))
        self.assertTrue(seen.target.startswith("/deep/a~b?q="), seen.target)
        self.assertIsNone(seen.header("authorization"), "REST APIs take it out, as AWS does")

    def test_unsigned_requests(self):
        got = self.send("/prod/pets", {})
        self.refused(got, "Missing Authentication Token", "MissingAuthenticationTokenException")
        got = self.send("/pets", {}, host="http.test")
        self.assert_answer(got, 403, {"message": "Forbidden"})

    def test_http_apis_say_nothing_more(self):
        signature = Signature("GET", "/pets", "http.test", secret="wrong")
        self.assert_answer(self.ask(signature), 403, {"message": "Forbidden"})

    def test_keys_and_tokens(self):
        no, wrong = "The security token included in the request is invalid.", "The security token included in the request is invalid"
        unknown = "UnrecognizedClientException"
        for more, message in (({"key_id": "AKIDNOBODY"}, no), ({"key_id": "AKIDINACTIVE"}, no), ({"token": "other"}, wrong),
                              ({"key_id": "ASIANOBODY", "token": "token/+=="}, wrong)):
            for presigned in (False, True):
                got = self.ask(Signature("GET", "/prod/pets", "rest.test", **more), presigned)
                if more.get("key_id") == "ASIANOBODY":
                    self.assertEqual(got.status, 403, more)
                else:
                    self.refused(got, message, unknown)

    def test_wrong_secret(self):
        got = self.ask(Signature("GET", "/prod/pets", "rest.test", secret="wrong"))
        self.assertEqual(got.status, 403)
        self.assertEqual(got.header("x-amzn-ErrorType"), "InvalidSignatureException")
        self.assertTrue(got.json()["message"].startswith("The request signature we calculated does not match"), got.body)
        self.assertNotIn("Canonical String", got.json()["message"], "unless the operator allows it")

    def test_scope(self):
        invalid = "InvalidSignatureException"
        self.refused(self.ask(Signature("GET", "/prod/pets", "rest.test", region="eu-west-1")),
                     "Credential should be scoped to a valid region, not 'eu-west-1'.", invalid)
        self.refused(self.ask(Signature("GET", "/prod/pets", "rest.test", service="s3"), True),
                     "Credential should be scoped to correct service: 'execute-api'.", invalid)

    def test_stale_and_future_requests(self):
        for presigned in (False, True):
            for seconds, words in ((-320, "Signature expired: "), (320, "Signature not yet current: ")):
                got = self.ask(Signature("GET", "/prod/pets", "rest.test", time=time.time() + seconds), presigned)
                self.assertEqual((got.status, got.header("x-amzn-ErrorType")), (403, "InvalidSignatureException"))
                self.assertTrue(got.json()["message"].startswith(words), got.body)
            self.assertEqual(self.ask(Signature("GET", "/prod/pets", "rest.test", time=time.time() - 270), presigned).status, 200)

    def test_presigned_requests_end(self):
        target, headers = Signature("GET", "/prod/pets", "rest.test", time=time.time() - 30).in_query(expires=10)
        self.assertTrue(self.send(target, headers).json()["message"].endswith(" - 10 sec.)"))
        target, headers = Signature("GET", "/prod/pets", "rest.test", time=time.time() - 310).in_query(expires=604800)
        self.assertEqual(self.send(target, headers).status, 403, "`presign_cap_seconds`")

    def test_each_signed_part_counts(self):
        base = {"x-custom": "one", "content-type": "application/json"}
        signature = Signature("POST", "/prod/pets", "rest.test", [("a", "1"), ("b", "2")], base, b'{"id":1}')
        target, headers = signature.in_headers()
        good = lambda **more: {**headers, **more}
        cases = {
            "method": ("PUT", target, headers, signature.body),
            "path": ("POST", target.replace("/pets", "/dogs"), headers, signature.body),
            "path, a segment more": ("POST", target.replace("/pets", "/pets/"), headers, signature.body),
            "a value": ("POST", target.replace("a=1", "a=2"), headers, signature.body),
            "a parameter more": ("POST", target + "&c=3", headers, signature.body),
            "a parameter less": ("POST", target.replace("&b=2", ""), headers, signature.body),
            "a signed header": ("POST", target, good(**{"x-custom": "two"}), signature.body),
            "a signed header is gone": ("POST", target, {k: v for k, v in headers.items() if k != "x-custom"}, signature.body),
            "the body": ("POST", target, headers, b'{"id":2}'),
            "no body": ("POST", target, headers, b""),
            "the signature": ("POST", target, good(authorization=headers["authorization"][:-1] + (
                "0" if headers["authorization"][-1] != "0" else "1")), signature.body),
            "an unsigned x_amz_ header": ("POST", target, good(**{"x_amz_foo": "1"}), signature.body),
            "an unsigned x-amz- header": ("POST", target, good(**{"x-amz-foo": "1"}), signature.body),
        }
        self.assertEqual(self.send(target, headers, "POST", signature.body).status, 200)
        for what, (method, to, lines, body) in cases.items():
            with self.subTest(what):
                before = len(self.upstream.requests)
                got = self.send(to, lines, method, body)
                self.assertEqual((got.status, got.header("x-amzn-ErrorType")), (403, "InvalidSignatureException"), got.body)
                self.assertEqual(len(self.upstream.requests), before, "nothing reaches the upstream")
        self.assertEqual(self.send("/prod/pets?b=2&a=1", headers, "POST", signature.body).status, 200, "order does not count")
        self.assertEqual(self.send(target, good(accept="*/*"), "POST", signature.body).status, 200, "nor do unsigned headers")
        # Signers of SDKs leave doubled slashes out. Then the path without them is what is routed and forwarded.
        self.assertEqual(self.send(target.replace("/pets", "//pets"), headers, "POST", signature.body).status, 200)
        self.assertEqual(self.upstream.requests[-1].target, "/pets?a=1&b=2")

    def test_a_signed_path_that_is_another_route_is_refused(self):
        target, headers = Signature("GET", "/prod/mocked/7", "rest.test").in_headers()
        self.assertEqual(self.send(target, headers).status, 204)
        before = len(self.upstream.requests)
        # With its slashes as they stand it would be the upstream's; routing takes it for neither.
        self.assertEqual(self.send("/prod/mocked//7", headers).status, 403)
        target, headers = Signature("GET", "/prod/mocked//7", "rest.test").in_headers()
        self.assertEqual(self.send(target, headers).status, 403)
        self.assertEqual(len(self.upstream.requests), before)

    def test_no_end_of_a_signed_value_becomes_a_parameter(self):
        # The signature takes `;` for %3B, a REST API for `&`.
        target, headers = Signature("GET", "/prod/pets", "rest.test", [("a", "1;admin=1")]).in_headers()
        self.assertEqual(self.send(target, headers).status, 200)
        before = len(self.upstream.requests)
        self.assertEqual(self.send(target.replace("%3B", ";").replace("%3D", "="), headers).status, 403)
        self.assertEqual(len(self.upstream.requests), before)

    def test_doubled_headers_and_parameters(self):
        target, headers = Signature("GET", "/prod/pets", "rest.test").in_headers()
        twice = list(headers.items())
        got = self.send(target, [*twice, ("authorization", headers["authorization"])])
        self.assertEqual(got.status, 400, "two lines of Authorization")
        got = self.send(target, [*twice, ("x-amz-date", headers["x-amz-date"])])
        self.assertEqual((got.status, got.header("x-amzn-ErrorType")), (403, "IncompleteSignatureException"), got.body)
        got = self.send(target + "?X-Amz-Algorithm=AWS4-HMAC-SHA256", headers)
        self.refused(got, "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
                     "InvalidSignatureException")
        target, headers = Signature("GET", "/prod/pets", "rest.test").in_query()
        for more in ("&X-Amz-Signature=zz", "&X-Amz-Date=20200101T000000Z", "&X-Amz-Credential=a"):
            got = self.send(target + more, headers)
            self.assertEqual((got.status, got.header("x-amzn-ErrorType")), (403, "InvalidSignatureException"), more)

    def test_a_body_behind_a_hidden_length(self):
        # A GET whose signature is of no body, and a body that Connection hides the length of.
        target, headers = Signature("GET", "/prod/pets", "rest.test").in_headers()
        for lines, body in (({"connection": "content-length", "content-length": "5"}, b"hello"),
                            ({"connection": "transfer-encoding", "transfer-encoding": "chunked"}, chunked(b"hello"))):
            before = len(self.upstream.requests)
            got = self.send(target, {**headers, **lines}, "GET", body)
            self.assertIn(got.status, (400, 403), got)
            self.assertEqual(len(self.upstream.requests), before)

    def test_chunked_bodies_are_hashed(self):
        signature = Signature("POST", "/prod/pets", "rest.test", body=b"hello world")
        target, headers = signature.in_headers()
        headers["transfer-encoding"] = "chunked"
        self.assertEqual(self.send(target, headers, "POST", chunked(b"hello", b" world")).status, 200)
        self.assertEqual(self.upstream.requests[-1].body, b"hello world")
        self.assertEqual(self.send(target, headers, "POST", chunked(b"hello", b"world")).status, 403)

    def test_an_unsigned_client_is_not_asked_for_its_body(self):
        # Refused before the body is read: no 100 Continue comes.
        with Connection(self.gateway.address) as connection:
            connection.send(b"POST /prod/pets HTTP/1.1\r\nHost: rest.test\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n")
            self.assertEqual(connection.response().status, 403)

    def test_absolute_form_is_for_its_own_host(self):
        target, headers = Signature("GET", "/prod/pets", "other.test").in_headers()
        got = self.send("http://rest.test" + target, headers, host="other.test")
        self.assertIn(got.status, (400, 403), "signed for another host than the one that is routed")

    def test_connections_management_path(self):
        for path in ("/prod/@connections/AbC1dEf=", "/prod/%40connections/AbC1dEf%3D"):
            got = self.ask(Signature("POST", path, "rest.test", body=b"hello"))
            self.assertEqual(got.status, 200, got.body)
            self.assertEqual(self.upstream.requests[-1].body, b"hello")

    def test_other_schemes(self):
        for value in ("Bearer abc", "Basic YTpi"):
            got = self.send("/prod/pets", {"authorization": value})
            self.assertEqual((got.status, got.header("x-amzn-ErrorType")), (403, "IncompleteSignatureException"), got.body)

    def test_metrics_and_explain(self):
        self.ask(Signature("GET", "/prod/pets", "rest.test"))
        refused = self.ask(Signature("GET", "/prod/pets", "rest.test", key_id="AKIDNOBODY"))
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self.gateway.socket))
            admin.sendall(b"GET /metrics HTTP/1.1\r\nHost: gatehouse\r\nConnection: close\r\n\r\n")
            text = b"".join(iter(lambda: admin.recv(65536), b"")).decode()
        for outcome in ("verified", "unknown_key"):
            line = next(one for one in text.splitlines() if "requests_total" in one and f'outcome="{outcome}"' in one)
            self.assertGreater(int(line.split()[-1]), 0)
        said = self.gateway.command("explain", "--request", refused.header("x-amzn-RequestId"))
        self.assertIn("unknown_key: access key `AKIDNOBODY` is unknown", said.stdout)
        for secret in (SECRET, "token/+=="):
            self.assertNotIn(secret, self.gateway.log())
            self.assertNotIn(secret, self.gateway.access_log.read_text())


class FullErrors(Story):
    def test_the_canonical_request_is_shown_and_can_be_compared(self):
        with Upstream() as upstream:
            text = CONFIGURATION.replace("@UPSTREAM@", upstream.address).replace("@SETTINGS@", '{"error_detail": "full"}')
            gateway = Gateway(text, gateway=f'account_id: "{ACCOUNT}"')
            write_identities(gateway.directory)
            with gateway:
                target, headers = Signature("GET", "/prod/pets", "rest.test", [("a", "1")]).in_headers()
                got = request(gateway.address, "GET", target + "&b=2", headers, host="rest.test")
                self.assertEqual(got.status, 403)
                self.assertIn("'GET\n/prod/pets\na=1&b=2\nhost:rest.test\n", got.json()["message"])
                done = command("sign", "GET", "http://rest.test/prod/pets?a=1", "--compare", "-", stdin=got.body.decode())
                self.assertEqual(done.returncode, 1)
                self.assertIn("> query", done.stdout)
                done = command("sign", "GET", "http://rest.test/prod/pets?a=1&b=2", "--compare", "-", "--json",
                               stdin=got.body.decode())
                self.assertEqual((done.returncode, json.loads(done.stdout)["same"]), (0, True), done.stdout)


class CallerFacts(Story):
    """`$context.identity.*` of who signed, as integrations are told; another's claim of it never comes through."""

    REST = ("accessKey", "accountId", "caller", "user", "userArn")

    def test_the_upstream_is_told_who_signed(self):
        with Upstream() as upstream:
            def api(name, stage, more):
                return f"""
  {name}:
    type: {name}
    hosts: [{name}.test]
    stages: {{{stage}: {{}}}}
    routes:
      ANY /{{proxy+}}: {{authorizer: signed, integration: {{type: http_proxy, upstream: echo, path: /, {more}}}}}
"""
            rest = ", ".join(f"integration.request.header.X-{name}: context.identity.{name}" for name in self.REST)
            http = ('"overwrite:header.X-userArn": $context.identity.userArn, '
                    '"overwrite:header.X-pool": $context.identity.cognitoIdentityPoolId')
            text = f"""
upstreams:
  echo: {{targets: ["{upstream.address}"]}}
identity: {{file: @DIR@/identities.yaml}}
authorizers:
  signed: {{type: iam}}
apis:""" + api("rest", "prod", f"request_parameters: {{{rest}}}") + api(
                "http", "$default", f"strip_signing_headers: true, request_parameters: {{{http}}}")
            gateway = Gateway(text, gateway=f'account_id: "{ACCOUNT}"')
            write_identities(gateway.directory)
            with gateway:
                target, headers = Signature("GET", "/prod/a", "rest.test").in_headers()
                got = request(gateway.address, "GET", target, {**headers, "X-userArn": "arn:of:somebody"}, host="rest.test")
                self.assertEqual(got.status, 200, got.body)
                told = {name: upstream.requests[-1].all("X-" + name) for name in self.REST}
                self.assertEqual(told["userArn"], [f"arn:aws:iam::{ACCOUNT}:user/tester"])
                self.assertEqual((told["accessKey"], told["accountId"]), ([KEY_ID], [ACCOUNT]))
                self.assertRegex(told["caller"][0], "^AIDA[A-Z0-9]+$")
                self.assertEqual(told["caller"], told["user"])
                target, headers = Signature("GET", "/a", "http.test").in_headers()
                got = request(gateway.address, "GET", target, {**headers, "X-pool": "a-pool"}, host="http.test")
                self.assertEqual(got.status, 200, got.body)
                seen = upstream.requests[-1]
                self.assertEqual(seen.all("X-userArn"), [f"arn:aws:iam::{ACCOUNT}:user/tester"])
                for name in ("X-pool", "authorization", "x-amz-date"):
                    self.assertEqual(seen.all(name), [], name)


class CurlLines(Story):
    def test_what_sign_prints_is_let_in(self):
        if not shutil.which("curl"):
            raise unittest.SkipTest("needs curl")
        with Upstream() as upstream:
            text = CONFIGURATION.replace("@UPSTREAM@", upstream.address).replace("@SETTINGS@", "{}").replace(
                "hosts: [http.test]", "hosts: [\"127.0.0.1\"]")
            gateway = Gateway(text, gateway=f'account_id: "{ACCOUNT}"')
            write_identities(gateway.directory, token="token/+==")
            environment = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
            body = gateway.directory / "body"
            body.write_bytes(bytes(range(256)))
            with gateway:
                url = f"http://{gateway.address}"
                for arguments, env in (
                        (["GET", url + "/pets?b=2&a=1"], {}),
                        (["GET", url + "/caf%C3%A9/a[1]?q=%27{}&r='x"], {"AWS_SESSION_TOKEN": "token/+=="}),
                        (["GET", url + "/pets", "--presign", "60"], {"AWS_SESSION_TOKEN": "token/+=="}),
                        (["POST", url + "/pets", "--body", "it's", "--header", "content-type: text/plain"], {}),
                        (["PUT", url + "/pets", "--body", f"@{body}", "--header", "x-empty:"], {}),
                        (["DELETE", url + "/pets/1"], {})):
                    with self.subTest(arguments):
                        line = command("sign", *arguments, env={**environment, **env})
                        self.assertEqual(line.returncode, 0, line.stderr)
                        done = subprocess.run(["sh", "-c", line.stdout.strip() + " -s -o /dev/null -w '%{http_code}'"],
                                              capture_output=True, text=True, check=False, timeout=60)
                        self.assertEqual(done.stdout, "200", f"{line.stdout}\n{done.stderr}")


if __name__ == "__main__":
    tell(__name__)
