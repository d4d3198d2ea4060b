# SPDX-License-Identifier: MIT
"""What the system tests share: a stand-in service, the command to run, and the manners that every run must show.

The command is the one in the environment variable MMDCLOSE. MMDCLOSE_RUNNER gives words in front of it, an emulator or
a checker, which makes it slower by a factor of MMDCLOSE_SLOWER. Certificates are made once for a run of the tests and
kept in the folder MMDCLOSE_PKI, or in a temporary one.
"""
import atexit
import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Sequence, Set

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "service"))

from pki import Pki  # noqa: E402
from server import Server  # noqa: E402
from service import Service  # noqa: E402
from tls import Tls  # noqa: E402
from token_server import NAME as LOGIN_NAME, TokenServer  # noqa: E402

TENANT = "5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11"
REQUEST = "c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e02"
ACTIONS = "Restarted the device."
TOKEN = secrets.token_urlsafe(1200) + ".~+/=="  # as long as a real one, with every kind of character
GUID = rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

COMMANDS = ("close", "token", "trust", "doctor", "config", "queue add", "queue intake", "queue flush", "queue list",
            "queue retry", "queue drop", "queue check")
OUTCOMES = ("closed", "internal", "usage", "already_closed", "no_such_request", "refused", "not_authorised",
            "try_later", "not_verified", "clock_not_set", "no_token")  # by exit status
MEMBERS = {"v", "time", "tenant", "request", "host", "address", "cause", "location", "request_id_field", "detail_kind",
           "outcome", "exit", "error", "sentence", "delivery", "status", "code", "message", "message_cut", "request_id",
           "client_request_id", "retry_after_s", "stage", "attempts", "by_earlier_try", "again_ms", "tls_version",
           "tls_suite", "alert", "detail", "elapsed_ms"}
TOKEN_MEMBERS = {"client_id", "scope", "expires_in_s"}  # and those of `mmdclose token`
SLOWER = float(os.environ.get("MMDCLOSE_SLOWER", "1"))
LONGEST_RUN = 30.0 * SLOWER  # seconds; a command that takes longer hangs
PIECE = 16          # characters of the token that must not appear in a row


def _make_pki() -> Pki:
    folder = os.environ.get("MMDCLOSE_PKI")
    if not folder:
        folder = tempfile.mkdtemp(prefix="mmdclose-pki-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Pki(folder)


def _find_command() -> str:
    path = os.path.abspath(os.environ.get("MMDCLOSE", ""))
    if not (os.path.isfile(path) and os.access(path, os.X_OK)):
        raise RuntimeError("set the environment variable MMDCLOSE to the command to test")
    return path


PKI = _make_pki()
LOGIN_PKI = Pki(PKI.folder, LOGIN_NAME)  # of the token server, with the same authorities
RUNNER = shlex.split(os.environ.get("MMDCLOSE_RUNNER", ""))
COMMAND = [*RUNNER, _find_command()]
# QEMU does not translate the error of a connection for MIPS, which has numbers of its own.
REFUSED = "Unknown error 111" if RUNNER and "mips" in RUNNER[0] else "Connection refused"


def pieces(text: bytes) -> Set[bytes]:
    return {text[at:at + PIECE] for at in range(len(text) - PIECE + 1)}


def merged(*tables: Dict[str, Any]) -> Dict[str, Any]:
    """One table of several: a name that is in two of them would hide a row."""
    rows: Dict[str, Any] = {}
    for table in tables:
        if twice := rows.keys() & table.keys():
            raise ValueError(f"in a table twice: {twice}")
        rows.update(table)
    return rows


def without_config(words: Sequence[Any]) -> List[Any]:
    """The words of a command line, so that no configuration of the machine counts: with --no-config after those of the
    command, unless they name a configuration or no command."""
    at = next((at for at, word in enumerate(words) if not str(word).startswith("--")), len(words))
    length = 2 if list(words[at:at + 1]) == ["queue"] else 1
    names = {str(word).partition("=")[0] for word in words}
    if {"--config", "--no-config"} & names or " ".join(map(str, words[at:at + length])) not in COMMANDS:
        return list(words)
    return [*words[:at + length], "--no-config", *words[at + length:]]


def http(status: str, *fields: str, body: str = "") -> str:
    """An answer with a Content-Length."""
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body.encode())}", "", body])


def after_request(*sends: str, end: str = "close") -> list:
    """A script: read the request, send these, a record for each, and end."""
    return [["handshake"], ["read-request"], *(["send", text] for text in sends), [end]]


