#!/usr/bin/env python3
"""What a newcomer meets first does what it says: the demo of `./dev run` and the example of the README."""
import json
import os
import re
import subprocess
import tempfile

from support.client import request
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


class Demo(Story):
    def test_it_does_what_dev_run_says(self):
        upstream = unused_address()
        serve(self, (SOURCE / "config/demo/upstream.yaml").read_text().replace("127.0.0.1:9000", upstream))
        gateway = serve(self, (SOURCE / "config/demo/gatehouse.yaml").read_text()
                        .replace("127.0.0.1:9000", upstream).replace("127.0.0.1:8080", "127.0.0.1:0"))
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
