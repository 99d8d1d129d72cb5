#!/usr/bin/env python3
"""Resource policies (spec resource-policies-and-private-endpoints, rows of section 14) and what they come to together with
an authorizer (spec iam-policy, section 9), with status and body."""
import json
import os

from support.client import request
from support.gateway import BUILD, PLUGINS, Gateway, command
from support.story import Story, tell

ALLOW_ALL = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
ARN = "arn:aws:execute-api:us-east-1:111122223333:abcde12345"
SHOWN = "arn:aws:execute-api:us-east-1:********3333:abcde12345/prod/GET/pets"
D1 = f"User: anonymous is not authorized to perform: execute-api:Invoke on resource: {SHOWN}"
D2 = D1 + " with an explicit deny in a resource-based policy"
D1 += " because no resource-based policy allows the execute-api:Invoke action"
D3 = "User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action"
D4 = "User is not authorized to access this resource with an explicit deny in an identity-based policy"
SETTINGS = "account_id: \"111122223333\"\ntrusted_proxies: [127.0.0.1]"


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def outsiders(condition):
    """Everybody is let in but who meets the condition: the recipes of section 2."""
    return policy(ALLOW_ALL, {**ALLOW_ALL, "Sid": "Outsiders", "Effect": "Deny", "Condition": condition})


