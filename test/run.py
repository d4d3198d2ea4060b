# SPDX-License-Identifier: MIT
"""Runs the tests of a build, several parts at a time, and ends with one line: N passed, M failed.

    python3 test/run.py BUILD [NAME...]                 the unit programs and the modules of test/system
    python3 test/run.py BUILD --board BOARD [NAME...]   the firmware of a board, by the modules of test/board

A part is a unit program or a module; NAME is one, or of a module also NAME.Class or NAME.Class.test. A line says
when a part is over; what it printed is shown if something in it failed. BUILD/test-times has the seconds of each test.

MMDCLOSE_TESTS has the NAMEs if none is given, MMDCLOSE_JOBS how many parts run at a time. MMDCLOSE_RUNNER gives words
in front of the programs of a build: an emulator, or a checker; MMDCLOSE_SLOWER how much longer they may take then.
MMDCLOSE_PLAIN is the command without sanitizers, otherwise BUILD/mmdclose. The modules of a board need the Linux
command (MMDCLOSE, otherwise build/linux/mmdclose), the settings of mk/firmware.mk that the firmware was built with,
and for an emulated board the program that loses frames (RELAY, otherwise build/linux/relay), and the other end of the
port conformance test (PEER, otherwise build/linux/conformance-peer).
"""
import argparse
import os
import re
import shlex
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Tuple

HERE = Path(__file__).resolve().parent
JOBS = int(os.environ.get("MMDCLOSE_JOBS", os.cpu_count() or 1))
LIMIT = 600 * float(os.environ.get("MMDCLOSE_SLOWER", "1"))  # seconds for one part
# These begin first, since they take longest. No test depends on how busy the machine is.
LONG = ("test_failures", "test_hostile_records", "test_lookup", "test_network", "test_trust", "test_tls")


@dataclass
class Part:
    """What one process runs: it reports its tests in the Test Anything Protocol."""
    name: str
    command: List[str]
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    times: Dict[str, float] = field(default_factory=dict)
    output: List[str] = field(default_factory=list)

    def run(self) -> "Part":
        begin = last = time.monotonic()
        process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, errors="replace",
                                   env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"})
        limit = threading.Timer(LIMIT, process.kill)
        limit.start()
        for line in process.stdout:
            self.output.append(line)
            if test := re.match(r"(?:not )?ok \d+ - (.*)", line):
                now = time.monotonic()
                self.times[test[1]] = now - last
                last = now
        status = process.wait()
        limit.cancel()
        self.seconds = time.monotonic() - begin
        self.judge(status)
        return self

    def judge(self, status: int) -> None:
        """A case that the plan announced and that has no result has failed, and so has a part that says nothing, or
        ends otherwise than its cases."""
        text = "".join(self.output)
        planned = sum(map(int, re.findall(r"^1\.\.(\d+)", text, re.M)))
        self.passed, self.failed = (len(re.findall(rf"^{word} \d+", text, re.M)) for word in ("ok", "not ok"))
        missing = max(0, planned - self.passed - self.failed)
        self.failed += missing
        if (status != 0 or self.passed == 0) and self.failed == 0:
            self.failed = 1
        if self.failed:
            self.output.append(f"{self.name}: ended with status {status}; {missing} cases of the plan have no result\n")


def unit_parts(build: Path) -> Dict[str, List[str]]:
    runner = shlex.split(os.environ.get("MMDCLOSE_RUNNER", ""))
    return {path.name: [*runner, str(path)] for path in sorted((build / "test/unit").glob("test_*"))
            if os.access(path, os.X_OK)}


def module_parts(folder: Path) -> Dict[str, List[str]]:
    command = [sys.executable, "-B", str(HERE / "module.py"), str(folder)]
    return {path.stem: [*command, path.stem] for path in sorted(folder.glob("test_*.py"))}


def chosen(parts: Dict[str, List[str]], names: List[str]) -> List[Part]:
    """All of the parts, or those that are named. A name that is misspelt must not look like tests that passed."""
    if unknown := sorted({name.split(".")[0] for name in names} - set(parts)):
        sys.exit(f"run.py: no test {' '.join(unknown)}; there are: {' '.join(sorted(parts))}")
    found = []
    for name in names or parts:
        module, dot, _ = name.partition(".")
        found.append(Part(name, [*parts[module][:-1], name] if dot else parts[module]))
    return found


def parts_of_command(build: Path) -> Dict[str, List[str]]:
    os.environ.update(MMDCLOSE=str(build / "mmdclose"), MMDCLOSE_DRIVER=str(build / "test/system/driver"),
                      MMDCLOSE_SESSIONS=str(build / "test/system/sessions"),
                      MMDCLOSE_IMAGE=str(build / "test/system/image"))
    os.environ.setdefault("MMDCLOSE_PLAIN", str(build / "mmdclose"))
    return {**unit_parts(build), **module_parts(HERE / "system")}


def parts_of_board(build: Path, board: str) -> Dict[str, List[str]]:
    image = next(path for path in (build / "mmdclose.elf", build / "mmdclose") if path.is_file())
    os.environ.update(BOARD=board, FIRMWARE=str(image), CONFORMANCE=str(build / f"conformance{image.suffix}"))
    for name, program in {"MMDCLOSE": "mmdclose", "RELAY": "relay", "PEER": "conformance-peer"}.items():
        os.environ.setdefault(name, str(HERE.parent / "build/linux" / program))
    return module_parts(HERE / "board")


def run_all(parts: List[Part], of_what: str) -> None:
    parts.sort(key=lambda part: LONG.index(part.name) if part.name in LONG else len(LONG))
    with ThreadPoolExecutor(JOBS) as pool:
        for done, job in enumerate(as_completed([pool.submit(part.run) for part in parts]), 1):
            part = job.result()
            text = "".join(part.output) if part.failed else ""
            print(f"{text}[{done:2} of {len(parts)}] {of_what} {part.name}: {part.passed} passed, {part.failed} "
                  f"failed, {part.seconds:.0f} s", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--board")
    options = parser.parse_intermixed_args()
    build = options.build.resolve()
    known = parts_of_board(build, options.board) if options.board else parts_of_command(build)
    parts = chosen(known, options.names or os.environ.get("MMDCLOSE_TESTS", "").split())
    of_what = options.board or build.name.removesuffix("-check")
    run_all(parts, of_what)
    times = sorted(((seconds, f"{of_what} {part.name}: {test}") for part in parts
                    for test, seconds in part.times.items()), reverse=True)
    (build / "test-times").write_text("".join(f"{seconds:7.1f} s  {test}\n" for seconds, test in times))
    passed, failed = sum(part.passed for part in parts), sum(part.failed for part in parts)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed > 0 and failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
