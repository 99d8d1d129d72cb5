#!/usr/bin/env python3
"""The IAM API of the real gateway, asked by boto3, by botocore's own signer with tampered requests, and by AWS's command line."""
import concurrent.futures
import json
import os
import shutil
import subprocess
import time
import unittest

from support.client import request as send_request
from support.gateway import Gateway, command
from support.story import Story, tell

try:
    import boto3
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.config import Config
    from botocore.credentials import Credentials
    from botocore.exceptions import ClientError
except ImportError:
    boto3 = None

ACCOUNT = "111122223333"
CONFIGURATION = """
identity: {sqlite: @DIR@/id.db}
authorizers:
  signed: {type: iam, settings: {services: [iam], regions: [us-east-1]}}
apis:
  iam:
    type: http
    stages: {$default: {}}
    routes:
      POST /: {authorizer: signed, integration: {type: iam_api}}
      GET /: {authorizer: signed, integration: {type: iam_api}}
"""


def policy(effect="Allow", action="*", resource="*", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": resource, **more}]})


@unittest.skipIf(boto3 is None, "boto3 is not installed")
class IamApi(Story):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(CONFIGURATION, gateway=f"account_id: \"{ACCOUNT}\"\nregion: us-east-1")
        store = ("--config", cls.gateway.file)
        made = command("iam", "init", *store)
        assert made.returncode == 0, made.stderr
        cls.gateway.__enter__()
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)
        cls.root = json.loads(command("iam", "create-access-key", "--root", "--json", *store).stdout)["AccessKey"]
        cls.url = f"http://{cls.gateway.address}"

    def client(self, key):
        return boto3.client("iam", endpoint_url=self.url, region_name="us-east-1", aws_access_key_id=key["AccessKeyId"],
                            aws_secret_access_key=key["SecretAccessKey"], config=Config(retries={"max_attempts": 1}))

    def user(self, name, *policies, path="/"):
        """A user with inline policies, and an access key: a client that is him."""
        root = self.client(self.root)
        root.create_user(UserName=name, Path=path)
        for number, document in enumerate(policies):
            root.put_user_policy(UserName=name, PolicyName=f"p{number}", PolicyDocument=document)
        return self.client(root.create_access_key(UserName=name)["AccessKey"])

    def refused(self, code, status, call, **parameters):
        with self.assertRaises(ClientError) as caught:
            call(**parameters)
        self.assertEqual((caught.exception.response["Error"]["Code"],
                          caught.exception.response["ResponseMetadata"]["HTTPStatusCode"]), (code, status))
        return caught.exception.response["Error"]["Message"]

    def test_boto3_does_everything_that_the_table_has(self):
        iam = self.client(self.root)
        trust = policy(action="sts:AssumeRole").replace('"Resource": "*"', f'"Principal": {{"AWS": "{ACCOUNT}"}}')
        user = iam.create_user(UserName="all", Path="/a/", Tags=[{"Key": "k", "Value": "v"}])["User"]
        self.assertEqual(user["Arn"], f"arn:aws:iam::{ACCOUNT}:user/a/all")
        self.assertEqual(iam.get_user(UserName="all")["User"]["Tags"], [{"Key": "k", "Value": "v"}])
        arn = iam.create_policy(PolicyName="all", PolicyDocument=policy(), Description="d")["Policy"]["Arn"]
        self.assertEqual(iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"], json.loads(policy()))
        self.assertEqual(iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy("Deny"), SetAsDefault=True)
                         ["PolicyVersion"]["VersionId"], "v2")
        iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
        iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
        self.assertEqual([v["VersionId"] for v in iam.list_policy_versions(PolicyArn=arn)["Versions"]], ["v1"])
        iam.put_user_permissions_boundary(UserName="all", PermissionsBoundary=arn)
        self.assertEqual(iam.get_user(UserName="all")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"], arn)
        iam.delete_user_permissions_boundary(UserName="all")
        role = iam.create_role(RoleName="all", AssumeRolePolicyDocument=trust, MaxSessionDuration=3600, Tags=[])["Role"]
        self.assertEqual(role["AssumeRolePolicyDocument"], json.loads(trust))
        iam.update_role(RoleName="all", MaxSessionDuration=43200, Description="long")
        iam.update_assume_role_policy(RoleName="all", PolicyDocument=trust)
        self.assertEqual(iam.get_role(RoleName="all")["Role"]["MaxSessionDuration"], 43200)
        iam.create_group(GroupName="all")
        iam.add_user_to_group(GroupName="all", UserName="all")
        self.assertEqual([u["UserName"] for u in iam.get_group(GroupName="all")["Users"]], ["all"])
        self.assertEqual([g["GroupName"] for g in iam.list_groups_for_user(UserName="all")["Groups"]], ["all"])
        for kind in ("user", "group", "role"):
            name = {f"{kind.capitalize()}Name": "all"}
            getattr(iam, f"put_{kind}_policy")(**name, PolicyName="in", PolicyDocument=policy())
            self.assertEqual(getattr(iam, f"get_{kind}_policy")(**name, PolicyName="in")["PolicyDocument"], json.loads(policy()))
            self.assertEqual(getattr(iam, f"list_{kind}_policies")(**name)["PolicyNames"], ["in"])
            getattr(iam, f"attach_{kind}_policy")(**name, PolicyArn=arn)
            self.assertEqual(getattr(iam, f"list_attached_{kind}_policies")(**name)["AttachedPolicies"],
                             [{"PolicyName": "all", "PolicyArn": arn}])
        self.assertEqual(iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"], 3)
        self.refused("DeleteConflict", 409, iam.delete_policy, PolicyArn=arn)
        self.refused("DeleteConflict", 409, iam.delete_role, RoleName="all")
        for kind in ("user", "group", "role"):
            name = {f"{kind.capitalize()}Name": "all"}
            getattr(iam, f"detach_{kind}_policy")(**name, PolicyArn=arn)
            getattr(iam, f"delete_{kind}_policy")(**name, PolicyName="in")
        key = iam.create_access_key(UserName="all")["AccessKey"]
        iam.update_access_key(UserName="all", AccessKeyId=key["AccessKeyId"], Status="Inactive")
        self.assertEqual(iam.list_access_keys(UserName="all")["AccessKeyMetadata"][0]["Status"], "Inactive")
        self.assertEqual(iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]["ServiceName"], "N/A")
        iam.delete_access_key(UserName="all", AccessKeyId=key["AccessKeyId"])
        iam.tag_role(RoleName="all", Tags=[{"Key": "a", "Value": "\u00e9"}])
        self.assertEqual(iam.list_role_tags(RoleName="all")["Tags"], [{"Key": "a", "Value": "\u00e9"}])
        iam.untag_role(RoleName="all", TagKeys=["a"])
        iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "a", "Value": ""}])
        self.assertEqual(iam.list_policy_tags(PolicyArn=arn)["Tags"], [{"Key": "a", "Value": ""}])
        provider = iam.create_open_id_connect_provider(Url="https://idp.example/all", ClientIDList=["a"])["OpenIDConnectProviderArn"]
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=provider, ClientID="b")
        self.assertEqual(iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider)["ClientIDList"], ["a", "b"])
        self.assertEqual(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"], [{"Arn": provider}])
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider)
        self.assertGreaterEqual(iam.get_account_summary()["SummaryMap"]["Users"], 1)
        iam.update_user(UserName="all", NewUserName="other")
        iam.remove_user_from_group(GroupName="all", UserName="other")
        iam.delete_group(GroupName="all")
        iam.delete_role(RoleName="all")
        iam.delete_policy(PolicyArn=arn)
        iam.delete_user(UserName="other")
        self.refused("NoSuchEntity", 404, iam.get_user, UserName="other")

    def test_paginators_and_waiters_work(self):
        iam = self.client(self.root)
        for number in range(5):
            iam.create_user(UserName=f"page{number}", Path="/page/")
        pages = list(iam.get_paginator("list_users").paginate(PathPrefix="/page/", PaginationConfig={"PageSize": 2}))
        self.assertEqual([len(page["Users"]) for page in pages], [2, 2, 1])
        iam.get_waiter("user_exists").wait(UserName="page0", WaiterConfig={"Delay": 1, "MaxAttempts": 1})

    def test_policies_decide(self):
        reader = self.user("reader", policy(action=["iam:Get*", "iam:List*"]), path="/team/")
        self.assertEqual(reader.get_user()["User"]["UserName"], "reader")  # himself
        reader.list_users()
        message = self.refused("AccessDenied", 403, reader.create_user, UserName="x")
        self.assertEqual(message, f"User: arn:aws:iam::{ACCOUNT}:user/team/reader is not authorized to perform: iam:CreateUser on "
                                  f"resource: arn:aws:iam::{ACCOUNT}:user/x because no identity-based policy allows the "
                                  "iam:CreateUser action")
        self_care = self.user("selfcare", policy(action="iam:*AccessKey*", resource=f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"))
        self_care.create_access_key()
        self.assertEqual(len(self_care.list_access_keys()["AccessKeyMetadata"]), 2)
        self.refused("AccessDenied", 403, self_care.list_access_keys, UserName="reader")
        denied = self.user("denied", policy(), policy("Deny", "iam:DeleteUser"))
        self.assertTrue(self.refused("AccessDenied", 403, denied.delete_user, UserName="reader")
                        .endswith("with an explicit deny in an identity-based policy"))

    def test_a_change_holds_at_once_for_who_makes_it_and_soon_for_others(self):
        iam = self.client(self.root)
        made = iam.create_user(UserName="soon")
        key = iam.create_access_key(UserName="soon")["AccessKey"]
        client = self.client(key)
        self.refused("AccessDenied", 403, client.list_users)
        iam.put_user_policy(UserName="soon", PolicyName="p", PolicyDocument=policy(action="iam:List*"))
        for _ in range(40):
            try:
                client.list_users()
                break
            except ClientError:
                time.sleep(0.1)
        client.list_users()
        self.assertEqual(made["User"]["UserName"], "soon")

    def test_quotas_hold_when_many_ask_at_once(self):
        root = self.client(self.root)
        root.create_user(UserName="many")

        def make(_):
            try:
                return self.client(self.root).create_access_key(UserName="many")["AccessKey"]["AccessKeyId"]
            except ClientError as error:
                return error.response["Error"]["Code"]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            said = list(pool.map(make, range(8)))
        self.assertEqual(said.count("LimitExceeded"), 6, said)
        self.assertEqual({key["AccessKeyId"] for key in root.list_access_keys(UserName="many")["AccessKeyMetadata"]},
                         {one for one in said if one.startswith("AKIA")})

    def test_a_key_that_is_switched_off_is_nobodys_soon(self):
        root = self.client(self.root)
        client = self.user("off", policy())
        client.list_users()
        key = root.list_access_keys(UserName="off")["AccessKeyMetadata"][0]["AccessKeyId"]
        root.update_access_key(UserName="off", AccessKeyId=key, Status="Inactive")
        for _ in range(30):
            try:
                client.list_users()
                time.sleep(0.1)
            except ClientError:
                break
        self.refused("InvalidClientTokenId", 403, client.list_users)

    def test_bad_requests_in_the_apis_own_words(self):
        iam = self.client(self.root)
        self.refused("ValidationError", 400, iam.create_user, UserName="a b")
        self.refused("MalformedPolicyDocument", 400, iam.create_policy, PolicyName="p", PolicyDocument="{}")
        wrong = dict(self.root, SecretAccessKey="x" * 40)
        self.refused("SignatureDoesNotMatch", 403, self.client(wrong).list_users)
        self.refused("InvalidClientTokenId", 403, self.client(dict(wrong, AccessKeyId="AKIA" + "A" * 16)).list_users)

    def raw(self, body, sign=True, method="POST", query="", content_type="application/x-www-form-urlencoded; charset=utf-8"):
        request = AWSRequest(method, f"{self.url}/{query}", data=body, headers={"Content-Type": content_type} if body else {})
        if sign:
            SigV4Auth(Credentials(self.root["AccessKeyId"], self.root["SecretAccessKey"]), "iam", "us-east-1").add_auth(request)
        return send_request(self.gateway.address, method, "/" + query, headers=list(request.headers.items()), body=body,
                            host=self.gateway.address)

    def test_hostile_forms(self):
        head = b"Action=ListUsers&Version=2010-05-08"
        self.assertEqual(self.raw(head).status, 200)
        for body, code in ((head + b"&Action=DeleteUser", b"MalformedQueryString"), (b"Version=2010-05-08", b"MissingAction"),
                           (b"Action=ListUsers", b"InvalidAction"), (b"Action=Nothing&Version=2010-05-08", b"InvalidAction"),
                           (head + b"&MaxItems=%", b"MalformedQueryString"), (head + b"&X=1", b"ValidationError"),
                           (head + b"&A=1" * 600, b"MalformedQueryString"),
                           (b"Action=CreateIdentityPool&IdentityPoolName=p&Version=2010-05-08", b"InvalidAction")):
            answer = self.raw(body)
            self.assertEqual(answer.status, 400, body[:80])
            self.assertIn(b"<Code>" + code + b"</Code>", answer.body, body[:80])
            self.assertEqual(answer.header("Content-Type"), "text/xml")
        large = self.raw(head + b"&PathPrefix=" + b"x" * 300_000)
        self.assertIn(large.status, (400, 413))
        self.assertIn(b"<ErrorResponse", large.body)
        unsigned = self.raw(head, sign=False)
        self.assertEqual(unsigned.status, 403)
        self.assertIn(b"<Code>MissingAuthenticationToken</Code>", unsigned.body)
        get = self.raw(None, method="GET", query="?Action=ListUsers&Version=2010-05-08")
        self.assertEqual((get.status, b"<ListUsersResult>" in get.body), (200, True))
        self.assertTrue(self.gateway.alive())

    @unittest.skipIf(shutil.which("aws") is None, "AWS's command line is not installed")
    def test_awss_command_line(self):
        def aws(*arguments):
            done = subprocess.run(["aws", "iam", *arguments, "--endpoint-url", self.url, "--output", "json"], capture_output=True,
                                  text=True, check=False, timeout=60, env={
                                      **os.environ, "AWS_ACCESS_KEY_ID": self.root["AccessKeyId"], "AWS_DEFAULT_REGION": "us-east-1",
                                      "AWS_SECRET_ACCESS_KEY": self.root["SecretAccessKey"], "AWS_EC2_METADATA_DISABLED": "true"})
            return done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr
        status, made, error = aws("create-user", "--user-name", "cli", "--tags", "Key=team,Value=blue")
        self.assertEqual(error, "")
        self.assertEqual((status, made["User"]["Tags"]), (0, [{"Key": "team", "Value": "blue"}]))
        ours = json.loads(command("iam", "get-user", "--user-name", "cli", "--json", "--config", self.gateway.file).stdout)
        status, theirs, _ = aws("get-user", "--user-name", "cli")
        self.assertEqual((status, theirs), (0, ours))
        self.assertEqual(aws("put-user-policy", "--user-name", "cli", "--policy-name", "p", "--policy-document", policy())[0], 0)
        ours = json.loads(command("iam", "get-user-policy", "--user-name", "cli", "--policy-name", "p", "--json",
                                  "--config", self.gateway.file).stdout)
        self.assertEqual(aws("get-user-policy", "--user-name", "cli", "--policy-name", "p")[1], ours)
        status, _, error = aws("delete-user", "--user-name", "cli")
        self.assertNotEqual(status, 0)
        self.assertIn("(DeleteConflict)", error)


if __name__ == "__main__":
    tell(__name__)
