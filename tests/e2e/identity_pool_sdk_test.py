#!/usr/bin/env python3
"""Identity pools by AWS's own SDK: users of an OpenID provider, and guests, get credentials without ever having had any, and
sign requests with them. Enhanced and basic flow, roles by rules and by token, attributes as tags, browsers."""
import json
import unittest

from support.client import request
from support.gateway import Gateway
from support.identities import (ACCOUNT, GATEWAY, ClientError, Identities, allow, client, keys_of, method, need_sdk,
                                signed, trusting)
from support.jose import RsaKey, in_seconds, tampered
from support.provider import Provider
from support.story import Story, tell

CONFIGURATION = """
identity: {sqlite: "@DIR@/identity.db"}
authorizers:
  caller: {type: iam, settings: {services: [sts], skew_seconds: 900, unsigned: anonymous}}
  signed: {type: iam}
apis:
  pools:
    type: http
    hosts: [localhost]
    stages: {$default: {}}
    routes:
      POST /: {authorizer: none, integration: {type: identity_pool, allow_private_issuer: true, allow_insecure_issuer: true, allow_origins: ["https://app.example"]}}
      OPTIONS /: {authorizer: none, integration: {type: identity_pool, allow_origins: ["https://app.example"]}}
  rest:
    type: http
    hosts: [127.0.0.1]
    stages: {$default: {}}
    routes:
      POST /: {authorizer: caller, integration: {type: sts}}
      GET /pets: {authorizer: signed, integration: {type: mock, body: read}}
      POST /pets: {authorizer: signed, integration: {type: mock, body: written}}
"""
COGNITO = {"Federated": "cognito-identity.amazonaws.com"}
WEB = "sts:AssumeRoleWithWebIdentity"


