#!/usr/bin/env python3
"""cognito-local, an emulator of Cognito user pools, with the AWS SDK as its client: who signs up and logs in calls through
the gateway with ID and access tokens, by `type: cognito` of a REST API and by `type: jwt` of an HTTP API."""
import json
import tempfile

from support import node
from support.client import request
from support.gateway import Gateway
from support.jose import RsaKey, in_seconds, tampered, unb64
from support.story import Story, tell
from support.upstream import unused_address

SCOPE = "aws.cognito.signin.user.admin"  # the only one that its access tokens have
CONFIGURATION = """
authorizers:
  pool: {type: cognito, identity_sources: [method.request.header.Authorization], settings: @COGNITO@}
  oidc: {type: jwt, identity_sources: [$request.header.Authorization], settings: @JWT@}
apis:
  rest:
    type: rest
    hosts: [rest.test]
    stages: {prod: {}}
    routes:
      GET /plain: {authorizer: pool, integration: {type: mock, body: plain}}
      GET /scoped: {authorizer: pool, scopes: [@SCOPE@], integration: {type: mock, body: scoped}}
      GET /other: {authorizer: pool, scopes: [api/read], integration: {type: mock, body: other}}
  http:
    type: http
    hosts: [http.test]
    stages: {$default: {}}
    routes:
      GET /plain: {authorizer: oidc, integration: {type: mock, body: plain}}
      GET /scoped: {authorizer: oidc, scopes: [@SCOPE@], integration: {type: mock, body: scoped}}
"""


