# SPDX-License-Identifier: MIT
"""A stand-in for the time server of a device under test, right or wrong at will (RFC 4330, RFC 5905).

    with TimeServer(offset_s=-3600.0) as server:
        ...                                       # let a client ask server.port
        server.asked, server.problems             # 1, []
"""
import struct
import time
from dataclasses import dataclass
from typing import List, Optional

from udp import Malformed, UdpServer

# Leap indicator, version and mode; stratum, poll, precision; root delay and dispersion, reference identifier;
# timestamps: reference, originate, receive, transmit.
PACKET = struct.Struct(">BBbb II4s QQQQ")
TRANSMIT_AT = PACKET.size - 8
VERSIONS = (3, 4)
CLIENT, SERVER = 3, 4                         # modes
SYNCHRONIZED, UNSYNCHRONIZED = 0, 3           # leap indicators
PRECISION = -20                               # about a microsecond, as a power of two in seconds
ROOT = 0x100                                  # delay and dispersion: 1/256 s
UPSTREAM = bytes([192, 0, 2, 1])              # TEST-NET-1: where the time is said to come from
UNIX_EPOCH = 2208988800                       # in seconds since 1900
SECOND = 10**9                                # in nanoseconds
FORGED_BY_S = 5 * 365 * 86400                 # past the end of a certificate that is valid now


@dataclass(frozen=True)
class Request:
    version: int
    poll: int
    transmit: int

    def reply(self, now: int, leap: int, stratum: int, flip: int = 0) -> bytes:
        """The reply at `now`, in Unix nanoseconds; `flip` changes bits of the originate timestamp."""
        reference = UPSTREAM if stratum else b"RATE"
        stamp = timestamp(now)
        return PACKET.pack(leap << 6 | self.version << 3 | SERVER, stratum, self.poll, PRECISION, ROOT, ROOT,
                           reference, stamp, self.transmit ^ flip, stamp, stamp)


class TimeServer(UdpServer):
    """Tells the time moved by `offset_s`, or always the Unix time `at` moved by it; `asked` counts the requests.

    `leap` and `stratum` are as the reply gives them; with stratum 0 it is the kiss-o'-death RATE, which is to be obeyed
    and tells no time. `recovers`: all this is so of the first reply alone. `silent`: never answers.
    `forged`: before the reply comes one as an attacker who cannot read the request would send it, with another
    originate timestamp and a time that is FORGED_BY_S later.
    """

    def __init__(self, offset_s: float = 0.0, address: str = "127.0.0.1", port: int = 0, *, silent: bool = False,
                 leap: int = SYNCHRONIZED, stratum: int = 2, recovers: bool = False, forged: bool = False,
                 at: Optional[int] = None) -> None:
        self._offset, self._at = round(offset_s * SECOND), at
        self._leap, self._stratum, self._recovers, self._forged = leap, stratum, recovers, forged
        self.asked = 0
        super().__init__(address, port, silent)

    def replies(self, datagram: bytes) -> List[bytes]:
        request = parse(datagram)
        self.asked += 1
        if datagram[0] >> 6 or any(datagram[1:TRANSMIT_AT]):
            self.note("more is set than version, mode and transmit timestamp")  # RFC 4330, 5
        if self._recovers and self.asked > 1:
            return [request.reply(time.time_ns(), SYNCHRONIZED, 2)]
        now = (time.time_ns() if self._at is None else self._at * SECOND) + self._offset
        forged = [request.reply(now + FORGED_BY_S * SECOND, self._leap, self._stratum, flip=2**64 - 1)]
        return [*forged[:self._forged], request.reply(now, self._leap, self._stratum)]


def parse(message: bytes) -> Request:
    if len(message) != PACKET.size:
        raise Malformed(f"{len(message)} bytes instead of {PACKET.size}")
    first, _, poll, *_, transmit = PACKET.unpack(message)
    version, mode = first >> 3 & 7, first & 7
    if version not in VERSIONS:
        raise Malformed(f"version {version}")
    if mode != CLIENT:
        raise Malformed(f"mode {mode} is not a client's")
    return Request(version, poll, transmit)


def timestamp(nanoseconds: int) -> int:
    """Unix time as NTP has it, in 2^-32 s since 1900; from 2036 on it starts again at 0."""
    seconds, fraction = divmod(nanoseconds, SECOND)
    return (seconds + UNIX_EPOCH) % 2**32 << 32 | (fraction << 32) // SECOND
