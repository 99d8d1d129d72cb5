"""What every abuse story asks of the server besides: it stays up, others are served, memory and descriptors return."""
import contextlib
import threading
import time

from support.client import request
from support.gateway import SANITIZED
from support.wait import until

# A sanitizer keeps freed memory aside on purpose; the bound then only catches what runs away.
SLACK_BYTES = (512 if SANITIZED else 48) * 1024 * 1024


class Others:
    """An ordinary client beside the abuse: asks all the time, keeps what went wrong and the slowest answer."""

    def __init__(self, address, target="/mock", body=b"mocked"):
        self.address, self.target, self.body = address, target, body
        self.served, self.failures, self.slowest = 0, [], 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self._stop.is_set():
            begin = time.monotonic()
            try:
                got = request(self.address, "GET", self.target)
                if (got.status, got.body) != (200, self.body):
                    self.failures.append(repr(got))
            except Exception as error:  # whatever it is, an ordinary client was not served
                self.failures.append(repr(error))
            self.served += 1
            self.slowest = max(self.slowest, time.monotonic() - begin)
            self._stop.wait(0.005)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(60)


@contextlib.contextmanager
def survived(story, gateway, slack=SLACK_BYTES, seconds=30):
    """Around an abuse: afterwards the server lives, serves, and has given back memory and descriptors."""
    for _ in range(50):
        request(gateway.address, "GET", "/mock")
    memory, descriptors = gateway.rss_bytes(), gateway.descriptors()
    yield
    story.assertTrue(gateway.alive(), gateway.log()[-4000:])
    story.assertEqual(request(gateway.address, "GET", "/mock").status, 200)
    until(lambda: gateway.descriptors() <= descriptors + 8, seconds,
          f"descriptors to return to {descriptors}, not {gateway.descriptors()}")
    until(lambda: gateway.rss_bytes() <= memory + slack, seconds,
          f"memory to return to {memory >> 20} MiB, not {gateway.rss_bytes() >> 20}")
