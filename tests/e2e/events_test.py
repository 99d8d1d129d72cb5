#!/usr/bin/env python3
"""The AWS events that plugins are given: each kind, from the bytes that a client sends to the JSON that a plugin of the
real gateway reads. All of it is compared; what differs from run to run is held to its form."""
import re
import time

from support.event_plugin import HTTP, REST, EventGateway, request
from support.story import Story, tell

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
SHORT = re.compile(r"[A-Za-z0-9_-]{15}=\Z")
TIME = re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\Z")
SIX = re.compile(r"[a-z0-9]{6}\Z")


class Events(Story):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(EventGateway())

    def one(self, head):
        response, events = self.gateway.events_of(head)
        self.assertEqual((response.status, len(events)), (200, 1), response)
        return response, events[0]

    def take(self, members, name, form):
        """What differs from run to run."""
        value = members.pop(name)
        if form is int:
            self.assertLess(abs(value - time.time() * 1000), 600_000)
        else:
            self.assertRegex(value, form)
        return value

    def rest_context(self, response, event, path, template, **more):
        context = event.pop("requestContext")
        self.assertEqual(self.take(context, "requestId", UUID), response.header("x-amzn-RequestId"))
        self.assertEqual(self.take(context, "extendedRequestId", SHORT), response.header("x-amz-apigw-id"))
        for name, form in (("requestTime", TIME), ("requestTimeEpoch", int), ("resourceId", SIX), ("deploymentId", SIX)):
            self.take(context, name, form)
        unknown = dict.fromkeys((
            "cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "principalOrgId", "accessKey",
            "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "user"))
        self.assertEqual(context, {
            "resourcePath": template, "httpMethod": "GET", "path": path, "accountId": "111122223333", "protocol": "HTTP/1.1",
            "stage": "live", "domainPrefix": "a1b2c3d4e5", "domainName": REST, "apiId": "a1b2c3d4e5",
            "identity": {**unknown, "sourceIp": "127.0.0.1", "userAgent": None}, **more})

    def test_rest(self):
        response, event = self.one(request(
            REST, "/live/orders/%37%2b/?a=1&a=x+y&b", "AuthorizatioN: Bearer abc", "X-Tenant: red", "x-tenant: blue, green"))
        self.rest_context(response, event, "/live/orders/7%2B/", "/orders/{id}")
        self.assertEqual(event, {
            "type": "REQUEST",
            "methodArn": "arn:aws:execute-api:eu-north-1:111122223333:a1b2c3d4e5/live/GET/orders/7%2B/",
            "resource": "/orders/{id}", "path": "/orders/7%2B/", "httpMethod": "GET",
            "headers": {"Host": REST, "AuthorizatioN": "Bearer abc", "X-Tenant": "blue, green"},
            "multiValueHeaders": {"Host": [REST], "AuthorizatioN": ["Bearer abc"], "X-Tenant": ["red", "blue, green"]},
            "queryStringParameters": {"a": "x y", "b": ""}, "multiValueQueryStringParameters": {"a": ["1", "x y"], "b": [""]},
            "pathParameters": {"id": "7%2B"}, "stageVariables": {"color": "blue"}})

    def test_rest_on_a_domain_keeps_the_base_path(self):
        response, event = self.one(request("api.example.com", "//shop/files/a//b/"))
        self.rest_context(response, event, "/shop/files/a//b/", "/files/{proxy+}", domainPrefix="api", domainName="api.example.com")
        self.assertEqual(event["path"], "/shop/files/a//b/")
        self.assertEqual(event["methodArn"].partition("/live/")[2], "GET/files/a//b/")
        self.assertEqual(event["pathParameters"], {"proxy": "a//b"})
        self.assertEqual(event["queryStringParameters"], {})

    def test_http_1_0(self):
        response, event = self.one(request(HTTP, "/dev/v1/7?n=1&n=2", "Authorization: abc", "X-Tenant: red", "x-tenant: blue"))
        context = event.pop("requestContext")
        self.assertEqual(self.take(context, "requestId", SHORT), response.header("apigw-requestid"))
        self.assertEqual((context["path"], context["resourceId"], context["resourcePath"]), ("/dev/v1/7", "GET /v1/{id}", "/v1/{id}"))
        self.assertEqual(event, {
            "version": "1.0", "type": "REQUEST",
            "methodArn": "arn:aws:execute-api:eu-north-1:111122223333:h9h8h7h6h5/dev/GET/v1/7",
            "identitySource": "abc,1,2", "authorizationToken": "abc,1,2",
            "resource": "/v1/{id}", "path": "/v1/7", "httpMethod": "GET",
            "headers": {"host": HTTP, "authorization": "abc", "x-tenant": "blue"},
            "multiValueHeaders": {"host": [HTTP], "authorization": ["abc"], "x-tenant": ["red", "blue"]},
            "queryStringParameters": {"n": "2"}, "multiValueQueryStringParameters": {"n": ["1", "2"]},
            "pathParameters": {"id": "7"}, "stageVariables": {}})

    def http_2_0(self, response, event, **http):
        context = event.pop("requestContext")
        self.assertEqual(self.take(context, "requestId", SHORT), response.header("apigw-requestid"))
        self.take(context, "time", TIME)
        self.take(context, "timeEpoch", int)
        self.assertEqual(context.pop("http"), {"method": "GET", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", **http})
        return context

    def test_http_2_0(self):
        response, event = self.one(request(
            HTTP, "/dev/v2/7?n=1&n=%2C", "Authorization: abc", "X-Tenant: red", "x-tenant: blue", "Cookie: sid=1; lang=fi",
            "User-Agent: demo/1", "X-Odd: caf\xe9 \"\\"))
        self.assertEqual(self.http_2_0(response, event, path="/dev/v2/7", userAgent="demo/1"), {
            "accountId": "111122223333", "apiId": "h9h8h7h6h5", "domainName": HTTP, "domainPrefix": "h9h8h7h6h5",
            "routeKey": "GET /v2/{id}", "stage": "dev"})
        self.assertEqual(event, {
            "version": "2.0", "type": "REQUEST",
            "routeArn": "arn:aws:execute-api:eu-north-1:111122223333:h9h8h7h6h5/dev/GET/v2/7",
            "identitySource": ["abc", "1,,"], "routeKey": "GET /v2/{id}", "rawPath": "/dev/v2/7", "rawQueryString": "n=1&n=%2C",
            "cookies": ["sid=1", "lang=fi"], "queryStringParameters": {"n": "1,,"}, "pathParameters": {"id": "7"},
            "headers": {"host": HTTP, "authorization": "abc", "x-tenant": "red,blue", "user-agent": "demo/1", "x-odd": "caf\ufffd \"\\"}})

    def test_http_2_0_of_the_default_stage_and_of_a_domain(self):
        response, event = self.one(request(HTTP, "/v2/7?n=1", "Authorization: abc"))
        self.assertEqual(self.http_2_0(response, event, path="/v2/7", userAgent="")["stage"], "$default")
        self.assertEqual((event["rawPath"], event["stageVariables"], "cookies" in event), ("/v2/7", {"color": "red"}, False))
        response, event = self.one(request("api.example.com", "/store/v2/7?n=1", "Authorization: abc"))
        self.http_2_0(response, event, path="/dev/v2/7", userAgent="")
        self.assertEqual((event["rawPath"], "stageVariables" in event), ("/dev/v2/7", False))

    def test_two_of_a_route(self):
        response, events = self.gateway.events_of(request("watched.example.com", "/v2?n=1", "Authorization: abc"))
        self.assertEqual((response.status, len(events)), (200, 2))
        self.assertEqual([event.pop("identitySource") for event in events], [None, ["abc", "1"]])
        self.assertEqual(events[0], events[1])

    def test_no_event_without_a_question(self):
        response, events = self.gateway.events_of(request(HTTP, "/dev/v2/7", "Authorization: abc"))  # no `n`
        self.assertEqual((response.status, events), (401, []))


if __name__ == "__main__":
    tell(__name__)
