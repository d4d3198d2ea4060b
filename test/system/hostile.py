# SPDX-License-Identifier: MIT
"""What the tests against a hostile TLS server share: the cases, what may come of one, and how it is tried.

The server is right in all but what a case changes, up to the Finished over what it really said; so it is for that one
thing that the command must refuse it.
"""
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

from harness import PKI, SLOWER, TOKEN, Case, Result
from hostile_tls import ALERT, CHANGE_CIPHER_SPEC, DATA, VARIANT, Change, HostileServer, Item, Record, bare

VERSIONS = ("1.2", "1.3")
PATIENCE = 1.5 * SLOWER  # seconds, where the deadline ends it; a slow machine still gets through the handshake
AT_ONCE = 4              # that many commands run, mostly to wait

CLOSED = dict(outcome="closed", error="ok", delivery="answered", status=204)
ANSWERED = dict(outcome="refused", error="status", delivery="answered", status=400, code="1")  # see within()
REFUSED = dict(outcome="not_verified", error="tls", delivery="not_sent", status=0)
VERSION = dict(REFUSED, error="tls_version")
NOT_YET = dict(REFUSED, outcome="clock_not_set", error="cert_future")
BROKEN = dict(outcome="try_later", error="network", delivery="not_sent", status=0)
LOST = dict(outcome="try_later", error="tls", delivery="maybe_sent", status=0)
LOST_WITHIN = dict(LOST, status=400)
EMPTY = dict(LOST, error="empty")
NO_HANDSHAKE = dict(outcome="try_later", error="timeout", delivery="not_sent", status=0)
NO_ANSWER = dict(outcome="try_later", error="timeout", delivery="maybe_sent", status=0)

Changes = Dict[str, Change]


@dataclass(frozen=True)
class Fault:
    """What a server does wrong, what the command makes of it, the fatal alert it replies with (None: whatever), and a
    handshake message or an alert that must have come from it, too."""
    changes: Changes
    expected: Dict[str, Any]
    reply: Optional[int] = None
    versions: Tuple[str, ...] = VERSIONS
    timeout: float = 20
    options: Dict[str, Any] = field(default_factory=dict)  # of the server
    command: Dict[str, Any] = field(default_factory=dict)
    heard: Any = None
    said: bytes = b""  # bytes that must be in the client's last hello


def instead(*items: Item) -> Change:
    return lambda server, planned: items


def before(*items: Item) -> Change:
    return lambda server, planned: (*items, planned)


def after(*items: Item) -> Change:
    return lambda server, planned: (planned, *items)


def within(*items: Item) -> Change:
    """In the middle of an answer of 400."""
    head = Record(DATA, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 22\r\n\r\n{")
    return lambda server, planned: (head, *items, Record(DATA, b'"error":{"code":"1"}}'))


def without(*stages: str) -> Changes:
    return {stage: instead() for stage in stages}


def alerts(*pairs: Tuple[int, int]) -> List[Record]:
    return [Record(ALERT, bytes(pair)) for pair in pairs]


BARE_CHANGE_CIPHER_SPEC = bare(CHANGE_CIPHER_SPEC, b"\1")


class HostileCase(Case):
    def meet(self, version: str, fault: Fault) -> Tuple[Result, HostileServer]:
        """The command's result, and the server once the command left it."""
        with HostileServer(PKI, version, fault.changes, **fault.options) as server:
            options = {"ca_file": PKI.ca_file(VARIANT), "timeout": fault.timeout, "token_file": self.token_file}
            result = self.close(server, **{**options, **fault.command})
            return result, server.ended()

    def setUp(self) -> None:
        super().setUp()
        self.token_file = self.file("token", TOKEN.encode())

    def check(self, result: Result, server: HostileServer, fault: Fault) -> None:
        """What comes of it; and whatever was not sent, the server has not had."""
        self.assertSays(result, **fault.expected)
        self.assertNoToken(server.received)
        if fault.expected["delivery"] == "not_sent":
            self.assertEqual(server.request, b"")
            self.assertLess(len(server.received), len(TOKEN), "less than the token came, protected or not")
        if fault.expected["error"] == "timeout":
            self.assertGreaterEqual(result.json["elapsed_ms"], 1000 * fault.timeout)
        self.assertNotIn(2, [level for level, _ in server.alerts[:-1]], "nothing follows a fatal alert")
        if fault.reply is not None:
            self.assertEqual([number for level, number in server.alerts if level == 2], [fault.reply])
        if fault.said:
            self.assertIn(fault.said, server.hello)
        if fault.heard is not None:
            self.assertIn(fault.heard, [*server.messages, *server.alerts])

    def try_all(self, faults: Dict[str, Fault]) -> None:
        tries = [(name, version, fault) for name, fault in faults.items() for version in fault.versions]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            met = [pool.submit(self.meet, version, fault) for _, version, fault in tries]
            for (name, version, fault), future in zip(tries, met):
                with self.subTest(name, tls=version):
                    self.check(*future.result(), fault)
