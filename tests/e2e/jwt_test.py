#!/usr/bin/env python3
"""`type: jwt` of HTTP APIs before an upstream: tokens of an OpenID provider on loopback, whose keys the gateway fetches
(spec jwt-authorizers)."""
import json
import pathlib
import tempfile
import time
import unittest

from support.client import Connection, request
from support.gateway import Gateway, command
from support.introspection_server import make_certificate
from support.jose import RsaKey, b64, in_seconds, tampered
from support.provider import DISCOVERY, Provider
from support.story import Story, tell
from support.upstream import Upstream, unused_address
from support.wait import until

CONFIGURATION = """
upstreams:
  pets: {targets: ["@UPSTREAM@"]}
authorizers:
  oidc: {type: jwt, identity_sources: [$request.header.Authorization], settings: @SETTINGS@}
  query: {type: jwt, identity_sources: [$request.querystring.token], settings: @SETTINGS@}
apis:
  shop:
    type: http
    hosts: [shop.test]
    stages: {$default: {}}
    cors: {allow_origins: ["https://app.example.com"], allow_methods: [GET], allow_headers: [authorization]}
    routes:
      GET /open: {authorizer: none, integration: {type: mock, body: open}}
      GET /query: {authorizer: query, integration: {type: http_proxy, upstream: pets}}
      GET /scoped: {authorizer: oidc, scopes: ["pets:read", "pets:write"], integration: {type: mock, body: scoped}}
      GET /pets:
        authorizer: oidc
        integration:
          type: http_proxy
          upstream: pets
          request_parameters:
            overwrite:header.X-Sub: $context.authorizer.claims.sub
            overwrite:header.X-Exp: $context.authorizer.claims.exp
            overwrite:header.X-Verified: $context.authorizer.claims.email_verified
            overwrite:header.X-Groups: $context.authorizer.claims.groups
            overwrite:header.X-Ratio: $context.authorizer.claims.ratio
            overwrite:header.X-Address: $context.authorizer.claims.address
            overwrite:header.X-Nothing: $context.authorizer.claims.nothing
            overwrite:header.X-All: $context.authorizer.claims
"""
LOGGED = {"status": "$context.status", "error": "$context.authorizer.error", "sub": "$context.authorizer.claims.sub",
          "path": "$context.path", "token": "$method.request.querystring.token", "x": "$method.request.querystring.x"}
UNAUTHORIZED = {"message": "Unauthorized"}


def invalid(text):
    return f'Bearer scope="" error="invalid_token" error_description="{text}"'


class JwtStory(Story):
    @classmethod
    def setUpClass(cls):
        cls.key, cls.next_key = RsaKey.generate("first"), RsaKey.generate("second")
        if cls.key is None:
            raise unittest.SkipTest("there is no openssl to make keys with")

    def settings(self, **more):
        return {"issuer": self.issuer, "audience": ["pets"], "allow_insecure_issuer": True, "allow_private_issuer": True,
                **more}

    def text(self, **settings):
        return CONFIGURATION.replace("@UPSTREAM@", self.upstream.address).replace(
            "@SETTINGS@", json.dumps(self.settings(**settings)))

    def provide(self, **how):
        self.provider = self.enterContext(Provider([self.key], **how))
        self.issuer = self.provider.issuer

    def serve(self, **settings):
        self.upstream = self.enterContext(Upstream())
        gateway = Gateway(self.text(**settings))
        gateway.file.write_text(gateway.file.read_text().replace(
            "access.log}", "access.log, format: " + json.dumps(LOGGED) + "}"))
        self.gateway = self.enterContext(gateway)

    def claims(self, **more):
        """`name=None` leaves a claim out."""
        all_claims = {"iss": self.issuer, "aud": "pets", "sub": "ann", "exp": in_seconds(600), "iat": in_seconds(-1), **more}
        return {name: value for name, value in all_claims.items() if value is not None}

    def token(self, key=None, header=None, **claims):
        return (key or self.key).token(self.claims(**claims), **(header or {}))

    def get(self, token=None, path="/pets", **headers):
        return request(self.gateway.address, "GET", path,
                       {**({} if token is None else {"Authorization": f"Bearer {token}"}), **headers}, host="shop.test")

    def assert_refused(self, got, challenge, status=401, message="Unauthorized"):
        self.assert_answer(got, status, {"message": message}, {"www-authenticate": challenge})
        self.assertTrue(got.header("apigw-requestid"))

    def opens(self, token, path="/pets"):
        return self.get(token, path).status == 200


