# SPDX-License-Identifier: MIT
"""A TLS server for one connection, written out message by message, so that each of them can be wrong.

It speaks TLS 1.2 or 1.3 with one suite of each (ChaCha20-Poly1305, X25519, ECDSA on P-256) and answers one request
with 204. What it does is a list of stages, and a test changes what it sends at them:

    with HostileServer(PKI, "1.3", {"certificate": lambda server, message: []}) as server:
        ...                                   # let a client meet a server that leaves its certificate out
        server.ended()
        server.request                        # what it got to see above TLS

A change gets the server and what the stage would send, and gives the items to send instead: bytes are a handshake
message, a Record is protected as the stage demands, Raw bytes go out as they are, and a function is called with the
server (reading a stage's messages is one, and so are the ways to end). It may go on for ever: the client's end ends it.
"""
import contextlib
import re
import socket
import ssl
import struct
import subprocess
import threading
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Callable, Dict, Iterable, List, Optional, Tuple, Union

import tls_arithmetic as tls
from client_hello import key_share_of, random_of, session_id_of
from pki import Pki

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
(HELLO_REQUEST, CLIENT_HELLO, SERVER_HELLO, NEW_SESSION_TICKET, ENCRYPTED_EXTENSIONS, CERTIFICATE, SERVER_KEY_EXCHANGE,
 CERTIFICATE_REQUEST, SERVER_HELLO_DONE, CERTIFICATE_VERIFY, CLIENT_KEY_EXCHANGE, FINISHED,
 KEY_UPDATE, MESSAGE_HASH) = 0, 1, 2, 4, 8, 11, 12, 13, 14, 15, 16, 20, 24, 254
SUPPORTED_VERSIONS, KEY_SHARE, RENEGOTIATION_INFO = 43, 51, 0xFF01
X25519, ECDSA_P256_SHA256 = 0x001D, 0x0403
HASHES = {1: "md5", 2: "sha1", 5: "sha384", 6: "sha512"}  # by the first byte of an algorithm; of others SHA-256
SUITES = {"1.2": 0xCCA9, "1.3": 0x1303}  # ECDHE-ECDSA and TLS 1.3's own, both CHACHA20-POLY1305-SHA256
VARIANT = "p256"  # of pki.py: the certificate that the suites need
WAIT = 20.0       # seconds for anything
GRACE = 3.0       # seconds to notice that the client is gone
RETRY_RANDOM = sha256(b"HelloRetryRequest").digest()  # RFC 8446, 4.1.3

STAGES = {
    "1.2": ("server_hello", "certificate", "server_key_exchange", "server_hello_done", "client_flight",
            "change_cipher_spec", "finished", "request", "answer", "close"),
    "1.3": ("server_hello", "encrypted_extensions", "certificate", "certificate_verify", "finished", "client_flight",
            "request", "answer", "close"),
}


class Gone(Exception):
    """The client, or this connection by the test's will."""


@dataclass(frozen=True)
class Record:
    kind: int
    content: bytes
    version: int = 0x0303
    padding: int = 0  # zeros behind the content, in TLS 1.3


@dataclass(frozen=True)
class Raw:
    data: bytes


Item = Union[bytes, Record, Raw, Callable[["HostileServer"], None]]
Change = Callable[["HostileServer", Item], Iterable[Item]]


def vector(width: int, data: bytes) -> bytes:
    """A field led by its length in `width` bytes."""
    return len(data).to_bytes(width, "big") + data


def message(kind: int, body: bytes = b"") -> bytes:
    return bytes([kind]) + vector(3, body)


def extension(kind: int, body: bytes = b"") -> bytes:
    return struct.pack(">H", kind) + vector(2, body)


def bare(kind: int, content: bytes, version: int = 0x0303) -> Raw:
    """A record without protection."""
    return Raw(struct.pack(">BH", kind, version) + vector(2, content))


def alert(level: int, number: int) -> Record:
    return Record(ALERT, bytes([level, number]))


def certificates(chain: Iterable[bytes], version: str) -> bytes:
    entries = b"".join(vector(3, der) + (b"\0\0" if version == "1.3" else b"") for der in chain)
    return message(CERTIFICATE, (b"\0" if version == "1.3" else b"") + vector(3, entries))


def fin(server: "HostileServer") -> None:
    """End the sending; what the client still says is read."""
    with contextlib.suppress(OSError):  # the client was quicker
        server.socket.shutdown(socket.SHUT_WR)
    raise Gone


def reset(server: "HostileServer") -> None:
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.socket.close()
    raise Gone


def silence(server: "HostileServer") -> None:
    """Say nothing more."""
    raise Gone


def pause(seconds: float) -> Item:
    return lambda server: time.sleep(seconds)


