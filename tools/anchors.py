# SPDX-License-Identifier: MIT
"""Makes the trust anchors of a board: the certificates of PEM files as DER, one after the other, filled up with 0xFF
as erased flash is.

    python3 tools/anchors.py OUT SIZE FILE...

SIZE: in bytes, or a finished image: the size of its section .anchors.
"""
import re
import ssl
import subprocess
import sys
from pathlib import Path
from typing import List

PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)
SECTION = re.compile(r" \.anchors +PROGBITS +[0-9a-f]+ +[0-9a-f]+ +([0-9a-f]+)")


def size_of(text: str) -> int:
    if text.isdigit():
        return int(text)
    listed = subprocess.run(["readelf", "--sections", "--wide", text], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True, check=False)
    found = SECTION.search(listed.stdout)
    if not found:
        sys.exit(f"anchors: {text} is neither a size in bytes nor an image with a section .anchors")
    return int(found[1], 16)


def authorities(file: str) -> List[bytes]:
    """The certificates of a file, all of which have to be whole, and authorities'."""
    try:
        found = [ssl.PEM_cert_to_DER_cert(pem) for pem in PEM.findall(Path(file).read_text("ascii", "replace"))]
        for der in found:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cadata=der)
            if not context.get_ca_certs():
                sys.exit(f"anchors: a certificate in {file} is not an authority's")
    except (OSError, ValueError) as error:
        sys.exit(f"anchors: {file} cannot be used: {error}")
    if not found:
        sys.exit(f"anchors: there is no certificate (PEM) in {file}")
    return found


def main() -> None:
    if len(sys.argv) < 4:
        sys.exit(f"anchors: a file, a size and certificates are needed, as TRUST=FILE gives them\n{__doc__}")
    out, size = Path(sys.argv[1]), size_of(sys.argv[2])
    der = b"".join(sum(map(authorities, sys.argv[3:]), []))
    if len(der) > size:
        sys.exit(f"anchors: the certificates take {len(der)} bytes, but the board has {size}; give fewer with TRUST=FILE")
    out.write_bytes(der.ljust(size, b"\xff"))


if __name__ == "__main__":
    main()
