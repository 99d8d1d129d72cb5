#!/usr/bin/env python3
"""`gatehouse sign` by itself: what it prints, where it finds keys, what it refuses, and what it says of somebody else's canonical
request. tests/e2e/sigv4_requests_test.py sends what it prints."""
import json
import pathlib
import tempfile

from support.gateway import command
from support.story import Story, tell

# Spec sigv4, section 14, V1 and V4.
URL = "https://abcde12345.execute-api.us-east-1.amazonaws.com"
KEY = {"AWS_ACCESS_KEY_ID": "AKIDGATEHOUSE0000001", "AWS_SECRET_ACCESS_KEY": "gatehouse/test/secret+key/0123456789ABCD",
       "AWS_REGION": "us-east-1"}
NOBODY = {name: "" for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION",
                                "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE")}
V1 = "160deb02b6f8b85e2062243381924d03ddf40f69d86be8aa9b767ec3bb7cf2f4"
V4 = "b68964fd703d529b139b6eaf75942584b674193ce53bb9ab18c0033bf0033334"


def sign(*arguments, env=None, stdin=None):
    return command("sign", *arguments, env={**NOBODY, **(KEY if env is None else env)}, stdin=stdin)


class Sign(Story):
    def test_vectors(self):
        done = sign("GET", URL + "/prod/pets?b=2&a=1&a=0&A=3&flag", "--date", "20260115T101530Z")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"SignedHeaders=host;x-amz-date, Signature={V1}' ", done.stdout)
        for date in ("1768472130", "2026-01-15T10:15:30Z"):
            self.assertEqual(sign("GET", URL + "/prod/pets?b=2&a=1&a=0&A=3&flag", "--date", date).stdout, done.stdout)
        done = sign("GET", URL + "/prod?tenant=t1", "--presign", "60", "--date", "20260115T101530Z", "--json",
                    "--session-token", "GHSESSIONTOKEN/abc+def==")
        said = json.loads(done.stdout)
        self.assertEqual(said["signature"], V4)
        self.assertTrue(said["url"].endswith("&X-Amz-Signature=" + V4), said["url"])
        self.assertTrue(said["canonical_request"].startswith("GET\n/prod\nX-Amz-Algorithm=AWS4-HMAC-SHA256&"))

    def test_where_keys_are_found(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "credentials"
            file.write_text("[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = s\n"
                            "[work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = s\nregion = eu-west-3\n")
            file.chmod(0o600)
            at = {"AWS_SHARED_CREDENTIALS_FILE": str(file)}
            for arguments, env, credential in (
                    ((), at, "AKIDFILE/20260115/us-east-1/"),
                    (("--profile", "work"), at, "AKIDWORK/20260115/eu-west-3/"),
                    (("--profile", "work"), {**at, **KEY, "AWS_REGION": ""}, "AKIDWORK/20260115/eu-west-3/"),
                    ((), {**at, "AWS_PROFILE": "work", "AWS_DEFAULT_REGION": "eu-west-1"}, "AKIDWORK/20260115/eu-west-1/"),
                    ((), {**at, **KEY}, "AKIDGATEHOUSE0000001/20260115/us-east-1/"),
                    (("--access-key-id", "AKIDLINE", "--secret-access-key", "s", "--region", "sa-east-1"), {**at, **KEY},
                     "AKIDLINE/20260115/sa-east-1/")):
                done = sign("GET", "http://h/", "--date", "20260115T101530Z", *arguments, env=env)
                self.assertIn("Credential=" + credential, done.stdout, done.stderr)
            done = sign("GET", "http://h/", "--profile", "none", env=at)
            self.assertEqual(done.returncode, 1)
            self.assertIn("has no profile `none`", done.stderr)
            done = sign("GET", "http://h/", env={"HOME": folder})
            self.assertEqual(done.returncode, 1)
            self.assertIn("no access key", done.stderr)

    def test_what_is_refused(self):
        for arguments, words in ((("G T", "http://h/"), "METHOD"), (("GET", "h/"), "URL"), (("GET", "ftp://h/"), "URL"),
                                 (("GET", "http://h/", "--header", "nonsense"), "is not `name: value`"),
                                 (("GET", "http://h/", "--header", "Host: x"), "made by the command itself"),
                                 (("GET", "http://h/", "--presign", "0"), "1 to 604800"),
                                 (("GET", "http://h/", "--presign", "604801"), "1 to 604800"),
                                 (("GET", "http://h/", "--date", "yesterday"), "--date"),
                                 (("GET", "http://h/", "--region", "a/b"), "cannot stand in a credential"),
                                 (("GET", "http://h/", "--body", "@/nowhere"), "--body"), (("GET",), "URL")):
            done = sign(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(words, done.stderr)
        done = sign("GET", "http://h/", "--compare", "-", stdin='{"message":"Forbidden"}')
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no canonical request in it", done.stderr)

    def test_somebody_elses_canonical_request(self):
        theirs = ("GET\n/prod/caf%C3%A9\na=1\nhost:h\nx-amz-date:20260115T101530Z\n\nhost;x-amz-date\n"
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        done = sign("GET", "http://h/prod/caf%C3%A9?a=1", "--compare", "-", env={}, stdin=theirs)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^> path +theirs /prod/caf%C3%A9$")
        self.assertIn("encoded once", done.stdout)
        same = theirs.replace("caf%C3%A9", "caf%25C3%25A9")
        done = sign("GET", "http://h/prod/caf%C3%A9?a=1", "--compare", "-", env={}, stdin="CanonicalRequest:\n" + same)
        self.assertEqual(done.returncode, 0, done.stdout)
        # What a stranger wrote does not steer the terminal.
        done = sign("GET", "http://h/", "--compare", "-", env={}, stdin=theirs.replace("a=1", "a=\x1b[31m"))
        self.assertNotIn("\x1b", done.stdout)


if __name__ == "__main__":
    tell(__name__)
