# SPDX-License-Identifier: MIT
"""Closings with a token that the command gets itself, with a client's secret: what is sent to the token server, what
comes of each of its responses and failures, and what a person then reads."""
import json
import os
import re
import socket
import unittest
from typing import Any, List
from urllib.parse import quote_from_bytes

from fetching import CLIENT, SECRET, FetchingCase
from harness import LOGIN_PKI, REFUSED, REQUEST, TENANT, Result, Tls, after_request, http
from token_server import ABSENT, SCOPE, TokenServer

NOT_CLOSED = rf"\Aelevation request {REQUEST} of tenant {TENANT} was not closed \(\d{{4}}-[0-9T:-]+Z\): "
SECRETS = {
    "printable": bytes(range(0x20, 0x7F)),
    "of UTF-8": "Größe \u20ac \U0001f511 ".encode() * 8,
    "not of UTF-8": bytes(range(0x80, 0x100)) * 2,
    "a line end": b"first line\nsecond line\n",
    "one byte": b"%",
    "the longest": b"+" * 1024,
}
LINE_ENDS = {"none": b"", "LF": b"\n", "CR LF": b"\r\n"}

# What is in the place of the secret's file, and what is then said.
BAD_SECRETS = {
    # Fault 961: the secret's file is missing, empty, has a NUL, or is too long -> usage, the option named
    "empty": (b"", "the file '/.*/bad' of --client-secret-file is empty or has a NUL; put the secret into it"),
    "an empty line": (b"\n", "--client-secret-file is empty or has a NUL; put the secret into it"),
    "a NUL": (SECRET[:20] + b"\0" + SECRET[20:], "--client-secret-file is empty or has a NUL"),
    "too long": (b"x" * 1025, "the secret in --client-secret-file cannot be used: it takes 1 to 1024 bytes, but it is "
                 "too long"),
    "endless": (b"x" * 5000, r"the client's secret, the file '/.*/bad' of --client-secret-file, has more than \d+"),
    "missing": (None, "cannot read the client's secret, the file '/.*/none' of --client-secret-file: No such file or "
                      "directory"),
}
LIFETIMES = {
    # Fault 56
    **{f"{value!r}": (value, seconds) for value, seconds in (
        (3599, 3599), ("3599", 3599), (0, 300), (-1, 300), ("abc", 300), ("-1", 300), ("", 300), (None, 300),
        (1.5, 300), (172801, 172800), (1 << 40, 300), ([1], 300), (True, 300))},
    "missing": (ABSENT, 300),
}


def oauth(status: str, word: str, code: int, *fields: str) -> str:
    """An error object of the token server's."""
    return http(status, "Content-Type: application/json", *fields, body=json.dumps({
        "error": word, "error_description": f"AADSTS{code}: what it says.", "error_codes": [code]}))


LATE = "Date: Thu, 01 Jan 2026 00:00:00 GMT"
PAGE = "<html><title>Sign in to the network</title></html>"