class IdentityPool(Story):
    @classmethod
    def setUpClass(cls):
        need_sdk()
        key = RsaKey.generate("k")
        if key is None:
            raise unittest.SkipTest("needs openssl")
        cls.key = key
        cls.provider = cls.enterClassContext(Provider([key]))
        cls.name = cls.provider.issuer.removeprefix("http://")
        cls.gateway = Gateway(CONFIGURATION, gateway=GATEWAY)
        cls.iam = iam = Identities(cls.gateway.directory / "identity.db")
        cls.pool = iam("create-identity-pool", "--identity-pool-name", "web", "--allow-unauthenticated-identities",
                       "--allow-classic-flow", "--cognito-identity-providers",
                       f"ProviderName={cls.name},ClientId=app")["IdentityPoolId"]
        read, write = method("GET", "/pets"), method("POST", "/pets")
        cls.delegated = iam.role("Delegated", trusting(ACCOUNT), allow("execute-api:Invoke"))
        assume = allow("sts:AssumeRole", cls.delegated)
        cls.member = iam.role("Member", cls.trust("authenticated"), allow("execute-api:Invoke", read), assume)
        cls.writer = iam.role("Writer", cls.trust("authenticated"), allow("execute-api:Invoke", write))
        cls.guest = iam.role("Guest", cls.trust("unauthenticated"), allow("execute-api:Invoke", read), assume)
        cls.roles(None)
        cls.enterClassContext(cls.gateway)
        cls.address = cls.gateway.address
        cls.endpoint = "localhost:" + cls.address.rpartition(":")[2]
        cls.cognito = client("cognito-identity", cls.endpoint)

    @classmethod
    def trust(cls, amr, *more):
        return trusting(COGNITO, WEB, *more, StringEquals={"cognito-identity.amazonaws.com:aud": cls.pool},
                        **{"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": amr}})

    @classmethod
    def roles(cls, mapping):
        more = ["--role-mappings", json.dumps({cls.name: mapping})] if mapping else []
        cls.iam("set-identity-pool-roles", "--identity-pool-id", cls.pool, "--roles",
                f"authenticated={cls.member},unauthenticated={cls.guest}", *more)

    def token(self, sub="s-1", **more):
        return self.key.token({"iss": self.provider.issuer, "sub": sub, "aud": "app", "iat": in_seconds(-1),
                               "exp": in_seconds(300), **more})

    def get_id(self, token=None):
        return self.cognito.get_id(IdentityPoolId=self.pool, **self.logins(token))["IdentityId"]

    def logins(self, token):
        return {"Logins": {self.name: token}} if token else {}

    def credentials(self, token=None, identity=None, **more):
        return self.cognito.get_credentials_for_identity(IdentityId=identity or self.get_id(token), **self.logins(token), **more)

    def pets(self, keys, verb="GET"):
        return signed(self.address, keys, verb, "/pets").status

    def assert_refused(self, code, call):
        with self.assertRaises(ClientError) as refused:
            call()
        said = refused.exception.response
        self.assertEqual((said["Error"]["Code"], said["ResponseMetadata"]["HTTPStatusCode"]), (code, 400), said)

    def test_STS_22_23_who_logs_in_calls(self):
        token = self.token()
        self.assertEqual(self.get_id(token), self.get_id(self.token(email="a@b.example")))
        got = self.credentials(token)
        self.assertEqual(got["IdentityId"], self.get_id(token))
        keys = keys_of(got["Credentials"])
        self.assertEqual((self.pets(keys), self.pets(keys, "POST")), (200, 403))
        self.assertEqual(client("sts", self.address, keys).get_caller_identity()["Arn"],
                         f"arn:aws:sts::{ACCOUNT}:assumed-role/Member/CognitoIdentityCredentials")

    def test_guests(self):
        keys = keys_of(self.credentials()["Credentials"])
        self.assertEqual((self.pets(keys), self.pets(keys, "POST")), (200, 403))
        # Both roles may assume another; a guest's session invokes APIs and does nothing else.
        member = keys_of(self.credentials(self.token())["Credentials"])
        self.assertTrue(client("sts", self.address, member).assume_role(RoleArn=self.delegated, RoleSessionName="more"))
        with self.assertRaises(ClientError) as refused:
            client("sts", self.address, keys).assume_role(RoleArn=self.delegated, RoleSessionName="more")
        self.assertEqual(refused.exception.response["Error"]["Code"], "AccessDenied")
        self.assert_refused("NotAuthorizedException", lambda: self.credentials(identity=self.get_id(self.token())))

    def test_STS_27_tokens_that_are_not_taken(self):
        for name, token in {
                "tampered with": tampered(self.token(), sub="root"),
                "expired": self.token(exp=in_seconds(-1)),
                "another application's": self.token(aud="other"),
                "an access token": self.token(token_use="access"),
                "another issuer's": self.token(iss="https://other.example"),
                "nothing": "x"}.items():
            with self.subTest(name):
                self.assert_refused("NotAuthorizedException", lambda: self.get_id(token))
        mine = self.get_id(self.token())
        self.assert_refused("NotAuthorizedException", lambda: self.credentials(self.token("s-2"), mine))
        self.assert_refused("ResourceNotFoundException", lambda: self.credentials(identity="us-east-1:00"))

    def test_STS_24_25_roles_by_rules_and_by_token(self):
        self.addCleanup(self.roles, None)
        self.roles({"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": [
            {"Claim": "dept", "MatchType": "NotEqual", "Value": "sales", "RoleARN": self.writer}]}})
        self.assertEqual(self.pets(keys_of(self.credentials(self.token("r-1", dept="ops"))["Credentials"]), "POST"), 200)
        for claims in ({"dept": "sales"}, {}):
            self.assert_refused("NotAuthorizedException", lambda: self.credentials(self.token("r-2", **claims)))
        self.roles({"Type": "Token", "AmbiguousRoleResolution": "Deny"})
        token = self.token("r-3", **{"cognito:roles": [self.member, self.writer]})
        keys = keys_of(self.credentials(token, CustomRoleArn=self.writer)["Credentials"])
        self.assertEqual((self.pets(keys), self.pets(keys, "POST")), (403, 200))
        self.assert_refused("NotAuthorizedException", lambda: self.credentials(token, CustomRoleArn=self.guest))
        self.assert_refused("NotAuthorizedException", lambda: self.credentials(token))

    def test_STS_26_a_role_that_is_for_others(self):
        self.addCleanup(self.roles, None)
        self.iam("set-identity-pool-roles", "--identity-pool-id", self.pool, "--roles",
                 f"authenticated={self.guest},unauthenticated={self.member}")
        self.assert_refused("InvalidIdentityPoolConfigurationException", self.credentials)
        self.assert_refused("InvalidIdentityPoolConfigurationException", lambda: self.credentials(self.token()))

    def test_the_basic_flow(self):
        token = self.token()
        got = self.cognito.get_open_id_token(IdentityId=self.get_id(token), **self.logins(token))
        sts = client("sts", self.address)
        made = sts.assume_role_with_web_identity(RoleArn=self.writer, RoleSessionName="basic", WebIdentityToken=got["Token"])
        self.assertEqual(made["SubjectFromWebIdentityToken"], got["IdentityId"])
        keys = keys_of(made["Credentials"])
        self.assertEqual((self.pets(keys), self.pets(keys, "POST")), (403, 200))
        for role, bad in ((self.guest, got["Token"]), (self.writer, tampered(got["Token"], sub="us-east-1:00"))):
            with self.assertRaises(ClientError):
                sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="basic", WebIdentityToken=bad)

    def test_browsers(self):
        def ask(verb, origin, body=b""):
            return request(self.address, verb, "/", {"Origin": origin, "Content-Type": "application/x-amz-json-1.1",
                           "X-Amz-Target": "AWSCognitoIdentityService.GetId"}, body, host=self.endpoint)
        got = ask("OPTIONS", "https://app.example")
        self.assertEqual((got.status, got.header("access-control-allow-origin")), (204, "https://app.example"))
        self.assertIn("x-amz-target", got.header("access-control-allow-headers"))
        self.assertIsNone(ask("OPTIONS", "https://evil.example").header("access-control-allow-origin"))
        got = ask("POST", "https://app.example", json.dumps({"IdentityPoolId": self.pool}).encode())
        self.assertEqual((got.status, got.header("access-control-allow-origin")), (200, "https://app.example"))


if __name__ == "__main__":
    tell(__name__)
