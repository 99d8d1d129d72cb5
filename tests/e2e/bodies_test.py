#!/usr/bin/env python3
"""Bodies that an authorizer judges: read once, kept, and sent to the upstream as they were judged."""
import random
import time
import unittest

from support.body_judge import CONFIGURATION, JUDGES, head
from support.client import Connection, request
from support.gateway import Gateway, command
from support.story import Story, tell
from support.upstream import Upstream

def chunked(body, size=1000, trailers=b""):
    pieces = [body[i:i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n" + trailers + b"\r\n"


@unittest.skipUnless((JUDGES / "body-judge.so").exists(), "the test plugins are not built")
class Bodies(Story):
    plugin = "body-judge"

    def gateway(self, settings="", plugin=None, grants="grants: {body: true}"):
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)
        text = (CONFIGURATION.replace("@UPSTREAM@", self.upstream.address).replace("@PLUGIN@", plugin or self.plugin)
                .replace("@GRANTS@", grants))
        return Gateway(text, gateway=settings, plugins=JUDGES)

    def sent(self):
        return self.upstream.requests[-1]

    def one(self, gateway, data):
        with Connection(gateway.address) as client:
            client.send(data)
            return client.response()

    def gauges(self, gateway):
        text = request(f"unix:{gateway.socket}", "GET", "/metrics").body.decode()
        return [line for line in text.splitlines() if line.startswith("gatehouse_kept_body_bytes{")]

    def wait_for(self, condition):
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline, "did not come true")
            time.sleep(0.02)

    def all_given_back(self, gateway):
        self.wait_for(lambda: self.gauges(gateway) and all(line.endswith(" 0") for line in self.gauges(gateway)))

    def test_what_was_judged_is_what_is_sent(self):
        for plugin in ("body-judge", "body-judge-blocking"):
            with self.subTest(plugin), self.gateway(plugin=plugin) as gateway:
                for size in (0, 1, 16384, 16385, 300_000, 5_000_000):
                    body = random.Random(size).randbytes(size)
                    for framing in ("length", "chunked"):
                        with self.subTest(size=size, framing=framing):
                            data = (head([f"Content-Length: {size}"], body) + body if framing == "length" else
                                    head(["Transfer-Encoding: chunked"], body) + chunked(body, 7777))
                            self.assertEqual(self.one(gateway, data).status, 200)
                            self.assertEqual(self.sent().body, body)
                            self.assertEqual(self.sent().header("Content-Length"), str(size))
                            self.assertIsNone(self.sent().header("Transfer-Encoding"))
                before = len(self.upstream.requests)
                self.assertEqual(self.one(gateway, head(["Content-Length: 4"], b"good") + b"evil").status, 403)
                self.assertEqual(len(self.upstream.requests), before)
                self.all_given_back(gateway)

    def test_requests_without_a_body(self):
        with self.gateway() as gateway:
            with Connection(gateway.address) as client:
                for method in ("GET", "HEAD", "DELETE"):
                    with self.subTest(method):
                        client.send(head([], b"", method=method))
                        self.assertEqual(client.response(head=method == "HEAD").status, 200)
                        self.assertIsNone(self.sent().header("Content-Length"))
                client.send(head([], b"something"))
                self.assertEqual(client.response().status, 403)

    def test_the_connection_goes_on_behind_a_kept_body(self):
        with self.gateway() as gateway, Connection(gateway.address) as client:
            bodies = [b"first", b"", b"third" * 10_000]
            client.send(b"".join(head([f"Content-Length: {len(b)}"], b) + b for b in bodies))
            for body in bodies:
                self.assertEqual(client.response().json()["body"].encode(), body)

    def test_trailers_are_not_part_of_it(self):
        with self.gateway() as gateway:
            got = self.one(gateway, head(["Transfer-Encoding: chunked"], b"body") + chunked(b"body", 3, b"X-Late: 1\r\n"))
            self.assertEqual(got.status, 200)
            self.assertEqual((self.sent().body, self.sent().trailers), (b"body", []))

    def test_continue_comes_when_the_authorizer_asks(self):
        with self.gateway() as gateway:
            with Connection(gateway.address) as client:
                client.send(head(["Content-Length: 5", "Expect: 100-continue"], b"hello"))
                self.assertEqual(client.head().status, 100)
                client.send(b"hello")
                self.assertEqual(client.response().status, 200)
            with Connection(gateway.address) as client:  # above the limit: no byte of it is asked for
                client.send(head(["Content-Length: 6000001", "Expect: 100-continue"]))
                self.assertEqual(client.head().status, 413)
            with Connection(gateway.address) as client:  # above what the question allows
                client.send(head(["Content-Length: 50", "Expect: 100-continue"], x_ask="read", x_max="49"))
                self.assertEqual(client.head().status, 500)

    def test_a_slow_client(self):
        with self.gateway() as gateway:
            with Connection(gateway.address) as client:
                client.send(head(["Content-Length: 20"], b"x" * 20))
                for _ in range(20):
                    time.sleep(0.02)
                    client.send(b"x")
                self.assertEqual(client.response().status, 200)
        with self.gateway("timeouts: {body_idle: 200ms}") as gateway:
            self.assertEqual(self.one(gateway, head(["Content-Length: 20"]) + b"x").status, 400)
            self.all_given_back(gateway)
        self.assertEqual(self.upstream.requests, [])

    def test_a_client_that_goes_away(self):
        with self.gateway() as gateway:
            for way in ("close", "reset"):
                client = Connection(gateway.address)
                client.send(head(["Content-Length: 100000"]) + b"x" * 50_000)
                self.wait_for(lambda: any(not line.endswith(" 0") for line in self.gauges(gateway)))
                getattr(client, way)()
                self.all_given_back(gateway)
            self.assertEqual(self.upstream.requests, [])
            self.assertEqual(self.one(gateway, head(["Content-Length: 2"], b"ok") + b"ok").status, 200)

    def test_bodies_above_the_limit(self):
        with self.gateway() as gateway:
            large = b"x" * 6_000_001
            for host in ("shop.test", "rest.test"):
                path = "/orders" if host == "shop.test" else "/live/orders"
                for ask in ("hash", "careless"):
                    with self.subTest(host=host, ask=ask), Connection(gateway.address) as client:
                        client.send(head(["Transfer-Encoding: chunked"], x_ask=ask, host=host, path=path))
                        try:
                            client.send(chunked(large, 60_000))
                        except OSError:
                            pass
                        self.assertEqual(client.response().status, 413)
            self.assertEqual(self.upstream.requests, [])
            self.all_given_back(gateway)

    def test_broken_chunks(self):
        with self.gateway() as gateway:
            for ask in ("hash", "careless"):
                got = self.one(gateway, head(["Transfer-Encoding: chunked"], x_ask=ask) + b"5\r\nhello\r\nzz\r\n")
                self.assertEqual(got.status, 400)
            self.assertEqual(self.upstream.requests, [])

    def test_without_room_the_answer_is_503(self):
        room = "workers: 1\nkept_bodies: {memory_bytes: 65536, file_bytes: 65536, directory: @DIR@}"
        with self.gateway(room) as gateway:
            fits, too_much = b"x" * 131_072, b"x" * 131_073
            self.assertEqual(self.one(gateway, head([f"Content-Length: {len(fits)}"], fits) + fits).status, 200)
            self.assertEqual(self.sent().body, fits)
            for host, path in (("shop.test", "/orders"), ("rest.test", "/live/orders")):
                for ask in ("hash", "careless"):
                    data = head([f"Content-Length: {len(too_much)}"], too_much, x_ask=ask, host=host, path=path)
                    self.assertEqual(self.one(gateway, data + too_much).status, 503)
            self.assertEqual(len(self.upstream.requests), 1)
            self.assertEqual([p.name for p in gateway.directory.iterdir() if "body" in p.name], [])
            self.all_given_back(gateway)

    def test_allowed_before_all_of_it_is_there(self):
        with self.gateway() as gateway:
            body = random.Random(7).randbytes(200_000)
            for framing in ("length", "chunked"):
                with self.subTest(framing), Connection(gateway.address) as client:
                    client.send(head([f"Content-Length: {len(body)}"] if framing == "length" else ["Transfer-Encoding: chunked"],
                                     x_ask="early"))
                    wire = body if framing == "length" else chunked(body)
                    for i in range(0, len(wire), 30_000):
                        client.send(wire[i:i + 30_000])
                        time.sleep(0.005)
                    self.assertEqual(client.response().status, 200)
                    self.assertEqual(self.sent().body, body)

    def test_only_who_is_granted_it_gets_it(self):
        with_none = self.gateway(grants="settings: {}")
        self.addCleanup(with_none.discard)
        done = command("validate", with_none.file)
        self.assertEqual(done.returncode, 1)
        self.assertIn("grants: {body: true}", done.stdout + done.stderr)


if __name__ == "__main__":
    tell(__name__)
