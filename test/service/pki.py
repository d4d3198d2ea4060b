# SPDX-License-Identifier: MIT
"""A throw-away PKI in the shape of the real service's, good and bad, made with the openssl command.

    python3 pki.py DIR [NAME]      makes every variant for the host NAME (mmdls.test) and lists the files
"""
import datetime
import fcntl
import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator, List, Optional, Tuple

RSA_1024, RSA_2048, RSA_4096 = (["-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{n}"] for n in (1024, 2048, 4096))
E32, E33 = ([*RSA_2048, "-pkeyopt", f"rsa_keygen_pubexp:{n}"] for n in (2 ** 32 - 5, 2 ** 32 + 15))
P256, P384, P521 = (["-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{n}"] for n in ("P-256", "P-384", "P-521"))
PSS = ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]

# The extensions of an authority and of a server. One that is named again behind them counts in place of the first.
AUTHORITY = """basicConstraints = critical,CA:TRUE{depth}
keyUsage = critical,digitalSignature,keyCertSign,cRLSign"""
SERVER = """basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature{encipherment}
extendedKeyUsage = {usage}
subjectAltName = DNS:{name}"""
DEEP = """basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign"""
UNKNOWN = "\n1.2.3.4.5 = critical,ASN1:NULL"

# Certification authorities: issuer (None: a root), key, hash of the signature on the certificate, extensions.
AUTHORITIES = {
    "root": (None, RSA_2048, "sha256"),
    "intermediate": ("root", RSA_4096, "sha384"),
    "other-root": (None, RSA_2048, "sha256"),
    "other-intermediate": ("other-root", RSA_4096, "sha384"),
    "p256-root": (None, P256, "sha256"),
    "p256-intermediate": ("p256-root", P256, "sha256"),
    "p384-root": (None, P384, "sha384"),
    "p384-intermediate": ("p384-root", P384, "sha384"),
    "mail-intermediate": ("root", RSA_2048, "sha256", AUTHORITY + "\nextendedKeyUsage = emailProtection,clientAuth"),
    "constrained-intermediate": ("root", RSA_2048, "sha256",
                                 AUTHORITY + "\nnameConstraints = permitted;DNS:example.org"),
    "p521-root": (None, P521, "sha512"),
    "pss-root": (None, PSS, "sha256"),
    "constrained-root": (None, P256, "sha256", AUTHORITY + "\nnameConstraints = critical,permitted;DNS:test"),
    "leaf-issuer": ("p256-root", P256, "sha256", "basicConstraints = critical,CA:FALSE"),
    "unbound-issuer": ("p256-root", P256, "sha256", "keyUsage = critical,keyCertSign"),
    "unsigning-issuer": ("p256-root", P256, "sha256", AUTHORITY + "\nkeyUsage = critical,digitalSignature,cRLSign"),
    "sha1-issuer": ("p256-root", P256, "sha1"),
    "unknown-issuer-extension": ("p256-root", P256, "sha256", AUTHORITY + UNKNOWN),
    "too-deep-issuer": ("p256-intermediate", P256, "sha256"),
    "exponent-of-32-bits": ("p256-root", E32, "sha256"),
    "exponent-of-33-bits": ("p256-root", E33, "sha256"),
    "authority-1": ("p256-root", P256, "sha256", DEEP),
    "authority-2": ("authority-1", P256, "sha256", DEEP),
    "authority-3": ("authority-2", P256, "sha256", DEEP),
    "authority-4": ("authority-3", P256, "sha256", DEEP),
}


@dataclass(frozen=True)
class Leaf:
    """How one variant differs from a good server certificate. Times are in days from now."""
    issuer: Optional[str] = "intermediate"
    sends: Tuple[str, ...] = ("intermediate",)  # authorities sent after the leaf
    trust: str = "root"                         # what a client is told to trust
    key: Tuple[str, ...] = tuple(RSA_2048)
    hash: str = "sha384"
    name: Optional[str] = None
    first_day: int = -1
    last_day: int = 390
    usage: str = "serverAuth,clientAuth"
    extensions: str = SERVER


SELF_SIGNED = (None, (), "root", tuple(P256), "sha256")
BY_P256 = ("p256-intermediate", ("p256-intermediate",), "p256-root", tuple(P256), "sha256")

