# SPDX-License-Identifier: MIT
"""The arithmetic of one way to speak TLS, for a server that means to be wrong elsewhere: X25519, ChaCha20-Poly1305,
and the keys of TLS 1.2 and 1.3 by SHA-256. Nothing here is for secrets that matter."""
import hmac
import struct
from hashlib import sha256
from typing import List

HASH_LEN, KEY_LEN, IV_LEN, TAG_LEN = 32, 32, 12, 16
PRIME = 2**255 - 19


class Forged(Exception):
    """A record whose tag is not right."""


def x25519(scalar: bytes, point: bytes = bytes([9]) + bytes(31)) -> bytes:
    """RFC 7748, 5: a Montgomery ladder."""
    k = int.from_bytes(scalar, "little") & ~7 & ~(1 << 255) | 1 << 254
    u = int.from_bytes(point, "little") & ~(1 << 255)
    x2, z2, x3, z3, swapped = 1, 0, u, 1, 0
    for at in range(254, -1, -1):
        bit = k >> at & 1
        if swapped != bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swapped = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a, c * b, a * a, b * b
        x3, z3 = (da + cb)**2 % PRIME, u * (da - cb)**2 % PRIME
        x2, z2 = aa * bb % PRIME, (aa - bb) * (bb + 121666 * (aa - bb)) % PRIME
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, PRIME - 2, PRIME) % PRIME).to_bytes(32, "little")


# ---- ChaCha20-Poly1305, RFC 8439 ----

def _quarter_round(s: List[int], a: int, b: int, c: int, d: int) -> None:
    for left, right, turned, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[left] = s[left] + s[right] & 0xFFFFFFFF
        mixed = s[turned] ^ s[left]
        s[turned] = (mixed << by | mixed >> 32 - by) & 0xFFFFFFFF


def _block(key: bytes, counter: int, nonce: bytes) -> bytes:
    start = struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce)
    s = list(start)
    for _ in range(10):
        for at in range(4):
            _quarter_round(s, at, at + 4, at + 8, at + 12)
        for at in range(4):
            _quarter_round(s, at, 4 + (at + 1) % 4, 8 + (at + 2) % 4, 12 + (at + 3) % 4)
    return struct.pack("<16I", *(x + y & 0xFFFFFFFF for x, y in zip(s, start)))


def _crypt(key: bytes, nonce: bytes, data: bytes) -> bytes:
    stream = b"".join(_block(key, 1 + at, nonce) for at in range((len(data) + 63) // 64))[:len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(data), "big")


def _tag(key: bytes, nonce: bytes, added: bytes, hidden: bytes) -> bytes:
    once = _block(key, 0, nonce)
    r, s = (int.from_bytes(half, "little") for half in (once[:16], once[16:32]))
    r &= 0x0ffffffc0ffffffc0ffffffc0fffffff
    text = b"".join(part + bytes(-len(part) % 16) for part in (added, hidden))
    text += struct.pack("<QQ", len(added), len(hidden))
    total = 0
    for at in range(0, len(text), 16):
        total = (total + int.from_bytes(text[at:at + 16] + b"\1", "little")) * r % (2**130 - 5)
    return (total + s & 2**128 - 1).to_bytes(16, "little")


class Direction:
    """One direction's record protection, numbered from 0. In both versions the nonce is the IV with the number."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._key, self._iv, self.number = key, iv, 0

    def _nonce(self) -> bytes:
        mixed = int.from_bytes(self._iv, "big") ^ self.number
        self.number += 1
        return mixed.to_bytes(IV_LEN, "big")

    def seal(self, added: bytes, data: bytes) -> bytes:
        nonce = self._nonce()
        hidden = _crypt(self._key, nonce, data)
        return hidden + _tag(self._key, nonce, added, hidden)

    def open(self, added: bytes, sealed: bytes) -> bytes:
        nonce, hidden = self._nonce(), sealed[:-TAG_LEN]
        if _tag(self._key, nonce, added, hidden) != sealed[-TAG_LEN:]:
            raise Forged
        return _crypt(self._key, nonce, hidden)


# ---- keys ----

def mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def expand(secret: bytes, label: str, context: bytes = b"", length: int = HASH_LEN) -> bytes:
    """HKDF-Expand-Label (RFC 8446, 7.1), of no more than one hash."""
    name = b"tls13 " + label.encode()
    return mac(secret, struct.pack(">HB", length, len(name)) + name + bytes([len(context)]) + context + b"\1")[:length]


def direction_of(secret: bytes) -> Direction:
    return Direction(expand(secret, "key", length=KEY_LEN), expand(secret, "iv", length=IV_LEN))


def early_secret() -> bytes:
    return mac(bytes(HASH_LEN), bytes(HASH_LEN))


def next_secret(secret: bytes, material: bytes = bytes(HASH_LEN)) -> bytes:
    """From one stage of TLS 1.3's key schedule to the following."""
    return mac(expand(secret, "derived", sha256().digest()), material)


def prf(secret: bytes, label: bytes, seed: bytes, length: int) -> bytes:
    """TLS 1.2's (RFC 5246, 5)."""
    a, out = label + seed, b""
    while len(out) < length:
        a = mac(secret, a)
        out += mac(secret, a + label + seed)
    return out[:length]
