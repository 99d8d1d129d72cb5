#!/usr/bin/env python3
"""`gatehouse validate` prints every fault at once, each with its place, and exits 1; `serve` refuses the same."""
import json
import pathlib
import tempfile

from support.gateway import SOURCE, command
from support.story import Story, tell

GOOD = """\
listeners: {public: {address: "127.0.0.1:0"}}
apis:
  shop:
    type: http
    stages: {$default: {}}
    routes:
      GET /health: {authorizer: none, integration: {type: mock, status: 200}}
"""

FAULTY = """\
listeners:
  public: {address: "127.0.0.1:0", colour: blue}
upstreams:
  orders: {targets: ["nowhere"]}
apis:
  shop:
    type: htpp
    stages: {$default: {}}
    routes:
      GET /silent: {integration: {type: mock, status: 200}}
      GET /two: {authorizer: none, integration: {type: http_proxy, upstream: absent, path: /}}
      GET /keyed: {authorizer: none, api_key_required: true, integration: {type: mock, status: 200}}
"""
PLACES = [(2, "colour"), (4, "nowhere"), (7, "htpp"), (10, "authorizer"), (12, "api_key_required")]

# name, text, the line of the fault, words of it
FAULTS = [
    ("an upstream that is not there", GOOD.replace("{type: mock, status: 200}", "{type: http_proxy, upstream: absent, path: /}"),
     7, ["absent"]),
    ("an authorizer that is not there", GOOD.replace("authorizer: none", "authorizer: absent"), 7, ["absent"]),
    ("an authorizer whose type is not built yet",
     GOOD + "authorizers:\n  who: {type: mutual_tls, settings: {}}\n", 9, ["mutual_tls"]),
    ("a websocket API", GOOD.replace("type: http\n", "type: websocket\n"), 4, ["websocket"]),
    ("throttling", GOOD.replace("stages: {$default: {}}", "stages: {$default: {throttling: {rate: 1}}}"), 5, ["throttling"]),
    ("LA-05 results kept under nothing", GOOD + "authorizers:\n  gate: {type: request, plugin: com.example.shared-token, "
     "placement: in_process, result_ttl_seconds: 300, settings: {token: open-sesame}}\n", 9, ["identity_sources"]),
    ("a stranger's plugin without a placement", GOOD + "authorizers:\n  gate: {type: request, plugin: com.example.shared-token, "
     "identity_sources: [$request.header.x-token], result_ttl_seconds: 0, settings: {token: open-sesame}}\n", 9, ["placement"]),
    ("a plugin that is not there", GOOD + "authorizers:\n  gate: {type: request, plugin: com.example.absent, "
     "placement: in_process, identity_sources: [$request.header.x-token], result_ttl_seconds: 0, settings: {}}\n", 9,
     ["com.example.absent"]),
    ("a key written twice", GOOD.replace("    type: http\n", "    type: http\n    type: http\n"), 5, ["type"]),
    ("two routes that are one", GOOD + "      GET /health: {authorizer: none, integration: {type: mock, status: 200}}\n", 8, ["/health"]),
    ("no route key", GOOD.replace("GET /health", "FETCH /health"), 7, ["FETCH"]),
    ("a missing variable", GOOD.replace("status: 200}", "status: 200, body: \"${env:GATEHOUSE_NO_SUCH}\"}"), 7,
     ["GATEHOUSE_NO_SUCH"]),
    ("a missing file", GOOD.replace("status: 200}", "status: 200, body: \"${file:/no/such/file}\"}"), 7, ["/no/such/file"]),
    ("a header that cannot be sent", GOOD.replace("status: 200}", "status: 200, headers: {Content-Length: \"3\"}}"), 7,
     ["Content-Length"]),
    ("an access log that cannot be opened", GOOD + "gateway: {access_log: {path: /no/such/folder/access.log}}\n", 8,
     ["/no/such/folder/access.log"]),
    ("LA-05 a REST authorizer whose results would be kept under nothing",
     GOOD.replace("type: http\n", "type: rest\n").replace("$default", "prod").replace("none", "gate") + "authorizers:\n"
     "  gate: {type: request, plugin: com.example.shared-token, placement: in_process, "
     "settings: {token: open-sesame}}\n", 9, ["result_ttl_seconds: 0"]),
    ("not YAML", "listeners: [\n", 0, []),
]


class Validate(Story):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.file = self.folder / "gatehouse.yaml"

    def validate(self, text, *arguments):
        self.file.write_text(text)
        return command("validate", self.file, *arguments)

    def test_a_good_one_passes(self):
        done = self.validate(GOOD)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_fault_is_named_at_once(self):
        done = self.validate(FAULTY)
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, 1, said)
        lines = said.splitlines()
        for number, word in PLACES:
            with self.subTest(word):
                self.assertTrue(any(f"gatehouse.yaml:{number}:" in line and word in line for line in lines), said)

    def test_serve_refuses_the_same(self):
        refused = self.validate(FAULTY)
        served = command("serve", "--config", self.file)
        self.assertEqual(served.returncode, 1)
        for number, word in PLACES:
            with self.subTest(word):
                self.assertTrue(any(f"gatehouse.yaml:{number}:" in line and word in line for line in
                                    (served.stdout + served.stderr).splitlines()), served.stderr)
        self.assertEqual(refused.returncode, 1)

    def test_each_fault(self):
        for name, text, number, words in FAULTS:
            with self.subTest(name):
                done = self.validate(text)
                said = done.stdout + done.stderr
                self.assertEqual(done.returncode, 1, said)
                where = f"gatehouse.yaml:{number}:" if number else "gatehouse.yaml:"
                self.assertTrue(any(where in line and all(word in line for word in words) for line in said.splitlines()), said)

    def test_as_json(self):
        done = self.validate(FAULTY, "--json")
        self.assertEqual(done.returncode, 1)
        said = json.loads(done.stdout)
        places = {(fault["line"], fault["file"].endswith("gatehouse.yaml")) for fault in said["errors"]}
        self.assertLessEqual({(number, True) for number, _ in PLACES}, places)
        good = self.validate(GOOD, "--json")
        self.assertEqual((good.returncode, json.loads(good.stdout)["errors"]), (0, []))

    def test_a_secret_is_never_printed(self):
        text = GOOD + ("authorizers:\n  gate: {type: request, plugin: com.example.shared-token, placement: in_process, "
                       "identity_sources: [$request.header.x-token], result_ttl_seconds: 0, "
                       "settings: {token: \"${env:GATE_TOKEN}\", unknown: \"${env:GATE_TOKEN}\"}}\n")
        self.file.write_text(text)
        done = command("validate", self.file, env={"GATE_TOKEN": "hush-hush-hush"})
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertNotIn("hush", done.stdout + done.stderr)

    def test_no_file(self):
        done = command("validate", self.folder / "absent.yaml")
        self.assertEqual(done.returncode, 1)
        self.assertIn("absent.yaml", done.stdout + done.stderr)

    def test_every_configuration_that_we_show_is_good(self):
        shown = sorted([*(SOURCE / "config").glob("*.yaml"), *(SOURCE / "config/demo").glob("*.yaml"),
                        *(SOURCE / "config/examples").rglob("gatehouse.yaml")])
        self.assertGreaterEqual(len(shown), 2)
        for file in shown:
            with self.subTest(str(file.relative_to(SOURCE))):
                done = command("validate", file, env={"GATE_TOKEN": "open-sesame"})
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    tell(__name__)
