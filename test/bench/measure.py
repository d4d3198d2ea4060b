# SPDX-License-Identifier: MIT
"""How a run of a program is measured. Instructions, heap calls, bytes and segments repeat; times do not."""
import contextlib
import math
import os
import queue
import re
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

LIMIT = 300  # seconds for any run
CALLGRIND = ("valgrind", "--tool=callgrind")
# glibc does without string instructions then: callgrind counts one for each byte of it.
NO_STRINGS = "glibc.cpu.hwcaps=-ERMS,-FSRM"
ETHERNET = 1460              # bytes of a segment: what the relay tells the client to send, too
DATA_SEGMENTS = 152          # offset of tcpi_data_segs_in in Linux's struct tcp_info; tcpi_data_segs_out follows


class Command(NamedTuple):
    words: Sequence[str]
    input: str = os.devnull
    environment: Dict[str, str] = {}

    def fails(self) -> bool:
        return self._run(()).returncode != 0

    def run(self, *before: str) -> subprocess.CompletedProcess:
        """With words before it. What does not end with 0 ends the whole run."""
        done = self._run(before)
        if done.returncode != 0:
            sys.exit(f"bench: {' '.join(self.words)[:200]} ended with {done.returncode}:\n"
                     f"{done.stderr.decode()[-2000:]}")
        return done

    def _run(self, before: Tuple[str, ...]) -> subprocess.CompletedProcess:
        environment = {**os.environ, **self.environment}
        if before[:2] == CALLGRIND:
            environment.setdefault("GLIBC_TUNABLES", NO_STRINGS)
        with open(self.input, "rb") as source:
            return subprocess.run([*before, *self.words], stdin=source, capture_output=True, check=False, timeout=LIMIT,
                                  env=environment)


def said(pattern: str, done: subprocess.CompletedProcess) -> int:
    return int(re.search(pattern, done.stderr.decode())[1].replace(",", ""))


def instructions(command: Command) -> int:
    return said(r"Collected : (\d+)",
                command.run(*CALLGRIND, "--callgrind-out-file=/dev/null"))


def by_function(command: Command) -> Dict[str, int]:
    """Instructions by FILE:FUNCTION, the file being that of the source, wherever it was inlined."""
    with tempfile.NamedTemporaryFile() as out:
        command.run(*CALLGRIND, f"--callgrind-out-file={out.name}")
        listed = subprocess.run(["callgrind_annotate", "--auto=no", "--threshold=100", out.name], capture_output=True,
                                text=True, check=True, timeout=LIMIT).stdout
    found: Dict[str, int] = {}
    for count, place in re.findall(r"^ *([\d,]+) \( ?[\d.]+%\)  (\S+:\S+)", listed, re.M):
        found[place] = found.get(place, 0) + int(count.replace(",", ""))
    return found


def heap_calls(command: Command) -> Optional[int]:
    """None: of a static program valgrind does not see them."""
    if "/" in command.words[0] and "interpreter" not in subprocess.run(
            ["readelf", "--program-headers", command.words[0]], capture_output=True, check=True, text=True).stdout:
        return None
    return said(r"total heap usage: ([\d,]+) allocs",
                command.run("valgrind", "--leak-check=no", "--undef-value-errors=no"))


class Cost(NamedTuple):
    cpu_ms: float
    wall_ms: float
    peak_kb: int


def cost(runner: Path, command: Command, runs: int) -> Cost:
    """The medians of some runs, by run.c."""
    with tempfile.NamedTemporaryFile() as out:
        rows = []
        for _ in range(runs):
            command.run(str(runner), out.name)
            rows.append([int(word) for word in Path(out.name).read_text(encoding="ascii").split()[:3]])
    cpu, wall, peak = (statistics.median(column) for column in zip(*rows))
    return Cost(cpu / 1000, wall / 1000, int(peak))


# ---- what goes over the network ----

@dataclass
class Traffic:
    segments_out: int = 0  # as the client sees it
    segments_in: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    connections: int = 0


class Relay:
    """A link of a given round trip to a port of loopback, with segments of Ethernet's size.

    What comes is passed on half a round trip later, in both directions. The system makes the client's connection at
    once, so its first bytes are held for another round trip: the one that TCP's own handshake takes."""

    def __init__(self, port: int, round_trip_ms: int = 0) -> None:
        self._target, self._delay = port, round_trip_ms / 2000
        self.traffic = Traffic()
        self._threads: List[threading.Thread] = []
        self._listener = socket.socket()
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, ETHERNET)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> "Relay":
        self._start(self._accept)
        return self

    def __exit__(self, *_) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:  # grows until the last one has ended
            thread.join(LIMIT)
        self._listener.close()

    def _start(self, target, *arguments) -> threading.Thread:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # shut down
                return
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        traffic = self.traffic
        with client, socket.create_connection(("127.0.0.1", self._target), LIMIT) as server:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                end.settimeout(LIMIT)
            for thread in (*self._pump(client, server, "bytes_out", 2 * self._delay),
                           *self._pump(server, client, "bytes_in", 0)):
                thread.join(LIMIT)
            info = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
            counts = struct.unpack_from("II", info, DATA_SEGMENTS)
        traffic.connections += 1
        traffic.segments_out += counts[0]
        traffic.segments_in += counts[1]

    def _pump(self, source: socket.socket, sink: socket.socket, count: str, hold: float) -> List[threading.Thread]:
        pieces: queue.Queue = queue.Queue()

        def read() -> None:
            data, wait = b"-", self._delay + hold
            while data:
                try:
                    data = source.recv(65536)
                except OSError:  # a reset is an end, too
                    data = b""
                pieces.put((time.monotonic() + wait, data))
                wait = self._delay
                setattr(self.traffic, count, getattr(self.traffic, count) + len(data))

        def write() -> None:
            data = b"-"
            while data:
                due, data = pieces.get()
                time.sleep(max(0.0, due - time.monotonic()))
                with contextlib.suppress(OSError):  # it left before the end
                    sink.sendall(data) if data else sink.shutdown(socket.SHUT_WR)
        return [self._start(read), self._start(write)]


def over(runner: Path, command_of: Callable[[int], Command], port: int, round_trip_ms: int) -> Tuple[float, Traffic]:
    """Over such a link: the milliseconds of the shortest of three runs, since a busy machine only makes them longer;
    and what went over it."""
    shortest_ms = math.inf
    for _ in range(3 if round_trip_ms else 1):
        with Relay(port, round_trip_ms) as relay:
            shortest_ms = min(shortest_ms, cost(runner, command_of(relay.port), 1).wall_ms)
    return shortest_ms, relay.traffic
