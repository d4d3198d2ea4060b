# SPDX-License-Identifier: MIT
"""That nothing secret is left in the command's memory when it ends: its whole image is searched for every piece of the
token, of what a client proves itself with (its secret, its key, its assertions), and for the secrets that TLS agreed
on.

The program searched is the one that is installed (MMDCLOSE_PLAIN): sanitizers keep what was freed.
"""
import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any, Callable, List, Optional
from urllib.parse import quote_from_bytes

from fetching import CLIENT, SECRET
from harness import LOGIN_PKI, PKI, REQUEST, TENANT, TOKEN, Case, Tls, after_request, http
from pki import elements, inside
from token_server import TokenServer

IMAGE, PLAIN = os.environ["MMDCLOSE_IMAGE"], os.environ["MMDCLOSE_PLAIN"]
ECHO = http("400 Bad Request", body='{"error":{"code":"400","message":"%s"}}' % TOKEN[:900])
LATE = "x" * 6000 + TOKEN[:900]  # longer than the request
ECHOES = {  # the exit status, and what is sent
    "late in the message": (5, [http("400 Bad Request", body='{"error":{"code":"400","message":"%s"}}' % LATE)]),
    "another member": (5, [http("400 Bad Request", body='{"error":{"code":"400","message":"m","z":"%s"}}' % LATE)]),
    "a success": (0, [http("200 OK", body='{"value":"%s"}' % LATE)]),
    "a field that is cut": (7, ["HTTP/1.1 400 Bad Request\r\nX-Echo: " + TOKEN[:85], "\r\nContent-Length: 0\r\n\r\n"]),
    "the date": (7, [http("400 Bad Request", "Date: " + TOKEN[:29])]),
    "the request's id": (7, [http("400 Bad Request", "request-id: " + TOKEN[:95])]),
    "the challenge": (6, [http("401 Unauthorized", f'WWW-Authenticate: Bearer error="{TOKEN[:150]}"')]),
    "the location": (7, [http("302 Found", f"Location: https://{TOKEN[:120].replace('/', 'x')}/")]),
}
LAST = {"1.2": "CLIENT_RANDOM", "1.3": "CLIENT_TRAFFIC_SECRET_0"}  # as key logs call them
HALF_MAPPED = """
import mmap, os, tempfile
def mapped(left):
    file = tempfile.TemporaryFile()
    file.truncate(2 * mmap.PAGESIZE)
    pages = mmap.mmap(file.fileno(), 2 * mmap.PAGESIZE)
    file.truncate(left)
    return pages
a, b = mapped(mmap.PAGESIZE), mapped(0)  # the second lies in front
os._exit(0)
"""
UNTOUCHED = "import mmap, os; pages = mmap.mmap(-1, 1 << 25); os._exit(0)"


