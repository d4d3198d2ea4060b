# SPDX-License-Identifier: MIT
"""Verifies client assertions (RFC 7523): JWTs signed PS256, with the openssl command."""
import base64
import binascii
import hashlib
import json
import re
import ssl
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Set

from oauth import Denied, Wrong

KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
HEADER = {"alg", "typ", "x5t#S256"}
CLAIMS = {"aud", "iss", "sub", "jti", "iat", "nbf", "exp"}
LONGEST_LIFE = 600  # seconds
SALT = 32           # bytes: as long as the hash (RFC 7518, 3.5)
OPENSSL_WITHIN = 20.0


def openssl(*arguments: str, data: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["openssl", *arguments], input=data, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=OPENSSL_WITHIN, check=False)


def thumbprint(pem_file: str) -> str:
    """x5t#S256 of the first certificate in a file (RFC 7515, 4.1.8)."""
    first = re.search("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", Path(pem_file).read_text("ascii"),
                      re.S)
    return encode(hashlib.sha256(ssl.PEM_cert_to_DER_cert(first[0])).digest())


def public_key(pem_file: str) -> bytes:
    done = openssl("x509", "-in", pem_file, "-noout", "-pubkey")
    if done.returncode:
        raise ValueError(f"not a certificate: {pem_file}")
    return done.stdout


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: bytes, what: str) -> bytes:
    """Without padding, and in the one form that these bytes have (RFC 7515, 2)."""
    try:
        if not re.fullmatch(rb"[A-Za-z0-9_-]+", text):
            raise ValueError
        data = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        raise Wrong("assertion", f"the {what} is not base64url") from None
    if encode(data).encode("ascii") != text:
        raise Wrong("assertion", f"the {what} has bits that are not zero after its last byte")
    return data


def json_object(text: bytes, what: str, names: Set[str]) -> Dict[str, Any]:
    """With exactly these members, each once."""
    try:
        members = json.loads(decode(text, what).decode("utf-8"), object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        raise Wrong("assertion", f"the {what} is not JSON") from None
    if not isinstance(members, tuple) or sorted(name for name, _ in members) != sorted(names):
        raise Wrong("assertion", f"the {what} does not have exactly {', '.join(sorted(names))}")
    return dict(members)


def is_signed(signed: bytes, signature: bytes, key: bytes) -> bool:
    """As PS256 demands: SHA-256, MGF1 with the same, 32 bytes of salt."""
    with tempfile.TemporaryDirectory(prefix="assertion-") as folder:
        key_file, signature_file = Path(folder, "key"), Path(folder, "signature")
        key_file.write_bytes(key)
        signature_file.write_bytes(signature)
        return openssl("dgst", "-sha256", "-verify", str(key_file), "-sigopt", "rsa_padding_mode:pss", "-sigopt",
                       f"rsa_pss_saltlen:{SALT}", "-sigopt", "rsa_mgf1_md:sha256", "-signature", str(signature_file),
                       data=signed).returncode == 0


class Assertions:
    """What one client may prove itself with. `seen` has the ids of all assertions so far."""

    def __init__(self) -> None:
        self._keys: Dict[str, bytes] = {}
        self.seen: List[str] = []

    def register(self, pem_file: str) -> None:
        """A certificate, as PEM."""
        self._keys[thumbprint(pem_file)] = public_key(pem_file)

    def check(self, assertion: bytes, client_id: str, audience: str, now: float) -> None:
        """Raises Wrong or Denied."""
        parts = assertion.split(b".")
        if len(parts) != 3:
            raise Wrong("assertion", f"{len(parts)} parts, not three")
        header = json_object(parts[0], "header", HEADER)
        if (header["alg"], header["typ"]) != ("PS256", "JWT"):
            raise Wrong("assertion", "the header does not say PS256 and JWT")
        key = self._keys.get(header["x5t#S256"]) if isinstance(header["x5t#S256"], str) else None
        if not key:
            raise Denied("not_registered")
        if not is_signed(b".".join(parts[:2]), decode(parts[2], "signature"), key):
            raise Wrong("signature")
        self._check_claims(json_object(parts[1], "payload", CLAIMS), client_id, audience, now)

    def _check_claims(self, claims: Dict[str, Any], client_id: str, audience: str, now: float) -> None:
        if claims["aud"] != audience:
            raise Wrong("audience")
        if not claims["iss"] == claims["sub"] == client_id:
            raise Wrong("issuer")
        times = [claims[name] for name in ("iat", "nbf", "exp")]
        if any(type(each) is not int for each in times):
            raise Wrong("assertion", "a time is not a whole number")
        issued, begin, end = times
        if not issued < end <= begin + LONGEST_LIFE:
            raise Wrong("assertion", f"issued after its end, or for longer than {LONGEST_LIFE} seconds")
        if not begin <= now < end:
            raise Denied("time")
        if not isinstance(claims["jti"], str) or not claims["jti"] or claims["jti"] in self.seen:
            raise Wrong("assertion", "jti is not a new string")
        self.seen.append(claims["jti"])
