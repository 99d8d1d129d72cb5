#!/usr/bin/env python3
"""The command line: what it prints, where, and how it exits."""
import json
import re

from support.gateway import SOURCE, command
from support.story import Story, tell

COMMANDS = ["serve", "validate", "explain", "reload", "status", "policy", "token", "sign", "schema", "version"]


class CommandLine(Story):
    def test_version(self):
        wanted = re.search(r"project\(gatehouse VERSION ([0-9.]+)", (SOURCE / "CMakeLists.txt").read_text())[1]
        for argument in ("version", "--version"):
            done = command(argument)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(wanted, done.stdout)

    def test_help(self):
        for arguments in (["--help"], ["-h"]):
            done = command(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for name in COMMANDS:
                self.assertIn(name, done.stdout)

    def test_nothing_said(self):
        done = command()
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("--help", done.stderr)

    def test_what_is_not_known(self):
        for arguments in (["valdate"], ["serve", "--colour", "blue"], ["validate"], ["explain", "x.yaml"],
                          ["status", "extra"]):
            with self.subTest(arguments):
                done = command(*arguments)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertTrue(done.stderr)

    def test_schema(self):
        done = command("schema")
        schema = json.loads(done.stdout)
        self.assertEqual(schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
        self.assertLessEqual({"listeners", "upstreams", "authorizers", "apis"}, set(schema["properties"]))
        kept = SOURCE / "config/gatehouse.schema.json"
        if kept.exists():
            self.assertEqual(json.loads(kept.read_text()), schema, "run `gatehouse schema > config/gatehouse.schema.json`")

    def test_every_command_is_in_the_man_page_and_the_completions(self):
        for file in ("packaging/man/gatehouse.1", "packaging/completions/gatehouse.bash", "packaging/completions/_gatehouse"):
            text = (SOURCE / file).read_text()
            for name in COMMANDS:
                self.assertIn(name, text, file)


if __name__ == "__main__":
    tell(__name__)
