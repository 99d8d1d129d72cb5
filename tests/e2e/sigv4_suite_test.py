#!/usr/bin/env python3
"""The public test suite of AWS (aws-c-auth), its requests byte for byte against the running gateway: header and query form, each
also with a digit of its signature changed. The gateway's clock is that of the suite (faketime)."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from support.gateway import SANITIZED, Gateway
from support.node import TOOLS, VECTORS
from support.signed import ACCOUNT, write_identities
from support.story import Story, tell

LIBRARIES = [pathlib.Path(f"/usr/lib/{folder}/faketime/libfaketimeMT.so.1")
             for folder in ("x86_64-linux-gnu", "aarch64-linux-gnu")] + [pathlib.Path("/usr/lib64/faketime/libfaketimeMT.so.1")]
CONFIGURATION = """
identity: {file: @DIR@/identities.yaml}
authorizers:
  signed: {type: iam, settings: {services: [service], presign_cap_seconds: 3600}}
apis:
  suite:
    type: http
    hosts: [example.amazonaws.com]
    stages: {$default: {}}
    routes:
      $default: {authorizer: signed, integration: {type: mock, status: 200}}
"""


class Suite(Story):
    def test_every_case_is_let_in_and_none_with_another_signature(self):
        runner, suite = TOOLS / "sigv4_suite_runner.py", VECTORS / "sigv4/sigv4-suite.json"
        library = next((one for one in LIBRARIES if one.exists()), None)
        if not runner.exists() or not suite.exists():
            raise unittest.SkipTest(f"no test vectors: {runner}, {suite}")
        if library is None or SANITIZED:
            raise unittest.SkipTest("needs libfaketime (apt install faketime), and a gateway without a sanitizer")
        # Two session tokens go with the suite's one key.
        tokens = sorted({case["context"]["credentials"].get("token", "") for case in self.cases(suite)} - {""})
        gateway = Gateway(CONFIGURATION, gateway=f'account_id: "{ACCOUNT}"\nregion: us-east-1\n'
                          "request_path: {dot_segments: remove, encoded_slash: keep}",
                          env={"LD_PRELOAD": str(library), "FAKETIME": "@2015-08-30 12:36:00", "TZ": "UTC",
                               "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        write_identities(gateway.directory, token="\n".join(tokens))
        with gateway:
            done = subprocess.run([sys.executable, "-B", runner, gateway.address], capture_output=True, text=True,
                                  check=False, timeout=300, env=dict(os.environ))
        self.assertEqual(done.stdout.strip(), "53 passed, 0 failed", done.stderr)

    @staticmethod
    def cases(suite):
        return json.loads(suite.read_text())["cases"]


if __name__ == "__main__":
    tell(__name__)
