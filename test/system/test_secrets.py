# SPDX-License-Identifier: MIT
"""That nothing secret is left in the command's memory when it ends: its whole image is searched for every piece of the
token, and for the secrets that TLS agreed on.

The program searched is the one that is installed (MMDCLOSE_PLAIN): sanitizers keep what was freed.
"""
import os
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any, List, Optional

from harness import PKI, TOKEN, Case, Tls, after_request, http

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


class Secrets(Case):
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


if __name__ == "__main__":
    unittest.main()
