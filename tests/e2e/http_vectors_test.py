#!/usr/bin/env python3
"""166 raw HTTP/1.1 requests that others collected (llhttp's own tests), sent whole and byte by byte: what must be refused
is, what must be accepted is, and each disagreement is explained here."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from support.gateway import SOURCE, Gateway
from support.story import Story, tell
from support.upstream import Upstream, answers

VECTORS = pathlib.Path(os.environ.get("GATEHOUSE_VECTORS", SOURCE.parent / "shared/vectors"))
CASES = VECTORS / "http/llhttp-requests.json"
RUNNER = VECTORS.parent / "tools/raw_http_runner.py"

# Why our verdict is another than the parser's, and the cases concerned. A case that is not here must agree.
CONNECT = "REPORT request / CONNECT request"
EXPLAINED = {
    "answered once, what follows `Connection: close` is discarded (RFC 9112, 9.6)": [
        "`keep-alive` / Setting flag / No restart when keep-alive is off (1.0)",
        "`keep-alive` / `close` / CRLF between requests, explicit `close`",
        "`keep-alive` / `close` / CRLF between requests, explicit `close` followed by tab",
    ],
    "the first request is answered; the ones behind it are HTTP/1.1 without Host, so 400": [
        "`keep-alive` / Setting flag / Restarting when keep-alive is explicitly",
        "Should parse multiple events",
    ],
    "an upgrade is not accepted: the request is answered, and what follows it is no HTTP": [
        "`keep-alive` / Parsing multiple tokens / Multiple tokens with folding and LWS",
        "`keep-alive` / `upgrade` / Upgrade GET request",
        "`keep-alive` / `upgrade` / Upgrade POST request",
    ],
    "a method that no API type has: 501": [
        "REPORT request", CONNECT, f"{CONNECT} / CONNECT request with CAPS", f"{CONNECT} / CONNECT with body",
        f"{CONNECT} / LINK request", f"{CONNECT} / M-SEARCH request", f"{CONNECT} / PRI request HTTP2",
        f"{CONNECT} / PURGE request", f"{CONNECT} / QUERY request", f"{CONNECT} / SEARCH request",
        f"{CONNECT} / SOURCE request", "Quotes in URI / Underscore in hostname",
    ],
    "not HTTP/1.0 or HTTP/1.1: ICE, RTSP, HTTP/0.9": [
        f"{CONNECT} / SOURCE request with ICE", f"{CONNECT} / OPTIONS request with RTSP", f"{CONNECT} / ANNOUNCE request with RTSP",
        "Simple request / No HTTP version",
    ],
    "any transfer coding but exactly `chunked` is refused": [
        "`chunked` / POST with `chunked` as last transfer-encoding",
        "`chunked` / POST with `chunked` as last transfer-encoding (multiple headers)",
    ],
    "a fragment or user information is never part of a request target (RFC 9112, 3.2; RFC 9110, 4.2.4)": [
        "Quotes in URI / Fragment in URI", "Quotes in URI / `host:port` and basic auth",
    ],
    "an absolute target must have a path: one that begins at its query is refused": [
        "Quotes in URI / Host terminated by a query string", "Quotes in URI / `host:port` terminated by a query string",
    ],
    "an absolute target must name the same host as Host: an authorizer reads the one, the other is routed by": [
        "Quotes in URI / `host:port` terminated by a space",
    ],
}

SECOND_ANSWER = [reason for reason in EXPLAINED if reason.startswith(("the first request is answered", "an upgrade is not"))]

# Everything is passed on: a body is only judged when somebody asks for it, and an upstream does.
CONFIGURATION = """
upstreams:
  any: {targets: ["@UPSTREAM@"]}
apis:
  any:
    type: http
    stages: {$default: {}}
    routes:
      $default: {authorizer: none, integration: {type: http_proxy, upstream: any}}
"""


@unittest.skipUnless(CASES.exists() and RUNNER.exists(), f"no test vectors in {VECTORS}")
class HttpVectors(Story):
    def disagreements(self, *arguments):
        with Upstream(answers(b"ok\n")) as upstream, \
                Gateway(CONFIGURATION.replace("@UPSTREAM@", upstream.address)) as gateway, tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, RUNNER, CASES, gateway.address, *arguments], cwd=folder, timeout=500,
                                  capture_output=True, text=True, check=False)
            self.assertTrue(gateway.alive())
        self.assertRegex(done.stdout, r"\d+ passed, \d+ failed")
        # DIFF expected verdict [statuses] file | name | reason
        return [line.split(" | ")[1] for line in done.stdout.splitlines() if line.startswith("DIFF ")], done.stdout

    def judge(self, *arguments):
        names, output = self.disagreements(*arguments)
        explained = {name for cases in EXPLAINED.values() for name in cases}
        self.assertEqual(sorted(set(names) - explained), [], output)
        # Byte by byte on a busy machine the runner may stop listening before a second answer: these cases hang on one.
        late = {name for reason in SECOND_ANSWER for name in EXPLAINED[reason]} if "--split" in arguments else set()
        self.assertEqual(sorted(explained - late - set(names)), [], "explained, yet we agree: take it out")

    def test_sent_whole(self):
        self.judge()

    def test_sent_byte_by_byte(self):
        self.judge("--split")


if __name__ == "__main__":
    tell(__name__)
