# SPDX-License-Identifier: MIT
"""Runs the firmware of a board, in the emulator or as a program of this machine.

The board and its finished image are those of the environment variables BOARD and FIRMWARE; the program that loses
frames of an emulated board is that of RELAY.
"""
import os
import re
import secrets
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional, Sequence

HOST = "10.0.2.2"       # as the device sees this machine's loopback
SEED_LEN = 48
LONGEST_RUN = 150.0     # seconds; a device that takes longer hangs
SANITIZER_STATUS = 99   # apart from what the firmware ends with
NATIVE = "slirp"        # the board that is a program of this machine

Command = List[str]


@dataclass
class Console:
    """What a run left."""
    status: int
    text: str

    @property
    def sentences(self) -> List[str]:
        """The lines that are not behind a time: what is said without --verbose, too. Without the date in them."""
        return [re.sub(r" \(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)", "", line) for line in self.text.splitlines()
                if not re.match(r" *\d+ ms  ", line)]

    def numbers(self, before: str) -> List[int]:
        """The number behind this text, each time it was said."""
        return [int(n) for n in re.findall(re.escape(before) + r" *(\d+)", self.text)]


class Relay:
    """Stands between QEMU and its network, and loses `loss` of 100 frames each way."""

    def __init__(self, loss: int) -> None:
        self._process = subprocess.Popen([os.path.abspath(os.environ["RELAY"]), str(loss)], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE)
        self._port = int(self._process.stdout.readline())

    def __enter__(self) -> Command:
        """The options for QEMU."""
        loopback = "type=inet,{0}.host=127.0.0.1,{0}.port={1}"
        return ["-net", "nic,netdev=lossy", "-netdev", "dgram,id=lossy,local." + loopback.format("local", 0)
                + ",remote." + loopback.format("remote", self._port)]

    def __exit__(self, *_) -> None:
        """It ends when its input does."""
        self._process.communicate()


class Device:
    """One device, whose seed lasts from run to run in `folder`, as does what is put into the file `secret` there."""

    def __init__(self, folder: Path, image: str, board: str = "") -> None:
        self.board, self.folder = board or os.environ["BOARD"], Path(folder)
        self.image = os.path.abspath(image)
        self.seed = self.folder / "seed"
        self.seed.write_bytes(secrets.token_bytes(SEED_LEN))
        self.secret = self.folder / "secret"

    def run(self, *words: str, loss: int = 0, **native_only: Optional[int]) -> Console:
        """Switches it on with this command line; returns when it is done.

        `loss`: of 100 frames each way. Only for NATIVE: `lease`, seconds for which DHCP gives the address; `vlan`, what
        the frames that it receives are tagged with.
        """
        native = self.board == NATIVE
        with Relay(loss) if loss and not native else nullcontext(["-nic", "user"]) as network:
            command = [self.image, *words] if native else emulator(self.board, self.image, words, network)
            if self.secret.exists() and not native:
                command += ["-device", f"loader,file={self.secret},addr={secret_at(self.image):#x},force-raw=on"]
            changes = {"FRAME_LOSS": str(loss)}
            changes.update((name.upper(), str(value)) for name, value in native_only.items() if value is not None)
            return self._run(command, changes if native else {})

    def _run(self, command: Command, environment: dict) -> Console:
        sanitizer = f"exitcode={SANITIZER_STATUS}"
        process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env={**os.environ, "ASAN_OPTIONS": sanitizer,
                                                                "UBSAN_OPTIONS": sanitizer, **environment})
        try:
            out, err = process.communicate(timeout=LONGEST_RUN)
            complaint = err and (self.board == NATIVE or not out)  # QEMU warns of what it emulates, too
            fault = "" if process.returncode in range(11) and not complaint else f"ended with {process.returncode}"
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            fault = "hung"
        if fault:
            raise RuntimeError(f"{self.board} {fault}:\n{out.decode(errors='replace')}\n{err.decode(errors='replace')}")
        return Console(process.returncode, out.decode("utf-8").replace("\r\n", "\n"))


def emulator(board: str, image: str, words: Sequence[str], network: Command) -> Command:
    line = ",".join("arg=" + quote(word).replace(",", ",,") for word in ["mmdclose", *words])
    return ["qemu-system-arm", "-M", board, "-nographic", "-monitor", "none", "-serial", "stdio", "-icount", "shift=0",
            *network, "-semihosting-config", f"enable=on,target=native,{line}", "-kernel", image]


def secret_at(image: str) -> int:
    """Where a board looks for its credential."""
    symbols = subprocess.run(["arm-none-eabi-nm", image], stdout=subprocess.PIPE, text=True, check=True).stdout
    return int(re.search(r"^([0-9a-f]+) \S secret_begin$", symbols, re.M)[1], 16)


def quote(word: str) -> str:
    """As the firmware takes a command line apart."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def with_anchors(image: str, root: str, out: Path) -> str:
    """A finished image, made to trust the certificate in the file `root` alone; returns `out`."""
    anchors = out.with_suffix(".der")
    make = Path(__file__).resolve().parents[2] / "tools" / "anchors.py"
    subprocess.run([sys.executable, make, anchors, image, root], check=True)
    return with_section(image, anchors, out)


def with_section(image: str, anchors: Path, out: Path) -> str:
    """A finished image with the bytes of that file as its anchors, whatever they are; returns `out`."""
    tools = "" if os.environ["BOARD"] == NATIVE else "arm-none-eabi-"
    subprocess.run([tools + "objcopy", "--update-section", f".anchors={anchors}", image, out], check=True)
    return str(out)
