#!/usr/bin/env python3
"""Plugins as an operator meets them: who may be loaded, what is refused before any of its code runs, and how each refusal
says what to do."""
import os
import pathlib
import shutil
import tempfile

from support.client import request
from support.gateway import PLUGINS, Gateway, command
from support.story import Story, tell

CONFIGURATION = """
authorizers:
  gate: {type: request, plugin: @ID@, placement: @PLACEMENT@, identity_sources: [$request.header.x-token],
         result_ttl_seconds: 0, settings: @SETTINGS@}
@MORE@
apis:
  shop:
    type: http
    stages: {$default: {}}
    @NETWORK@
    routes:
      GET /gated: {authorizer: gate, integration: {type: mock, status: 200, body: here}}
"""


def configuration(plugin="com.example.shared-token", placement="in_process", settings="{token: open-sesame}", more="", network=""):
    return (CONFIGURATION.replace("@ID@", plugin).replace("@PLACEMENT@", placement).replace("@SETTINGS@", settings)
            .replace("@MORE@", more).replace("@NETWORK@", network))


def library(part):
    found = sorted(path for path in PLUGINS.glob("*.so") if part in path.name)
    assert len(found) == 1, f"{part} in {PLUGINS}: {found}"
    return found[0]


class Plugins(Story):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.plugins = self.folder / "plugins"
        self.plugins.mkdir(mode=0o755)
        self.copy = pathlib.Path(shutil.copy(library("shared_token"), self.plugins))
        self.copy.chmod(0o755)

    def validate(self, text, plugins=None):
        gateway = Gateway(text, plugins=plugins or self.plugins)
        self.addCleanup(gateway.discard)
        done = command("validate", gateway.file)
        return done.returncode, done.stdout + done.stderr

    def refused(self, words, text=None, plugins=None):
        status, said = self.validate(text or configuration(), plugins)
        self.assertEqual(status, 1, said)
        for word in words:
            self.assertIn(word, said)
        return said

    def ask(self, gateway, **headers):
        return request(gateway.address, "GET", "/gated", {name.replace("_", "-"): value for name, value in headers.items()}).status

    def test_the_shared_token_decides(self):
        with Gateway(configuration(), plugins=self.plugins) as gateway:
            self.assertEqual(self.ask(gateway), 401)
            self.assertEqual(self.ask(gateway, x_token="open-barley"), 403)
            self.assertEqual(self.ask(gateway, x_token="open-sesame"), 200)
            self.assertEqual(self.ask(gateway, x_token="open-sesame "), 200)  # blanks around a value are not part of it
            self.assertEqual(self.ask(gateway, x_token="open-sesam"), 403)
            self.assertEqual(self.ask(gateway, x_token="OPEN-SESAME"), 403)

    def test_a_network_authorizer_in_plain_c(self):
        more = "  office: {type: network, plugin: com.example.ip-allow-list, placement: in_process, settings: {allow: [@NET@]}}"
        for net, status in (("127.0.0.0/8", 200), ("10.0.0.0/8", 403)):
            with self.subTest(net), Gateway(configuration(more=more.replace("@NET@", f'"{net}"'), network="network: [office]"),
                                            plugins=PLUGINS) as gateway:
                self.assertEqual(self.ask(gateway, x_token="open-sesame"), status)

    def test_it_is_found_beside_the_binary(self):
        with Gateway(configuration()) as gateway:
            self.assertEqual(self.ask(gateway, x_token="open-sesame"), 200)

    def test_a_file_that_others_may_write_is_refused(self):
        for mode in (0o757, 0o775):
            self.copy.chmod(mode)
            with self.subTest(oct(mode)):
                self.refused([self.copy.name, "writ"])

    def test_a_folder_that_others_may_write_is_refused(self):
        self.plugins.chmod(0o777)
        self.refused(["writ"])

    def test_a_stranger_owns_it(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give a file away")
        os.chown(self.copy, 12345, 12345)
        self.refused([self.copy.name, "belongs to"])

    def test_a_link_is_judged_by_what_it_names(self):
        elsewhere = self.folder / "elsewhere.so"
        shutil.move(self.copy, elsewhere)
        elsewhere.chmod(0o777)
        self.copy.symlink_to(elsewhere)
        self.refused([self.copy.name])

    def test_what_is_no_library_is_refused_without_running_it(self):
        data = self.copy.read_bytes()
        machine = bytearray(data)
        machine[18:20] = b"\xb7\x00"  # e_machine: AArch64
        for name, content in (("empty", b""), ("text", b"#!/bin/sh\ntouch /tmp/ran\n"), ("cut", data[:2000]),
                              ("another machine", bytes(machine)), ("cut in the middle", data[:len(data) // 2])):
            with self.subTest(name):
                self.copy.write_bytes(content)
                self.refused(["com.example.shared-token"])

    def test_an_unknown_id_names_the_nearest(self):
        self.refused(["com.example.shared-tokin", "did you mean `com.example.shared-token`"],
                     configuration(plugin="com.example.shared-tokin"))

    def test_two_files_of_one_id(self):
        shutil.copy(self.copy, self.plugins / "zz-copy.so")
        (self.plugins / "zz-copy.so").chmod(0o755)
        self.refused(["com.example.shared-token", "zz-copy.so"])

    def test_a_folder_that_is_not_there(self):
        self.refused(["no-such-folder"], plugins=self.folder / "no-such-folder")

    def test_settings_are_held_to_the_schema(self):
        for settings in ("{}", "{token: 7}", "{token: open-sesame, colour: blue}", "{token: ''}"):
            with self.subTest(settings):
                said = self.refused(["gatehouse.yaml:"], configuration(settings=settings))
                self.assertNotIn("open-sesame", said)

    def test_what_is_not_named_is_not_loaded(self):
        # A file dropped into the folder must not run: a broken one beside it disturbs nobody.
        (self.plugins / "aa-broken.so").write_bytes(b"\x7fELF broken")
        with Gateway(configuration(), plugins=self.plugins) as gateway:
            self.assertEqual(self.ask(gateway, x_token="open-sesame"), 200)
            self.assertNotIn("aa-broken", pathlib.Path(f"/proc/{gateway.process.pid}/maps").read_text())

    def test_replacing_the_file_changes_nothing_until_told(self):
        with Gateway(configuration(), plugins=self.plugins) as gateway:
            self.copy.write_bytes(b"overwritten")  # in place: a mapped file would crash the server
            self.assertEqual(self.ask(gateway, x_token="open-sesame"), 200)
            self.assertTrue(gateway.alive())
            gateway.command("reload")
            self.assertEqual(self.ask(gateway, x_token="open-sesame"), 200)

    def test_sandboxed_is_not_built_yet_and_says_so(self):
        self.refused(["sandboxed"], configuration(placement="sandboxed"))


if __name__ == "__main__":
    tell(__name__)