# A response of the token server's, or none; the exit status, the error, the delivery and cause, and the sentence.
ANSWERS = {
    # Fault 962: the token server has no time: 429 and 5xx, with and without Retry-After -> exit 7, when to try again
    "429": ([http("429 Too Many Requests", "Retry-After: 120")], 7, "status", "between",
            r"the token server cannot give a token now \(429\); try again in 120 s\."),
    "503": ([oauth("503 Service Unavailable", "temporarily_unavailable", 90033)], 7, "status", "service",
            r"the token server cannot give a token now \(503 temporarily_unavailable: AADSTS90033: what it says\.\); "
            r"try again later\."),
    "passing by its word": ([oauth("400 Bad Request", "temporarily_unavailable", 90033)], 7, "status", "service",
                            r"cannot give a token now \(400 temporarily_unavailable: "),
    # Fault 963: something else answers: a page of a network's, another JSON, a redirect -> exit 7, and it is said
    "HTML": ([http("200 OK", "Content-Type: text/html", body=PAGE)], 7, "gateway", "between",
             r"something other than the token server answered \(200\); try again later; if it stays so, check "
             r"--authority, and for a proxy or a login page in between\."),
    "HTML that forbids": ([http("403 Forbidden", "Content-Type: text/html", body=PAGE)], 7, "gateway", "between",
                          r"something other than the token server answered \(403\); "),
    "redirect": ([http("302 Found", "Location: https://portal.test/login?x=1")], 7, "redirect", "between",
                 r"the response leads to portal\.test, and redirects are not followed \(302\); check --authority, "
                 r"and for a login page in between, then try again\."),
    "no token": ([http("200 OK", body='{"token_type":"Bearer","expires_in":3599}')], 7, "gateway", "between",
                 r"something other than the token server answered \(200\)"),
    "another type": ([http("200 OK", body='{"token_type":"pop","access_token":"abc"}')], 7, "gateway", "between",
                     r"something other than the token server answered \(200\)"),
    "no JSON": ([http("200 OK", body='{"access_token":"a')], 7, "gateway", "between",
                r"something other than the token server answered \(200\)"),
    "a number": ([http("200 OK", body='{"access_token":1}')], 7, "gateway", "between",
                 r"something other than the token server answered \(200\)"),
    "coded": ([http("200 OK", "Content-Encoding: gzip", body="xxxx")], 7, "coded", "between",
              r"something other than the token server answered \(200\)"),
    # Fault 964: the clock is off, by the token server's word or by its Date -> exit 9, and not "the secret is wrong"
    "the assertion's time": ([oauth("401 Unauthorized", "invalid_client", 700024)], 9, "clock_skew", "clock",
                             r"the clock differs from the token server's by more than five minutes \(401 "
                             r"invalid_client: AADSTS700024: what it says\.\); set the clock, then try again\."),
    "its Date": ([oauth("401 Unauthorized", "invalid_client", 7000215, LATE)], 9, "clock_skew", "clock",
                 r"the clock differs from the token server's by more than five minutes \(401 invalid_client: "),
}
BROKEN = {
    # Fault 965: the connection to the token server breaks, stalls or is not HTTP -> exit 7, nothing sent to the service
    "cut in the body": ([["handshake"], ["read-request"], ["send", http("200 OK", body="{}")[:-1]], ["cut"]],
                        "truncated", "the connection ended within the response"),
    "no response": ([["handshake"], ["read-request"], ["close"]], "empty", "the connection ended without a response"),
    "reset": ([["handshake"], ["read-request"], ["reset"]], "network", "the connection broke"),
    "reset in the handshake": ([["read-raw", 50], ["reset"]], "network", "the connection broke"),
    "no HTTP": ([["handshake"], ["read-request"], ["send", "hello\r\n\r\n"], ["close"]], "protocol",
                "the response is not valid HTTP"),
    "a large head": ([["handshake"], ["read-request"], ["send", "HTTP/1.1 200 OK\r\n"],
                      ["repeat", 40000, "X-Field: value\r\n"], ["cut"]], "too_large",
                     "the response's head is too large"),
    "silence": ([["handshake"], ["read-request"], ["hold", 20]], "timeout", "the time allowed is over"),
    "silence at once": ([["hold", 20]], "timeout", "the time allowed is over"),
}
UNVERIFIED = {
    # Fault 966: the token server cannot be verified -> exit 8, its name and its option in the sentence; no secret sent
    "wrong-name": (8, "cert_name", "certificate is for another host; check --authority, and whether something "
                   "intercepts"),
    "expired": (8, "cert_date", r"has expired \(it ended at .*\); check this device's clock"),
    "not-yet-valid": (9, "cert_future", r"not valid yet \(it begins at .*\), so nothing was sent; set the clock"),
    "unknown-issuer": (8, "cert_issuer", "from an issuer that is not trusted; .* give its CA with --ca-file"),
    "self-signed": (8, "cert_self_signed", "is self-signed; .* give its certificate with --ca-file"),
    "missing-intermediate": (8, "cert_chain", "does not send its intermediate certificate"),
}


