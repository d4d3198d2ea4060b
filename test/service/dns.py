# SPDX-License-Identifier: MIT
"""A stand-in for the name server of a device under test: IPv4 addresses for a few names, over UDP (RFC 1035).

    with NameServer({"mmdls.test": "10.0.2.2"}) as server:
        ...                                       # let a client ask server.port
        server.asked, server.problems             # ["mmdls.test A"], []
"""
import re
import struct
from dataclasses import dataclass
from io import BytesIO
from ipaddress import IPv4Address
from typing import Dict, List, Optional

from udp import Malformed, UdpServer

HEADER = struct.Struct(">6H")                 # identifier, flags, and how many: questions, answers, authority, others
RESPONSE, OPCODE, RD, RA, AD, CD = 0x8000, 0x7800, 0x0100, 0x0080, 0x0020, 0x0010
NO_ERROR, FORMAT_ERROR, NAME_ERROR = 0, 1, 3
A, OPT, INTERNET = 1, 41, 1
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

    def reply(self, code: int, address: Optional[IPv4Address] = None, flip: int = 0, ttl: int = TTL) -> bytes:
        """The answer as a resolver gives it; `flip` changes bits of the identifier."""
        reply = HEADER.pack(self.identifier ^ flip, RESPONSE | RD | RA | code, 1, bool(address), 0, self.extended)
        reply += self.question
        if address:
            reply += struct.pack(">HHHIH4s", OWNER, A, INTERNET, ttl, 4, address.packed)
        if self.extended:
            reply += struct.pack(">BHHIH", 0, OPT, UDP_PAYLOAD, 0, 0)
        return reply


class NameServer(UdpServer):
    """Knows the addresses of `names`, whatever their case; any other name does not exist, nor do other types.

    `silent`: never answers. `forged`: before the answer to a question for an address comes one as an attacker
    who cannot read it would send it, with another identifier and FORGED_ADDRESS. `ttl`: seconds for which an
    address may be remembered.
    """

    def __init__(self, names: Dict[str, str], address: str = "127.0.0.1", port: int = 0, *, silent: bool = False,
                 forged: bool = False, ttl: int = TTL) -> None:
        self._names = {name.lower().rstrip("."): IPv4Address(text) for name, text in names.items()}
        self._forged, self._ttl = forged, ttl
        self.asked: List[str] = []            # each question as "name TYPE", the name as it was sent
        super().__init__(address, port, silent)

    def replies(self, datagram: bytes) -> List[bytes]:
        query = parse(datagram)
        self.asked.append(f"{query.name} {TYPES.get(query.type, f'TYPE{query.type}')}")
        address = self._names.get(query.name.lower())
        code = NO_ERROR if address else NAME_ERROR
        if query.type != A:
            return [query.reply(code)]
        forged = [query.reply(NO_ERROR, FORGED_ADDRESS, flip=0xFFFF)] if self._forged else []
        return [*forged, query.reply(code, address, ttl=self._ttl)]

    def refusal(self, datagram: bytes) -> List[bytes]:
        """Nothing where no identifier can be told, and nothing to a response: two servers might never end."""
        if len(datagram) < HEADER.size:
            return []
        identifier, flags, *_ = HEADER.unpack_from(datagram)
        if flags & RESPONSE:
            return []
        return [HEADER.pack(identifier, RESPONSE | RA | flags & (OPCODE | RD) | FORMAT_ERROR, 0, 0, 0, 0)]


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
