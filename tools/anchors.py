# SPDX-License-Identifier: MIT
"""Makes the trust anchors of a board: the certificates of PEM files as DER, one after the other, filled up with 0xFF
as erased flash is. What the board could not use is refused.

    python3 tools/anchors.py [--without=P384,PSS] OUT SIZE FILE...

SIZE: in bytes, or a finished image: the size of its section .anchors, and it shows what it is without, too.
"""
import re
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Set, Tuple

PEM = re.compile(r"-----BEGIN ((?:X509 |TRUSTED )?)CERTIFICATE-----.*?-----END \1CERTIFICATE-----", re.S)
SECTION = re.compile(r" \.anchors +PROGBITS +[0-9a-f]+ +[0-9a-f]+ +([0-9a-f]+)")

# What programs/firmware/mbedtls_config_common.h has, by object identifiers; None: every board.
Table = Dict[str, Tuple[str, Optional[str]]]
P384, PSS = "1.3.132.0.34", "1.2.840.113549.1.1.10"
OPTIONAL = {"P384": P384, "PSS": PSS}
CURVES: Table = {"1.2.840.10045.3.1.7": ("P-256", None), P384: ("P-384", "P384")}
SIGNATURES: Table = {**{f"1.2.840.113549.1.1.{n}": ("RSA", None) for n in (11, 12, 13)},
                     **{f"1.2.840.10045.4.3.{n}": ("ECDSA", None) for n in (2, 3, 4)}, PSS: ("RSA-PSS", "PSS")}
RSA_KEY, EC_KEY = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
RSA_BITS = range(2048, 4096 + 1)
NAMES = {PSS: "RSA-PSS", "1.3.132.0.35": "P-521", "1.3.101.112": "Ed25519", "1.3.101.113": "Ed448",
         "1.2.840.113549.1.1.5": "RSA with SHA-1", "1.2.840.113549.1.1.14": "RSA with SHA-224",
         "1.2.840.113549.1.1.4": "RSA with MD5", "1.2.840.10045.4.1": "ECDSA with SHA-1"}
KNOWN_EXTENSIONS = {f"2.5.29.{n}" for n in (14, 15, 17, 19, 32, 35, 37)} | {"2.16.840.1.113730.1.1"}
NAME_CONSTRAINTS, EXTENDED_KEY_USAGE = "2.5.29.30", "2.5.29.37"
FOR_SERVERS = {"1.3.6.1.5.5.7.3.1", "2.5.29.37.0"}


class Unusable(Exception):
    """Why a board cannot use a certificate."""


# ---- DER ----

@dataclass(frozen=True)
class Element:
    tag: int
    content: bytes

    def parts(self) -> List["Element"]:
        return list(elements(self.content))

    def oid(self) -> str:
        numbers, value = [], 0
        for byte in self.content:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))


def elements(data: bytes) -> Iterator[Element]:
    at = 0
    while at < len(data):
        size, head = data[at + 1], 2
        if size & 0x80:
            head += size & 0x7F
            size = int.from_bytes(data[at + 2:at + head], "big")
            if head == 2 or size < 0x80 or data[at + 2] == 0:
                raise Unusable("it is not DER")
        if at + head + size > len(data):
            raise Unusable("it is damaged")
        yield Element(data[at], data[at + head:at + head + size])
        at += head + size


# ---- what a board can use ----

def look_up(table: Table, oid: str, what: str, without: Set[str]) -> None:
    name, feature = table.get(oid, (NAMES.get(oid, oid), "missing"))
    if feature == "missing" or feature in without:
        raise Unusable(f"{what} is {name}, which the board's build has not")


def check_key(info: Element, without: Set[str]) -> None:
    algorithm, key = info.parts()
    kind, *parameters = algorithm.parts()
    if kind.oid() == EC_KEY and parameters and parameters[0].tag == 6:
        look_up(CURVES, parameters[0].oid(), "its key's curve", without)
    elif kind.oid() == RSA_KEY:
        modulus = Element(0x30, key.content[1:]).parts()[0].parts()[0]
        bits = int.from_bytes(modulus.content, "big").bit_length()
        if bits not in RSA_BITS:
            raise Unusable(f"its RSA key has {bits} bits; boards take {RSA_BITS[0]} to {RSA_BITS[-1]}")
    else:
        raise Unusable(f"its key is {NAMES.get(kind.oid(), kind.oid())}, which the board's build has not")


