"""Callers who sign: a store of identities with one key of the tests, and AWS Signature Version 4 made by hand, so that each part
of it can be made wrong."""
import hashlib
import hmac
import json
import os
import pathlib
import time
import urllib.parse

KEY_ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ACCOUNT = "111122223333"
ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "execute-api:*", "Resource": "*"}]}


def write_identities(directory, token=None, policy=None, key_id=KEY_ID, more_keys=()):
    """identities.yaml (JSON is YAML) with the user `tester`: the path."""
    key = {"access_key_id": key_id, "secret_access_key": SECRET}
    if token:
        key["session_token"] = token
    users = {"tester": {"inline_policies": {"own": policy or ALLOW_ALL}, "access_keys": [key, *more_keys]}}
    path = pathlib.Path(directory) / "identities.yaml"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"accounts": {ACCOUNT: {"users": users}}}, file)
    return path


def _quote(text):
    return urllib.parse.quote(text, safe="-._~")


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Signature:
    """One request, signed when it is asked for. Members may be changed before."""

    def __init__(self, method, path, host, query=(), headers=(), body=b"", **more):
        self.method, self.path, self.host, self.body = method, path, host, body
        self.query, self.headers = list(query), {name.lower(): value for name, value in dict(headers).items()}
        self.key_id, self.secret, self.token = KEY_ID, SECRET, None
        self.region, self.service, self.time = "us-east-1", "execute-api", time.time()
        self.__dict__.update(more)

    @property
    def timestamp(self):
        return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self.time))

    @property
    def scope(self):
        return f"{self.timestamp[:8]}/{self.region}/{self.service}/aws4_request"

    def _sign(self, headers, query):
        names = ";".join(sorted(headers))
        canonical = "\n".join([
            self.method, urllib.parse.quote(self.path, safe="/-._~"),
            "&".join(f"{k}={v}" for k, v in sorted((_quote(k), _quote(v)) for k, v in query)),
            *[f"{name}:{' '.join(headers[name].split())}" for name in sorted(headers)], "", names,
            hashlib.sha256(self.body).hexdigest()])
        to_sign = "\n".join(["AWS4-HMAC-SHA256", self.timestamp, self.scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.secret).encode()
        for part in self.scope.split("/"):
            key = _hmac(key, part)
        return _hmac(key, to_sign).hex()

    def in_headers(self):
        """Target and headers to send."""
        headers = {**self.headers, "host": self.host, "x-amz-date": self.timestamp}
        if self.token:
            headers["x-amz-security-token"] = self.token
        signature = self._sign(headers, self.query)
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.key_id}/{self.scope}, "
                                    f"SignedHeaders={';'.join(sorted(headers))}, Signature={signature}")
        del headers["host"]
        query = "&".join(f"{_quote(k)}={_quote(v)}" for k, v in self.query)
        return self.path + ("?" + query if query else ""), headers

    def in_query(self, expires=300):
        headers = {**self.headers, "host": self.host}
        query = [*self.query, ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", f"{self.key_id}/{self.scope}"),
                 ("X-Amz-Date", self.timestamp), ("X-Amz-Expires", str(expires)),
                 ("X-Amz-SignedHeaders", ";".join(sorted(headers)))]
        if self.token:
            query.append(("X-Amz-Security-Token", self.token))
        query.append(("X-Amz-Signature", self._sign(headers, query)))
        return self.path + "?" + "&".join(f"{_quote(k)}={_quote(v)}" for k, v in query), dict(self.headers)
