# SPDX-License-Identifier: MIT
"""A hostile TLS server, below the handshake: alerts, records that are wrong, messages cut and joined, connections cut
at every place, and what never ends. Each row of a table is a fault; see hostile.py."""
import itertools
import socket
import unittest
from typing import Iterable, Iterator

from harness import http, merged
from hostile import (ANSWERED, BARE_CHANGE_CIPHER_SPEC, BROKEN, CLOSED, EMPTY, LOST, LOST_WITHIN, NO_ANSWER,
                     NO_HANDSHAKE, PATIENCE, REFUSED, VERSION, VERSIONS, Fault, HostileCase, alerts, before, instead,
                     within)
from hostile_tls import (ALERT, CERTIFICATE, CHANGE_CIPHER_SPEC, DATA, HANDSHAKE, NEW_SESSION_TICKET,
                         SERVER_HELLO_DONE, Change, HostileServer, Item, Raw, Record, bare, extension, fin, message,
                         pause, reset, silence)
from tls_arithmetic import TAG_LEN

ONLY_12, ONLY_13 = ("1.2",), ("1.3",)
FATAL = (0, 1, 10, 20, 22, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 71, 80, 86, 90, 109, 110, 112, 116, 120, 255)
IGNORED = alerts((1, 40), (1, 90), (1, 112), (1, 255))
NO_LEVEL = alerts((0, 0), (0, 40), (3, 0), (3, 40), (255, 40))
CANCEL = alerts((1, 90), (1, 0))
ANSWER = Record(DATA, http("204 No Content").encode())
EARLY = {"before the hello": "server_hello", "in the handshake": "certificate", "before Finished": "finished"}


def forever(*items: Item) -> Change:
    return lambda server, planned: itertools.cycle(items)


def early(name: str, expected: dict, *items: Item, **options) -> dict:
    """A fault at each place in the handshake."""
    return {f"{name}, {where}": Fault({stage: before(*items)}, expected, **options) for where, stage in EARLY.items()}


def each_place(name: str, *items: Item, **options) -> dict:
    """A fault before the hello, in the handshake, before and in the answer."""
    return merged(early(name, REFUSED, *items, **options),
                  {f"{name}, before the answer": Fault({"answer": before(*items)}, LOST, **options)},
                  {f"{name}, in the answer": Fault({"answer": within(*items)}, LOST_WITHIN, **options)})


def ignored(name: str, *items: Item, **options) -> dict:
    """The same where it changes nothing."""
    return merged(early(name, CLOSED, *items, **options),
                  {f"{name}, before the answer": Fault({"answer": before(*items)}, CLOSED, **options)},
                  {f"{name}, in the answer": Fault({"answer": within(*items)}, ANSWERED, **options)})


def stalls(name: str, *items: Item, where=("server_hello", "certificate", "answer"), **options) -> dict:
    """The same without end."""
    return {f"{name}, {stage}": Fault({stage: forever(*items)}, NO_ANSWER if stage == "answer" else NO_HANDSHAKE,
                                      timeout=PATIENCE, **options) for stage in where}


