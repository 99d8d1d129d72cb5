#!/usr/bin/env python3
"""`gatehouse policy eval --jsonl` against an independent evaluator: 3,000 random policies and requests. The verdicts are the
same but for NotPrincipal, where spec iam-policy 7.3 is stricter on purpose."""
import gzip
import json
import os
import pathlib
import unittest

from support.gateway import SOURCE, command
from support.story import Story, tell

VECTORS = pathlib.Path(os.environ.get("GATEHOUSE_VECTORS", SOURCE.parent / "shared/vectors"))
CASES = VECTORS / "iam/differential-seed1.json.gz"
STRICTER = 14


@unittest.skipUnless(CASES.exists(), f"no test vectors in {VECTORS}")
class PolicyVectors(Story):
    @classmethod
    def setUpClass(cls):
        with gzip.open(CASES) as file:
            cls.cases = json.load(file)["cases"]
        cls.lines = "".join(json.dumps(case) + "\n" for case in cls.cases)

    def test_every_verdict(self):
        done = command("policy", "eval", "--jsonl", stdin=self.lines)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        verdicts = done.stdout.splitlines()
        self.assertEqual(len(verdicts), len(self.cases))
        told = command("policy", "eval", "--jsonl", "--json", "--explain", stdin=self.lines).stdout.splitlines()
        stricter = 0
        for case, verdict, line in zip(self.cases, verdicts, told):
            told_one = json.loads(line)
            self.assertEqual(told_one["outcome"], verdict, case)
            if verdict == case["expected"]:
                continue
            stricter += 1
            self.assert_is_not_principal(case, verdict, told_one)
        self.assertEqual(stricter, STRICTER)

    def assert_is_not_principal(self, case, verdict, told):
        """7.3: who is named in NotPrincipal without his account is denied all the same."""
        self.assertEqual(verdict, "ExplicitlyDenied", case)
        self.assertEqual(told["layer"], "resource-based policy")
        statement = case["resourcePolicy"]["Statement"]
        if isinstance(statement, list):
            statement = statement[int(told["statement"].rsplit("/", 1)[1])]
        named = statement["NotPrincipal"]["AWS"]
        named = [named] if isinstance(named, str) else named
        account = case["principal"].split(":")[4]
        self.assertFalse({account, f"arn:aws:iam::{account}:root"} & set(named), case)
        # Every other Deny misses: it is this rule and nothing else.
        for row in told["statements"]:
            if row["effect"] != "Deny" or not row["applies"]:
                continue
            policy = case["resourcePolicy"]["Statement"]
            other = policy if isinstance(policy, dict) else policy[int(row["statement"].rsplit("/", 1)[1])]
            self.assertTrue(row["statement"].startswith("/resourcePolicy/"), case)
            self.assertIn("NotPrincipal", other, case)


if __name__ == "__main__":
    tell(__name__)
