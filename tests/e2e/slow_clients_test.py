#!/usr/bin/env python3
"""Clients that dawdle: heads and bodies in drops, answers never read, connections that only sit there. Each meets its
deadline, and nobody else waits for it."""
import time

from support.abuse import Others, survived
from support.client import Closed, Connection
from support.gateway import Gateway
from support.story import Story, tell
from support.upstream import Upstream, answers
from support.wait import until

CONFIGURATION = """
upstreams:
  orders: {targets: ["@UPSTREAM@"], idle_timeout: 2s}
apis:
  shop:
    type: http
    stages: {$default: {}}
    routes:
      GET /mock: {authorizer: none, integration: {type: mock, status: 200, body: mocked}}
      ANY /orders: {authorizer: none, integration: {type: http_proxy, upstream: orders, path: /orders}}
"""
TIMEOUTS = "timeouts: {header_read: 1s, body_idle: 1s, write_idle: 1s, keep_alive: 1s}"
BOUND = 8.0  # seconds, for a deadline of one on a busy machine


class SlowClients(Story):
    @classmethod
    def setUpClass(cls):
        cls.upstream = cls.enterClassContext(Upstream(answers(b"x" * 50_000_000)))
        cls.gateway = cls.enterClassContext(
            Gateway(CONFIGURATION.replace("@UPSTREAM@", cls.upstream.address), gateway=TIMEOUTS))

    def crowd(self, count, begin):
        clients = [Connection(self.gateway.address, timeout=BOUND) for _ in range(count)]
        for connection in clients:
            self.addCleanup(connection.close)
            connection.send(begin)
        return clients

    def end_of(self, connection):
        """What the client got before the server closed: a status, or None."""
        try:
            return connection.response().status
        except Closed:
            return None

    def test_heads_that_never_end(self):
        with survived(self, self.gateway), Others(self.gateway.address) as others:
            for begin in (b"G", b"GET /mock HTTP/1.1\r\nHo", b"GET /mock HTTP/1.1\r\nHost: localhost\r\n", b"\r\n"):
                for connection in self.crowd(50, begin):
                    self.assertIn(self.end_of(connection), (None, 400, 408))
        self.assertEqual(others.failures, [])

    def test_heads_in_drops_gain_no_time(self):
        connection = self.crowd(1, b"GET /mock HTTP/1.1\r\nHost: localhost\r\n")[0]
        begin = time.monotonic()
        with self.assertRaises(OSError):
            while time.monotonic() - begin < BOUND:
                connection.send(b"a: b\r\n")
                connection.socket.settimeout(0.1)
                try:
                    if not connection.socket.recv(4096):
                        raise ConnectionResetError
                except TimeoutError:
                    pass
        self.assertLess(time.monotonic() - begin, BOUND)

    def test_bodies_that_never_end(self):
        with survived(self, self.gateway), Others(self.gateway.address) as others:
            for begin in (b"POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc",
                          b"POST /orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"):
                for connection in self.crowd(50, begin):
                    self.assertIn(self.end_of(connection), (None, 400, 408, 503))
        self.assertEqual(others.failures, [])

    def test_answers_that_nobody_reads(self):
        with survived(self, self.gateway), Others(self.gateway.address) as others:
            clients = self.crowd(20, b"GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n")
            for connection in clients:
                connection.head()
            # Closed by the deadline: what is in the kernel's buffers comes, and then an end before the whole.
            time.sleep(2.5)
            for connection in clients:
                received = 0
                try:
                    while data := connection.socket.recv(1 << 20):
                        received += len(data)
                except ConnectionResetError:
                    pass
                self.assertLess(received, 50_000_000)
        self.assertEqual(others.failures, [])

    def test_idle_connections_are_closed(self):
        with survived(self, self.gateway):
            clients = [Connection(self.gateway.address, timeout=BOUND) for _ in range(100)]
            for connection in clients:
                self.addCleanup(connection.close)
                connection.request("GET", "/mock")
            for connection in clients:
                self.assertTrue(connection.closes())

    def test_connections_that_say_nothing_are_closed(self):
        for connection in self.crowd(50, b""):
            self.assertTrue(connection.closes())

    def test_a_slow_but_steady_body_arrives(self):
        self.upstream.requests.clear()
        connection = self.crowd(1, b"POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\n")[0]
        for piece in b"abcdefgh":
            time.sleep(0.3)  # eight times 0.3 s is past the deadline of 1 s, which is for each pause alone
            connection.send(bytes([piece]))
        until(lambda: self.upstream.requests, what="the body upstream")
        self.assertEqual(self.upstream.requests[0].body, b"abcdefgh")


if __name__ == "__main__":
    tell(__name__)