ALERTS = merged(
    # Fault 313: a warning of any number, unknown ones too, at any place in TLS 1.2 -> ignored (RFC 5246, 7.2.2)
    ignored("warnings", *IGNORED, versions=ONLY_12),
    # Fault 314: an alert of level 0, 3 or 255, at any place in TLS 1.2 -> ignored like a warning
    ignored("no level", *NO_LEVEL, versions=ONLY_12),
    # Fault 448: the same alerts in TLS 1.3, where no level counts -> known deviation: ignored by Mbed TLS, which tells
    # its caller nothing of them; all but user_canceled ought to end the connection (RFC 8446, 6)
    ignored("warnings of 1.3", *IGNORED, versions=ONLY_13),
    ignored("no level of 1.3", *NO_LEVEL, versions=ONLY_13),
    # Fault 315: the warning no_renegotiation in the handshake -> tls, not sent
    early("no_renegotiation", REFUSED, *alerts((1, 100)), reply=10),
    # Fault 316: close_notify within the handshake -> network, not sent
    early("close_notify", BROKEN, *alerts((1, 0))),
    # Fault 317: user_canceled and close_notify -> network, not sent; instead of the answer empty, maybe sent
    early("user_canceled", BROKEN, *CANCEL),
    {"user_canceled before the answer": Fault({"answer": before(*CANCEL)}, EMPTY)},
    # Fault 318: user_canceled and close_notify in the answer -> truncated, maybe sent
    {"user_canceled in the answer": Fault({"answer": within(*CANCEL)}, dict(EMPTY, error="truncated", status=400))},
    # Fault 319: an alert of one byte -> tls
    each_place("one byte", Record(ALERT, b"\2")),
    # Fault 320: an alert of three bytes -> tls
    each_place("three bytes", Record(ALERT, b"\2\x28\0")),
    # Fault 321: two alerts in one record -> tls
    each_place("two", Record(ALERT, b"\1\x5a\1\x5a")),
)

MOST = 16384  # bytes of content in a record
LONG_HELLO = {"server_hello": lambda server, planned: [server.server_hello(more=extension(0x5A5A, bytes(16000)))]}


def answer_of(size: int) -> Record:
    """The answer of within(), in one record of so much content."""
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n"
    length = size - len(head % MOST)
    return Record(DATA, head % length + b'{"error":{"code":"1"}}'.ljust(length))


def tickets_of(size: int) -> Record:
    """Two, of which the client of TLS 1.3 takes no notice, in one record of so much content."""
    return Record(HANDSHAKE, message(NEW_SESSION_TICKET, bytes(1000)) + message(NEW_SESSION_TICKET, bytes(size - 1008)))


def padded_to(length: int) -> Change:
    """What is planned in a record of TLS 1.3 that is right in all but, maybe, its length below the header."""
    def change(server: HostileServer, planned: Item) -> Iterator[Item]:
        kind, content = (planned.kind, planned.content) if isinstance(planned, Record) else (HANDSHAKE, planned)
        if kind == HANDSHAKE:
            server.remember(content)
        yield Record(kind, content, padding=length - len(content) - 1 - TAG_LEN)
    return change


