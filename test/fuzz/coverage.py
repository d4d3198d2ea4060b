# SPDX-License-Identifier: MIT
"""Runs the unit tests, the fuzz targets' kept inputs and the tests of TLS in a build with --coverage, and prints which lines and
branches of the library, but for its ports to a network, they take.

    python3 test/fuzz/coverage.py BUILD LEAST EACH      LEAST: the branches of the pure code, in percent, below which
                                                        it fails; EACH: the same for each file alone
"""
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Dict, List, Tuple

import corpus

ROOT = Path(__file__).resolve().parents[2]
# The pure code: the rest is a connection, its TLS and its session, of which the tests against real servers take more.
PURE = ("src/text/", "src/http/", "src/service/", "programs/")
# All of src/, and of the programs what a unit test runs.
SOURCES = [*sorted(str(path.relative_to(ROOT)) for path in (ROOT / "src").rglob("*.c")), "programs/common/printable.c"]


# Tests of the command that take what only a real handshake, or a real bundle of anchors, reaches: src/tls.
SYSTEM = ("test_tls.py", "test_hostile_handshake.py", "test_command.py", "test_answers.py", "test_engine.py", "test_network.py")


def run(*command: str, **environment: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600,
                          env=dict(os.environ, **environment))
    if done.returncode:
        sys.exit(f"coverage: {command[0]} failed:\n{done.stdout[-4000:]}")


def run_all(build: Path) -> None:
    for old in build.rglob("*.gcda"):
        old.unlink()
    for test in sorted((build / "test/unit").glob("test_*")):
        if not test.suffix:
            run(str(test))
    for name in SYSTEM:
        run(sys.executable, str(ROOT / "test/system" / name), MMDCLOSE=str(build / "mmdclose"),
            MMDCLOSE_DRIVER=str(build / "test/system/driver"))
    for packed in sorted(corpus.CORPUS.iterdir()):
        program = str(build / "test/fuzz" / packed.name)
        run(program, "packed", str(packed))
        if seeds := corpus.seeds_of(packed.name):
            run(program, *map(str, seeds))


class Taken:
    """How often the lines and the branches of a file were taken, in all the sources that it is part of."""

    def __init__(self) -> None:
        self.lines: Dict[int, int] = {}
        self.branches: Dict[Tuple[int, int], int] = {}

    def add(self, lines: List[dict]) -> None:
        for line in lines:
            number = line["line_number"]
            self.lines[number] = self.lines.get(number, 0) + line["count"]
            for i, branch in enumerate(line["branches"]):
                self.branches[number, i] = self.branches.get((number, i), 0) + branch["count"]


def measure(build: Path) -> Dict[str, Taken]:
    """All files, and the headers of src/, which count where they are included."""
    files: Dict[str, Taken] = {}
    for source in SOURCES:
        data = (build / source).with_suffix(".gcda")
        out = subprocess.run(["gcov", "--branch-probabilities", "--json-format", "--stdout", str(data)],
                             stdout=subprocess.PIPE, check=True, text=True).stdout
        for file in json.loads(out)["files"]:
            if file["file"] == source or (file["file"].startswith("src/") and file["file"].endswith(".h")):
                files.setdefault(file["file"], Taken()).add(file["lines"])
    return files


def percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 100.0


def main() -> None:
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    build, least, each = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    taken, total, missing, low = 0, 0, [], []
    run_all(build)
    print(f"  {'':26}{'lines':>14}{'branches':>18}")
    for name, file in measure(build).items():
        ran, went = (sum(map(bool, counts.values())) for counts in (file.lines, file.branches))
        share = percent(went, len(file.branches))
        print(f"  {name:26}{ran:5} of {len(file.lines):3}{went:8} of {len(file.branches):3}{share:7.1f} %")
        if name.startswith(PURE):
            taken, total = taken + went, total + len(file.branches)
        missing += [f"{name}:{line}" for (line, _), count in file.branches.items() if not count]
        missing += [f"{name}:{line} (the line)" for line, count in file.lines.items() if not count]
        low += [name] if share < each else []
    print(f"  {'the pure code':26}{taken:22} of {total:3}{percent(taken, total):7.1f} %")
    print("".join(f"  not taken: {place}\n" for place in missing), end="")
    if low or percent(taken, total) < least:
        sys.exit("coverage: too few branches" + "".join(f", in {name}" for name in low))


if __name__ == "__main__":
    main()
