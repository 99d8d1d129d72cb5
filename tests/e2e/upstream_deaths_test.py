#!/usr/bin/env python3
"""Upstreams that die, at each state of an exchange, or break HTTP: the client gets a whole answer of ours or an answer
that visibly ends too early, never a wrong one; and what is not safe to repeat is sent once."""
import threading
import time

from support.abuse import Others, survived
from support.client import Closed, Connection, request
from support.gateway import Gateway
from support.story import Story, tell
from support.upstream import Upstream, answers

CONFIGURATION = """
upstreams:
  orders: {targets: ["@UPSTREAM@"], eject_after: 0, connect_timeout: 1s}
  pair: {targets: ["@UPSTREAM@", "@SOUND@"], eject_after: 3, eject_time: 60s, connect_timeout: 1s}
apis:
  shop:
    type: http
    stages: {$default: {}}
    routes:
      GET /mock: {authorizer: none, integration: {type: mock, status: 200, body: mocked}}
      ANY /orders: {authorizer: none, integration: {type: http_proxy, upstream: orders, path: /orders, timeout: 3s}}
      ANY /pair: {authorizer: none, integration: {type: http_proxy, upstream: pair, path: /pair, timeout: 3s}}
"""
DIED = (500, {"message": "Internal Server Error"})  # a bad answer (spec 6.3); who cannot be reached at all is 503
OK = b"HTTP/1.1 200 OK\r\n"

