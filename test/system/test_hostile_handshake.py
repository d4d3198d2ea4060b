# SPDX-License-Identifier: MIT
"""A hostile TLS server, in its messages: hellos that downgrade, flights with messages left out, false keys, signatures
and chains, and what comes after the handshake. Each row of a table is a fault; see hostile.py."""
import itertools
import json
import os
import ssl
import struct
import subprocess
import unittest
from hashlib import sha256
from pathlib import Path
from typing import Iterator, List, Optional

from harness import PKI, REQUEST, RUNNER, TENANT, http, merged
from hostile import (ANSWERED, CLOSED, LOST, LOST_WITHIN, NO_ANSWER, NO_HANDSHAKE, NOT_YET, PATIENCE, REFUSED, VERSION,
                     Changes, Fault, HostileCase, after, alerts, before, instead, within, without)
from hostile_tls import (CERTIFICATE, CERTIFICATE_REQUEST, CERTIFICATE_VERIFY, CLIENT_HELLO, DATA,
                         ENCRYPTED_EXTENSIONS, FINISHED, HANDSHAKE, HELLO_REQUEST, KEY_SHARE, KEY_UPDATE,
                         NEW_SESSION_TICKET, RENEGOTIATION_INFO, SERVER_HELLO, SERVER_HELLO_DONE, SERVER_KEY_EXCHANGE,
                         SUPPORTED_VERSIONS, VARIANT, X25519, Change, HostileServer, Item, Record, certificates,
                         extension, message, silence, vector)
from pki import P256, day, der, elements, inside, openssl, reissued, with_extensions
from service import DEFAULT_TOKEN

