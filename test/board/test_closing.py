# SPDX-License-Identifier: MIT
"""Closing elevation requests with a board: what it sends, and what it says of the answers."""
import json
import re
import unittest

from case import ACTIONS, REQUEST, TENANT, TOKEN, VERSIONS, Case, closed, one_board_is_enough, only, rows
from harness import after_request, http

REQUESTS = [f"c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e{number:02}" for number in range(20, 25)]
UNKNOWN = "00000000-0000-4000-8000-000000000000"
PAGE = "<html><head><title>503 Service Unavailable</title></head><body>Later.</body></html>"
KIB = 1024


def error(status: str, code: str, message: str, *fields: str) -> str:
    """An answer with the error object of the service."""
    return http(status, "request-id: 5ab1c0de-0000-4000-8000-00000000cafe", *fields,
                body=json.dumps({"error": {"code": code, "message": message}}))


def chunked(status: str, *chunks: str) -> str:
    body = "".join(f"{len(chunk):x}\r\n{chunk}\r\n" for chunk in chunks)
    return f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n{body}0\r\n\r\n"


def records(answer: str) -> list:
    """As long as records of TLS can be."""
    return [answer[at:at + 16 * KIB] for at in range(0, len(answer), 16 * KIB)]


# What the service answers, record by record, and the exit status.
ANSWERS = rows({
    "204": ([http("204 No Content")], 0),
    "200 with a JSON body": ([http("200 OK", body='{"value":[]}')], 0),
    "chunked 200": ([chunked("200 OK", "{", '"a": 1', "}")], 0),
    # Fault 7
    "204 behind an interim answer": (["HTTP/1.1 103 Early Hints\r\n\r\n", http("204 No Content")], 0),
    # Fault 305: an answer in records of one byte -> read
    "204 byte by byte": (list(http("204 No Content")), 0),
    "already closed": ([error("400 Bad Request", "400", "This elevation request was already closed.")], 3),
    "no such request": ([error("404 Not Found", "404", "This elevation request does not exist.")], 4),
    "400": ([error("400 Bad Request", "BadRequest", "ActionsTaken is too long.")], 5),
    # Fault 115
    "chunked 400": ([chunked("400 Bad Request", '{"error":{"code":"400",', '"message":"No."}}')], 5),
    "401": ([error("401 Unauthorized", "InvalidAuthenticationToken", "The token has expired.",
                   'WWW-Authenticate: Bearer error="invalid_token"')], 6),
    "403": ([error("403 Forbidden", "Forbidden", "MmdSupport.ReadWrite is missing.")], 6),
    # Fault 58
    "429 with Retry-After": ([error("429 Too Many Requests", "429", "Slow down.", "Retry-After: 17")], 7),
    # Fault 36
    "503 as HTML": ([http("503 Service Unavailable", "Content-Type: text/html", body=PAGE)], 7),
    # Fault 242
    "200 as HTML": ([http("200 OK", "Content-Type: text/html", body=PAGE)], 7),
    # Fault 4
    "not HTTP": (["SSH-2.0-OpenSSH_9.2\r\n"], 7),
    # Fault 249
    "the token": ([error("400 Bad Request", TOKEN[:60], f"Not accepted: {TOKEN}.")], 5),
    "a part of the token": ([error("400 Bad Request", "400", f"{TOKEN[700:760]} is not accepted.")], 5),
    # Fault 33
    "not made for consoles": ([error("400 Bad Request", "400", "\x1b[2Jgone\r\n\x07\x9b1m, für immer")], 5),
    # Fault 34
    "longer than any buffer": ([error("400 Bad Request", "400", "x" * 4 * KIB + "y" * 36 * KIB)], 5),
    # Fault 43
    "records of 16 KiB": (records(error("400 Bad Request", "400", "x" * 50 * KIB)), 5),
    "spaces without end": (records(http("400 Bad Request", body=" " * 40 * KIB)), 7),
}, "204 byte by byte", "chunked 400", "429 with Retry-After", "not made for consoles", "longer than any buffer",
    "records of 16 KiB")
# How the real service goes about it, and what is said then.
OUTCOMES = {
    "closed": (0, re.escape(closed(REQUEST))),
    "closed already": (3, rf"mmdclose: elevation request {REQUEST} of tenant {TENANT} was closed already \(400: This elevation request "
                          r"was already closed\.; request-id [0-9a-f-]{36}\); there is nothing left to do\."),
    "does not exist": (4, rf"mmdclose: elevation request {UNKNOWN} of tenant {TENANT} does not exist \(404: This elevation "
                          r"request does not exist\.; request-id [0-9a-f-]{36}\); check --request and --tenant\."),
}