class OwnToken(FetchingCase):
    def assertNoClosing(self, result: Result, status: int, error: str, sentence: str, **more: Any) -> None:
        """It ended at the token server, which the sentence is about; the service knows of nothing."""
        self.assertEqual(result.status, status, result.said)
        self.assertSays(result, error=error, delivery="not_sent", stage="token_server", attempts=1,
                        by_earlier_try=False, **more)
        self.assertRegex(result.json["sentence"], NOT_CLOSED + "(.*; )?(.* )?" + sentence)
        self.assertEqual(self.service.connections, [])

    def scripted(self, *scripts: list, **options: Any) -> TokenServer:
        server = self.serve_tokens(self.service, *scripts, **options)
        server.add_client(TENANT, CLIENT, secrets=[SECRET])
        return server


class Closings(OwnToken):
    # Fault 960: a closing with a client's secret -> the form of RFC 6749, 4.4.2, once, and that token to the service
    def test_a_token_and_a_closing(self):
        result = self.fetch()
        self.assertClosed(result)
        self.assertSays(result, client_request_id=result.json["client_request_id"], again_ms=0, by_earlier_try=False,
                        code="", message="", status=204)
        asked, = self.authority.finished(1)
        closed, = self.service.finished(1)
        head, _, body = asked.request.partition(b"\r\n\r\n")
        self.assertEqual(body.decode().split("&"), [
            f"client_id={CLIENT}", "scope=" + quote_from_bytes(SCOPE.encode(), ""),
            "client_secret=" + quote_from_bytes(SECRET, ""), "grant_type=client_credentials"])
        self.assertTrue(head.startswith(f"POST {self.authority.path(TENANT)} HTTP/1.1\r\n".encode()), head)
        for request in (asked.request, closed.request):
            self.assertIn(f"\r\nclient-request-id: {result.json['client_request_id']}\r\n".encode(), request)
        self.assertIn(f"\r\nAuthorization: Bearer {self.authority.issued[0]}\r\n".encode(), closed.request)
        self.assertNotIn(self.authority.issued[0].encode(), asked.request)
        self.assertNotIn(SECRET[-32:], closed.request)

    def test_what_a_person_reads(self):
        done = self.run_command(*self.options())
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertRegex(done.out.decode(), rf"\Aclosed elevation request {REQUEST} of tenant {TENANT} \(.*\)\.\n\Z")

    def test_any_secret(self):
        for name, secret in SECRETS.items():
            for end, line_end in LINE_ENDS.items():
                with self.subTest(name, end=end):
                    self.authority.add_client(TENANT, CLIENT, secrets=[secret])
                    self.assertClosed(self.fetch(client_secret_file=self.file("s", secret + line_end)
                                                 if end != "none" or not secret.endswith(b"\n")
                                                 else self.file("s", secret + b"\n")))

    def test_a_secret_from_a_pipe(self):
        done = self.run_command(*self.options(client_secret_file="-"), input=SECRET + b"\n")
        self.assertEqual((done.status, done.err), (0, ""))

    def test_lifetimes(self):
        for name, (value, seconds) in LIFETIMES.items():
            with self.subTest(name):
                self.authority.changes = {"expires_in": value}
                self.assertClosed(self.fetch())
                token = self.run_command(*token_words(self.options()), "--json")
                self.assertSays(token, outcome="got_token", expires_in_s=seconds)

    # Fault 967: a token of 8 KB -> used; one that is larger than its memory -> a sentence of its own, exit 1
    def test_sizes_of_tokens(self):
        for length in (1, 8192, 16000):
            with self.subTest(length):
                self.authority.token_length = length
                self.assertClosed(self.fetch())
        self.service.connections.clear()
        for length in (16384, 20000, 70000):
            with self.subTest(length):
                self.authority.token_length = length
                self.assertNoClosing(self.fetch(), 1, "token_size", "the token is longer than the memory for it; have "
                                     "the token server give one with fewer claims, such as groups.", cause="device")

    # Fault 57
    def test_a_401_renews_the_token_once(self):
        refused = [["handshake"], ["read-request"], ["send", http("401 Unauthorized")], ["close"]]
        for responses, status in ((1, 0), (2, 6)):
            with self.subTest(responses):
                service = self.serve(*[refused] * responses)
                server = self.serve_tokens(service)
                server.add_client(TENANT, CLIENT, secrets=[SECRET])
                result = self.fetch(authority=server, port=service.port)
                self.assertSays(result, exit=status, stage="service", attempts=1, delivery="answered")
                self.assertEqual((len(server.issued), len(service.connections)), (2, 2))
                for token, record in zip(server.issued, service.finished(2)):
                    self.assertIn(token.encode() + b"\r\n", record.request)
        self.assertRegex(result.json["sentence"], NOT_CLOSED + r"the service does not accept the token \(401\); get a "
                         "new one, with the permission MmdSupport.ReadWrite for this tenant.")

    def test_a_token_that_is_revoked(self):
        """Before the service has seen it; the second is not."""
        issue, server = self.authority._issue, self.authority

        def revoked(*arguments: Any) -> Any:
            answer = issue(*arguments)
            if len(server.issued) == 1:
                server.revoke()
            return answer

        server._issue = revoked
        self.assertSays(self.fetch(), exit=0, attempts=1)
        self.assertEqual([each.status for record in self.service.finished(2) for each in record.exchanges], [401, 204])
        for record in self.service.connections:
            record.problems.clear()


