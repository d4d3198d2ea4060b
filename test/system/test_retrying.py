# SPDX-License-Identifier: MIT
"""--retry and --retry-max-time: what is tried again, what is not, when, and what is then said. The command waits for a
random time of at most a second before the second try, two before the third: no test depends on how long."""
import re
import signal
import socket
import subprocess
import threading
import unittest
from pathlib import Path
from types import SimpleNamespace
from typing import Any, List

from fetching import CLIENT, SECRET, FetchingCase
from harness import ACTIONS, COMMAND, LONGEST_RUN, REQUEST, SLOWER, TENANT, TOKEN, Case, after_request, http

BUSY = after_request(http("503 Service Unavailable"))
LOST = [["handshake"], ["read-request"], ["carry-out"], ["reset"]]  # it was carried out, but nobody heard of it
RESET = [["handshake"], ["read-request"], ["reset"]]
ERROR = '{"error":{"code":"%s","message":"no"}}'
REQUEST_ID = rb"\r\nclient-request-id: (\S+)\r\n"

PASSING = {  # what the first try meets; the second closes
    # Fault 983: 503, 429, 408, a lost connection, a silent service, something in between -> tried again
    "503": BUSY,
    "429": after_request(http("429 Too Many Requests", "Retry-After: 0")),
    "408": after_request(http("408 Request Timeout")),
    "a page": after_request(http("403 Forbidden", body="<html>")),
    "a redirect": after_request(http("302 Found", "Location: https://portal.test/")),
    "a reset": RESET,
    "a reset before TLS": [["read-raw", 20], ["reset"]],
    "no response": [["handshake"], ["read-request"], ["close"]],
}
FINAL = {  # the exit status, and the script
    # Fault 984: what will be the same again -> one try, whatever --retry says
    "refused": (5, after_request(http("409 Conflict", body=ERROR % "409"))),
    "no such request": (4, after_request(http("404 Not Found", body=ERROR % "404"))),
    "not authorised": (6, after_request(http("401 Unauthorized"))),
    "not verified": (8, [["send-raw", http("400 Bad Request")], ["cut"]]),
}