VARIANTS = {
    "good": Leaf(),
    "wrong-name": Leaf(name="other.test"),
    "expired": Leaf(first_day=-90, last_day=-1),
    "expires-soon": Leaf(last_day=20),
    "not-yet-valid": Leaf(first_day=30),
    "self-signed": Leaf(issuer=None, sends=()),
    "self-signed-expired": Leaf(*SELF_SIGNED, first_day=-90, last_day=-1),
    "self-signed-other-name": Leaf(*SELF_SIGNED, name="other.test"),
    "self-signed-for-clients": Leaf(*SELF_SIGNED, usage="clientAuth"),
    "self-signed-sha1": Leaf(*SELF_SIGNED[:4], hash="sha1"),
    "unknown-issuer": Leaf(issuer="other-intermediate", sends=("other-intermediate",)),
    "missing-intermediate": Leaf(sends=()),
    "p256": Leaf(*BY_P256),
    "p384": Leaf("p384-intermediate", ("p384-intermediate",), "p384-root", tuple(P384)),
    "rsa4096": Leaf(issuer="root", sends=(), key=tuple(RSA_4096)),
    "weak-key": Leaf(key=tuple(RSA_1024)),
    "client-usage": Leaf(usage="clientAuth"),
    "mail-authority": Leaf(issuer="mail-intermediate", sends=("mail-intermediate",)),
    "constrained-authority": Leaf(issuer="constrained-intermediate", sends=("constrained-intermediate",)),
    **{issuer: Leaf(issuer, (issuer, *more), *BY_P256[2:]) for issuer, *more in (
        ("leaf-issuer",), ("unbound-issuer",), ("unsigning-issuer",), ("sha1-issuer",), ("unknown-issuer-extension",),
        ("too-deep-issuer", "p256-intermediate"), ("exponent-of-32-bits",), ("exponent-of-33-bits",),
        *([f"authority-{n}" for n in range(deepest, 0, -1)] for deepest in (3, 4)))},
    "sha1": Leaf(*BY_P256[:4], hash="sha1"),
    "sha224": Leaf(*BY_P256[:4], hash="sha224"),
    **{root: Leaf(root, (), root, tuple(P256), digest) for root, digest in (
        ("p521-root", "sha512"), ("pss-root", "sha256"), ("constrained-root", "sha256"))},
    "list-usage": Leaf(extensions=SERVER + "\nkeyUsage = critical,cRLSign"),
    **{name: Leaf(*BY_P256, extensions=extensions) for name, extensions in {
        "unknown-extension": SERVER + UNKNOWN,
        "common-name": "basicConstraints = critical,CA:FALSE",
        "other-name": SERVER + "\nsubjectAltName = DNS:other.test",
        "uri-name": SERVER + "\nsubjectAltName = DNS:other.test,URI:{name}",
        "uri-beside": SERVER + "\nsubjectAltName = URI:https://other.test/,DNS:{name}",
        "any-name": SERVER + "\nsubjectAltName = DNS:*",
        "part-of-name": SERVER + "\nsubjectAltName = DNS:mm*.test",
        "any-host": SERVER + "\nsubjectAltName = DNS:*.test",
        "no-usage": "subjectAltName = DNS:{name}",
        "any-usage": SERVER + "\nextendedKeyUsage = anyExtendedKeyUsage",
        "many-names": SERVER + "\nsubjectAltName = DNS:{name}" + "".join(f",DNS:n{n}.test" for n in range(200)),
        "must-staple": SERVER + "\ntlsfeature = status_request",
    }.items()},
}

# ---- certificates whose bytes are changed ----

def der(tag: int, content: bytes) -> bytes:
    """An element as DER."""
    size = len(content)
    wide = b"" if size < 0x80 else size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(wide) if wide else size]) + wide + content


def elements(content: bytes) -> List[bytes]:
    """The DER elements one after the other."""
    found, at = [], 0
    while at < len(content):
        end = at + len(header(content[at:])) + size_of(content[at:])
        found.append(content[at:end])
        at = end
    return found


def header(element: bytes) -> bytes:
    return element[:2 + (element[1] & 0x7F if element[1] & 0x80 else 0)]


def size_of(element: bytes) -> int:
    return int.from_bytes(header(element)[2:], "big") if element[1] & 0x80 else element[1]


def inside(element: bytes) -> bytes:
    return element[len(header(element)):]


def reissued(certificate: bytes, key: str, fields: Callable[[List[bytes]], None]) -> bytes:
    """A certificate (DER) with the fields of its body changed in place, signed again with SHA-256 by that key, which
    is of the same kind as the one before."""
    body, algorithm, _ = elements(inside(certificate))
    parts = elements(inside(body))
    fields(parts)
    body = der(0x30, b"".join(parts))
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=body, check=True,
                               stdout=subprocess.PIPE).stdout
    return der(0x30, body + algorithm + der(3, b"\0" + signature))


def with_extensions(change: Callable[[List[bytes]], List[bytes]]) -> Callable[[List[bytes]], None]:
    """For reissued(): the list of extensions becomes another one."""
    def fields(parts: List[bytes]) -> None:
        parts[-1] = der(0xA3, der(0x30, b"".join(change(elements(inside(inside(parts[-1])))))))
    return fields


