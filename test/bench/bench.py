# SPDX-License-Identifier: MIT
"""Measures a closing beside other clients, in one run, and how its cost grows. Prints what docs/costs.md says, or with
WRITE=yes puts it there, and draws docs/peers.svg and docs/growth.svg.

    WRITE=yes|no python3 test/bench/bench.py BUILD STATIC

STATIC: the command, linked with musl. What is measured: clients.py; how: measure.py.
"""
import datetime
import os
import platform
import re
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence

sys.dont_write_bytecode = True
import draw  # noqa: E402
import growth  # noqa: E402
from clients import VERSIONS, Bench, Client, versions  # noqa: E402
from measure import Command, Traffic, by_function, cost, heap_calls, instructions, over  # noqa: E402

COSTS = Path(__file__).resolve().parents[2] / "docs/costs.md"
BEGIN, END = "<!-- figures: make bench; it prints what follows -->\n", "<!-- end of make bench -->\n"
WORKS = {"build-30": "build the request, 1.7 KB token, 30 characters",
         "build-1000": "the same with 1,000 characters, 41 escaped", "parse-204": "parse `204`",
         "parse-400": "parse `400` with its error object", "parse-404": "parse `404`, chunked"}
# Of the command's own instructions, by the first pattern that fits FILE:FUNCTION.
PARTS = {
    "RSA, big numbers, elliptic curves": r"library/(bignum|rsa|ec|constant_time)|src/tls/front_(power|montgomery)",
    "X25519": r"everest|src/tls/front_x25519",
    "hashes": r"library/(sha|md|hkdf)",
    "ciphers": r"library/(aes|gcm|cha|poly|cipher)",
    "memory: pool, copies, wiping": r"tls_pool|platform_util|mem(set|cpy|move)|explicit_bzero",
    "handshake, records, certificates": r"library/|src/tls/",
    "the rest of `mmdclose`": r"^(src|programs|port|build)/",
    "program's start, C library": r"",
}
RUNS = 21          # of which the median time counts
LINKS = (20, 200)  # milliseconds of a round trip


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], words: int = 1) -> str:
    """In Markdown; all columns but the first ones are numbers."""
    lines = [head, ["---"] * words + ["---:"] * (len(head) - words), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def millions(count: float) -> str:
    return f"{count / 1e6:.1f}"


def in_words(walls_ms: Sequence[float]) -> str:
    return " / ".join([f"{walls_ms[0]:.1f}", *(f"{wall_ms:.0f}" for wall_ms in walls_ms[1:])])


def say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


def part_of(place: str) -> str:
    return next(name for name, pattern in PARTS.items() if re.search(pattern, place))


class Row(NamedTuple):
    """What a client took for one closing."""
    client: Client
    version: str
    count: int
    heap: Optional[int]
    cpu_ms: float
    peak_kb: int
    wall_ms: Sequence[float]
    traffic: Traffic

    def round_trips(self) -> int:
        return round((self.wall_ms[2] - self.wall_ms[1]) / (LINKS[1] - LINKS[0]))

    def cells(self) -> List[str]:
        t = self.traffic
        heap = "" if self.heap is None else f"{self.heap:,}"
        return [self.client.name, self.version, millions(self.count), f"{self.cpu_ms:.1f}", f"{self.peak_kb:,}", heap,
                str(t.segments_out), f"{t.bytes_out:,} / {t.bytes_in:,}", str(self.round_trips()),
                in_words(self.wall_ms)]


HEAD = ("client", "TLS", "million instructions", "CPU ms", "peak RSS KB", "heap calls", "segments out",
        "bytes out / in", "round trips", "ms over 0 / 20 / 200 ms")


class Run:
    def __init__(self, bench: Bench, static: Path, ports: Dict[str, int]) -> None:
        self.bench, self.static, self.ports = bench, static, ports
        self.runner = bench.build / "test/bench/run"

    def row(self, client: Client, version: str) -> Row:
        def make(port: int) -> Command:
            return client.command(port, self.bench.root)
        say(f"{client.name}, TLS {version}")
        if not client.command(self.ports[version], self.bench.other_root).fails():
            sys.exit(f"bench: {client.name} does not verify the server")
        command = make(self.ports[version])
        here = cost(self.runner, command, RUNS)
        links = [over(self.runner, make, self.ports[version], round_trip_ms) for round_trip_ms in LINKS]
        return Row(client, version, instructions(command), heap_calls(command), here.cpu_ms, here.peak_kb,
                   [here.wall_ms, *(wall_ms for wall_ms, _ in links)], links[0][1])

    def closings(self) -> List[Row]:
        return [self.row(client, version) for client in self.bench.clients(self.static) for version in client.versions]

    def parts(self) -> Iterator[List[str]]:
        say("where the instructions go")
        places = [by_function(self.bench.mmdclose(self.bench.build / "mmdclose", self.ports[version], self.bench.root))
                  for version in VERSIONS]
        for name in PARTS:
            sums = [sum(count for place, count in found.items() if part_of(place) == name) for found in places]
            wholes = [sum(found.values()) for found in places]
            yield [name, *(f"{some / 1000:,.0f} ({some / whole:.0%})" for some, whole in zip(sums, wholes))]

    def bundle(self, rows: Sequence[Row]) -> Iterator[List[str]]:
        """The same with the system's certificates; a bare client has no way to read them."""
        for row in rows:
            if row.version == VERSIONS[0] and row.client.name != "bare Mbed TLS":
                say(f"{row.client.name}, with the system's bundle")
                command = row.client.command(self.ports[row.version], self.bench.bundle)
                count, here = instructions(command), cost(self.runner, command, RUNS)
                yield [row.client.name, millions(row.count), millions(count), f"{count / row.count:.2f}",
                       f"{here.cpu_ms:.1f}", f"{here.peak_kb:,}"]

    def kept(self) -> Iterator[List[str]]:
        for name, make in (("mmdclose (library)", self.bench.kept),
                           ("bare Mbed TLS", lambda port, n: self.bench.bare(port, self.bench.root, n)),
                           ("curl", lambda port, n: self.bench.curl(port, self.bench.root, n))):
            for version in VERSIONS:
                say(f"{name}, TLS {version}, closings on one connection")
                counts = [instructions(make(self.ports[version], n)) for n in (1, 10, 100)]
                yield [name, version, *map(millions, counts), f"{(counts[2] - counts[1]) / 90000:.0f}"]

    def own_token(self) -> Iterator[List[str]]:
        """curl needs two processes, and somebody who takes the token out of the first one's output."""
        ours = {"mmdclose, glibc": [lambda port: self.bench.with_token(self.bench.build / "mmdclose", port)],
                "mmdclose, static, musl": [lambda port: self.bench.with_token(self.static, port)],
                "curl, twice": [self.bench.curl_token, lambda port: self.bench.curl(port, self.bench.root)]}
        for name, parts in ours.items():
            for version in VERSIONS:
                say(f"{name}, TLS {version}, with its own token")
                commands = [make(self.ports[version]) for make in parts]
                here = [cost(self.runner, command, RUNS) for command in commands]
                links = [sum(over(self.runner, make, self.ports[version], ms)[0] for make in parts) for ms in LINKS]
                yield [name, version, millions(sum(map(instructions, commands))), f"{sum(c.cpu_ms for c in here):.1f}",
                       in_words([sum(c.wall_ms for c in here), *links])]


def machine() -> str:
    """In one sentence: what the times are of."""
    have = versions()
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    debian = Path("/etc/debian_version")
    words = [processor[1] if processor else platform.machine(), f"{os.cpu_count()} processors",
             f"Linux {platform.release().split('-')[0]}",
             *([f"Debian {debian.read_text(encoding='ascii').strip()}"] if debian.exists() else []),
             *(f"{name} {version}" for name, version in have.items())]
    return textwrap.fill(f"Measured on {datetime.date.today()}: {', '.join(words)}.", 120) + "\n"


def shares(rows: Sequence[Row]) -> str:
    counts = {(row.client.name, row.version): row.count for row in rows}

    def of(other: str) -> str:
        return " / ".join(f"{counts[rows[0].client.name, tls] / counts[other, tls]:.2f}" for tls in VERSIONS)
    return f"With TLS 1.3 / 1.2, `mmdclose` takes {of('bare Mbed TLS')} of the instructions of bare Mbed TLS, and " \
           f"{of('curl')} of curl's.\n"


def report(run: Run) -> Iterator[str]:
    """The lines for docs/costs.md; draws the pictures when they are to be written."""
    program = run.bench.build / "test/bench/bench"
    say("building and parsing")
    works = [(name, f"{growth.per_round(program, work):,}") for work, name in WORKS.items()]
    rows = run.closings()
    series = growth.all_of(run.bench, run.ports[VERSIONS[0]])
    if os.environ.get("WRITE") == "yes":
        draw.peers([(row.client.name, row.version, row.count) for row in rows])
        draw.growth(series)
    yield machine() + "\n"
    yield "One closing, a process from start to end, one root given:\n\n"
    yield table(HEAD, [row.cells() for row in rows], 2)
    yield "\n" + shares(rows)
    yield "\n![Instructions of one closing, by client](peers.svg)\n"
    yield "\nWhere the instructions of `mmdclose` go, in thousands:\n\n"
    yield table(("part", *(f"TLS {version}" for version in VERSIONS)), list(run.parts()))
    yield "\nWith TLS 1.3, and Debian's bundle of roots besides the one:\n\n"
    yield table(("client", "one root, million instructions", "bundle", "ratio", "CPU ms", "peak RSS KB"),
                list(run.bundle(rows)))
    yield "\nClosings on one connection, million instructions of the whole process:\n\n"
    yield table(("client", "TLS", "1", "10", "100", "one more, thousand"), list(run.kept()), 2)
    yield "\nA closing that first gets its own token by a secret, from a server with the same chain:\n\n"
    yield table(("client", "TLS", "million instructions", "CPU ms", HEAD[-1]), list(run.own_token()), 2)
    yield "\nThe pure code, instructions:\n\n"
    yield table(("work", "instructions"), works)
    yield "\n![Instructions by the size of what is given](growth.svg)\n\n"
    yield table(("what grows", "from", "to", "instructions for each more", "farthest from the line", "r²"),
                [(s.title, f"{s.points[0][0]:,}", f"{s.points[-1][0]:,} {s.unit}", f"{s.line()[0]:,.1f}",
                  f"{s.deviation():.1%}", f"{s.r_squared():.5f}") for s in series])


def main() -> None:
    build, static = (Path(word).resolve() for word in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="mmdclose-bench-") as folder:
        bench = Bench(Path(folder), build)
        with bench.server() as ports:
            text = "".join(report(Run(bench, static, ports)))
    print(text)
    if os.environ.get("WRITE") == "yes":
        before, _, rest = COSTS.read_text(encoding="utf-8").partition(BEGIN)
        _, end, after = rest.partition(END)
        if not end:
            sys.exit(f"bench: docs/costs.md has lost the comment {END.strip()}")
        COSTS.write_text(before + BEGIN + "\n" + text + "\n" + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