RECORDS = merged(
    # Fault 323: a record of an unknown type -> tls
    each_place("type 99", bare(99, b"abc")),
    each_place("heartbeat", Record(24, b"\1\x40\0")),
    # Fault 324: bytes that are no record -> tls
    each_place("garbage", Raw(b"\xa5" * 100)),
    # Fault 325: an empty alert, handshake or ChangeCipherSpec record -> tls (RFC 8446, 5.1)
    each_place("empty alert", Record(ALERT, b"")),
    each_place("empty handshake", Record(HANDSHAKE, b"")),
    each_place("empty ChangeCipherSpec", Record(CHANGE_CIPHER_SPEC, b"")),
    # Fault 326: more than 2^14 bytes in a record -> tls, and 2^14 accepted (RFC 8446, 5.1)
    {"an answer of 2^14": Fault({"answer": instead(answer_of(MOST))}, ANSWERED)},
    {"an answer of 2^14+1": Fault({"answer": instead(answer_of(MOST + 1))}, LOST)},
    {"tickets of 2^14": Fault({"answer": before(tickets_of(MOST))}, CLOSED, versions=ONLY_13)},
    {"tickets of 2^14+1": Fault({"answer": before(tickets_of(MOST + 1))}, LOST, versions=ONLY_13)},
    {"a flight by 2^14": Fault(LONG_HELLO, CLOSED, None, ONLY_12, options=dict(coalesced=True, per_record=MOST))},
    {"a flight by 2^14+1": Fault(LONG_HELLO, REFUSED, None, ONLY_12,
                                 options=dict(coalesced=True, per_record=MOST + 1))},
    # Fault 327: a record longer than protection can make it, 2^14+256 or 2^14+2048 -> tls (RFC 8446, 5.2)
    {"2^14+257 in the handshake": Fault({"certificate": padded_to(MOST + 257)}, REFUSED, versions=ONLY_13)},
    {"2^14+257": Fault({"answer": padded_to(MOST + 257)}, LOST, versions=ONLY_13)},
    {"2^14+2049": Fault({"answer": instead(answer_of(MOST + 2049 - TAG_LEN))}, LOST, versions=ONLY_12)},
    # Fault 328: up to three empty records of application data before or in the answer -> ignored (RFC 8446, 5.1)
    {f"{count} times empty data": Fault({"answer": before(*[Record(DATA, b"")] * count)}, CLOSED)
     for count in (1, 2, 3)},
    {"empty data in the answer": Fault({"answer": within(*[Record(DATA, b"")] * 3)}, ANSWERED)},
    # Fault 336: empty records of application data without end -> tls, maybe sent
    {"empty data without end": Fault({"answer": forever(Record(DATA, b""))}, LOST, 20)},
    # Fault 329: application data before Finished, protected as far as one can -> tls, not sent
    early("data", REFUSED, ANSWER, reply=10),
    # Fault 330: a record without protection put in by someone on the way, once protection began -> tls
    {f"bare {kind}, before the answer": Fault({"answer": before(bare(kind, content))}, LOST, reply=20)
     for kind, content in ((DATA, ANSWER.content), (HANDSHAKE, message(SERVER_HELLO_DONE)))},
    {f"bare {kind}, in the handshake": Fault({"certificate": before(bare(kind, content))}, REFUSED, 20, ONLY_13)
     for kind, content in ((DATA, ANSWER.content), (HANDSHAKE, message(SERVER_HELLO_DONE)))},
    # Fault 331: an alert without protection put in by someone on the way, close_notify too -> tls, not taken as such
    {f"bare alert {content.hex()}, before the answer": Fault({"answer": before(bare(ALERT, content))}, LOST, reply=20)
     for content in (b"\1\0", b"\1\x5a", b"\2\x28")},
    {f"bare alert {content.hex()}, in the handshake": Fault(
        {"certificate": before(bare(ALERT, content))}, REFUSED, 20, ONLY_13) for content in (b"\1\0", b"\2\x28")},
    # Fault 332: ChangeCipherSpec in TLS 1.3, several and anywhere before Finished -> ignored (RFC 8446, 5)
    early("ChangeCipherSpec", CLOSED, *[BARE_CHANGE_CIPHER_SPEC] * 3, versions=ONLY_13),
    # Fault 459: ChangeCipherSpec in TLS 1.3 after Finished -> known deviation: ignored by Mbed TLS all the same; it
    # ought to end the connection (RFC 8446, 5)
    {"ChangeCipherSpec, before the answer": Fault({"answer": before(BARE_CHANGE_CIPHER_SPEC)}, CLOSED,
                                                  versions=ONLY_13)},
    {"ChangeCipherSpec, in the answer": Fault({"answer": within(BARE_CHANGE_CIPHER_SPEC)}, ANSWERED, versions=ONLY_13)},
    # Fault 333: ChangeCipherSpec of TLS 1.2 too early, twice, or after the handshake -> tls
    {"ChangeCipherSpec before the certificate": Fault(
        {"certificate": before(BARE_CHANGE_CIPHER_SPEC)}, REFUSED, 10, ONLY_12)},
    {"ChangeCipherSpec before the key exchange": Fault(
        {"server_key_exchange": before(BARE_CHANGE_CIPHER_SPEC)}, REFUSED, 10, ONLY_12)},
    {"ChangeCipherSpec twice": Fault({"change_cipher_spec": before(BARE_CHANGE_CIPHER_SPEC)}, REFUSED, 20, ONLY_12)},
    {"ChangeCipherSpec, protected": Fault(
        {"answer": before(Record(CHANGE_CIPHER_SPEC, b"\1"))}, LOST, versions=ONLY_12)},
    # Fault 334: ChangeCipherSpec of two bytes, or with another value than 1 -> tls
    each_place("long ChangeCipherSpec", bare(CHANGE_CIPHER_SPEC, b"\1\1")),
    each_place("ChangeCipherSpec 2", bare(CHANGE_CIPHER_SPEC, b"\2")),
    # Fault 335: a protected record of TLS 1.3 that is padding only -> tls (RFC 8446, 5.4)
    {"padding only": Fault({"answer": before(Record(0, b"", padding=16))}, LOST, versions=ONLY_13)},
)

