"""The store of a gateway's identities, written by `gatehouse iam` as an operator does; and callers who sign."""
import json
import unittest
import urllib.parse

from support import gateway as binary
from support.client import request

try:
    import boto3
    import botocore.auth
    import botocore.awsrequest
    import botocore.config
    import botocore.credentials
    from botocore.exceptions import ClientError
except ImportError:
    boto3, ClientError = None, Exception

ACCOUNT, REGION = "111122223333", "us-east-1"
GATEWAY = f"region: {REGION}\naccount_id: \"{ACCOUNT}\""


def need_sdk():
    if boto3 is None:
        raise unittest.SkipTest("needs boto3")


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trusting(principal, *actions, **condition):
    """A trust policy for one principal: an ARN, an account, or {"Federated": ...}."""
    named = principal if isinstance(principal, dict) else {"AWS": principal}
    statement = {"Effect": "Allow", "Principal": named, "Action": list(actions) or ["sts:AssumeRole"]}
    return document({**statement, "Condition": condition} if condition else statement)


def method(verb, path):
    """The ARN of a route of any HTTP API of the gateway."""
    return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:*/$default/{verb}{path}"


class Identities:
    """`database` is made; the gateway's `identity:` names it."""

    def __init__(self, database, account=ACCOUNT):
        self._where = ["--store", f"sqlite:{database}", "--account", account, "--region", REGION]
        done = binary.command("iam", "init", *self._where)
        assert done.returncode == 0, done.stderr

    def __call__(self, verb, *arguments):
        done = binary.command("iam", verb, *arguments, *self._where, "--json")
        assert done.returncode == 0, f"gatehouse iam {verb}: {done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def user(self, name, *statements):
        """(ARN, keys) of a new user; keys as boto3 takes them."""
        made = self("create-user", "--user-name", name)["User"]
        if statements:
            self("put-user-policy", "--user-name", name, "--policy-name", "own", "--policy-document", document(*statements))
        key = self("create-access-key", "--user-name", name)["AccessKey"]
        return made["Arn"], {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    def role(self, name, trust, *statements):
        made = self("create-role", "--role-name", name, "--assume-role-policy-document", trust)["Role"]
        if statements:
            self("put-role-policy", "--role-name", name, "--policy-name", "own", "--policy-document", document(*statements))
        return made["Arn"]

    def delete_role(self, name):
        self("delete-role-policy", "--role-name", name, "--policy-name", "own")
        self("delete-role", "--role-name", name)


def client(service, address, keys=None, **config):
    """boto3's client of a service of the gateway's; without keys it signs nothing."""
    if keys is None:
        config["signature_version"] = botocore.UNSIGNED
    return boto3.client(service, endpoint_url=f"http://{address}", region_name=REGION, **(keys or {}),
                        config=botocore.config.Config(retries={"total_max_attempts": 1}, **config))


def keys_of(credentials):
    """Of STS's or an identity pool's answer, as boto3 takes them."""
    return {"aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials.get("SecretAccessKey") or credentials["SecretKey"],
            "aws_session_token": credentials["SessionToken"]}


def signed(address, keys, verb, path, service="execute-api", body=b"", headers=None):
    """The answer to a request that botocore signed."""
    out = botocore.awsrequest.AWSRequest(verb, f"http://{address}{path}", data=body, headers=headers or {})
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(
        keys["aws_access_key_id"], keys["aws_secret_access_key"], keys.get("aws_session_token")), service, REGION).add_auth(out)
    return request(address, verb, path, dict(out.headers.items()), body, host=urllib.parse.urlsplit(out.url).netloc)
