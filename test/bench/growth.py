# SPDX-License-Identifier: MIT
"""How the cost of what mmdclose does grows with its input: instructions at some sizes, and the line through them."""
import base64
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Callable, Iterator, List, NamedTuple, Sequence, Tuple

from clients import ADDRESS, NAME, TENANT, Bench
from measure import Command, instructions

POSSIBLE = b"Throw-away root"  # the name of the test's root; the other anchors have a number in it


class Series(NamedTuple):
    title: str
    unit: str                       # of what grows
    points: Sequence[Tuple[int, int]]

    def line(self) -> Tuple[float, float]:
        """Its slope, and its value at 0: the least squares."""
        return statistics.linear_regression([x for x, _ in self.points], [y for _, y in self.points])

    def deviation(self) -> float:
        """The farthest point from the line, as a share of the highest."""
        slope, base = self.line()
        return max(abs(y - base - slope * x) for x, y in self.points) / max(y for _, y in self.points)

    def r_squared(self) -> float:
        return statistics.correlation([x for x, _ in self.points], [y for _, y in self.points]) ** 2


def per_round(program: Path, *work: str, rounds: int = 1000, size: str = "") -> int:
    """The difference of many and few rounds: starting the program does not count."""
    few, many = (instructions(Command([str(program), *work, str(n), *([size] if size else [])]))
                 for n in (10, 10 + rounds))
    return (many - few) // rounds


def anchors(bench: Bench, count: int) -> str:
    """A file of so many roots, the one that is needed last. No client checks a root's own signature."""
    der = Path(bench.der(bench.root)).read_bytes()
    assert der.count(POSSIBLE) == 2  # issuer and subject
    path = bench.folder / "anchors.pem"
    with open(path, "w", encoding="ascii") as out:
        for number in range(count - 1, -1, -1):
            name = b"Throw-away %04d" % number if number else POSSIBLE
            text = base64.encodebytes(der.replace(POSSIBLE, name)).decode().replace("\n", "")
            lines = "\n".join(text[at:at + 64] for at in range(0, len(text), 64))
            out.write(f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
    return str(path)


def queued(bench: Bench, counts: Sequence[int]) -> Iterator[Tuple[int, int]]:
    """A list of what waits: each record is read and checked, as for a flush. They are taken into the queue by a flush
    that cannot reach the service, since no port is 1."""
    program = str(bench.build / "mmdclose")
    with tempfile.TemporaryDirectory(prefix="mmdclose-bench-", dir="/dev/shm") as folder:
        drop, state = ["--no-config", "--drop-dir", f"{folder}/drop"], ["--state-dir", f"{folder}/state"]
        flush = ["queue", "flush", *drop, *state, "--runtime-dir", folder, "--tenant", TENANT, "--token-file",
                 bench.token, "--host", NAME, "--connect", ADDRESS, "--port", "1", "--ca-file", bench.root]
        have = 0
        for count in counts:
            for number in range(have, count):
                Command([program, "queue", "add", *drop, "--tenant", TENANT, "--request", f"r{number:05}", "--actions",
                         "Replaced the printer's driver."]).run()
            have = count
            subprocess.run([program, *flush], capture_output=True, timeout=300, check=False)
            yield count, instructions(Command([program, "queue", "list", *drop, *state]))


def all_of(bench: Bench, port: int) -> List[Series]:
    pure = bench.build / "test/bench/bench"

    def of_pure(work: str, sizes: Sequence[int]) -> List[Tuple[int, int]]:
        return [(size, per_round(pure, work, rounds=40, size=str(size))) for size in sizes]

    def of(make: Callable[[int], Command], counts: Sequence[int]) -> List[Tuple[int, int]]:
        return [(count, instructions(make(count))) for count in counts]

    return [
        Series("Building: the text", "bytes", of_pure("text", (1, 8192, 16384, 32768, 49152, 65536))),
        Series("Building: the token", "bytes", of_pure("token", (1, 1024, 2048, 4096, 6144, 8192))),
        Series("Parsing: the response's head", "bytes", of_pure("head", (100, 8192, 16384, 30000, 45000, 60000))),
        Series("Closings on one connection", "closings", of(lambda n: bench.kept(port, n), (1, 100, 250, 500, 1000))),
        Series("A list of the queue", "records", list(queued(bench, (1, 100, 250, 500, 1000)))),
        Series("A closing: the anchors", "anchors", of(
            lambda n: bench.mmdclose(bench.build / "mmdclose", port, anchors(bench, n)), (1, 50, 100, 200, 300, 400))),
    ]
