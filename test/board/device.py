"""Runs the firmware of a board, in the emulator or as a program, with what a network has to have for it.

The board and its image are those of the environment variables BOARD and FIRMWARE.
"""
import os
import re
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

HOST = "10.0.2.2"  # as the device sees this machine's loopback
SEED_LEN = 48
LONGEST_RUN = 120.0  # seconds; a device that takes longer hangs


@dataclass
class Console:
    """What a run left."""
    status: int
    text: str

    @property
    def sentences(self) -> Sequence[str]:
        """The lines that are not behind a time."""
        return [line for line in self.text.splitlines() if not re.match(r" *\d+ ms  ", line)]

    def numbers(self, before: str) -> Sequence[int]:
        """The number behind this text, each time it was said."""
        return [int(n) for n in re.findall(re.escape(before) + r" *(\d+)", self.text)]


class Device:
    """One device, whose seed lasts from run to run in `folder`."""

    def __init__(self, folder: Path, board: str = "", image: str = "") -> None:
        self.board, self.folder = board or os.environ["BOARD"], Path(folder)
        self.image = os.path.abspath(image or os.environ["FIRMWARE"])
        self.set_seed(secrets.token_bytes(SEED_LEN))

    def set_seed(self, seed: bytes) -> None:
        (self.folder / "seed").write_bytes(seed)

    def command(self, words: Sequence[str], nic: str = "user") -> Sequence[str]:
        if self.board == "slirp":
            return [self.image, *words]
        line = ",".join("arg=" + quote(word).replace(",", ",,") for word in ["mmdclose", *words])
        return ["qemu-system-arm", "-M", self.board, "-nographic", "-monitor", "none", "-serial", "stdio",
                "-icount", "shift=0", "-nic", nic, "-semihosting-config", f"enable=on,target=native,{line}",
                "-kernel", self.image]

    def run(self, *words: str, nic: str = "user", **environment: str) -> Console:
        done = subprocess.run(self.command(words, nic), cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LONGEST_RUN,
                              env={**os.environ, **environment})
        text = done.stdout.decode("utf-8").replace("\r", "")
        if done.returncode not in range(10):
            raise RuntimeError(f"{self.board} ended with {done.returncode}:\n{text}\n{done.stderr.decode()}")
        return Console(done.returncode, text)


def quote(word: str) -> str:
    """As the firmware takes a command line apart."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
