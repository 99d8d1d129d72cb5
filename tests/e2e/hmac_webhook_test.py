#!/usr/bin/env python3
"""plugins/examples/hmac_webhook in the real gateway, before an upstream: bodies that are signed, recently and once, reach
the upstream whole; others do not reach it."""
import contextlib
import hashlib
import hmac
import random
import time
import unittest

from support.client import Connection, chunked, request_bytes
from support.gateway import PLUGINS, Gateway
from support.story import Story, tell
from support.upstream import Upstream

CONFIGURATION = """
upstreams:
  hooks: {targets: ["@UPSTREAM@"]}
authorizers:
  signed:
    type: request
    plugin: com.example.hmac-webhook
    placement: in_process
    result_ttl_seconds: 0
    settings: {max_body_bytes: 200000, tolerance_seconds: 60}
    secrets: {key: "${file:key}"@PREVIOUS@}
    grants: {body: true}
apis:
  shop:
    type: http
    stages: {$default: {}}
    routes:
      POST /hook: {authorizer: signed, limits: {body_bytes: 300000}, integration: {type: http_proxy, upstream: hooks}}
  old:
    type: rest
    hosts: [rest.test]
    stages: {live: {}}
    routes:
      POST /hook: {authorizer: signed, integration: {type: http_proxy, upstream: hooks, path: /hook}}
"""
BEGUN = int(time.time())
KEY, OTHER = b"0123456789abcdef0123", b"another-key-of-some-length"


def signature(body, key=KEY, at=None, also=()):
    at = int(time.time()) if at is None else at
    digests = [hmac.new(k, b"%d.%s" % (at, body), hashlib.sha256).hexdigest() for k in (key, *also)]
    return f"t={at}," + ",".join(f"v1={digest}" for digest in digests)