BEFORE_THE_HEAD = [  # name, bytes sent before the end
    ("nothing", b""),
    ("in the status line", b"HTTP/1.1 2"),
    ("in a header", OK + b"Content-Le"),
    ("before the last line", OK + b"Content-Length: 5\r\n"),
    ("an interim answer only", b"HTTP/1.1 100 Continue\r\n\r\n"),
]
IN_THE_BODY = [
    ("at once", OK + b"Content-Length: 5\r\n\r\n"),
    ("in a counted body", OK + b"Content-Length: 5000\r\n\r\nabc"),
    ("in a chunk size", OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1"),
    ("in a chunk", OK + b"Transfer-Encoding: chunked\r\n\r\n10\r\nabc"),
    ("before the last chunk", OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
    ("in the trailers", OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-a"),
]
BROKEN = [  # an upstream that breaks HTTP is refused as strictly as a client
    ("no HTTP", b"hello\r\n\r\n"),
    ("HTTP/2", b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ("both framings", OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("two lengths", OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
    ("a bad length", OK + b"Content-Length: +3\r\n\r\nabc"),
    ("another coding", OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    ("bare LF", b"HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
    ("blank before a colon", OK + b"Content-Length : 0\r\n\r\n"),
    ("obs-fold", OK + b"x-a: b\r\n c\r\nContent-Length: 0\r\n\r\n"),
    ("NUL in a value", OK + b"x-a: \x00\r\nContent-Length: 0\r\n\r\n"),
    ("status of two digits", b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"),
    ("a switch nobody asked for", b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    ("a head without end", OK + b"x-a: " + b"b" * 200_000),
]


class UpstreamDeaths(Story):
    @classmethod
    def setUpClass(cls):
        cls.upstream = cls.enterClassContext(Upstream())
        cls.sound = cls.enterClassContext(Upstream(answers(b"sound")))
        cls.gateway = cls.enterClassContext(Gateway(
            CONFIGURATION.replace("@UPSTREAM@", cls.upstream.address).replace("@SOUND@", cls.sound.address)))

    def dies(self, sent, reset):
        def behave(peer, _):
            peer.send(sent)
            if reset:
                time.sleep(0.02)  # a reset overtakes bytes that the gateway has not read yet
                peer.reset()
            else:
                peer.socket.close()
        self.upstream.behave = behave
        self.upstream.requests.clear()

    def test_before_the_head_is_complete(self):
        with survived(self, self.gateway), Others(self.gateway.address) as others:
            for name, sent in BEFORE_THE_HEAD:
                for reset in (False, True):
                    with self.subTest(name, reset=reset):
                        self.dies(sent, reset)
                        got = request(self.gateway.address, "GET", "/orders")
                        self.assert_answer(got, *DIED)
        self.assertEqual(others.failures, [])

    def test_in_the_body(self):
        with survived(self, self.gateway), Others(self.gateway.address) as others:
            for name, sent in IN_THE_BODY:
                for reset in (False, True):
                    with self.subTest(name, reset=reset):
                        self.dies(sent, reset)
                        with self.assertRaises(Closed):  # the head is out: only an early end can tell the client
                            request(self.gateway.address, "GET", "/orders")
        self.assertEqual(others.failures, [])

    def test_while_it_reads_the_body(self):
        body = b"x" * 5_000_000
        for read in (0, 1, 100_000):
            for reset in (False, True):
                with self.subTest(read=read, reset=reset):
                    def on_connect(peer, read=read, reset=reset):
                        peer.read_head()
                        peer._take(read)
                        peer.reset() if reset else peer.socket.close()
                    self.upstream.on_connect = on_connect
                    try:
                        with Connection(self.gateway.address) as connection:
                            connection.send(b"POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body))
                            sender = threading.Thread(target=self.send_all, args=(connection, body))
                            sender.start()
                            self.assert_answer(connection.response(), *DIED)
                            connection.close()
                            sender.join()
                    finally:
                        self.upstream.on_connect = None

    def send_all(self, connection, body):
        try:
            connection.send(body)
        except OSError:
            pass

    def test_breaking_http_is_refused(self):
        with survived(self, self.gateway):
            for name, sent in BROKEN:
                with self.subTest(name):
                    self.dies(sent, reset=False)
                    got = request(self.gateway.address, "GET", "/orders")
                    self.assert_answer(got, *DIED)

    def test_bytes_behind_an_answer_do_not_reach_the_next_client(self):
        self.upstream.behave = answers(b"")
        smuggled = OK + b"Content-Length: 6\r\n\r\nforged"
        self.upstream.behave = lambda peer, _: peer.send(OK + b"Content-Length: 2\r\n\r\nok" + smuggled)
        for _ in range(20):
            try:
                self.assertEqual(request(self.gateway.address, "GET", "/orders").body, b"ok")
            except Closed:
                pass

    def test_what_is_not_idempotent_is_sent_once(self):
        for method, most in (("POST", 1), ("PATCH", 1), ("GET", 2), ("PUT", 2)):
            with self.subTest(method):
                self.dies(b"", reset=False)
                body = b"x" if method in ("POST", "PATCH", "PUT") else None
                self.assertEqual(request(self.gateway.address, method, "/orders", body=body).status, 500)
                self.assertLessEqual(len(self.upstream.requests), most)

    def test_a_kept_connection_that_closed_meanwhile_is_not_the_clients_trouble(self):
        def once(peer, _):
            peer.respond(200, b"once")
            peer.socket.close()
        self.upstream.behave = once
        for _ in range(50):
            self.assertEqual(request(self.gateway.address, "GET", "/orders").body, b"once")

    def test_a_dead_target_is_left_out(self):
        self.dies(b"", reset=True)
        got = [request(self.gateway.address, "GET", "/pair").body for _ in range(60)]
        self.assertEqual(got[-40:], [b"sound"] * 40)

    def test_an_answer_before_the_request_ended(self):
        def on_connect(peer):
            peer.read_head()
            peer.respond(413, b"enough")
            time.sleep(0.2)
        self.upstream.on_connect = on_connect
        try:
            with Connection(self.gateway.address) as connection:
                connection.send("POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\nabc")
                got = connection.response()
                self.assertEqual((got.status, got.body), (413, b"enough"))
        finally:
            self.upstream.on_connect = None


if __name__ == "__main__":
    tell(__name__)
