"""A client that sends what it is told, byte by byte if need be, and reads answers strictly."""
import json
import socket


class Response:
    def __init__(self, version, status, reason, headers):
        self.version, self.status, self.reason = version, status, reason
        self.headers = headers  # [(name as sent, value)]
        self.body = b""
        self.trailers = []

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        """The one value of a header; None when absent. Twice is a fault of the server."""
        values = self.all(name)
        assert len(values) < 2, f"header {name} was sent {len(values)} times"
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.reason} {self.body[:200]!r}>"


class Closed(Exception):
    """The server closed the connection; `received` is what came of the response until then."""

    def __init__(self, received, reset=False):
        super().__init__(f"closed{' by reset' if reset else ''} after {received[:200]!r}")
        self.received, self.reset = received, reset


class Connection:
    """One connection to `HOST:PORT`, `[V6]:PORT` or `unix:PATH`."""

    def __init__(self, address, timeout=30.0):
        if address.startswith("unix:") or address.startswith("/"):
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.settimeout(timeout)
            self.socket.connect(address.removeprefix("unix:"))
        else:
            host, _, port = address.rpartition(":")
            self.socket = socket.create_connection((host.strip("[]"), int(port)), timeout=timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Closes with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def request(self, method, target, headers=(), body=None, host="localhost"):
        """Sends one request and returns its response; the connection stays open."""
        self.send(request_bytes(method, target, headers, body, host))
        return self.response(head=method == "HEAD")

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            raise Closed(self._buffer, reset=True) from None
        if not data:
            raise Closed(self._buffer)
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
            name, colon, value = line.partition(b":")
            assert colon and name and name == name.strip(), f"broken header line {line!r}"
            fields.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))
        return fields

    def head(self):
        """The head of the next response, 1xx ones too."""
        line = self._line()
        version, _, rest = line.partition(b" ")
        status, _, reason = rest.partition(b" ")
        assert version in (b"HTTP/1.1", b"HTTP/1.0") and len(status) == 3, f"broken status line {line!r}"
        return Response(version.decode(), int(status), reason.decode("latin-1"), self._fields())

    def response(self, head=False):
        """The next final response, whole; raises Closed when the connection ends before that."""
        response = self.head()
        while 100 <= response.status < 200:
            response = self.head()
        codings, lengths = response.all("Transfer-Encoding"), response.all("Content-Length")
        assert not (codings and lengths), "Content-Length beside Transfer-Encoding"
        if head or response.status in (204, 304):
            return response
        if codings:
            assert codings == ["chunked"], f"Transfer-Encoding {codings}"
            pieces = []
            while piece := self.chunk():
                pieces.append(piece)
            response.body, response.trailers = b"".join(pieces), self._fields()
        elif lengths:
            assert len(lengths) == 1, f"Content-Length {lengths}"
            response.body = self._take(int(lengths[0]))
        else:
            response.body = self.rest()
        return response

    def chunk(self):
        """The next piece of a chunked body; empty at its end, before the trailers."""
        size = int(self._line().split(b";")[0], 16)
        piece = self._take(size)
        assert not size or self._take(2) == b"\r\n", "a chunk does not end in CRLF"
        return piece

    def rest(self):
        """All bytes until the server closes."""
        try:
            while True:
                self._more()
        except Closed as closed:
            if closed.reset:
                raise
        data, self._buffer = self._buffer, b""
        return data

    def closes(self):
        """True when the server has closed or closes within the timeout, sending nothing more."""
        try:
            return self.rest() == b""
        except Closed:
            return True
        except TimeoutError:
            return False


def request_bytes(method, target, headers=(), body=None, host="localhost"):
    lines = [f"{method} {target} HTTP/1.1"]
    if host is not None:
        lines.append(f"Host: {host}")
    pairs = list(headers.items() if isinstance(headers, dict) else headers)
    lines += [f"{name}: {value}" for name, value in pairs]
    if body is not None and not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in pairs):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines + ["", ""]).encode("latin-1") + (body or b"")


def request(address, method, target, headers=(), body=None, host="localhost"):
    """One request on a connection of its own."""
    with Connection(address) as connection:
        return connection.request(method, target, headers, body, host)


def chunked(*pieces, trailers=""):
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n" + trailers.encode() + b"\r\n"