@unittest.skipUnless((PLUGINS / "hmac_webhook.so").exists(), "the examples are not built")
class HmacWebhook(Story):
    def setUp(self):
        self.upstream = self.enterContext(Upstream())
        self.gateway = Gateway(self.text())
        self.write_key("key", KEY)
        self.enterContext(self.gateway)
        self.serial = 0

    def text(self, previous=""):
        return CONFIGURATION.replace("@UPSTREAM@", self.upstream.address).replace("@PREVIOUS@", previous)

    def write_key(self, name, key):
        file = self.gateway.directory / name
        file.write_bytes(key)
        file.chmod(0o600)

    def body(self, size=100):
        """Another one each time: a signature is accepted once."""
        self.serial += 1
        return random.Random(self.serial).randbytes(size)

    def post(self, body, headers, chunks=None, host="shop.test"):
        path = "/live/hook" if host == "rest.test" else "/hook"
        if chunks is None:
            data = request_bytes("POST", path, headers, body, host)
        else:
            pieces = [body[i:i + chunks] for i in range(0, len(body), chunks)]
            data = request_bytes("POST", path, [*headers, ("Transfer-Encoding", "chunked")], None, host) + chunked(*pieces)
        with Connection(self.gateway.address) as client:
            with contextlib.suppress(OSError):  # it may be refused while it is still being sent
                client.send(data)
            return client.response()

    def signed(self, body, of=None, chunks=None, host="shop.test", **how):
        return self.post(body, [("webhook-signature", signature(body if of is None else of, **how))], chunks, host)

    def refused(self, response, status=403, host="shop.test"):
        """And nothing of it was sent on."""
        message = {401: {"message": "Unauthorized"}, 403: {"message": "Forbidden"}, 413: {"message": "Request Entity Too Large"}}
        self.assert_answer(response, status, message[status])
        self.assertEqual(self.upstream.requests, [])

    def test_signed_bodies_reach_the_upstream_whole(self):
        for size in (0, 1, 16_384, 16_385, 200_000):
            for chunks in (None, 1000, 70_000):
                for host in ("shop.test", "rest.test"):
                    with self.subTest(size=size, chunks=chunks, host=host):
                        body = self.body(size)
                        if not size:  # the same each time: told apart by its second, which time must not make up for
                            got = self.signed(body, at=BEGUN - self.serial, chunks=chunks, host=host)
                        else:
                            got = self.signed(body, chunks=chunks, host=host)
                        self.assertEqual(got.status, 200, got)
                        sent = self.upstream.requests[-1]
                        self.assertEqual((sent.target, sent.body), ("/hook", body))
                        self.assertEqual((sent.all("Content-Length"), sent.header("Transfer-Encoding")), ([str(size)], None))
                        self.assertTrue(sent.header("webhook-signature"))

    def test_without_a_signature(self):
        self.refused(self.post(self.body(), []), 401)

    def test_signatures_that_are_none(self):
        body = self.body()
        good = signature(body)
        for value in ("v1=abc", good.replace("t=", "x="), good[:-1], good + "0", good.replace("v1=", "v0="), "t=,v1=",
                      f"t=-1,{good.partition(',')[2]}", "x" * 1100):
            with self.subTest(value):
                self.refused(self.post(body, [("webhook-signature", value)]))
        self.refused(self.post(body, [("webhook-signature", good), ("Webhook-Signature", good)]))

    def test_signatures_that_do_not_match(self):
        body = self.body()
        self.refused(self.signed(body, key=OTHER))
        for what, other in (("changed", b"\0" + body[1:]), ("longer", body + b"x"), ("shorter", body[:-1]), ("empty", b"")):
            for chunks in (None, 30):
                with self.subTest(what, chunks=chunks):
                    self.refused(self.signed(other, of=body, chunks=chunks))
        at = int(time.time())
        moved = signature(body, at=at).replace(f"t={at}", f"t={at + 1}")
        self.refused(self.post(body, [("webhook-signature", moved)]))

    def test_one_good_signature_among_others_is_enough(self):
        body = self.body()
        self.assertEqual(self.signed(body, key=OTHER, also=(KEY,)).status, 200)
        self.assertEqual(self.upstream.requests[-1].body, body)

    def test_too_old_or_too_new_is_refused_before_the_body_is_asked_for(self):
        for apart in (-62, 65):
            with self.subTest(apart), Connection(self.gateway.address) as client:
                head = request_bytes("POST", "/hook", [
                    ("webhook-signature", signature(b"hello", at=int(time.time()) + apart)), ("Content-Length", "5"),
                    ("Expect", "100-continue")], None, "shop.test")
                client.send(head)
                self.assertEqual(client.head().status, 403)
        self.assertEqual(self.upstream.requests, [])

    def test_once(self):
        body = self.body()
        value = signature(body)
        self.assertEqual(self.post(body, [("webhook-signature", value)]).status, 200)
        self.upstream.requests.clear()
        for host in ("shop.test", "rest.test"):
            self.assertEqual(self.post(body, [("webhook-signature", value)], host=host).status, 403)
        self.assertEqual(self.upstream.requests, [])

    def test_bodies_that_are_too_large(self):
        for size, status in ((200_001, 403), (300_000, 403), (300_001, 413)):
            for chunks in (None, 65_536):
                with self.subTest(size=size, chunks=chunks):
                    if chunks:  # the authorizer's limit is met before the route's
                        status = 403
                    self.refused(self.signed(self.body(size), chunks=chunks), status)

    def test_a_key_that_is_replaced(self):
        new = b"the next key, 20 bytes or more"
        self.write_key("previous", KEY)
        self.write_key("key", new)
        self.gateway.write(self.text(', previous_key: "${file:previous}"'))
        done = self.gateway.command("reload")
        self.assertEqual(done.returncode, 0, done.stderr)
        for key, status in ((new, 200), (KEY, 200), (OTHER, 403)):
            self.assertEqual(self.signed(self.body(), key=key).status, status)
        self.gateway.write(self.text())
        self.assertEqual(self.gateway.command("reload").returncode, 0)
        for key, status in ((new, 200), (KEY, 403)):
            self.assertEqual(self.signed(self.body(), key=key).status, status)


if __name__ == "__main__":
    tell(__name__)
