# SPDX-License-Identifier: MIT
"""One TCP connection with TLS or without: every wait bounded, every byte counted, the client's end noted."""
import contextlib
import select
import socket
import ssl
import struct
import time
from dataclasses import dataclass, field
from typing import Callable, List, Optional

from client_hello import asked_for, random_of

LINGER = 2.0                 # seconds to wait for the client's end after ours
HELLO_LIMIT = 16384          # raw bytes kept to find the ClientHello in
DATA_SEGS_IN = 152           # offset of tcpi_data_segs_in in Linux's struct tcp_info


class Ended(Exception):
    """Nothing more can happen here: the client left, the time limit came, or the service stops."""


@dataclass
class Exchange:
    """A request as far as it could be read, and the status it was answered with; 0: not answered."""
    method: str = "-"
    target: str = "-"
    status: int = 0


@dataclass
class Record:
    """What was seen of one connection; complete once `done`."""
    number: int
    started: float = field(default_factory=time.time)
    tls: str = ""                            # "TLSv1.3"; empty without a finished handshake
    cipher: str = ""
    resumed: bool = False
    tls_error: str = ""                      # OpenSSL's reason: of a failed handshake, or of a later failure
    sni: Optional[str] = None                # None: not sent
    alpn: Optional[List[str]] = None         # None: not sent
    client_random: bytes = b""               # of the ClientHello
    request: bytes = field(default=b"", repr=False)  # everything received above TLS; holds the token
    taken: int = 0                           # bytes of `request` that were read before the service ended
    raw_in: int = 0                          # bytes below TLS
    raw_out: int = 0
    data_segments_in: int = 0                # TCP segments with data
    ended: str = "open"                      # how the client ended: "close_notify", "fin", "reset"; or had not yet
    gave_up: str = ""                        # why the service went no further; empty if it did all it meant to
    exchanges: List[Exchange] = field(default_factory=list)
    problems: List[str] = field(default_factory=list)
    done: bool = False


class Transport:
    """TLS runs over memory, so that the bytes below it can be counted, written and cut at will."""

    def __init__(self, sock: socket.socket, record: Record, context: Optional[ssl.SSLContext],
                 stop: socket.socket, limit: float) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.record = record
        self._sock, self._context, self._stop = sock, context, stop
        self._deadline = time.monotonic() + limit
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: Optional[ssl.SSLObject] = None
        self._hello = b""
        self._reset = False

    def handshake(self) -> None:
        """Nothing to do for a service without TLS: a front end did it."""
        if not self._context:
            return
        tls = self._context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        try:
            self._pump(tls.do_handshake)
        except ssl.SSLError as error:
            raise Ended("the TLS handshake failed") from error
        self._tls = tls
        self.record.tls, self.record.cipher = tls.version() or "", tls.cipher()[0]
        self.record.resumed = bool(tls.session_reused)

    def receive(self, size: int = 65536) -> bytes:
        """Some bytes above TLS; none once the client ended."""
        if not self._tls:
            data = self.receive_raw(size)
        else:
            data = self._receive_tls(size)
        self.record.request += data
        return data

    def send(self, data: bytes) -> None:
        """Above TLS, as one record where it fits."""
        if self._tls:
            self._pump(self._tls.write, data)
        else:
            self.send_raw(data)

    def receive_raw(self, size: int = 65536) -> bytes:
        """Some bytes below TLS; none once the client ended."""
        self._wait(select.POLLIN)
        try:
            data = self._sock.recv(size)
        except ConnectionResetError:
            self._note_end("reset")
            return b""
        if not data:
            self._note_end("fin")
        self.record.raw_in += len(data)
        self._hello += data[:HELLO_LIMIT - len(self._hello)]
        return data

    def send_raw(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._wait(select.POLLOUT)
            try:
                sent = self._sock.send(rest)
            except ConnectionResetError as error:
                self._note_end("reset")
                raise Ended("the client reset the connection") from error
            except BrokenPipeError as error:
                raise Ended("the client closed before it was sent everything") from error
            self.record.raw_out += sent
            rest = rest[sent:]

    def pause(self, seconds: float) -> None:
        self._wait(None, seconds)

    def hold(self, seconds: float) -> None:
        """Stay open without reading, until the client leaves."""
        self._wait(select.POLLRDHUP, seconds)

    def send_close_notify(self) -> None:
        if self._tls:
            try:
                self._tls.unwrap()
                self._note_end("close_notify")
            except ssl.SSLError:
                pass  # as a rule SSLWantReadError: the client's own is not here yet
            self.send_raw(self._outgoing.read())

    def reset(self) -> None:
        """End by RST instead of FIN."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._reset = True

    def finish(self) -> None:
        """Send FIN, see how the client ends, complete the record, close."""
        self.record.taken = len(self.record.request)
        if not self._reset:
            with contextlib.suppress(OSError):  # the client reset it
                self._sock.shutdown(socket.SHUT_WR)
            with contextlib.suppress(Ended):    # the client does not leave in time: the record says "open"
                self._linger()
        info = self._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        if len(info) >= DATA_SEGS_IN + 4:
            self.record.data_segments_in, = struct.unpack_from("I", info, DATA_SEGS_IN)
        self.record.sni, self.record.alpn = asked_for(self._hello)
        self.record.client_random = random_of(self._hello)
        self._sock.close()

    def _linger(self) -> None:
        self._deadline = min(self._deadline, time.monotonic() + LINGER)
        if self._tls:
            while self.receive():
                pass
        while self.receive_raw():
            pass

    def _receive_tls(self, size: int) -> bytes:
        try:
            data = self._pump(self._tls.read, size)
        except ssl.SSLError:
            return b""
        if not data:
            self._note_end("close_notify")
        return data

    def _pump(self, operation: Callable, *arguments):
        """Run a TLS operation to its end, moving bytes between it and the socket."""
        while True:
            try:
                return operation(*arguments)
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLZeroReturnError:
                self._note_end("close_notify")
                raise
            except ssl.SSLError as error:
                if not (self._tls and isinstance(error, ssl.SSLEOFError)):  # for that one, `ended` has the word
                    self.record.tls_error = error.reason or str(error)
                raise
            finally:
                self.send_raw(self._outgoing.read())
            self._feed()

    def _feed(self) -> None:
        data = self.receive_raw()
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _note_end(self, how: str) -> None:
        """close_notify says most, then a reset; a FIN follows either."""
        ranks = ("open", "fin", "reset", "close_notify")
        self.record.ended = max(self.record.ended, how, key=ranks.index)

    def _wait(self, events: Optional[int], seconds: Optional[float] = None) -> None:
        """Wait for events on the socket or for `seconds`; never past the time limit or the service's stop."""
        left = max(0.0, self._deadline - time.monotonic())
        poll = select.poll()
        poll.register(self._stop, select.POLLIN)
        if events is not None:
            poll.register(self._sock, events)
        ready = dict(poll.poll(1000 * (left if seconds is None else min(left, seconds))))
        if self._stop.fileno() in ready:
            raise Ended("the service stops")
        if not ready and (seconds is None or left < seconds):
            raise Ended("the time limit of the connection came")
