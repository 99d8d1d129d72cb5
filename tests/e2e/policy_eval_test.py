#!/usr/bin/env python3
"""`gatehouse policy eval`: one case or a line each, what is told of it, and what is not sound."""
import copy
import json
import pathlib
import tempfile

from support.gateway import SOURCE, command
from support.story import Story, tell

API = "arn:aws:execute-api:eu-central-1:111122223333:abcde12345"


def allow(**more):
    return {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*", **more}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


CASE = {
    "principal": "arn:aws:iam::111122223333:user/alice", "action": "execute-api:Invoke",
    "resource": f"{API}/prod/GET/pets", "resourceAccount": "111122223333",
    "context": {"aws:SourceIp": "192.0.2.7", "aws:SecureTransport": True, "aws:EpochTime": 1767225600},
    "identityPolicies": [document(allow())], "resourcePolicy": None,
}


def case(**changes):
    return {**copy.deepcopy(CASE), **changes}


def anonymous(*statements, **changes):
    return case(principal="anonymous", identityPolicies=[], resourcePolicy=document(*statements), **changes)


def lines(*cases):
    return "".join((c if isinstance(c, str) else json.dumps(c)) + "\n" for c in cases)


class PolicyEval(Story):
    def verdicts(self, *cases, arguments=()):
        done = command("policy", "eval", "--jsonl", *arguments, stdin=lines(*cases))
        return done, done.stdout.splitlines()

    def one(self, given, *arguments):
        return command("policy", "eval", *arguments, "-", stdin=json.dumps(given))

    def test_exit_codes_of_one_case(self):
        everybody = allow(Principal="*")
        for given, outcome, status in [
                (case(), "Allowed", 0),
                (case(identityPolicies=[]), "ImplicitlyDenied", 1),
                (case(resourcePolicy=document({**everybody, "Effect": "Deny"})), "ExplicitlyDenied", 1),
                (anonymous(everybody), "Allowed", 0),
                (anonymous(allow(Principal={"AWS": "111122223333"})), "ImplicitlyDenied", 1)]:
            done = self.one(given)
            self.assertEqual((done.stdout, done.stderr, done.returncode), (outcome + "\n", "", status), given)

    def test_from_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "case.json")
            file.write_text(json.dumps(CASE, indent=2))
            self.assertEqual(command("policy", "eval", file).stdout, "Allowed\n")
            missing = command("policy", "eval", file.with_name("none.json"))
            self.assertEqual((missing.returncode, missing.stdout), (1, "Error\n"))
            self.assertIn("none.json", missing.stderr)
            self.assertEqual(command("policy", "eval", folder).returncode, 1)

    def test_usage(self):
        for arguments in ([], ["--jsonl", "case.json"], ["--jsonl", "--explain"], ["a.json", "b.json"], ["--colour", "-"]):
            done = command("policy", "eval", *arguments, stdin="")
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertTrue(done.stderr)
        self.assertEqual(command("policy").returncode, 2)

    def test_every_set_has_its_say(self):
        deny = document({**allow(), "Effect": "Deny"})
        other = document({**allow(), "Action": "execute-api:ManageConnections"})
        for changes, outcome in [
                ({"permissionsBoundary": document(allow())}, "Allowed"),
                ({"permissionsBoundary": other}, "ImplicitlyDenied"),
                ({"sessionPolicies": []}, "ImplicitlyDenied"),
                ({"sessionPolicies": [document(allow())]}, "Allowed"),
                ({"sessionPolicies": [document(allow()), deny]}, "ExplicitlyDenied"),
                ({"guardrails": [[document(allow())], [document(allow()), other]]}, "Allowed"),
                ({"guardrails": [[document(allow())], [other]]}, "ImplicitlyDenied"),
                ({"guardrails": [[deny]]}, "ExplicitlyDenied"),
                ({"endpointPolicy": document(allow(Principal="*"))}, "Allowed"),
                ({"endpointPolicy": document(allow(Principal={"AWS": "444455556666"}))}, "ImplicitlyDenied"),
                ({"resourceAccount": "444455556666"}, "ImplicitlyDenied"),
                ({"permissionsBoundary": None, "sessionPolicies": None, "endpointPolicy": None}, "Allowed")]:
            done = self.one(case(**changes))
            self.assertEqual(done.stdout, outcome + "\n", (changes, done.stderr))

    def test_the_context_is_as_given(self):
        def holds(condition, **context):
            given = anonymous(allow(Principal="*", Condition=condition), context=context["context"])
            return self.one(given).stdout == "Allowed\n"

        tags = {"custom:Tags": ["a", "b"]}
        self.assertTrue(holds({"ForAnyValue:StringEquals": {"custom:tags": "b"}}, context=tags))
        self.assertFalse(holds({"StringEquals": {"custom:tags": "b"}}, context={"custom:Tags": ["b"]}))
        self.assertTrue(holds({"StringEquals": {"custom:tags": "b"}}, context={"custom:Tags": "b"}))
        # A key that is multi-valued whoever brings it.
        self.assertFalse(holds({"StringEquals": {"aws:PrincipalOrgPaths": "o"}}, context={"aws:PrincipalOrgPaths": "o"}))
        self.assertTrue(holds({"Bool": {"aws:SecureTransport": "true"}}, context={"aws:SecureTransport": True}))
        self.assertTrue(holds({"NumericLessThan": {"aws:EpochTime": 2e0}}, context={"aws:EpochTime": 1.5}))
        self.assertTrue(holds({"Null": {"aws:SourceVpc": True}}, context={"aws:SourceVpc": []}))
        # Nothing is derived: the principal's ARN is a key only when somebody wrote it down.
        self.assertTrue(self.one(case(identityPolicies=[document(allow(Condition={"Null": {"aws:PrincipalArn": "true"}}))]))
                        .stdout == "Allowed\n")

    def test_the_shorthand_is_the_api_that_is_asked_for(self):
        statement = allow(Principal="*", Resource="execute-api:/prod/GET/*")
        self.assertEqual(self.one(anonymous(statement)).stdout, "Allowed\n")
        self.assertEqual(self.one(anonymous(statement, resource=f"{API}/dev/GET/pets")).stdout, "ImplicitlyDenied\n")

    def test_what_is_not_sound(self):
        deep = "[" * 10_000 + "]" * 10_000
        bad = [
            ("", "JSON"), ("{", "JSON"), ("[]", "object"), (f'{{"context": {deep}}}', "JSON"),
            ('{"principal": "anonymous", "principal": "anonymous"}', "JSON"),
            (case(identityPolicie=[]), "did you mean `identityPolicies`"),
            ({k: v for k, v in CASE.items() if k != "principal"}, "/principal: it is missing"),
            (case(principal=None), "/principal"), (case(principal="alice\nAllowed"), "/principal: `alice?Allowed`"),
            (case(principal="arn:aws:iam::111122223333:role/R"), "/principal"),
            (case(action="Invoke"), "/action"), (case(action="execute-api:*"), "/action"),
            (case(resource="arn:aws:execute-api:eu-central-1"), "/resource"),
            (case(resourceAccount="1234"), "/resourceAccount"), (case(context=[]), "/context"),
            (case(context={"a": None}), "/context: `a`"), (case(context={"a": [["b"]]}), "/context: `a`"),
            (case(context={"aws:sourceip": "192.0.2.7", "aws:SourceIp": "192.0.2.8"}), "twice"),
            (case(identityPolicies=document(allow())), "/identityPolicies: it is not an array"),
            (case(identityPolicies=[document(allow(Principal="*"))]), "/identityPolicies/0/Statement/0"),
            (case(resourcePolicy=document(allow())), "/resourcePolicy/Statement/0"),
            (case(resourcePolicy=document(allow(Principal="*", Conditon={}))), "/resourcePolicy/Statement/0/Conditon"),
            (case(guardrails=[document(allow())]), "/guardrails/0"),
            (case(endpointPolicy=document(allow(Principal="*", Condition={"StringIs": {}}))), "/endpointPolicy/Statement/0/Condition/StringIs"),
        ]
        done, printed = self.verdicts(*(line for pair in bad for line in (pair[0], case())))
        self.assertEqual(printed, ["Error", "Allowed"] * len(bad))
        self.assertEqual(done.returncode, 1)
        said = done.stderr.splitlines()
        self.assertEqual(len(said), len(bad))
        for i, ((given, part), text) in enumerate(zip(bad, said)):
            self.assertTrue(text.startswith(f"Error: line {2 * i + 1}: "), text)
            self.assertIn(part, text, given)
        done, printed = self.verdicts(*(given for given, _ in bad), arguments=["--json"])
        for line in printed:
            self.assertEqual(json.loads(line)["outcome"], "Error")

    def test_a_line_that_is_too_long_disturbs_no_other(self):
        done, printed = self.verdicts(case(), '{"principal": "' + "a" * (5 << 20) + '"}', case())
        self.assertEqual((printed, done.returncode), (["Allowed", "Error", "Allowed"], 1))
        done = command("policy", "eval", "--jsonl", stdin=lines(CASE).rstrip("\n"))
        self.assertEqual((done.stdout, done.returncode), ("Allowed\n", 0))
        self.assertEqual(command("policy", "eval", "--jsonl", stdin="").returncode, 0)

    def test_explain(self):
        policy = document(
            {"Sid": "Manage", "Effect": "Deny", "Principal": "*", "Action": "execute-api:ManageConnections", "Resource": "*"},
            {"Effect": "Deny", "Principal": "*", "Action": "*", "NotResource": f"{API}/*"},
            {"Effect": "Deny", "Principal": {"AWS": "444455556666"}, "Action": "*", "Resource": "*"},
            allow(Principal="*", Condition={"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "198.51.100.0/24"]}}),
            allow(Principal="*", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
            allow(Principal="*"))
        given = case(identityPolicies=[], resourcePolicy=policy)
        self.assertEqual(self.one(given, "--explain").stdout.splitlines(), [
            "Allowed",
            '/resourcePolicy/Statement/0 `Manage` Deny: misses by Action "execute-api:ManageConnections": '
            'the request has "execute-api:Invoke"',
            f'/resourcePolicy/Statement/1 Deny: misses by NotResource "{API}/*": the request has "{API}/prod/GET/pets"',
            '/resourcePolicy/Statement/2 Deny: misses by Principal {"AWS":"444455556666"}: '
            'the request has "arn:aws:iam::111122223333:user/alice"',
            '/resourcePolicy/Statement/3 Allow: misses by Condition IpAddress aws:SourceIp ["10.0.0.0/8","198.51.100.0/24"]: '
            'the request has ["192.0.2.7"]',
            '/resourcePolicy/Statement/4 Allow: misses by Condition StringEquals aws:SourceVpc ["vpc-1"]: the request has none',
            "/resourcePolicy/Statement/5 Allow: applies",
            "allowed by a resource-based policy, /resourcePolicy/Statement/5"])
        self.assertIsNone(json.loads(self.one(given, "--explain", "--json").stdout)["to_change_it"])
        told = json.loads(self.one(given, "--explain", "--json").stdout)
        self.assertEqual((told["outcome"], told["layer"], told["statement"]),
                         ("Allowed", "resource-based policy", "/resourcePolicy/Statement/5"))
        self.assertEqual([row["applies"] for row in told["statements"]], [False] * 5 + [True])
        self.assertEqual(told["statements"][3]["condition"],
                         {"operator": "IpAddress", "key": "aws:SourceIp", "policy": ["10.0.0.0/8", "198.51.100.0/24"],
                          "request": ["192.0.2.7"], "multi_valued": False})
        self.assertIsNone(told["statements"][4]["condition"]["request"])
        self.assertEqual(told["statements"][2]["policy"], {"AWS": "444455556666"})

    def test_the_example_of_the_documentation(self):
        text = (SOURCE / "docs/policies.md").read_text()
        given, printed = text.split("$ cat case.json\n")[1].split("```")[0].split("$ gatehouse policy eval --explain case.json\n")
        self.assertEqual(command("policy", "eval", "--explain", "-", stdin=given).stdout, printed)

    def test_explain_says_what_would_turn_it_round(self):
        office = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
        outsiders = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
        agent = {"StringLike": {"aws:UserAgent": "good/*"}}
        outside = {"aws:SourceIp": "203.0.113.9", "aws:UserAgent": "bad\n\u001b[2J"}

        def ask(*statements, **changes):
            given = anonymous(*({**allow(Principal="*"), **s} for s in statements), **{"context": outside, **changes})
            change = json.loads(self.one(given, "--explain", "--json").stdout)["to_change_it"]
            line = self.one(given, "--explain").stdout.splitlines()[-1]
            return line.removeprefix("to change it: "), change

        line, change = ask({"Condition": office})
        self.assertEqual(line, "/resourcePolicy/Statement/0 would allow it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9)")
        self.assertEqual(change, {"flips": True, "text": line, "statements": [
            {"statement": "/resourcePolicy/Statement/0", "changes": [
                {"element": "Condition", "operator": "IpAddress", "key": "aws:SourceIp", "policy": ["192.0.2.0/24"],
                 "request": ["203.0.113.9"], "holds": True, "example": ["192.0.2.1"]}]}]})
        line, change = ask({"Effect": "Deny", "Condition": outsiders}, {})
        self.assertEqual((line, change["flips"]), (
            "/resourcePolicy/Statement/0 would not deny it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9)", True))
        line, change = ask({"Effect": "Deny", "Condition": outsiders})
        self.assertEqual((line, change["flips"]), (
            "/resourcePolicy/Statement/0 would not deny it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9), "
            "and then a resource-based policy would have to allow it, too", False))
        line, change = ask({"Condition": agent, "Resource": f"{API}/dev/*"})
        self.assertEqual(line, f"/resourcePolicy/Statement/0 would allow it if the resource matched {API}/dev/* (here "
                         f"{API}/prod/GET/pets) and aws:UserAgent matched good/* (here bad??[2J)")
        self.assertEqual([c["element"] for c in change["statements"][0]["changes"]], ["Resource", "Condition"])
        self.assertEqual(change["statements"][0]["changes"][0]["policy"], f"{API}/dev/*")
        line, _ = ask({}, {"Effect": "Deny", "Condition": outsiders}, context={"aws:SourceIp": "192.0.2.7"})
        self.assertEqual(line, "/resourcePolicy/Statement/1 would deny it if aws:SourceIp were not in 192.0.2.0/24 (here 192.0.2.7)")

    def test_what_is_said_to_turn_it_round_does(self):
        """The example in the JSON, put into the case."""
        for condition in ({"IpAddress": {"aws:SourceIp": ["198.51.100.7/32", "2001:db8::/32"]}}, {"Bool": {"aws:SecureTransport": "true"}},
                          {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, {"NumericGreaterThan": {"aws:EpochTime": "7"}},
                          {"StringEquals": {"aws:SourceVpc": "${aws:UserAgent}"}}, {"Null": {"aws:UserAgent": "true"}}):
            given = anonymous(allow(Principal="*", Condition=condition),
                              context={"aws:UserAgent": "a", "aws:SecureTransport": False, "aws:CurrentTime": "2026-01-01T00:00:00Z"})
            change = json.loads(self.one(given, "--explain", "--json").stdout)["to_change_it"]
            self.assertTrue(change["flips"], condition)
            one = change["statements"][0]["changes"][0]
            given["context"].pop(one["key"], None)
            if one["example"] is not None:
                given["context"][one["key"]] = one["example"][0]
            self.assertEqual(self.one(given).stdout, "Allowed\n", one)

    def test_explain_says_what_lacks_an_allow(self):
        self.assertEqual(self.one(case(identityPolicies=[]), "--explain").stdout.splitlines(),
                         ["ImplicitlyDenied", "denied: no identity-based policy allows it",
                          "to change it: no statement of an identity-based policy allows anything: a policy would have to change"])
        alone = case(identityPolicies=[{"Version": "2012-10-17", "Statement": {**allow(), "Effect": "Deny"}}])
        self.assertEqual(self.one(alone, "--explain").stdout.splitlines(),
                         ["ExplicitlyDenied", "/identityPolicies/0/Statement Deny: applies",
                          "denied by an identity-based policy, /identityPolicies/0/Statement",
                          "to change it: /identityPolicies/0/Statement denies it without a condition: only another action escapes it"])
        self.assertEqual(json.loads(self.one(case(identityPolicies=[]), "--json").stdout),
                         {"outcome": "ImplicitlyDenied", "layer": "identity-based policy", "statement": None})


if __name__ == "__main__":
    tell(__name__)
