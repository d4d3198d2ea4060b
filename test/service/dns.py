# SPDX-License-Identifier: MIT
"""A stand-in for the name server of a device under test: IPv4 addresses for a few names, over UDP, and over TCP if it
is asked for (RFC 1035).

    with NameServer({"mmdls.test": "10.0.2.2"}) as server:
        ...                                       # let a client ask server.port
        server.asked, server.problems             # ["mmdls.test A"], []
"""
import re
import socketserver
import struct
import threading
from dataclasses import dataclass
from io import BytesIO
from ipaddress import IPv4Address
from typing import Dict, List, Optional

from udp import Malformed, UdpServer

HEADER = struct.Struct(">6H")                 # identifier, flags, and how many: questions, answers, authority, others
RESPONSE, OPCODE, TC, RD, RA, AD, CD = 0x8000, 0x7800, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010
NO_ERROR, FORMAT_ERROR, NAME_ERROR = 0, 1, 3
ERRORS = {"FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5}
A, CNAME, OPT, INTERNET = 1, 5, 41, 1
TYPES = {A: "A", 28: "AAAA"}                  # others are called TYPE5, as in RFC 3597
LABEL = re.compile(rb"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?")
NAME_LIMIT = 253                              # as text; 255 bytes in a message
OWNER = 0xC000 | HEADER.size                  # a pointer to the name in the question
TTL = 60
UDP_PAYLOAD = 1232                            # the longest message said to be taken, in an OPT record
FORGED_ADDRESS = IPv4Address("192.0.2.1")     # TEST-NET-1: no one has it


@dataclass(frozen=True)
class Query:
    identifier: int
    question: bytes                           # as it was sent
    name: str
    type: int
    extended: bool                            # with an OPT record (RFC 6891)

    def reply(self, code: int, address: Optional[IPv4Address] = None, flip: int = 0, ttl: int = TTL,
              aliases: int = 0) -> bytes:
        """The answer as a resolver gives it; `code` may have TC, too; `flip` changes bits of the identifier."""
        records, owner = [], struct.pack(">H", OWNER)
        for number in range(aliases):
            alias = encode(f"alias{number}.test")
            records.append(record(owner, CNAME, ttl, alias))
            owner = alias
        if address:
            records.append(record(owner, A, ttl, address.packed))
        reply = HEADER.pack(self.identifier ^ flip, RESPONSE | RD | RA | code, 1, len(records), 0, self.extended)
        reply += self.question + b"".join(records)
        if self.extended:
            reply += struct.pack(">BHHIH", 0, OPT, UDP_PAYLOAD, 0, 0)
        return reply


class NameServer(UdpServer):
    """Knows the addresses of `names`, whatever their case; any other name does not exist, nor do other types.

    `silent`: never answers. `forged`: before the answer to a question for an address comes one as an attacker
    who cannot read it would send it, with another identifier and FORGED_ADDRESS. `ttl`: seconds for which an
    address may be remembered. `faults`: how questions of a type are answered otherwise, {"AAAA": "SERVFAIL"}: one of
    ERRORS, "empty", "silent", "truncated" (over UDP, without a record), or "aliases" (three in a row before the
    address). `tcp`: it answers over TCP, too, and in full.
    """

    def __init__(self, names: Dict[str, str], address: str = "127.0.0.1", port: int = 0, *, silent: bool = False,
                 forged: bool = False, ttl: int = TTL, faults: Optional[Dict[str, str]] = None,
                 tcp: bool = False) -> None:
        self._names = {name.lower().rstrip("."): IPv4Address(text) for name, text in names.items()}
        self._forged, self._ttl, self._faults = forged, ttl, faults or {}
        self.asked: List[str] = []            # each question as "name TYPE", the name as it was sent
        super().__init__(address, port, silent)
        self._tcp = TcpServer(self) if tcp else None

    def __enter__(self):
        if self._tcp:
            self._tcp.__enter__()
        return super().__enter__()

    def __exit__(self, *_) -> None:
        if self._tcp:
            self._tcp.__exit__()
        super().__exit__()

    def replies(self, datagram: bytes) -> List[bytes]:
        query = parse(datagram)
        kind = TYPES.get(query.type, f"TYPE{query.type}")
        self.asked.append(f"{query.name} {kind}")
        fault = self._faults.get(kind)
        if fault == "truncated":
            return [query.reply(TC)]
        return self._answers(query, fault)

    def in_full(self, message: bytes) -> List[bytes]:
        """What to send back over TCP."""
        query = parse(message)
        fault = self._faults.get(TYPES.get(query.type, ""))
        return self._answers(query, None if fault == "truncated" else fault)

    def _answers(self, query: Query, fault: Optional[str]) -> List[bytes]:
        if fault == "silent":
            return []
        if fault in ERRORS:
            return [query.reply(ERRORS[fault])]
        address = self._names.get(query.name.lower())
        code = NO_ERROR if address else NAME_ERROR
        if query.type != A or fault == "empty":
            return [query.reply(code)]
        forged = [query.reply(NO_ERROR, FORGED_ADDRESS, flip=0xFFFF)] if self._forged else []
        return [*forged, query.reply(code, address, ttl=self._ttl, aliases=3 if fault == "aliases" else 0)]

    def refusal(self, datagram: bytes) -> List[bytes]:
        """Nothing where no identifier can be told, and nothing to a response: two servers might never end."""
        if len(datagram) < HEADER.size:
            return []
        identifier, flags, *_ = HEADER.unpack_from(datagram)
        if flags & RESPONSE:
            return []
        return [HEADER.pack(identifier, RESPONSE | RA | flags & (OPCODE | RD) | FORMAT_ERROR, 0, 0, 0, 0)]


class TcpServer(socketserver.ThreadingTCPServer):
    """The same server on TCP: each message behind its length (RFC 1035, 4.2.2)."""
    allow_reuse_address = daemon_threads = True
    block_on_close = False

    class RequestHandlerClass(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while length := self.rfile.read(2):
                for reply in self.server.names.in_full(self.rfile.read(int.from_bytes(length, "big"))):
                    self.wfile.write(struct.pack(">H", len(reply)) + reply)

    def __init__(self, names: NameServer) -> None:
        super().__init__((names.address, names.port), self.RequestHandlerClass)
        self.names = names

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.shutdown()
        self.server_close()


def encode(name: str) -> bytes:
    labels = [label.encode("ascii") for label in name.split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(owner: bytes, kind: int, ttl: int, data: bytes) -> bytes:
    return owner + struct.pack(">HHIH", kind, INTERNET, ttl, len(data)) + data


def parse(message: bytes) -> Query:
    """A query with one question, as the resolver of a device sends it to one that does the work."""
    stream = BytesIO(message)
    identifier, flags, *counts = HEADER.unpack(take(stream, HEADER.size, "header"))
    if flags & ~(AD | CD) != RD:
        raise Malformed(f"flags {flags:04x} are not those of a standard query that desires recursion")
    if counts not in ([1, 0, 0, 0], [1, 0, 0, 1]):
        raise Malformed(f"not one question alone, but counts of {counts}")
    name = read_name(stream)
    kind, of_class = struct.unpack(">HH", take(stream, 4, "question"))
    question = message[HEADER.size:stream.tell()]
    if of_class != INTERNET:
        raise Malformed(f"class {of_class} instead of IN")
    if counts[3]:
        root, opt, _, _, length = struct.unpack(">BHHIH", take(stream, 11, "additional record"))
        if root or opt != OPT:
            raise Malformed("an additional record that is not OPT")
        take(stream, length, "OPT record")
    if stream.read(1):
        raise Malformed("bytes after the query")
    return Query(identifier, question, name, kind, bool(counts[3]))


def read_name(stream: BytesIO) -> str:
    labels = []
    while length := take(stream, 1, "name")[0]:
        if length > 63:
            raise Malformed(f"a label of {length} bytes, or a pointer, in the question")
        label = take(stream, length, "label")
        if not LABEL.fullmatch(label):        # a dot in it would be a name never cut into labels
            raise Malformed(f"not a label of a host name: {label!r}")
        labels.append(label.decode("ascii"))
    name = ".".join(labels)
    if len(name) > NAME_LIMIT:
        raise Malformed(f"a name of {len(name)} characters")
    return name or "."


def take(stream: BytesIO, size: int, what: str) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise Malformed(f"ends within the {what}")
    return data