class SecretFiles(OwnToken):
    def refused(self, sentence: str, **changes: Any) -> None:
        result = self.fetch(**changes)
        self.assertSays(result, outcome="usage", error="input", delivery="not_sent", stage="none", attempts=0)
        self.assertRegex(result.json["sentence"], sentence)
        self.assertEqual((self.authority.connections, self.service.connections), ([], []))

    def test_what_cannot_be_a_secret(self):
        for name, (content, sentence) in BAD_SECRETS.items():
            with self.subTest(name):
                path = self.folder / "none" if content is None else self.file("bad", content)
                self.refused(sentence, client_secret_file=path)

    # Fault 968: the secret's file can be read by others -> refused with what to do
    def test_a_file_that_others_can_read(self):
        for mode in (0o604, 0o644, 0o660):
            with self.subTest(oct(mode)):
                self.refused("other users may read the file '/.*/open' of --client-secret-file, so they may know the "
                             "client's secret; get a new one, and make the file private with chmod 600",
                             client_secret_file=self.file("open", SECRET, mode))

    def test_a_secret_in_the_place_of_its_file(self):
        self.also_secret.append(SECRET[-32:] * 4)
        self.refused("cannot read the client's secret, the file of --client-secret-file: ",
                     client_secret_file=(SECRET[-32:] * 4).decode())

    def test_ids_that_cannot_be_used(self):
        for option, text, sentence in (
                ("client_id", "a b", "--client-id cannot be used: it takes .*, but byte 1 is something else"),
                ("tenant", "..", "--tenant cannot be used: .*it is only dots"),
                ("scope", "", "--scope cannot be used: .*it is empty"),
                ("scope", "ä", "--scope cannot be used: it takes 1 to 512 printable ASCII characters, but byte 0"),
                ("authority", "127.0.0.1", "--authority cannot be used: it takes a name, not an address"),
                ("authority", "", "--authority cannot be used: .*it is empty"),
                ("authority", "login.test:0", "--authority takes a host's name, or NAME:PORT"),
                ("client_request_id", "a b", "--client-request-id cannot be used: it takes .*, but byte 1")):
            with self.subTest(option, text=text):
                words = [*self.options(), "--client-request-id", CLIENT, "--scope", SCOPE]
                words = instead(words, "--" + option.replace("_", "-"), text)
                for each in (words, token_words(words)):
                    result = self.run_command(*each, "--json")
                    self.assertSays(result, outcome="usage", delivery="not_sent")
                    self.assertRegex(result.json["sentence"], sentence)
        self.assertEqual((self.authority.connections, self.service.connections), ([], []))


