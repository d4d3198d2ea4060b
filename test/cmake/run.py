# SPDX-License-Identifier: MIT
"""Runs the sample of examples/cmake against the stand-in service: it refuses a server that it
does not trust, closes a request, and learns that it is closed.

    python3 test/cmake/run.py PROGRAM
"""
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "service"))
sys.dont_write_bytecode = True
from pki import Pki  # noqa: E402
from service import DEFAULT_TOKEN, Service  # noqa: E402
from tls import Tls  # noqa: E402

TENANT, REQUEST = "5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11", "c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e02"
CLOSED, ALREADY_CLOSED, NOT_VERIFIED = 0, 3, 8


def main() -> int:
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="mmdclose-cmake-") as folder:
        pki = Pki(folder)
        with Service(Tls(pki)) as service:
            service.add(TENANT, REQUEST)

            def close(ca_file: str) -> int:
                command = [program, service.name, str(service.port), service.address, ca_file,
                           TENANT, REQUEST, "Tested."]
                return subprocess.run(command, input=DEFAULT_TOKEN + "\n", text=True, timeout=60,
                                      check=False).returncode

            found = [close("/etc/ssl/certs/ca-certificates.crt"), close(str(pki.ca_file())), close(str(pki.ca_file()))]
            actions = service.actions(TENANT, REQUEST)
    right = found == [NOT_VERIFIED, CLOSED, ALREADY_CLOSED] and actions == "Tested."
    print(f"cmake-check: {'as it should be' if right else 'SOMETHING WENT WRONG'} (exit statuses {found})")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