@dataclass
class Result:
    """What a run of the command left."""
    status: int
    out: bytes
    err: str

    @property
    def json(self) -> Dict[str, Any]:
        return json.loads(self.out)

    @property
    def said(self) -> str:
        """What a person reads: the standard error, and the sentence in a line of JSON."""
        try:
            return self.err + self.json["sentence"] + "\n"
        except (ValueError, KeyError):
            return self.err


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="mmdclose-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.token_servers: List[TokenServer] = []
        self.also_secret: List[bytes] = []  # what no run may show, besides the token and what those servers know

    def file(self, name: str, content: bytes, mode: int = 0o600) -> str:
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(mode)
        return str(path)

    def serve(self, *scripts: list, tls: Any = Tls(PKI), **options: Any) -> Service:
        """A service until the test ends; one connection for each script, then as the real service does. What is wrong
        with a request is a failure of the test, unless a script can be why."""
        service = Service(tls, tokens={TOKEN}, **options)
        service.add(TENANT, REQUEST)
        for script in scripts:
            service.script(script)
        service.__enter__()
        self.addCleanup(self.end, service, bool(scripts))
        return service

    def serve_tokens(self, service: Service, *scripts: list, tls: Any = Tls(LOGIN_PKI), **options: Any) -> TokenServer:
        """The same for a token server, whose tokens the service accepts."""
        server = TokenServer(tls, tokens=service.tokens, **options)
        for script in scripts:
            server.script(script)
        server.__enter__()
        self.token_servers.append(server)
        self.addCleanup(self.end, server, bool(scripts))
        return server

    def end(self, service: Server, is_scripted: bool) -> None:
        service.__exit__()
        self.assertEqual(service.failures, [])
        if not is_scripted:
            self.assertEqual(service.problems, [])

    def arguments(self, service: Service, **changes: Any) -> List[Any]:
        """For `close`; a change to None leaves an option out."""
        options = {"tenant": TENANT, "request": REQUEST, "actions": ACTIONS, "host": service.name,
                   "port": service.public_port, "connect": service.address, "ca_file": PKI.ca_file(), "timeout": 20}
        if "token_file" not in changes:
            options["token_file"] = self.file("token", TOKEN.encode() + b"\n")
        options.update(changes)
        words: List[Any] = ["close"]
        for name, value in options.items():
            if value is not None:
                words += ["--" + name.replace("_", "-"), value if isinstance(value, bytes) else str(value)]
        return [*words, "--no-config"]

    def close(self, service: Service, *more: str, token: str = TOKEN, **changes: Any) -> Result:
        """Run `close --json` against the service."""
        return self.run_command(*self.arguments(service, **changes), "--json", *more, token=token)

    def run_command(self, *words: Any, token: str = TOKEN, before: Sequence[str] = (), **options: Any) -> Result:
        """Run the command, behind the words `before`; whatever it does, it must show its manners."""
        result = self.run_unchecked(*words, before=before, **options)
        self.check_manners(result, words, token)
        return result

    def run_unchecked(self, *words: Any, before: Sequence[str] = (), **options: Any) -> Result:
        """The same for what is no report of one closing or token."""
        options = {"input": b"", "stdout": subprocess.PIPE, **options}
        done = subprocess.run([*before, *COMMAND, *without_config(words)], stderr=subprocess.PIPE, timeout=LONGEST_RUN,
                              **options)
        return Result(done.returncode, done.stdout or b"", done.stderr.decode("utf-8"))

    def check_manners(self, result: Result, words: Any, token: str) -> None:
        self.assertIn(result.status, range(len(OUTCOMES)), result.err)
        self.assertNoToken(result.out + b"\n" + result.err.encode(), token)
        self.assertNoSecret(result, words)
        if result.status:
            self.assertRegex(result.said, r"(?m)^(mmdclose: )?\S.*\.\n\Z", "a failure is explained")
        elif "--verbose" not in words:
            self.assertRegex(result.err, r"\A(mmdclose: warning: .*\n)?\Z", "a success is not commented")
        if "--verbose" not in words and "cannot write" not in result.err:
            told = re.sub(r"\Ammdclose: warning: .*\n|(?m:^mmdclose: /.*: .*\n)", "", result.err)  # a program's words
            self.assertLessEqual(told.count("\n"), 1, "one sentence, and perhaps a warning before it: " + result.err)
        if "--json" in words and result.out:
            self.assertNotIn("mmdclose: elevation", result.err, "a failure is told once")
            self.assertEqual(result.out.find(b"\n"), len(result.out) - 1, "one line")
            self.assertEqual(result.json["exit"], result.status)
            got = "got_token" if words[0] == "token" and not result.status else OUTCOMES[result.status]
            if "--already-closed-ok" not in words:
                self.assertEqual(result.json["outcome"], got)
            expected = MEMBERS | (TOKEN_MEMBERS if words[0] == "token" else set())
            self.assertEqual(expected, set(result.json) - ({"access_token"} if "--print" in words else set()))
            self.assertEqual(result.json["v"], 1)
            self.assertRegex(result.json["time"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")

    def assertNoToken(self, output: bytes, token: str = TOKEN) -> None:
        """Neither whole nor in part, nor folded over lines."""
        secret = pieces(token.encode())
        for shown in (output, b"".join(output.split())):
            self.assertTrue(secret.isdisjoint(pieces(shown)), "the token was shown")

    def assertNoSecret(self, result: Result, words: Any) -> None:
        """Nor any other: of a client, in an assertion, or a token that was issued, unless it was asked for."""
        shown = result.out + b"\n" + result.err.encode()
        secrets_ = [*self.also_secret, *(each for server in self.token_servers for each in server.secrets)]
        if "--print" not in words:
            secrets_ += [token.encode() for server in self.token_servers for token in server.issued]
        for text in (shown, b"".join(shown.split())):
            there = pieces(text)
            for secret in secrets_:
                self.assertTrue(pieces(secret).isdisjoint(there) and (len(secret) < 4 or secret not in text),
                                "a secret was shown")

    def assertSays(self, result: Result, **expected: Any) -> None:
        """These members of the JSON object."""
        self.assertEqual({name: result.json[name] for name in expected}, expected, result.err)
