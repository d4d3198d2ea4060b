# SPDX-License-Identifier: MIT
"""The demo of a board: boots its firmware beside a stand-in for the service and closes a request over DHCP, DNS, SNTP
and verified TLS, then shows what a second closing and an unknown request come to. Leaves nothing running.

    python3 test/board/demo.py BOARD IMAGE
"""
import os
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "service")]

from device import HOST, Device, with_anchors  # noqa: E402
from dns import NameServer  # noqa: E402
from pki import Pki  # noqa: E402
from service import DEFAULT_TOKEN, Service  # noqa: E402
from sntp import TimeServer  # noqa: E402
from tls import Tls  # noqa: E402

TENANT, REQUEST = "5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11", "c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e02"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
ACTIONS = "Replaced the printer's driver."
SENTENCES = [f"closed elevation request {REQUEST} of tenant {TENANT}.",
             f"mmdclose: elevation request {REQUEST} of tenant {TENANT} was closed already",
             f"mmdclose: elevation request {UNKNOWN} of tenant {TENANT} does not exist"]


def main() -> int:
    board, image = sys.argv[1:]
    os.environ["BOARD"] = board
    with tempfile.TemporaryDirectory(prefix="mmdclose-demo-") as folder:
        print("== A stand-in for the service: RSA-2048 certificate, RSA-4096 intermediate, on loopback", flush=True)
        pki = Pki(folder)
        print("== The firmware, with the root of that in its section .anchors", flush=True)
        device = Device(Path(folder), with_anchors(image, pki.ca_file(), Path(folder, "image")), board)
        with Service(Tls(pki)) as service, NameServer({service.name: HOST}) as names, TimeServer() as clock:
            service.add(TENANT, REQUEST)
            print(f"== {board} is to close a request, the same again, and one that does not exist\n", flush=True)
            console = device.run(
                "--tenant", TENANT, "--request", REQUEST, "--request", REQUEST, "--request", UNKNOWN,
                "--actions", ACTIONS, "--token", DEFAULT_TOKEN, "--host", service.name, "--port", str(service.port),
                "--dns", HOST, "--dns-port", str(names.port), "--sntp", HOST, "--sntp-port", str(clock.port),
                "--verbose")
            print(console.text)
            print(f"(exit status {console.status}, that of the first that was not closed)\n")
            print(f"== The service has recorded: {service.actions(TENANT, REQUEST)}")
            right = [len(console.sentences) == 3, *map(str.startswith, console.sentences, SENTENCES),
                     console.status == 3,
                     service.actions(TENANT, REQUEST) == ACTIONS, names.asked, clock.asked,
                     not service.problems + names.problems + clock.problems]
    print("demo: as it should be" if all(right) else "demo: SOMETHING WENT WRONG")
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
