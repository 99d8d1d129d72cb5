#!/usr/bin/env python3
"""A certified OpenID provider (npm oidc-provider): access tokens by client credentials in four algorithms, with scopes and
with resource indicators as their audience, before `type: jwt`."""
import base64
import json
import tempfile
import urllib.parse

from support import node
from support.client import request
from support.gateway import Gateway
from support.jose import tampered, unb64
from support.provider import DISCOVERY
from support.story import Story, tell
from support.upstream import unused_address

ALGORITHMS = {"RS256": "rs", "ES256": "es", "PS256": "ps", "Ed25519": "ed"}  # and the key's id
CONFIGURATION = """
authorizers:
  any: {type: jwt, identity_sources: [$request.header.Authorization], settings: @ANY@}
  as-aws: {type: jwt, identity_sources: [$request.header.Authorization], settings: @AWS@}
apis:
  pets:
    type: http
    stages: {$default: {}}
    routes:
      GET /pets: {authorizer: any, scopes: ["pets:read"], integration: {type: mock, body: read}}
      POST /pets: {authorizer: any, scopes: ["pets:write", "pets:admin"], integration: {type: mock, body: written}}
      GET /aws: {authorizer: as-aws, integration: {type: mock, body: aws}}
"""


def resource(algorithm, host="pets"):
    """The tool reads from it with what to sign."""
    return f"https://{host}.example/?alg={algorithm}"


class OidcProvider(Story):
    @classmethod
    def setUpClass(cls):
        home = node.need("oidc_server.mjs", "oidc-provider@9.13.3")
        cls.address = unused_address()
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.enterClassContext(node.Server(home, [node.TOOLS / "oidc_server.mjs", cls.address.split(":")[1]], folder,
                                          lambda: request(cls.address, "GET", DISCOVERY, host=cls.address).status == 200))
        settings = {"issuer": f"http://{cls.address}", "audience": [resource(name) for name in ALGORITHMS],
                    "allow_insecure_issuer": True, "allow_private_issuer": True}
        text = CONFIGURATION.replace("@AWS@", json.dumps(settings)).replace(
            "@ANY@", json.dumps({**settings, "required_typ": "at+jwt", "algorithms": [*ALGORITHMS]}))
        cls.gateway = cls.enterClassContext(Gateway(text))

    def token(self, algorithm, scope="pets:read", host="pets"):
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": scope,
                                       "resource": resource(algorithm, host)}).encode()
        secret = base64.b64encode(b"svc:s3cret-s3cret-s3cret-s3cret-s3cret").decode()
        got = request(self.address, "POST", "/token", {"Authorization": f"Basic {secret}",
                      "Content-Type": "application/x-www-form-urlencoded"}, form, host=self.address)
        self.assertEqual(got.status, 200, got)
        token = got.json()["access_token"]
        header = json.loads(unb64(token.split(".")[0]))
        self.assertEqual((header["alg"], header["kid"]), (algorithm, ALGORITHMS[algorithm]))
        return token

    def ask(self, token, method="GET", path="/pets"):
        return request(self.gateway.address, method, path, {"Authorization": f"Bearer {token}"})

    def test_four_algorithms_and_scopes(self):
        for algorithm in ALGORITHMS:
            with self.subTest(algorithm):
                reads, both = self.token(algorithm), self.token(algorithm, "pets:read pets:write")
                for _ in range(2):
                    self.assertEqual(self.ask(reads).body, b"read")
                    got = self.ask(reads, "POST")
                    self.assert_answer(got, 403, {"message": "Forbidden"})
                    self.assertTrue(got.header("www-authenticate").startswith('Bearer scope="pets:write pets:admin"'))
                    self.assertEqual(self.ask(both, "POST").body, b"written")
                    self.assert_answer(self.ask(tampered(reads, scope="pets:write"), "POST"), 401, {"message": "Unauthorized"})

    def test_JW_60_as_on_AWS_only_RSA(self):
        for algorithm in ALGORITHMS:
            with self.subTest(algorithm):
                got = self.ask(self.token(algorithm), path="/aws")
                if algorithm == "RS256":
                    self.assertEqual(got.body, b"aws")
                else:
                    self.assert_answer(got, 401, {"message": "Unauthorized"})
                    self.assertIn("signature verification failed", got.header("www-authenticate"))

    def test_another_resource(self):
        got = self.ask(self.token("RS256", host="cats"))
        self.assert_answer(got, 401, {"message": "Unauthorized"})
        self.assertIn("the token does not have a valid audience", got.header("www-authenticate"))


if __name__ == "__main__":
    tell(__name__)
