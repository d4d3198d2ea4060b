# SPDX-License-Identifier: MIT
"""What the command makes of answers: the documented ones, those of front ends and gateways, and malformed ones."""
import json
import re
import unittest

from harness import GUID, PKI, REQUEST, TENANT, TOKEN, Case, Tls, after_request, http

OTHER_REQUEST = "00000000-0000-4000-8000-000000000000"
HTML = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>\r\n"
NOT_MET = '{"error":{"code":"400","message":"ActionsTaken is missing."}}'
DATE = "Date: Mon, 01 Jun 2026 12:00:00 GMT"

TEXTS = {
    "umlauts": "Gerät getauscht – läuft wieder. ✓ 日本語 \U0001F527",
    "JSON": 'said "done\\n", C:\\temp, </script>, {"ActionsTaken":"x"}',
    "lines": "first\nsecond\r\n\tthird\n",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f\x80\u2028",
    "header": "x\r\nX-Injected: 1\r\n\r\nPATCH / HTTP/1.1\r\n",
}

OBJECT = '{"error":{"code":"c","message":"m"}}'
JUDGED = ("ok", "status", "gateway", "redirect", "coded")  # errors of a complete response

# What is sent after the request, and what the command says of it.
ANSWERS = {
    # Success takes any form of a 2xx but a page.
    "200, empty": (http("200 OK"), dict(outcome="closed", status=200)),
    "200, JSON": (http("200 OK", body='{"value":1}'), dict(outcome="closed", status=200)),
    # Fault 242: a success with a page instead of JSON -> try later: something else answered
    "200, HTML": (http("200 OK", body=HTML), dict(outcome="try_later", error="gateway", status=200)),
    # Fault 243: any other 2xx, with JSON or without -> closed (RFC 9110, 15.3)
    "201": (http("201 Created", body="{}"), dict(outcome="closed", status=201)),
    # Fault 20
    "204, length": ("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", dict(outcome="closed", status=204)),
    "204, chunked": ("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", dict(outcome="closed")),
    # Fault 1
    "204, no reason": ("HTTP/1.1 204\r\n\r\n", dict(outcome="closed", status=204)),
    "204, part of a chunk": ("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", dict(
        outcome="closed")),
    # Fault 3
    "until the end": ("HTTP/1.0 200 OK\r\n\r\n{}", dict(outcome="closed", status=200)),
    # Fault 7
    "100 before": ("HTTP/1.1 100 Continue\r\n\r\n" + http("204 No Content"), dict(outcome="closed", status=204)),
    "103 before": ("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3 + http("204 No Content"),
                   dict(outcome="closed", status=204)),

    # Refusals for good.
    "400, another cause": (http("400 Bad Request", body=NOT_MET), dict(
        outcome="refused", error="status", status=400, code="400", message="ActionsTaken is missing.")),
    # Fault 2
    "400, no reason": ('HTTP/1.1 400\r\nContent-Length: 20\r\n\r\n{"error":{"code":1}}', dict(
        outcome="refused", status=400)),
    "400, closed, in capitals": (http("400 Bad Request", body='{"error":{"message":"ALREADY CLOSED"}}'), dict(
        outcome="already_closed", code="")),
    "409, already closed": (http("409 Conflict", body='{"error":{"message":"already closed"}}'), dict(
        outcome="refused", status=409)),
    "400, empty": (http("400 Bad Request"), dict(outcome="try_later", error="gateway", cause="between", status=400)),
    "405": (http("405 Method Not Allowed", "Allow: GET", body=OBJECT), dict(outcome="refused", status=405)),
    "501": (http("501 Not Implemented", body=OBJECT), dict(outcome="refused", cause="service", status=501)),

    # The token.
    # Fault 244: 401 with an error of the service, and 403 -> not authorised, the message told (RFC 6750, 3.1)
    "401": (http("401 Unauthorized", 'WWW-Authenticate: Bearer error="invalid_token"',
                 body='{"error":{"code":"Unauthorized","message":"The token has expired."}}'), dict(
        outcome="not_authorised", status=401, code="Unauthorized", message="The token has expired.")),
    # Fault 28
    "401, OAuth": (http("401 Unauthorized", body='{"error":"invalid_token","error_description":"expired"}'), dict(
        outcome="not_authorised", code="invalid_token", message="expired")),
    # Fault 36
    "403, HTML": (http("403 Forbidden", body=HTML), dict(outcome="try_later", error="gateway", status=403, code="")),

    # Whose word is it? Not the service's without its error object: the closing is not given up.
    # Fault 704: a status from 400 up of somebody in between: a page, nothing, or other JSON -> try later
    "404, HTML": (http("404 Site Not Found", body=HTML), dict(
        outcome="try_later", error="gateway", cause="between", status=404)),
    "404, empty": (http("404 Not Found"), dict(outcome="try_later", error="gateway", cause="between")),
    "404, other JSON": (http("404 Not Found", body='{"statusCode":404,"message":"Resource not found"}'), dict(
        outcome="try_later", error="gateway", code="404", message="Resource not found")),
    "403, challenge": (http("403 Forbidden", 'WWW-Authenticate: Bearer error="insufficient_scope"'), dict(
        outcome="not_authorised", cause="token", message="insufficient_scope")),
    "403, object": (http("403 Forbidden", body=OBJECT), dict(outcome="not_authorised", cause="token", code="c")),
    "407": (http("407 Proxy Authentication Required", body=OBJECT), dict(outcome="try_later", error="gateway")),
    # Fault 705: 401 without a body, its cause in the challenge -> shown (RFC 6750, 3)
    "401, challenge": (http("401 Unauthorized", 'WWW-Authenticate: Bearer realm="", error="invalid_token", '
                            'error_description="The token is expired"'), dict(
        outcome="not_authorised", cause="token", message="invalid_token: The token is expired")),
    # Fault 706: a coding nobody asked for -> told as such; a status alone settles nothing (RFC 9110, 8.4)
    "400, gzip": (http("400 Bad Request", "Content-Encoding: gzip", body=OBJECT), dict(
        outcome="try_later", error="coded", cause="between", status=400, code="")),
    "200, gzip": (http("200 OK", "Content-Encoding: gzip", body="{}"), dict(outcome="try_later", error="coded")),
    "204, gzip": (http("204 No Content", "Content-Encoding: gzip"), dict(outcome="closed")),
    # Fault 707: 200 with any JSON value, or blanks -> closed (RFC 8259)
    **{f"200, {body!r}": (http("200 OK", body=body), dict(outcome="closed")) for body in (
        "null", "true", '"Closed"', " \r\n", "[]", "12")},
    "200, text": (http("200 OK", body="Closed"), dict(outcome="try_later", error="gateway")),
    # Fault 708: the id of a front door -> shown where there is no request-id
    "a front door's id": (http("503 Service Unavailable", "X-Azure-Ref: 0abc", "traceparent: 00-1"), dict(
        request_id="0abc", request_id_field="x-azure-ref")),
    "308 without Location": (http("308 Permanent Redirect"), dict(
        outcome="try_later", error="redirect", location="")),

    # Later.
    # Fault 245: 408, 429, 500, 502, 503, 504, 599 -> try later (RFC 9110, 15.5.9)
    "408": (http("408 Request Timeout"), dict(outcome="try_later", status=408)),
    # Fault 58
    "429, seconds": (http("429 Too Many Requests", "Retry-After: 120", body="Too Many Requests"), dict(
        outcome="try_later", status=429, retry_after_s=120, message="")),
    "429, date": (http("429 Too Many Requests", DATE, "Retry-After: Mon, 01 Jun 2026 12:05:00 GMT"), dict(
        outcome="try_later", retry_after_s=300)),
    "429, 0": (http("429 Too Many Requests", "Retry-After: 0"), dict(outcome="try_later", retry_after_s=0)),
    "429, negative": (http("429 Too Many Requests", "Retry-After: -1"), dict(outcome="try_later", retry_after_s=None)),
    "429, past": (http("429 Too Many Requests", DATE, "Retry-After: Mon, 01 Jun 2026 11:00:00 GMT"), dict(
        outcome="try_later", retry_after_s=0)),
    "429, garbage": (http("429 Too Many Requests", "Retry-After: soon"), dict(
        outcome="try_later", retry_after_s=None)),
    "500": (http("500 Internal Server Error"), dict(outcome="try_later", status=500, retry_after_s=None)),
    # Fault 36
    "502, HTML": (http("502 Bad Gateway", "Content-Type: text/html", body=HTML), dict(
        outcome="try_later", error="status", cause="between", status=502, code="", message="")),
    "503, HTML": (http("503 Service Unavailable", "Retry-After: 30", body=HTML), dict(
        outcome="try_later", status=503, retry_after_s=30)),
    "504": (http("504 Gateway Timeout"), dict(outcome="try_later", status=504)),
    "599": (http("599 Nobody Knows"), dict(outcome="try_later", status=599)),

    # Forms of the error object and of its framing.
    # Fault 31
    "code is a number": (http("400 Bad Request", body='{"error":{"code":40013,"message":"no"}}'), dict(
        code="40013", message="no")),
    # Fault 29
    "message in a language": (http("400 Bad Request", body='{"error":{"message":{"lang":"en","value":"no"}}}'), dict(
        message="no")),
    # Fault 27
    "byte order mark": (http("400 Bad Request", body="\ufeff" + NOT_MET), dict(
        code="400", message="ActionsTaken is missing.")),
    # Fault 30
    "innererror": (http("400 Bad Request", body='{"error":{"code":"c","message":"m","innererror":%s1%s}}' % (
        '{"a":' * 10, "}" * 10)), dict(outcome="refused", code="c", message="m")),
    "500 details": (http("400 Bad Request", body='{"error":{"code":"c","message":"m","details":[%s]}}' % ",".join(
        ['{"code":"no","message":"no"}'] * 500)), dict(outcome="refused", code="c", message="m")),
    # Fault 32
    "escapes": (http("400 Bad Request", body=r'{"error":{"code":"c","message":"caf\u00e9 \ud83d\udd12"}}'), dict(
        outcome="refused", message="caf\u00e9 \U0001f512")),
    # Fault 36
    "JSON without a type": (http("400 Bad Request", body='{"error":{"code":"c"}}'), dict(outcome="refused", code="c")),
    # Fault 35
    "null": (http("400 Bad Request", body="null"), dict(outcome="try_later", error="gateway", code="", message="")),
    "damaged JSON": (http("400 Bad Request", body='{"error":}'), dict(outcome="try_later", error="gateway", code="")),
    # Fault 22, Fault 25
    "chunked": ("HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n"
                f"00A;x=y\r\n{NOT_MET[:10]}\r\n{len(NOT_MET) - 10:x}\r\n{NOT_MET[10:]}\r\n0\r\nX-Trailer: 1\r\n\r\n",
                dict(outcome="refused", code="400", message="ActionsTaken is missing.")),
    # Fault 12
    "60 KB of fields": (http("204 No Content", *["X-Padding: " + "x" * 1000] * 60), dict(outcome="closed")),
    # Fault 147
    "request-id": (http("404 Not Found", "request-id: f3a1-7"), dict(request_id="f3a1-7")),
    "x-ms-request-id": (http("404 Not Found", "X-MS-Request-ID: f3a1-8"), dict(request_id="f3a1-8")),

    # Fault 11
    "empty values, letter case": ('HTTP/1.1 400 x\r\nA:\r\nB: \r\ncONTENT-length:20\r\n\r\n{"error":{"code":1}}', dict(
        outcome="refused", status=400, code="1")),
    # Fault 6
    "a reason of 8 KB": ("HTTP/1.1 204 " + "x" * 8192 + "\r\n\r\n", dict(outcome="closed")),
    # Fault 15
    "more than the length": ("HTTP/1.1 400 x\r\nContent-Length: 2\r\n\r\n{} HTTP/1.1 204 x\r\n\r\n", dict(
        outcome="try_later", error="gateway", status=400)),
    # Fault 17
    "4 GB": ("HTTP/1.1 500 x\r\nContent-Length: 4294967296\r\n\r\n" + " " * 20000, dict(
        outcome="try_later", error="status", status=500)),

    # Not an answer.
    # Fault 4
    "HTTP/2": ("HTTP/2 204\r\n\r\n", dict(outcome="try_later", error="protocol", status=0)),
    # Fault 8
    "101": ("HTTP/1.1 101 Switching Protocols\r\n\r\n", dict(outcome="try_later", error="protocol")),
    # Fault 4
    "ICY": ("ICY 200 OK\r\n\r\n", dict(outcome="try_later", error="protocol", status=0)),
    # Fault 5
    "status 1000": ("HTTP/1.1 1000 x\r\n\r\n", dict(outcome="try_later", error="protocol", status=0)),
    # Fault 16
    "length that wraps": ("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551618\r\n\r\n{}", dict(
        outcome="try_later", error="protocol", status=200)),
    # Fault 22
    "chunk size of 17 digits": ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000002\r\n{}\r\n"
                                "0\r\n\r\n", dict(outcome="try_later", error="protocol", status=200)),
    # Fault 23
    "no CRLF behind a chunk": ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n", dict(
        outcome="try_later", error="protocol", status=200)),
    # Fault 10
    "bare LF": ("HTTP/1.1 204 No Content\n\n", dict(outcome="try_later", error="protocol")),
    "folded field": ("HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n", dict(outcome="try_later", error="protocol")),
    # Fault 18
    "two lengths": ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", dict(error="protocol")),
    "length and chunked": ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                           dict(outcome="try_later", error="protocol")),
    # Fault 19
    "gzip": ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", dict(error="protocol")),
    # Fault 12
    "70 KB of fields": (http("204 No Content", *["X-Padding: " + "x" * 1000] * 70), dict(
        outcome="try_later", error="too_large")),
}


