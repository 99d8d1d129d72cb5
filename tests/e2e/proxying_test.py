#!/usr/bin/env python3
"""What passes through: methods, paths, queries, headers, bodies of every framing in both directions, and what must not."""
import hashlib
import threading

from support.client import Closed, Connection, chunked, request
from support.gateway import Gateway
from support.story import Story, tell
from support.upstream import Upstream, answers, echo

CONFIGURATION = """
upstreams:
  orders: {targets: ["@UPSTREAM@"]}
  two: {targets: ["@FIRST@", "@SECOND@"]}
authorizers:
  gate: {type: request, plugin: com.example.shared-token, placement: in_process, result_ttl_seconds: 0,
         settings: {token: open-sesame}}
apis:
  open:
    type: http
    stages: {$default: {}}
    routes:
      ANY /open: {authorizer: none, integration: {type: http_proxy, upstream: orders, path: /open}}
  shop:
    type: http
    hosts: [shop.test]
    stages: {$default: {}}
    routes:
      ANY /orders: {authorizer: none, integration: {type: http_proxy, upstream: orders, path: /orders}}
      "ANY /mapped/{id}/{rest+}": {authorizer: none, integration: {type: http_proxy, upstream: orders, path: "/v2/{rest}/of/{id}"}}
      GET /two: {authorizer: none, integration: {type: http_proxy, upstream: two, path: /two}}
      GET /gated: {authorizer: gate, integration: {type: http_proxy, upstream: orders, path: /gated}}
      GET /mock: {authorizer: none, integration: {type: mock, status: 201, headers: {x-from: mock}, body: mocked}}
  rest:
    type: rest
    hosts: [rest.test]
    stages: {prod: {}}
    routes:
      GET /gated: {authorizer: gate, integration: {type: http_proxy, upstream: orders, path: /gated}}
      ANY /orders: {authorizer: none, integration: {type: http_proxy, upstream: orders, path: /orders}}
"""
HOP_BY_HOP = ["Connection", "Keep-Alive", "Proxy-Connection", "TE", "Upgrade", "x-private"]


