#!/usr/bin/env python3
"""100,000 random and mutated requests: each is answered or closed, the server stays up, memory returns. The seed is
printed; GATEHOUSE_SEED repeats a run."""
import collections
import os
import random
import socket
import threading

from support.abuse import Others, survived
from support.client import Connection
from support.gateway import Gateway
from support.story import Story, tell
from support.upstream import Upstream, answers

CONFIGURATION = """
upstreams:
  orders: {targets: ["@UPSTREAM@"], idle_timeout: 2s}
authorizers:
  gate: {type: request, plugin: com.example.shared-token, placement: in_process, identity_sources: [$request.header.x-token],
         result_ttl_seconds: 0, settings: {token: open-sesame}}
apis:
  shop:
    type: http
    stages: {$default: {}}
    cors: {allow_origins: ["https://shop.example"], allow_methods: [GET]}
    routes:
      GET /mock: {authorizer: none, integration: {type: mock, status: 200, body: mocked}}
      ANY /orders: {authorizer: none, integration: {type: http_proxy, upstream: orders, path: /orders}}
      "ANY /gated/{id}/{rest+}": {authorizer: gate, integration: {type: http_proxy, upstream: orders, path: "/{rest}"}}
"""
COUNT = int(os.environ.get("GATEHOUSE_RANDOM_REQUESTS", "100000"))
THREADS = 4
SEEDS = [
    b"GET /mock HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /orders?a=1&b=%20 HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n",
    b"POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\nhello world",
    b"POST /orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nx: y\r\n\r\n",
    b"GET /gated/7/a/b HTTP/1.1\r\nHost: localhost\r\nx-token: open-sesame\r\nCookie: a=b; c=d\r\n\r\n",
    b"OPTIONS /mock HTTP/1.1\r\nHost: localhost\r\nOrigin: https://shop.example\r\nAccess-Control-Request-Method: GET\r\n\r\n",
    b"PUT /orders HTTP/1.1\r\nHost: [::1]:8080\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    b"HEAD /mock HTTP/1.0\r\nHost: localhost\r\n\r\n",
    b"GET http://localhost/mock HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n",
]
SPLINTERS = [b"\r\n", b"\n", b"\r", b"\0", b" ", b":", b"\t", b"\x7f", b"\xff", b"%00", b"%2e%2e", b"%2F", b"../", b"//", b"{}",
             b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: xchunked\r\n", b"Host: b\r\n",
             b"Connection: close, x-token\r\n", b"Expect: 100-continue\r\n", b"ffffffffffffffff\r\n", b"-1", b"18446744073709551616",
             b"HTTP/1.1", b"HTTP/9.9", b"GET ", b"x" * 3000, b"a: b\r\n" * 120]


def mutated(rng):
    data = bytearray(rng.choice(SEEDS))
    for _ in range(rng.choice((0, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(6):
            case 0:
                data[at:at] = rng.choice(SPLINTERS)
            case 1:
                del data[at:at + rng.choice((1, 2, 10, 100))]
            case 2 if at < len(data):
                data[at] = rng.randrange(256)
            case 3:
                data[at:at] = data[at // 2:at]
            case 4:
                del data[at:]
            case _:
                data[at:at] = rng.choice(SEEDS)[:rng.randrange(60)]
    return bytes(data) if data else b"\r\n"


def noise(rng):
    return rng.randbytes(rng.choice((1, 10, 100, 1000)))


class RandomRequests(Story):
    def batter(self, address, seed, count, tally, failures):
        rng = random.Random(seed)
        for number in range(count):
            data = noise(rng) if rng.random() < 0.1 else mutated(rng)
            try:
                connection = Connection(address)
            except OSError as error:
                failures.append((seed, number, "not connected", repr(error)))
                continue
            with connection:
                try:
                    tally[self.ask(connection.socket, rng, data)] += 1
                except TimeoutError:
                    failures.append((seed, number, data, "neither answered nor closed"))
                except OSError:
                    tally["reset"] += 1

    def ask(self, connection, rng, data):
        """How it ended: `answered`, `closed` without a byte, or `left` by us."""
        if rng.random() < 0.2 and len(data) > 1:
            cut = rng.randrange(1, len(data))
            connection.sendall(data[:cut])
            connection.sendall(data[cut:])
        else:
            connection.sendall(data)
        how = rng.random()
        if how < 0.1:  # breaks off at once
            if how < 0.05:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            return "left"
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        if not received:
            return "closed"
        return "answered" if received.startswith(b"HTTP/1.") else "garbled"

    def test_each_is_answered_or_closed(self):
        seed = int(os.environ.get("GATEHOUSE_SEED", random.randrange(1 << 32)))
        print("seed", seed)
        upstream = self.enterContext(Upstream(answers(b"upstream")))
        gateway = self.enterContext(Gateway(
            CONFIGURATION.replace("@UPSTREAM@", upstream.address),
            gateway="timeouts: {header_read: 10s, body_idle: 10s}"))
        failures, tally = [], collections.Counter()
        with survived(self, gateway), Others(gateway.address) as others:
            threads = [threading.Thread(target=self.batter, args=(gateway.address, seed + i, COUNT // THREADS, tally, failures))
                       for i in range(THREADS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        print(dict(tally), "others served:", others.served)
        self.assertEqual(failures[:5], [])
        self.assertEqual(tally["garbled"], 0)
        self.assertGreater(tally["answered"], COUNT // 2)  # or the mutations are too wild to reach anything
        self.assertEqual(others.failures, [])
        self.assertGreater(others.served, 10)
        # Whatever was sent to us, what we sent on was HTTP, and no request was there that no client could have meant.
        for request in upstream.requests:
            self.assertNotIn("\r", request.target + "".join(name + value for name, value in request.headers))
            self.assertLessEqual(len(request.all("Host")), 1)
            self.assertLess(len(request.all("Content-Length")) + len(request.all("Transfer-Encoding")), 2)


if __name__ == "__main__":
    tell(__name__)
