"""Upstreams under test control: each answers, dawdles or dies as its `behave` says."""
import json
import socket
import threading
import time

LINGER_RESET = b"\x01\0\0\0\0\0\0\0"


class Request:
    def __init__(self, method, target, headers, body, trailers):
        self.method, self.target, self.headers, self.body, self.trailers = method, target, headers, body, trailers

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        values = self.all(name)
        return values[0] if values else None


class Peer:
    """The upstream's end of one connection from the gateway."""

    def __init__(self, connection):
        self.socket = connection
        self._buffer = b""

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError
        self._buffer += data

    def _line(self):
        while b"\r\n" not in self._buffer:
            self._more()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _take(self, size):
        while len(self._buffer) < size:
            self._more()
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def _fields(self):
        fields = []
        while line := self._line():
            name, _, value = line.partition(b":")
            fields.append((name.decode("latin-1"), value.strip().decode("latin-1")))
        return fields

    def read_head(self):
        method, target, _ = self._line().decode("latin-1").split(" ")
        return Request(method, target, self._fields(), b"", [])

    def read_chunk(self):
        piece = self._take(size := int(self._line(), 16))
        if size:
            self._take(2)
        return piece

    def read_request(self):
        request = self.read_head()
        if request.header("Transfer-Encoding"):
            pieces = []
            while piece := self.read_chunk():
                pieces.append(piece)
            request.body, request.trailers = b"".join(pieces), self._fields()
        elif length := request.header("Content-Length"):
            request.body = self._take(int(length))
        return request

    def send(self, data):
        self.socket.sendall(data)

    def respond(self, status=200, body=b"", headers=()):
        lines = [f"HTTP/1.1 {status} Any", f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in headers)]
        self.send("\r\n".join(lines + ["", ""]).encode("latin-1") + body)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
        self.socket.close()


def echo(peer, request):
    """Answers with what arrived, as JSON."""
    peer.respond(200, json.dumps({
        "method": request.method, "target": request.target, "headers": request.headers,
        "body": request.body.decode("latin-1"), "trailers": request.trailers}).encode(),
        [("Content-Type", "application/json")])


def answers(body=b"upstream", status=200, headers=()):
    return lambda peer, request: peer.respond(status, body, headers)


def after(seconds, behave=echo):
    """Answers, but late."""
    def late(peer, request):
        time.sleep(seconds)
        behave(peer, request)
    return late


class Upstream:
    """Listens on a port of its own. `behave(peer, request)` is called for each request; it may close or reset the peer.
    `on_connect(peer)`, when given, has the connection for itself from its first byte."""

    def __init__(self, behave=echo, on_connect=None, address=("127.0.0.1", 0)):
        self.behave, self.on_connect = behave, on_connect
        self.requests = []  # every whole request that arrived
        self.connections = 0
        self._lock = threading.Lock()
        self._peers = set()
        self._listener = socket.create_server(address, backlog=512)
        self.address = "%s:%d" % self._listener.getsockname()[:2]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Stops listening and drops every connection."""
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        with self._lock:
            peers = list(self._peers)
        for peer in peers:
            try:
                peer.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            threading.Thread(target=self._serve, args=(Peer(connection),), daemon=True).start()

    def _serve(self, peer):
        with self._lock:
            self._peers.add(peer)
        try:
            if self.on_connect:
                self.on_connect(peer)
                return
            while peer.socket.fileno() >= 0:
                request = peer.read_request()
                with self._lock:
                    self.requests.append(request)
                self.behave(peer, request)
        except (OSError, EOFError):
            pass
        finally:
            peer.socket.close()
            with self._lock:
                self._peers.discard(peer)


def unused_address():
    """An address on which nobody listens (nor will soon: the port was just given back)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return "127.0.0.1:%d" % listener.getsockname()[1]
