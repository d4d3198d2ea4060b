# SPDX-License-Identifier: MIT
"""Closings with a token that another program gives, and what comes of programs that give none; and which options
exclude each other when a token is to be got."""
import json
import os
import re
import time
import unittest
from pathlib import Path
from typing import Any

from fetching import CLIENT
from harness import LONGEST_RUN, REQUEST, TENANT, TOKEN, Case, Result, http

NO_TOKEN = r"\Athe program of --token-command, {}, "


class ProgramCase(Case):
    def setUp(self) -> None:
        super().setUp()
        self.service = self.serve()
        self.printed = self.file("printed", TOKEN.encode() + b"\n")

    def program(self, text: str) -> str:
        """It leaves a line in the file "runs" each time."""
        return self.file("program", f"#!/bin/sh\necho >>{self.folder}/runs\n{text}\n".encode(), 0o700)

    def runs(self) -> int:
        path = self.folder / "runs"
        return path.read_text().count("\n") if path.exists() else 0

    def by(self, text: str, *more: str, **changes: Any) -> Result:
        return self.close(self.service, *more, **{"token_file": None, "token_command": self.program(text), **changes})

    def json_of(self, **members: Any) -> str:
        return f"cat {self.file('json', json.dumps(members).encode())}"

    def assertClosed(self, result: Result) -> None:
        self.assertEqual(result.status, 0, result.said)
        self.assertSays(result, error="ok", stage="service", attempts=1, delivery="answered")
        self.service.add(TENANT, REQUEST)

    def assertNotSent(self, result: Result, status: int, error: str, sentence: str) -> None:
        self.assertEqual(result.status, status, result.said)
        self.assertSays(result, error=error, delivery="not_sent", stage="token_server", attempts=1)
        self.assertRegex(result.json["sentence"], sentence)
        self.assertEqual(self.service.connections, [])


class Tokens(ProgramCase):
    # Fault 978: a program prints a token, or the JSON of `az account get-access-token` -> the closing has it
    def test_what_programs_print(self):
        az = {"accessToken": TOKEN, "expiresOn": "2026-02-01 10:00:00.000000", "expires_on": int(time.time()) + 3599,
              "subscription": "a", "tenant": TENANT, "tokenType": "Bearer"}
        for name, text in {"a token": f"cat {self.printed}",
                           "without a line end": f"printf %s \"$(cat {self.printed})\"",
                           "az": self.json_of(**az), "OAuth": self.json_of(access_token=TOKEN, token_type="Bearer"),
                           "with blanks": f"echo '  '; {self.json_of(access_token=TOKEN)}"}.items():
            with self.subTest(name):
                self.assertClosed(self.by(text))

    def test_arguments_are_split_as_with_quotes(self):
        self.assertClosed(self.by("", token_command=f'/bin/sh -c \'cat "$0" && : "$1" \' "{self.printed}" "a b"'))

    def test_it_has_no_secret_of_ours(self):
        """Neither a descriptor nor a variable."""
        program = self.program(f"ls -l /proc/$$/fd >{self.folder}/fds; env >{self.folder}/env; cat {self.printed}")
        done = self.run_command(*self.arguments(self.service, token_file=None, token_command=program),
                                env=dict(os.environ, AZURE_CLIENT_SECRET="abc", HOME="/home/kiosk"))
        self.assertEqual((done.status, done.err), (0, ""))
        for target in re.findall(r"-> (.*)", (self.folder / "fds").read_text()):
            self.assertRegex(target, rf"\Apipe:|\A{self.folder}/(program|fds)\Z")
        names = {line.partition("=")[0] for line in (self.folder / "env").read_text().splitlines()}
        self.assertEqual(names - {"_", "PWD", "SHLVL", "OLDPWD"}, {"PATH", "LANG", "HOME"})

    # Fault 979: the service refuses a program's token -> the program is run once more; a second 401 is the end
    def test_a_401_runs_it_once_more(self):
        refused = [["handshake"], ["read-request"], ["send", http("401 Unauthorized")], ["close"]]
        for count, status in ((1, 0), (2, 6)):
            with self.subTest(count):
                service, before = self.serve(*[refused] * count), self.runs()
                result = self.close(service, token_file=None, token_command=self.program(f"cat {self.printed}"))
                self.assertSays(result, exit=status, attempts=1, stage="service")
                self.assertEqual((self.runs() - before, len(service.connections)), (2, 2))

    def test_a_401_does_not_read_a_file_again(self):
        service = self.serve([["handshake"], ["read-request"], ["send", http("401 Unauthorized")], ["close"]])
        self.assertSays(self.close(service), exit=6, attempts=1, stage="service")
        self.assertEqual(len(service.connections), 1)

    def test_dry_run_does_not_run_it(self):
        done = self.run_command(*self.arguments(self.service, token_file=None, token_command=self.program("exit 1")),
                                "--dry-run")
        self.assertEqual((done.status, done.err, self.runs()), (0, "", 0))
        self.assertIn(b"Authorization: Bearer <token>\r\n", done.out)

    def test_verbose(self):
        result = self.by(f"cat {self.printed}; echo 'from the cache' >&2", "--verbose")
        self.assertIn("ms  getting a token from --token-command\n", result.err)
        self.assertIn("ms  connecting to 127.0.0.1 port", result.err)


