#!/usr/bin/env python3
"""Temporary credentials by AWS's own SDK and command line: roles of the gateway's store are assumed, and what comes of it
signs requests to an API that some roles may call and others may not."""
import os
import shutil
import subprocess
import unittest
import urllib.parse

from support.client import request
from support.gateway import Gateway
from support.identities import (ACCOUNT, GATEWAY, REGION, ClientError, Identities, allow, client, document, keys_of,
                                method, need_sdk, signed, trusting)
from support.story import Story, tell
from support.wait import until

CONFIGURATION = """
identity: {sqlite: "@DIR@/identity.db"}
authorizers:
  caller: {type: iam, settings: {services: [sts], skew_seconds: 900, presign_cap_seconds: 900, unsigned: anonymous}}
  signed: {type: iam}
apis:
  all:
    type: http
    stages: {$default: {}}
    routes:
      POST /: {authorizer: caller, integration: {type: sts}}
      GET /: {authorizer: caller, integration: {type: sts}}
      GET /pets: {authorizer: signed, integration: {type: mock, body: read}}
      POST /pets: {authorizer: signed, integration: {type: mock, body: written}}
"""


class Sts(Story):
    @classmethod
    def setUpClass(cls):
        need_sdk()
        cls.gateway = Gateway(CONFIGURATION, gateway=GATEWAY)
        cls.iam = iam = Identities(cls.gateway.directory / "identity.db")
        cls.ann, cls.keys = iam.user("ann")
        cls.bob, cls.bobs = iam.user("bob", allow("sts:AssumeRole"))
        cls.reader = iam.role("Reader", trusting(cls.ann), allow("execute-api:Invoke", method("GET", "/pets")))
        cls.all = iam.role("All", trusting(cls.ann, "sts:AssumeRole", "sts:TagSession"), allow("execute-api:*"))
        cls.enterClassContext(cls.gateway)
        cls.address = cls.gateway.address

    def sts(self, keys=None):
        return client("sts", self.address, keys)

    def assume(self, role=None, keys=None, **more):
        got = self.sts(keys or self.keys).assume_role(RoleArn=role or self.reader, RoleSessionName="job1", **more)
        return keys_of(got["Credentials"])

    def pets(self, keys, verb="GET"):
        return signed(self.address, keys, verb, "/pets").status

    def assert_refused(self, code, status, call):
        with self.assertRaises(ClientError) as refused:
            call()
        said = refused.exception.response
        self.assertEqual((said["Error"]["Code"], said["ResponseMetadata"]["HTTPStatusCode"]), (code, status), said)
        self.assertTrue(said["ResponseMetadata"]["RequestId"])
        return said["Error"]["Message"]

    def test_STS_1_a_role_is_assumed_and_calls_what_it_may(self):
        got = self.sts(self.keys).assume_role(RoleArn=self.reader, RoleSessionName="job1", DurationSeconds=900)
        self.assertEqual(got["AssumedRoleUser"]["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/job1")
        self.assertTrue(got["AssumedRoleUser"]["AssumedRoleId"].startswith("AROA"))
        left = (got["Credentials"]["Expiration"] - got["Credentials"]["Expiration"].now(got["Credentials"]["Expiration"].tzinfo))
        self.assertTrue(800 < left.total_seconds() <= 900)
        keys = keys_of(got["Credentials"])
        self.assertEqual((self.pets(keys), self.pets(keys, "POST")), (200, 403))
        self.assertEqual(self.pets(self.keys), 403, "the user himself may not")

    def test_STS_2_5_refusals(self):
        text = self.assert_refused("AccessDenied", 403, lambda: self.assume(keys=self.bobs))
        self.assertEqual(text, f"User: {self.bob} is not authorized to perform: sts:AssumeRole on resource: {self.reader}")
        missing = self.reader.replace("Reader", "Absent")
        self.assertEqual(self.assert_refused("AccessDenied", 403, lambda: self.assume(missing)),
                         f"User: {self.ann} is not authorized to perform: sts:AssumeRole on resource: {missing}")
        self.assert_refused("ValidationError", 400, lambda: self.assume(DurationSeconds=3601))
        self.assert_refused("AccessDenied", 403, lambda: self.assume(Tags=[{"Key": "a", "Value": "b"}]))  # STS_11
        self.assert_refused("MalformedPolicyDocument", 400, lambda: self.assume(Policy="{}"))

    def test_STS_9_a_session_policy_limits_the_role(self):
        keys = self.assume(self.all, Policy=document(allow("execute-api:Invoke", method("GET", "/pets"))),
                           Tags=[{"Key": "team", "Value": "blue"}])
        self.assertEqual((self.pets(keys), self.pets(keys, "POST")), (200, 403))
        keys = self.assume(self.all)
        self.assertEqual((self.pets(keys), self.pets(keys, "POST")), (200, 200))

    def test_who_am_I(self):
        got = self.sts(self.keys).get_caller_identity()
        self.assertEqual((got["Arn"], got["Account"], got["UserId"][:4]), (self.ann, ACCOUNT, "AIDA"))
        got = self.sts(self.assume()).get_caller_identity()
        self.assertEqual(got["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/job1")
        self.assertTrue(got["UserId"].endswith(":job1"))

    def test_STS_14_15_session_tokens(self):
        keys = keys_of(self.sts(self.keys).get_session_token(DurationSeconds=900)["Credentials"])
        self.assertEqual(self.sts(keys).get_caller_identity()["Arn"], self.ann)
        self.assertEqual(self.pets(self.assume(keys=keys)), 200)
        self.assert_refused("AccessDenied", 403, self.sts(keys).get_session_token)
        self.assert_refused("AccessDenied", 403, self.sts(self.assume()).get_session_token)

    def test_unsigned_and_wrongly_signed(self):
        self.assert_refused("MissingAuthenticationToken", 403, self.sts().get_caller_identity)
        wrong = {**self.keys, "aws_secret_access_key": "x" * 40}
        self.assert_refused("SignatureDoesNotMatch", 403, self.sts(wrong).get_caller_identity)
        unknown = {**self.keys, "aws_access_key_id": "AKIAAAAAAAAAAAAAAAAA"}
        self.assert_refused("InvalidClientTokenId", 403, self.sts(unknown).get_caller_identity)

    def test_STS_18_19_tokens_of_others_and_tampered_ones(self):
        one, other = self.assume(), self.assume()
        mixed = {**one, "aws_session_token": other["aws_session_token"]}
        self.assert_refused("InvalidClientTokenId", 403, self.sts(mixed).get_caller_identity)
        token = one["aws_session_token"]
        flipped = token[:100] + ("A" if token[100] != "A" else "B") + token[101:]
        self.assert_refused("InvalidClientTokenId", 403, self.sts({**one, "aws_session_token": flipped}).get_caller_identity)
        self.assert_refused("InvalidClientTokenId", 403, self.sts({**self.keys, "aws_session_token": token}).get_caller_identity)
        self.assertEqual((self.pets(one), self.pets(mixed)), (200, 403))

    def test_STS_28_signatures_for_another_service(self):
        form = b"Action=GetCallerIdentity&Version=2011-06-15"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        got = signed(self.address, self.keys, "POST", "/", service="execute-api", body=form, headers=headers)
        self.assertEqual(got.status, 403)
        self.assertIn(b"<Code>SignatureDoesNotMatch</Code>", got.body)
        self.assertIn(b"Credential should be scoped to correct service", got.body)
        self.assertEqual(signed(self.address, self.keys, "POST", "/", service="sts", body=form, headers=headers).status, 200)
        self.assertEqual(signed(self.address, self.assume(), "GET", "/pets", service="sts").status, 403)

    def test_presigned(self):
        url = self.sts(self.keys).generate_presigned_url("get_caller_identity", HttpMethod="GET")
        path = url[url.index("/", 8):]
        got = request(self.address, "GET", path, host=self.address)
        self.assertEqual(got.status, 200, got)
        self.assertIn(self.ann.encode(), got.body)
        self.assertEqual(got.header("Content-Type"), "text/xml")
        changed = path.replace("GetCallerIdentity", "GetSessionToken")
        self.assertEqual(request(self.address, "GET", changed, host=self.address).status, 403)

    def test_STS_20_sessions_end_with_their_role(self):
        role = self.iam.role("Brief", trusting(self.ann), allow("execute-api:Invoke"))
        keys = self.assume(role)
        self.assertEqual(self.pets(keys), 200)
        self.iam.delete_role("Brief")
        # Each worker hears of it by itself: as many connections as reach them all.
        until(lambda: all(self.pets(keys) == 403 for _ in range(20)), 10, "the session is over")
        self.iam.role("Brief", trusting(self.ann), allow("execute-api:Invoke"))
        self.assertTrue(self.assume(role))
        self.assertEqual(self.pets(keys), 403, "another role of the name")
        self.assert_refused("InvalidClientTokenId", 403, self.sts(keys).get_caller_identity)

    def test_the_command_line(self):
        aws = shutil.which("aws")
        if not aws:
            raise unittest.SkipTest("needs AWS's command line")
        env = {**os.environ, "AWS_ACCESS_KEY_ID": self.keys["aws_access_key_id"], "AWS_DEFAULT_REGION": REGION,
               "AWS_SECRET_ACCESS_KEY": self.keys["aws_secret_access_key"], "AWS_ENDPOINT_URL": f"http://{self.address}",
               "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}

        def said(*arguments):
            return subprocess.run([aws, "sts", *arguments, "--output", "text"], env=env, timeout=60, capture_output=True,
                                  text=True, check=False)
        who = said("get-caller-identity", "--query", "Arn")
        self.assertEqual((who.returncode, who.stdout.strip()), (0, self.ann), who.stderr)
        got = said("assume-role", "--role-arn", self.reader, "--role-session-name", "cli", "--query", "AssumedRoleUser.Arn")
        self.assertEqual(got.stdout.strip(), f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/cli", got.stderr)
        got = said("assume-role", "--role-arn", self.all.replace("All", "None"), "--role-session-name", "cli")
        self.assertIn("(AccessDenied)", got.stderr)

    def test_an_action_in_the_query_of_a_post(self):
        got = request(self.address, "POST", "/?" + urllib.parse.urlencode({"Action": "GetCallerIdentity", "Version": "2011-06-15"}),
                      {}, b"", host=self.address)
        self.assertEqual(got.status, 403)
        self.assertIn(b"<Code>MissingAuthenticationToken</Code>", got.body)


if __name__ == "__main__":
    tell(__name__)
