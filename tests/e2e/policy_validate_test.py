#!/usr/bin/env python3
"""`gatehouse policy validate`: faults, warnings, and how it exits."""
import json
import pathlib
import tempfile

from support.gateway import SOURCE, command
from support.story import Story, tell

STATEMENT = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}


def document(*statements, **more):
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


class PolicyValidate(Story):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else
                         (content if isinstance(content, str) else json.dumps(content)).encode())
        return path

    def validate(self, content, *arguments):
        return command("policy", "validate", *arguments, self.file("policy.json", content), cwd=self.folder)

    def test_a_sound_document(self):
        done = self.validate(document(STATEMENT))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.endswith("policy.json: valid (0 warnings)\n"), done.stdout)
        self.assertEqual(self.validate(document(STATEMENT), "--strict").returncode, 0)
        self.assertEqual(command("policy", "validate", "-", stdin=json.dumps(document(STATEMENT))).stdout, "-: valid (0 warnings)\n")

    def test_every_fault_with_its_pointer(self):
        done = self.validate(document({**STATEMENT, "Effect": "allow"}, {**STATEMENT, "Conditon": {}},
                                      {**STATEMENT, "Condition": {"StringIs": {}, "IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}}))
        self.assertEqual(done.returncode, 1)
        for pointer in ("/Statement/0/Effect", "/Statement/1/Conditon", "/Statement/2/Condition/StringIs",
                        "/Statement/2/Condition/IpAddress/aws:SourceIp"):
            self.assertIn(f"policy.json: {pointer}: ", done.stderr)
        self.assertTrue(done.stdout.endswith("policy.json: 4 faults\n"), done.stdout)

    def test_bad_input(self):
        deep = "[" * 10_000 + "]" * 10_000
        for content in ("", "{", "[]", "{}", f'{{"Statement": {deep}}}', b'{"Statement": "\xff"}', b"\0", "a" * (2 << 20),
                        json.dumps(document(*[STATEMENT] * 9_000)), '{"Statement": [], "Statement": []}'):
            done = self.validate(content)
            self.assertEqual(done.returncode, 1, content[:60])
            self.assertTrue(done.stderr.startswith("error: "), content[:60])
            self.assertLess(len(done.stderr), 10_000)
        missing = command("policy", "validate", self.folder / "none.json")
        self.assertEqual(missing.returncode, 1)
        self.assertIn("none.json", missing.stderr)

    def test_control_characters_do_not_reach_the_terminal(self):
        done = self.validate(document({**STATEMENT, "\x1b[2J\nok": 1}))
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("\x1b", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_warnings_exit_0_and_1_when_strict(self):
        open_to_all = document({**STATEMENT, "Principal": "*"})
        for arguments, status in ([], 0), (["--strict"], 1):
            done = self.validate(open_to_all, *arguments)
            self.assertEqual(done.returncode, status)
            self.assertIn("warning: ", done.stderr)
            self.assertTrue(done.stderr.endswith(" [open_to_everybody]\n"), done.stderr)
            self.assertTrue(done.stdout.endswith("valid (1 warning)\n"))

    def test_kinds(self):
        identity = document({k: v for k, v in STATEMENT.items() if k != "Principal"} | {"Resource": "*"})
        trust = document({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"})
        for kind in ("identity", "boundary", "session", "guardrail", "authorizer"):
            self.assertEqual(self.validate(identity, "--kind", kind).returncode, 0, kind)
            self.assertEqual(self.validate(document(STATEMENT), "--kind", kind).returncode, 1, kind)
        self.assertEqual(self.validate(identity).returncode, 1)
        self.assertEqual(self.validate(trust, "--kind", "trust").returncode, 0)
        self.assertEqual(self.validate(document({**STATEMENT, "Resource": "*"}), "--kind", "endpoint").returncode, 0)
        for arguments in (["--kind", "bucket"], ["--api-arn", "abc"], ["--api-arn", "arn:aws:execute-api:us-east-1:111122223333:a/*"]):
            done = self.validate(identity, *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
        self.assertEqual(command("policy", "validate").returncode, 2)

    def test_the_shorthand(self):
        arn = "arn:aws-cn:execute-api:cn-north-1:444455556666:zyxwv98765"
        done = self.validate(document({**STATEMENT, "Resource": "execute-api:/prod/get/x"}), "--api-arn", arn)
        self.assertIn(arn + "/prod/get/x", done.stderr)

    def test_json(self):
        good, bad = self.file("good.json", document({**STATEMENT, "Principal": "*"})), self.file("bad.json", "{}")
        done = command("policy", "validate", "--json", good, bad)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        told = json.loads(done.stdout)
        self.assertFalse(told["ok"])
        first, second = told["files"]
        self.assertEqual((first["file"], first["kind"], first["ok"], first["errors"]), (str(good), "resource", True, []))
        self.assertEqual([(w["pointer"], w["rule"]) for w in first["warnings"]], [("/Statement/0/Principal", "open_to_everybody")])
        self.assertEqual((second["ok"], second["errors"][0]["pointer"], second["warnings"]), (False, "/Statement", []))
        self.assertEqual(command("policy", "validate", "--json", good).returncode, 0)
        self.assertFalse(json.loads(command("policy", "validate", "--json", "--strict", good).stdout)["ok"])

    def test_the_example_of_the_documentation(self):
        text = (SOURCE / "docs/policies.md").read_text()
        given, printed = text.split("$ cat policy.json\n")[1].split("```")[0].split("$ gatehouse policy validate policy.json\n")
        self.file("policy.json", given)
        done = command("policy", "validate", "policy.json", cwd=self.folder)
        self.assertEqual(done.stderr + done.stdout, printed)
        rules = text.split("| warning | what it means |")[1]
        for warning in json.loads(command("policy", "validate", "--json", "policy.json", cwd=self.folder).stdout)["files"][0]["warnings"]:
            self.assertIn(f"| `{warning['rule']}` |", rules)


if __name__ == "__main__":
    tell(__name__)