class NoTokens(ProgramCase):
    # Fault 980: the program fails, prints nothing, hangs or is not there -> no token now, exit 10, what it said
    def test_programs_that_give_none(self):
        for name, text, sentence in (
                ("exit 1", "echo 'ERROR: Please run az login' >&2; exit 1",
                 "failed with exit status 1: ERROR: Please run az login; run it by hand as this user to see why"),
                ("nothing", "true", "printed nothing, though its exit status is 0"),
                ("too much", "head -c 65537 /dev/zero | tr '\\0' x", "printed more than 65536 bytes"),
                ("a signal", "kill $$", r"was killed by signal 15 \(Terminated\)")):
            with self.subTest(name):
                self.assertNotSent(self.by(text), 10, "token", NO_TOKEN.format(self.folder / "program") + sentence)
        for text, sentence in (("echo", "there is no token now: what the program of --token-command printed is empty"),
                               ("echo '{}'", "printed \"{\", but no JSON with a string access_token or accessToken"),
                               ("echo '{\"accessToken\":null}'", "no JSON with a string access_token"),
                               ("echo '{\"accessToken\":\"a b\"}'", "no JSON with a string access_token"),
                               ("echo '{\"accessToken\":\"abc\"'", "no JSON with a string access_token")):
            with self.subTest(text):
                self.assertNotSent(self.by(text), 10, "token", sentence)
        self.assertNotSent(self.close(self.service, token_file=None, token_command="/no/program"), 10, "token",
                           r"cannot run the program of --token-command, /no/program: No such file or directory \(it")

    def test_garbage_is_refused(self):
        for text in ("echo hello world", "printf 'a\\0b'", "printf '\\377abc'", f"cat {self.printed}; echo more"):
            with self.subTest(text):
                for words in (self.arguments(self.service, token_file=None, token_command=self.program(text)),
                              ["token", "--token-command", self.program(text)]):
                    result = self.run_command(*words, "--json")
                    self.assertNotSent(result, 10, "token", "by the program of --token-command: the token (cannot be used: it "
                                       r"takes letters, .*, but byte \d+ is something else|has a NUL at byte 1)")

    # Fault 981: the program hangs, and has children -> killed with all of them when the try's time is over
    def test_one_that_hangs(self):
        result = self.by(f"sleep 87 & echo $! >{self.folder}/pid; setsid sleep 87", timeout=1)
        self.assertNotSent(result, 10, "token", "did not end within the time allowed, and was killed; check what")
        child = Path("/proc", (self.folder / "pid").read_text().strip())
        deadline = time.monotonic() + LONGEST_RUN  # the system takes its time to remove what was killed
        while child.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertFalse(child.exists())

    def test_its_words_are_shown_but_not_the_token(self):
        for words in (["--json"], []):
            done = self.run_command(*self.arguments(self.service, token_file=None, token_command=self.program(
                f"cat {self.printed}; cat {self.printed} >&2; exit 3")), *words)
            self.assertEqual(done.status, 10)
            self.assertIn("failed with exit status 3", done.said)

    def test_values_that_are_no_program(self):
        for value, sentence in (("program", "at byte 1: "), ("", "at byte 1: "),
                                ("/bin/echo 'a", "the quote is not closed"),
                                ("/bin/echo \\q", "byte ")):
            with self.subTest(value):
                result = self.close(self.service, token_file=None, token_command=value)
                self.assertSays(result, outcome="usage", error="input", stage="none", attempts=0)
                self.assertRegex(result.json["sentence"],
                                 "--token-command takes a program with its arguments, .*" + sentence)


