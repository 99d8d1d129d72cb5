"""An OAuth 2.0 authorization server's introspection endpoint (RFC 7662) over TLS, under test control."""
import base64
import contextlib
import http.server
import json
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse


def make_certificate(folder, name="localhost"):
    """A certificate of its own and its key, as PEM files in `folder`; None where there is no openssl."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
    except FileNotFoundError:
        return None
    return certificate, key


class IntrospectionServer:
    """`tokens`: token -> members of an active token's answer, or bytes that are sent as the body, or a status, or
    "silence" (no answer until the client leaves). A token that is not there is not active."""

    CLIENT = ("gate keeper", "s3cret:with/odd&bytes")

    def __init__(self, certificate, port=0):
        self.tokens, self.asked, self.left = {}, [], threading.Event()
        self.connections = set()
        self._stopping = threading.Event()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self):
                self.request.settimeout(20)
                self.request = context.wrap_socket(self.request, server_side=True)
                owner.connections.add(self.request)
                super().setup()

            def finish(self):
                with contextlib.suppress(OSError):
                    super().finish()
                owner.connections.discard(self.request)
                self.request.close()

            def handle(self):
                with contextlib.suppress(OSError):
                    super().handle()

            def do_POST(self):
                owner.answer(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, block_on_close = True, False

            def handle_error(self, *_):
                pass  # a client that does not trust the certificate, or leaves

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Nobody listens any more, and every connection is dropped."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def times(self, token):
        return self.asked.count(token)

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        credentials = base64.b64encode(":".join(map(urllib.parse.quote_plus, self.CLIENT)).encode()).decode()
        form = urllib.parse.parse_qs(body.decode(), strict_parsing=True)
        if handler.path != "/introspect" or handler.headers["Content-Type"] != "application/x-www-form-urlencoded":
            return self._send(handler, 400, b"")
        if handler.headers["Authorization"] != f"Basic {credentials}":
            return self._send(handler, 401, b"")
        token, = form["token"]
        self.asked.append(token)
        what = self.tokens.get(token)
        if what == "silence":
            return self._wait_until_left(handler.connection)
        if isinstance(what, int):
            return self._send(handler, what, b'{"active":true,"sub":"nobody"}')
        if isinstance(what, bytes):
            return self._send(handler, 200, what)
        return self._send(handler, 200, json.dumps({"active": False} if what is None else {"active": True, **what}).encode())

    def _send(self, handler, status, body):
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _wait_until_left(self, connection):
        deadline = time.monotonic() + 20
        connection.settimeout(0.05)
        while time.monotonic() < deadline and not self._stopping.is_set():
            try:
                if connection.recv(1) == b"":
                    break
            except socket.timeout:
                continue
            except OSError:
                break
        else:
            return
        self.left.set()