FLOOD = Raw(BARE_CHANGE_CIPHER_SPEC.data * 20000)  # so much at once that the client is never done with it

# What never ends: the deadline ends it, or an error.
ENDLESS = merged(
    # Fault 337: warnings without end -> the deadline
    stalls("warnings", *IGNORED),
    # Fault 338: ChangeCipherSpec without end -> the deadline; in TLS 1.2 tls at once where none belongs
    stalls("ChangeCipherSpec", FLOOD, versions=ONLY_13),
    stalls("ChangeCipherSpec of 1.2", FLOOD, where=("server_hello",), versions=ONLY_12),
    {"ChangeCipherSpec, TLS 1.2": Fault({"certificate": forever(FLOOD)}, REFUSED, versions=ONLY_12)},
    # Fault 339: records of garbage, or of application data, without end in the handshake -> tls, not sent
    {"garbage": Fault({"server_hello": forever(bare(HANDSHAKE, bytes(16384)))}, REFUSED, 10)},
    {"data": Fault({"certificate": forever(Record(DATA, bytes(1000)))}, REFUSED, 10)},
    # Fault 340: empty handshake messages without end -> tls, not sent
    {"empty messages": Fault({"certificate": forever(message(CERTIFICATE))}, REFUSED, 50)},
)


def drip(kind: int) -> Change:
    """A message of 16 KB, a byte at a time."""
    return lambda server, planned: itertools.chain(
        [Record(HANDSHAKE, bytes([kind, 0, 0x3f, 0xf0]))], itertools.cycle([Record(HANDSHAKE, b"\0"), pause(0.02)]))


def huge(kind: int) -> Change:
    return lambda server, planned: itertools.chain(
        [Record(HANDSHAKE, bytes([kind, 0xff, 0xff, 0xff]))], itertools.repeat(Record(HANDSHAKE, bytes(1000))))


LONG = {
    # Fault 341: a handshake message of 2^24-1 bytes -> tls_size at once, whatever follows; later tls
    "2^24-1 in the handshake": Fault({"certificate": huge(CERTIFICATE)}, dict(REFUSED, error="tls_size")),
    "2^24-1 after the handshake": Fault({"answer": huge(CERTIFICATE)}, LOST),
    # Fault 342: a handshake message of 16 KB, a byte at a time -> the deadline
    "a drip in the handshake": Fault({"certificate": drip(CERTIFICATE)}, NO_HANDSHAKE, timeout=PATIENCE),
    "a drip after the handshake": Fault({"answer": drip(4)}, NO_ANSWER, timeout=PATIENCE),
}


def split(*between: Item) -> Change:
    """A message in two records, with these between them."""
    def change(server: HostileServer, planned: bytes) -> Iterator[Item]:
        server.remember(planned)
        yield from (Record(HANDSHAKE, planned[:50]), *between, Record(HANDSHAKE, planned[50:]))
    return change


def joined_over_the_keys(server: HostileServer, planned: bytes) -> Iterator[Item]:
    yield Record(HANDSHAKE, planned + message(8, b"\0\0"))


def bytewise(server: HostileServer, planned: Record) -> Iterator[Item]:
    return (Record(DATA, planned.content[at:at + 1]) for at in range(len(planned.content)))


