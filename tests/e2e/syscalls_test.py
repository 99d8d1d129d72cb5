#!/usr/bin/env python3
"""What a proxied request costs in system calls: at most 4.3 that move bytes (recv and send on either side), and at
most two waits for events."""
import re
import shutil
import subprocess
import threading
import time

from support.client import Connection
from support.gateway import SANITIZED, Gateway
from support.story import Story, tell
from support.upstream import Upstream, answers
from support.wait import until

CONFIGURATION = """
upstreams:
  orders: {targets: ["@UPSTREAM@"]}
apis:
  shop:
    type: http
    stages: {$default: {}}
    routes:
      GET /orders: {authorizer: none, integration: {type: http_proxy, upstream: orders, path: /orders}}
"""
CLIENTS, ROUNDS = 16, 150


def can_trace():
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-c", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0


class Syscalls(Story):
    def test_a_proxied_request(self):
        if SANITIZED:
            self.skipTest("a sanitizer makes system calls of its own")
        if not can_trace():
            self.skipTest("strace is not installed or may not trace here")
        upstream = self.enterContext(Upstream(answers(b"x" * 200)))
        gateway = self.enterContext(Gateway(CONFIGURATION.replace("@UPSTREAM@", upstream.address), gateway="workers: 1"))
        clients = [self.enterContext(Connection(gateway.address)) for _ in range(CLIENTS)]
        for connection in clients:
            connection.request("GET", "/orders")
        count = gateway.directory / "strace"
        tracer = subprocess.Popen(["strace", "-f", "-c", "-o", count, "-p", str(gateway.process.pid)], stderr=subprocess.PIPE, text=True)
        self.addCleanup(tracer.stderr.close)
        self.assertIn("attached", tracer.stderr.readline())
        threading.Thread(target=tracer.stderr.read, daemon=True).start()

        def ask(connection):
            for _ in range(ROUNDS):
                connection.request("GET", "/orders")
        threads = [threading.Thread(target=ask, args=(connection,)) for connection in clients]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - begin
        tracer.send_signal(2)
        tracer.wait(30)
        until(count.exists, what="strace's table")
        calls = {name: int(number) for number, name in re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$",
                                                                  count.read_text(), re.M) if name != "total"}
        moving = sum(number for name, number in calls.items() if not name.startswith("epoll"))
        each = moving / (CLIENTS * ROUNDS)
        waits = sum(number for name, number in calls.items() if name in ("epoll_wait", "epoll_pwait", "epoll_pwait2"))
        waited = waits / (CLIENTS * ROUNDS)
        print(f"{each:.2f} system calls a request and {waited:.2f} waits ({took:.1f} s): {calls}")
        self.assertLessEqual(each, 4.3, calls)
        # Slow clients cost two waits, one for the request and one for the answer to it; fast ones share them.
        self.assertLessEqual(waited, 2.0, calls)
        self.assertGreater(waits, 0, "the count missed the waiting")
        self.assertGreaterEqual(each, 3.5, "the count missed the work")
        self.assertFalse({name for name in calls if name in ("epoll_ctl", "accept4", "connect", "mmap", "brk", "openat")
                          and calls[name] > CLIENTS * ROUNDS / 20}, calls)


if __name__ == "__main__":
    tell(__name__)