R2 = outsiders({"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:db8:7::/48"]}})
R2_V4 = outsiders({"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}})
R3 = outsiders({"NotIpAddress": {"aws:VpcSourceIp": "10.20.0.0/16"}})
R4 = outsiders({"StringNotEquals": {"aws:SourceVpc": "vpc-0aaa1111bbb22222c"}})
R5 = outsiders({"StringNotEquals": {"aws:SourceVpce": "vpce-0abc1234def567890"}})
ALLOWS = policy(ALLOW_ALL)
SILENT = policy({**ALLOW_ALL, "Resource": "execute-api:/prod/POST/*"})
DENIES = policy(ALLOW_ALL, {**ALLOW_ALL, "Effect": "Deny"})


def configuration(document, kind="rest", more="", authorizer="none", route=""):
    """An API with one route, `document` being its resource policy; None: it has none."""
    resource = "" if document is None else "    resource_policy: house\n"
    house = "" if document is None else (
        f"  house: {{type: resource_policy, settings: {{policy: {json.dumps(document)}}}}}\n")
    authorizers = f"authorizers:\n{house}{more}" if house or more else ""
    return (f"{authorizers}apis:\n  pets:\n    type: {kind}\n    id: abcde12345\n    stages: {{prod: {{}}}}\n{resource}"
            "    routes:\n"
            f"      GET /pets: {{authorizer: {authorizer}, integration: {{type: mock, status: 200, body: hello}}}}\n{route}")


class Recipes(Story):
    """Rows 1 to 18, as far as they need no VPC endpoint; 46, 47, 51."""

    def answer(self, document, forwarded=None, settings=SETTINGS):
        with Gateway(configuration(document), gateway=settings) as gateway:
            headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
            return request(gateway.address, "GET", "/prod/pets", headers)

    def assert_denied(self, got, text):
        self.assert_answer(got, 403, {"Message": text}, {"x-amzn-ErrorType": "AccessDeniedException"})

    def test_rows_1_to_6_the_truth_table(self):
        for name, document, client, allowed in (
                ("R2, inside", R2, "192.0.2.9", True), ("R2, outside", R2, "203.0.113.9", False),
                ("R2, inside by IPv6", R2, "2001:db8:7::1", True),
                ("IPv6 client, only IPv4 ranges", R2_V4, "2001:db8:7::1", False),
                ("R3: the key is absent", R3, "192.0.2.9", False), ("R3, outside", R3, "203.0.113.9", False),
                ("R4: the key is absent", R4, "192.0.2.9", False), ("R4, outside", R4, "203.0.113.9", False),
                ("R5: the key is absent", R5, "192.0.2.9", False), ("R5, outside", R5, "203.0.113.9", False)):
            with self.subTest(name):
                got = self.answer(document, client)
                if allowed:
                    self.assertEqual((got.status, got.body), (200, b"hello"))
                else:
                    self.assert_denied(got, D2)

    def test_row_46_a_stranger_forwards_nothing(self):
        self.assert_denied(self.answer(R2, "192.0.2.9", 'account_id: "111122223333"'), D2)
        loopback = outsiders({"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}})
        self.assertEqual(self.answer(loopback, "203.0.113.9", 'account_id: "111122223333"').status, 200)

    def test_row_47_the_rightmost_that_is_not_trusted_is_the_client(self):
        self.assert_denied(self.answer(R2, "192.0.2.9, 203.0.113.9"), D2)
        self.assertEqual(self.answer(R2, "203.0.113.9, 192.0.2.9").status, 200)

    def test_row_51_a_mapped_address_is_an_IPv4_address(self):
        self.assertEqual(self.answer(R2_V4, "::ffff:192.0.2.9").status, 200)
        gateway = Gateway(configuration(R2_V4), gateway=SETTINGS)
        try:
            self.assertEqual(command("explain", gateway.file, "GET", "/prod/pets", "--from", "::ffff:192.0.2.9").returncode, 0)
        finally:
            gateway.discard()

    def test_a_denied_path_is_denied_in_every_spelling(self):
        secret = {**ALLOW_ALL, "Effect": "Deny", "Resource": ["execute-api:/prod/GET/pets", "execute-api:/prod/GET/users/bob@x",
                                                              "execute-api:/prod/GET/f/secret"]}
        routes = ("      GET /users/{id}: {authorizer: none, integration: {type: mock, status: 200, body: hello}}\n"
                  "      GET /f/{proxy+}: {authorizer: none, integration: {type: mock, status: 200, body: hello}}\n")
        with Gateway(configuration(policy(ALLOW_ALL, secret), route=routes), gateway=SETTINGS) as gateway:
            for path in ("/pets", "/pets/", "/pets//", "//pets", "/%70ets", "/users/bob@x", "/users/bob%40x", "/users/bob@x/",
                         "/users/bob@x;v=1", "/users/bob@x%3bv=1", "/f/secret", "/f/secret/", "/f//secret", "/f/secret;x"):
                with self.subTest(path):
                    self.assertIn(request(gateway.address, "GET", "/prod" + path).status, (400, 403, 404))
            for path in ("/users/alice", "/users/bob%40y", "/f/secrets", "/f/a/"):
                with self.subTest(path):
                    self.assertEqual(request(gateway.address, "GET", "/prod" + path).status, 200)

    def test_a_page_of_ones_own_shows_the_path_as_text(self):
        page = "    gateway_responses: {ACCESS_DENIED: {templates: {text/html: '<p>$context.error.message</p>'}}}\n"
        text = configuration(SILENT, route="      GET /f/{proxy+}: {authorizer: none, integration: {type: mock, status: 200}}\n")
        with Gateway(text.replace("    routes:\n", page + "    routes:\n"), gateway=SETTINGS) as gateway:
            got = request(gateway.address, "GET", "/prod/f/<b>'x'</b>")
            self.assertIn(got.status, (400, 403))
            self.assertNotIn(b"<b>", got.body)
            got = request(gateway.address, "GET", "/prod/f/a'b")
            self.assertEqual((got.status, b"/f/a&#39;b" in got.body), (403, True), got.body)

    def test_keys_of_the_request(self):
        def only(condition):
            return policy({**ALLOW_ALL, "Condition": condition})
        for name, condition, headers, status in (
                ("user agent", {"StringLike": {"aws:UserAgent": "good/*"}}, {"User-Agent": "good/1"}, 200),
                ("another user agent", {"StringLike": {"aws:UserAgent": "good/*"}}, {"User-Agent": "bad/1"}, 403),
                ("no user agent", {"Null": {"aws:UserAgent": "true"}}, {}, 200),
                ("two lines, none hides the other", {"StringEquals": {"aws:Referer": "a"}}, [("Referer", "a"), ("Referer", "b")], 403),
                ("plain HTTP", {"Bool": {"aws:SecureTransport": "false"}}, {}, 200),
                ("TLS only", {"Bool": {"aws:SecureTransport": "true"}}, {}, 403),
                ("region", {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, {}, 200),
                ("account", {"StringEquals": {"aws:ResourceAccount": "111122223333"}}, {}, 200),
                ("time", {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"},
                          "NumericGreaterThan": {"aws:EpochTime": "1577836800"}}, {}, 200),
                ("too late", {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, {}, 403),
                ("nobody is a principal", {"StringLike": {"aws:PrincipalArn": "*"}}, {}, 403)):
            with self.subTest(name), Gateway(configuration(only(condition)), gateway=SETTINGS) as gateway:
                self.assertEqual(request(gateway.address, "GET", "/prod/pets", headers).status, status)


class Tables(Story):
    def test_9_1_no_authorizer(self):
        for name, document, status, body in (("-", None, 200, b"hello"), ("ALLOW", ALLOWS, 200, b"hello"),
                                             ("NONE", SILENT, 403, {"Message": D1}), ("DENY", DENIES, 403, {"Message": D2})):
            with self.subTest(name), Gateway(configuration(document), gateway=SETTINGS) as gateway:
                self.assert_answer(request(gateway.address, "GET", "/prod/pets"), status, body)

    def test_9_1_a_named_principal_is_nobody_here(self):
        named = policy({**ALLOW_ALL, "Principal": {"AWS": "arn:aws:iam::111122223333:user/ann"}})
        with Gateway(configuration(named), gateway=SETTINGS) as gateway:
            self.assert_answer(request(gateway.address, "GET", "/prod/pets"), 403, {"Message": D1})

    def test_9_3_lambda(self):
        resource = f"{ARN}/prod/GET/pets"
        says = {
            "ALLOW": policy({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}),
            "NONE": policy({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{ARN}/prod/GET/other"}),
            "DENY": policy({"Effect": "Allow", "Action": "*", "Resource": "*"},
                           {"Effect": "Deny", "Action": "execute-api:*", "Resource": resource}),
        }
        rows = {  # RP: (document, {L: answer}, whether the function is called)
            "-": (None, {"ALLOW": 200, "NONE": D3, "DENY": D4}, True),
            "ALLOW": (ALLOWS, {"ALLOW": 200, "NONE": 200, "DENY": D4}, True),
            "NONE": (SILENT, {"ALLOW": 200, "NONE": D3, "DENY": D4}, True),
            "DENY": (DENIES, {"ALLOW": D2, "NONE": D2, "DENY": D2}, False),
        }
        for rp, (document, answers, called) in rows.items():
            with Gateway(with_function(document), gateway=SETTINGS, plugins=FUNCTIONS) as gateway:
                for said, expected in answers.items():
                    with self.subTest(RP=rp, L=said):
                        before = calls(gateway)
                        got = request(gateway.address, "GET", "/prod/pets", {"x-policy": json.dumps(says[said])})
                        if expected == 200:
                            self.assertEqual((got.status, got.body), (200, b"hello"))
                        else:
                            self.assert_answer(got, 403, {"Message": expected}, {"x-amzn-ErrorType": "AccessDeniedException"})
                        self.assertEqual(calls(gateway) - before, int(called))
                # An answer without a policy is ALLOW or explicit DENY for every route; 401 comes before phase 2.
                denied = rp == "DENY"
                for header, status in (({"x-policy": "plain"}, 403 if denied else 200), ({"x-policy": "deny"}, 403), ({}, 403 if denied else 401)):
                    with self.subTest(RP=rp, header=header):
                        self.assertEqual(request(gateway.address, "GET", "/prod/pets", header).status, status)

    def test_9_3_the_authorizer_itself_must_allow(self):
        other = policy({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{ARN}/prod/GET/other"})
        text = with_function(ALLOWS).replace("    type: rest\n", "    type: rest\n    require_authorizer_allow: true\n")
        with Gateway(text, gateway=SETTINGS, plugins=FUNCTIONS) as gateway:
            self.assert_answer(request(gateway.address, "GET", "/prod/pets", {"x-policy": json.dumps(other)}), 403, {"Message": D3})

    def test_classic_words(self):
        with Gateway(configuration(SILENT), gateway=SETTINGS + "\ndeny_message_style: classic") as gateway:
            self.assert_answer(request(gateway.address, "GET", "/prod/pets"), 403, {"Message": D1.split(" because")[0]})
        with Gateway(configuration(DENIES), gateway=SETTINGS + "\ndeny_message_style: classic") as gateway:
            self.assert_answer(request(gateway.address, "GET", "/prod/pets"), 403, {"Message": D2.split(" in a res")[0]})


FUNCTIONS = f"{PLUGINS}, {BUILD}/tests/plugins/policy_answer"


def with_function(document, ttl=0, route=""):
    sources = ", identity_sources: [method.request.header.x-policy]" if ttl else ""
    return configuration(document, authorizer="function", route=route, more=(
        "  function: {type: request, plugin: test.policy-answer, placement: in_process, "
        f"result_ttl_seconds: {ttl}{sources}, settings: {{file: @DIR@/calls}}}}\n"))


def calls(gateway):
    file = gateway.directory / "calls"
    return len(file.read_text().splitlines()) if file.exists() else 0


class Answers(Story):
    """A policy in an answer: validated strictly, weighed against each method (spec lambda-authorizers, 11.3, 12, 14)."""

    def test_LA_6x_what_has_no_meaning_fails(self):
        good = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
        def but(**members):
            return json.dumps(policy({k: v for k, v in {**good, **members}.items() if v != "absent"}))
        with Gateway(with_function(None), gateway=SETTINGS, plugins=FUNCTIONS) as gateway:
            self.assertEqual(request(gateway.address, "GET", "/prod/pets", {"x-policy": but()}).status, 200)
            for name, text in (
                    ("LA-60 no JSON", "{"), ("LA-60 an array", "[]"), ("LA-60 null", "null"),
                    ("LA-62 no statement", json.dumps({"Version": "2012-10-17"})),
                    ("LA-63 no effect", but(Effect="absent")), ("LA-63 lower case", but(Effect="allow")),
                    ("LA-64 no action", but(Action="absent")), ("LA-64 no resource", but(Resource="absent")),
                    ("LA-65 null", but(Condition=None)), ("LA-65 Principal", but(Principal="*")),
                    ("LA-66 long", but(Resource="arn:aws:execute-api:us-east-1:111122223333:" + "a" * 480)),
                    ("LA-6H twice", '{"Version":"2012-10-17","Statement":[],"Statement":[]}'),
                    ("LA-88 operator", but(Condition={"StringFits": {"aws:UserAgent": "a"}}))):
                with self.subTest(name):
                    got = request(gateway.address, "GET", "/prod/pets", {"x-policy": text})
                    self.assert_answer(got, 500, {"message": None}, {"x-amzn-ErrorType": "AuthorizerConfigurationException"})
            got = request(gateway.address, "GET", "/prod/pets", {"x-policy": but(), "x-principal": "none"})
            self.assertEqual(got.status, 500, "LA-61")
            self.assertIn("invalid_answer", gateway.command("explain", "--request", got.header("x-amzn-RequestId")).stdout)

    def test_LA_88_conditions_are_of_the_request(self):
        near = json.dumps(policy({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*",
                                  "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}))
        with Gateway(with_function(None), gateway=SETTINGS, plugins=FUNCTIONS) as gateway:
            for client, status in (("192.0.2.9", 200), ("203.0.113.9", 403)):
                got = request(gateway.address, "GET", "/prod/pets", {"x-policy": near, "X-Forwarded-For": client})
                self.assertEqual(got.status, status)

    def test_LA_A2_a_kept_policy_is_weighed_again(self):
        pets = json.dumps(policy({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{ARN}/prod/GET/pets"}))
        route = "      GET /birds: {authorizer: function, integration: {type: mock, status: 200, body: tweet}}\n"
        with Gateway(with_function(None, 300, route), gateway=SETTINGS + "\nworkers: 1", plugins=FUNCTIONS) as gateway:
            for _ in range(3):
                self.assertEqual(request(gateway.address, "GET", "/prod/pets", {"x-policy": pets}).status, 200)
                self.assert_answer(request(gateway.address, "GET", "/prod/birds", {"x-policy": pets}), 403, {"Message": D3})
            self.assertEqual(calls(gateway), 1)


class Handles(Story):
    """Policies that an authorizer compiled when it was made (`gatehouse.policy/1`), named by handle and role."""
    IDENTITY, BOUNDARY, SESSION, RESOURCE, ENDPOINT = range(1, 6)
    PETS = policy({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{ARN}/prod/GET/pets"})

    def configuration(self, *compiled):
        settings = json.dumps([{"role": role, "policy": document} for role, document in compiled])
        route = "      GET /birds: {authorizer: function, integration: {type: mock, status: 200, body: tweet}}\n"
        return with_function(None, route=route).replace("@DIR@/calls", f"@DIR@/calls, compiled: {settings}")

    def test_an_identity_policy_is_weighed_method_by_method_and_no_other_role_passes_for_it(self):
        text = self.configuration((self.IDENTITY, self.PETS), (self.BOUNDARY, self.PETS), (self.SESSION, self.PETS),
                                  (self.ENDPOINT, policy({**ALLOW_ALL, "Resource": "*"})), (self.RESOURCE, ALLOWS))
        with Gateway(text, gateway=SETTINGS, plugins=FUNCTIONS) as gateway:
            def ask(path, handle, role):
                return request(gateway.address, "GET", path, {"x-policy": f"handle:{handle}:{role}"})
            self.assertEqual(ask("/prod/pets", 0, self.IDENTITY).status, 200)
            self.assert_answer(ask("/prod/birds", 0, self.IDENTITY), 403, {"Message": D3})
            roles = (self.IDENTITY, self.BOUNDARY, self.SESSION, self.ENDPOINT, self.RESOURCE)
            for handle in range(5):
                for role in range(0, 7):
                    if (handle, role) == (0, self.IDENTITY):
                        continue
                    with self.subTest(handle=handle, role=role):
                        got = ask("/prod/pets", handle, role)
                        self.assertEqual(got.status, 500)
                        said = gateway.command("explain", "--request", got.header("x-amzn-RequestId")).stdout
                        self.assertIn("invalid_answer" if role in (0, 6) else
                                      "role identity only" if role == roles[handle] else
                                      "another role than it was compiled for", said)

    def test_a_document_is_held_to_the_rules_of_its_role(self):
        for role, document, why in ((self.BOUNDARY, ALLOWS, "Invalid policy document of role boundary."),
                                    (self.SESSION, {**self.PETS, "Id": "x"}, "/Id: "),
                                    (self.RESOURCE, self.PETS, "/Statement/0: it has neither Principal nor NotPrincipal"),
                                    (9, self.PETS, "refuses in create")):
            with self.subTest(role=role):
                gateway = Gateway(self.configuration((role, document)), gateway=SETTINGS, plugins=FUNCTIONS)
                try:
                    got = command("validate", gateway.file)
                finally:
                    gateway.discard()
                self.assertEqual(got.returncode, 1, got.stderr)
                self.assertIn(why, got.stderr)


class Configurations(Story):
    def test_row_32_a_policy_is_what_was_loaded(self):
        with Gateway(configuration(None), gateway=SETTINGS) as gateway:
            file = gateway.directory / "policy.json"
            file.write_text(json.dumps(ALLOWS))
            text = configuration(ALLOWS).replace(f"policy: {json.dumps(ALLOWS)}", f"policy_file: {file}")
            gateway.write(text)
            def statuses(status):
                self.assertEqual({request(gateway.address, "GET", "/prod/pets").status for _ in range(8)}, {status})
            self.assertEqual(gateway.command("reload").returncode, 0)
            statuses(200)
            file.write_text(json.dumps(DENIES))
            statuses(200)
            self.assertEqual(gateway.command("reload").returncode, 0)
            statuses(403)
            file.write_text("{")
            refused = gateway.command("reload")
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.", refused.stderr)
            statuses(403)

    def validate(self, text):
        gateway = Gateway(text, gateway=SETTINGS)
        try:
            return command("validate", gateway.file)
        finally:
            gateway.discard()

    def test_row_33_rest_only(self):
        got = self.validate(configuration(ALLOWS, kind="http"))
        self.assertEqual(got.returncode, 1)
        self.assertIn("`resource_policy` is for REST APIs", got.stderr)

    def test_every_fault_is_told(self):
        bad = policy(*[{**ALLOW_ALL, "Effect": "Permit", "Action": "s3", "Principal": {"AWS": "nobody"}} for _ in range(5)])
        got = self.validate(configuration(bad))
        self.assertEqual(got.returncode, 1)
        self.assertIn("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.", got.stderr)
        for i in range(5):
            for member in ("Effect", "Principal/AWS"):
                self.assertIn(f"/Statement/{i}/{member}", got.stderr)

    def test_settings(self):
        for settings, why in (("{}", "write either `policy` or `policy_file`"), ("{policy_file: ''}", "names no file"),
                              ("{policy_file: /nowhere/policy.json}", "No such file"), ("{policy: []}", "policy")):
            with self.subTest(settings):
                text = configuration(ALLOWS).replace(f"{{policy: {json.dumps(ALLOWS)}}}", settings)
                got = self.validate(text)
                self.assertEqual(got.returncode, 1)
                self.assertIn(why, got.stderr)

    def named(self, setting):
        """`policy_file: setting` in place of the policy itself."""
        return configuration(ALLOWS).replace(f"policy: {json.dumps(ALLOWS)}", f"policy_file: {setting}")

    def test_a_file_is_named_from_the_configuration_file_that_names_it(self):
        with Gateway(configuration(None), gateway=SETTINGS) as gateway:
            inner = gateway.directory / "inner"
            inner.mkdir()
            (inner / "policy.json").write_text(json.dumps(DENIES))
            (gateway.directory / "policy.json").write_text(json.dumps(ALLOWS))
            whole = self.named("policy.json")
            gateway.write(whole)
            self.assertEqual(command("validate", gateway.file, cwd="/").returncode, 0)
            self.assertEqual(command("validate", "gatehouse.yaml", cwd=gateway.directory).returncode, 0)
            self.assertEqual(gateway.command("reload").returncode, 0)
            self.assertEqual(request(gateway.address, "GET", "/prod/pets").status, 200)
            (gateway.directory / "policy.json").write_text(json.dumps(DENIES))
            self.assertEqual(gateway.command("reload").returncode, 0)
            self.assertEqual(request(gateway.address, "GET", "/prod/pets").status, 403, "read again")
            (gateway.directory / "policy.json").write_text(json.dumps(ALLOWS))
            self.assertEqual(gateway.command("reload").returncode, 0)
            # An include names it from its own folder.
            authorizers, apis = whole.split("apis:\n")
            (inner / "authorizers.yaml").write_text(authorizers)
            gateway.write("include: [inner/authorizers.yaml]\napis:\n" + apis)
            reloaded = gateway.command("reload")
            self.assertEqual(reloaded.returncode, 0, reloaded.stderr)
            self.assertEqual(request(gateway.address, "GET", "/prod/pets").status, 403)

    def test_what_is_no_file_of_ones_own_is_refused_in_finite_time(self):
        with Gateway(configuration(ALLOWS), gateway=SETTINGS) as gateway:
            folder = gateway.directory
            os.mkfifo(folder / "fifo")
            (folder / "folder").mkdir()
            (folder / "large").write_text(json.dumps(ALLOWS) + " " * (1 << 21))
            (folder / "long").write_text(json.dumps(ALLOWS) + " " * 70000)
            (folder / "open").write_text(json.dumps(ALLOWS))
            (folder / "open").chmod(0o666)
            (folder / "everybodys").mkdir()
            (folder / "everybodys/policy").write_text(json.dumps(ALLOWS))
            (folder / "everybodys").chmod(0o777)
            (folder / "link").symlink_to("open")
            for name, why in (("fifo", "is not a regular file"), ("folder", "is not a regular file"),
                              ("large", "is larger than 1MiB"), ("long", "is larger than 64 KiB"),
                              ("open", "can be written by everybody"), ("link", "can be written by everybody"),
                              ("everybodys/policy", "everybody may put another in its place"),
                              ("nowhere", "No such file"), ("/dev/zero", "is not a regular file"),
                              ("/proc/self/mem", "")):
                with self.subTest(name):
                    gateway.write(self.named(name))
                    for got in (command("validate", gateway.file, timeout=20), gateway.command("reload")):
                        self.assertEqual(got.returncode, 1, got.stderr)
                        self.assertIn("settings: `/policy_file`", got.stderr)
                        self.assertIn(why, got.stderr)
                    self.assertEqual(request(gateway.address, "GET", "/prod/pets").status, 200, "as before")

    def test_a_file_of_somebody_else_is_told_and_refused_in_production(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give files away")
        gateway = Gateway(self.named("policy.json"), gateway=SETTINGS)
        try:
            (gateway.directory / "policy.json").write_text(json.dumps(ALLOWS))
            os.chown(gateway.directory / "policy.json", 65534, 65534)
            told = command("validate", gateway.file)
            self.assertEqual((told.returncode, "belongs to user 65534" in told.stderr), (0, True), told.stderr)
            gateway.file.write_text(gateway.file.read_text().replace("gateway:\n", "gateway:\n  production: true\n", 1))
            refused = command("validate", gateway.file)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("settings: `/policy_file`: file `", refused.stderr)
            self.assertIn("belongs to user 65534", refused.stderr)
        finally:
            gateway.discard()

    def test_each_api_has_its_own_meaning_of_the_short_form(self):
        second = configuration(ALLOWS).split("apis:\n")[1].replace("pets:\n    type", "cats:\n    type").replace("abcde12345", "cats123456")
        text = configuration(policy({**ALLOW_ALL, "Resource": "execute-api:/prod/GET/pets"})).replace(
            "id: abcde12345\n", "id: abcde12345\n    hosts: [pets.test]\n") + second.replace(
            "id: cats123456\n", "id: cats123456\n    hosts: [cats.test]\n")
        with Gateway(text, gateway=SETTINGS) as gateway:
            for host in ("pets.test", "cats.test"):
                self.assertEqual(request(gateway.address, "GET", "/prod/pets", host=host).status, 200)
        literal = text.replace("execute-api:/prod/GET/pets", f"{ARN}/prod/GET/pets")
        with Gateway(literal, gateway=SETTINGS) as gateway:
            self.assertEqual(request(gateway.address, "GET", "/prod/pets", host="pets.test").status, 200)
            self.assertEqual(request(gateway.address, "GET", "/prod/pets", host="cats.test").status, 403)

    def test_explain_names_the_statement_and_the_values(self):
        gateway = Gateway(configuration(R2), gateway=SETTINGS)
        try:
            outside = command("explain", gateway.file, "GET", "/prod/pets", "--from", "203.0.113.9")
            inside = command("explain", gateway.file, "GET", "/prod/pets", "--from", "192.0.2.9")
        finally:
            gateway.discard()
        self.assertEqual((outside.returncode, inside.returncode), (1, 0), outside.stderr + inside.stderr)
        statement = 'statement 1 "Outsiders" (Deny)'
        values = "NotIpAddress aws:SourceIp [192.0.2.0/24, 2001:db8:7::/48], here "
        self.assertIn(f"{statement}: {values}203.0.113.9", outside.stdout)
        self.assertIn(f"{statement}: does not hold: {values}192.0.2.9", inside.stdout)
        self.assertIn("statement 0 (Allow)", inside.stdout)

    def told(self, text, *arguments, plugins=None):
        """The line that says what would change it, and the member of the JSON."""
        gateway = Gateway(text, gateway=SETTINGS, **({"plugins": plugins} if plugins else {}))
        try:
            lines = command("explain", gateway.file, "GET", "/prod/pets", *arguments).stdout.splitlines()
            member = json.loads(command("explain", gateway.file, "GET", "/prod/pets", *arguments, "--json").stdout)["to_change_it"]
        finally:
            gateway.discard()
        line = lines[-1]
        if member is None:
            self.assertFalse(line.startswith("to change it"), line)
            return None, False
        self.assertEqual(line, "to change it: " + member["text"])
        return member["text"], member["flips"]

    def test_explain_says_what_would_turn_it_round(self):
        ranges = "192.0.2.0/24 or 2001:db8:7::/48 (here 203.0.113.9)"
        allowed = policy({**ALLOW_ALL, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}})
        only_deny = policy({**ALLOW_ALL, "Effect": "Deny", "Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}})
        agent = policy({**ALLOW_ALL, "Condition": {"StringLike": {"aws:UserAgent": "good/*"}}})
        one_sided = "statement 0 would not deny it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9)"
        for name, document, arguments, text, flips in (
                ("R2, outside", R2, [], f'statement 1 "Outsiders" would not deny it if aws:SourceIp were in {ranges}', True),
                ("R2, inside", R2, ["--from", "192.0.2.9"],
                 'statement 1 "Outsiders" would deny it if aws:SourceIp were not in 192.0.2.0/24 nor 2001:db8:7::/48 (here 192.0.2.9)', True),
                ("an Allow", allowed, [], "statement 0 would allow it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9)", True),
                ("only a Deny", only_deny, [], one_sided + ", and then a resource-based policy would have to allow it, too", False),
                ("a header", agent, ["--header", "User-Agent: bad/1"],
                 "statement 0 would allow it if aws:UserAgent matched good/* (here bad/1)", True),
                ("another method", SILENT, [],
                 f"statement 0 would allow it if the resource matched {ARN}/prod/POST/* (here {ARN}/prod/GET/pets)", True),
                ("no Allow", policy({**ALLOW_ALL, "Effect": "Deny", "Resource": "execute-api:/dev/*"}), [],
                 "no statement of a resource-based policy allows anything: a policy would have to change", False),
                ("allowed anyhow", ALLOWS, [], None, False)):
            with self.subTest(name):
                where = [] if "--from" in arguments else ["--from", "203.0.113.9"]
                self.assertEqual(self.told(configuration(document), *arguments, *where), (text, flips))

    def test_explain_weighs_the_answer_of_an_authorizer_along(self):
        near = json.dumps(policy({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*",
                                  "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}))
        for document, name in ((None, "statement 0"), (SILENT, "statement 0 of the authorizer policy")):
            said = self.told(with_function(document), "--header", f"x-policy: {near}", "--from", "203.0.113.9", plugins=FUNCTIONS)
            self.assertEqual(said, (f"{name} would allow it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9)", True))
        # A Deny of the resource policy comes before the authorizer: what that would say is not known.
        said = self.told(with_function(R2_V4), "--header", f"x-policy: {near}", "--from", "203.0.113.9", plugins=FUNCTIONS)
        self.assertEqual(said, ('statement 1 "Outsiders" would not deny it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9), '
                                "and then who is asked next would have a say", False))

    def test_explain_does_what_it_says(self):
        """The request with the value that was asked for is let through."""
        gateway = Gateway(configuration(R2), gateway=SETTINGS)
        try:
            for client, status in (("203.0.113.9", 1), ("192.0.2.0", 0), ("2001:db8:7::ffff", 0)):
                self.assertEqual(command("explain", gateway.file, "GET", "/prod/pets", "--from", client).returncode, status)
        finally:
            gateway.discard()

    def test_explain_tells_of_every_statement_of_a_long_policy(self):
        near = [{**ALLOW_ALL, "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": f"10.0.0.{i}"}}} for i in range(40)]
        gateway = Gateway(configuration(policy(*near)), gateway=SETTINGS)
        try:
            said = command("explain", gateway.file, "GET", "/prod/pets").stdout
            self.assertEqual(said.count("does not hold: IpAddress"), 40)
            self.assertEqual(len(json.loads(command("explain", gateway.file, "GET", "/prod/pets", "--json").stdout)["trace"]),
                             len(said.splitlines()) - 2)
        finally:
            gateway.discard()

    def test_a_refused_request_is_explained_afterwards(self):
        with Gateway(configuration(R2), gateway=SETTINGS) as gateway:
            got = request(gateway.address, "GET", "/prod/pets", {"X-Forwarded-For": "203.0.113.9"})
            said = gateway.command("explain", "--request", got.header("x-amzn-RequestId")).stdout
            self.assertIn("aws:SourceIp", said)
            self.assertIn("to change it: `gatehouse explain FILE METHOD PATH --from IP`", said)


if __name__ == "__main__":
    tell(__name__)