class Jwt(JwtStory):
    def test_section_3_each_refusal_with_status_body_and_challenge(self):
        self.provide()
        self.serve()
        good = self.token()
        payload, none = self.claims(), b64(b'{"alg":"none","kid":"first"}')
        rows = (  # id, the header's value, challenge
            ("JW-30", None, "Bearer"),
            ("JW-31", "Bearer x", invalid("token contains an invalid number of segments")),
            ("JW-31", "Basic YTpi", invalid("token contains an invalid number of segments")),
            ("JW-31", f"Bearer {good}.x.y", invalid("token contains an invalid number of segments")),
            ("JW-10", f"Token {good}", invalid("the token is malformed")),
            ("JW-65", f"Bearer {good}=", invalid("the token is malformed")),
            ("JW-32", self.token(aud="other", client_id="pets"), invalid("the token does not have a valid audience")),
            ("JW-33", self.token(iss=self.issuer + "/"), invalid("issuer does not match")),
            ("JW-36", self.token(exp=in_seconds(-1)), invalid("the token has expired")),
            ("JW-36", self.token(exp=None), invalid("the token has expired")),
            ("JW-37", self.token(nbf=in_seconds(60)), invalid("the token is not valid yet")),
            ("JW-37", self.token(iat=in_seconds(60)), invalid("the token is not valid yet")),
            ("JW-38, kid", self.token(header={"kid": "unknown"}), invalid("signature verification failed")),
            ("JW-38, signature", tampered(good, sub="root"), invalid("signature verification failed")),
            ("JW-38, key", self.next_key.token(payload, kid="first"), invalid("signature verification failed")),
            ("JW-60", f"{none}.{good.split('.')[1]}.eA", invalid("signature verification failed")),
        )
        for name, value, challenge in rows:
            with self.subTest(name, value=value):
                if value is not None and " " not in value:
                    value = f"Bearer {value}"
                got = request(self.gateway.address, "GET", "/pets", {} if value is None else {"Authorization": value},
                              host="shop.test")
                self.assert_refused(got, challenge)
        twice = request(self.gateway.address, "GET", "/pets",
                        [("Authorization", f"Bearer {good}"), ("Authorization", f"Bearer {good}")], host="shop.test")
        self.assertEqual(twice.status, 400, "not even HTTP")
        self.assertEqual(self.upstream.requests, [])
        self.assertTrue(self.opens(good))
        lines = until(lambda: len(self.gateway.access_lines()) > len(rows) and self.gateway.access_lines(),
                      what="the access log")
        errors = [line["error"] for line in lines]  # JW-3C
        self.assertEqual(errors.count("missing: token not provided"), 1)
        self.assertEqual(errors.count("invalid_token: token contains an invalid number of segments"), 3)
        for secret in (good, good.split(".")[2]):  # JW-6I
            self.assertNotIn(secret, self.gateway.log() + self.gateway.access_log.read_text())

    def test_JW_39_scopes(self):
        self.provide()
        self.serve()
        for claims, opens in (({"scope": "pets:read"}, True), ({"scope": "x pets:write"}, True),
                              ({"scp": ["pets:read"]}, True), ({"scp": "pets:write y"}, True),
                              ({"scope": "pets:reader"}, False), ({"scope": "Pets:Read"}, False),
                              ({"scp": ["x"], "scope": "pets:read"}, False), ({}, False)):
            token = self.token(**claims)
            for _ in range(2):
                with self.subTest(claims):
                    got = self.get(token, "/scoped")
                    if opens:
                        self.assertEqual((got.status, got.body), (200, b"scoped"))
                    else:
                        self.assert_refused(
                            got, 'Bearer scope="pets:read pets:write" error="insufficient_scope" '
                                 'error_description="the token does not have the required scope"', 403, "Forbidden")
            self.assertTrue(self.opens(token), "a route without scopes asks for none (JW-2D)")

    def test_JW_40_to_48_what_the_upstream_receives(self):
        self.provide()
        self.serve()
        exp = in_seconds(600)
        token = self.token(exp=exp, email_verified=True, groups=["admins", "ops"], ratio=1.5, address={"city": "Oslo"},
                           nothing=None)
        head, payload, _ = token.split(".")
        got = self.get(token, **{"X-Sub": "root", "X-Nothing": "root", "X_Sub": "root"})
        self.assertEqual(got.status, 200, got)
        sent, = self.upstream.requests
        told = {name: sent.all(name) for name in ("X-Sub", "X-Exp", "X-Verified", "X-Groups", "X-Ratio", "X-Address",
                                                  "X-Nothing", "X-All")}
        self.assertEqual(told, {"X-Sub": ["ann"], "X-Exp": [str(exp)], "X-Verified": ["true"],
                                "X-Groups": ["[admins ops]"], "X-Ratio": ["1.5"], "X-Address": ['{"city":"Oslo"}'],
                                "X-Nothing": [], "X-All": []})
        self.assertEqual(sent.header("Authorization"), f"Bearer {token}")  # JW-6J
        line = until(self.gateway.access_lines, what="the access log")[0]
        self.assertEqual((line["sub"], line["status"]), ("ann", "200"))

    def test_JW_03_the_token_in_the_query_stays_out_of_the_logs(self):
        self.provide()
        self.serve()
        good, bad = self.token(), self.token(aud="other")
        self.assertEqual(self.get(path=f"/query?token={good}&x=1").status, 200)
        self.assert_refused(self.get(path=f"/query?token={bad}"), invalid("the token does not have a valid audience"))
        self.assert_refused(self.get(path="/query"), "Bearer")
        self.assert_refused(self.get(good, path="/query"), "Bearer")
        lines = until(lambda: len(self.gateway.access_lines()) == 4 and self.gateway.access_lines(), what="the access log")
        self.assertCountEqual([(line["token"], line["x"]) for line in lines],
                         [("[redacted]", "1"), ("[redacted]", "-"), ("-", "-"), ("-", "-")])
        for token in (good, bad):
            for part in token.split("."):
                self.assertNotIn(part, self.gateway.access_log.read_text() + self.gateway.log())

    def test_JW_70_JW_71_routing_and_CORS_come_first(self):
        self.provide()
        self.serve()
        self.assertEqual(self.get(path="/nowhere").status, 404)
        self.assertEqual(self.get(path="/open").status, 200)
        preflight = request(self.gateway.address, "OPTIONS", "/pets",
                            {"Origin": "https://app.example.com", "Access-Control-Request-Method": "GET"}, host="shop.test")
        self.assertEqual(preflight.status, 204)
        got = self.get(Origin="https://app.example.com")
        self.assert_refused(got, "Bearer")
        self.assertEqual(got.header("Access-Control-Allow-Origin"), "https://app.example.com")  # JW-3E

    def test_a_file_of_keys_asks_nobody_and_is_read_at_each_reload(self):
        self.provide()
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        file = folder / "keys.json"
        file.write_bytes(self.provider.jwks())
        self.serve(jwks_file=str(file))
        old, new = self.token(), self.token(self.next_key)
        self.assertTrue(self.opens(old))
        self.assert_refused(self.get(new), invalid("signature verification failed"))
        file.write_text(json.dumps({"keys": [self.next_key.jwk()]}))
        self.assertEqual(self.gateway.command("reload").returncode, 0)
        self.assertTrue(self.opens(new))
        self.assert_refused(self.get(old), invalid("signature verification failed"))
        file.write_text("{}")
        done = self.gateway.command("reload")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("`/jwks_file`", done.stdout + done.stderr)
        self.assertTrue(self.opens(new), "a reload that was refused changes nothing")
        self.assertEqual(self.provider.asked, [])

    def test_a_reload_with_another_audience(self):
        self.provide()
        self.serve()
        pets, cats = self.token(), self.token(aud="cats")
        self.assertTrue(self.opens(pets))
        self.assertFalse(self.opens(cats))
        self.gateway.file.write_text(self.gateway.file.read_text().replace('"audience": ["pets"]', '"audience": ["cats"]'))
        self.assertEqual(self.gateway.command("reload").returncode, 0)
        self.assertTrue(self.opens(cats))
        self.assert_refused(self.get(pets), invalid("the token does not have a valid audience"))

    def test_what_is_refused_at_load(self):
        self.provide()
        self.upstream = self.enterContext(Upstream())
        for settings, words in (({"allow_insecure_issuer": False}, "`allow_insecure_issuer: true`"),
                                ({"audience": None}, "audience"), ({"issuer": "id.example"}, "must begin with https://"),
                                ({"jwks_file": "/nonexistent"}, "/nonexistent")):
            with self.subTest(settings):
                text = self.text(**settings).replace('"audience": null, ', "")
                gateway = Gateway(text)
                try:
                    done = command("validate", gateway.file)
                    self.assertNotEqual(done.returncode, 0)
                    self.assertIn(words, done.stdout + done.stderr)
                finally:
                    gateway.discard()