class DocumentedAnswers(Case):
    def test_closed_then_already_closed_and_no_such_request(self):
        for version in ("1.2", "1.3"):
            with self.subTest(tls=version):
                service = self.serve(tls=Tls(PKI, minimum=version, maximum=version))
                first, again = self.close(service), self.close(service)
                unknown = self.close(service, request=OTHER_REQUEST)
                self.assertSays(first, outcome="closed", error="ok", delivery="answered", status=204,
                                tls_version=f"TLSv{version}")
                self.assertSays(again, outcome="already_closed", error="status", delivery="answered", status=400,
                                code="400", message="This elevation request was already closed.")
                self.assertSays(unknown, outcome="no_such_request", error="status", delivery="answered", status=404,
                                code="404", message="This elevation request does not exist.")
                service.finished(3)
                self.assertEqual(service.problems, [])

    def test_each_closing_has_an_id_of_its_own_which_the_service_is_told(self):
        service = self.serve()
        told = [self.close(service).json["client_request_id"].encode() for _ in range(2)]
        sent = [re.findall(rb"\r\nclient-request-id: (" + GUID + rb")\r\n", record.request)
                for record in service.finished(2)]
        self.assertEqual(sent, [[told[0]], [told[1]]])
        self.assertNotEqual(told[0], told[1])

    # Fault 209, Fault 210
    def test_text_arrives_as_it_was_given(self):
        for name, text in TEXTS.items():
            for option, value in (("actions", text), ("actions_file", self.file("text", text.encode()))):
                with self.subTest(name, option=option):
                    service = self.serve()
                    self.assertSays(self.close(service, **{"actions": None, option: value}), outcome="closed")
                    # of a file, one line end at its end is left out, as of the token's
                    told = re.sub(r"\r?\n\Z", "", text) if option == "actions_file" else text
                    self.assertEqual(service.actions(TENANT, REQUEST), told)

    # Fault 246: NUL in the text, from a file -> escaped, not the end of it (RFC 8259, 7)
    def test_nul_arrives_by_file(self):
        service = self.serve()
        self.assertSays(self.close(service, actions=None, actions_file=self.file("text", b"a\0b")), outcome="closed")
        self.assertEqual(service.actions(TENANT, REQUEST), "a\0b")


