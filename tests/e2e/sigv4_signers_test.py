#!/usr/bin/env python3
"""Real signers before the real gateway: botocore and boto3 (Python), @smithy/signature-v4, aws4 and aws4fetch (Node): every case of
sigv4_cases.json, in headers and presigned."""
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

from support import node
from support.gateway import Gateway
from support.signed import ACCOUNT, write_identities
from support.story import Story, tell

CONFIGURATION = """
identity: {file: @DIR@/identities.yaml}
authorizers:
  signed: {type: iam}
apis:
  any:
    type: http
    stages: {$default: {}}
    routes:
      $default: {authorizer: signed, integration: {type: mock, status: 200, body: '{"variant":"gatehouse"}'}}
"""


class Signers(Story):
    @classmethod
    def setUpClass(cls):
        cases = node.TOOLS / "sigv4_cases.json"
        if not cases.exists():
            raise unittest.SkipTest(f"no cases: {cases}")
        cls.cases = json.loads(cases.read_text())
        token = next(case["token"] for case in cls.cases if "token" in case)
        gateway = Gateway(CONFIGURATION, gateway=f'account_id: "{ACCOUNT}"\nregion: us-east-1\n'
                          "request_path: {dot_segments: remove, encoded_slash: keep}")
        write_identities(gateway.directory, token=token)
        cls.gateway = cls.enterClassContext(gateway)
        cls.port = cls.gateway.address.rpartition(":")[2]

    def run_tool(self, *command, env=None):
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, timeout=300,
                              env={**os.environ, **(env or {})})
        return done.stdout + done.stderr

    def passed(self, said, at_least):
        found = re.search(r"(\d+) passed, 0 failed", said)
        self.assertTrue(found, said)
        self.assertGreaterEqual(int(found[1]), at_least, said)

    def test_botocore(self):
        if importlib.util.find_spec("botocore") is None:
            raise unittest.SkipTest("needs botocore")
        bodies = sum(1 for case in self.cases if case.get("body"))
        self.passed(self.run_tool(sys.executable, "-B", node.TOOLS / "sign_botocore.py", self.port), 2 * len(self.cases) - bodies)

    def test_boto3_manages_connections(self):
        if importlib.util.find_spec("boto3") is None:
            raise unittest.SkipTest("needs boto3")
        said = self.run_tool(sys.executable, "-B", node.TOOLS / "sign_boto3.py", self.port)
        for call in ("post", "get", "del"):
            self.assertRegex(said, rf"(?m) {call} 200$", said)

    def sign_with(self, library, *packages):
        home = node.need("sign_node.mjs", *packages)
        self.passed(self.run_tool(shutil.which("node"), node.TOOLS / "sign_node.mjs", self.port, library,
                                  env={"NODE_HOME": str(home)}), 2 * len(self.cases))

    def test_smithy(self):
        self.sign_with("smithy", "@smithy/signature-v4@5.7.5", "@aws-crypto/sha256-js@5.2.0", "@smithy/protocol-http@5.6.2")

    def test_aws4(self):
        self.sign_with("aws4", "aws4@1.13.2")

    def test_aws4fetch(self):
        self.sign_with("aws4fetch", "aws4fetch@1.0.20")


if __name__ == "__main__":
    tell(__name__)