class Outcomes(Case):
    def test_the_three_outcomes_have_their_sentences(self):
        for version in VERSIONS:
            service = self.serve(tls=only(version))
            for request, (name, (status, sentence)) in zip((REQUEST, REQUEST, UNKNOWN), OUTCOMES.items()):
                with self.subTest(name, tls=version):
                    console = self.boot(service, requests=[request])
                    self.assertEqual((console.status, len(console.sentences)), (status, 1), console.text)
                    self.assertRegex(console.sentences[0], rf"\A{sentence}\Z")
                    self.assertIn(f"TLSv{version} ", console.text)
            self.assertEqual((service.problems, service.actions(TENANT, REQUEST)), ([], ACTIONS))

    def test_the_command_says_the_same(self):
        service = self.serve()
        for request in (REQUEST, REQUEST, UNKNOWN):
            console = self.boot(service, requests=[request])
            if console.status == 0:
                service.add(TENANT, REQUEST)  # open again
            self.assertSame(console, self.close(service, request=request))

    def test_several_requests_in_one_boot(self):
        for version in VERSIONS:
            with self.subTest(tls=version):
                service = self.serve(tls=only(version))
                for request in REQUESTS:
                    service.add(TENANT, request)
                console = self.boot(service, requests=REQUESTS)
                self.assertEqual(console.sentences, [closed(request) for request in REQUESTS])
                self.assertEqual({service.actions(TENANT, request) for request in REQUESTS}, {ACTIONS})
                record, = service.finished(1)
                self.assertEqual((service.problems, len(record.exchanges)), ([], 5))
                guids = re.findall(r"client-request-id (\S+)", console.text)
                self.assertEqual(len(set(guids)), 5)

    @one_board_is_enough
    def test_the_first_that_is_not_closed_gives_the_exit_status(self):
        service = self.serve()
        console = self.boot(service, requests=[REQUEST, UNKNOWN, REQUEST])
        self.assertEqual(console.status, 4, console.text)
        said = [re.search("closed elevation|does not exist|closed already", text)[0] for text in console.sentences]
        self.assertEqual(said, ["closed elevation", "does not exist", "closed already"])

    def test_the_connection_ends_in_order(self):
        for version in VERSIONS:
            with self.subTest(tls=version):
                service = self.serve(tls=only(version))
                self.boot(service)
                record, = service.finished(1)
                self.assertEqual((record.ended, record.sni, record.resumed), ("close_notify", service.name, False))


class Answers(Case):
    def test_the_device_says_of_each_answer_what_the_command_says(self):
        for version in VERSIONS:
            for name, (sends, status) in ANSWERS.items():
                with self.subTest(name, tls=version):
                    script = after_request(*sends)
                    service = self.serve(script, script, tls=only(version))
                    console = self.boot(service)
                    self.assertEqual(console.status, status, console.text)
                    self.assertSame(console, self.close(service))
                    self.assertEqual(service.problems, [])

    @one_board_is_enough
    def test_what_is_to_be_told_is_told(self):
        for name, parts in {"429 with Retry-After": ("429: Slow down.", "in 17 s."),
                            "the token": ("Not accepted: ***",),
                            "401": ("InvalidAuthenticationToken: The token has expired.", "00000000cafe"),
                            "longer than any buffer": ("400: " + "x" * 600 + "...",)}.items():
            with self.subTest(name):
                sends, status = ANSWERS[name]
                self.assertTold(self.boot(self.serve(after_request(*sends))), status, *parts)

    # Fault 306: a long answer before others -> they are told as if it had not been
    def test_one_answer_does_not_colour_the_next(self):
        sends, _ = ANSWERS["longer than any buffer"]
        service = self.serve(after_request(*sends), after_request(http("204 No Content")),
                             after_request("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"))
        console = self.boot(service, requests=[REQUEST] * 3)
        self.assertEqual(console.sentences[1], closed(REQUEST))
        self.assertRegex(console.sentences[2],
                         f"^mmdclose: elevation request {REQUEST} of tenant {TENANT} was not closed: the service, or "
                         r"something before it, cannot take the request now \(503\); try again (in 1 s|later)\.$")


if __name__ == "__main__":
    unittest.main()
