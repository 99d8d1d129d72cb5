#!/usr/bin/env python3
"""Floods: connections past the limits, pipelines without end, resets and half-closes at every state."""
import resource
import socket
import threading
import time

from support.abuse import Others, survived
from support.client import Closed, Connection, request
from support.gateway import SANITIZED, Gateway
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
BODY = b"x" * 300_000
HEAD = b"Host: localhost\r\n"
STATES = [  # name, what is sent before the client breaks off, whether an answer has begun by then
    ("connected", b"", False),
    ("in the request line", b"GET /mo", False),
    ("in a header", b"GET /mock HTTP/1.1\r\nHost: lo", False),
    ("before the last line", b"GET /mock HTTP/1.1\r\n" + HEAD, False),
    ("a whole request", b"GET /mock HTTP/1.1\r\n" + HEAD + b"\r\n", True),
    ("a proxied request", b"GET /orders HTTP/1.1\r\n" + HEAD + b"\r\n", False),
    ("a proxied answer begun", b"GET /orders HTTP/1.1\r\n" + HEAD + b"\r\n", True),
    ("in a body", b"POST /orders HTTP/1.1\r\n" + HEAD + b"Content-Length: 1000\r\n\r\nabc", False),
    ("in a chunk size", b"POST /orders HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n4", False),
    ("in a chunk", b"POST /orders HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n400\r\nabc", False),
    ("in the trailers", b"POST /orders HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\na: ", False),
    ("waiting for 100", b"POST /orders HTTP/1.1\r\n" + HEAD + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n", True),
    ("pipelined", (b"GET /orders HTTP/1.1\r\n" + HEAD + b"\r\n") * 20, True),
]


class Floods(Story):
    def serve(self, gateway=""):
        upstream = self.enterContext(Upstream(answers(BODY)))
        return self.enterContext(Gateway(CONFIGURATION.replace("@UPSTREAM@", upstream.address), gateway=gateway))

    def test_resets_at_each_state(self):
        gateway = self.serve()
        with survived(self, gateway), Others(gateway.address) as others:
            for name, sent, answered in STATES:
                with self.subTest(name):
                    for _ in range(40):
                        connection = Connection(gateway.address)
                        connection.send(sent)
                        if answered:
                            connection.socket.recv(1)
                        connection.reset()
        self.assertEqual(others.failures, [])

    def test_half_closes_at_each_state(self):
        gateway = self.serve()
        with survived(self, gateway), Others(gateway.address) as others:
            for name, sent, _ in STATES:
                with self.subTest(name):
                    clients = []
                    for _ in range(20):
                        connection = Connection(gateway.address)
                        connection.send(sent)
                        connection.socket.shutdown(socket.SHUT_WR)
                        clients.append(connection)
                    for connection in clients:  # each is answered or closed, none is left hanging
                        try:
                            connection.rest()
                        except Closed:
                            pass
                        connection.close()
        self.assertEqual(others.failures, [])

    def test_connections_past_the_limit(self):
        gateway = self.serve("limits: {connections: 200, connections_per_worker: 200}")
        with survived(self, gateway):
            idle = self.idle(gateway, 200)
            for _ in range(50):  # who only waits makes room
                with Connection(gateway.address) as connection:
                    self.assertEqual(connection.request("GET", "/mock").body, b"mocked")
            for connection in idle:
                connection.close()
            until(lambda: self.served(gateway), what="room after the idle ones")
            kept = []
            for _ in range(200):
                connection = Connection(gateway.address)
                self.addCleanup(connection.close)
                try:
                    connection.request("GET", "/mock")
                    connection.send(b"GET /mock HTTP/1.1\r\n")
                    kept.append(connection)
                except (Closed, OSError):
                    pass
            self.assertGreaterEqual(len(kept), 190)
            for _ in range(2000):  # a flood on top of a full house
                connection = Connection(gateway.address)
                connection.close()
            turned_away = 0
            for _ in range(50):
                with Connection(gateway.address) as connection:
                    try:
                        connection.request("GET", "/mock")
                    except (Closed, OSError):
                        turned_away += 1
            self.assertGreaterEqual(turned_away, 40)
            for connection in kept:  # who was in before is served
                connection.send(HEAD + b"\r\n")
                self.assertEqual(connection.response().body, b"mocked")
            for connection in kept:
                connection.close()
            until(lambda: self.served(gateway), what="room after the flood")

    def served(self, gateway):
        try:
            return request(gateway.address, "GET", "/mock").status == 200
        except (Closed, OSError):
            return False

    def test_requests_per_connection(self):
        gateway = self.serve("limits: {requests_per_connection: 10}")
        with Connection(gateway.address) as connection:
            for i in range(10):
                got = connection.request("GET", "/mock")
                self.assertEqual(got.header("Connection") == "close", i == 9)
            self.assertTrue(connection.closes())

    def test_pipelines_without_end(self):
        gateway = self.serve()
        with survived(self, gateway), Others(gateway.address) as others:
            one = b"GET /mock HTTP/1.1\r\n" + HEAD + b"\r\n"
            clients = [Connection(gateway.address, timeout=5) for _ in range(10)]
            for connection in clients:
                # Sends until the server takes no more, and reads nothing: it must stop reading, not gather answers.
                connection.socket.setblocking(False)
                try:
                    for _ in range(20_000):
                        connection.socket.send(one * 50)
                except BlockingIOError:
                    pass
            self.assertEqual(request(gateway.address, "GET", "/mock").status, 200)
            for connection in clients:
                connection.reset()
        self.assertEqual(others.failures, [])

    def test_pipelined_answers_come_whole_when_read(self):
        gateway = self.serve()
        count = 5000
        with Connection(gateway.address) as connection:
            connection.socket.settimeout(60)
            sender = threading.Thread(target=connection.send, args=((b"GET /mock HTTP/1.1\r\n" + HEAD + b"\r\n") * count,))
            sender.start()
            for _ in range(count):
                self.assertEqual(connection.response().body, b"mocked")
            sender.join()

    def idle(self, gateway, count):
        clients = [Connection(gateway.address) for _ in range(count)]
        for connection in clients:
            self.addCleanup(connection.close)
            self.assertEqual(connection.request("GET", "/mock").body, b"mocked")
        return clients

    def test_many_idle_connections(self):
        if SANITIZED:
            self.skipTest("a sanitizer needs memory of its own")
        warm, many, most = 500, 4000, 600  # connections, connections, bytes for each
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < warm + many + 200:
            self.skipTest(f"needs {warm + many + 200} descriptors, may have {hard}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, warm + many + 200), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        gateway = self.serve()

        def at_rest():
            time.sleep(3)  # what a burst needed is given back once a second
            return gateway.rss_bytes()
        with survived(self, gateway):
            clients = self.idle(gateway, warm)
            before = at_rest()
            clients += self.idle(gateway, many)
            each = (at_rest() - before) / many
            print(f"{each:.0f} bytes for an idle connection")
            self.assertLessEqual(each, most)
            for connection in clients[::100]:  # they are connections still
                self.assertEqual(connection.request("GET", "/mock").body, b"mocked")
            for connection in clients:
                connection.close()


if __name__ == "__main__":
    tell(__name__)