# The configuration `openssl ca` insists on. That command is used because in OpenSSL 3.0 no other sets both dates.
CONFIG = """
[req]
distinguished_name = subject
[subject]
[ca]
default_ca = throw_away
[throw_away]
database = {scratch}/index.txt
new_certs_dir = {scratch}
rand_serial = yes
policy = policy
[policy]
commonName = supplied
[extensions]
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
{extensions}
"""


def openssl(*arguments: str) -> None:
    """Run openssl; its complaints appear only when it fails."""
    done = subprocess.run(["openssl", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {arguments[0]} failed:\n{done.stdout}")


def day(offset: int) -> str:
    """Now, moved by whole days, as openssl writes a time."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(offset)).strftime("%Y%m%d%H%M%SZ")


class Pki:
    """Certificates for one host name, made when first asked for and kept in `folder`."""

    def __init__(self, folder, name: str = "mmdls.test") -> None:
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", name):
            raise ValueError(f"not a host name: {name!r}")
        self.folder, self.name = Path(folder).resolve(), name
        self.folder.mkdir(parents=True, exist_ok=True)

    def chain(self, variant: str) -> Tuple[str, str]:
        """The chain a server sends and its key, as two PEM files for ssl.SSLContext.load_cert_chain."""
        leaf, stem = VARIANTS[variant], f"{self.name}.{variant}"
        chain, key = self.folder / f"{stem}.chain.pem", self.folder / f"{stem}.key"
        with self._locked():
            if not chain.exists():
                authorities = [self._authority(name).read_text() for name in leaf.sends]
                certificate = self._leaf(stem, leaf)
                part = chain.with_suffix(".part")
                part.write_text(certificate.read_text() + "".join(authorities), encoding="ascii")
                part.replace(chain)
        return str(chain), str(key)

    def ca_file(self, variant: str = "good") -> str:
        """The root a client is to trust; for some variants it must then refuse the server."""
        with self._locked():
            return str(self._authority(VARIANTS[variant].trust))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Processes may share the folder: one of them at a time makes files."""
        with open(self.folder / ".lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _authority(self, name: str) -> Path:
        issuer, key, digest, *special = AUTHORITIES[name]
        certificate = self.folder / f"{name}.pem"
        if not certificate.exists():
            if issuer:
                self._authority(issuer)
            extensions = "".join(special or [AUTHORITY]).format(depth=",pathlen:0" if issuer else "")
            self._issue(name, f"Throw-away {name}", key, issuer, digest, extensions, (-400, 3650))
        return certificate

    def _leaf(self, stem: str, leaf: Leaf) -> Path:
        if leaf.issuer:
            self._authority(leaf.issuer)
        name = leaf.name or self.name
        extensions = leaf.extensions.format(name=name, usage=leaf.usage,
                                            encipherment=",keyEncipherment" if "RSA" in leaf.key else "")
        self._issue(stem, name, leaf.key, leaf.issuer, leaf.hash, extensions, (leaf.first_day, leaf.last_day))
        return self.folder / f"{stem}.pem"

    def _issue(self, stem, subject, key, issuer, digest, extensions, days) -> None:
        """Make a key and a certificate signed by `issuer`, or by itself; the certificate's file appears last."""
        key_file = str(self.folder / f"{stem}.key")
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            config, request, certificate = (os.path.join(scratch, name) for name in ("config", "request", "pem"))
            Path(config).write_text(CONFIG.format(scratch=scratch, extensions=extensions), encoding="ascii")
            Path(scratch, "index.txt").touch()
            openssl("genpkey", *key, "-out", key_file)
            openssl("req", "-new", "-config", config, "-key", key_file, "-subj", f"/CN={subject}", "-out", request)
            signer = ["-selfsign", "-keyfile", key_file]
            if issuer:
                signer = ["-cert", str(self.folder / f"{issuer}.pem"), "-keyfile", str(self.folder / f"{issuer}.key")]
            openssl("ca", "-batch", "-notext", "-config", config, "-extensions", "extensions",
                    *signer, "-md", digest, "-startdate", day(days[0]), "-enddate", day(days[1]),
                    "-in", request, "-out", certificate)
            os.replace(certificate, self.folder / f"{stem}.pem")


def main() -> None:
    if len(sys.argv) not in (2, 3) or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    pki = Pki(*sys.argv[1:])
    for variant in VARIANTS:
        chain, key = pki.chain(variant)
        print(f"{variant:25}{chain} {key}, to trust: {pki.ca_file(variant)}")


if __name__ == "__main__":
    main()