class CognitoLocal(Story):
    @classmethod
    def setUpClass(cls):
        home = node.need("cognito_flow.mjs", "cognito-local@5.3.0", "@aws-sdk/client-cognito-identity-provider@3.1169.0",
                         "aws-jwt-verify@5.2.1")
        package = home / "node_modules/cognito-local/lib"
        cls.address = unused_address()
        cls.endpoint = f"http://{cls.address}"
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.enterClassContext(node.Server(
            home, [package / "bin/start.js"], folder, lambda: request(cls.address, "GET", "/health").status < 500,
            env={"HOST": "127.0.0.1", "PORT": cls.address.split(":")[1]}))
        # The tool makes a pool, a client, a group and a user, logs in with the AWS SDK, and has aws-jwt-verify agree.
        said = node.run(home, node.TOOLS / "cognito_flow.mjs", cls.endpoint)
        assert "aws-jwt-verify OK" in said and "wrong pw -> " in said and "BAD" not in said, said
        made, _ = json.JSONDecoder().raw_decode(said)
        cls.pool, cls.client = made["pool"], made["client"]
        cls.identity, cls.access = cls.log_in(cls.client)
        cls.published = RsaKey.from_jwk(json.loads((package / "keys/cognitoLocal.private.json").read_text())["jwk"])
        arn = f"arn:aws:cognito-idp:local:000000000000:userpool/{cls.pool}"
        cls.issuer = json.loads(unb64(cls.identity.split(".")[1]))["iss"]
        cls.jwks_uri = f"{cls.endpoint}/{cls.pool}/.well-known/jwks.json"
        cognito = {"user_pool_arns": [arn], "cognito_endpoints": [
            {"user_pool_arn": arn, "issuer": cls.issuer, "jwks_uri": cls.jwks_uri, "allow_insecure": True}]}
        # Its discovery document names localhost:9229 whatever its port is: the keys are named here (CG-55).
        jwt = {"issuer": cls.issuer, "audience": [cls.client], "jwks_uri": cls.jwks_uri, "allow_insecure_issuer": True,
               "allow_private_issuer": True}
        cls.gateway = cls.enterClassContext(Gateway(CONFIGURATION.replace("@COGNITO@", json.dumps(cognito)).replace(
            "@JWT@", json.dumps(jwt)).replace("@SCOPE@", SCOPE)))

    @classmethod
    def call(cls, operation, **parameters):
        got = request(cls.address, "POST", "/", {"Content-Type": "application/x-amz-json-1.1",
                      "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"}, json.dumps(parameters).encode())
        assert got.status == 200, got
        return got.json()

    @classmethod
    def log_in(cls, client, user="alice@example.com"):
        got = cls.call("InitiateAuth", ClientId=client, AuthFlow="USER_PASSWORD_AUTH",
                       AuthParameters={"USERNAME": user, "PASSWORD": "Passw0rd!x"})["AuthenticationResult"]
        return got["IdToken"], got["AccessToken"]

    def get(self, path, token, api="rest"):
        prefix = "/prod" if api == "rest" else ""
        return request(self.gateway.address, "GET", prefix + path, {"Authorization": f"Bearer {token}"}, host=f"{api}.test")

    def assert_unauthorized(self, got, text="Unauthorized"):
        self.assert_answer(got, 401, {"message": text})

    def test_ID_and_access_tokens_with_and_without_scopes(self):
        for _ in range(2):
            self.assertEqual(self.get("/plain", self.identity).body, b"plain")  # CG-10
            self.assert_unauthorized(self.get("/plain", self.access))  # CG-11
            self.assertEqual(self.get("/scoped", self.access).body, b"scoped")  # CG-12
            self.assert_unauthorized(self.get("/other", self.access))  # CG-13
            self.assert_unauthorized(self.get("/scoped", self.identity))  # CG-14

    def test_the_same_pool_before_an_HTTP_API(self):
        self.assertEqual(self.get("/plain", self.identity, "http").body, b"plain")
        self.assertEqual(self.get("/plain", self.access, "http").body, b"plain")  # JW-26, JW-2G
        self.assertEqual(self.get("/scoped", self.access, "http").body, b"scoped")
        self.assert_answer(self.get("/scoped", self.identity, "http"), 403, {"message": "Forbidden"})

    def test_a_user_of_another_pool(self):
        """Every pool of the emulator signs with one key: `iss` alone tells them apart."""
        pool = self.call("CreateUserPool", PoolName="other")["UserPool"]["Id"]
        client = self.call("CreateUserPoolClient", UserPoolId=pool, ClientName="web", ExplicitAuthFlows=[
            "ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
        self.call("SignUp", ClientId=client, Username="bob@example.com", Password="Passw0rd!x",
                  UserAttributes=[{"Name": "email", "Value": "bob@example.com"}])
        self.call("AdminConfirmSignUp", UserPoolId=pool, Username="bob@example.com")
        identity, access = self.log_in(client, "bob@example.com")
        self.assert_unauthorized(self.get("/plain", identity))
        self.assert_unauthorized(self.get("/scoped", access))
        self.assert_unauthorized(self.get("/plain", identity, "http"))

    def test_expired_and_tampered(self):
        self.assert_unauthorized(self.get("/plain", tampered(self.identity, sub="root")))
        self.assert_unauthorized(self.get("/plain", tampered(self.identity, sub="root"), "http"))
        # Its private key is everybody's, which is why it is refused without `allow_insecure` (CG-53).
        claims = json.loads(unb64(self.identity.split(".")[1]))
        self.assertEqual(self.get("/plain", self.published.token({**claims, "exp": in_seconds(600)})).status, 200)
        old = self.published.token({**claims, "exp": in_seconds(-1)})
        self.assert_unauthorized(self.get("/plain", old), "The incoming token has expired")
        self.assert_unauthorized(self.get("/plain", old, "http"))

    def test_CG_53_the_published_key_is_refused(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        file = f"{folder.name}/keys.json"
        with open(file, "wb") as out:
            out.write(request(self.address, "GET", f"/{self.pool}/.well-known/jwks.json").body)
        text = self.gateway.file.read_text().replace(f'"jwks_uri": "{self.jwks_uri}", "allow_insecure": true',
                                                     f'"jwks_file": "{file}", "allow_insecure": false')
        self.assertIn(file, text)
        before = self.gateway.file.read_text()
        self.gateway.file.write_text(text)
        done = self.gateway.command("reload")
        self.gateway.file.write_text(before)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("the key of cognito-local", done.stdout + done.stderr)


if __name__ == "__main__":
    tell(__name__)
