#!/usr/bin/env python3
"""`gatehouse iam`: identities kept at the command line, without a running gateway."""
import json
import pathlib
import re
import shlex
import stat
import tempfile

from support.gateway import SOURCE, command
from support.story import Story, tell

ALLOW = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}})
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/dev/ann"}, "Action": "sts:AssumeRole"}]})


class IamCommands(Story):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.store = ("--store", f"sqlite:{self.folder}/id.db", "--account", "111122223333")
        self.ok("init")

    def iam(self, *arguments, **more):
        return command("iam", *arguments, *self.store, cwd=self.folder, **more)

    def ok(self, *arguments, **more):
        done = self.iam(*arguments, **more)
        self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
        return done.stdout

    def read(self, *arguments):
        return json.loads(self.ok(*arguments, "--json"))

    def refused(self, code, *arguments, status=1):
        done = self.iam(*arguments)
        self.assertEqual((done.returncode, done.stdout), (status, ""), arguments)
        self.assertTrue(done.stderr.startswith(f"error: {code}"), done.stderr)
        return done.stderr

    def test_init_makes_private_files_once(self):
        for name in ("id.db", "id.db.key"):
            self.assertEqual(stat.S_IMODE((self.folder / name).stat().st_mode), 0o600, name)
        key = (self.folder / "id.db.key").read_bytes()
        self.assertEqual(self.ok("init"), f"sqlite:{self.folder}/id.db is ready\n")
        self.assertEqual((self.folder / "id.db.key").read_bytes(), key)
        (self.folder / "id.db.key").chmod(0o644)
        self.assertIn("id.db.key", self.refused("", "list-users"))

    def test_a_database_that_is_not_there_is_not_made_by_others(self):
        self.store = ("--store", f"sqlite:{self.folder}/other.db")
        self.assertIn("gatehouse iam init", self.refused("", "list-users"))
        self.store += ("--master-key", f"file:{self.folder}/id.db.key")
        self.assertIn("other.db", self.refused("", "list-users"))
        self.assertFalse((self.folder / "other.db").exists())

    def test_a_whole_life_of_a_user(self):
        made = self.read("create-user", "--user-name", "ann", "--path", "/dev/", "--tags", "Key=team,Value=blue", "Key=note,Value='a: b'")
        self.assertEqual(made["User"]["Arn"], "arn:aws:iam::111122223333:user/dev/ann")
        self.assertEqual(made["User"]["Tags"], [{"Key": "team", "Value": "blue"}, {"Key": "note", "Value": "a: b"}])
        (self.folder / "allow.json").write_text(ALLOW)
        self.assertEqual(self.ok("put-user-policy", "--user-name", "ann", "--policy-name", "p",
                                 "--policy-document", "file://allow.json"), "")
        got = self.read("get-user-policy", "--user-name", "ann", "--policy-name", "p")
        self.assertEqual(got, {"UserName": "ann", "PolicyName": "p", "PolicyDocument": json.loads(ALLOW)})
        key = self.read("create-access-key", "--user-name", "ann")["AccessKey"]
        self.assertRegex(key["AccessKeyId"], "^AKIA[A-Z2-7]{16}$")
        self.assertRegex(key["SecretAccessKey"], "^[A-Za-z0-9/+]{40}$")
        # Never again, and nowhere in the clear.
        self.assertNotIn(key["SecretAccessKey"], self.ok("list-access-keys", "--user-name", "ann", "--json"))
        for file in self.folder.iterdir():
            self.assertNotIn(key["SecretAccessKey"].encode(), file.read_bytes(), file)
        self.assertIn("DeleteConflict", self.refused("DeleteConflict", "delete-user", "--user-name", "ann"))
        self.ok("delete-access-key", "--user-name", "ann", "--access-key-id", key["AccessKeyId"])
        self.ok("delete-user-policy", "--user-name", "ann", "--policy-name", "p")
        self.assertEqual(self.ok("delete-user", "--user-name", "ann"), "")
        self.assertEqual(self.read("list-users"), {"Users": []})
        self.assertEqual(self.ok("list-users"), "(none)\n")

    def test_lists_may_be_json(self):
        self.ok("create-user", "--user-name", "ann", "--tags", '[{"Key": "a", "Value": "b c"}]')
        self.ok("tag-user", "--user-name", "ann", "--tags", '[{"Key":"d","Value":"e"},{"Key":"f","Value":""}]')
        self.ok("untag-user", "--user-name", "ann", "--tag-keys", '["d"]')
        self.assertEqual(self.read("list-user-tags", "--user-name", "ann")["Tags"],
                         [{"Key": "a", "Value": "b c"}, {"Key": "f", "Value": ""}])
        (self.folder / "tags.json").write_text('[{"Key": "g", "Value": "h"}]')
        self.ok("tag-user", "--tags", "file://tags.json", "--user-name", "ann")
        self.ok("tag-user", "--tags", "Key=i,Value=j", "Key=k,Value=l", "--user-name", "ann")
        self.assertEqual(len(self.read("list-user-tags", "--user-name", "ann")["Tags"]), 5)
        self.assertIn("'tags.1.member.value'", self.refused("ValidationError", "tag-user", "--user-name", "ann", "--tags", "Key=a"))

    def test_tables_for_people(self):
        for name in ("ann", "bob"):
            self.ok("create-user", "--user-name", name)
        lines = self.ok("list-users").splitlines()
        self.assertEqual(lines[0].split(), ["Path", "UserName", "UserId", "Arn", "CreateDate"])
        self.assertEqual([line.split()[1] for line in lines[1:]], ["ann", "bob"])
        self.assertEqual(len({line.index("arn:") for line in lines[1:]}), 1)

    def test_lists_are_whole_unless_they_are_asked_in_parts(self):
        for number in range(7):
            self.ok("create-group", "--group-name", f"g{number}")
        self.assertEqual(len(self.read("list-groups")["Groups"]), 7)
        page = self.read("list-groups", "--max-items", "3")
        self.assertEqual(([g["GroupName"] for g in page["Groups"]], page["IsTruncated"]), (["g0", "g1", "g2"], True))
        page = self.read("list-groups", "--max-items", "10", "--marker", page["Marker"])
        self.assertEqual(([g["GroupName"] for g in page["Groups"]], page["IsTruncated"]), (["g3", "g4", "g5", "g6"], False))

    def test_roles_and_boundaries(self):
        self.ok("create-user", "--user-name", "ann", "--path", "/dev/")
        boundary = self.read("create-policy", "--policy-name", "edge", "--policy-document", ALLOW)["Policy"]["Arn"]
        role = self.read("create-role", "--role-name", "r", "--assume-role-policy-document", TRUST,
                         "--max-session-duration", "7200", "--permissions-boundary", boundary)["Role"]
        self.assertEqual((role["MaxSessionDuration"], role["AssumeRolePolicyDocument"]), (7200, json.loads(TRUST)))
        self.assertEqual(role["PermissionsBoundary"], {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary})
        self.assertIn("Invalid principal in policy", self.refused(
            "MalformedPolicyDocument", "update-assume-role-policy", "--role-name", "r",
            "--policy-document", TRUST.replace("ann", "nobody")))
        self.assertIn("/Statement/Effect", self.refused(
            "MalformedPolicyDocument", "put-role-policy", "--role-name", "r", "--policy-name", "p",
            "--policy-document", ALLOW.replace("Allow", "allow")))
        self.assertIn("SessionsRefusedBefore", self.ok("revoke-sessions", "--role-name", "r"))

    def test_a_key_of_a_test_suite_is_taken_over(self):
        self.ok("create-user", "--user-name", "suite")
        secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
        (self.folder / "secret").write_text(secret + "\n")
        shown = self.ok("create-access-key", "--user-name", "suite", "--access-key-id", "AKIDEXAMPLE",
                        "--secret-access-key-file", "secret", "--session-token", "tok", "--json")
        self.assertNotIn(secret, shown)
        self.assertEqual(json.loads(shown)["AccessKey"]["AccessKeyId"], "AKIDEXAMPLE")
        self.refused("EntityAlreadyExists", "create-access-key", "--user-name", "suite", "--access-key-id", "AKIDEXAMPLE",
                     "--secret-access-key-file", "secret")

    def test_roots_key_is_asked_for_by_name(self):
        self.assertIn("--root", self.refused("ValidationError", "create-access-key"))
        self.assertEqual(self.read("create-access-key", "--root")["AccessKey"]["UserName"], "root")

    def test_pools_and_providers(self):
        provider = self.read("create-open-id-connect-provider", "--url", "https://idp.example/t",
                             "--client-id-list", "app", "web")["OpenIDConnectProviderArn"]
        self.assertEqual(provider, "arn:aws:iam::111122223333:oidc-provider/idp.example/t")
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": provider},
                                                         "Action": "sts:AssumeRoleWithWebIdentity"}]}
        create = ("create-role", "--role-name", "web", "--assume-role-policy-document")
        self.assertIn("idp.example/t", self.refused("MalformedPolicyDocument", *create, json.dumps(trust)))
        trust["Statement"][0]["Condition"] = {"StringEquals": {"idp.example/t:aud": "app"}}
        role = self.read(*create, json.dumps(trust))["Role"]["Arn"]
        pool = self.read("create-identity-pool", "--identity-pool-name", "p", "--allow-unauthenticated-identities",
                         "--cognito-identity-providers", "ProviderName=cognito-idp.eu-central-1.amazonaws.com/P,ClientId=c",
                         "--open-id-connect-provider-arns", provider)
        self.assertRegex(pool["IdentityPoolId"], r"^us-east-1:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
        self.ok("set-identity-pool-roles", "--identity-pool-id", pool["IdentityPoolId"], "--roles", f"authenticated={role}",
                "--role-mappings", json.dumps({"idp.example/t": {"Type": "Token", "AmbiguousRoleResolution": "Deny"}}))
        shown = self.read("describe-identity-pool", "--identity-pool-id", pool["IdentityPoolId"])
        self.assertEqual(shown["Roles"], {"authenticated": role})
        self.assertEqual(len(shown["CognitoIdentityProviders"]), 3)
        self.assertIs(self.read("update-identity-pool", "--identity-pool-id", pool["IdentityPoolId"],
                                "--no-allow-unauthenticated-identities")["AllowUnauthenticatedIdentities"], False)

    def test_secrets_are_sealed_anew(self):
        self.ok("create-user", "--user-name", "ann")
        self.ok("create-access-key", "--user-name", "ann")
        self.ok("create-access-key", "--user-name", "ann")
        old = (self.folder / "id.db.key").read_text()
        fresh = ("--store", f"sqlite:{self.folder}/fresh.db")
        self.assertEqual(command("iam", "init", *fresh).returncode, 0)
        new = (self.folder / "fresh.db.key").read_text()
        (self.folder / "id.db.key").write_text(new + old)
        done = self.iam("reseal")
        self.assertEqual((done.returncode, done.stdout), (0, "2 secrets sealed anew\n"))
        self.assertIn(new.split()[0], done.stderr)
        (self.folder / "id.db.key").write_text(new)  # the old key is not needed any more
        self.ok("create-access-key", "--root")
        self.assertEqual(self.iam("reseal").stdout, "0 secrets sealed anew\n")

    def test_master_keys_from_elsewhere(self):
        text = (self.folder / "id.db.key").read_text()
        self.store += ("--master-key", "env:GH_TEST_KEY")
        self.assertEqual(self.ok("list-users", env={"GH_TEST_KEY": text}), "(none)\n")
        self.assertIn("GH_TEST_KEY", self.refused("", "list-users"))
        self.store = self.store[:-1] + ("credential:key",)
        (self.folder / "key").write_text(text)
        (self.folder / "key").chmod(0o400)
        self.assertEqual(self.ok("list-users", env={"CREDENTIALS_DIRECTORY": str(self.folder)}), "(none)\n")
        self.store = self.store[:-1] + ("nonsense",)
        self.assertIn("--master-key", self.refused("--master-key", "list-users"))

    def test_a_file_of_identities_is_only_read(self):
        (self.folder / "identities.yaml").write_text(
            "accounts:\n  \"111122223333\":\n    users:\n      ann:\n"
            "        access_keys: [{access_key_id: AKIAANN, secret_access_key: open-sesame}]\n")
        (self.folder / "identities.yaml").chmod(0o600)
        self.store = ("--store", f"file:{self.folder}/identities.yaml", "--account", "111122223333")
        self.assertEqual([user["UserName"] for user in self.read("list-users")["Users"]], ["ann"])
        self.assertNotIn("open-sesame", self.ok("list-access-keys", "--user-name", "ann", "--json"))
        self.assertIn("identities.yaml", self.refused("ReadOnly", "create-user", "--user-name", "bob"))
        self.refused("identities of a file", "init")

    def test_the_store_of_a_configuration(self):
        (self.folder / "gatehouse.yaml").write_text(
            "gateway: {account_id: \"444455556666\", region: eu-west-1}\n"
            f"identity: {{sqlite: {self.folder}/id.db}}\n"
            "listeners: {public: {address: \"127.0.0.1:0\"}}\n"
            "apis: {a: {type: http, stages: {$default: {}}, routes: {GET /x: {authorizer: none, integration: {type: mock, status: 200}}}}}\n")
        made = command("iam", "--config", self.folder / "gatehouse.yaml", "create-user", "--user-name", "ann", "--json")
        self.assertEqual(json.loads(made.stdout)["User"]["Arn"], "arn:aws:iam::444455556666:user/ann", made.stderr)
        self.assertEqual(self.read("list-users")["Users"], [])  # of the other account

    def test_the_command_line_itself(self):
        for arguments, says in ((("lst-users",), "`list-users`"), ((), "subcommand"), (("create-user",), "--user-name"),
                                (("create-user", "--user-name", "a", "--nonsense"), "--nonsense"),
                                (("create-user", "--user-name", "a", "--tags", "team"), "--tags"),
                                (("create-user", "--user-name", "a", "--tags", "Key=a,Key=b"), "--tags"),
                                (("create-policy", "--policy-name", "p", "--policy-document", "file://none.json"), "none.json")):
            done = command("iam", *arguments, *(self.store if arguments else ()), cwd=self.folder)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(says, done.stderr + done.stdout, arguments)
        self.assertIn("create-open-id-connect-provider", command("iam", "--help").stdout)
        self.assertIn("--permissions-boundary", command("iam", "create-user", "--help").stdout)
        self.assertEqual(command("iam", "list-users").returncode, 1)
        self.assertIn("--store", command("iam", "list-users").stderr)
        for bad in ("sqlite", "sqlite:", "mysql:x", "/tmp/x.db"):
            self.assertIn("--store", command("iam", "list-users", "--store", bad).stderr)
        self.assertIn("--account", command("iam", "list-users", *self.store[:2], "--account", "1").stderr)

    def test_the_documentation_is_as_it_says(self):
        text = (SOURCE / "docs/iam.md").read_text().replace("/var/lib/gatehouse", str(self.folder / "doc"))
        (self.folder / "doc").mkdir()
        (self.folder / "invoke.json").write_text(ALLOW)
        shown = re.search(r"```\n(\$ gatehouse iam init.*?)```", text, re.S)[1].splitlines()
        given = {}
        for line in shown:
            if line.startswith("$ export STORE="):
                given["$STORE"] = shlex.split(line[len("$ export STORE="):])[0]
            elif line.startswith("$ gatehouse"):
                for name, value in given.items():
                    line = line.replace(name, value)
                done = command(*shlex.split(line[len("$ gatehouse "):]), cwd=self.folder)
                self.assertEqual((done.returncode, done.stderr), (0, ""), line)
                if " init " in line:
                    self.assertEqual(done.stdout, shown[1] + "\n")
        (self.folder / "doc.yaml").write_text(re.search(r"```yaml\n(.*?)```", text, re.S)[1])
        checked = command("validate", self.folder / "doc.yaml")
        self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_the_man_page_and_the_completions_know_every_operation(self):
        listed = re.findall(r"^  ([a-z][a-z-]+)\s", command("iam", "--help").stdout.split("Subcommands:")[1], re.M)
        self.assertGreater(len(listed), 80)
        for file in ("packaging/completions/gatehouse.bash", "packaging/completions/_gatehouse", "docs/iam.md"):
            text = (SOURCE / file).read_text()
            for name in listed:
                self.assertRegex(text, rf"(?<![\w-]){name}(?![\w-])", file)


if __name__ == "__main__":
    tell(__name__)
