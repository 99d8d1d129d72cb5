#!/usr/bin/env python3
"""signed.py DIRECTORY HOST [COUNT]: identities.yaml with a key, and signed.txt: COUNT (1,000) different signed GET requests of
1,024 bytes each, good for a quarter of an hour, a line each for signed.lua: target, then header lines."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from support.signed import Signature, write_identities  # noqa: E402

SIZE = 1024


def made(number, host):
    padding = 1
    while True:
        signature = Signature("GET", f"/orders/{number:06}", host, [("limit", "20"), ("expand", "lines")], {
            "accept": "application/json", "amz-sdk-invocation-id": f"0f1c2ab7-52d4-4f0c-8d53-{number:012}",
            "amz-sdk-request": "attempt=1; max=3", "user-agent": "aws-sdk-js/3.800.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#20.11.1",
            "x-padding": "p" * padding})
        target, headers = signature.in_headers()
        size = len(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n") + sum(len(k) + len(v) + 4 for k, v in headers.items())
        if size == SIZE:
            return "\t".join([target, *(f"{name}: {value}" for name, value in headers.items())])
        padding += SIZE - size


directory, host = pathlib.Path(sys.argv[1]), sys.argv[2]
write_identities(directory)
count = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
(directory / "signed.txt").write_text("".join(made(number, host) + "\n" for number in range(count)))