ONLY_12, ONLY_13 = ("1.2",), ("1.3",)
MAYBE_SENT = 1  # as driver.c tells it
P_256, P_384, X448 = 23, 24, 30
ANSWER = Record(DATA, http("204 No Content").encode())
CERT = dict(REFUSED, error="cert")
TOO_LARGE = dict(REFUSED, error="tls_size")
NO_CLIENT_CERT = dict(LOST, outcome="not_verified", error="client_cert")
RANDOM = bytes(range(24))
NO_RENEGOTIATION = (1, 100)  # the alert
UNKNOWN_EXTENSION = extension(0x5A5A, b"x")
HTTP_2 = extension(16, vector(2, vector(1, b"h2")))
COOKIE = extension(44, vector(2, b"crumbs"))
VERSION_13 = extension(SUPPORTED_VERSIONS, b"\3\4")
ON_P_256 = bytes.fromhex("04 6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                         "   4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")  # its base point


def hello(**changes) -> Changes:
    return {"server_hello": lambda server, planned: [server.server_hello(**changes)]}


def edited(stage: str, edit) -> Changes:
    """The message of a stage with its body changed."""
    return {stage: lambda server, planned: [message(planned[0], edit(planned[4:]))]}


def with_share(group: int, share: bytes) -> bytes:
    return VERSION_13 + extension(KEY_SHARE, struct.pack(">H", group) + vector(2, share))


def hello_13(group: int, share: bytes) -> Changes:
    return hello(extensions=with_share(group, share))


def with_extensions_too_long(body: bytes) -> bytes:
    """A hello whose extensions are said to go on behind its end."""
    at = 2 + 32 + 1 + body[34] + 2 + 1
    return body[:at] + b"\xff\xff" + body[at + 2:]


def chosen(version: int) -> Changes:
    """A version in TLS 1.3's way to choose one."""
    return hello(extensions=extension(SUPPORTED_VERSIONS, version.to_bytes(2, "big")))


def retry(*groups: int, **changes) -> Changes:
    """A HelloRetryRequest for each group."""
    return {"server_hello": lambda server, planned: itertools.chain.from_iterable(
        (server.retry_request(group, **changes), HostileServer.read_client_hello) for group in groups)}


def retry_then(retry_extensions: Optional[bytes] = None, **changes) -> Changes:
    """A HelloRetryRequest, for P-256 unless it has extensions of its own, and a hello."""
    how = {} if retry_extensions is None else {"extensions": retry_extensions}
    return {"server_hello": lambda server, planned: [
        server.retry_request(P_256, **how), HostileServer.read_client_hello, server.server_hello(**changes)]}


OTHER_SUITES = (0xC013, 0x002F, 0x0000, 0x00FF, 0x5600, 0x1304)
HELLOS = merged(
    # Fault 358: a hello of TLS 1.2 with the mark of a downgrade in its random -> tls, not sent (RFC 8446, 4.1.3)
    {"downgraded from 1.3": Fault(hello(random=RANDOM + b"DOWNGRD\1"), REFUSED, 47, ONLY_12)},
    {"downgraded from 1.2": Fault(hello(random=RANDOM + b"DOWNGRD\0"), REFUSED, 47, ONLY_12)},
    # Fault 359: a hello that chooses SSL 2 or 3, TLS 1.0 or 1.1, or a version that is none -> tls_version, not sent
    {f"version {version:04x}": Fault(hello(version=version), VERSION, 70, ONLY_12)
     for version in (0x0200, 0x0300, 0x0301, 0x0302, 0x0305, 0x7F1C)},
    # Fault 360: TLS 1.3 in the field of older versions -> tls, not sent (RFC 8446, 4.1.3)
    {"version 0304": Fault(hello(version=0x0304), REFUSED, versions=ONLY_12)},
    # Fault 361: a version chosen by extension that was not offered, or is not above 1.2 -> tls, not sent
    {f"chosen {version:04x}": Fault(chosen(version), REFUSED, 47, ONLY_13)
     for version in (0x0300, 0x0302, 0x0303, 0x0305, 0x7F1C)},
    # Fault 362: a suite that was not offered: CBC, RSA, NULL, SCSV, CCM, that of the other version -> tls, not sent
    {f"suite {suite:04x}": Fault(hello(suite=suite), REFUSED, versions=ONLY_12) for suite in OTHER_SUITES},
    {f"suite {suite:04x} of 1.3": Fault(hello(suite=suite), REFUSED, 47, ONLY_13) for suite in OTHER_SUITES},
    {"suite of 1.3 in 1.2": Fault(hello(suite=0x1303), REFUSED, versions=ONLY_12)},
    {"suite of 1.2 in 1.3": Fault(hello(suite=0xCCA9), REFUSED, 47, ONLY_13)},
    # Fault 363: compression -> tls, not sent
    {"compression": Fault(hello(compression=1), REFUSED, 47)},
    # Fault 364: TLS 1.3 with a session id other than the client's -> tls, not sent (RFC 8446, 4.1.3)
    {"session id": Fault(hello(session_id=b"\x5a" * 32), REFUSED, 47, ONLY_13)},
    {"no session id": Fault(hello(session_id=b""), REFUSED, 47, ONLY_13)},
    # Fault 365: TLS 1.2 with a session id of its own -> accepted, nothing is resumed
    {"session id of 1.2": Fault(hello(session_id=b"\x5a" * 32), CLOSED, versions=ONLY_12)},
    # Fault 366: a session id of 33 bytes -> tls, not sent
    {"session id of 33 bytes": Fault(hello(session_id=b"\x5a" * 33), REFUSED)},
    # Fault 367: an extension that belongs elsewhere or was not offered, in a hello of TLS 1.3 -> tls, not sent
    {f"extension {more[:2].hex()}": Fault(hello(more=more), REFUSED, versions=ONLY_13)
     for more in (UNKNOWN_EXTENSION, extension(0), HTTP_2, extension(35), extension(41, b"\0\0"))},
    # Fault 368: a session ticket promised that was not asked for -> tls, not sent (RFC 5246, 7.4.1.4)
    {"ticket of 1.2": Fault(hello(more=extension(35)), REFUSED, 110, ONLY_12)},
    # Fault 369: an unknown extension that was not offered, in a hello of TLS 1.2 -> ignored by Mbed TLS
    {"extension of 1.2": Fault(hello(more=UNKNOWN_EXTENSION), CLOSED, versions=ONLY_12)},
    # Fault 370: renegotiation_info that is not empty -> tls, not sent (RFC 5746, 3.4)
    {"renegotiation_info": Fault(hello(extensions=extension(RENEGOTIATION_INFO, b"\1\1")), REFUSED, 40, ONLY_12)},
    # Fault 371: two key shares of which the last is not the server's -> tls, not sent
    {"two key shares": Fault(hello(more=extension(KEY_SHARE, struct.pack(">H", X25519) + vector(2, bytes([9] * 32)))),
                             REFUSED, 20, ONLY_13)},
    # Fault 372: a hello that is empty, cut short, or whose lengths do not fit -> tls, not sent
    {"empty": Fault(edited("server_hello", lambda body: b""), REFUSED, 50)},
    {"cut": Fault(edited("server_hello", lambda body: body[:30]), REFUSED, 50)},
    {"cut in its extensions": Fault(edited("server_hello", lambda body: body[:-1]), REFUSED, 50)},
    {"lengths": Fault(edited("server_hello", with_extensions_too_long), REFUSED, 50)},
    # Fault 373: no key share, or one of a group that was not offered, or not shared -> tls, not sent
    {"no key share": Fault(chosen(0x0304), REFUSED, versions=ONLY_13)},
    {"share of P-256": Fault(hello_13(P_256, b"\4" + bytes(64)), REFUSED, versions=ONLY_13)},
    {"share of X448": Fault(hello_13(X448, bytes(56)), REFUSED, versions=ONLY_13)},
    # Fault 374: a key share on X25519 that is 0, 1, too short or too long -> tls, not sent (RFC 7748, 6.1)
    {f"share of {len(share)} bytes, {share[0]}": Fault(hello_13(X25519, share), REFUSED, 40, ONLY_13)
     for share in (bytes(32), b"\1" + bytes(31), b"\5" * 31, b"\5" * 33)},
    # Fault 375: HelloRetryRequest for the group already shared, or for one not offered -> tls, not sent
    {"retry, same group": Fault(retry(X25519), REFUSED, 47, ONLY_13)},
    {"retry, not offered": Fault(retry(X448), REFUSED, 47, ONLY_13)},
    # Fault 376: HelloRetryRequest that asks for no change -> known deviation: followed by Mbed TLS, which says hello
    # again and goes on; it ought to be refused (RFC 8446, 4.1.4)
    {"retry, nothing": Fault(retry_then(VERSION_13), CLOSED, versions=ONLY_13)},
    # Fault 489: HelloRetryRequest with a cookie, with and without a group -> it comes back (RFC 8446, 4.2.2)
    {"retry, cookie": Fault(retry_then(VERSION_13 + COOKIE), CLOSED, versions=ONLY_13, said=COOKIE)},
    {"retry, long cookie": Fault(retry_then(VERSION_13 + extension(44, vector(2, b"c" * 8000))), CLOSED,
                                 versions=ONLY_13, said=extension(44, vector(2, b"c" * 8000)))},
    {"retry, cookie and group": Fault(
        retry_then(VERSION_13 + extension(KEY_SHARE, struct.pack(">H", P_256)) + COOKIE), dict(REFUSED), 40, ONLY_13,
        said=COOKIE)},
    # Fault 490: a cookie that is longer than its extension, twice the same, or in the hello itself -> tls, not sent
    {"retry, cut cookie": Fault(retry_then(VERSION_13 + extension(44, b"\0\5c")), REFUSED, 50, ONLY_13)},
    {"cookie without a retry": Fault(hello(more=COOKIE), REFUSED, 47, ONLY_13)},
    {"retry, cookie, cookie": Fault(retry_then(VERSION_13 + COOKIE, more=COOKIE), REFUSED, 47, ONLY_13)},
    # Fault 491: a cookie that leaves no place for the rest of the hello -> tls_size, not sent
    {"retry, huge cookie": Fault(retry_then(VERSION_13 + extension(44, vector(2, b"c" * 16200))), TOO_LARGE, None,
                                 ONLY_13)},
    # Fault 377: a second HelloRetryRequest -> tls, not sent (RFC 8446, 4.1.4)
    {"two retries": Fault(retry(P_256, P_384), REFUSED, 10, ONLY_13)},
    {"two retries, same": Fault(retry(P_256, P_256), REFUSED, 10, ONLY_13)},
    # Fault 378: HelloRetryRequest, then another group, suite, or TLS 1.2 -> tls, not sent (RFC 8446, 4.1.4)
    {"retry, then X25519": Fault(retry_then(), REFUSED, 40, ONLY_13)},
    {"retry, then another suite": Fault(retry_then(extensions=with_share(P_256, ON_P_256), suite=0x1301), REFUSED, 47,
                                        ONLY_13)},
    {"retry, then 1.2": Fault(retry_then(extensions=b"", suite=0xCCA9), REFUSED, 10, ONLY_13)},
)

STAGES_12 = ("server_hello", "certificate", "server_key_exchange")
STAGES_13 = ("server_hello", "encrypted_extensions", "certificate", "certificate_verify")


def twice(server: HostileServer, planned: Item) -> List[Item]:
    return [planned, planned]


def request_12(authorities: bytes = b"") -> bytes:
    return message(CERTIFICATE_REQUEST, vector(1, b"\x40") + vector(2, b"\4\3") + vector(2, authorities))


def request_13(context: bytes = b"", more: bytes = b"") -> bytes:
    return message(CERTIFICATE_REQUEST, vector(1, context) + vector(2, extension(13, vector(2, b"\4\3")) + more))


FLIGHTS = merged(
    # Fault 379: hello, certificate, key exchange or extensions left out, the Finished right for it -> tls, not sent
    {f"without {stage}": Fault(without(stage), REFUSED, 10, ONLY_12) for stage in STAGES_12},
    {f"without {stage} of 1.3": Fault(without(stage), REFUSED, 10, ONLY_13) for stage in STAGES_13},
    # Fault 380: certificate and its proof left out, as for a session that was never offered -> tls, not sent
    {"without proof": Fault(without("certificate", "server_key_exchange"), REFUSED, 10, ONLY_12)},
    {"without proof of 1.3": Fault(without("certificate", "certificate_verify"), REFUSED, 10, ONLY_13)},
    # Fault 381: ServerHelloDone or Finished left out -> the deadline, not sent
    {"without the end": Fault(without("server_hello_done"), NO_HANDSHAKE, None, ONLY_12, PATIENCE)},
    {"without Finished": Fault(without("finished"), NO_HANDSHAKE, timeout=PATIENCE)},
    # Fault 382: Finished without ChangeCipherSpec, so not protected -> tls, not sent
    {"without ChangeCipherSpec": Fault({"change_cipher_spec": instead(message(FINISHED, bytes(12)))}, REFUSED, 10,
                                       ONLY_12)},
    # Fault 383: a message twice -> tls, not sent
    {f"twice {stage}": Fault({stage: twice}, REFUSED, versions=ONLY_12)
     for stage in (*STAGES_12, "server_hello_done")},
    {f"twice {stage} of 1.3": Fault({stage: twice}, REFUSED, versions=ONLY_13) for stage in STAGES_13},
    # Fault 384: an answer instead of certificate or Finished -> tls, not sent, no answer
    {"answer for certificate": Fault({"certificate": instead(ANSWER)}, REFUSED, 10)},
    {"answer for Finished": Fault({"finished": instead(ANSWER)}, REFUSED, 10)},
    # Fault 385: a message of another kind, known or not, in the handshake -> tls, not sent
    {f"message {kind}": Fault({"certificate": before(message(kind, b"\1"))}, REFUSED, 10)
     for kind in (HELLO_REQUEST, CLIENT_HELLO, NEW_SESSION_TICKET, KEY_UPDATE, 99)},
    # Fault 386: HelloRequest within the handshake -> tls, not sent
    {"HelloRequest": Fault({"server_hello": before(message(HELLO_REQUEST))}, REFUSED, 10)},
    # Fault 387: a session ticket before Finished that was not promised -> tls, not sent
    {"ticket": Fault({"finished": before(message(NEW_SESSION_TICKET, bytes(10)))}, REFUSED, 10)},
    # Fault 388: Finished with a wrong value -> tls, not sent
    {"wrong Finished": Fault(edited("finished", lambda body: body[:-1] + bytes([body[-1] ^ 1])), REFUSED, 51)},
    # Fault 389: Finished that is empty, too short or too long -> tls, not sent
    {"empty Finished": Fault(edited("finished", lambda body: b""), REFUSED, 50)},
    {"short Finished": Fault(edited("finished", lambda body: body[:-1]), REFUSED, 50)},
    {"long Finished": Fault(edited("finished", lambda body: body + b"\0"), REFUSED, 50)},
    # Fault 390: ServerHelloDone with content -> tls, not sent
    {"done": Fault(edited("server_hello_done", lambda body: b"\0"), REFUSED, 50, ONLY_12)},
    # Fault 391: EncryptedExtensions with an extension not offered, of another message, or cut -> tls, not sent
    {f"extensions {body.hex()}": Fault(edited("encrypted_extensions", lambda _, body=body: body), REFUSED,
                                       versions=ONLY_13)
     for body in (vector(2, UNKNOWN_EXTENSION), vector(2, HTTP_2), vector(2, extension(KEY_SHARE, b"\0\x1d")),
                  b"\0\5", b"")},
    # Fault 392: a client certificate demanded -> none is sent, and the server may go on
    {"certificate demanded": Fault({"server_key_exchange": after(request_12())}, CLOSED, versions=ONLY_12,
                                   heard=certificates([], "1.2"))},
    {"certificate demanded in 1.3": Fault({"encrypted_extensions": after(request_13())}, CLOSED, versions=ONLY_13,
                                          heard=certificates([], "1.3"))},
    # Fault 393: a client certificate demanded in TLS 1.2, and the lack of one refused -> client_cert, not sent
    {f"demand insisted on by {number}": Fault({"server_key_exchange": after(request_12()),
                                               "change_cipher_spec": instead(*alerts((2, number)))},
                                              dict(REFUSED, error="client_cert", alert=number), None, ONLY_12)
     for number in (40, 41, 42)},
    # Fault 394: the same in TLS 1.3, where the request is on its way by then -> client_cert, maybe sent
    {f"demand insisted on by {number} in 1.3": Fault({"encrypted_extensions": after(request_13()),
                                                      stage: change(*alerts((2, number)))},
                                                     dict(NO_CLIENT_CERT, alert=number), None, ONLY_13)
     for number, stage, change in ((116, "request", after), (42, "request", before), (40, "request", after))},
    # Fault 480: such an alert of a server that has not asked, or another one of one that has -> tls
    {"alert 40 without a demand": Fault({"change_cipher_spec": instead(*alerts((2, 40)))}, dict(REFUSED, alert=40),
                                        None, ONLY_12)},
    {"alert 116 without a demand": Fault({"request": after(*alerts((2, 116)))}, dict(LOST, alert=116), None, ONLY_13)},
    {"alert 80 after a demand": Fault({"encrypted_extensions": after(request_13()),
                                       "request": after(*alerts((2, 80)))}, dict(LOST, alert=80), None, ONLY_13)},
    # Fault 482: a demand with a list of authorities that no buffer takes -> tls_size, not sent
    {"long demand": Fault({"server_key_exchange": after(request_12(authorities=vector(2, bytes(20000))))}, TOO_LARGE,
                          versions=ONLY_12)},
    {"long demand in 1.3": Fault({"encrypted_extensions": after(request_13(more=extension(47, bytes(20000))))},
                                 TOO_LARGE, versions=ONLY_13)},
    # Fault 395: a demand that is cut -> tls, not sent
    {"demand cut": Fault({"server_key_exchange": after(message(CERTIFICATE_REQUEST, b"\1"))}, REFUSED, 50, ONLY_12)},
    {"demand cut in 1.3": Fault({"encrypted_extensions": after(message(CERTIFICATE_REQUEST, b"\1"))}, REFUSED, 50,
                                ONLY_13)},
)


def exchange(**changes) -> Changes:
    return {"server_key_exchange": lambda server, planned: [server.key_exchange(**changes)]}


def verify(**changes) -> Changes:
    return {"certificate_verify": lambda server, planned: [server.certificate_verify(**changes)]}


def signed_for_another(server: HostileServer, planned: bytes) -> List[bytes]:
    """The signature of an earlier connection does not count for this one's random."""
    parameters = planned[4:4 + 4 + 32]
    return [server.key_exchange(signature=server.sign(bytes(32) + bytes(32) + parameters))]


OTHER_ALGORITHMS = (0x0000, 0x0101, 0x0203, 0x0401, 0x0603, 0x0804, 0x0807)
KEYS = merged(
    # Fault 396: a wrong signature over the key exchange or the handshake -> tls, not sent
    {"wrong signature": Fault(edited("server_key_exchange", lambda body: body[:-1] + bytes([body[-1] ^ 1])), REFUSED,
                              51, ONLY_12)},
    {"wrong signature of 1.3": Fault(verify(spoil=1), REFUSED, 51, ONLY_13)},
    # Fault 397: a signature made for another connection -> tls, not sent
    {"signature of another": Fault({"server_key_exchange": signed_for_another}, REFUSED, 51, ONLY_12)},
    # Fault 398: a signature that is empty -> tls, not sent
    {"no signature": Fault(exchange(signature=b""), REFUSED, versions=ONLY_12)},
    {"no signature of 1.3": Fault(edited("certificate_verify", lambda body: body[:2] + vector(2, b"")), REFUSED, 51,
                                  ONLY_13)},
    # Fault 399: a signature algorithm that was not offered or is not the key's: SHA-1, MD5, RSA -> tls, not sent
    {f"algorithm {number:04x}": Fault(exchange(algorithm=number), REFUSED, 47, ONLY_12)
     for number in OTHER_ALGORITHMS},
    {f"algorithm {number:04x} of 1.3": Fault(verify(algorithm=number), REFUSED, 51, ONLY_13)
     for number in OTHER_ALGORITHMS},
    # Fault 461: a signature of TLS 1.3 by the algorithm of P-384, with a key on P-256 -> known deviation: accepted by
    # Mbed TLS, which looks at its hash and not at its curve; it ought to be refused (RFC 8446, 4.2.3)
    {"algorithm of P-384": Fault(verify(algorithm=0x0503), CLOSED, versions=ONLY_13)},
    # Fault 400: a curve of the server's own making, or one that was not offered -> tls, not sent (RFC 8422, 5.4)
    {"explicit curve": Fault(exchange(curve_type=1), REFUSED, 47, ONLY_12)},
    {f"group {group}": Fault(exchange(group=group), REFUSED, versions=ONLY_12)
     for group in (0, 19, 25, X448, 0xFFFF)},
    # Fault 401: a point that is not on the curve, or at infinity -> tls, not sent
    {"off the curve": Fault(exchange(group=P_256, point=b"\4" + b"\1" * 64), REFUSED, versions=ONLY_12)},
    {"off the curve P-384": Fault(exchange(group=P_384, point=b"\4" + b"\1" * 96), REFUSED, versions=ONLY_12)},
    {"infinity": Fault(exchange(group=P_256, point=b"\0"), REFUSED, versions=ONLY_12)},
    # Fault 402: a point on X25519 of small order: 0 or 1 -> tls, not sent (RFC 7748, 6.1)
    {"X25519 0": Fault(exchange(point=bytes(32)), REFUSED, versions=ONLY_12)},
    {"X25519 1": Fault(exchange(point=b"\1" + bytes(31)), REFUSED, versions=ONLY_12)},
    # Fault 403: a point of a wrong length, or none -> tls, not sent
    {f"X25519 in {length} bytes": Fault(exchange(point=b"\5" * length), REFUSED, 47, ONLY_12)
     for length in (0, 1, 31, 33, 255)},
    {"P-256 in 64 bytes": Fault(exchange(group=P_256, point=b"\4" + bytes(63)), REFUSED, 47, ONLY_12)},
    # Fault 404: an empty key exchange -> tls, not sent
    {"empty": Fault(edited("server_key_exchange", lambda body: b""), REFUSED, versions=ONLY_12)},
)


def chain(make) -> Changes:
    """The certificates that `make` makes of the right ones."""
    return {"certificate": lambda server, planned: [certificates(make(server.chain()), server.version)]}


CERTIFICATES = {
    # Fault 405: an empty list of certificates, or an empty certificate -> tls, not sent
    "none": Fault(chain(lambda good: []), REFUSED),
    "an empty one": Fault(chain(lambda good: [b""]), REFUSED),
    "no list": Fault(edited("certificate", lambda body: b""), REFUSED, 50),
    "list cut": Fault(edited("certificate", lambda body: body[:-1]), REFUSED, 50),
    # Fault 406: a certificate that is garbage or cut -> cert, not sent
    "garbage": Fault(chain(lambda good: [b"\x5a" * 500]), CERT, 42),
    "cut": Fault(chain(lambda good: [good[0][:-1], *good[1:]]), CERT, 42),
    # Fault 407: a request context in a certificate that was not requested -> tls, not sent (RFC 8446, 4.4.2)
    "context": Fault(edited("certificate", lambda body: b"\1x" + body[1:]), REFUSED, versions=ONLY_13),
    # Fault 408: the chain in the wrong order, so the server's certificate is its issuer's -> cert_name, not sent
    "reversed": Fault(chain(lambda good: good[::-1]), dict(REFUSED, error="cert_name"), 42),
    # Fault 409: a chain whose certificates come five or thirty times -> accepted
    "repeated": Fault(chain(lambda good: good[:1] + good[1:] * 5), CLOSED),
    "repeated often": Fault(chain(lambda good: good[:1] + good[1:] * 30), CLOSED),
    # Fault 410: the server's certificate thirty times, and no other -> cert_chain, not sent
    "leaves": Fault(chain(lambda good: good[:1] * 30), dict(REFUSED, error="cert_chain"), 48),
    # Fault 411: hundreds of certificates, over what a message may have -> tls_size, not sent
    "hundreds": Fault(chain(lambda good: good[:1] + good[1:] * 300), TOO_LARGE),
    # Fault 412: a certificate of 60 KB -> tls_size, not sent
    "60 KB": Fault(chain(lambda good: [b"\x30\x82\xea\x60" + bytes(60000)]), TOO_LARGE),
}

TICKET = {"1.2": message(NEW_SESSION_TICKET, struct.pack(">I", 7200) + vector(2, b"t" * 16)),
          "1.3": message(NEW_SESSION_TICKET, struct.pack(">II", 7200, 0) + vector(1, b"\0") + vector(2, b"t" * 16)
                         + vector(2, b""))}


def tickets(count: int) -> Change:
    return lambda server, planned: itertools.chain(itertools.repeat(TICKET[server.version], count), [planned])


def huge(server: HostileServer, planned: Item) -> Iterator[Item]:
    """A message that is said to have 2^24-1 bytes, as far as the client takes it."""
    yield Record(HANDSHAKE, bytes([CERTIFICATE, 0xff, 0xff, 0xff]))
    yield from itertools.repeat(Record(HANDSHAKE, bytes(16000)))


def endless(item: Item) -> Change:
    return lambda server, planned: itertools.repeat(item)


def strange(name: str, *items: bytes, **options) -> dict:
    """Messages that have no place after the handshake: before the request is read, before and in the answer."""
    return {f"{name} before the request": Fault({"request": before(*items)}, LOST, **options),
            f"{name} before the answer": Fault({"answer": before(*items)}, LOST, **options),
            f"{name} in the answer": Fault({"answer": within(*items)}, LOST_WITHIN, **options)}


AFTERWARDS = merged(
    # Fault 415: HelloRequest after the handshake of TLS 1.2, at any place, several -> declined, the answer counts
    {"renegotiate before the request": Fault({"request": before(message(HELLO_REQUEST))}, CLOSED, versions=ONLY_12,
                                         heard=NO_RENEGOTIATION)},
    {"renegotiate before the answer": Fault({"answer": before(*[message(HELLO_REQUEST)] * 20)}, CLOSED,
                                            versions=ONLY_12, heard=NO_RENEGOTIATION)},
    {"renegotiate in the answer": Fault({"answer": within(message(HELLO_REQUEST))}, ANSWERED, versions=ONLY_12,
                                        heard=NO_RENEGOTIATION)},
    # Fault 416: HelloRequest without end -> the deadline, maybe sent
    {"renegotiate without end": Fault({"answer": endless(message(HELLO_REQUEST))}, NO_ANSWER, None, ONLY_12, PATIENCE)},
    # Fault 417: HelloRequest without end of a server that does not read what it is told -> the deadline, maybe sent
    {"renegotiate unheard": Fault({"answer": endless(message(HELLO_REQUEST))}, NO_ANSWER, None, ONLY_12, PATIENCE,
                                  options=dict(narrow=True))},
    # Fault 418: HelloRequest with content, or in TLS 1.3 -> tls, maybe sent
    strange("HelloRequest x", message(HELLO_REQUEST, b"x")),
    strange("HelloRequest", message(HELLO_REQUEST), versions=ONLY_13),
    # Fault 419: a second hello after the handshake -> tls, maybe sent
    strange("ServerHello", message(SERVER_HELLO, b"\3\3" + bytes(70))),
    # Fault 420: KeyUpdate of TLS 1.3, with or without a demand, which Mbed TLS does not know -> tls, maybe sent
    strange("KeyUpdate", message(KEY_UPDATE, b"\0")),
    strange("KeyUpdate demanded", message(KEY_UPDATE, b"\1"), versions=ONLY_13),
    {"KeyUpdate without end": Fault({"answer": endless(message(KEY_UPDATE, b"\1"))}, LOST, versions=ONLY_13)},
    # Fault 421: a client certificate demanded after the handshake -> tls, maybe sent (RFC 8446, 4.6.2)
    strange("CertificateRequest", request_13(b"c"), versions=ONLY_13),
    # Fault 422: other messages of the handshake after it, or unknown ones -> tls, maybe sent
    strange("Finished", message(FINISHED, bytes(32))),
    strange("message 99", message(99, b"x")),
    # Fault 423: a hundred tickets before the answer of TLS 1.3 -> ignored
    {"tickets": Fault({"answer": tickets(100)}, CLOSED, versions=ONLY_13)},
    # Fault 424: tickets without end in TLS 1.3 -> the deadline, maybe sent
    {"tickets without end": Fault({"answer": lambda server, planned: itertools.repeat(TICKET["1.3"])}, NO_ANSWER, None,
                                  ONLY_13, PATIENCE)},
    # Fault 425: a ticket after the handshake of TLS 1.2 -> tls, maybe sent
    {"late ticket": Fault({"answer": tickets(1)}, LOST, versions=ONLY_12)},
    # Fault 426: a ticket of TLS 1.3 that is cut -> known deviation: ignored by Mbed TLS, as all of TLS 1.3 are; it
    # ought to end the connection (RFC 8446, 6)
    {"ticket cut": Fault({"answer": before(message(NEW_SESSION_TICKET, b"x"))}, CLOSED, versions=ONLY_13)},
)


class Handshakes(HostileCase):
    def test_without_a_fault(self):
        """What is refused elsewhere is not refused for what this server always does."""
        self.try_all({"none": Fault({}, CLOSED)})

    def test_hellos(self):
        self.try_all(HELLOS)

    def test_flights(self):
        self.try_all(FLIGHTS)

    def test_keys(self):
        self.try_all(KEYS)

    def test_what_comes_afterwards(self):
        self.try_all(AFTERWARDS)


class Chains(HostileCase):
    def test_certificates(self):
        self.try_all(CERTIFICATES)

    def issue(self, name: str, issuer: str, more: str) -> str:
        """A certificate with the key of that name, by the key and the name of its issuer."""
        stem = {each: str(self.folder / each) for each in (name, issuer)}
        for each in stem.values():
            if not os.path.exists(each + ".key"):
                openssl("genpkey", *P256, "-out", each + ".key")
        path = f"{stem[name]}-by-{issuer}.pem"
        openssl("req", "-new", "-key", stem[issuer] + ".key", "-subj", f"/CN={issuer}", "-x509", "-out", path + ".ca")
        openssl("req", "-new", "-key", stem[name] + ".key", "-subj", f"/CN={name}", "-out", path + ".req")
        openssl("x509", "-req", "-in", path + ".req", "-CA", path + ".ca", "-CAkey", stem[issuer] + ".key",
                "-days", "2", "-extfile", self.file("extensions", more.encode()), "-out", path)
        return ssl.PEM_cert_to_DER_cert(open(path).read())

    def test_a_loop(self):
        """
        Fault 413: two authorities that issued each other, and no trusted one, over and over -> cert_issuer, not sent
        Fault 414: a chain of more than eight authorities -> cert, not sent
        """
        authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n"
        leaf = self.issue("leaf", "a", "subjectAltName=DNS:mmdls.test\nbasicConstraints=CA:FALSE\n")
        loop = [self.issue("a", "b", authority), self.issue("b", "a", authority)]
        self.try_all({f"{count} times": Fault(chain(lambda good, count=count: [leaf] + loop * count),
                                              dict(REFUSED, error=error), reply)
                      for count, error, reply in ((1, "cert_issuer", 48), (4, "cert_issuer", 48), (12, "cert", None))})


def der_of(file: str) -> bytes:
    return ssl.PEM_cert_to_DER_cert(Path(file).read_text("ascii"))


def critical(value: bytes) -> bytes:
    return der(0x30, b"\x06\x03\x55\x1d\x1e\x01\x01\xff" + der(4, value))


CONSTRAINTS = bytes.fromhex("30 0b a0 09 30 07 82 05") + b".test"  # as they are in DER: only names below .test
SPELLINGS = {
    "plain": der(0x30, b"\x06\x03\x55\x1d\x1e" + der(4, CONSTRAINTS)),
    "critical": critical(CONSTRAINTS),
    "length in 2 bytes": der(0x30, b"\x06\x81\x03\x55\x1d\x1e" + der(4, CONSTRAINTS)),
    "length in 3 bytes": der(0x30, b"\x06\x82\x00\x03\x55\x1d\x1e" + der(4, CONSTRAINTS)),
    "length in 5 bytes": der(0x30, b"\x06\x84\x00\x00\x00\x03\x55\x1d\x1e" + der(4, CONSTRAINTS)),
    "a needless byte in the identifier": der(0x30, b"\x06\x04\x55\x1d\x80\x1e" + der(4, CONSTRAINTS)),
    "a long form around it": b"\x30\x81\x14\x06\x03\x55\x1d\x1e" + der(4, CONSTRAINTS),
    "another extension, its value in a long form": der(0x30, b"\x06\x03\x2a\x03\x04\x04\x81\x02\5\0"),
    "another extension, its identifier in a long form": der(0x30, b"\x06\x81\x03\x2a\x03\x04\x04\x02\5\0"),
    "another extension, critical in a long form": der(0x30, b"\x06\x03\x2a\x03\x04\x01\x81\x01\0\x04\x02\5\0"),
}
# The identifier of name constraints where it is none.
HARMLESS = der(0x30, b"\x06\x03\x2a\x03\x04" + der(4, der(0x30, b"\x06\x03\x55\x1d\x1e")))


class Authorities(HostileCase):
    """Intermediates and roots whose bytes are changed; all are signed right."""

    def setUp(self) -> None:
        super().setUp()
        self.leaf, self.intermediate = map(self.of_chain, (0, 1))
        self.root_file = Path(PKI.ca_file(VARIANT))
        self.root, self.root_key = der_of(self.root_file), str(self.root_file.with_suffix(".key"))

    @staticmethod
    def of_chain(n: int) -> bytes:
        return HostileServer(PKI, "1.3").chain()[n]

    def changed(self, certificate: bytes, *fields) -> bytes:
        """Signed again by the root, after each of the changes."""
        for change in fields:
            certificate = reissued(certificate, self.root_key, change)
        return certificate

    def with_one_more(self, certificate: bytes, extension_der: bytes) -> bytes:
        return self.changed(certificate, with_extensions(lambda old: [*old, extension_der]))

    def valid(self, first: int, last: int):
        times = der(0x30, b"".join(der(0x18, day(offset).encode()) for offset in (first, last)))
        return lambda parts: parts.__setitem__(4, times)

    def to(self, expected, *sent: bytes, reply: Optional[int] = None, root: Optional[bytes] = None) -> Fault:
        """What comes of the leaf with these behind it."""
        command = {}
        if root:
            command["ca_file"] = self.file(sha256(root).hexdigest(), ssl.DER_cert_to_PEM_cert(root).encode())
        return Fault(chain(lambda good: [self.leaf, *sent]), expected, reply, command=command)

    def test_name_constraints_are_found_however_they_are_spelled(self):
        """
        Fault 470: an intermediate with name constraints, or with extensions that are not DER -> cert, not sent
        Fault 472: the bytes of their identifier in the value of another extension -> accepted
        """
        faults = {name: self.to(CERT, self.with_one_more(self.intermediate, spelled))
                  for name, spelled in SPELLINGS.items()}
        faults["in another's value"] = self.to(CLOSED, self.with_one_more(self.intermediate, HARMLESS))
        self.try_all(faults)

    def test_name_constraints_of_a_root(self):
        """
        Fault 471: the same in a root -> cert_anchor, not sent
        Fault 472
        """
        anchor = dict(REFUSED, error="cert_anchor")
        roots = {name: self.with_one_more(self.root, spelled) for name, spelled in SPELLINGS.items()}
        faults = {name: self.to(anchor, self.intermediate, reply=48, root=root) for name, root in roots.items()}
        faults.update({name + ", sent": self.to(anchor, self.intermediate, root, root=root)
                       for name, root in roots.items()})
        faults["in another's value"] = self.to(CLOSED, self.intermediate, root=self.with_one_more(self.root, HARMLESS))
        self.try_all(faults)

    def test_roots_of_no_use(self):
        """
        Fault 469
        Fault 496: a root that may not sign, is not for servers, or has another critical extension -> cert_anchor
        """
        def with_modulus(bits: int):
            key = der(0x30, der(2, b"\0" + b"\xc1" * (bits // 8)) + der(2, b"\1\0\1"))
            algorithm = bytes.fromhex("30 0d 06 09 2a 86 48 86 f7 0d 01 01 01 05 00")
            return lambda parts: parts.__setitem__(6, der(0x30, algorithm + der(3, b"\0" + key)))

        def with_usage(oid: bytes, extension_der: bytes):
            return with_extensions(lambda old: [*(one for one in old if oid not in one[:9]), extension_der])
        signing = b"\x06\x03\x55\x1d\x0f"
        purpose = b"\x06\x03\x55\x1d\x25"
        roots = {
            "RSA-8192": with_modulus(8192), "RSA-1024": with_modulus(1024),
            "may not sign": with_usage(signing, der(0x30, signing + der(4, b"\3\2\7\x80"))),
            "for mail": with_usage(purpose, der(0x30, purpose + der(4, der(0x30, bytes.fromhex(
                "06 08 2b 06 01 05 05 07 03 04"))))),
            "critical": with_usage(b"none", der(0x30, b"\x06\x03\x2a\x03\x04\x01\x01\xff\x04\x02\5\0")),
        }
        for name, change in roots.items():
            root = self.changed(self.root, change)
            self.try_all({name + sent: self.to(dict(REFUSED, error="cert_anchor"), *chain_sent, root=root)
                          for sent, chain_sent in (("", [self.intermediate]), (", sent", [self.intermediate, root]))})

    def test_the_best_intermediate_of_a_name_counts(self):
        """
        Fault 473: an expired intermediate and the renewed one, in any order -> accepted; only expired ones -> cert_date
        Fault 474: an intermediate of the same name with another key before the right one -> accepted, by their key
                   identifiers
        """
        expired = self.changed(self.intermediate, self.valid(-90, -1))
        later = self.changed(self.intermediate, self.valid(30, 90))
        other_key = self.other_key()
        self.try_all({
            "expired, renewed": self.to(CLOSED, expired, self.intermediate),
            "renewed, expired": self.to(CLOSED, self.intermediate, expired),
            "expired, later, renewed": self.to(CLOSED, expired, later, expired, self.intermediate),
            "expired": self.to(dict(REFUSED, error="cert_date"), expired, expired),
            "later": self.to(NOT_YET, later),
            "expired and later": self.to(dict(REFUSED, error="cert_date"), expired, later),
            "another key": self.to(CLOSED, other_key, self.intermediate),
            "another key, expired": self.to(CLOSED, other_key, expired, self.intermediate),
            "another key only": self.to(dict(REFUSED, error="cert_issuer"), other_key, reply=48),
        })

    def other_key(self) -> bytes:
        """The intermediate with the key, and its identifier, of another authority."""
        theirs = elements(inside(elements(inside(der_of(PKI.chain("good")[0].replace("mmdls.test.good.chain.pem",
                                                                                      "intermediate.pem"))))[0]))
        key_id = next(one for one in elements(inside(inside(theirs[-1]))) if b"\x55\x1d\x0e" in one[:8])

        def swap(parts: List[bytes]) -> None:
            parts[6] = theirs[6]
        return self.changed(self.intermediate, swap, with_extensions(
            lambda old: [key_id if b"\x55\x1d\x0e" in one[:8] else one for one in old]))

    def test_a_certificate_that_is_not_needed(self):
        """
        Fault 475: a certificate behind a good chain that cannot be parsed: a key, an algorithm or a critical extension
                   that is unknown here, garbage -> accepted (RFC 8446, 4.4.2)
        Fault 476: the same where the chain needs it -> cert, not sent
        """
        critical_extension = der(0x30, b"\x06\x03\x2a\x03\x04\x01\x01\xff\x04\x02\5\0")
        unknown = self.with_one_more(self.intermediate, critical_extension)
        unneeded = {"a critical extension": unknown, "P-521": der_of(PKI.ca_file("p521-root")),
                    "RSA-PSS": der_of(PKI.ca_file("pss-root")), "SHA-224": der_of(self.first_of("sha224")),
                    "garbage": b"\x5a" * 500}
        faults = {name: self.to(CLOSED, self.intermediate, one) for name, one in unneeded.items()}
        faults["all of them"] = self.to(CLOSED, *unneeded.values(), self.intermediate, *unneeded.values())
        faults["needed"] = self.to(CERT, unknown, reply=48)
        faults["needed, another behind it"] = self.to(CERT, unknown, self.root, reply=48)
        faults["unneeded, the issuer is missing"] = self.to(dict(REFUSED, error="cert_chain"), b"\x5a" * 500, reply=48)
        self.try_all(faults)

    def first_of(self, variant: str) -> str:
        pem, _ = Path(PKI.chain(variant)[0]).read_text("ascii").split("-----END CERTIFICATE-----", 1)
        return self.file(variant, (pem + "-----END CERTIFICATE-----\n").encode())

    def test_copies_of_a_root_cost_nothing(self):
        """
        Fault 483: a root 200 times in the bundle -> accepted
        """
        pem = ssl.DER_cert_to_PEM_cert(self.root).encode()
        command = {"ca_file": self.file("copies.pem", pem * 200)}
        self.try_all({"200": Fault(chain(lambda good: good), CLOSED, command=command)})


class Engine(HostileCase):
    """By way of driver.c."""

    def drive(self, version: str, changes: Changes, how: str = "none", pool: int = 64 * 1024):
        with HostileServer(PKI, version, changes) as server:
            run = subprocess.run([*RUNNER, os.environ["MMDCLOSE_DRIVER"], how, str(server.public_port),
                                  PKI.ca_file(VARIANT), TENANT, REQUEST, DEFAULT_TOKEN, str(pool)],
                                 capture_output=True, text=True, timeout=60)
            self.assertEqual((run.returncode, run.stderr), (0, ""))
            return json.loads(run.stdout), server.ended()

    def test_a_request_that_waits_is_not_sent_twice(self):
        """Mbed TLS declines by itself, and sends what waits before it.

        Fault 427: HelloRequest while part of the request waits to be sent -> tls, maybe sent, no byte of it twice
        """
        report, server = self.drive("1.2", {"request": before(message(HELLO_REQUEST))}, "hesitant")
        self.assertEqual((report["error"], report["delivery"]), ("tls", MAYBE_SENT))
        self.assertEqual(server.request.count(b"PATCH "), 1)

    def test_memory_is_bounded(self):
        """
        Fault 428: a thousand tickets or HelloRequests, or a huge message -> no more memory than without them
        """
        floods = {
            "tickets": ("1.3", {"answer": tickets(1000)}, "ok"),
            "HelloRequests": ("1.2", {"answer": before(*[message(HELLO_REQUEST)] * 1000)}, "ok"),
            "a huge message": ("1.3", {"answer": huge}, "tls"),
            "a huge message of 1.2": ("1.2", {"certificate": huge}, "tls_size"),
        }
        for name, (version, changes, error) in floods.items():
            with self.subTest(name):
                usual, _ = self.drive(version, {})
                report, _ = self.drive(version, changes)
                self.assertEqual((usual["error"], report["error"], report["used"]), ("ok", error, 0))
                self.assertLessEqual(report["peak"], usual["peak"])


if __name__ == "__main__":
    unittest.main()
