# SPDX-License-Identifier: MIT
"""What a TLS client asked for in its ClientHello (RFC 8446, 4.1.2), read from the first bytes it sent.

Python's ssl tells neither an unselected ALPN offer nor anything of a failed handshake; these bytes do.
"""
from io import BytesIO
from typing import Dict, List, Optional, Tuple

SERVER_NAME, ALPN, KEY_SHARE = 0, 16, 51
HANDSHAKE_RECORD, CLIENT_HELLO = 22, 1
RANDOM_AT, RANDOM_LEN = 4 + 2, 32  # past the message's type and length, legacy_version


def asked_for(received: bytes) -> Tuple[Optional[str], Optional[List[str]]]:
    """The server name and the protocols of ALPN, each None when it was not sent."""
    extensions = _extensions(_handshake(received))
    name = protocols = None
    if SERVER_NAME in extensions:
        names = BytesIO(_vector(BytesIO(extensions[SERVER_NAME]), 2))
        names.read(1)  # name_type: host_name is the only one
        name = _vector(names, 2).decode("latin-1")
    if ALPN in extensions:
        offered, protocols = BytesIO(_vector(BytesIO(extensions[ALPN]), 2)), []
        while protocol := _vector(offered, 1):
            protocols.append(protocol.decode("latin-1"))
    return name, protocols


def random_of(received: bytes) -> bytes:
    """What the client made anew for this connection; empty without a whole hello."""
    handshake = _handshake(received)
    return handshake[RANDOM_AT:RANDOM_AT + RANDOM_LEN] if handshake[:1] == bytes([CLIENT_HELLO]) else b""


def session_id_of(received: bytes) -> bytes:
    return _vector(BytesIO(_handshake(received)[RANDOM_AT + RANDOM_LEN:]), 1)


def key_share_of(received: bytes, group: int) -> bytes:
    """The client's half of a key exchange (RFC 8446, 4.2.8); empty if it sent none for this group."""
    shares = BytesIO(_vector(BytesIO(_extensions(_handshake(received)).get(KEY_SHARE, b"")), 2))
    while kind := shares.read(2):
        share = _vector(shares, 2)
        if int.from_bytes(kind, "big") == group:
            return share
    return b""


def _handshake(received: bytes) -> bytes:
    """Handshake messages may be cut over several records: join them."""
    joined = b""
    while len(received) >= 5 and received[0] == HANDSHAKE_RECORD:
        end = 5 + int.from_bytes(received[3:5], "big")
        joined, received = joined + received[5:end], received[end:]
    return joined


def _extensions(handshake: bytes) -> Dict[int, bytes]:
    found: Dict[int, bytes] = {}
    if handshake[:1] != bytes([CLIENT_HELLO]):
        return found
    hello = BytesIO(handshake[RANDOM_AT + RANDOM_LEN:])
    for width in (1, 2, 1):  # legacy_session_id, cipher_suites, legacy_compression_methods
        _vector(hello, width)
    block = BytesIO(_vector(hello, 2))
    while kind := block.read(2):
        found[int.from_bytes(kind, "big")] = _vector(block, 2)
    return found


def _vector(stream: BytesIO, width: int) -> bytes:
    """A field led by its length in `width` bytes; what is missing reads as empty."""
    return stream.read(int.from_bytes(stream.read(width), "big"))