def in_version(version: int) -> dict:
    def change(server: HostileServer, planned: Item) -> Iterator[Item]:
        server.record_version = version
        yield Record(planned.kind, planned.content, version) if isinstance(planned, Record) else planned
    return {stage: change for stage in ("server_hello", "certificate", "finished", "answer")}


def too_new(versions: tuple) -> dict:
    """All records say a version above the newest there is, or only those of the answer do."""
    names = {f"version {version:04x} of {versions[0]}": in_version(version) for version in (0x0305, 0xffff)}
    return merged({name: Fault(changes, REFUSED, versions=versions) for name, changes in names.items()},
                  {f"{name}, in the answer": Fault({"answer": changes["answer"]}, LOST, versions=versions)
                   for name, changes in names.items()})


FRAMING = merged(
    # Fault 343: a handshake message over two records -> accepted
    {"two records": Fault({"certificate": split()}, CLOSED)},
    # Fault 344: another record within a handshake message -> tls (RFC 8446, 5.1)
    {"an alert within": Fault({"certificate": split(*alerts((1, 90)))}, REFUSED)},
    {"data within": Fault({"certificate": split(Record(DATA, b"x"))}, REFUSED)},
    {"ChangeCipherSpec within": Fault({"certificate": split(BARE_CHANGE_CIPHER_SPEC)}, REFUSED)},
    # Fault 345: a record that goes on past the change of keys -> tls, not sent (RFC 8446, 5.1)
    {"over the keys": Fault({"server_hello": joined_over_the_keys}, REFUSED, 10, ONLY_13)},
    # Fault 346: an answer in records of one byte -> accepted
    {"answer by bytes": Fault({"answer": bytewise}, CLOSED)},
    # Fault 347: a record of TLS 1.3 padded to its full length -> accepted
    {"padded": Fault({stage: padded_to(MOST + 1 + TAG_LEN) for stage in ("certificate", "answer")}, CLOSED,
                     versions=ONLY_13)},
    # Fault 348: records that say version 0x0200, 0x0300, 0x0301 or 0x0304 -> not looked at (RFC 8446, 5.1)
    {f"version {version:04x}": Fault(in_version(version), CLOSED) for version in (0x0200, 0x0300, 0x0301, 0x0304)},
    # Fault 349: records of TLS 1.2 that say a version above the newest, 0x0305 or 0xffff -> tls
    too_new(ONLY_12),
    # Fault 460: the same in TLS 1.3 -> known deviation: refused by Mbed TLS; it ought not to look (RFC 8446, 5.1)
    too_new(ONLY_13),
)


def fatal(number: int) -> dict:
    told = dict(alert=number)
    return {f"{number}, in the handshake": Fault({"certificate": before(*alerts((2, number)))}, {**REFUSED, **told}),
            f"{number}, before Finished": Fault({"finished": before(*alerts((2, number)))}, {**REFUSED, **told}),
            f"{number}, before the answer": Fault({"answer": before(*alerts((2, number)))}, {**LOST, **told}),
            f"{number}, in the answer": Fault({"answer": within(*alerts((2, number)))}, {**LOST_WITHIN, **told})}


class Alerts(HostileCase):
    def test_fatal_ones(self):
        """
        Fault 312: a fatal alert of any number, known or not, instead of the hello -> tls, of 70 tls_version; not sent;
        number told, but for 0, which stands for none
        Fault 322: a fatal alert in the handshake, before or in the answer -> tls, delivery by place, number told
        """
        self.try_all({str(number): Fault({"server_hello": instead(*alerts((2, number)))},
                                         dict(VERSION if number == 70 else REFUSED, alert=number), versions=ONLY_13)
                      for number in FATAL})
        self.try_all(merged(fatal(47), fatal(255)))

    def test_others(self):
        self.try_all(ALERTS)


