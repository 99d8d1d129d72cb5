#!/usr/bin/env python3
"""166 raw HTTP/1.1 requests that others collected (llhttp's own tests), sent whole and byte by byte: what must be refused
is, what must be accepted is, and each disagreement is explained here."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from support.gateway import SOURCE, Gateway
from support.story import Story, tell

VECTORS = pathlib.Path(os.environ.get("GATEHOUSE_VECTORS", SOURCE.parent / "shared/vectors"))
CASES = VECTORS / "http/llhttp-requests.json"
RUNNER = VECTORS.parent / "tools/raw_http_runner.py"

# name of the case -> why our verdict is another than the parser's.
EXPLAINED = {}

CONFIGURATION = """
apis:
  any:
    type: http
    stages: {$default: {}}
    routes:
      $default: {authorizer: none, integration: {type: mock, status: 200}}
"""


@unittest.skipUnless(CASES.exists() and RUNNER.exists(), f"no test vectors in {VECTORS}")
class HttpVectors(Story):
    def disagreements(self, *arguments):
        with Gateway(CONFIGURATION) as gateway, tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, RUNNER, CASES, gateway.address, *arguments], cwd=folder, timeout=500,
                                  capture_output=True, text=True, check=False)
            self.assertTrue(gateway.alive())
        self.assertRegex(done.stdout, r"\d+ passed, \d+ failed")
        # DIFF expected verdict [statuses] file | name | reason
        return [line.split(" | ")[1] for line in done.stdout.splitlines() if line.startswith("DIFF ")], done.stdout

    def judge(self, *arguments):
        names, output = self.disagreements(*arguments)
        self.assertEqual(sorted(set(names) - set(EXPLAINED)), [], output)
        self.assertEqual(sorted(set(EXPLAINED) - set(names)), [], "explained, yet we agree: take it out")

    def test_sent_whole(self):
        self.judge()

    def test_sent_byte_by_byte(self):
        self.judge("--split")


if __name__ == "__main__":
    tell(__name__)
