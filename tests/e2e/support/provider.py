"""An OpenID provider under test control: its configuration, its keys, its moods. And what it was asked for."""
import http.server
import json
import ssl
import threading

DISCOVERY = "/.well-known/openid-configuration"


class Provider:
    """`keys`: RsaKey objects, published as they stand there. `documents`: path -> (status, body bytes, headers...), instead
    of what the provider would say by itself. `certificate`: (certificate, key) files, for https at `localhost`. `base`: a path
    that its issuer has."""

    def __init__(self, keys, certificate=None, port=0, base="", cache_control=None):
        self.keys, self.documents, self.asked = list(keys), {}, []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                owner.asked.append(self.path)
                status, body, *headers = owner.document(self.path)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                for name, value in headers:
                    self.send_header(name, value)
                if cache_control:
                    self.send_header("Cache-Control", cache_control)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, block_on_close = True, False

            def handle_error(self, *_):
                pass  # who does not trust the certificate leaves

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.base = base
        self.origin = f"https://localhost:{self.port}" if certificate else f"http://127.0.0.1:{self.port}"
        self.issuer = self.origin + base
        self.jwks_uri = f"{self.origin}{base}/keys"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def jwks(self):
        return json.dumps({"keys": [key.jwk(use="sig") for key in self.keys]}).encode()

    def document(self, path):
        if path in self.documents:
            return self.documents[path]
        if path == self.base + DISCOVERY:
            return 200, json.dumps({"issuer": self.issuer, "jwks_uri": self.jwks_uri}).encode()
        if path == self.base + "/keys":
            return 200, self.jwks()
        return 404, b"{}"

    def times(self, end):
        """How often it was asked for what ends like that."""
        return sum(path.endswith(end) for path in self.asked)
