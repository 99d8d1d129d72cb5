"""Many clients at once, each request with an id of its own: what was asked, what came back, what was lost."""
import threading
import time

from support.client import Closed, Connection


class Load:
    """`clients` threads that send GET TARGET?id=N, on kept connections or (fresh=True) on a new one each time. A response
    is judged by `accept(response)`. Failures are kept as (id, was the connection reused, what happened)."""

    def __init__(self, address, target, clients=8, fresh=False, headers=(), accept=lambda response: response.status == 200):
        self.address, self.target, self.fresh, self.headers, self.accept = address, target, fresh, headers, accept
        self.answered, self.failures, self.refused = [], [], []
        self._next, self._lock, self._stop = 0, threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _id(self):
        with self._lock:
            self._next += 1
            return self._next

    def _run(self):
        connection, used = None, 0
        while not self._stop.is_set():
            if connection is None:
                try:
                    connection, used = Connection(self.address), 0
                except OSError as error:  # nobody accepts: nothing was lost
                    self.refused.append(repr(error))
                    time.sleep(0.01)
                    continue
            number = self._id()
            try:
                response = connection.request("GET", f"{self.target}?id={number}", self.headers)
                if self.accept(response):
                    self.answered.append(number)
                else:
                    self.failures.append((number, used, repr(response)))
                used += 1
                if self.fresh or response.header("Connection") == "close":
                    connection.close()
                    connection = None
            except (Closed, OSError, AssertionError) as error:
                self.failures.append((number, used, repr(error)))
                connection.close()
                connection = None
        if connection is not None:
            connection.close()
