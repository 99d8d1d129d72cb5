#!/usr/bin/env python3
"""sign_requests.py FOLDER HOST:PORT: 1,000 requests signed with AWS Signature Version 4, each with a path of its own, as a
script for wrk (FOLDER/signed.lua), and whose they are (FOLDER/identities.yaml, FOLDER/master.key). They are good for five
minutes."""
import base64
import datetime
import hashlib
import hmac
import os
import pathlib
import secrets
import sys

ACCOUNT, KEY, REGION, SERVICE = "111122223333", "AKIABENCHBENCHBENCHB", "us-east-1", "execute-api"
EMPTY = hashlib.sha256(b"").hexdigest()


def chain(secret, *parts):
    key = ("AWS4" + secret).encode()
    for part in parts:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def main(folder, host):
    folder = pathlib.Path(folder)
    secret = base64.b64encode(secrets.token_bytes(30)).decode()
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    scope = f"{day}/{REGION}/{SERVICE}/aws4_request"
    key = chain(secret, day, REGION, SERVICE, "aws4_request")
    requests = []
    for number in range(1000):
        path = f"/prod/orders/{number}"
        # What an SDK signs of such a request: about a kilobyte with its usual headers.
        headers = {"accept": "application/json", "host": host, "user-agent": "aws-sdk-js/3.1169.0 ua/2.1 os/linux " + "x" * 300,
                   "x-amz-content-sha256": EMPTY, "x-amz-date": stamp, "x-amz-user-agent": "aws-sdk-js/3.1169.0",
                   "amz-sdk-invocation-id": str(number).rjust(36, "0"), "amz-sdk-request": "attempt=1; max=3"}
        names = sorted(headers)
        canonical = "\n".join(["GET", path, "limit=10&page=" + str(number), *(f"{n}:{headers[n]}" for n in names), "",
                               ";".join(names), EMPTY])
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={';'.join(names)}, "
                                    f"Signature={signature}")
        lines = [f"GET {path}?limit=10&page={number} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items()), "", ""]
        requests.append("\\r\\n".join(lines))
    script = ["local r = {}"] + [f'r[{i + 1}] = "{one}"' for i, one in enumerate(requests)]
    script.append("local i = 0\nfunction request() i = i % #r + 1 return r[i] end")
    (folder / "signed.lua").write_text("\n".join(script) + "\n")

    os.umask(0o077)
    (folder / "identities.yaml").write_text(f"""accounts:
  "{ACCOUNT}":
    users:
      bench:
        inline_policies:
          invoke: {{Version: "2012-10-17", Statement: {{Effect: Allow, Action: "execute-api:Invoke", Resource: "arn:aws:execute-api:us-east-1:{ACCOUNT}:bench/prod/GET/orders/*"}}}}
        access_keys: [{{access_key_id: {KEY}, secret_access_key: "{secret}"}}]
""")
    (folder / "master.key").write_text(f"bench {base64.b64encode(secrets.token_bytes(32)).decode()}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