class HostileServer:
    name = "mmdls.test"
    address = "127.0.0.1"

    def __init__(self, pki: Pki, version: str, changes: Optional[Dict[str, Change]] = None, *,
                 per_record: int = 16384, coalesced: bool = False, room: Optional[int] = None,
                 end_of_room: Callable[["HostileServer"], None] = fin, narrow: bool = False) -> None:
        """Handshake messages are cut to `per_record` bytes; `coalesced` ones wait for the end of their flight. After
        `room` bytes of whatever it is, `end_of_room` comes. A `narrow` server takes little that it does not read: so
        small are its window and its segments."""
        self.version, self._changes = version, changes or {}
        self._per_record, self._coalesced = per_record, coalesced
        self._room, self._end_of_room = room, end_of_room
        self.record_version = 0x0303  # of handshake messages
        self.sent = 0
        self._chain, self._key = pki.chain(VARIANT)
        self.request = b""   # all received above TLS
        self.received = b""  # all received
        self.alerts: List[Tuple[int, int]] = []  # the client's
        self.messages: List[bytes] = []          # of its handshake
        self.hello = b""                         # its last
        self.undecipherable = False
        self._error: Optional[Exception] = None
        self._in: Optional[tls.Direction] = None
        self._out: Optional[tls.Direction] = None
        self._next_in: Optional[tls.Direction] = None  # after the client's ChangeCipherSpec or Finished
        self._transcript, self._waiting, self._partial = b"", b"", b""
        self._random, self._scalar = sha256(b"server").digest(), sha256(b"scalar").digest()
        self._listener = socket.create_server((self.address, 0))
        if narrow:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        self.public_port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "HostileServer":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._listener.close()

    def ended(self) -> "HostileServer":
        """To be called when the client is gone; what went wrong here itself is raised."""
        self._thread.join(GRACE)
        if self._thread.is_alive():  # a reset can get lost where a window is full
            with contextlib.suppress(OSError, AttributeError):
                self.socket.shutdown(socket.SHUT_RDWR)
            self._thread.join(WAIT)
        if self._thread.is_alive():
            raise TimeoutError("there was no client")
        if self._error:
            raise self._error
        return self

    # ---- the course of a connection ----

    def _serve(self) -> None:
        try:
            self.socket, _ = self._listener.accept()
            with self.socket:
                self.socket.settimeout(WAIT)
                self._run()
        except (ConnectionError, Gone):
            pass
        except Exception as error:  # pylint: disable=broad-except
            self._error = error

    def _run(self) -> None:
        try:
            self.read_client_hello()
            for stage in STAGES[self.version]:
                self._do(stage)
            self.put(fin)
        except (ConnectionError, Gone):
            pass
        if self.socket.fileno() >= 0:
            while self._read_record():
                pass

    def _do(self, stage: str) -> None:
        planned = getattr(self, f"_{stage}")()
        change = self._changes.get(stage)
        for item in change(self, planned) if change else [planned]:
            self.put(item)

    def remember(self, handshake_message: bytes) -> None:
        """Take it as said: for one that goes out in records of its own making."""
        self._transcript += handshake_message

    def put(self, item: Item) -> None:
        if isinstance(item, bytes):
            self.remember(item)
            self._waiting += item
            if not self._coalesced:
                self.flush()
            return
        self.flush()
        if isinstance(item, Record):
            self._send(self._protect(item))
        elif isinstance(item, Raw):
            self._send(item.data)
        else:
            item(self)

    def flush(self) -> None:
        """Send the handshake messages that wait."""
        size = self._per_record
        parts = [self._waiting[at:at + size] for at in range(0, len(self._waiting), size)]
        self._waiting = b""
        self._send(b"".join(self._protect(Record(HANDSHAKE, part, self.record_version)) for part in parts))

    def _send(self, data: bytes) -> None:
        last = self._room is not None and self.sent + len(data) >= self._room
        data = data[:self._room - self.sent] if last else data
        self.sent += len(data)
        self.socket.sendall(data)
        if last:
            self._end_of_room(self)

    # ---- records ----

    def _protect(self, record: Record) -> bytes:
        kind, content = record.kind, record.content
        if self._out and self.version == "1.3":
            inner, kind = content + bytes([kind]) + bytes(record.padding), DATA
            content = self._out.seal(struct.pack(">BHH", kind, record.version, len(inner) + tls.TAG_LEN), inner)
        elif self._out:
            added = struct.pack(">QBHH", self._out.number, kind, record.version, len(content))
            content = self._out.seal(added, content)
        return bare(kind, content, record.version).data

    def _unprotect(self, kind: int, content: bytes) -> Tuple[int, bytes]:
        if not self._in or kind == CHANGE_CIPHER_SPEC:
            return kind, content
        if self.version == "1.2":
            return kind, self._in.open(struct.pack(">QBHH", self._in.number, kind, 0x0303,
                                                   len(content) - tls.TAG_LEN), content)
        if kind != DATA:
            return kind, content
        inner = self._in.open(struct.pack(">BHH", kind, 0x0303, len(content)), content).rstrip(b"\0")
        return inner[-1], inner[:-1]

    def _take(self, size: int) -> bytes:
        data = b""
        while len(data) < size and (more := self.socket.recv(size - len(data))):
            data += more
        self.received += data
        return data

    def _read_record(self) -> Optional[int]:
        """Note what the next record holds; its kind, or None at the end."""
        head = self._take(5)
        body = self._take(int.from_bytes(head[3:], "big"))
        if len(head) < 5 or len(body) < int.from_bytes(head[3:], "big"):
            return None
        try:
            kind, content = self._unprotect(head[0], body)
        except tls.Forged:
            self.undecipherable = True
            return head[0]
        if kind == ALERT:
            self.alerts.append((content[0], content[1]))
        elif kind == DATA:
            self.request += content
        elif kind == HANDSHAKE:
            self._note_handshake(content)
        return kind

    def _note_handshake(self, content: bytes) -> None:
        self._partial += content
        while len(self._partial) >= (end := 4 + int.from_bytes(self._partial[1:4], "big")):
            self.messages.append(self._partial[:end])
            self._transcript, self._partial = self._transcript + self._partial[:end], self._partial[end:]

    def _read_until(self, is_there: Callable[[], bool], on_change_cipher_spec: Callable = lambda: None) -> None:
        self.flush()
        while not is_there():
            kind = self._read_record()
            if kind is None or kind == ALERT and self.alerts[-1][0] == 2:
                raise Gone
            if kind == CHANGE_CIPHER_SPEC:
                on_change_cipher_spec()

    def _await_message(self, kind: int, **options) -> None:
        self._read_until(lambda: bool(self.messages) and self.messages[-1][0] == kind, **options)

    # ---- what both versions share ----

    def read_client_hello(self) -> None:
        self.messages.clear()
        self._await_message(CLIENT_HELLO)
        self.hello = bare(HANDSHAKE, self.messages[-1]).data  # without a ChangeCipherSpec before it

    def server_hello(self, **changes) -> bytes:
        """With version, random, session_id, suite, compression or extensions as they should not be."""
        ours = extension(RENEGOTIATION_INFO, b"\0")
        if self.version == "1.3":
            share = struct.pack(">H", X25519) + vector(2, tls.x25519(self._scalar))
            ours = extension(SUPPORTED_VERSIONS, b"\3\4") + extension(KEY_SHARE, share)
        fields = {"version": 0x0303, "random": self._random, "suite": SUITES[self.version], "compression": 0,
                  "session_id": session_id_of(self.hello) if self.version == "1.3" else b"",
                  "extensions": ours, "more": b"", **changes}
        return message(SERVER_HELLO, struct.pack(">H", fields["version"]) + fields["random"]
                       + vector(1, fields["session_id"]) + struct.pack(">HB", fields["suite"], fields["compression"])
                       + vector(2, fields["extensions"] + fields["more"]))

    def retry_request(self, group: int, **changes) -> bytes:
        """The hello before it counts as its hash from now on (RFC 8446, 4.4.1)."""
        if self._transcript[:1] == bytes([CLIENT_HELLO]):
            self._transcript = message(MESSAGE_HASH, sha256(self._transcript).digest())
        more = extension(SUPPORTED_VERSIONS, b"\3\4") + extension(KEY_SHARE, struct.pack(">H", group))
        return self.server_hello(random=RETRY_RANDOM, **{"extensions": more, **changes})

    def chain(self) -> List[bytes]:
        """The certificates to show, as DER; the server's own comes first."""
        return [ssl.PEM_cert_to_DER_cert(pem) for pem in
                re.findall("-----BEGIN.*?-----END CERTIFICATE-----", Path(self._chain).read_text("ascii"), re.S)]

    def sign(self, data: bytes, algorithm: int = ECDSA_P256_SHA256) -> bytes:
        """With the hash that the algorithm has, and our only key."""
        name = HASHES.get(algorithm >> 8, "sha256")
        return subprocess.run(["openssl", "dgst", "-" + name, "-sign", self._key], input=data, capture_output=True,
                              check=True).stdout

    def _server_hello(self) -> bytes:
        return self.server_hello()

    def _certificate(self) -> bytes:
        return certificates(self.chain(), self.version)

    def _finished(self) -> bytes:
        return message(FINISHED, self._verify_12() if self.version == "1.2" else self._verify_13())

    def _client_flight(self) -> Item:
        return HostileServer._read_flight_12 if self.version == "1.2" else self._begin_application_data()

    def _request(self) -> Item:
        return HostileServer.read_request

    def read_request(self) -> None:
        """The whole of it."""
        self._read_until(lambda: self._lacks() == 0)

    def _lacks(self) -> int:
        head, end, body = self.request.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        return int(length[1]) - len(body) if end and length else 1

    def _answer(self) -> Record:
        return Record(DATA, b"HTTP/1.1 204 No Content\r\n\r\n")

    def _close(self) -> Record:
        return alert(1, 0)

    # ---- TLS 1.2, RFC 5246 ----

    def key_exchange(self, **changes) -> bytes:
        """With curve_type, group, point, signature or algorithm as they should not be; signed as they are."""
        fields = {"curve_type": 3, "group": X25519, "point": tls.x25519(self._scalar), "algorithm": ECDSA_P256_SHA256,
                  **changes}
        parameters = struct.pack(">BH", fields["curve_type"], fields["group"]) + vector(1, fields["point"])
        signature = changes.get("signature", None)
        if signature is None:
            signature = self.sign(random_of(self.hello) + self._random + parameters, fields["algorithm"])
        return message(SERVER_KEY_EXCHANGE, parameters + struct.pack(">H", fields["algorithm"]) + vector(2, signature))

    def _server_key_exchange(self) -> bytes:
        return self.key_exchange()

    def _server_hello_done(self) -> bytes:
        return message(SERVER_HELLO_DONE)

    def _read_flight_12(self) -> None:
        self._await_message(FINISHED, on_change_cipher_spec=self._make_keys_12)

    def _make_keys_12(self) -> None:
        share = next(text[5:] for text in self.messages if text[0] == CLIENT_KEY_EXCHANGE)
        premaster = tls.x25519(self._scalar, share)
        ours, theirs = self._random, random_of(self.hello)
        self._master = tls.prf(premaster, b"master secret", theirs + ours, 48)
        block = tls.prf(self._master, b"key expansion", ours + theirs, 2 * (tls.KEY_LEN + tls.IV_LEN))
        keys, ivs = block[:2 * tls.KEY_LEN], block[2 * tls.KEY_LEN:]
        self._in = tls.Direction(keys[:tls.KEY_LEN], ivs[:tls.IV_LEN])
        self._next_out = tls.Direction(keys[tls.KEY_LEN:], ivs[tls.IV_LEN:])

    def _change_cipher_spec(self) -> Record:
        return Record(CHANGE_CIPHER_SPEC, b"\1")

    def _verify_12(self) -> bytes:
        self.flush()
        self._out = self._next_out
        return tls.prf(self._master, b"server finished", sha256(self._transcript).digest(), 12)

    # ---- TLS 1.3, RFC 8446 ----

    def _secret(self, stage: bytes, label: str) -> bytes:
        return tls.expand(stage, label, sha256(self._transcript).digest())

    def _encrypted_extensions(self) -> bytes:
        """From here on everything is protected."""
        self.flush()
        shared = tls.x25519(self._scalar, key_share_of(self.hello, X25519))
        self._stage = tls.next_secret(tls.early_secret(), shared)
        self._ours = self._secret(self._stage, "s hs traffic")
        self._out = tls.direction_of(self._ours)
        self._in = tls.direction_of(self._secret(self._stage, "c hs traffic"))
        return message(ENCRYPTED_EXTENSIONS, vector(2, b""))

    def _certificate_verify(self) -> bytes:
        return self.certificate_verify()

    def certificate_verify(self, algorithm: int = ECDSA_P256_SHA256, spoil: int = 0) -> bytes:
        text = b" " * 64 + b"TLS 1.3, server CertificateVerify\0" + sha256(self._transcript).digest()
        signature = bytearray(self.sign(text, algorithm))
        signature[-1] ^= spoil
        return message(CERTIFICATE_VERIFY, struct.pack(">H", algorithm) + vector(2, bytes(signature)))

    def _verify_13(self) -> bytes:
        return tls.mac(tls.expand(self._ours, "finished"), sha256(self._transcript).digest())

    def _begin_application_data(self) -> Item:
        self.flush()
        self._stage = tls.next_secret(self._stage)
        self._out = tls.direction_of(self._secret(self._stage, "s ap traffic"))
        self._next_in = tls.direction_of(self._secret(self._stage, "c ap traffic"))
        return HostileServer._read_flight_13

    def _read_flight_13(self) -> None:
        self._await_message(FINISHED)
        self._in = self._next_in
