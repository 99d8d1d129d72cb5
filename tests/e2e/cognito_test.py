#!/usr/bin/env python3
"""`type: cognito` of REST APIs before an upstream: a user pool on loopback (spec cognito-authorizers)."""
import datetime
import json
import unittest

from support.client import request
from support.gateway import Gateway, command
from support.jose import RsaKey, in_seconds, tampered
from support.provider import Provider
from support.story import Story, tell
from support.upstream import Upstream
from support.wait import until

ARN = "arn:aws:cognito-idp:eu-north-1:111122223333:userpool/eu-north-1_Pool1"
OTHER_ARN = "arn:aws:cognito-idp:eu-north-1:111122223333:userpool/eu-north-1_Pool2"
CONFIGURATION = """
upstreams:
  pets: {targets: ["@UPSTREAM@"]}
authorizers:
  pool: {type: cognito, identity_sources: [method.request.header.Authorization], settings: @SETTINGS@@MORE@}
  staged:
    type: cognito
    identity_sources: [method.request.header.Authorization]
    settings: @STAGED@
@AUTHORIZERS@
apis:
  shop:
    type: rest
    id: abcde12345
    hosts: [shop.test]
    stages: {prod: {variables: {pool: eu-north-1_Pool1}}, test: {}}
@API@
    routes:
      GET /open: {authorizer: none, integration: {type: mock, body: open}}
      GET /staged: {authorizer: staged, integration: {type: mock, body: staged}}
      GET /scoped: {authorizer: pool, scopes: [api/read, api/write], integration: {type: mock, body: scoped}}
      GET /pets:
        authorizer: pool
        integration:
          type: http_proxy
          upstream: pets
          path: /pets
          request_parameters:
            integration.request.header.X-Sub: context.authorizer.claims.sub
            integration.request.header.X-Exp: context.authorizer.claims.exp
            integration.request.header.X-Iat: context.authorizer.claims.iat
            integration.request.header.X-Auth-Time: context.authorizer.claims.auth_time
            integration.request.header.X-Verified: context.authorizer.claims.email_verified
            integration.request.header.X-Groups: "context.authorizer.claims['cognito:groups']"
            integration.request.header.X-Address: context.authorizer.claims.address
"""
UNAUTHORIZED = {"x-amzn-ErrorType": "UnauthorizedException", "www-authenticate": None}


def java_date(seconds):
    """As Java's Date prints it, always in UTC (CG-40)."""
    when = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    day, month = "Mon Tue Wed Thu Fri Sat Sun".split(), "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    return f"{day[when.weekday()]} {month[when.month - 1]} {when:%d %H:%M:%S} UTC {when.year}"


