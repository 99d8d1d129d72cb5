#!/usr/bin/env python3
"""tests/golden/resource_policy/<case>: gatehouse.yaml, perhaps policy.json, and expected.txt with all that `gatehouse validate`
says and its exit code. What validate refuses `serve` does not start with and a reload does not take. With
GATEHOUSE_UPDATE_GOLDEN=1 in the environment the expectations are written anew, to be read before they are kept."""
import json
import os
import pathlib
import shutil
import tempfile
import time

from support.client import request
from support.gateway import SOURCE, Gateway, command
from support.story import Story, tell

GOLDEN = SOURCE / "tests/golden/resource_policy"
ALLOWS = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]}


def filled(size):
    """A sound policy but for its size."""
    text = json.dumps(ALLOWS)
    return text + " " * (size - len(text))


MADE = {  # too much of it to be kept
    "nine_thousand_characters": lambda: filled(9000),
    "one_megabyte": lambda: filled(1_000_000),
    "more_than_a_megabyte": lambda: filled(1_100_000),
    "nested_brackets": lambda: '{"Statement": ' + "[" * 10_000 + "]" * 10_000 + "}",
    "nested_brackets_in_few_characters": lambda: '{"Statement": ' + "[" * 3_000 + "]" * 3_000 + "}",
}


class Goldens(Story):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="gh-"))
        self.addCleanup(shutil.rmtree, self.directory)

    def case(self, folder):
        """A copy of its own: modes in the source tree are whoever's checked it out."""
        copy = self.directory / folder.name
        copy.mkdir()
        for file in folder.iterdir():
            shutil.copyfile(file, copy / file.name)
        if folder.name in MADE:
            (copy / "policy.json").write_text(MADE[folder.name]())
        return copy

    def validate(self, copy):
        began = time.monotonic()
        got = command("validate", copy / "gatehouse.yaml", timeout=30)
        self.assertLess(time.monotonic() - began, 20)
        return f"exit {got.returncode}\n" + (got.stdout + got.stderr).replace(f"{copy}/", ""), got.returncode

    def test_each_is_told_with_pointer_and_text(self):
        cases = sorted(GOLDEN.iterdir())
        self.assertGreaterEqual(len(cases), 20)
        for folder in cases:
            with self.subTest(folder.name):
                said, status = self.validate(self.case(folder))
                if os.environ.get("GATEHOUSE_UPDATE_GOLDEN"):
                    (folder / "expected.txt").write_text(said)
                self.assertEqual(said, (folder / "expected.txt").read_text())
                self.assertEqual(status, 0 if folder.name.startswith(("valid", "warned")) else 1)

    def refused(self):
        return [f for f in sorted(GOLDEN.iterdir()) if not f.name.startswith(("valid", "warned"))]

    def test_no_gateway_starts_with_one_that_is_refused(self):
        for folder in self.refused():
            with self.subTest(folder.name):
                copy = self.case(folder)
                got = command("serve", "--config", copy / "gatehouse.yaml", timeout=30,
                              env={"RUNTIME_DIRECTORY": str(self.directory)})
                self.assertEqual(got.returncode, 1, got.stderr)
                # What validate said, behind its first two lines.
                said = "".join((folder / "expected.txt").read_text().splitlines(keepends=True)[2:])
                self.assertTrue(said.startswith("error: "))
                self.assertIn(said, got.stderr.replace(f"{copy}/", ""))
                self.assertIn("not started: 1 fault", got.stderr)

    def test_a_reload_keeps_what_was(self):
        def sections(folder):
            return "authorizers:" + (folder / "gatehouse.yaml").read_text().split("authorizers:", 1)[1]
        good = sections(GOLDEN / "valid_in_the_file").replace("NotIpAddress", "IpAddress")
        with Gateway(good) as gateway:
            for folder in self.refused():
                with self.subTest(folder.name):
                    copy = self.case(folder)
                    gateway.write(sections(copy).replace("policy_file: policy.json", f"policy_file: {copy}/policy.json"))
                    got = gateway.command("reload")
                    self.assertEqual(got.returncode, 1, got.stdout + got.stderr)
                    self.assertEqual(request(gateway.address, "GET", "/prod/pets").status, 200)
            gateway.write(good.replace("Effect: Allow", "Effect: Deny"))
            self.assertEqual(gateway.command("reload").returncode, 0)
            self.assertEqual(request(gateway.address, "GET", "/prod/pets").status, 403)


if __name__ == "__main__":
    tell(__name__)