class Providers(JwtStory):
    def test_over_https_with_a_certificate_of_its_own(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        certificate, stranger = make_certificate(folder), make_certificate(folder, "stranger")
        self.provide(certificate=certificate, base="/realms/pets")
        self.serve(allow_insecure_issuer=False, ca_file=str(certificate[0]))
        self.assertTrue(self.opens(self.token()))
        self.assertEqual(set(self.provider.asked), {"/realms/pets" + DISCOVERY, "/realms/pets/keys"})
        self.serve(allow_insecure_issuer=False, ca_file=str(stranger[0]))
        self.assert_refused(self.get(self.token()), invalid("OIDC discovery endpoint communication error"))

    def test_JW_5A_a_private_address_is_refused_unless_it_is_allowed(self):
        self.provide()
        self.serve(allow_private_issuer=False)
        self.assert_refused(self.get(self.token()), invalid("OIDC discovery endpoint communication error"))
        self.assertEqual(self.provider.asked, [])

    def test_JW_34_JW_35_a_provider_that_is_down_at_the_start_and_comes_back(self):
        address = unused_address()
        self.issuer = f"http://{address}"
        self.serve()
        token = self.token()
        self.assert_refused(self.get(token), invalid("OIDC discovery endpoint communication error"))
        self.assertEqual(self.get(path="/open").status, 200)
        with Provider([self.key], port=int(address.split(":")[1])) as provider:
            provider.documents["/keys"] = (503, b"")
            until(lambda: self.get(token).header("www-authenticate") == invalid("JWKS communication error"), what="JW-35")
            provider.documents["/keys"] = (200, b"<html>")
            self.assertFalse(self.opens(token))
            provider.documents.clear()
            until(lambda: self.opens(token), 60, what="the provider's return")
        self.assertTrue(self.opens(token), "the keys serve on without it (JW-56)")
        self.assertTrue(self.opens(self.token(sub="bob")))

    def test_JW_50_JW_51_what_the_document_says(self):
        self.provide()
        self.provider.documents[DISCOVERY] = (200, json.dumps(
            {"issuer": self.issuer + "/", "jwks_uri": self.provider.jwks_uri}).encode())
        self.provider.documents["/.well-known/jwks.json"] = (200, self.provider.jwks())
        self.serve()
        self.assert_refused(self.get(self.token()), invalid("issuer does not match"))
        self.assertEqual(set(self.provider.asked), {DISCOVERY}, "no address was guessed")

    def test_JW_5A_a_redirect_is_not_followed(self):
        self.provide()
        self.provider.documents[DISCOVERY] = (302, b"", ("Location", self.provider.origin + "/moved"))
        self.provider.documents["/moved"] = (200, json.dumps(
            {"issuer": self.issuer, "jwks_uri": self.provider.jwks_uri}).encode())
        self.serve()
        self.assert_refused(self.get(self.token()), invalid("OIDC discovery endpoint communication error"))
        self.assertEqual(set(self.provider.asked), {DISCOVERY})

    def test_JW_54_JW_58_a_flood_of_unknown_keys_and_a_rotation(self):
        self.provide()
        self.serve()
        begin = time.monotonic()
        old, new = self.token(), self.token(self.next_key)
        self.assertTrue(self.opens(old))
        text = ".".join(old.split(".")[1:])
        with Connection(self.gateway.address) as connection:
            for i in range(500):
                head = b64(json.dumps({"alg": "RS256", "kid": f"k{i}"}).encode())
                got = connection.request("GET", "/pets", {"Authorization": f"Bearer {head}.{text}"}, host="shop.test")
                self.assertEqual(got.header("www-authenticate"), invalid("signature verification failed"))
        allowed = 1 + int((time.monotonic() - begin) / 10)
        self.assertLessEqual(self.provider.times("/keys"), 2 * allowed, "two authorizers, one fetch in ten seconds")

        # The provider publishes its next key, and signs with it; no valid request fails on the way.
        self.provider.keys = [self.key, self.next_key]
        asked = self.provider.times("/keys")
        while time.monotonic() < begin + 10.5:
            self.assertTrue(self.opens(old))
            time.sleep(0.05)
        self.assertTrue(self.opens(new), "an unknown key is asked for when ten seconds have passed")
        self.assertTrue(self.opens(old))
        self.assertEqual(self.provider.times("/keys"), asked + 1)


if __name__ == "__main__":
    tell(__name__)
