"""Keys and tokens for stories: RSA by openssl's keys and a few lines of arithmetic, so that what we verify was signed by
nothing of ours. Standard library only."""
import base64
import hashlib
import json
import re
import subprocess
import time

# RFC 8017, section 9.2, note 1: the DigestInfo of SHA-256.
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class RsaKey:
    """Signs with RS256. `kid` is what its JWK says, and its tokens."""

    def __init__(self, kid, modulus, private_exponent):
        self.kid, self._n, self._d = kid, modulus, private_exponent
        self._size = (modulus.bit_length() + 7) // 8

    @classmethod
    def generate(cls, kid):
        """None where there is no openssl."""
        try:
            pem = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                                 check=True, capture_output=True).stdout
            text = subprocess.run(["openssl", "pkey", "-noout", "-text"], input=pem, check=True,
                                  capture_output=True).stdout.decode()
        except FileNotFoundError:
            return None

        def number(name):
            digits = re.search(rf"^{name}:\n((?: +[0-9a-f:]+\n)+)", text, re.MULTILINE)[1]
            return int(re.sub(r"[^0-9a-f]", "", digits), 16)
        return cls(kid, number("modulus"), number("privateExponent"))

    @classmethod
    def from_jwk(cls, jwk):
        return cls(jwk["kid"], *(int.from_bytes(unb64(jwk[name]), "big") for name in ("n", "d")))

    def jwk(self, **more):
        return {"kty": "RSA", "kid": self.kid, "e": "AQAB", "n": b64(self._n.to_bytes(self._size, "big")), **more}

    def sign(self, data):
        block = _SHA256 + hashlib.sha256(data).digest()
        block = b"\0\1" + b"\xff" * (self._size - len(block) - 3) + b"\0" + block
        return pow(int.from_bytes(block, "big"), self._d, self._n).to_bytes(self._size, "big")

    def token(self, claims, **header):
        head = {"alg": "RS256", "typ": "JWT", "kid": self.kid, **header}
        text = ".".join(b64(json.dumps(part).encode()) for part in (head, claims))
        return f"{text}.{b64(self.sign(text.encode()))}"


def in_seconds(seconds):
    return int(time.time()) + seconds


def tampered(token, **claims):
    """The same signature under other claims."""
    head, payload, signature = token.split(".")
    return ".".join([head, b64(json.dumps({**json.loads(unb64(payload)), **claims}).encode()), signature])