class Denials(OwnToken):
    # Fault 969: the token server knows no such client, tenant, secret or scope -> exit 6, with its words and its id
    def test_what_the_token_server_does_not_accept(self):
        self.authority.add_client(TENANT, CLIENT, secrets=[SECRET]).expired_secrets.add(b"expired secret")
        for name, changes, status, code, said in (
                ("secret", {"client_secret_file": self.file("w", b"another secret")}, 401, "invalid_client",
                 "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the "
                 "client secret value, not the client secret ID."),
                ("expired", {"client_secret_file": self.file("e", b"expired secret")}, 401, "invalid_client",
                 "AADSTS7000222: The provided client secret keys are expired."),
                ("client", {"client_id": TENANT}, 400, "unauthorized_client",
                 "AADSTS700016: Application was not found in the directory."),
                ("tenant", {"tenant": CLIENT}, 400, "invalid_request",
                 "AADSTS90002: Tenant not found. Check to make sure you have the correct tenant ID."),
                ("scope", {"scope": "https://other.test/.default"}, 400, "invalid_scope",
                 "AADSTS70011: The provided value for the input parameter 'scope' is not valid.")):
            with self.subTest(name):
                result = self.fetch(**changes)
                self.assertSays(result, exit=6, error="token_refused", delivery="not_sent", stage="token_server",
                                attempts=1, cause="token", status=status, code=code, again_ms=0)
                self.assertRegex(result.json["sentence"], " was not closed .*: the token server does not accept the "
                                 rf"credential \({status} {code}: {re.escape(said)} Trace ID: [0-9a-f-]+ Correlation "
                                 rf"ID: {result.json['client_request_id']} Timestamp: .*; x-ms-request-id [0-9a-f-]+\);"
                                 + (" check --scope" if name == "scope" else " check --client-id and --tenant, the "
                                    "secret or the certificate, and when it expires"))
        self.assertEqual((self.authority.issued, self.service.connections), ([], []))

    def test_retrying_does_not_help(self):
        result = self.fetch("--retry", "3", client_secret_file=self.file("w", b"another secret"))
        self.assertSays(result, exit=6, attempts=1)

    def test_a_secret_that_is_said_back(self):
        for text in (SECRET.decode(), quote_from_bytes(SECRET, "")):
            said = http("401 Unauthorized", body=json.dumps({"error": "invalid_client",
                                                             "error_description": f"'{text}'"}))
            for words in (["--json"], []):
                with self.subTest(text, words=words):
                    done = self.run_command(*self.options(self.scripted(after_request(said))), *words)
                    self.assertEqual(done.status, 6)
                    self.assertIn("'***", done.said)


