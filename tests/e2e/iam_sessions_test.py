#!/usr/bin/env python3
"""The IAM API asked with temporary credentials: sessions of a role, and of GetSessionToken."""
import json
import time
import unittest

from support.gateway import Gateway, command
from support.story import Story, tell

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError
except ImportError:
    boto3 = None

ACCOUNT = "111122223333"
CONFIGURATION = """
identity: {sqlite: @DIR@/id.db}
authorizers:
  iam_signed: {type: iam, settings: {services: [iam], regions: [us-east-1]}}
  sts_signed: {type: iam, settings: {services: [sts], regions: [us-east-1], unsigned: anonymous}}
apis:
  iam: {type: rest, stages: {iam: {}}, routes: {POST /: {authorizer: iam_signed, integration: {type: iam_api}}}}
  sts: {type: rest, stages: {sts: {}}, routes: {POST /: {authorizer: sts_signed, integration: {type: sts}}}}
"""


def policy(action, resource="*", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]})


@unittest.skipIf(boto3 is None, "boto3 is not installed")
class IamSessions(Story):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(CONFIGURATION, gateway=f"account_id: \"{ACCOUNT}\"\nregion: us-east-1")
        store = ("--config", cls.gateway.file)
        made = command("iam", "init", *store)
        assert made.returncode == 0, made.stderr
        for arguments in (("create-user", "--user-name", "ann"),
                          ("put-user-policy", "--user-name", "ann", "--policy-name", "p", "--policy-document", policy("iam:*"))):
            made = command("iam", *arguments, *store)
            assert made.returncode == 0, made.stderr
        cls.ann = json.loads(command("iam", "create-access-key", "--user-name", "ann", "--json", *store).stdout)["AccessKey"]
        cls.gateway.__enter__()
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)

    def client(self, service, key):
        return boto3.client(service, endpoint_url=f"http://{self.gateway.address}/{service}", region_name="us-east-1",
                            aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"],
                            aws_session_token=key.get("SessionToken"), config=Config(retries={"max_attempts": 1}))

    def refused(self, code, call, **parameters):
        with self.assertRaises(ClientError) as caught:
            call(**parameters)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return caught.exception.response["Error"]["Message"]

    def role(self, name, document):
        iam = self.client("iam", self.ann)
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ann"}, "Action": "sts:AssumeRole"}]}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
        return f"arn:aws:iam::{ACCOUNT}:role/{name}"

    def test_a_role_may_what_its_policies_and_the_sessions_allow(self):
        arn = self.role("reader", policy(["iam:List*", "iam:Get*"]))
        sts = self.client("sts", self.ann)
        iam = self.client("iam", sts.assume_role(RoleArn=arn, RoleSessionName="job")["Credentials"])
        self.assertEqual([user["UserName"] for user in iam.list_users()["Users"]], ["ann"])
        self.assertTrue(self.refused("AccessDenied", iam.create_user, UserName="x").startswith(
            f"User: arn:aws:sts::{ACCOUNT}:assumed-role/reader/job is not authorized to perform: iam:CreateUser on resource: "
            f"arn:aws:iam::{ACCOUNT}:user/x because no identity-based policy"))
        self.refused("ValidationError", iam.get_user)  # a session is no user
        narrow = self.client("iam", sts.assume_role(RoleArn=arn, RoleSessionName="job", Policy=policy("iam:ListUsers"))["Credentials"])
        narrow.list_users()
        self.assertTrue(self.refused("AccessDenied", narrow.list_roles)
                        .endswith("because no session policy allows the iam:ListRoles action"))

    def test_revoked_sessions_are_nobodys(self):
        arn = self.role("revoked", policy("iam:*"))
        iam = self.client("iam", self.client("sts", self.ann).assume_role(RoleArn=arn, RoleSessionName="job")["Credentials"])
        iam.list_users()
        self.assertEqual(command("iam", "revoke-sessions", "--role-name", "revoked", "--config", self.gateway.file).returncode, 0)
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            try:
                iam.list_users()
                time.sleep(0.1)
            except ClientError:
                break
        self.refused("InvalidClientTokenId", iam.list_users)

    def test_session_tokens_of_users_ask_nothing(self):
        session = self.client("sts", self.ann).get_session_token()["Credentials"]
        self.assertTrue(self.client("sts", session).get_caller_identity()["Arn"].endswith(":user/ann"))
        self.refused("InvalidClientTokenId", self.client("iam", session).list_users)


if __name__ == "__main__":
    tell(__name__)