class Search(Case):
    def search(self, *words: Any, secrets: Path, **options: Any) -> tuple:
        """Run a program to its end, then search it; its exit status, and what was found."""
        run = self.run_image(*words, secrets=secrets, **options)
        self.assertNotEqual(run.returncode, 125, run.stderr)
        return run.returncode, (self.folder / "report").read_text().splitlines()

    def run_image(self, *words: Any, secrets: Path, **options: Any) -> subprocess.CompletedProcess:
        return subprocess.run([IMAGE, secrets, self.folder / "report", *map(str, words)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, **options)

    def secrets(self) -> Path:
        return Path(self.file("secrets", TOKEN.encode().hex().encode() + b"\n"))



class Secrets(Search):
    def expect_nothing_left(self, *scripts: list, status: int, more: List[str] = [], version: str = "1.3",
                            last: Optional[str] = None, **changes: Any) -> None:
        """`last` of TLS's secrets was agreed on, and so among those searched for: that of a finished handshake, unless
        it is another one, or "", none at all."""
        secrets = self.secrets()
        service = self.serve(*scripts, tls=Tls(PKI, minimum=version, maximum=version, key_log=str(secrets)))
        found = self.search(PLAIN, *self.arguments(service, **changes), *more, secrets=secrets)
        self.assertEqual(found, (status, []))
        logged = "".join(secrets.read_text().splitlines(keepends=True)[1:])
        if last == "":
            self.assertEqual(logged, "")
        else:
            self.assertRegex(logged, rf"(?m)^{last or LAST[version]} ")

    def test_what_is_left_is_found(self):
        """The search itself: a shell keeps what it reads."""
        secrets = self.secrets()
        token = self.file("token", TOKEN.encode() + b"\n")
        status, found = self.search("/bin/sh", "-c", f"read -r token <{token}", secrets=secrets)
        self.assertEqual(status, 0)
        self.assertGreater(len(found), 10)

    def test_a_short_piece_from_anywhere_is_found(self):
        secrets = self.secrets()
        for begin in range(4, 20, 3):
            with self.subTest(begin):
                token = self.file("token", TOKEN[begin:begin + 16].encode() + b"\n")
                self.assertNotEqual(self.search("/bin/sh", "-c", f"read -r token <{token}", secrets=secrets), (0, []))

    def test_a_secret_may_begin_as_unused_memory_does(self):
        """By chance one of TLS's does; the search of what is zero must not take minutes for that."""
        secrets = self.secrets()
        with secrets.open("a") as file:
            file.write("0000" + "5a" * 14 + "\n")
        found = self.search(sys.executable, "-c", UNTOUCHED, secrets=secrets)
        self.assertEqual(found, (0, []))

    def test_what_can_be_searched_in_part_only_is_not_passed_over(self):
        """Two pages of a file that has but one, behind others of a file that has none, as the kernel's own pages."""
        program = self.file("program.py", HALF_MAPPED.encode())
        run = self.run_image(sys.executable, program, secrets=self.secrets())
        self.assertEqual(run.returncode, 125, run.stderr)

    def test_after_a_closing(self):
        """Fault 433: the program ends, however it went -> nothing of the token or of TLS's secrets in its memory"""
        for version in ("1.2", "1.3"):
            with self.subTest(tls=version):
                self.expect_nothing_left(status=0, version=version)
                self.expect_nothing_left(status=0, version=version, more=["--verbose", "--json"])

    def test_after_an_answer_that_refuses(self):
        for version in ("1.2", "1.3"):
            with self.subTest(tls=version):
                self.expect_nothing_left(after_request(http("401 Unauthorized")), status=6, version=version)

    def test_after_an_answer_that_says_the_token_back(self):
        self.expect_nothing_left(after_request(ECHO), status=5)

    # Fault 434: the token comes back late in a long body, in a member that nobody reads, in a success, in a field that
    # is cut by a record's end -> nothing of it in memory when the program ends
    def test_after_an_answer_that_hides_the_token(self):
        for name, (status, sends) in ECHOES.items():
            with self.subTest(name):
                self.expect_nothing_left(after_request(*sends), status=status)

    def test_after_a_handshake_that_fails(self):
        self.expect_nothing_left(status=8, host="localhost", connect=None, last="SERVER_HANDSHAKE_TRAFFIC_SECRET")

    def test_after_the_deadline(self):
        self.expect_nothing_left([["handshake"], ["hold", 5]], status=7, timeout=1)

    def test_after_a_connection_that_breaks(self):
        for end in ("cut", "reset"):
            with self.subTest(end):
                self.expect_nothing_left([["handshake"], ["read-request"], [end]], status=7)

    def test_after_input_that_cannot_be_used(self):
        for name, token in {"a space": TOKEN + " x", "a NUL": TOKEN + "\0", "two lines": TOKEN + "\n\n"}.items():
            with self.subTest(name):
                self.expect_nothing_left(status=2, token_file=self.file("wrong", token.encode()), last="")
        self.expect_nothing_left(status=2, tenant="..", last="")

    def test_after_a_dry_run(self):
        self.expect_nothing_left(status=0, more=["--dry-run"], last="")


# ---- a token of its own ----

LOGIN_TOKEN = 300  # characters
ASSERTION = re.compile(rb"&client_assertion=([^&]+)")


def parts_of(key: str) -> List[bytes]:
    """What is secret of an RSA key's file: its numbers, from the private exponent on, in both orders of bytes, for as
    such they are in memory; and their base64, which has 48 bytes in a line."""
    der = subprocess.run(["openssl", "rsa", "-in", key, "-traditional", "-outform", "DER"], check=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    numbers = [inside(each) for each in elements(inside(der))[3:8]]
    lines = Path(key).read_bytes().splitlines()[8:-2]
    return [*numbers, *(each[::-1] for each in numbers), *lines]


class OwnToken(Search):
    """Closings with a token of their own. The token server notes what comes and what it gives among the secrets, before
    it answers; so each is searched for, whenever the command ends."""

    def setUp(self) -> None:
        super().setUp()
        self.noted = Path(self.file("secrets", b""))
        self.service = self.serve(tls=Tls(PKI, key_log=str(self.noted)))

    def note(self, *secrets: bytes) -> None:
        with self.noted.open("a") as file:
            file.writelines(secret.hex() + "\n" for secret in secrets)

    def tokens(self, *scripts: list) -> TokenServer:
        server = self.serve_tokens(self.service, *scripts, tls=Tls(LOGIN_PKI, key_log=str(self.noted)))
        server.add_client(TENANT, CLIENT, secrets=[SECRET])
        server.token_length = LOGIN_TOKEN
        self.watch(server)
        return server

    def watch(self, server: TokenServer) -> None:
        prepare: Callable = server.prepare

        def noting(request: Any) -> Callable:
            self.note(*ASSERTION.findall(request.body))
            prepared = prepare(request)

            def answer() -> Any:
                done = prepared()
                self.note(*(token.encode() for token in server.issued[-1:]))
                return done
            return answer

        server.prepare = noting  # type: ignore[method-assign]

    def with_secret(self) -> dict:
        self.note(SECRET, quote_from_bytes(SECRET, safe="").encode())
        return {"client_secret_file": self.file("secret", SECRET + b"\n")}

    def with_key(self, server: TokenServer) -> dict:
        key, certificate = self.folder / "key", self.folder / "certificate"
        if not key.exists():
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=kiosk", "-keyout",
                            key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
            key.chmod(0o600)
        server.add_client(TENANT, CLIENT, certificates=[str(certificate)])
        self.note(*parts_of(str(key)))
        return {"key_file": key, "certificate": certificate}

    def words(self, server: TokenServer, **changes: Any) -> list:
        return self.arguments(self.service, **{
            "token_file": None, "client_id": CLIENT, "authority": f"{server.name}:{server.port}",
            "authority_connect": server.address, **changes})

    def expect_nothing_left(self, words: list, status: int, *more: str, secrets_: int = 4) -> None:
        found = self.search(PLAIN, *words, *more, secrets=self.noted)
        self.assertEqual(found, (status, []))
        self.assertGreaterEqual(self.noted.read_text().count("\n"), secrets_)
        self.noted.write_text("")

    def each(self, status: int, *scripts: list, more: tuple = (), **changes: Any) -> None:
        """With a secret and with a key. The scripts are the token server's."""
        for proof in ("secret", "key"):
            with self.subTest(proof):
                server = self.tokens(*scripts)
                proven = self.with_secret() if proof == "secret" else self.with_key(server)
                self.expect_nothing_left(self.words(server, **{**proven, **changes}), status, *more, secrets_=2)
                self.service.add(TENANT, REQUEST)

    # Fault 991: a closing with a token of its own ends, however -> nothing of secret, key, assertion and token is left
    # in memory
    def test_after_a_closing(self):
        self.each(0, more=("--json", "--verbose"))

    def test_after_a_denial(self):
        for proof in ("secret", "key"):
            with self.subTest(proof):
                server = self.tokens()
                proven = self.with_secret() if proof == "secret" else self.with_key(server)
                server.add_client(TENANT, CLIENT, secrets=[b"another"])
                self.expect_nothing_left(self.words(server, **proven), 6)

    def test_after_a_token_server_that_fails(self):
        busy = after_request(http("503 Busy", "Retry-After: 3600"))
        self.each(7, busy, more=("--retry", "3"), retry_max_time=60)
        self.each(7, [["handshake"], ["read-request"], ["reset"]])
        self.each(7, [["handshake"], ["hold", 5]], timeout=1)
        self.each(8, [["send-raw", "x" * 20], ["cut"]])

    def test_after_a_response_that_says_it_back(self):
        """The secret, in an error and in what is no token."""
        text = json.dumps(SECRET.decode(), ensure_ascii=False)[1:-1]
        for status, body in ((6, '{"error":"invalid_client","error_description":"%s"}'),
                             (6, '{"error":"invalid_client","other":"%s"}'), (7, '{"x":"%s"}'), (7, '<html>%s')):
            for sent in (text, quote_from_bytes(SECRET, safe="")):
                with self.subTest(body, sent=sent):
                    first = "401 Unauthorized" if status == 6 else "200 OK"
                    server = self.tokens(after_request(http(first, body=body % sent)))
                    self.expect_nothing_left(self.words(server, **self.with_secret()), status)

    def test_after_a_token_that_cannot_be_used(self):
        """Too long, cut, of another type."""
        tokens = [TOKEN[:300] * 60, TOKEN[:300]]
        for status, body in ((1, '{"access_token":"%s"}' % tokens[0].replace("=", "")),
                             (7, '{"access_token":"%s"' % tokens[1]), (7, '{"access_token":"%s "}' % tokens[1]),
                             (7, '{"token_type":"pop","access_token":"%s"}' % tokens[1])):
            with self.subTest(body[:50]):
                server = self.tokens(after_request(http("200 OK", body=body)))
                self.note(TOKEN[:300].encode())
                self.expect_nothing_left(self.words(server, **self.with_secret()), status)

    def test_after_a_token_that_the_service_refuses(self):
        """Twice; and what a lost closing leaves."""
        refused = after_request(http("401 Unauthorized"))
        lost = [["handshake"], ["read-request"], ["reset"]]
        for status, scripts in ((6, [refused, refused]), (0, [refused]), (7, [lost])):
            for proof in ("secret", "key"):
                with self.subTest(status, proof=proof):
                    self.service = self.serve(*scripts, tls=Tls(PKI, key_log=str(self.noted)))
                    server = self.tokens()
                    proven = self.with_secret() if proof == "secret" else self.with_key(server)
                    self.expect_nothing_left(self.words(server, **proven), status)

    def test_after_a_key_that_cannot_be_used(self):
        server = self.tokens()
        proven = self.with_key(server)
        other, _ = PKI.chain("good")
        self.expect_nothing_left(self.words(server, **{**proven, "certificate": other}), 2)
        self.note(*parts_of(str(proven["key_file"])))
        self.expect_nothing_left(self.words(server, **{**proven, "certificate": self.file("none", b"x")}), 2)
        self.note(*parts_of(str(proven["key_file"])))
        self.expect_nothing_left(self.words(server, **proven), 0, "--dry-run")
        self.note(SECRET)
        self.expect_nothing_left(self.words(server, client_secret_file=self.file("s", SECRET + b"\0\n")), 2, secrets_=1)

    def test_after_a_program(self):
        """It gives the token, or none but says it on its error output."""
        token = self.file("token", TOKEN.encode() + b"\n")
        for status, text in ((0, f"cat {token}"), (10, f"cat {token} >&2; cat {token}; exit 1"),
                             (10, f"cat {token} {token}"), (10, f"cat {token}; sleep 20"),
                             (0, f"printf '{{\"x\":1,\"access_token\":\"'; tr -d '\\n' <{token}; echo '\"}}'")):
            with self.subTest(text):
                program = self.file("program", f"#!/bin/sh\n{text}\n".encode(), 0o700)
                service = self.serve(tls=Tls(PKI, key_log=str(self.noted)))
                self.note(TOKEN.encode())
                self.expect_nothing_left(self.arguments(service, token_file=None, token_command=program,
                                                        timeout=1 if "sleep" in text else 20), status, secrets_=1)

    def test_after_getting_a_token(self):
        """Also one that is printed."""
        for more in ((), ("--json",), ("--print",), ("--print", "--json")):
            for proof in ("secret", "key"):
                with self.subTest(more, proof=proof):
                    server = self.tokens()
                    proven = self.with_secret() if proof == "secret" else self.with_key(server)
                    words = ["token", "--tenant", TENANT, "--client-id", CLIENT, "--ca-file", PKI.ca_file(),
                             "--authority", f"{server.name}:{server.port}", "--authority-connect", server.address]
                    for name, value in proven.items():
                        words += ["--" + name.replace("_", "-"), value]
                    self.expect_nothing_left(words, 0, *more)


if __name__ == "__main__":
    unittest.main()