class Proxying(Story):
    @classmethod
    def setUpClass(cls):
        cls.upstream = cls.enterClassContext(Upstream())
        cls.first, cls.second = (cls.enterClassContext(Upstream(answers(name))) for name in (b"first", b"second"))
        text = CONFIGURATION.replace("@UPSTREAM@", cls.upstream.address)
        cls.gateway = cls.enterClassContext(
            Gateway(text.replace("@FIRST@", cls.first.address).replace("@SECOND@", cls.second.address),
                    gateway="timeouts: {body_idle: 2s}"))

    def setUp(self):
        self.upstream.behave = echo
        self.upstream.requests.clear()

    def ask(self, method, target, headers=(), body=None, host="shop.test"):
        return request(self.gateway.address, method, target, headers, body, host)

    def connect(self):
        return self.enterContext(Connection(self.gateway.address))

    def test_methods_paths_and_queries(self):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            got = self.ask(method, "/orders?a=1&b=%20x&c", body=b"" if method in ("POST", "PUT", "PATCH") else None).json()
            self.assertEqual((got["method"], got["target"]), (method, "/orders?a=1&b=%20x&c"))

    def test_path_templates(self):
        self.assertEqual(self.ask("GET", "/mapped/7/a/b?q=1").json()["target"], "/v2/a/b/of/7?q=1")

    def test_end_to_end_headers_pass_and_hop_by_hop_ones_do_not(self):
        self.ask("GET", "/orders", [
            ("Connection", "x-private, Keep-Alive"), ("Keep-Alive", "timeout=5"), ("x-private", "1"), ("TE", "trailers"),
            ("Proxy-Connection", "keep-alive"), ("x-kept", "a"), ("x-kept", "b"), ("Accept", "text/html")])
        arrived = self.upstream.requests[0]
        for name in HOP_BY_HOP:
            self.assertEqual(arrived.all(name), [], name)
        self.assertEqual(arrived.all("x-kept"), ["a", "b"])
        self.assertEqual(arrived.header("Accept"), "text/html")
        self.assertEqual(len(arrived.all("Host")), 1)

    def test_nothing_names_another_verb_path_or_caller_than_was_judged(self):
        sent = [("X-HTTP-Method-Override", "DELETE"), ("X_Http_Method_Override", "DELETE"), ("X-Original-URL", "/admin"),
                ("X-Rewrite-Url", "/admin"), ("X-Real-IP", "10.0.0.1"), ("X_Real_IP", "10.0.0.1"), ("True-Client-IP", "10.0.0.1"),
                ("X.Forwarded.For", "10.0.0.1"), ("x-user", "ann"), ("X_User", "root")]
        for host, path in (("shop.test", "/orders"), ("rest.test", "/prod/orders")):
            arrived = dict(self.ask("GET", path, sent, host=host).json()["headers"])
            self.assertEqual({name for name, _ in sent} & set(arrived), {"x-user"}, host)

    def test_a_host_cannot_write_elements_of_forwarded(self):
        got = self.ask("GET", "/open", host="a,for=10.0.0.1;by=b").json()
        self.assertEqual([value for name, value in got["headers"] if name == "Forwarded"],
                         ['for=127.0.0.1;host="a,for=10.0.0.1;by=b";proto=http'])

    def test_a_repeated_token_is_none(self):
        for path, host in (("/gated", "shop.test"), ("/prod/gated", "rest.test")):
            self.assertEqual(self.ask("GET", path, [("x-token", "open-sesame")], host=host).status, 200)
            for second in ("open-sesame", "other"):
                got = self.ask("GET", path, [("x-token", "open-sesame"), ("x-token", second)], host=host)
                self.assertEqual(got.status, 401, host)
            # Not forwarded, so not judged.
            got = self.ask("GET", path, [("x-token", "open-sesame"), ("Connection", "x-token")], host=host)
            self.assertEqual(got.status, 401, host)

    def test_answers_headers_pass_and_hop_by_hop_ones_do_not(self):
        self.upstream.behave = answers(b"x", headers=[("Connection", "x-private"), ("x-private", "1"), ("x-kept", "a"),
                                                      ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        got = self.ask("GET", "/orders")
        self.assertIsNone(got.header("x-private"))
        self.assertEqual((got.header("x-kept"), got.all("Set-Cookie")), ("a", ["a=1", "b=2"]))

    def test_who_the_client_is_cannot_be_forged(self):
        # No proxy is trusted here: what the client claims is not believed, whatever of it is kept.
        self.ask("GET", "/orders", {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"})
        told = ",".join(self.upstream.requests[0].all("Forwarded"))
        self.assertIn("127.0.0.1", told)
        self.assertFalse(self.upstream.requests[0].all("X-Forwarded-For"))  # AT-2B: turned into Forwarded

    def test_bodies_up(self):
        body = bytes(range(256)) * 4096
        for headers, sent in (((), body), ([("Transfer-Encoding", "chunked")], chunked(body[:1], body[1:70000], body[70000:]))):
            self.upstream.requests.clear()
            got = self.ask("POST", "/orders", headers, sent)
            self.assertEqual(got.status, 200)
            self.assertEqual(hashlib.sha256(self.upstream.requests[0].body).digest(), hashlib.sha256(body).digest())

    def test_bodies_down(self):
        body = bytes(range(256)) * 8192
        for framed in (b"Content-Length: %d\r\n\r\n" % len(body) + body,
                       b"Transfer-Encoding: chunked\r\n\r\n" + chunked(body[:3], body[3:100000], body[100000:]),
                       b"Connection: close\r\n\r\n" + body):
            def behave(peer, _, framed=framed):
                peer.send(b"HTTP/1.1 200 OK\r\n" + framed)
                if b"Connection: close" in framed[:20]:
                    peer.socket.close()
            self.upstream.behave = behave
            with Connection(self.gateway.address) as connection:
                self.assertEqual(connection.request("GET", "/orders", host="shop.test").body, body)
                self.upstream.behave = answers(b"again")
                self.assertEqual(connection.request("GET", "/orders", host="shop.test").body, b"again")

    def test_an_old_client_gets_no_chunks(self):
        self.upstream.behave = lambda peer, _: peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"abc", b"def"))
        connection = self.connect()
        connection.send("GET /orders HTTP/1.0\r\nHost: shop.test\r\n\r\n")
        got = connection.response()
        self.assertEqual((got.body, got.all("Transfer-Encoding")), (b"abcdef", []))
        self.assertTrue(connection.closes())

    def test_an_old_client_may_stay(self):
        connection = self.connect()
        for _ in range(2):
            connection.send("GET /mock HTTP/1.0\r\nHost: shop.test\r\nConnection: keep-alive\r\n\r\n")
            self.assertEqual(connection.response().body, b"mocked")

    def test_bodies_stream_both_ways(self):
        # The upstream answers each piece before the client sends the next: nobody waits for a whole body.
        def behave(peer):
            peer.read_head()
            peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(3):
                piece = peer.read_chunk()
                peer.send(b"%x\r\n%s\r\n" % (len(piece), piece.upper()))
            peer.send(b"0\r\n\r\n")
        with Upstream(on_connect=behave) as upstream, Gateway(CONFIGURATION.replace("@UPSTREAM@", upstream.address)
                                                              .replace("@FIRST@", upstream.address)
                                                              .replace("@SECOND@", upstream.address)) as gateway:
            with Connection(gateway.address) as connection:
                connection.send("POST /orders HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
                self.assertEqual(connection.head().status, 200)
                for wanted, following in ((b"ABC", "3\r\ndef\r\n"), (b"DEF", "3\r\nghi\r\n"), (b"GHI", "0\r\n\r\n")):
                    self.assertEqual(connection.chunk(), wanted)
                    connection.send(following)
                self.assertEqual(connection.chunk(), b"")

    def test_back_pressure_bounds_memory(self):
        size = 256 * 1024 * 1024
        stop = threading.Event()

        def behave(peer, _):
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            piece, left = b"x" * 1024 * 1024, size
            while left and not stop.is_set():
                peer.send(piece)
                left -= len(piece)
        self.upstream.behave = behave
        before = self.gateway.rss_bytes()
        clients = [self.connect() for _ in range(8)]
        for connection in clients:
            connection.send("GET /orders HTTP/1.1\r\nHost: shop.test\r\n\r\n")
            connection.head()
        # Nobody reads on; the upstream would send 2 GiB. It gets stuck instead, and so memory stays.
        for _ in range(20):
            self.assertLess(self.gateway.rss_bytes(), before + 64 * 1024 * 1024)
            self.ask("GET", "/mock")
        for connection in clients:
            connection.close()
        stop.set()

    def test_expect_100_continue(self):
        connection = self.connect()
        connection.send("POST /orders HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual(connection.head().status, 100)
        connection.send("hello")
        self.assertEqual(connection.response().json()["body"], "hello")
        self.assertIsNone(self.upstream.requests[0].header("Expect"))
        # Refused before the body: no 100 that invites it.
        refused = self.connect()
        refused.send("POST /nowhere HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual(refused.head().status, 404)

    def test_head_has_no_body(self):
        self.upstream.behave = lambda peer, _: peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        connection = self.connect()
        for _ in range(2):
            got = connection.request("HEAD", "/orders", host="shop.test")
            self.assertEqual((got.status, got.header("Content-Length")), (200, "5000"))
        self.upstream.behave = echo
        self.assertEqual(connection.request("GET", "/mock", host="shop.test").body, b"mocked")

    def test_204_and_304_have_no_body(self):
        for status in (204, 304):
            self.upstream.behave = lambda peer, _, status=status: peer.send(b"HTTP/1.1 %d Any\r\nETag: \"1\"\r\n\r\n" % status)
            connection = self.connect()
            for _ in range(2):
                self.assertEqual(connection.request("GET", "/orders", host="shop.test").status, status)

    def test_interim_answers_do_not_confuse(self):
        self.upstream.behave = lambda peer, _: peer.send(
            b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        self.assertEqual(self.ask("GET", "/orders").body, b"ok")

    def test_trailers(self):
        self.ask("POST", "/orders", [("Transfer-Encoding", "chunked"), ("Trailer", "x-sum")], chunked(b"abc", trailers="x-sum: 7\r\n"))
        self.assertEqual(self.upstream.requests[0].body, b"abc")
        self.upstream.behave = lambda peer, _: peer.send(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n" + chunked(b"abc", trailers="x-sum: 7\r\n"))
        self.assertEqual(self.ask("GET", "/orders").body, b"abc")

    def test_upgrades_are_refused_cleanly(self):
        connection = self.connect()
        got = connection.request("GET", "/orders", [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
                                                    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")], host="shop.test")
        self.assertNotEqual(got.status, 101)
        if self.upstream.requests:
            self.assertIsNone(self.upstream.requests[0].header("Upgrade"))

    def test_pipelined_requests_are_answered_in_order(self):
        connection = self.connect()
        connection.send("".join(f"GET /orders?n={i} HTTP/1.1\r\nHost: shop.test\r\n\r\n" for i in range(50)))
        for i in range(50):
            self.assertEqual(connection.response().json()["target"], f"/orders?n={i}")

    def test_a_refused_body_does_not_become_the_next_request(self):
        connection = self.connect()
        smuggled = b"GET /mock HTTP/1.1\r\nHost: shop.test\r\n\r\n"
        connection.send(b"POST /nowhere HTTP/1.1\r\nHost: shop.test\r\nContent-Length: %d\r\n\r\n" % len(smuggled) + smuggled)
        self.assertEqual(connection.response().status, 404)
        try:
            self.assertEqual(connection.request("GET", "/orders", host="shop.test").status, 200)
        except (Closed, OSError):
            pass  # closing is the other right answer

    def test_round_robin(self):
        got = [self.ask("GET", "/two").body for _ in range(20)]
        self.assertGreaterEqual(min(got.count(b"first"), got.count(b"second")), 6, got)

    def test_mock(self):
        got = self.ask("GET", "/mock")
        self.assertEqual((got.status, got.body, got.header("x-from")), (201, b"mocked", "mock"))

    def test_upstream_connections_are_kept(self):
        before = self.upstream.connections
        with Connection(self.gateway.address) as connection:
            for _ in range(50):
                connection.request("GET", "/orders", host="shop.test")
        self.assertLessEqual(self.upstream.connections, before + 2)

    def test_half_closed_clients_are_answered(self):
        connection = self.connect()
        connection.send("GET /orders HTTP/1.1\r\nHost: shop.test\r\n\r\n")
        connection.socket.shutdown(1)
        self.assertEqual(connection.response().status, 200)
        self.assertTrue(connection.closes())

    def test_rest_rewrites_AT93(self):
        self.upstream.behave = answers(b"{}", headers=[("Server", "secret-server"), ("Date", "Mon, 01 Jan 2001 00:00:00 GMT"),
                                                       ("WWW-Authenticate", "Basic"), ("x-kept", "a")])
        got = self.ask("GET", "/prod/orders", {"X-Forwarded-For": "203.0.113.9"}, host="rest.test")
        self.assertEqual(got.header("x-amzn-Remapped-Date"), "Mon, 01 Jan 2001 00:00:00 GMT")
        self.assertEqual(got.header("x-amzn-Remapped-WWW-Authenticate"), "Basic")
        self.assertEqual(got.header("x-kept"), "a")
        self.assertNotEqual(got.header("Server"), "secret-server")
        self.assertEqual(got.header("Content-Type"), "application/json")  # AT-92
        self.assertTrue(self.upstream.requests[0].header("X-Amzn-Apigateway-Api-Id"))  # AT-94


if __name__ == "__main__":
    tell(__name__)