class Cognito(Story):
    @classmethod
    def setUpClass(cls):
        cls.key, cls.stranger = RsaKey.generate("pool-key"), RsaKey.generate("pool-key")
        if cls.key is None:
            raise unittest.SkipTest("there is no openssl to make keys with")

    def setUp(self):
        self.pool = self.enterContext(Provider([self.key], base="/eu-north-1_Pool1"))
        self.issuer = self.pool.issuer
        self.upstream = self.enterContext(Upstream())

    def text(self, more="", authorizers="", api="", **settings):
        endpoints = [{"user_pool_arn": ARN, "issuer": self.issuer, "jwks_uri": self.pool.jwks_uri, "allow_insecure": True}]
        told = {"user_pool_arns": [ARN], "cognito_endpoints": endpoints, **settings}
        staged = {"user_pool_arns": [ARN.rsplit("/", 1)[0] + "/${stageVariables.pool}"], "cognito_endpoints": endpoints}
        text = CONFIGURATION
        for name, value in (("UPSTREAM", self.upstream.address), ("SETTINGS", json.dumps(told)), ("MORE", more),
                            ("STAGED", json.dumps(staged)), ("AUTHORIZERS", authorizers), ("API", api)):
            text = text.replace(f"@{name}@", value)
        return text

    def serve(self, more="", gateway="", **settings):
        gateway = 'region: eu-north-1\naccount_id: "111122223333"\n' + gateway
        self.gateway = self.enterContext(Gateway(self.text(more, **settings), gateway=gateway))

    def id_token(self, key=None, **claims):
        return (key or self.key).token(self.claims(aud="client1", token_use="id", **claims))

    def access_token(self, **claims):
        return self.key.token(self.claims(client_id="client1", token_use="access", **claims))

    def claims(self, **claims):
        return {"iss": self.issuer, "sub": "ann", "exp": in_seconds(600), "iat": in_seconds(-1), **claims}

    def get(self, token=None, path="/prod/pets", scheme="Bearer "):
        return request(self.gateway.address, "GET", path, {} if token is None else {"Authorization": scheme + token},
                       host="shop.test")

    def assert_unauthorized(self, got, text="Unauthorized"):
        self.assert_answer(got, 401, {"message": text}, UNAUTHORIZED)

    def assert_misconfigured(self, got):
        self.assert_answer(got, 500, {"message": None}, {"x-amzn-ErrorType": "AuthorizerConfigurationException"})

    def test_section_2_which_token(self):
        self.serve()
        identity, access = self.id_token(), self.access_token(scope="api/write other")
        rows = (  # id, token, path, opens
            ("CG-10", identity, "/pets", True), ("CG-11", access, "/pets", False), ("CG-12", access, "/scoped", True),
            ("CG-13", self.access_token(scope="api/writer"), "/scoped", False),
            ("CG-13", self.access_token(scope="API/write"), "/scoped", False),
            ("CG-13", self.access_token(), "/scoped", False), ("CG-14", identity, "/scoped", False),
            ("CG-15", self.key.token(self.claims(aud="client1", client_id="client1")), "/pets", False),
            ("CG-15", self.key.token(self.claims(aud="client1", token_use="refresh")), "/pets", False))
        for _ in range(2):  # the second time as it is remembered
            for name, token, path, opens in rows:
                with self.subTest(name, token=token):
                    got = self.get(token, "/prod" + path)
                    if opens:
                        self.assertEqual(got.status, 200, got)
                    else:
                        self.assert_unauthorized(got)

    def test_section_3_and_4_each_check(self):
        self.serve()
        good = self.id_token()
        for scheme in ("", "Bearer "):  # CG-21
            self.assertEqual(self.get(good, scheme=scheme).status, 200)
        before = len(self.upstream.requests)
        rows = (
            ("CG-20, absent", None, "", "Unauthorized"), ("CG-20, empty", "", "", "Unauthorized"),
            ("CG-20, nothing behind", "", "Bearer ", "Unauthorized"), ("CG-22", "x.y", "", "Unauthorized"),
            ("CG-21", good, "Basic ", "Unauthorized"),
            ("CG-23", self.id_token(iss=self.issuer + "x"), "", "Unauthorized"),
            ("CG-24", tampered(good, sub="root"), "", "Unauthorized"),
            ("CG-24", self.id_token(self.stranger), "", "Unauthorized"),
            ("CG-25", self.id_token(exp=in_seconds(-1)), "", "The incoming token has expired"),
            ("CG-31, by a stranger", self.id_token(self.stranger, exp=in_seconds(-1)), "", "Unauthorized"),
            ("CG-27", self.key.token(self.claims(token_use="id", aud=["client1"])), "", "Unauthorized"),
        )
        for name, token, scheme, text in rows:
            for _ in range(2):
                with self.subTest(name):
                    self.assert_unauthorized(self.get(token, scheme=scheme), text)
        self.assertEqual(len(self.upstream.requests), before)
        self.assertNotIn(good.split(".")[2], self.gateway.log() + self.gateway.access_log.read_text())

    def test_CG_01_CG_28_clients(self):
        self.serve(more=', identity_validation_expression: "^(client1|client2)$"')
        self.assertEqual(self.get(self.id_token()).status, 200)
        self.assert_unauthorized(self.get(self.key.token(self.claims(token_use="id", aud="client11"))))
        self.assert_unauthorized(self.get(self.access_token(scope="api/read"), "/prod/scoped"))
        self.serve(allowed_client_ids=["client1"])
        self.assertEqual(self.get(self.id_token()).status, 200)
        self.assertEqual(self.get(self.access_token(scope="api/read"), "/prod/scoped").status, 200)
        self.assert_unauthorized(self.get(self.key.token(self.claims(token_use="id", aud="client2"))))

    def test_CG_33_keys_that_cannot_be_fetched(self):
        self.pool.documents["/eu-north-1_Pool1/keys"] = (503, b"")
        self.serve()
        self.assert_misconfigured(self.get(self.id_token()))
        self.assertEqual(self.get(path="/prod/open").status, 200)
        self.pool.documents.clear()
        until(lambda: self.get(self.id_token()).status == 200, 60, "the keys")

    def test_CG_34_stage_variables(self):
        self.serve()
        token = self.id_token()
        self.assertEqual(self.get(token, "/prod/staged").status, 200)
        self.assert_misconfigured(self.get(token, "/test/staged"))
        self.assert_unauthorized(self.get(None, "/test/staged"))

    def test_CG_30_a_gateway_response_of_ones_own(self):
        api = ("    gateway_responses:\n      UNAUTHORIZED: {status: 404, headers: {x-why: \"'no'\"}}\n"
               "      AUTHORIZER_CONFIGURATION_ERROR: {status: 503}\n")
        self.serve(api=api)
        got = self.get()
        self.assertEqual((got.status, got.header("x-why")), (404, "no"))
        self.assertEqual(self.get(self.id_token(exp=in_seconds(-1))).status, 404)
        self.assertEqual(self.get(self.id_token(), "/test/staged").status, 503)

    def test_section_5_with_a_resource_policy(self):
        allow = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
        shown = "arn:aws:execute-api:eu-north-1:********3333:abcde12345/prod/GET/pets"
        text = f"User: anonymous is not authorized to perform: execute-api:Invoke on resource: {shown}"
        for name, statements, refusal in (
                ("Allow", [allow], None),
                ("silent", [{**allow, "Resource": "execute-api:/prod/POST/*"}], text),
                ("Deny", [allow, {**allow, "Effect": "Deny"}], text + " with an explicit deny")):
            policy = {"Version": "2012-10-17", "Statement": statements}
            self.serve(authorizers=f"  house: {{type: resource_policy, settings: {{policy: {json.dumps(policy)}}}}}\n",
                       api="    resource_policy: house\n")
            with self.subTest(name):
                got = self.get(self.id_token())
                if refusal is None:
                    self.assertEqual(got.status, 200)
                else:
                    self.assertEqual((got.status, got.header("x-amzn-ErrorType")), (403, "AccessDeniedException"), got)
                    self.assertTrue(got.json()["Message"].startswith(refusal), got)
                self.assert_unauthorized(self.get())  # who is nobody is told so first
                self.assert_unauthorized(self.get(self.id_token(exp=in_seconds(-1))), "The incoming token has expired")

    def test_section_6_what_the_upstream_receives(self):
        self.serve()
        exp, iat = in_seconds(600), in_seconds(-5)
        got = self.get(self.id_token(exp=exp, iat=iat, auth_time=1718636404, email_verified=True,
                                     address={"formatted": "Oslo"}, **{"cognito:groups": ["admins", "ops"]}))
        self.assertEqual(got.status, 200)
        sent, = self.upstream.requests
        self.assertEqual({name: sent.header(name) for name in ("X-Sub", "X-Exp", "X-Iat", "X-Auth-Time", "X-Verified",
                                                               "X-Groups", "X-Address")},
                         {"X-Sub": "ann", "X-Exp": java_date(exp), "X-Iat": java_date(iat), "X-Auth-Time": "1718636404",
                          "X-Verified": "true", "X-Groups": "admins,ops", "X-Address": '{"formatted":"Oslo"}'})

    def test_CG_02_two_pools(self):
        other_key = RsaKey.generate("pool-key")
        other = self.enterContext(Provider([other_key], base="/eu-north-1_Pool2"))
        endpoints = [{"user_pool_arn": arn, "issuer": pool.issuer, "jwks_uri": pool.jwks_uri, "allow_insecure": True}
                     for arn, pool in ((ARN, self.pool), (OTHER_ARN, other))]
        self.serve(user_pool_arns=[ARN, OTHER_ARN], cognito_endpoints=endpoints)
        self.assertEqual(self.get(self.id_token()).status, 200)
        self.assertEqual(self.get(self.id_token(other_key, iss=other.issuer)).status, 200)
        self.assert_unauthorized(self.get(self.id_token(iss=other.issuer)))  # JW-6G
        self.assert_unauthorized(self.get(self.id_token(other_key)))

    def test_what_is_refused_at_load(self):
        plain = {"user_pool_arn": ARN, "issuer": self.issuer, "jwks_uri": self.pool.jwks_uri}
        for settings, words in (({"user_pool_arns": ["eu-north-1_Pool1"]}, "is not `arn:aws:cognito-idp:"),
                                ({"user_pool_arns": [ARN, ARN.replace("1111", "4444")], "cognito_endpoints": []},
                                 "two user pools have the issuer"),
                                ({"cognito_endpoints": [plain]}, "allow_insecure: true"),
                                ({"identity_validation_expression": "("}, "identity_validation_expression")):
            with self.subTest(settings):
                gateway = Gateway(self.text(**settings))
                try:
                    done = command("validate", gateway.file)
                    self.assertNotEqual(done.returncode, 0)
                    self.assertIn(words, done.stdout + done.stderr)
                finally:
                    gateway.discard()


if __name__ == "__main__":
    tell(__name__)
