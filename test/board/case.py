# SPDX-License-Identifier: MIT
"""What the tests of a board share: the services that a device needs, a run of it, and the manners of every run.

Beside BOARD, FIRMWARE and RELAY (see device.py), MMDCLOSE is the Linux command, whose sentences a board says too.
TLS13, P384, KEY, PROXY, REQUEST_MAX, TOKEN_MAX, COMMAND_MAX: the image was built with these (mk/firmware.mk).
"""
import atexit
import functools
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

# Behind our own folder, which has modules of the same names.
sys.path += [str(Path(__file__).resolve().parents[1] / folder) for folder in ("system", "service")]

import harness  # noqa: E402
from device import HOST, NATIVE, Console, Device, with_anchors  # noqa: E402
from dns import NameServer  # noqa: E402
from harness import ACTIONS, PKI, REQUEST, TENANT, TOKEN, Result  # noqa: E402
from service import Service  # noqa: E402
from sntp import TimeServer  # noqa: E402
from tls import Tls  # noqa: E402

BOARD = os.environ["BOARD"]
VERSIONS = ("1.2", "1.3") if os.environ.get("TLS13") == "yes" else ("1.2",)
HAS_P384 = os.environ.get("P384") == "yes"
CLOSED = "closed elevation request "
# Whether all tests run: on the native board, which is fast and has sanitizers; on emulated ones in make deep only.
WHOLE = BOARD == NATIVE or "MMDCLOSE_WHOLE" in os.environ
IMAGES = Path(tempfile.mkdtemp(prefix="mmdclose-images-"))
atexit.register(shutil.rmtree, IMAGES, ignore_errors=True)


@functools.lru_cache(maxsize=None)
def image_that_trusts(variant: str) -> str:
    """The root that belongs to a variant of the server's certificate."""
    return with_anchors(os.environ["FIRMWARE"], PKI.ca_file(variant), IMAGES / variant)


def rows(table: Dict[str, Any], *on_each_board: str) -> Dict[str, Any]:
    """All rows of the table, or these: what the others show does not depend on the board."""
    return table if WHOLE else {name: table[name] for name in on_each_board}


def one_board_is_enough(test: Callable) -> Optional[Callable]:
    """For a test that shows nothing which depends on the board."""
    return test if WHOLE else None


def only(version: str, **options: Any) -> Tls:
    return Tls(PKI, minimum=version, maximum=version, **options)


def closed(request: str) -> str:
    return f"{CLOSED}{request} of tenant {TENANT}."


def plain(sentence: str) -> str:
    """Without what differs from answer to answer, and from the command to the firmware."""
    sentence = re.sub(r"^mmdclose: | \(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)", "", sentence)
    sentence = re.sub(r"request-id [0-9a-f-]{36}", "request-id GUID", sentence)
    return sentence.replace("--ca-file", "TRUST=FILE when the firmware is built")


class Case(harness.Case):
    """Devices to switch on, beside what the tests of the Linux command have: serve, close ..."""

    def setUp(self) -> None:
        super().setUp()
        self.device = self.new_device()

    def new_device(self, variant: str = "good") -> Device:
        return Device(Path(tempfile.mkdtemp(dir=self.folder)), image_that_trusts(variant))

    def boot(self, service: Service, *more: str, requests: Sequence[str] = (REQUEST,), token: Optional[str] = TOKEN,
             names: Dict[str, Any] = {}, clock: Dict[str, Any] = {}, verbose: bool = True, loss: int = 0,
             lease: Optional[int] = None, vlan: Optional[int] = None, **changes: Any) -> Console:
        """Switch the device on beside the service; a change to None leaves an option out.

        `names` and `clock` change the name server and the time server, which then are self.names and self.clock.
        """
        self.names = NameServer(**{"names": {service.name: HOST}, **names})
        self.clock = TimeServer(**clock)
        with self.names, self.clock:
            options = {"tenant": TENANT, "actions": ACTIONS, "token": token, "host": service.name,
                       "port": service.port, "dns": HOST, "dns_port": self.names.port, "sntp": HOST,
                       "sntp_port": self.clock.port, "timeout": 20, **changes}
            words: List[str] = []
            for name, value in options.items():
                if value is not None:
                    words += ["--" + name.replace("_", "-"), str(value)]
            for request in requests:
                words += ["--request", request]
            console = self.device.run(*words, *["--verbose"] * verbose, *more, loss=loss, lease=lease, vlan=vlan)
        self.check_board(console, requests, token or "", verbose)
        return console

    def check_board(self, console: Console, requests: Sequence[str], token: str, verbose: bool) -> None:
        """Whatever a device does, it shows its manners."""
        self.assertNoToken(console.text.encode(), token)
        self.assertEqual(self.names.problems + self.clock.problems, [])
        self.assertTrue(console.sentences, console.text)
        for sentence in console.sentences:
            self.assertRegex(sentence, rf"\A({CLOSED}|mmdclose: )\S.*\.\Z")
        closed = [sentence.startswith(CLOSED) for sentence in console.sentences]
        self.assertEqual(all(closed), console.status == 0, console.text)
        if verbose and re.search(r" address \S+ by DHCP$", console.text, re.M):
            self.assertEqual(len(closed), len(requests), console.text)
            self.check_memory(console, len(requests))
        else:
            self.assertNotIn("TLS pool", console.text)

    def check_memory(self, console: Console, requests: int) -> None:
        """Told when the network is up and after each closing. Only a connection that is kept may hold any of it."""
        in_use, peaks, stack = (console.numbers(text) for text in ("TLS pool", "in use, peak", "stack"))
        self.assertEqual(len(in_use), 1 + requests, console.text)
        self.assertEqual((in_use[0], in_use[-1]), (0, 0), console.text)
        pool_size, stack_size = (int(re.search(rf"{what} \d+[^;]* of (\d+)", console.text)[1])
                                 for what in ("TLS pool", "stack"))
        self.assertLess(max(peaks), pool_size)
        self.assertTrue(max(stack) < stack_size or BOARD == NATIVE, console.text)

    def assertTold(self, console: Console, status: int, *parts: str) -> None:
        """One sentence, which has these parts, and the exit status."""
        self.assertEqual((console.status, len(console.sentences)), (status, 1), console.text)
        for part in parts:
            self.assertIn(part, console.sentences[0])

    def assertNothingAsked(self, service: Service) -> None:
        """Nothing has left the device but, at most, its wish for an address."""
        self.assertEqual((service.connections, self.names.asked, self.clock.asked), ([], [], 0))

    def assertSame(self, console: Console, result: Result) -> None:
        """The device says what the command says."""
        self.assertEqual((console.status, [plain(sentence) for sentence in console.sentences]),
                         (result.status, [plain(result.json["sentence"])]), console.text)