def check_extension(extension: Element) -> None:
    oid, *more = extension.parts()
    name, is_critical = oid.oid(), len(more) == 2 and more[0].content != b"\0"
    if name == NAME_CONSTRAINTS:
        raise Unusable("it has name constraints, which boards do not check")
    if is_critical and name not in KNOWN_EXTENSIONS:
        raise Unusable(f"its critical extension {name} is unknown to boards")
    if name == EXTENDED_KEY_USAGE and not FOR_SERVERS & {usage.oid() for usage in
                                                         Element(4, more[-1].content).parts()[0].parts()}:
        raise Unusable("it is not for servers")


def check(der: bytes, without: Set[str]) -> None:
    """Raises Unusable. src/tls/anchor.c checks the same at run time."""
    body, signature, _ = Element(0x30, der).parts()[0].parts()
    fields = body.parts()
    fields = fields[1:] if fields[0].tag == 0xA0 else fields
    _, _, issuer, _, subject, key, *optional = fields
    look_up(SIGNATURES, signature.parts()[0].oid(), "its signature", without)
    check_key(key, without)
    for field in optional:
        if field.tag == 0xA3:
            for extension in field.parts()[0].parts():
                check_extension(extension)
    if issuer != subject and not is_authority(der):
        raise Unusable("it is not an authority's")


def is_authority(der: bytes) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=der)
    return bool(context.get_ca_certs())


# ---- files ----

def size_of(text: str) -> int:
    if text.isdigit():
        return int(text)
    listed = subprocess.run(["readelf", "--sections", "--wide", text], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True, check=False)
    found = SECTION.search(listed.stdout)
    if not found:
        sys.exit(f"anchors: {text} is neither a size in bytes nor an image with a section .anchors")
    return int(found[1], 16)


def missing_in(text: str) -> Set[str]:
    """The features that an image is without: the table of those that it has holds their identifiers."""
    if text.isdigit():
        return set()
    image = Path(text).read_bytes()
    return {name for name, oid in OPTIONAL.items() if encoded(oid) not in image}


def encoded(oid: str) -> bytes:
    first, second, *rest = map(int, oid.split("."))
    out = bytes([40 * first + second])
    for number in rest:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(number & 0x7F | 0x80)
        out += bytes(reversed(digits))
    return out


def name_of(der: bytes) -> str:
    """As far as openssl can tell."""
    try:
        done = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-subject"], input=der, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return "a certificate"
    return done.stdout.decode("utf-8", "replace").strip().replace("subject=", "") or "a certificate"


def certificates(file: str) -> Iterator[bytes]:
    for match in PEM.finditer(Path(file).read_text("ascii", "replace")):
        if match[1] == "TRUSTED ":
            raise ValueError("TRUSTED CERTIFICATE is OpenSSL's own; convert it with openssl x509")
        yield ssl.PEM_cert_to_DER_cert(match[0].replace(match[1] + "CERTIFICATE", "CERTIFICATE"))


def anchors(file: str, without: Set[str]) -> List[bytes]:
    """The certificates of a file, all of which have to be whole, and of use."""
    found = []
    try:
        for der in certificates(file):
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=der)
            try:
                check(der, without)
            except Unusable as reason:
                sys.exit(f"anchors: {name_of(der)} in {file} cannot be used: {reason}")
            found.append(der)
    except (OSError, ValueError, IndexError) as error:
        sys.exit(f"anchors: {file} cannot be used: {error}")
    if not found:
        sys.exit(f"anchors: there is no certificate (PEM) in {file}")
    return found


def main() -> None:
    words = sys.argv[1:]
    without: Set[str] = set()
    if words and words[0].startswith("--without="):
        without = set(filter(None, words.pop(0).partition("=")[2].split(",")))
    if len(words) < 3 or not without <= OPTIONAL.keys():
        sys.exit(f"anchors: a file, a size and certificates are needed, as TRUST=FILE gives them\n{__doc__}")
    out, size = Path(words[0]), size_of(words[1])
    without |= missing_in(words[1])
    der = b"".join(sum((anchors(file, without) for file in words[2:]), []))
    if len(der) > size:
        sys.exit(f"anchors: the certificates take {len(der)} bytes, but the board has {size}; give fewer with TRUST=FILE")
    out.write_bytes(der.ljust(size, b"\xff"))


if __name__ == "__main__":
    main()
