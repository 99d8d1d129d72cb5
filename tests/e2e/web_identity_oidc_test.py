#!/usr/bin/env python3
"""Web identities of a certified OpenID provider (npm oidc-provider): its token becomes temporary credentials, which sign
requests that one role's policy allows and another's refuses."""
import base64
import tempfile
import urllib.parse

from support import node
from support.client import request
from support.gateway import Gateway
from support.identities import (GATEWAY, ClientError, Identities, allow, client, keys_of, method, need_sdk, signed,
                                trusting)
from support.jose import tampered
from support.provider import DISCOVERY
from support.story import Story, tell
from support.upstream import unused_address

CONFIGURATION = """
identity: {sqlite: "@DIR@/identity.db"}
authorizers:
  caller: {type: iam, settings: {services: [sts], skew_seconds: 900, unsigned: anonymous}}
  signed: {type: iam}
apis:
  all:
    type: http
    stages: {$default: {}}
    routes:
      POST /: {authorizer: caller, integration: {type: sts, allow_private_issuer: true, allow_insecure_issuer: true}}
      GET /pets: {authorizer: signed, integration: {type: mock, body: read}}
      POST /pets: {authorizer: signed, integration: {type: mock, body: written}}
"""
AUDIENCE = "https://pets.example/?alg="  # the tool reads from it with what to sign


class WebIdentity(Story):
    @classmethod
    def setUpClass(cls):
        need_sdk()
        home = node.need("oidc_server.mjs", "oidc-provider@9.13.3")
        cls.provider = unused_address()
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.enterClassContext(node.Server(home, [node.TOOLS / "oidc_server.mjs", cls.provider.split(":")[1]], folder,
                                          lambda: request(cls.provider, "GET", DISCOVERY, host=cls.provider).status == 200))
        cls.gateway = Gateway(CONFIGURATION, gateway=GATEWAY)
        iam = Identities(cls.gateway.directory / "identity.db")
        arn = iam("create-open-id-connect-provider", "--url", f"https://{cls.provider}", "--client-id-list",
                  AUDIENCE + "RS256", AUDIENCE + "ES256")["OpenIDConnectProviderArn"]

        def trust(**keys):
            return trusting({"Federated": arn}, "sts:AssumeRoleWithWebIdentity",
                            StringEquals={f"{cls.provider}:{key}": value for key, value in keys.items()})
        audiences = [AUDIENCE + "RS256", AUDIENCE + "ES256"]
        cls.reader = iam.role("Reader", trust(aud=audiences), allow("execute-api:Invoke", method("GET", "/pets")))
        cls.writer = iam.role("Writer", trust(aud=audiences, sub="svc"), allow("execute-api:Invoke", method("POST", "/pets")))
        cls.others = iam.role("Others", trust(aud=audiences, sub="somebody"), allow("execute-api:*"))
        cls.enterClassContext(cls.gateway)
        cls.sts = client("sts", cls.gateway.address)

    def token(self, algorithm="RS256", audience=AUDIENCE):
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "pets:read",
                                       "resource": audience + algorithm}).encode()
        secret = base64.b64encode(b"svc:s3cret-s3cret-s3cret-s3cret-s3cret").decode()
        got = request(self.provider, "POST", "/token", {"Authorization": f"Basic {secret}",
                      "Content-Type": "application/x-www-form-urlencoded"}, form, host=self.provider)
        self.assertEqual(got.status, 200, got)
        return got.json()["access_token"]

    def assume(self, role, token):
        return self.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="job1", WebIdentityToken=token)

    def pets(self, keys, verb):
        return signed(self.gateway.address, keys, verb, "/pets").status

    def assert_refused(self, code, role, token):
        with self.assertRaises(ClientError) as refused:
            self.assume(role, token)
        self.assertEqual(refused.exception.response["Error"]["Code"], code, refused.exception)

    def test_one_role_reads_and_another_writes(self):
        for algorithm in ("RS256", "ES256"):  # STS_29
            with self.subTest(algorithm):
                token = self.token(algorithm)
                got = self.assume(self.reader, token)
                self.assertEqual((got["Provider"], got["SubjectFromWebIdentityToken"], got["Audience"]),
                                 (f"http://{self.provider}", "svc", AUDIENCE + algorithm))
                reads, writes = keys_of(got["Credentials"]), keys_of(self.assume(self.writer, token)["Credentials"])
                self.assertEqual((self.pets(reads, "GET"), self.pets(reads, "POST")), (200, 403))
                self.assertEqual((self.pets(writes, "GET"), self.pets(writes, "POST")), (403, 200))

    def test_STS_16_17_refusals(self):
        token = self.token()
        self.assert_refused("AccessDenied", self.others, token)
        self.assert_refused("AccessDenied", self.others.replace("Others", "Absent"), token)
        self.assert_refused("InvalidIdentityToken", self.reader, tampered(token, sub="somebody"))
        self.assert_refused("InvalidIdentityToken", self.reader, self.token(audience="https://cats.example/?alg="))
        self.assert_refused("InvalidIdentityToken", self.reader, self.token("PS256"))
        self.assert_refused("InvalidIdentityToken", self.reader, tampered(token, iss="https://other.example"))
        self.assert_refused("InvalidIdentityToken", self.reader, "a.b.c.d")


if __name__ == "__main__":
    tell(__name__)
