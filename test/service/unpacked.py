# SPDX-License-Identifier: MIT
"""Servers of others: where tools/deps.sh unpacked them, and one that runs for a while on a port of loopback."""
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Dict, List

DEPS = Path(__file__).resolve().parents[2] / "deps"
START_WITHIN = 20.0  # seconds
STOP_WITHIN = 10.0
ENDS_AFTER = ["timeout", "--kill-after=5", "120"]  # also if this program can no longer end the server


def root(name: str) -> Path:
    """Where the files of a Debian package are: in the folder deps, or else the system's."""
    return DEPS / name if (DEPS / name).is_dir() else Path("/")


def environment(name: str) -> Dict[str, str]:
    """With the shared libraries that were unpacked beside the program."""
    folders = [str(folder) for lib in ("lib", "usr/lib") for pattern in ("*-linux-gnu", f"*-linux-gnu/{name}")
               for folder in (DEPS / name / lib).glob(pattern)]
    return {**os.environ, **({"LD_LIBRARY_PATH": ":".join(folders)} if folders else {})}


def listens(port: int) -> bool:
    """Without a connection, which a server might count, or pass on."""
    return bool(re.search(rf"^ *\d+: 0100007F:{port:04X} [0-9A-F]+:0000 0A ",
                          Path("/proc/net/tcp").read_text(encoding="ascii"), re.M))


def reserve_port() -> socket.socket:
    """A port of loopback that only who asks for it gets, as long as the socket is open: a server can still listen."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    return holder


class Running:
    """A server, from when it listens to the end of the `with` block."""

    def __init__(self, name: str, command: List[str], port: int, log: Path, group: str = "interop") -> None:
        self._log, self._port = log, port
        if not shutil.which(command[0]):
            raise RuntimeError(f"there is no {command[0]}: run 'tools/deps.sh deps {group}'")
        with open(self._log, "wb") as output:
            self._process = self._start(ENDS_AFTER + command, output, environment(name))

    def _start(self, command: List[str], log, env: Dict[str, str]) -> subprocess.Popen:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)

    def __enter__(self):
        deadline = time.monotonic() + START_WITHIN
        while not listens(self._port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError(f"it does not listen:\n{self.log}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")
