"""Routes whose bodies a plugin judges (tests/unit/plugin/plugins/body_judge.cpp): it does what the header X-Ask says."""
import hashlib

from support.gateway import BUILD

JUDGES = BUILD / "tests/plugins/good"
CONFIGURATION = """
upstreams:
  orders: {targets: ["@UPSTREAM@"]}
authorizers:
  judge: {type: request, plugin: test.@PLUGIN@, placement: in_process, result_ttl_seconds: 0, timeout: 5s, @GRANTS@}
apis:
  shop:
    type: http
    stages: {$default: {}}
    routes:
      ANY /orders: {authorizer: judge, limits: {body_bytes: 6000000}, integration: {type: http_proxy, upstream: orders}}
      POST /unjudged: {authorizer: none, integration: {type: http_proxy, upstream: orders}}
  old:
    type: rest
    stages: {live: {}}
    hosts: [rest.test]
    routes:
      ANY /orders: {authorizer: judge, limits: {body_bytes: 6000000}, integration: {type: http_proxy, upstream: orders, path: /orders}}
"""


def digest(body):
    return hashlib.sha256(body).hexdigest()


def head(body_headers, digest_of=b"", method="POST", path="/orders", host="shop.test", **more):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"X-Digest: {digest(digest_of)}", *body_headers]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    return "\r\n".join(lines + ["", ""]).encode()
