#!/usr/bin/env python3
"""`gatehouse token`: what is issued is read and verified, check by check, and nothing that the gateway would refuse passes."""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import stat
import subprocess
import tempfile
import time

from support.client import request
from support.gateway import BINARY, PLUGINS, SOURCE, Gateway, command
from support.story import Story, tell

NOW = 1_795_685_400  # 2026-11-26T09:30:00Z
ISSUER = "https://id.example"
ALGORITHMS = {"rsa": ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"], "p256": ["ES256"], "p384": ["ES384"],
              "p521": ["ES512"], "ed25519": ["EdDSA"]}


def encoded(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def with_bytes(*arguments, stdin):
    """As command(), of bytes that are no text."""
    return subprocess.run([BINARY, *map(str, arguments)], input=stdin, capture_output=True, timeout=60, check=False)


class TokenCommands(Story):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="gh-")
        cls.at = pathlib.Path(cls.folder.name)
        for kind in ALGORITHMS:
            done = command("token", "issue", "--new-key", kind, "--key", cls.at / f"{kind}.pem")
            assert done.returncode == 0, done.stderr
            done = command("token", "issue", "--key", cls.at / f"{kind}.pem", "--jwks")
            (cls.at / f"{kind}.json").write_text(done.stdout)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def issue(self, *more, kind="rsa", now=NOW):
        done = command("token", "issue", "--key", self.at / f"{kind}.pem", "--now", now, "--issuer", ISSUER, "--audience",
                       "pets", "--subject", "u-1", *more)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.strip()

    def verify(self, token, *more, kind="rsa", now=NOW, audience=("--audience", "pets")):
        done = command("token", "verify", "--json", "--jwks", self.at / f"{kind}.json", "--issuer", ISSUER, *audience,
                       "--now", now, *more, stdin=token)
        if done.returncode == 2:
            return done, None
        told = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if told["valid"] else 1)
        refused = [row for row in told["checks"] if row["result"] != "ok"]
        self.assertEqual(told["valid"], not refused, told)
        self.assertEqual(told["valid"], told["answer"] is None)
        if refused:  # the first is what counts
            self.assertTrue(refused[0]["reached"])
            self.assertFalse(any(row["reached"] for row in refused[1:]), told)
        return done, told

    def refused(self, token, refusal, *more, description=None, status=401, **how):
        _, told = self.verify(token, *more, **how)
        self.assertEqual((told["valid"], told["refusal"]), (False, refusal), told)
        self.assertEqual(told["answer"]["status"], status)
        if description:
            self.assertEqual(told["answer"]["www_authenticate"],
                             f'Bearer scope="" error="invalid_token" error_description="{description}"')
        return told

    def test_JW_60_every_algorithm_from_issue_to_verify(self):
        for kind, names in ALGORITHMS.items():
            for name in names:
                with self.subTest(name):
                    token = self.issue("--algorithm", name, kind=kind)
                    seen = json.loads(command("token", "inspect", "--json", "--now", NOW, stdin=token).stdout)
                    self.assertEqual((seen["header"]["alg"], seen["header"]["typ"], seen["verified"], seen["well_formed"]),
                                     (name, "JWT", False, True))
                    self.assertEqual(seen["payload"], {"iss": ISSUER, "sub": "u-1", "aud": "pets", "iat": NOW,
                                                       "exp": NOW + 3600})
                    self.assertEqual(seen["times"], {"iat": "2026-11-26T09:30:00Z", "exp": "2026-11-26T10:30:00Z"})
                    _, told = self.verify(token, "--algorithm", name, kind=kind)
                    self.assertTrue(told["valid"], told)
                    if name in ("RS256", "RS384", "RS512"):
                        self.assertTrue(self.verify(token)[1]["valid"])
                    else:
                        self.refused(token, "algorithm", kind=kind, description="signature verification failed")
                    # One bit of each segment.
                    for at in (5, token.index(".") + 5, token.rindex(".") + 5):
                        other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1:]
                        self.assertFalse(self.verify(other, "--algorithm", name, kind=kind)[1]["valid"])

    def test_JW_6D_a_changed_payload_is_refused_for_its_signature(self):
        head, _, signature = self.issue().split(".")
        forged = ".".join([head, encoded({"iss": "https://evil.example", "aud": "x", "exp": 1}), signature])
        told = self.refused(forged, "signature", description="signature verification failed")
        rows = {row["check"]: row for row in told["checks"]}
        for name in ("iss", "aud", "exp"):
            self.assertEqual((rows[name]["result"], rows[name]["reached"], rows[name]["signature_verified"]),
                             ("refused", False, False), name)
        text = command("token", "verify", "--jwks", self.at / "rsa.json", "--issuer", ISSUER, "--audience", "pets", "--now",
                       NOW, stdin=forged).stdout
        self.assertIn("nobody vouches", text)
        self.assertIn("\nrefused: signature\nthe gateway answers 401 {\"message\":\"Unauthorized\"}\n", text)

    def test_JW_20_expired_at_the_exact_second(self):
        token = self.issue("--expires-in", "10s")
        self.assertTrue(self.verify(token, now=NOW + 9)[1]["valid"])
        self.assertTrue(self.verify(token, now=f"{NOW + 9}.999")[1]["valid"])
        self.assertTrue(self.verify(token, now="2026-11-26T09:30:09.999Z")[1]["valid"])
        for now in (NOW + 10, "2026-11-26T09:30:10Z", "2026-11-26T11:30:10+02:00", NOW + 11):
            self.refused(token, "expired", now=now, description="the token has expired")
        self.assertTrue(self.verify(token, "--skew", 5, now=NOW + 14)[1]["valid"])
        self.refused(token, "expired", "--skew", 5, now=NOW + 15)

    def test_JW_21_to_JW_25_other_times(self):
        self.refused(self.issue("--expires-in", "none"), "expired")
        for value in ('"1900000000"', "true", "1e300", "-1", "null"):
            self.refused(self.issue("--claim", f"exp:={value}"), "expired", description="the token has expired")
        self.assertTrue(self.verify(self.issue("--claim", f"exp:={NOW}.5"))[1]["valid"])
        self.assertTrue(self.verify(self.issue("--claim", f"nbf:={NOW}"))[1]["valid"])
        for claim in ("nbf", "iat"):
            self.refused(self.issue("--claim", f"{claim}:={NOW + 1}"), "not_yet", description="the token is not valid yet")
        # Both: the end is looked at first.
        told = self.refused(self.issue("--claim", f"exp:={NOW}", "--claim", f"nbf:={NOW + 1}"), "expired")
        self.assertEqual([(row["check"], row["reached"]) for row in told["checks"] if row["result"] == "refused"],
                         [("exp", True), ("nbf", False)])

    def test_JW_15_audience_and_JW_14_issuer(self):
        token = self.issue()
        text = "the token does not have a valid audience"
        self.refused(token, "audience", audience=("--audience", "Pets", "--audience", "pet"), description=text)
        self.assertTrue(self.verify(token, audience=("--audience", "x", "--audience", "pets"))[1]["valid"])
        self.assertTrue(self.verify(token, audience=("--allow-any-audience",))[1]["valid"])
        self.assertEqual(self.verify(token, audience=())[0].returncode, 2)
        two = self.issue("--audience", "cats")
        self.assertTrue(self.verify(two, audience=("--audience", "cats"))[1]["valid"])
        for value in ("[]", "null", "5", '["pets",5]'):
            done = command("token", "issue", "--key", self.at / "rsa.pem", "--now", NOW, "--issuer", ISSUER, "--claim",
                           f"aud:={value}", "--claim", "client_id=pets")
            self.refused(done.stdout, "audience", description=text)
        by_client = command("token", "issue", "--key", self.at / "rsa.pem", "--now", NOW, "--issuer", ISSUER, "--claim",
                            "client_id=pets").stdout
        self.assertTrue(self.verify(by_client)[1]["valid"])
        done = command("token", "verify", "--json", "--jwks", self.at / "rsa.json", "--issuer", ISSUER + "/", "--audience",
                       "pets", "--now", NOW, stdin=token)
        self.assertEqual(json.loads(done.stdout)["refusal"], "issuer")

    def test_JW_39_scopes(self):
        token = self.issue("--scope", "a", "--scope", "b.read")
        for scopes in (["a"], ["x", "b.read"]):
            self.assertTrue(self.verify(token, *(word for one in scopes for word in ("--scope", one)))[1]["valid"])
        for scope in ("A", "b", "b.reads"):
            told = self.refused(token, "scope", "--scope", scope, "--scope", "x", status=403)
            self.assertEqual(told["answer"], {
                "status": 403, "body": '{"message":"Forbidden"}',
                "www_authenticate": f'Bearer scope="{scope} x" error="insufficient_scope" '
                                    'error_description="the token does not have the required scope"'})
        for scope in ('a" error="x', "a b", "", "a\nb"):
            self.assertEqual(self.verify(token, "--scope", scope)[0].returncode, 2, scope)

    def test_JW_60_none_and_hmac(self):
        claims = encoded({"iss": ISSUER, "aud": "pets", "exp": NOW + 60})
        kid = json.loads((self.at / "rsa.json").read_text())["keys"][0]["kid"]
        for name in ("none", "None", "nOnE", "", "HS256"):
            head = encoded({"alg": name, "kid": kid})
            # Signed with what everybody has: the public key.
            mac = hmac.new((self.at / "rsa.json").read_bytes(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
            self.refused(f"{head}.{claims}.{encoded(mac)}", "algorithm", description="signature verification failed")
            self.refused(f"{head}.{claims}.", "malformed", description="the token is malformed")
            seen = command("token", "inspect", stdin=f"{head}.{claims}.{encoded(mac)}").stdout
            self.assertRegex(seen, "odd: `alg` is (none|an HMAC|none that can be verified)")
        for name in ("none", "HS256"):
            done = self.verify(self.issue(), "--algorithm", name)[0]
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            done = command("token", "issue", "--key", self.at / "rsa.pem", "--algorithm", name)
            self.assertEqual((done.returncode, done.stdout), (2, ""))

    def test_JW_66_to_JW_68_headers(self):
        claims = encoded({"iss": ISSUER, "aud": "pets", "exp": NOW + 60})
        for head, refusal, odd in [
                ({"alg": "RS256"}, "key_id", "no `kid`"),
                ({"alg": "RS256", "kid": ""}, "key_id", "`kid`"),
                ({"alg": "RS256", "kid": "../../dev/null"}, "unknown_key", "characters that ids of keys rarely have"),
                ({"alg": "RS256", "kid": "a", "jku": "http://127.0.0.1:9/"}, "unknown_key", "`jku`"),
                ({"alg": "RS256", "kid": "a", "crit": []}, "malformed", "`crit`"),
                ({"alg": "RS256", "kid": "a", "b64": True}, "malformed", "`b64`"),
                ({"alg": "RS256", "kid": "a", "typ": "other"}, "type", "`typ` is `other`"),
                ({"alg": 5, "kid": "a"}, "algorithm", "`alg` is not there or is no text")]:
            token = f"{encoded(head)}.{claims}.{encoded(b'x' * 256)}"
            self.refused(token, refusal)
            seen = command("token", "inspect", "--now", NOW, stdin=token)
            self.assertEqual(seen.returncode, 0)
            self.assertIn(odd, "".join(line for line in seen.stdout.splitlines(True) if line.startswith("odd:")))
        self.refused(self.issue("--typ", "at+jwt"), "type", "--typ", "JWT")
        self.assertTrue(self.verify(self.issue("--typ", "at+jwt"), "--typ", "application/AT+JWT")[1]["valid"])
        told = self.refused(self.issue("--kid", "other"), "unknown_key")
        self.assertEqual(len(told["hints"]), 1)
        self.assertIn("has signed it", told["hints"][0])

    def test_JW_6F_required_claims(self):
        token = self.issue("--claim", "token_use=access", "--claim", 'groups:=["a","b"]', "--claim", "n:=7")
        for claim in ("token_use=access", "groups=b", "n=7", "sub=u-1"):
            self.assertTrue(self.verify(token, "--claim", claim)[1]["valid"], claim)
        for claim in ("token_use=id", "groups=c", "n=8", "none=", "sub="):
            self.refused(token, "claim", "--claim", claim)

    def test_CG_10_to_CG_29_cognito(self):
        identity = self.issue("--claim", "token_use=id")
        access = command("token", "issue", "--key", self.at / "rsa.pem", "--now", NOW, "--issuer", ISSUER, "--claim",
                         "token_use=access", "--claim", "client_id=pets", "--scope", "s/read").stdout.strip()
        any_client, listed = (), ("--audience", "pets")
        for audience in (any_client, listed):
            self.assertTrue(self.verify(identity, "--cognito", "id", audience=audience)[1]["valid"])
            self.assertTrue(self.verify(access, "--cognito", "access", "--scope", "s/read", audience=audience)[1]["valid"])
        answer = {"status": 401, "www_authenticate": None, "body": '{"message":"Unauthorized"}'}
        for told in (self.refused(access, "claim", "--cognito", "id", audience=()),
                     self.refused(identity, "claim", "--cognito", "access", "--scope", "s/read", audience=()),
                     self.refused(access, "scope", "--cognito", "access", "--scope", "s/write", audience=()),
                     self.refused(identity, "audience", "--cognito", "id", audience=("--audience", "x"))):
            self.assertEqual(told["answer"], answer)
        late = self.refused(identity, "expired", "--cognito", "id", audience=(), now=NOW + 3600)
        self.assertEqual(late["answer"], {**answer, "body": '{"message":"The incoming token has expired"}'})
        order = [row["check"] for row in late["checks"]]
        self.assertEqual(order[-7:], ["signature", "iss", "exp", "iat", "token_use", "aud", "kind"])
        # Unless the signature is right, nothing is said of the end.
        forged = self.issue("--claim", "token_use=id", "--kid", "other")
        self.assertEqual(self.refused(forged, "unknown_key", "--cognito", "id", audience=(), now=NOW + 3600)["answer"], answer)
        for more in (["--cognito", "id", "--scope", "a"], ["--cognito", "access"], ["--cognito", "refresh"],
                     ["--cognito", "id", "--algorithm", "RS512"]):
            self.assertEqual(self.verify(identity, *more, audience=())[0].returncode, 2, more)

    def test_the_gateway_answers_what_verify_says(self):
        if not (PLUGINS / "jwt.so").exists():
            self.skipTest("the plugin jwt is not built")
        configuration = f"""
authorizers:
  jwt: {{type: request, plugin: gatehouse.jwt, placement: in_process, result_ttl_seconds: 0,
        grants: {{http: {{hosts: [id.example]}}}}, identity_sources: [$request.header.Authorization],
        settings: {{issuer: "{ISSUER}", audience: [pets], jwks_file: {self.at}/rsa.json}}}}
upstreams:
  nobody: {{targets: ["127.0.0.1:9"]}}
apis:
  a1b2c3d4e5:
    type: http
    hosts: [pets.test]
    stages: {{$default: {{}}}}
    routes:
      GET /pets: {{authorizer: jwt, integration: {{type: http_proxy, upstream: nobody}}}}
"""
        now = int(time.time())
        head, claims, signature = self.issue(now=now).split(".")
        kid = json.loads((self.at / "rsa.json").read_text())["keys"][0]["kid"]
        tokens = [
            f"{head}.{claims}.{signature}", f"Bearer {head}.{claims}.{signature}", f"BEARER   {head}.{claims}.{signature}",
            "Bearer", f"Basic {head}", f"{head}.{claims}", f"{head}.{claims}.{signature}.a.b", f"{head}=.{claims}.{signature}",
            f"{head}..{signature}", f"{head}.{claims}.", f"{head}.{encoded({'iss': ISSUER})}.{signature}", "a" * 8193,
            f"{encoded({'alg': 'none', 'kid': kid})}.{claims}.{signature}", f"{encoded({'alg': 'RS256'})}.{claims}.{signature}",
            self.issue("--kid", "other", now=now), self.issue("--algorithm", "PS256", now=now), self.issue(now=now - 7200),
            self.issue("--typ", "other", now=now), self.issue("--claim", f"nbf:={now + 900}", now=now),
            self.issue("--claim", 'exp:="soon"', now=now), self.issue("--audience", "cats", now=now),
            command("token", "issue", "--key", self.at / "rsa.pem", "--issuer", ISSUER, "--audience", "cats").stdout.strip(),
            command("token", "issue", "--key", self.at / "rsa.pem", "--issuer", "x", "--audience", "pets").stdout.strip()]
        refusals = set()
        with Gateway(configuration, plugins=PLUGINS) as gateway:
            for token in tokens:
                response = request(gateway.address, "GET", "/pets", [("Authorization", token)], host="pets.test")
                _, told = self.verify(token, now=int(time.time()))
                refusals.add(told["refusal"])
                if told["valid"]:
                    self.assertGreaterEqual(response.status, 500, token)  # nobody is behind it
                    continue
                self.assertEqual((response.status, response.header("www-authenticate"), response.json()),
                                 (told["answer"]["status"], told["answer"]["www_authenticate"],
                                  json.loads(told["answer"]["body"])), token)
        self.assertLessEqual({None, "segments", "malformed", "too_long", "algorithm", "key_id", "unknown_key", "signature",
                              "issuer", "audience", "expired", "not_yet", "type"}, refusals)

    def test_JW_10_how_a_token_is_given(self):
        token = self.issue()
        for given in (token, token + "\n", f"Bearer {token}", f"bEARER   {token}\r\n", f"  {token}\t"):
            self.assertTrue(self.verify(given)[1]["valid"], given[:12])
        for given in (f"Basic {token}", f"Bearer{token}", f"Bearer\t{token}", f"{token},{token}", f"{token} {token}"):
            self.assertFalse(self.verify(given)[1]["valid"], given[:12])
        self.refused("Bearer", "segments", description="token contains an invalid number of segments")
        # Cognito's authorizer takes the scheme spelt so, and one blank.
        for given, taken in ((token, True), (f"Bearer {token}", True), (f"bearer {token}", False), (f"Bearer  {token}", False)):
            _, told = self.verify(given, "--cognito", "id", audience=())
            self.assertEqual(told["refusal"] == "claim", taken, told)  # it has no `token_use`
        for given in ("", "\n"):
            told = self.refused(given, "missing")
            self.assertEqual(told["answer"]["www_authenticate"], "Bearer")
        by_argument = command("token", "verify", "--jwks", self.at / "rsa.json", "--issuer", ISSUER, "--audience", "pets",
                              "--now", NOW, f"Bearer {token}")
        self.assertEqual(by_argument.returncode, 0)
        self.assertEqual(command("token", "inspect", "").returncode, 1)
        for name in ("docs/tokens.md", "packaging/man/gatehouse.1"):
            self.assertRegex((SOURCE / name).read_text(), r"(?s)command line.{0,120}\bps\b")

    def test_what_is_malformed_is_told_by_segment_and_byte(self):
        head, claims, signature = self.issue().split(".")
        for token, told in [
                (f"{head}=.{claims}.{signature}", f"header: byte {len(head)} ({len(head)} of the token): `=`"),
                (f"{head}.{claims[:3]}+{claims[4:]}.{signature}", f"payload: byte 3 ({len(head) + 4} of the token): `+`"),
                (f"{head}.{claims}.", "signature: it is empty"),
                (f"{head}.{claims}", "2 segments"),
                (f"{head}.{claims}.{signature}.a.b", "5 segments between dots; a signed token has three, and one of five is"),
                (f"{head}.A.{signature}", "payload: it has 1 characters"),
                (f"{encoded(b'[1]')}.{claims}.{signature}", "header: JSON, but no object"),
                (f"{encoded(b'{}x')}.{claims}.{signature}", "header: decoded: malformed JSON at byte 2"),
                (f"""{head}.{encoded(b'{"a":1,"a":2}')}.{signature}""", "a member is there twice"),
                ("." * 70_000, "more than 65536 bytes")]:
            done = command("token", "inspect", stdin=token)
            self.assertEqual(done.returncode, 1, told)
            self.assertIn(f"malformed: {told}" if told[0] != "a" and told[0] != "m" else told, done.stdout)
            self.assertFalse(self.verify(token)[1]["valid"])

    def test_hostile_tokens(self):
        head, claims, signature = self.issue().split(".")
        escapes = encoded({"kid": "\x1b[2J\u009b\u202e", "alg": "RS256"})
        for token in (b"a" * 1_000_000, b"\0" * 5000, b"\0", f"{head}.{claims}.{signature}\0".encode(), b"\xff\xfe.\x80.\x1b",
                      f"{head}.{'A' * 900_000}.{signature}".encode(), b"." * 1_000_000, f"{escapes}.{escapes}.AAAA".encode(),
                      f"{encoded(b'[' * 9000)}.{claims}.{signature}".encode()):
            for arguments in (["inspect"], ["inspect", "--json"],
                              ["verify", "--jwks", self.at / "rsa.json", "--issuer", ISSUER, "--audience", "pets"],
                              ["verify", "--json", "--jwks", self.at / "rsa.json", "--issuer", ISSUER, "--audience", "pets"]):
                done = with_bytes("token", *arguments, stdin=token)
                self.assertIn(done.returncode, (1,) if "verify" in arguments else (0, 1), (token[:20], arguments))
                self.assertEqual(done.stderr, b"")
                text = done.stdout.decode()
                self.assertIsNone(re.search("[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]", text), (token[:20], arguments))
                self.assertLess(len(text), 40_000)
                if "--json" in arguments:
                    json.loads(text)
        with open("/dev/zero", "rb") as zeros:
            for arguments in (["inspect"], ["verify", "--jwks", self.at / "rsa.json", "--issuer", ISSUER, "--audience", "a"]):
                done = subprocess.run([BINARY, "token", *arguments], stdin=zeros, capture_output=True, timeout=30, check=False)
                self.assertEqual(done.returncode, 1)
        folder = os.open(self.at, os.O_RDONLY)
        try:
            done = subprocess.run([BINARY, "token", "inspect"], stdin=folder, capture_output=True, timeout=30, check=False)
            self.assertEqual(done.returncode, 2)
        finally:
            os.close(folder)

    def test_JW_59_hostile_files(self):
        token = self.issue()
        fifo, large, empty, none = self.at / "fifo", self.at / "large", self.at / "empty", self.at / "none"
        os.mkfifo(fifo)
        large.write_bytes(b" " * 150_001)
        empty.write_bytes(b"")
        leaked = self.at / "leaked.json"
        public = json.loads((self.at / "p256.json").read_text())["keys"][0]
        leaked.write_text(json.dumps({"keys": [{**public, "d": "SECRETSECRETSECRET"}]}))
        for file in (fifo, large, empty, none, leaked, self.at, "/dev/zero", self.at / "rsa.pem"):
            done = command("token", "verify", "--jwks", file, "--issuer", ISSUER, "--audience", "pets", stdin=token)
            self.assertEqual((done.returncode, done.stdout), (2, ""), file)
            self.assertIn("--jwks", done.stderr)
            self.assertNotIn("SECRET", done.stderr)
            done = command("token", "issue", "--key", file, stdin="")
            if file != self.at / "rsa.pem":
                self.assertEqual((done.returncode, done.stdout), (1, ""), file)
                self.assertIn("--key", done.stderr)

    def test_keys(self):
        for kind in ALGORITHMS:
            file = self.at / f"{kind}.pem"
            self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
            key, = json.loads((self.at / f"{kind}.json").read_text())["keys"]
            self.assertEqual(key["use"], "sig")
            self.assertFalse({"d", "p", "q", "dp", "dq", "qi"} & set(key), kind)
            needed = {name: key[name] for name in ("crv", "e", "kty", "n", "x", "y") if name in key}
            canonical = json.dumps(needed, sort_keys=True, separators=(",", ":")).encode()
            self.assertEqual(key["kid"], encoded(hashlib.sha256(canonical).digest()))  # RFC 7638
            before = file.read_bytes()
            done = command("token", "issue", "--new-key", kind, "--key", file)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("not written over", done.stderr)
            self.assertEqual(file.read_bytes(), before)
        link = self.at / "link.pem"
        link.symlink_to(self.at / "not-there.pem")
        self.assertEqual(command("token", "issue", "--new-key", "p256", "--key", link).returncode, 1)
        self.assertFalse((self.at / "not-there.pem").exists())
        open_to_all = self.at / "open.pem"
        open_to_all.write_bytes((self.at / "p256.pem").read_bytes())
        open_to_all.chmod(0o644)
        done = command("token", "issue", "--key", open_to_all)
        self.assertEqual(done.returncode, 0)
        self.assertIn("can be read by others", done.stderr)
        open_to_all.chmod(0o666)
        self.assertEqual(command("token", "issue", "--key", open_to_all).returncode, 1)
        done = command("token", "issue", "--new-key", "p384", "--key", self.at / "both.pem", "--jwks", "--kid", "k",
                       "--algorithm", "ES384")
        key, = json.loads(done.stdout)["keys"]
        self.assertEqual((key["kid"], key["alg"], key["crv"]), ("k", "ES384", "P-384"))

    def test_usage_of_issue(self):
        key = ["--key", self.at / "rsa.pem"]
        for more in (["--algorithm", "ES256"], ["--claim", "x"], ["--claim", "=x"], ["--claim", "x:={"], ["--claim", ":=1"],
                     ["--claim", "sub=a", "--subject", "b"], ["--claim", "a=1", "--claim", "a=2"],
                     ["--claim", "exp:=1", "--expires-in", "1h"], ["--expires-in", "0"], ["--expires-in", "1w"],
                     ["--expires-in", "-1h"], ["--now", "yesterday"], ["--now", "-1"], ["--now", "2026-13-01T00:00:00Z"],
                     ["--kid", ""], ["--jwks", "--subject", "x"], ["--new-key", "p256", "--issuer", "x"],
                     ["--new-key", "p192"], ["--claim", 'x:={"a":1,"a":2}']):
            done = command("token", "issue", *key, *more)
            self.assertEqual((done.returncode, done.stdout), (2, ""), more)
            self.assertTrue(done.stderr)
        self.assertEqual(command("token", "issue").returncode, 2)
        self.assertEqual(command("token").returncode, 2)
        # A time of four digits is one of seconds.
        self.assertEqual(json.loads(command("token", "inspect", "--json", stdin=self.issue(now=2026)).stdout)["times"]["iat"],
                         "1970-01-01T00:33:46Z")

    def test_nothing_secret_is_in_what_goes_wrong(self):
        pem = (self.at / "rsa.pem").read_text()
        broken = self.at / "broken.pem"
        broken.write_text(pem[:900] + "\n" + pem[960:])
        done = command("token", "issue", "--key", broken, "--claim", "password=hunter2")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        for line in pem.splitlines()[1:-1]:
            self.assertNotIn(line, done.stderr)
        self.assertNotIn("hunter2", done.stderr)
        done = command("token", "issue", "--key", broken, "--claim", "hunter2")
        self.assertNotIn("hunter2", done.stderr)
        token = self.issue()
        done = command("token", "verify", "--jwks", self.at / "none", "--issuer", ISSUER, "--audience", "pets", stdin=token)
        self.assertNotIn(token.split(".")[2][:20], done.stderr)

    def test_the_examples_of_the_documentation(self):
        text = (SOURCE / "docs/tokens.md").read_text()
        ran = 0
        with tempfile.TemporaryDirectory(prefix="gh-") as folder:
            for block in re.findall(r"```\n(\$ .*?)```", text, re.S):
                for line, printed in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M):
                    done = subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, timeout=60,
                                          check=False, env={**os.environ, "PATH": f"{BINARY.parent}:{os.environ['PATH']}"})
                    self.assertEqual(done.stderr, "", line)
                    pattern = re.escape(printed).replace(re.escape("..."), ".+")
                    self.assertRegex(done.stdout, rf"\A{pattern}\Z", line)
                    ran += 1
        self.assertGreaterEqual(ran, 8)

    def test_man_page_and_completions_know_every_option(self):
        for sub in ("inspect", "verify", "issue"):
            options = set(re.findall(r"--[a-z][a-z-]+", command("token", sub, "--help").stdout)) - {"--help"}
            self.assertTrue(options)
            man = (SOURCE / "packaging/man/gatehouse.1").read_text().replace("\\-", "-")
            for file in ("packaging/completions/gatehouse.bash", "packaging/completions/_gatehouse"):
                text = (SOURCE / file).read_text()
                for option in options:
                    self.assertIn(option, text, file)
                    self.assertIn(option, man)


if __name__ == "__main__":
    tell(__name__)
