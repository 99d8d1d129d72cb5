#!/usr/bin/env python3
"""Plugins are replaced while they are at work: what is installed serves after `gatehouse reload`, nobody's call is lost,
and what was replaced leaves nothing behind. What cannot serve is refused, and what served before goes on."""
import os
import pathlib
import shutil
import tempfile

from support.client import request
from support.gateway import BUILD, SANITIZED, Gateway, command
from support.load import Load
from support.story import Story, tell
from support.wait import until

BUILDS = BUILD / "tests/plugins"
# Each way of answering: on the event loop, on the executor, later from a thread of the plugin's own.
WAYS = ("loop", "executor", "later")
REPLACEMENTS = 200
# ASan sets freed memory aside, up to 256 MB: less of it here, so that the bound on memory means the same under it.
LEAN = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8"}

CONFIGURATION = """
authorizers:
""" + "".join(f"""
  {way}: {{type: request, plugin: test.{way}, placement: in_process, identity_sources: [$request.header.x-user],
    result_ttl_seconds: 0}}""" for way in WAYS) + """
apis:
  shop:
    type: http
    stages: {$default: {}}
    routes:
""" + "".join(f"      GET /{way}: {{authorizer: {way}, integration: {{type: mock, status: 200, body: in}}}}\n" for way in WAYS)


def allowed(response):
    return response.status == 200 and response.body == b"in"


def version_of(response):
    """The build that answered `who`, or None when nothing of the kind did."""
    challenge = response.header("WWW-Authenticate") or ""
    return challenge.removeprefix("Version ") if response.status == 401 and challenge.startswith("Version ") else None


