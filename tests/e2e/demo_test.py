#!/usr/bin/env python3
"""What a newcomer meets first does what it says: the demo of `./dev run` and the example of the README."""
import json
import os
import re
import subprocess
import tempfile

from support.client import Connection, request
from support.gateway import BINARY, SOURCE
from support.story import Story, tell
from support.upstream import Upstream, unused_address


def serve(story, text, **env):
    """A gatehouse with exactly this configuration; returns its address."""
    folder = story.enterContext(tempfile.TemporaryDirectory(prefix="gh-"))
    file = os.path.join(folder, "gatehouse.yaml")
    with open(file, "w", encoding="utf-8") as out:
        out.write(text)
    read_end, write_end = os.pipe()
    process = subprocess.Popen([BINARY, "serve", "--config", file, "--ready-fd", str(write_end)], pass_fds=(write_end,),
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env={**os.environ, "RUNTIME_DIRECTORY": folder, **env})
    story.addCleanup(process.wait)
    story.addCleanup(process.terminate)
    os.close(write_end)
    with open(read_end, encoding="utf-8") as ready:
        line = ready.readline()
    story.assertTrue(line, "the demo did not start")
    return next(iter(json.loads(line)["listeners"].values()))


TOKEN = {"x-token": "open-sesame"}
ANSWERS = [  # method, target, headers, status, body: what the demo's requests are answered with, to the byte
    ("GET", "/health", {}, 200, b'{"status":"up"}'),
    ("GET", "/whoami", TOKEN, 200, b'{"you":"know the token"}'),
    ("GET", "/orders/7", {}, 401, b'{"message":"Unauthorized"}'),
    ("GET", "/orders/7", {"x-token": "wrong"}, 403, b'{"message":"Forbidden"}'),
    ("GET", "/orders/7", TOKEN, 200, b'{"from":"the upstream"}'),
    ("POST", "/orders", TOKEN, 200, b'{"from":"the upstream"}'),
    ("GET", "/nothing", {}, 404, b'{"message":"Not Found"}'),
    ("GET", "/v1/health", {}, 200, b'{"status":"up"}'),
    ("GET", "/v1/pets/3", {}, 401, b'{"message":"Unauthorized","hint":"send x-token"}'),
    ("GET", "/v1/pets/3", {"x-token": "wrong"}, 403,
     b'{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}'),
    ("GET", "/v1/pets/3", TOKEN, 200, b'{"from":"the upstream"}'),
    ("GET", "/v1/nothing", {}, 403, b'{"message":"Missing Authentication Token"}'),
]
UPSTREAM_GONE = [
    ("GET", "/orders/7", TOKEN, 503, b'{"message":"Service Unavailable"}'),
    ("GET", "/v1/pets/3", TOKEN, 500, b'{"message":"Internal server error"}'),
    ("GET", "/orders/7", {}, 401, b'{"message":"Unauthorized"}'),  # who may not is not told that it is gone
    ("GET", "/health", {}, 200, b'{"status":"up"}'),
]


class Demo(Story):
    def demo(self, upstream):
        return serve(self, (SOURCE / "config/demo/gatehouse.yaml").read_text()
                     .replace("127.0.0.1:9000", upstream).replace("127.0.0.1:8080", "127.0.0.1:0"))

    def both(self):
        upstream = unused_address()
        serve(self, (SOURCE / "config/demo/upstream.yaml").read_text().replace("127.0.0.1:9000", upstream))
        return self.demo(upstream)

    def assert_answers(self, gateway, answers):
        for method, target, headers, status, body in answers:
            with self.subTest(f"{method} {target}", headers=headers):
                got = request(gateway, method, target, headers, b"order" if method == "POST" else None)
                self.assertEqual((got.status, got.body), (status, body))

    def test_each_answer(self):
        gateway = self.both()
        self.assert_answers(gateway, ANSWERS)
        # The customised header replaces the authorizer's own: header() takes it once only.
        self.assertEqual(request(gateway, "GET", "/v1/pets/3").header("www-authenticate"), "Token")

    def test_the_upstream_is_gone(self):
        self.assert_answers(self.demo(unused_address()), UPSTREAM_GONE)

    def test_a_body_past_the_routes_limit(self):
        gateway = self.both()
        for length, status, body in ((1024 * 1024, 200, b'{"from":"the upstream"}'),
                                     (1024 * 1024 + 1, 413, b'{"message":"Request Entity Too Large"}')):
            with self.subTest(length), Connection(gateway) as connection:
                connection.send(f"POST /orders HTTP/1.1\r\nHost: localhost\r\nx-token: open-sesame\r\nContent-Length: {length}\r\n\r\n")
                if status == 200:
                    connection.send(b"x" * length)
                got = connection.response()
                self.assertEqual((got.status, got.body), (status, body))

    def test_it_does_what_its_configuration_says(self):
        gateway = self.both()
        said = re.findall(r"^#   curl -i (?:-H '([^']*)' )?http://127\.0\.0\.1:8080(/\S*) +[^:]*: (\d{3})\b",
                          (SOURCE / "config/demo/gatehouse.yaml").read_text(), re.M)
        self.assertEqual([status for _, _, status in said], ["200", "401", "403", "200", "200", "403"])
        for header, target, status in said:
            with self.subTest(target, header=header):
                got = request(gateway, "GET", target, [tuple(header.split(": ", 1))] if header else ())
                self.assertEqual(got.status, int(status), got)

    def test_it_does_what_dev_run_says(self):
        gateway = self.both()
        printed = re.findall(r"^  curl -i (?:-H '([^']*)' )?\$url(/\S*) +# .*?(\d{3})$", (SOURCE / "dev").read_text(), re.M)
        self.assertEqual(sorted(status for _, _, status in printed), ["200", "200", "401"])
        for header, target, status in printed:
            with self.subTest(target, header=header):
                got = request(gateway, "GET", target, [tuple(header.split(": ", 1))] if header else ())
                self.assertEqual(got.status, int(status), got)

    def test_the_readme(self):
        readme = (SOURCE / "README.md").read_text()
        upstream = self.enterContext(Upstream())
        text = re.search(r"^```yaml\n(.*?)^```", readme, re.M | re.S)[1]
        self.assertIn("127.0.0.1:8080", text)
        gateway = serve(self, text.replace("127.0.0.1:9000", upstream.address).replace("127.0.0.1:8080", "127.0.0.1:0"),
                        GATE_TOKEN="open-sesame")
        shown = re.findall(r"^\$ curl (?:-H '([^']*)' )?http://127\.0\.0\.1:8080(/\S*) +# .*?(\d{3})$(?:\n(\{.*\}))?", readme, re.M)
        self.assertEqual([status for _, _, status, _ in shown], ["401", "200"])
        for header, target, status, body in shown:
            got = request(gateway, "GET", target, [tuple(header.split(": ", 1))] if header else ())
            self.assertEqual(got.status, int(status), got)
            if body:
                self.assertEqual(got.body.decode(), body)

    def test_the_ports_that_dev_run_replaces_are_there(self):
        self.assertIn("127.0.0.1:8080", (SOURCE / "config/demo/gatehouse.yaml").read_text())
        self.assertIn("127.0.0.1:9000", (SOURCE / "config/demo/gatehouse.yaml").read_text())
        self.assertIn("127.0.0.1:9000", (SOURCE / "config/demo/upstream.yaml").read_text())


if __name__ == "__main__":
    tell(__name__)