# Options besides those of a closing; the sentence.
EXCLUSIONS = (
    # Fault 982: options that exclude each other, or need one another -> usage, both named
    ({"token_command": "/a", "token_file": "/b"}, "--token-file, --token-command and --client-id cannot be used together"),
    ({"client_id": CLIENT, "client_secret_file": "/a", "token_file": "/b"}, "--client-id cannot be used together"),
    ({"client_id": CLIENT, "client_secret_file": "/a", "token_command": "/b"}, "--client-id cannot be used together"),
    ({}, "--token-command or --client-id is missing"),
    ({"client_id": CLIENT}, "--client-secret-file, --certificate or --login is missing for --client-id"),
    ({"client_secret_file": "/a"}, "--client-id is missing"),
    ({"certificate": "/a", "key_file": "/b"}, "--client-id is missing"),
    ({"client_id": CLIENT, "client_secret_file": "/a", "certificate": "/b", "key_file": "/c"},
     "--client-secret-file, --certificate and --login cannot be used together"),
    ({"client_id": CLIENT, "certificate": "/a"}, "--certificate and --key-file or --sign-command go together"),
    ({"client_id": CLIENT, "key_file": "/b"}, "--certificate is missing for --key-file or --sign-command"),
    ({"client_id": CLIENT, "client_secret_file": "/a", "key_file": "/b"},
     "--certificate and --key-file or --sign-command go together"),
    ({"client_id": CLIENT, "certificate": "/a", "key_file": "/b", "sign_command": "/c"},
     "--key-file and --sign-command cannot be used together"),
)
NUMBERS = {"retry": ("-1", "", "x", "1001", "1.5", "+1", " 1"), "retry_max_time": ("0", "-1", "x", "86401", "")}


class Options(Case):
    def refused(self, words: list, sentence: str) -> None:
        result = self.run_command(*words, "--json")
        self.assertSays(result, outcome="usage", error="input", delivery="not_sent", stage="none", attempts=0)
        self.assertIn(sentence, result.json["sentence"])

    def test_what_excludes_what(self):
        service = self.serve()
        for options, sentence in EXCLUSIONS:
            with self.subTest(sentence):
                self.refused(self.arguments(service, **{"token_file": None, **options}), sentence)
                if "token_file" not in options:
                    words = [word for name, value in options.items() for word in ("--" + name.replace("_", "-"), value)]
                    self.refused(["token", "--tenant", TENANT, *words], sentence)
        self.refused(["token", "--client-id", CLIENT, "--client-secret-file", "/a"], "--tenant is missing")
        self.assertEqual(service.connections, [])

    def test_one_standard_input(self):
        service = self.serve()
        for options in ({"client_id": CLIENT, "client_secret_file": "-"},
                        {"client_id": CLIENT, "certificate": "/a", "key_file": "-"}):
            self.refused(self.arguments(service, token_file=None, actions=None, actions_file="-", **options),
                         "the standard input cannot be both")

    def test_numbers(self):
        for option, values in NUMBERS.items():
            for value in values:
                with self.subTest(option, value=value):
                    self.refused(self.arguments(self.serve(), **{option: value}),
                                 f"--{option.replace('_', '-')} takes ")


if __name__ == "__main__":
    unittest.main()