class Records(HostileCase):
    def test_wrong_ones(self):
        self.try_all(RECORDS)

    def test_what_never_ends(self):
        self.try_all(merged(ENDLESS, LONG))


class Framing(HostileCase):
    def test_of_messages_and_answers(self):
        self.try_all(FRAMING)

    def test_of_a_whole_handshake(self):
        """All is right by the standards; Mbed TLS wants the first 4 bytes of a message in one record.

        Fault 350: every handshake message in records of 4, 5 or 100 bytes, or all of a flight in one -> accepted
        Fault 351: every handshake message in records of 1, 2 or 3 bytes -> tls, not sent
        """
        framings = [(dict(per_record=size), CLOSED if size >= 4 else REFUSED) for size in (1, 2, 3, 4, 5, 100)]
        framings.append((dict(coalesced=True), CLOSED))
        self.try_all({str(options): Fault({}, expected, options=options) for options, expected in framings})


class Cuts(HostileCase):
    def first_flight(self, version: str) -> int:
        """How many bytes a good server sends before it needs to hear from the client again, fewer by those by which
        the length of a signature varies."""
        last = {"1.2": "server_hello_done", "1.3": "finished"}[version]
        lengths = []

        def measure(server: HostileServer, planned: bytes) -> Iterator[Item]:
            yield planned
            lengths.append(server.sent)
        self.meet(version, Fault({last: measure}, CLOSED))
        return lengths[0] - 8

    def cuts(self, version: str, places: Iterable[int], *ends: Item, **options) -> dict:
        return {f"{end.__name__} after {place}": Fault({}, BROKEN if end is not silence else NO_HANDSHAKE, None,
                                                       (version,), options=dict(room=place, end_of_room=end), **options)
                for place in places for end in ends}

    def test_the_first_flight(self):
        """
        Fault 352: FIN after any number of bytes of the server's first flight -> network, not sent
        Fault 353: RST after any number of bytes of the server's first flight -> network, not sent
        """
        for version in VERSIONS:
            length = self.first_flight(version)
            self.try_all(self.cuts(version, [1, 2, 4, 5, 6, 8, 9, 10, 11, 43, 44, *range(60, length, length // 12),
                                             length], fin, reset))

    def test_before_finished(self):
        """Fault 354: FIN or RST before, within or after ChangeCipherSpec of TLS 1.2 -> network, not sent"""
        whole = self.first_flight("1.2") + 8
        self.try_all(self.cuts("1.2", [whole + more for more in (0, 1, 5, 6, 7, 11, 30)], fin, reset))

    def test_silence(self):
        """Fault 355: silence after part of a record, of a message or of the flight -> the deadline, not sent"""
        for version in VERSIONS:
            self.try_all(self.cuts(version, [3, 9, self.first_flight(version)], silence, timeout=PATIENCE))


def deaf(server: HostileServer) -> None:
    """From now on nothing is read, and this is said to nobody."""
    server.socket.shutdown(socket.SHUT_RD)


class Ways(HostileCase):
    """One direction of the connection fails, the other does not."""

    def test_an_answer_of_a_server_that_cannot_hear(self):
        """Fault 356: the server stops to read before the request and answers all the same -> the answer counts"""
        self.try_all({"deaf": Fault({"request": instead(deaf)}, CLOSED)})

    def test_a_long_request_that_nobody_reads(self):
        """Fault 357: nobody reads a request of 1 MB, and the window fills -> the deadline, maybe sent"""
        text = self.file("text", b"x" * 1000000)
        fault = Fault({"request": instead(pause(1.5 * PATIENCE), silence)}, NO_ANSWER, timeout=PATIENCE,
                      options=dict(narrow=True), command=dict(actions=None, actions_file=text))
        for version in VERSIONS:
            with self.subTest(tls=version):
                result, server = self.meet(version, fault)
                self.check(result, server, fault)
                self.assertLess(len(server.received), 1000000, "it ended before the server read again")


if __name__ == "__main__":
    unittest.main()
