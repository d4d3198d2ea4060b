# SPDX-License-Identifier: MIT
"""The conformance of the lwIP port, on the board's own network."""
import os
import sys
import tempfile
import unittest
from pathlib import Path

FOLDERS = [Path(__file__).resolve().parents[1] / folder for folder in ("service", "port")]
sys.path += map(str, FOLDERS)

from device import HOST, Device  # noqa: E402
from dns import NameServer  # noqa: E402
from peer import Peer  # noqa: E402
from sntp import TimeServer  # noqa: E402

NOT_CHECKED = 2  # a name with two addresses, which lwIP's resolver does not give; a silent name server


class Conformance(unittest.TestCase):
    def test_lwip(self):
        with tempfile.TemporaryDirectory(prefix="mmdclose-test-") as folder, Peer(os.environ["PEER"]) as peer, \
                NameServer({"peer.test": HOST}) as names, TimeServer() as clock:
            options = {"connect": HOST, "port": peer.port, "request": peer.refused, "host": "peer.test",
                       "tenant": "unknown.test", "actions": peer.silent, "token": "-", "dns": HOST,
                       "dns-port": names.port, "sntp": HOST, "sntp-port": clock.port}
            words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
            console = Device(Path(folder), os.environ["CONFORMANCE"]).run(*words)
        self.assertEqual(console.status, 0, console.text)
        self.assertEqual(console.text.count("not checked"), NOT_CHECKED, console.text)


if __name__ == "__main__":
    unittest.main()
