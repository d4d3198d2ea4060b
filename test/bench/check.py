# SPDX-License-Identifier: MIT
"""Fails if a count that repeats got worse by more than 5 %: instructions, bytes and segments sent, sizes. The file
expected has the counts. Times are no part of it.

    UPDATE=yes|no python3 test/bench/check.py BUILD

BUILD/size is what `make size` prints. UPDATE=yes writes the file anew.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Dict, Iterator, Tuple

sys.dont_write_bytecode = True
from clients import VERSIONS, Bench  # noqa: E402
from growth import anchors, per_round  # noqa: E402
from measure import Command, instructions, over  # noqa: E402

EXPECTED = Path(__file__).with_name("expected")
HEAD = "# What make bench-check compares with. make bench-check UPDATE=yes writes it anew.\n"
MARGIN = 0.05
WORKS = ("build-30", "build-1000", "parse-204", "parse-400", "parse-404")
ANCHORS = 100
# The C library's string functions are then the same on each x86-64 machine.
TUNABLES = ("glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-AVX_Fast_Unaligned_Load,-BMI2,-ERMS,-FSRM,-SSE4_1,"
            "-SSE4_2,-SSSE3")
Count = Tuple[str, int]


def pure(build: Path) -> Iterator[Count]:
    for work in WORKS:
        yield f"instructions: {work}", per_round(build / "test/bench/bench", work, rounds=200)


def closings(bench: Bench, ports: Dict[str, int]) -> Iterator[Count]:
    program, run = bench.build / "mmdclose", bench.build / "test/bench/run"
    for version in VERSIONS:
        def closing(port: int) -> Command:
            return bench.mmdclose(program, port, bench.root)
        port, what = ports[version], f"a closing, TLS {version}"
        count = instructions(closing(port))
        yield f"instructions: {what}", count
        bare = instructions(bench.bare(port, bench.root))
        yield f"instructions: {what}, per cent of bare Mbed TLS", round(100 * count / bare)
        _, traffic = over(run, closing, port, 0)
        yield f"bytes sent: {what}", traffic.bytes_out
        yield f"segments sent: {what}", traffic.segments_out
    port = ports[VERSIONS[0]]
    few, many = (instructions(bench.kept(port, rounds)) for rounds in (2, 22))
    yield "instructions: one more closing on a connection", (many - few) // 20
    yield f"instructions: a closing with {ANCHORS} anchors", instructions(
        bench.mmdclose(program, port, anchors(bench, ANCHORS)))
    yield "instructions: a closing with its own token", instructions(bench.with_token(program, port))
    _, traffic = over(run, lambda port: bench.with_token(program, port), port, 0)
    yield "bytes sent: a closing with its own token", traffic.bytes_out
    yield "segments sent: a closing with its own token", traffic.segments_out


def stripped(program: Path) -> int:
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run(["strip", "-o", file.name, program], check=True)
        return Path(file.name).stat().st_size


def sizes(build: Path) -> Iterator[Count]:
    def of(tool: str, program: str) -> Tuple[int, int, int]:
        done = subprocess.run([tool, program], capture_output=True, text=True, check=True)
        text, data, bss = map(int, done.stdout.splitlines()[1].split()[:3])
        return text, data, bss
    said = (build / "size").read_text(encoding="ascii")
    yield "bytes: text of the library, -Os", int(re.search(r"^all +(\d+)", said, re.M)[1])
    yield "bytes: text of the command, -O2", of("size", str(build / "mmdclose"))[0]
    for name, what in (("linux-musl", "with everything"), ("linux-musl-close", "closing alone")):
        yield f"bytes: the static command {what}", stripped(build.with_name(name) / "mmdclose")
    text, data, bss = of("arm-none-eabi-size", str(build.with_name("lm3s6965evb") / "mmdclose.elf"))
    yield "bytes: flash of the firmware, lm3s6965evb", text + data
    yield "bytes: RAM of the firmware, lm3s6965evb", data + bss


def measure(build: Path) -> Dict[str, int]:
    found = dict(pure(build))
    with tempfile.TemporaryDirectory(prefix="mmdclose-bench-") as folder:
        bench = Bench(Path(folder), build)
        with bench.server() as ports:
            found.update(closings(bench, ports))
    found.update(sizes(build))
    return found


def expected() -> Dict[str, int]:
    lines = EXPECTED.read_text(encoding="ascii").splitlines() if EXPECTED.exists() else []
    return {name: int(count) for count, name in (line.split(maxsplit=1) for line in lines if line[:1] != "#")}


def judge(name: str, count: int, before: int) -> bool:
    """Whether it is not worse; says so if it is, or if it is better."""
    change = (count - before) / before
    if change > MARGIN:
        print(f"FAILED: {name}: {count:,} in place of {before:,} are {change:.1%} more, and {MARGIN:.0%} are allowed. "
              "If it has to be so: make bench-check UPDATE=yes")
    elif change < -MARGIN:
        print(f"better: {name}: {count:,} in place of {before:,} are {-change:.1%} less. To keep it: "
              "make bench-check UPDATE=yes")
    return change <= MARGIN


def main() -> int:
    os.environ["GLIBC_TUNABLES"] = TUNABLES
    found = measure(Path(sys.argv[1]).resolve())
    if os.environ.get("UPDATE") == "yes":
        EXPECTED.write_text(HEAD + "".join(f"{count:>10}  {name}\n" for name, count in found.items()), encoding="ascii")
    wanted = expected()
    for name, count in found.items():
        print(f"{count:>12,}  {name}")
    failed = sum(not judge(name, count, wanted[name]) for name, count in found.items() if name in wanted)
    for name in set(found) ^ set(wanted):
        failed += 1
        print(f"FAILED: {name}: is {'not measured any more' if name in wanted else 'new'}. make bench-check UPDATE=yes")
    print(f"{len(found) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
