"""A gateway whose authorizers write down the AWS event that they were given."""
import json

from support.client import Connection
from support.gateway import BUILD, Gateway

PLUGINS = BUILD / "tests/plugins/good"

CONFIGURATION = """
authorizers:
  rest: {type: request, plugin: test.event, placement: in_process, result_ttl_seconds: 0, settings: {file: @DIR@/events},
         identity_sources: [method.request.header.Authorization]}
  v1: {type: request, plugin: test.event, placement: in_process, result_ttl_seconds: 0, settings: {file: @DIR@/events},
       identity_sources: [$request.header.Authorization, $request.querystring.n], payload_format_version: "1.0"}
  v2: {type: request, plugin: test.event, placement: in_process, result_ttl_seconds: 0, settings: {file: @DIR@/events},
       identity_sources: [$request.header.Authorization, $request.querystring.n]}
  watch: {type: network, plugin: test.event, placement: in_process, settings: {file: @DIR@/events}}
apis:
  a1b2c3d4e5:
    type: rest
    hosts: [a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com]
    stages: {live: {variables: {color: blue}}}
    routes:
      GET /orders/{id}: {authorizer: rest, integration: {type: mock}}
      ANY /files/{proxy+}: {authorizer: rest, integration: {type: mock}}
  h9h8h7h6h5:
    type: http
    hosts: [h9h8h7h6h5.execute-api.eu-north-1.amazonaws.com]
    stages: {dev: {}, $default: {variables: {color: red}}}
    routes:
      GET /v1/{id}: {authorizer: v1, integration: {type: mock}}
      GET /v2/{id}: {authorizer: v2, integration: {type: mock}}
  watched:
    type: http
    hosts: [watched.example.com]
    network: [watch]
    stages: {$default: {}}
    routes:
      GET /v2: {authorizer: v2, integration: {type: mock}}
domains:
  api.example.com:
    mappings:
      shop: {api: a1b2c3d4e5, stage: live}
      store: {api: h9h8h7h6h5, stage: dev}
"""
SETTINGS = 'region: eu-north-1\naccount_id: "111122223333"'
REST = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com"
HTTP = "h9h8h7h6h5.execute-api.eu-north-1.amazonaws.com"


class EventGateway(Gateway):
    def __init__(self):
        super().__init__(CONFIGURATION, gateway=SETTINGS, plugins=PLUGINS)

    def events_of(self, head):
        """Sends these bytes and gives the response and the events that plugins were given for it."""
        file = self.directory / "events"
        before = len(file.read_bytes()) if file.exists() else 0
        with Connection(self.address) as connection:
            connection.send(head)
            response = connection.response()
        lines = file.read_bytes()[before:].decode().splitlines() if file.exists() else []
        return response, [json.loads(line, object_pairs_hook=_no_member_twice) for line in lines]


def _no_member_twice(pairs):
    assert len({name for name, _ in pairs}) == len(pairs), f"a member stands twice: {pairs}"
    return dict(pairs)


def request(host, target, *lines, method="GET"):
    return "\r\n".join([f"{method} {target} HTTP/1.1", f"Host: {host}", *lines, "", ""])