class Failures(OwnToken):
    def test_answers(self):
        for name, (sends, status, error, cause, sentence) in ANSWERS.items():
            with self.subTest(name):
                result = self.fetch(authority=self.scripted(after_request(*sends)))
                self.assertNoClosing(result, status, error, sentence, cause=cause)

    def test_connections_that_break(self):
        for name, (script, error, text) in BROKEN.items():
            with self.subTest(name):
                server = self.scripted(script)
                result = self.fetch(authority=server, timeout=1 if error == "timeout" else 20)
                self.assertNoClosing(result, 7, error, rf"there is no token: {text}(: .*)? \(the token server, "
                                     rf"127.0.0.1 port {server.port}\); check the network, then try again\.")

    def test_servers_that_cannot_be_verified(self):
        for variant, (status, error, sentence) in UNVERIFIED.items():
            with self.subTest(variant):
                server = self.scripted(tls=Tls(LOGIN_PKI, variant))
                result = self.fetch(authority=server)
                self.assertNoClosing(result, status, error, sentence)
                self.assertEqual(server.received, b"")
                if status == 8:
                    self.assertIn(f"cannot verify {server.name}, so nothing was sent: ", result.json["sentence"])
                    self.assertNotIn("the service", result.json["sentence"])
        result = self.fetch(authority=self.scripted([["send-raw", http("400 Bad Request")], ["cut"]]))
        self.assertNoClosing(result, 8, "tls", "cannot verify login.example.test, so nothing was sent: TLS failed; "
                             "check --authority and its port, and whether a proxy is in between")

    # Fault 970: no token server: its name has no address, or refuses the connection -> exit 7, what to check
    def test_servers_that_are_not_there(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        result = self.run_command(*instead(self.options(), "--authority", f"login.test:{port}"), "--json")
        self.assertNoClosing(result, 7, "connect", rf"there is no token: the host cannot be reached: {REFUSED} "
                             rf"\(the token server, 127.0.0.1 port {port}\); check the network, "
                             r"then try again\.")
        result = self.fetch(authority_connect="nowhere.invalid",
                            env=dict(os.environ, RES_OPTIONS="timeout:1 attempts:1"))
        self.assertIn(result.json["error"], ("name", "lookup"))
        self.assertSays(result, exit=7, stage="token_server", cause="name_service", delivery="not_sent")
        self.assertRegex(result.json["sentence"], NOT_CLOSED + r"there is no token: .* \(the token server, nowhere\.invalid port "
                         rf"{self.authority.port}\); check --authority and this device's name servers, then try again")

    def test_the_service_fails_after_the_token(self):
        """Then the sentence is about the service."""
        service = self.serve(after_request(http("503 Busy", "Retry-After: 7")), [["handshake"], ["reset"]])
        server = self.serve_tokens(service)
        server.add_client(TENANT, CLIENT, secrets=[SECRET])
        result = self.fetch(authority=server, port=service.port)
        self.assertSays(result, exit=7, error="status", stage="service", delivery="answered", status=503)
        self.assertIn("; try again in 7 s.", result.json["sentence"])
        result = self.fetch(authority=server, port=service.port, host="other.test")
        self.assertSays(result, exit=8, error="cert_name", stage="service", delivery="not_sent")
        self.assertIn("cannot verify other.test, so nothing was sent", result.json["sentence"])
        self.assertIn("check --host, and whether", result.json["sentence"])


def instead(words: List[Any], option: str, value: str) -> List[Any]:
    at = words.index(option) + 1
    return [*words[:at], value, *words[at + 1:]]


def token_words(words: List[Any]) -> List[Any]:
    """The words of `close` for `token`, which has fewer options."""
    left, words = ["token"], [word for word in words if word != "--no-config"]
    for name, value in zip(words[1::2], words[2::2]):
        if name not in ("--request", "--actions", "--host", "--port", "--connect"):
            left += [name, value]
    return [*left, "--no-config"]


class TokenCommand(OwnToken):
    # Fault 971: `mmdclose token` -> for whom, for what and how long; the token itself only with --print
    def test_what_it_says(self):
        words = token_words(self.options())
        done = self.run_command(*words)
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertEqual(done.out.decode(), f"got a token from {self.authority.name} for the application {CLIENT} of "
                         f"tenant {TENANT}: scope {SCOPE}, expires in 3599 s.\n")
        done = self.run_command(*words, "--json")
        self.assertSays(done, outcome="got_token", exit=0, error="ok", stage="token_server", delivery="not_sent",
                        attempts=1, client_id=CLIENT, scope=SCOPE, expires_in_s=3599, tenant=TENANT, request="",
                        host=self.authority.name, address="127.0.0.1", status=200, tls_version="TLSv1.3")
        self.assertNotIn("access_token", done.json)
        self.assertEqual(self.service.connections, [])

    def test_print(self):
        words = token_words(self.options())
        done = self.run_command(*words, "--print")
        self.assertEqual((done.status, done.err, done.out.decode()), (0, "", self.authority.issued[0] + "\n"))
        done = self.run_command(*words, "--print", "--json")
        self.assertEqual(done.json["access_token"], self.authority.issued[1])
        self.assertNotIn(self.authority.issued[1], done.json["sentence"])
        done = self.run_command(*words, "--print", "--verbose")
        self.assertEqual(done.out.decode(), self.authority.issued[2] + "\n")
        self.assertNotIn(self.authority.issued[2], done.err)

    def test_without_a_token(self):
        words = token_words(self.options(client_secret_file=self.file("w", b"another secret")))
        for more in ([], ["--print"]):
            done = self.run_command(*words, *more)
            self.assertEqual((done.status, done.out), (6, b""))
            self.assertRegex(done.err, r"\Ammdclose: no access token could be got \(.*\): the token server does not accept the "
                             r"credential \(401 invalid_client: AADSTS7000215")
        done = self.run_command(*words, "--print", "--json")
        self.assertSays(done, outcome="not_authorised", expires_in_s=None, client_id=CLIENT)
        self.assertNotIn("access_token", done.json)

    def test_the_token_cannot_be_printed(self):
        with open("/dev/full", "wb") as full:
            for more in ([], ["--print"], ["--json"]):
                with self.subTest(more):
                    done = self.run_command(*token_words(self.options()), *more, stdout=full)
                    self.assertEqual(done.status, 1)
                    self.assertIn("cannot write", done.err)

    def test_options_of_closings_are_not_its(self):
        for word in ("--request", "--actions", "--token-file", "--host", "--dry-run"):
            done = self.run_command(*token_words(self.options()), word, "x")
            self.assertEqual(done.status, 2)
            self.assertIn(f"{word} is not an option of 'token', but of ", done.err)


class Stages(OwnToken):
    def test_verbose_lists_the_stages(self):
        done = self.run_command(*self.options(), "--verbose")
        lines = [line.split("ms  ", 1)[1] for line in done.err.splitlines()]
        expected = [rf"connecting to 127.0.0.1 port {self.authority.port} for {self.authority.name}, client-request-id",
                    "connected; TLS handshake", "verified; sending the request", "sent; waiting for the response",
                    r"TLSv1\.3 .*, status 200",
                    rf"connecting to 127.0.0.1 port {self.service.port} for {self.service.name}, client-request-id",
                    "connected; TLS handshake", "verified; sending the request", "sent; waiting for the response",
                    r"TLSv1\.3 .*, status 204"]
        lines = [line for line in lines if not line.startswith("certificate ")]
        self.assertEqual(len(lines), len(expected), done.err)
        for line, pattern in zip(lines, expected):
            self.assertRegex(line, r"\A" + pattern)

    def test_dry_run_asks_nobody(self):
        done = self.run_command(*self.options(ca_file=None), "--dry-run")
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertEqual(done.out.count(b"\r\nAuthorization: Bearer <token>\r\n"), 1)
        self.assertEqual((self.authority.connections, self.service.connections), ([], []))
        real = self.fetch()
        self.assertClosed(real)
        record, = self.service.finished(1)
        self.assertEqual(re.sub(rb"(?<=client-request-id: )[0-9a-f-]+", b"", done.out.replace(
            b"<token>", self.authority.issued[0].encode())),
                         re.sub(rb"(?<=client-request-id: )[0-9a-f-]+", b"", record.request))


if __name__ == "__main__":
    unittest.main()