class Replacement(Story):
    def setUp(self):
        self.plugins = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "plugins"
        self.plugins.mkdir(mode=0o755)
        for way in WAYS:
            self.install(way, "version-1")
        self.gateway = self.enterContext(Gateway(CONFIGURATION, plugins=self.plugins, env=LEAN))

    def install(self, way, folder):
        """As install(1) and package managers do it: a new file beside the old one, renamed over it."""
        self.put(way, (BUILDS / folder / f"{way}.so").read_bytes())

    def put(self, way, content):
        fresh = self.plugins / f"{way}.new"
        fresh.write_bytes(content)
        fresh.chmod(0o644)
        fresh.rename(self.plugins / f"{way}.so")

    def version(self, way):
        return version_of(request(self.gateway.address, "GET", f"/{way}", {"x-user": "who"}))

    def mapped(self):
        """The staged libraries that are mapped now. A copy that was removed and is still mapped counts."""
        lines = pathlib.Path(f"/proc/{self.gateway.process.pid}/maps").read_text().splitlines()
        return {line.split(maxsplit=5)[5] for line in lines if "/gatehouse-plugins-" in line}

    def staged(self):
        return list(self.gateway.directory.glob("gatehouse-plugins-*/*"))

    def assert_all_serve(self, version):
        for way in WAYS:
            self.assertEqual(self.version(way), version)
            self.assertTrue(allowed(request(self.gateway.address, "GET", f"/{way}", {"x-user": "ann"})))

    def test_two_hundred_replacements_under_load(self):
        served = [(way, Load(self.gateway.address, f"/{way}", clients=1, headers={"x-user": "ann"}, accept=allowed))
                  for way in WAYS]
        told = [(way, Load(self.gateway.address, f"/{way}", clients=1, headers={"x-user": "who"},
                           accept=lambda response: version_of(response) in ("1.0.0", "2.0.0"))) for way in WAYS]
        loads = served + told
        try:
            for _, load in loads:
                load.__enter__()
            begin = None
            for i in range(REPLACEMENTS):
                version = 2 - i % 2  # 2, 1, 2, ...
                for way in WAYS:
                    self.install(way, f"version-{version}")
                done = self.gateway.command("reload")
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                for way in WAYS:
                    until(lambda way=way, version=version: self.version(way) == f"{version}.0.0", 10,
                          f"version {version} of {way} (replacement {i})")
                if i == REPLACEMENTS // 10:
                    begin = self.gateway.rss_bytes(), self.gateway.descriptors()
        finally:
            for _, load in loads:
                load.stop()
        for way, load in loads:
            self.assertEqual(load.failures, [], way)
            self.assertEqual(load.refused, [], way)
            self.assertGreater(len(load.answered), REPLACEMENTS, way)
        self.assert_all_serve("1.0.0")
        until(lambda: len(self.mapped()) == len(WAYS), 30, "one library mapped for each plugin")
        until(lambda: len(self.staged()) == len(WAYS), what="the staged copies of the old ones to go")
        until(lambda: self.gateway.descriptors() <= begin[1] + 4, what="descriptors to be given back")
        self.assertLess(self.gateway.rss_bytes(), begin[0] + (128 if SANITIZED else 32) * 1024 * 1024)
        log = self.gateway.log()
        for complaint in (" error ", " warning ", "stays in memory", "stays mapped", "does not come back"):
            self.assertNotIn(complaint, log)
        print(f"{REPLACEMENTS} replacements of {len(WAYS)} plugins, {sum(len(load.answered) for _, load in loads)} calls")

    def refused(self, *words):
        """The reload is refused with these words, `validate` says the same, and the old build goes on."""
        for done in (self.gateway.command("reload"), command("validate", self.gateway.file)):
            self.assertEqual(done.returncode, 1, done.stdout)
            said = done.stdout + done.stderr
            for word in ("gatehouse.yaml:", *words):
                self.assertIn(word, said)
        self.assert_all_serve("1.0.0")
        until(lambda: len(self.mapped()) == len(WAYS), what="no other library to be mapped")
        self.assertEqual(len(self.staged()), len(WAYS))

    def test_a_plugin_that_is_needed_cannot_be_removed(self):
        (self.plugins / "loop.so").unlink()
        self.refused("`test.loop`", "is in none of the plugin directories", "needed by `GET /loop` of API `shop`")
        self.install("loop", "version-2")
        self.assertEqual(self.gateway.command("reload").returncode, 0)
        until(lambda: self.version("loop") == "2.0.0", what="the plugin that came back")

    def test_one_that_nothing_names_any_more_leaves(self):
        text = CONFIGURATION.replace("GET /loop: {authorizer: loop", "GET /loop: {authorizer: executor")
        begin = text.index("  loop: {")
        self.gateway.write(text[:begin] + text[text.index("  executor: {"):])
        (self.plugins / "loop.so").unlink()
        done = self.gateway.command("reload")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        until(lambda: len(self.mapped()) == len(WAYS) - 1, what="the library to be unmapped")

    def test_a_broken_replacement_is_refused(self):
        good = (BUILDS / "version-2/loop.so").read_bytes()
        other = (BUILDS / "version-2/executor.so").read_bytes()
        missing = (BUILDS / "broken/missing-symbol.so").read_bytes().replace(b"id=test.missing-symbol\n",
                                                                             b"id=test.loop\nx=1234567\n")
        for name, content, words in (
                ("empty", b"", ["`test.loop`"]),
                ("no library", b"#!/bin/sh\n", ["`test.loop`", "loop.so"]),
                ("cut", good[:len(good) // 2], ["loop.so"]),
                ("another id", other, ["`test.executor` is there twice", "needed by `GET /executor` of API `shop`"]),
                ("another draft", good.replace(b"\ndraft=", b"\ndraft=9"), ["loop.so"]),
                ("a symbol is missing", missing, ["cannot be loaded", "gatehouse_test_nobody_has_this"]),
                ("create fails", (BUILDS / "refuses_to_be_made/loop.so").read_bytes(), ["this build cannot be made"]),
                ("start fails", (BUILDS / "refuses_to_start/loop.so").read_bytes(), ["this build does not start"])):
            with self.subTest(name):
                self.put("loop", content)
                self.refused(*words)
        self.put("loop", good)
        self.assertEqual(self.gateway.command("reload").returncode, 0)
        until(lambda: self.version("loop") == "2.0.0", what="the good replacement")

    def test_a_file_overwritten_in_place_harms_nobody(self):
        with Load(self.gateway.address, "/loop", clients=2, headers={"x-user": "ann"}, accept=allowed) as load:
            path = self.plugins / "loop.so"
            for content in ((BUILDS / "version-2/loop.so").read_bytes(), b"", b"x" * 100):
                path.write_bytes(content)  # the same inode: a mapping of it would change or be cut
                before = len(load.answered)
                until(lambda before=before: len(load.answered) > before + 50, what="more calls")
                self.assertEqual(self.version("loop"), "1.0.0")
            shutil.copyfile(BUILDS / "version-2/loop.so", path)
            self.assertEqual(self.gateway.command("reload").returncode, 0)
            until(lambda: self.version("loop") == "2.0.0", what="the whole file to be taken up")
        self.assertEqual(load.failures, [])

    def test_the_same_file_again_changes_nothing(self):
        before = self.mapped()
        self.assertEqual(self.gateway.command("reload").returncode, 0)
        self.install("loop", "version-1")
        self.assertEqual(self.gateway.command("reload").returncode, 0)
        self.assert_all_serve("1.0.0")
        self.assertEqual(self.mapped(), before)


STAYING = """
authorizers:
  sticky: {type: request, plugin: test.stays-mapped, placement: in_process, identity_sources: [$request.header.x-user],
    result_ttl_seconds: 0, settings: {do: allow}}
apis:
  shop:
    type: http
    stages: {$default: {}}
    routes: {GET /: {authorizer: sticky, integration: {type: mock, body: in}}}
"""


class Leftovers(Story):
    """A plugin whose library cannot be unmapped: after eight of them no further one is loaded."""

    def test_eight_libraries_that_stay(self):
        plugins = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "plugins"
        plugins.mkdir(mode=0o755)
        built = (BUILDS / "leftover/stays-mapped.so").read_bytes()

        def install(version):
            fresh = plugins / "stays-mapped.new"
            fresh.write_bytes(built + b"%d" % version)  # bytes behind the sections are nobody's
            fresh.chmod(0o644)
            fresh.rename(plugins / "stays-mapped.so")

        def left():
            text = request(f"unix:{gateway.socket}", "GET", "/metrics").body.decode()
            return [line.split()[1] for line in text.splitlines() if line.startswith("gatehouse_plugin_libraries_left ")]

        install(0)
        gateway = self.enterContext(Gateway(STAYING, plugins=plugins))
        self.assertEqual(left(), ["0"])
        for version in range(1, 9):
            install(version)
            self.assertEqual(gateway.command("reload").returncode, 0, gateway.log())
            until(lambda version=version: left() == [str(version)], 20, f"{version} libraries to be left")
        self.assertIn("a library stays mapped although nobody uses it any more", gateway.log())
        self.assertIn(f"{gateway.directory}/gatehouse-plugins-", gateway.log())
        install(9)
        done = gateway.command("reload")
        self.assertEqual(done.returncode, 1)
        for word in ("gatehouse.yaml:", "`test.stays-mapped`", "8 libraries of replaced plugins are still mapped",
                     "restart the gateway", "needed by `GET /` of API `shop`"):
            self.assertIn(word, done.stdout + done.stderr)
        self.assertTrue(allowed(request(gateway.address, "GET", "/", {"x-user": "ann"})), "the last one goes on")
        install(8)
        gateway.write(STAYING.replace("body: in", "body: out"))
        done = gateway.command("reload")  # no new copy
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        until(lambda: request(gateway.address, "GET", "/", {"x-user": "ann"}).body == b"out", what="the reload")


if __name__ == "__main__":
    tell(__name__)