class ScriptedAnswers(Case):
    def test_answers(self):
        for name, (answer, expected) in ANSWERS.items():
            with self.subTest(name):
                service = self.serve(after_request(answer))
                result = self.close(service)
                delivery = "answered" if result.json["error"] in JUDGED else "maybe_sent"
                self.assertSays(result, delivery=delivery, **expected)
                service.finished(1)
                self.assertEqual(service.problems, [])

    # Fault 21
    def test_an_answer_without_length_needs_the_close_notify(self):
        body = "HTTP/1.1 400 Bad Request\r\n\r\n" + NOT_MET
        for end, expected in {"close": dict(outcome="refused", error="status", delivery="answered", code="400"),
                              # Fault 247: no length, not chunked, an end without close_notify -> truncated: anyone on
                              # the way can cut (RFC 9112, 9.8)
                              "cut": dict(outcome="try_later", error="truncated", delivery="maybe_sent", code=""),
                              }.items():
            with self.subTest(end):
                self.assertSays(self.close(self.serve(after_request(body, end=end))), status=400, **expected)

    # Fault 59: 301, 302, 307, 308 -> not followed, token not resent (RFC 9110, 15.4)
    def test_redirects_are_not_followed(self):
        for status in ("301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect",
                       "308 Permanent Redirect"):
            with self.subTest(status):
                elsewhere = self.serve(tls=None)
                service = self.serve(after_request(http(
                    status, f"Location: http://{elsewhere.address}:{elsewhere.port}/")))
                self.assertSays(self.close(service), outcome="try_later", error="redirect", cause="between",
                                status=int(status[:3]), location=f"{elsewhere.address}:{elsewhere.port}")
                service.finished(1)
                self.assertEqual((len(service.connections), elsewhere.connections), (1, []))

    # Fault 248: an answer before the whole request was read, then a close or a reset -> answered (RFC 9112, 9.5)
    def test_an_answer_before_the_whole_request_was_read(self):
        text = self.file("text", b"x" * 1000000)
        for end in ("close", "reset"):
            with self.subTest(end):
                service = self.serve([["handshake"], ["read", 100], ["send", http("413 Content Too Large", body=OBJECT)], [end]])
                self.assertSays(self.close(service, actions=None, actions_file=text), outcome="refused",
                                error="status", delivery="answered", status=413)

    # Fault 24
    def test_ten_thousand_chunks_of_one_byte(self):
        told = '{"error":{"code":"400","message":"%s"}}' % ("x" * 9963)
        chunks = "".join(f"1\r\n{byte}\r\n" for byte in told) + "0\r\n\r\n"
        answer = "HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
        self.assertEqual(len(told), 10000)
        result = self.close(self.serve(after_request(*[answer[at:at + 16384] for at in range(0, len(answer), 16384)])))
        self.assertSays(result, outcome="refused", code="400", message="x" * 9963, message_cut=False)

    # Fault 34
    def test_a_message_of_1_mb_is_cut_at_a_character(self):
        """Also where there is much room for it, since a long request went out before."""
        for shift, text in (("", b"x"), ("x", b"x"), ("", b"x" * 600000)):
            with self.subTest(shift=shift, text=len(text)):
                told = shift + "é" * (1 << 19)
                answer = http("400 Bad Request", body='{"error":{"code":"400","message":"%s"}}' % told)
                result = self.close(self.serve(after_request(answer)), actions=None,
                                    actions_file=self.file("text", text))
                self.assertSays(result, outcome="refused", error="status", status=400, code="400", message_cut=True)
                self.assertTrue(result.json["message"] and told.startswith(result.json["message"]))

    # Fault 249: the token in an answer, whole, in part, in fields or cut -> covered in all that is printed
    def test_a_token_that_comes_back_is_covered(self):
        """The harness looks for it in all that is printed; here it is made to come back in every way."""
        tokens = {"long": TOKEN, "short": TOKEN[:300]}
        for name, token in tokens.items():
            for message in (token, "x" * 500 + token, token[100:], "x" * (16384 - 64 - 200) + token):
                with self.subTest(name, message=len(message)):
                    fields = ["request-id: " + token[:63], "x-ms-request-id: " + token[:40]]
                    answer = http("401 Unauthorized", *fields,
                                  body='{"error":{"code":"%s","message":"bad token: %s"}}' % (token[:200], message))
                    service = self.serve(after_request(answer))
                    service.tokens.add(token)
                    result = self.close(service, token_file=self.file("token", token.encode()), token=token)
                    self.assertSays(result, outcome="not_authorised", status=401)
                    self.assertIn("*" * 16, result.said)

    # Fault 714: a token so short that it stands in the message -> judged first, covered where it is shown
    def test_a_token_within_the_message_does_not_change_the_outcome(self):
        for token in ("closed", "a"):
            with self.subTest(token):
                service = self.serve()
                service.tokens.add(token)
                first, again = (self.run_command(*self.arguments(service, token_file=self.file("t", token.encode())),
                                                 "--json", token=TOKEN) for _ in range(2))
                self.assertEqual((first.status, again.status), (0, 3))
                self.assertNotIn(token, again.json["message"])

    # Fault 33: ESC and other control bytes in the message -> neutralised in print
    def test_control_characters_of_the_service_do_not_reach_the_terminal(self):
        escaped = r"\u001b]0;x\u0007\u001b[31mred\u0000\r\nmmdclose: closed\u009b2J\u007f"
        raw = "\x9b2J\x85"
        service = self.serve(after_request(http(
            "400 Bad Request", body='{"error":{"code":"\\u001b[1m","message":"%s%s"}}' % (escaped, raw))))
        result = self.close(service, "--verbose")
        self.assertSays(result, outcome="refused", status=400)
        self.assertIn("red", result.said)
        self.assertEqual(re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f]", result.said), [])
        self.assertEqual(re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f]", result.out.decode()), [])
        self.assertEqual(result.json["message"], json.loads(f'"{escaped}{raw}"').replace("\0", "\ufffd"))
        self.assertNotRegex(result.said, "(?m)^mmdclose: closed")

    # Fault 250: a request id that is no UTF-8 -> what is printed is
    def test_a_request_id_that_is_not_utf8_does_not_spoil_the_output(self):
        answer = b"HTTP/1.1 404 Not Found\r\nrequest-id: a\xff\x9bb\r\nContent-Length: 0\r\n\r\n"
        service = self.serve([["handshake"], ["read-request"], ["send-hex", answer.hex()], ["close"]])
        self.assertSays(self.close(service), outcome="try_later", status=404, request_id="a\ufffd\ufffdb")

    def test_when_to_try_again_is_said(self):
        for field in ("Retry-After: 4711", f"{DATE}\r\nRetry-After: Mon, 01 Jun 2026 13:18:31 GMT"):
            with self.subTest(field):
                result = self.close(self.serve(after_request(http("429 Too Many Requests", field))))
                self.assertSays(result, outcome="try_later", retry_after_s=4711)
                self.assertIn("4711", result.said)


if __name__ == "__main__":
    unittest.main()
