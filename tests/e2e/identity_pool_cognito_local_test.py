#!/usr/bin/env python3
"""cognito-local, an emulator of Cognito user pools, before an identity pool and before STS: who signs up and logs in there
gets temporary credentials, and with them what his group's role may do."""
import json
import pathlib
import tempfile

from support import node
from support.client import request
from support.gateway import Gateway
from support.identities import (GATEWAY, ClientError, Identities, allow, client, keys_of, method, need_sdk, signed,
                                trusting)
from support.jose import unb64
from support.provider import DISCOVERY, Provider
from support.story import Story, tell
from support.upstream import unused_address

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
      POST /: {authorizer: none, integration: {type: identity_pool, allow_private_issuer: true, allow_insecure_issuer: true}}
  rest:
    type: http
    hosts: [127.0.0.1]
    stages: {$default: {}}
    routes:
      POST /: {authorizer: caller, integration: {type: sts, allow_private_issuer: true, allow_insecure_issuer: true}}
      GET /pets: {authorizer: signed, integration: {type: mock, body: read}}
      POST /pets: {authorizer: signed, integration: {type: mock, body: written}}
"""


class CognitoLocal(Story):
    @classmethod
    def setUpClass(cls):
        need_sdk()
        home = node.need("cognito_flow.mjs", "cognito-local@5.3.0", "@aws-sdk/client-cognito-identity-provider@3.1169.0",
                         "aws-jwt-verify@5.2.1")
        # Its discovery document names localhost:9229 whatever its port is: a front says where it is, and is its issuer.
        front = cls.enterClassContext(Provider([]))
        cls.emulator = unused_address()
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        (folder / ".cognito").mkdir()
        (folder / ".cognito/config.json").write_text(json.dumps({"TokenConfig": {"IssuerDomain": front.origin}}))
        cls.enterClassContext(node.Server(
            home, [home / "node_modules/cognito-local/lib/bin/start.js"], folder,
            lambda: request(cls.emulator, "GET", "/health").status < 500,
            env={"HOST": "127.0.0.1", "PORT": cls.emulator.split(":")[1]}))
        said = node.run(home, node.TOOLS / "cognito_flow.mjs", f"http://{cls.emulator}")
        made, _ = json.JSONDecoder().raw_decode(said)
        cls.app = made["client"]
        path = f"/{made['pool']}"
        front.documents[path + DISCOVERY] = 200, json.dumps(
            {"issuer": front.origin + path, "jwks_uri": f"{front.origin}{path}/keys"}).encode()
        front.documents[path + "/keys"] = 200, request(cls.emulator, "GET", path + "/.well-known/jwks.json").body
        cls.name = (front.origin + path).removeprefix("http://")

        cls.gateway = Gateway(CONFIGURATION, gateway=GATEWAY)
        iam = Identities(cls.gateway.directory / "identity.db")
        arn = iam("create-open-id-connect-provider", "--url", f"https://{cls.name}", "--client-id-list",
                  cls.app)["OpenIDConnectProviderArn"]
        cls.pool = iam("create-identity-pool", "--identity-pool-name", "web", "--open-id-connect-provider-arns",
                       arn)["IdentityPoolId"]

        def trust():
            return trusting({"Federated": "cognito-identity.amazonaws.com"}, "sts:AssumeRoleWithWebIdentity",
                            StringEquals={"cognito-identity.amazonaws.com:aud": cls.pool},
                            **{"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}})
        cls.admin = iam.role("Admin", trust(), allow("execute-api:Invoke", method("POST", "/pets")))
        cls.member = iam.role("Member", trust(), allow("execute-api:Invoke", method("GET", "/pets")))
        cls.web = iam.role("Web", trusting({"Federated": arn}, "sts:AssumeRoleWithWebIdentity",
                                           StringEquals={f"{cls.name}:aud": cls.app}),
                           allow("execute-api:Invoke", method("GET", "/pets")))
        iam("set-identity-pool-roles", "--identity-pool-id", cls.pool, "--roles", f"authenticated={cls.member}",
            "--role-mappings", json.dumps({cls.name: {
                "Type": "Rules", "AmbiguousRoleResolution": "AuthenticatedRole", "RulesConfiguration": {"Rules": [
                    {"Claim": "cognito:groups", "MatchType": "Contains", "Value": "admins", "RoleARN": cls.admin}]}}}))
        cls.enterClassContext(cls.gateway)
        cls.address = cls.gateway.address
        cls.cognito = client("cognito-identity", "localhost:" + cls.address.rpartition(":")[2])

    def call(self, operation, **parameters):
        got = request(self.emulator, "POST", "/", {"Content-Type": "application/x-amz-json-1.1",
                      "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"}, json.dumps(parameters).encode())
        self.assertEqual(got.status, 200, got)
        return got.json()

    def log_in(self, user="alice@example.com"):
        got = self.call("InitiateAuth", ClientId=self.app, AuthFlow="USER_PASSWORD_AUTH",
                        AuthParameters={"USERNAME": user, "PASSWORD": "Passw0rd!x"})["AuthenticationResult"]
        return got["IdToken"], got["AccessToken"]

    def keys(self, token):
        logins = {self.name: token}
        identity = self.cognito.get_id(IdentityPoolId=self.pool, Logins=logins)["IdentityId"]
        return keys_of(self.cognito.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"])

    def pets(self, keys):
        return tuple(signed(self.address, keys, verb, "/pets").status for verb in ("GET", "POST"))

    def test_groups_choose_the_role(self):
        token, _ = self.log_in()
        self.assertIn("admins", json.loads(unb64(token.split(".")[1]))["cognito:groups"])
        self.assertEqual(self.pets(self.keys(token)), (403, 200))
        self.call("SignUp", ClientId=self.app, Username="bob@example.com", Password="Passw0rd!x",
                  UserAttributes=[{"Name": "email", "Value": "bob@example.com"}])
        self.call("AdminConfirmSignUp", UserPoolId=self.name.split("/")[1], Username="bob@example.com")
        token, _ = self.log_in("bob@example.com")
        self.assertEqual(self.pets(self.keys(token)), (200, 403))

    def test_STS_27_an_access_token_says_nothing_of_who_somebody_is(self):
        _, access = self.log_in()
        with self.assertRaises(ClientError) as refused:
            self.keys(access)
        self.assertEqual(refused.exception.response["Error"]["Code"], "NotAuthorizedException")

    def test_STS_takes_the_same_token(self):
        token, _ = self.log_in()
        made = client("sts", self.address).assume_role_with_web_identity(RoleArn=self.web, RoleSessionName="alice",
                                                                          WebIdentityToken=token)
        self.assertEqual(self.pets(keys_of(made["Credentials"])), (200, 403))


if __name__ == "__main__":
    tell(__name__)
