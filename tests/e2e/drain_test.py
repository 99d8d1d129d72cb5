#!/usr/bin/env python3
"""SIGTERM while clients are busy: accepts stop, and every request whose first byte was read is answered whole."""
import signal
import threading

from support.client import Closed, Connection
from support.gateway import Gateway, unread_bytes
from support.load import Load
from support.story import Story, tell
from support.upstream import Upstream, after, answers
from support.wait import until

CONFIGURATION = """
upstreams:
  orders: {targets: ["@UPSTREAM@"]}
apis:
  shop:
    type: http
    stages: {$default: {}}
    routes:
      GET /mock: {authorizer: none, integration: {type: mock, status: 200, body: here}}
      ANY /orders: {authorizer: none, integration: {type: http_proxy, upstream: orders, path: /orders}}
"""


class Drain(Story):
    def serve(self, behave, gateway=""):
        upstream = self.enterContext(Upstream(behave))
        served = self.enterContext(Gateway(CONFIGURATION.replace("@UPSTREAM@", upstream.address), gateway=gateway))
        return upstream, served

    def refuses(self, gateway):
        try:
            Connection(gateway.address).close()
        except OSError:
            return True
        return False

    def read_by_server(self, connection):
        until(lambda: unread_bytes(connection) == 0, what="the server to read what was sent")

    def test_under_load_no_request_that_was_read_is_lost(self):
        for fresh in (False, True):
            with self.subTest(fresh=fresh):
                upstream, gateway = self.serve(after(0.05, answers(b"whole")))
                with Load(gateway.address, "/orders", clients=16, fresh=fresh,
                          accept=lambda response: response.body == b"whole") as load:
                    until(lambda: len(load.answered) > 200, what="load")
                    gateway.terminate()
                    self.assertEqual(gateway.wait(), 0)
                arrived = {int(request.target.partition("id=")[2]) for request in upstream.requests}
                # A client may lose the race against the closing of an idle connection: its request was never read, so it
                # never arrived upstream either and may be sent again. Anything else is a loss.
                lost = [failure for failure in load.failures if failure[0] in arrived]
                self.assertEqual(lost, [])
                begun = [failure for failure in load.failures if "b''" not in failure[2] and "Closed" in failure[2]]
                self.assertEqual(begun, [], "answers were cut")
                self.assertEqual(arrived - set(load.answered), set())

    def test_whoever_was_read_is_answered(self):
        release = threading.Event()

        def held(peer, request):
            release.wait(30)
            peer.respond(200, b"answer to %s of %d" % (request.method.encode(), len(request.body)))
        upstream, gateway = self.serve(held)
        head_begun, body_begun, waiting, idle = (self.enterContext(Connection(gateway.address)) for _ in range(4))
        self.assertEqual(idle.request("GET", "/mock").body, b"here")
        head_begun.send("GET /orders HT")
        body_begun.send("POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n" + "x" * 1000)
        waiting.send("PUT /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc")
        for connection in (head_begun, body_begun, waiting):
            self.read_by_server(connection)
        until(lambda: len(upstream.requests) == 1, what="the waiting request upstream")
        gateway.terminate()
        until(lambda: self.refuses(gateway), what="accepts to stop")
        self.assertTrue(idle.closes())
        release.set()
        head_begun.send("TP/1.1\r\nHost: localhost\r\n\r\n")
        body_begun.send("x" * 199000)
        for connection, body in ((head_begun, b"answer to GET of 0"), (body_begun, b"answer to POST of 200000"),
                                 (waiting, b"answer to PUT of 3")):
            got = connection.response()
            self.assertEqual((got.status, got.body), (200, body))
            self.assertEqual(got.header("Connection"), "close")
            self.assertTrue(connection.closes())
        self.assertEqual(gateway.wait(), 0)

    def test_a_long_answer_goes_out_whole(self):
        body = b"0123456789abcdef" * 250_000
        _, gateway = self.serve(answers(body))
        with Connection(gateway.address) as connection:
            connection.send("GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n")
            connection.head()  # begun; the rest does not fit the kernel's buffers
            gateway.terminate()
            until(lambda: self.refuses(gateway), what="accepts to stop")
            received = connection.rest()
            self.assertEqual(len(received), len(body))
            self.assertEqual(received, body)
        self.assertEqual(gateway.wait(), 0)

    def test_pipelined_requests_that_were_read_are_answered(self):
        _, gateway = self.serve(after(0.3, answers(b"late")))
        with Connection(gateway.address) as connection:
            connection.send("GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3)
            self.read_by_server(connection)
            gateway.terminate()
            self.assertEqual([connection.response().body for _ in range(3)], [b"late"] * 3)
        self.assertEqual(gateway.wait(), 0)

    def test_the_deadline_ends_a_drain(self):
        release = threading.Event()
        self.addCleanup(release.set)
        _, gateway = self.serve(lambda peer, request: release.wait(60), gateway="timeouts: {drain: 500ms}")
        with Connection(gateway.address) as connection:
            connection.send("GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.read_by_server(connection)
            gateway.terminate()
            gateway.wait(20)
            with self.assertRaises(Closed):
                connection.response()

    def test_idle_it_ends_at_once(self):
        _, gateway = self.serve(answers())
        with Connection(gateway.address) as connection:
            connection.request("GET", "/mock")
            gateway.terminate()
            self.assertEqual(gateway.wait(10), 0)

    def test_a_second_signal_ends_at_once(self):
        release = threading.Event()
        self.addCleanup(release.set)
        _, gateway = self.serve(lambda peer, request: release.wait(60))
        with Connection(gateway.address) as connection:
            connection.send("GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.read_by_server(connection)
            gateway.terminate()
            until(lambda: "stopping" in gateway.log(), what="the drain to begin")
            self.assertIsNone(gateway.process.poll())
            gateway.terminate()
            self.assertEqual(gateway.wait(10), -signal.SIGTERM)

    def test_interrupt_is_the_same(self):
        _, gateway = self.serve(answers())
        gateway.process.send_signal(signal.SIGINT)
        self.assertEqual(gateway.wait(10), 0)


if __name__ == "__main__":
    tell(__name__)
