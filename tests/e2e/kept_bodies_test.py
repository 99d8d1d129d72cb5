#!/usr/bin/env python3
"""Where bodies are kept that an authorizer reads: the bytes it is given, the directory, file systems without O_TMPFILE, and
a disk that is full."""
import os
import pathlib
import random
import resource
import subprocess
import tempfile
import unittest

from support.body_judge import CONFIGURATION, JUDGES, head
from support.client import Connection, chunked, request
from support.gateway import BUILD, SANITIZED, Gateway, command
from support.story import Story, tell
from support.upstream import Upstream
from support.wait import until

NO_TMPFILE = BUILD / "tests/plugins/no_tmpfile.so"
ALL_TO_DISK = "workers: 1\nkept_bodies: {memory_bytes: 0, directory: @DIR@/bodies}"


@unittest.skipUnless((JUDGES / "body-judge.so").exists(), "the test plugins are not built")
class KeptBodies(Story):
    def gateway(self, settings="", env=None, plugin="body-judge"):
        self.upstream = self.enterContext(Upstream())
        text = (CONFIGURATION.replace("@UPSTREAM@", self.upstream.address).replace("@PLUGIN@", plugin)
                .replace("@GRANTS@", "grants: {body: true}"))
        gateway = Gateway(text, gateway=settings, plugins=JUDGES, env=env)
        self.addCleanup(gateway.discard)
        self.bodies = gateway.directory / "bodies"
        self.bodies.mkdir(mode=0o700)
        return gateway

    def post(self, gateway, body, chunks=None, host="shop.test", **ask):
        data = head([f"Content-Length: {len(body)}"] if chunks is None else ["Transfer-Encoding: chunked"], body, host=host,
                    path="/live/orders" if host == "rest.test" else "/orders", **ask)
        data += body if chunks is None else chunked(*(body[i:i + chunks] for i in range(0, len(body), chunks)))
        with Connection(gateway.address) as client:
            client.send(data)
            return client.response()

    def kept_bytes(self, gateway):
        text = request(f"unix:{gateway.socket}", "GET", "/metrics").body.decode()
        return [int(line.split()[1]) for line in text.splitlines() if line.startswith("gatehouse_kept_body_bytes{")]

    def nothing_left(self, gateway):
        until(lambda: self.kept_bytes(gateway) and not any(self.kept_bytes(gateway)), what="all room to be given back")
        self.assertEqual(list(self.bodies.iterdir()), [])

    def test_the_bytes_that_a_plugin_reads_are_the_clients(self):
        for plugin in ("body-judge", "body-judge-blocking"):
            with self.gateway(plugin=plugin) as gateway:
                for i, size in enumerate((1, 15, 1000)):
                    body = "".join(random.Random(size).choices("abcdefghij", k=size)).encode()
                    for chunks in (None, 7):
                        for limit in (size, 1024, 5_000_000):
                            with self.subTest(plugin, size=size, chunks=chunks, limit=limit):
                                before = len(gateway.access_lines())
                                self.assertEqual(self.post(gateway, body, chunks, x_ask="read", x_max=limit).status, 200)
                                self.assertEqual(self.upstream.requests[-1].body, body)
                                line = until(lambda before=before: gateway.access_lines()[before:], what="the log")[0]
                                self.assertEqual(line["principalId"], body.decode(), "what the plugin was given")
                self.nothing_left(gateway)

    def test_more_than_the_plugin_wants_to_read(self):
        with self.gateway() as gateway:
            for chunks in (None, 1000):
                for host, body in (("shop.test", {"message": "Internal Server Error"}), ("rest.test", {"message": None})):
                    got = self.post(gateway, b"x" * 5001, chunks, host, x_ask="read", x_max=5000)
                    self.assert_answer(got, 500, body)  # the judge makes a failure of it
            self.assertEqual(self.upstream.requests, [])
            self.nothing_left(gateway)

    def test_bytes_and_digest_from_the_disk(self):
        with self.gateway(ALL_TO_DISK) as gateway:
            body = random.Random(1).randbytes(3_000_000)
            self.assertEqual(self.post(gateway, body, 70_000).status, 200)
            self.assertEqual(self.upstream.requests[-1].body, body)
            self.nothing_left(gateway)

    @unittest.skipIf(SANITIZED, "a sanitizer must be loaded before all others")
    @unittest.skipUnless(NO_TMPFILE.exists(), "no_tmpfile is not built")
    def test_a_file_system_without_O_TMPFILE(self):
        with self.gateway(ALL_TO_DISK, env={"LD_PRELOAD": str(NO_TMPFILE)}) as gateway:
            before = gateway.descriptors()
            for size in (1, 100_000, 3_000_000):
                body = random.Random(size).randbytes(size)
                self.assertEqual(self.post(gateway, body).status, 200)
                self.assertEqual(self.upstream.requests[-1].body, body)
            # While a body is kept its file has no name either.
            with Connection(gateway.address) as client:
                client.send(head(["Content-Length: 200000"]) + b"x" * 100_000)
                until(lambda: any(self.kept_bytes(gateway)), what="the body to be kept")
                links = [os.readlink(f"/proc/{gateway.process.pid}/fd/{n}") for n in os.listdir(f"/proc/{gateway.process.pid}/fd")]
                self.assertTrue([link for link in links if "/gatehouse-body-" in link and link.endswith(" (deleted)")], links)
                self.assertEqual(list(self.bodies.iterdir()), [])
            self.nothing_left(gateway)
            until(lambda: gateway.descriptors() <= before + 4, what="descriptors to be given back")

    def full(self, gateway, fits, too_much):
        """503 for what the disk cannot hold, nothing sent, and the gateway goes on."""
        for host in ("shop.test", "rest.test"):
            for chunks in (None, 60_000):
                got = self.post(gateway, too_much, chunks, host)
                self.assertEqual(got.status, 503, got)
        self.assertEqual(self.upstream.requests, [])
        self.assertIn("cannot write a request body to disk: ", gateway.log())
        self.assertEqual(self.post(gateway, fits).status, 200)
        self.assertEqual(self.upstream.requests[-1].body, fits)
        self.assertTrue(gateway.alive())
        self.nothing_left(gateway)

    def test_a_limit_on_the_size_of_files(self):
        with self.gateway(ALL_TO_DISK) as gateway:
            resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
            self.full(gateway, b"x" * 900_000, b"x" * 1_100_000)

    def test_a_full_disk(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to mount a small tmpfs")
        with self.gateway(ALL_TO_DISK) as gateway:
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", self.bodies], check=False,
                                     capture_output=True, text=True)
            if mounted.returncode != 0:
                self.skipTest(f"a small tmpfs cannot be mounted here: {mounted.stderr.strip()}")
            try:
                self.full(gateway, b"x" * 900_000, b"x" * 1_100_000)
            finally:
                subprocess.run(["umount", "-l", self.bodies], check=True)

    def test_the_directory_is_looked_at_at_load(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "file").write_text("x")
        (folder / "open").mkdir()
        (folder / "open").chmod(0o777)
        (folder / "sticky").mkdir()
        (folder / "sticky").chmod(0o1777)
        with self.gateway(f"kept_bodies: {{directory: {folder}/sticky}}") as gateway:
            good = gateway.file.read_text()
            for name, said in (("none", "does not exist: make it"), ("file", "is not a directory"), ("open", "`chmod o-w` or `chmod +t`"),
                               ("/proc", "let the gateway's user write there")):
                with self.subTest(name):
                    where = name if name.startswith("/") else f"{folder}/{name}"
                    gateway.file.write_text(good.replace(f"{folder}/sticky", where))
                    for done in (gateway.command("reload"), command("validate", gateway.file)):
                        self.assertEqual(done.returncode, 1)
                        self.assertRegex(done.stdout + done.stderr, r"gatehouse\.yaml:\d+:\d+: `kept_bodies\.directory`: ")
                        self.assertIn(where, done.stdout + done.stderr)
                        self.assertIn(said, done.stdout + done.stderr)
            self.assertEqual(self.post(gateway, b"x" * 2_000_000).status, 200, "the former one goes on")
            (folder / "open").chmod(0o755)
            gateway.file.write_text(good.replace(f"{folder}/sticky", f"{folder}/open"))
            self.assertEqual(gateway.command("reload").returncode, 0)


if __name__ == "__main__":
    tell(__name__)
