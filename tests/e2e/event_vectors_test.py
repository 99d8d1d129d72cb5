#!/usr/bin/env python3
"""The events that the real gateway makes have the shape of those that others have recorded of Amazon API Gateway."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from support.event_plugin import HTTP, REST, EventGateway, request
from support.gateway import SOURCE
from support.story import Story, tell

VECTORS = pathlib.Path(os.environ.get("GATEHOUSE_VECTORS", SOURCE.parent / "shared/vectors"))
TOOL = VECTORS.parent / "tools/event_shape.py"

CASES = [  # kind of the recorded ones, what is sent
    ("authorizer-request-v1", request(REST, "/live/orders/7", "Authorization: abc", "User-Agent: demo/1")),
    ("authorizer-request-v1", request(HTTP, "/dev/v1/7?n=1", "Authorization: abc", "User-Agent: demo/1")),
    ("authorizer-request-v2", request(HTTP, "/v2/7?n=1", "Authorization: abc", "Cookie: a=1; b=2")),
    ("authorizer-request-v2", request(HTTP, "/dev/v2/7?n=1", "Authorization: abc")),
]


@unittest.skipUnless(TOOL.exists() and any((VECTORS / "events").glob("authorizer-*.json")), f"no recorded events in {VECTORS}")
class EventVectors(Story):
    def test_shapes(self):
        with EventGateway() as gateway, tempfile.TemporaryDirectory() as folder:
            for number, (kind, head) in enumerate(CASES):
                with self.subTest(kind, number=number):
                    response, events = gateway.events_of(head)
                    self.assertEqual((response.status, len(events)), (200, 1))
                    file = pathlib.Path(folder, f"{number}.json")
                    file.write_text(json.dumps(events[0]))
                    done = subprocess.run([sys.executable, TOOL, kind, file], capture_output=True, text=True, timeout=60, check=False)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                    # A member that no recorded event has would be one of our own.
                    self.assertIn("EXTRA []", done.stdout)


if __name__ == "__main__":
    tell(__name__)