class Running:
    """The command in the background, and the lines of its error output."""

    def __init__(self, case: Case, words: List[Any]) -> None:
        self.process = subprocess.Popen([*COMMAND, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.killer = threading.Timer(LONGEST_RUN, self.process.kill)
        self.killer.start()
        case.addCleanup(self.process.communicate)
        case.addCleanup(self.process.kill)
        case.addCleanup(self.killer.cancel)
        self.case, self.said = case, b""

    def wait_for(self, text: bytes) -> None:
        while text not in self.said:
            line = self.process.stderr.readline()
            self.case.assertTrue(line, self.said)
            self.said += line

    def end(self) -> int:
        out, rest = self.process.communicate()
        self.said += rest + out
        return self.process.returncode


class Tries(Case):
    def test_what_passes_is_tried_again(self):
        for name, script in PASSING.items():
            with self.subTest(name):
                service = self.serve(script)
                self.assertSays(self.close(service, "--retry", "1"), outcome="closed", error="ok", attempts=2,
                                stage="service", delivery="answered", again_ms=0, by_earlier_try=False)
                self.assertEqual((len(service.connections), service.actions(TENANT, REQUEST)), (2, ACTIONS))

    def test_what_is_final_is_not(self):
        for name, (status, script) in FINAL.items():
            with self.subTest(name):
                service = self.serve(script)
                self.assertSays(self.close(service, "--retry", "3"), exit=status, attempts=1, again_ms=0)
                self.assertEqual(len(service.connections), 1)
        self.assertSays(self.close(self.serve(), "--retry", "3", tenant=".."), exit=2, attempts=0)
        service = self.serve()
        self.close(service)
        self.assertSays(self.close(service, "--retry", "3"), exit=3, attempts=1, by_earlier_try=False)

    def test_they_are_counted(self):
        """The first is not one of --retry, and 0 is none."""
        for more, tries in ((["--retry", "0"], 1), ([], 1), (["--retry", "2"], 3)):
            with self.subTest(more):
                service = self.serve(*[BUSY] * 4)
                result = self.close(service, *more)
                self.assertSays(result, exit=7, status=503, attempts=tries, stage="service", delivery="answered")
                self.assertEqual(len(service.connections), tries)
                self.assertLessEqual(result.json["again_ms"], 1000 << (tries - 1))
                self.assertRegex(result.json["sentence"],
                                 r"cannot take the request now \(503\); try again (in \d s|later)\.")

    # Fault 985: several tries of a closing -> one client-request-id in all of them, a new one for the next closing
    def test_one_id(self):
        service = self.serve(BUSY, RESET)
        first = self.close(service, "--retry", "2")
        second = self.close(service)
        sent = [line for record in service.finished(4) for line in record.request.splitlines()
                if line.startswith(b"client-request-id: ")]
        ids = [result.json["client_request_id"].encode() for result in (first, second)]
        self.assertEqual(sent, [b"client-request-id: " + each for each in (ids[0], ids[0], ids[0], ids[1])])
        self.assertNotEqual(*ids)

    # Fault 986: the response is lost, and the next try hears "already closed" -> closed by that try, exit 0
    def test_a_lost_response(self):
        service = self.serve(LOST)
        result = self.close(service, "--retry", "1")
        self.assertSays(result, outcome="closed", exit=0, error="ok", cause="none", by_earlier_try=True, attempts=2, status=400,
                        delivery="answered", stage="service")
        self.assertRegex(result.json["sentence"], rf"\Aclosed elevation request {REQUEST} of tenant {TENANT} \(.*\), "
                         r"by an earlier try, whose response was lost\.\Z")
        done = self.run_command(*self.arguments(self.serve(LOST)), "--retry", "1")
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertIn(b", by an earlier try, whose response was lost.", done.out)

    def test_one_that_may_have_been_received(self):
        """That counts, whatever the last try came to."""
        result = self.close(self.serve(RESET, [["read-raw", 20], ["reset"]]), "--retry", "1")
        self.assertSays(result, exit=7, error="network", delivery="maybe_sent", attempts=2)
        self.assertIn(": an earlier try may have been received, the last one was not sent: ", result.json["sentence"])
        result = self.close(self.serve(*[[["read-raw", 20], ["reset"]]] * 2), "--retry", "1")
        self.assertSays(result, exit=7, delivery="not_sent", attempts=2)
        self.assertIn(": the request was not sent: ", result.json["sentence"])

    # Fault 1034: a response is lost, then the server cannot be verified -> both are said
    def test_one_that_cannot_be_verified_after_one_that_was_sent(self):
        result = self.close(self.serve(RESET, FINAL["not verified"][1]), "--retry", "1")
        self.assertSays(result, exit=8, delivery="maybe_sent", attempts=2)
        self.assertIn(", so nothing was sent by the last try, though an earlier one may have been received: ",
                      result.json["sentence"])

    def test_verbose_reports_each_try(self):
        result = self.close(self.serve(BUSY), "--retry", "1", "--verbose")
        self.assertRegex(result.err, r"ms  try 1 failed: the service answered with an error; the next one in \d+ ms\n")
        self.assertEqual(result.err.count("ms  connecting to "), 2)
        self.assertRegex(result.err, r"ms  TLSv1\.3 \S+, status 503\n[^\n]*ms  try 1 failed")


class Times(Case):
    # Fault 987: Retry-After beyond --retry-max-time -> no waiting: exit 7 with when to try again
    def test_longer_than_there_is_time(self):
        for fields, seconds in ((["Retry-After: 3600"], 3600), (["Retry-After: 60"], 60)):
            service = self.serve(after_request(http("503 Busy", *fields)))
            result = self.close(service, "--retry", "5", retry_max_time=60)
            self.assertSays(result, exit=7, attempts=1, retry_after_s=seconds)
            self.assertTrue(seconds * 1000 <= result.json["again_ms"] <= seconds * 1500, result.json["again_ms"])
            self.assertRegex(result.json["sentence"], r"; try again in \d+ s\.")

    # Fault 58
    def test_what_the_server_asks_for(self):
        """At least that; what cannot be used leaves the random time of at most a second."""
        for text, least, most in (("0", 0, 1000), ("-1", 0, 1000), ("soon", 0, 1000), ("", 0, 1000),
                                  ("Thu, 01 Jan 2015 00:00:00 GMT", 0, 1000), ("1", 1000, 2000)):
            with self.subTest(text):
                service = self.serve(after_request(http("503 Busy", f"Retry-After: {text}")))
                result = self.close(service, "--retry", "1", "--verbose")
                self.assertSays(result, exit=0, attempts=2)
                waited = int(re.search(r"the next one in (\d+) ms", result.err)[1])
                self.assertTrue(least <= waited <= most, waited)
        service = self.serve(after_request(http("503 Busy", "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT")))
        result = self.close(service, "--retry", "1", retry_max_time=60)
        self.assertSays(result, exit=7, attempts=1)
        self.assertGreater(result.json["again_ms"], 60000)

    def test_the_time_of_all_tries(self):
        """A try may not take longer than what is left of it."""
        service = self.serve([["handshake"], ["hold", 20]])
        self.assertSays(self.close(service, "--retry", "5", retry_max_time=0.7), exit=7, error="timeout", attempts=1)

    # Fault 1033: a program takes longer for a token than there is left for all tries -> it is killed at that time
    def test_the_time_of_all_tries_for_a_program(self):
        program = self.file("program", f"#!/bin/sh\nsleep 4\necho {TOKEN}\n".encode(), 0o700)
        result = self.close(self.serve(), "--retry", "5", token_file=None, token_command=program, retry_max_time=1)
        self.assertSays(result, exit=10, error="token", attempts=1, stage="token_server")
        self.assertIn("did not end within the time allowed, and was killed", result.json["sentence"])

    def test_the_time_of_a_try(self):
        """Each has its own."""
        silent = [["handshake"], ["read-request"], ["hold", 20]]
        result = self.close(self.serve(silent), "--retry", "1", timeout=1.5 * SLOWER)
        self.assertSays(result, exit=0, attempts=2)
        result = self.close(self.serve(silent, silent), "--retry", "1", timeout=1.5 * SLOWER)
        self.assertSays(result, exit=7, attempts=2, error="timeout", delivery="maybe_sent")

    # Fault 988: a signal while it waits for the next try -> it ends at once
    def test_a_signal(self):
        service = self.serve(after_request(http("503 Busy", "Retry-After: 3000")))
        running = Running(self, [*self.arguments(service), "--retry", "1", "--verbose"])
        running.wait_for(b"try 1 failed")
        running.process.send_signal(signal.SIGTERM)
        self.assertEqual(running.end(), -signal.SIGTERM)


class Later(Case):
    # Fault 989: the network, the service or the token's file is there only later -> the next try has it
    def test_a_service_that_is_not_there_yet(self):
        with socket.create_server(("127.0.0.1", 0)) as any_server:
            port = any_server.getsockname()[1]
        there = SimpleNamespace(name="mmdls.test", public_port=port, address="127.0.0.1")
        running = Running(self, [*self.arguments(there), "--retry", "8", "--verbose"])
        running.wait_for(b"try 1 failed: the host cannot be reached")
        service = self.serve(port=port)
        self.assertEqual(running.end(), 0, running.said)
        self.assertEqual(service.actions(TENANT, REQUEST), ACTIONS)

    def test_a_token_that_is_not_there_yet(self):
        for content in (None, b""):
            with self.subTest(content):
                service, path = self.serve(), self.folder / f"token-{content}"
                if content is not None:
                    path.touch(0o600)
                running = Running(self, [*self.arguments(service, token_file=path), "--retry", "8", "--verbose"])
                running.wait_for(b"try 1 failed: there is no token now")
                Path(self.file("new", TOKEN.encode())).rename(path)
                self.assertEqual(running.end(), 0, running.said)

    def test_a_token_that_never_comes(self):
        result = self.close(self.serve(), "--retry", "1", token_file=self.folder / "none")
        self.assertSays(result, exit=10, attempts=2, error="token", stage="token_server", delivery="not_sent")
        self.assertRegex(result.json["sentence"],
                         r"there is no token now: the file '/\S+/none' of --token-file does not exist; check what")

    def test_a_program_that_has_none_yet(self):
        program = self.file("program", f"#!/bin/sh\ncat {self.folder}/later\n".encode(), 0o700)
        running = Running(self, [*self.arguments(self.serve(), token_file=None, token_command=program), "--retry", "8",
                                 "--verbose"])
        running.wait_for(b"try 1 failed: there is no token now")
        Path(self.file("new", TOKEN.encode())).rename(self.folder / "later")
        self.assertEqual(running.end(), 0, running.said)


class OwnToken(FetchingCase):
    def scripted(self, service: Any, *scripts: list) -> Any:
        server = self.serve_tokens(service, *scripts)
        server.add_client(TENANT, CLIENT, secrets=[SECRET])
        return server

    # Fault 990: the token server fails, then the service -> each is tried again; a token that was got is kept
    def test_both_are_tried_again(self):
        service = self.serve(BUSY)
        server = self.scripted(service, BUSY, RESET)
        result = self.fetch("--retry", "3", authority=server, port=service.port)
        self.assertSays(result, exit=0, attempts=4, by_earlier_try=False, stage="service")
        self.assertEqual((len(server.connections), len(service.connections), len(server.issued)), (3, 2, 1))
        ids = {line for each in (server, service) for line in each.received.splitlines()
               if line.startswith(b"client-request-id: ")}
        self.assertEqual(ids, {b"client-request-id: " + result.json["client_request_id"].encode()})

    def test_the_token_server_says_when(self):
        server = self.scripted(self.service, after_request(http("429 Too Many Requests", "Retry-After: 600")))
        result = self.fetch("--retry", "3", authority=server, retry_max_time=30)
        self.assertSays(result, exit=7, attempts=1, stage="token_server", delivery="not_sent")
        self.assertTrue(600000 <= result.json["again_ms"] <= 900000, result.json["again_ms"])
        self.assertRegex(result.json["sentence"], r"the token server cannot give a token now \(429\); try again in \d+ s\.")

    def test_a_clock_that_is_set_meanwhile(self):
        late = http("401 Unauthorized", body='{"error":"invalid_client","error_codes":[700024]}')
        server = self.scripted(self.service, after_request(late))
        self.assertSays(self.fetch("--retry", "1", authority=server), exit=0, attempts=2)

    def test_only_a_token(self):
        server = self.scripted(self.service, BUSY)
        words = self.options(server)
        at = words.index("--request")
        kept = [word for name, value in zip(words[1::2], words[2::2])
                if name not in ("--request", "--actions", "--host", "--port", "--connect") for word in (name, value)]
        self.assertGreater(at, 0)
        result = self.run_command("token", *kept, "--retry", "1", "--json")
        self.assertSays(result, exit=0, attempts=2, outcome="got_token")


if __name__ == "__main__":
    unittest.main()
