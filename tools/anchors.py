"""Makes the trust anchors of a board: the certificates of PEM files as DER, one behind the other, filled up with 0xFF
as erased flash is.

    python3 tools/anchors.py OUT SIZE FILE...
"""
import re
import ssl
import sys
from pathlib import Path

PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)


def main() -> None:
    out, size, files = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    found = [[ssl.PEM_cert_to_DER_cert(pem) for pem in PEM.findall(Path(file).read_text(encoding="utf-8"))]
             for file in files]
    for file, certificates in zip(files, found):
        if not certificates:
            sys.exit(f"anchors: there is no certificate in {file}")
    der = b"".join(sum(found, []))
    if len(der) > size:
        sys.exit(f"anchors: the certificates take {len(der)} bytes, but the board has {size}; give fewer with TRUST=FILE")
    out.write_bytes(der.ljust(size, b"\xff"))


if __name__ == "__main__":
    main()
