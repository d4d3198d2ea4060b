# SPDX-License-Identifier: MIT
"""Builds the tests for machines of each word size, byte order and sign of char, with undefined behaviour trapping, and
runs them under emulators: the unit tests on all, the system tests, with their real TLS, on a big-endian one. Prints a
table.

    python3 test/portable/portable.py FOLDER [sample]    FOLDER: for the builds; sample: the unit tests on one
                                                         big-endian machine; portable.mk sets the environment
"""
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Sequence

TESTS = Path(__file__).resolve().parents[1]
# It traps, since not all machines have the library that would tell more. Alignment is checked where the processor would
# not mind, too.
SANITIZE = "-g -fsanitize=undefined -fsanitize-undefined-trap-on-error"
MACHINES = {  # the prefix of its compiler, and its emulator
    "x86-64": ("", ""),
    "i686": ("i686-linux-gnu-", "qemu-i386 -L /usr/i686-linux-gnu"),
    "arm": ("arm-linux-gnueabihf-", "qemu-arm -L /usr/arm-linux-gnueabihf"),
    "powerpc": ("powerpc-linux-gnu-", "qemu-ppc -L /usr/powerpc-linux-gnu"),
    "s390x": ("s390x-linux-gnu-", "qemu-s390x -L /usr/s390x-linux-gnu"),
}
# test_run_program reads the memory of its process; test_linux counts its threads, and an emulator has its own; the last
# row needs OpenSSL or libqrencode for the machine.
UNIT = sorted({path.stem for path in TESTS.glob("unit/test_*.c")}
              - {"test_run_program", "test_linux",
                 "test_close", "test_failures", "test_front_keys", "test_kept", "test_key", "test_proxy", "test_session",
                 "test_qrcode"})
# test_build and test_library are of the host's build; test_stand_in runs no program of ours; test_secrets and
# test_login_memory read the memory of a process, and that is the emulator; what test_refusals takes from a process, the
# emulator would lack; test_power_cut traces a program, and test_units reads files.
SYSTEM = sorted({path.stem for path in TESTS.glob("system/test_*.py")}
                - {"test_build", "test_library", "test_stand_in", "test_secrets", "test_refusals",
                   "test_login_memory", "test_power_cut", "test_units"})
# qemu-i386's waitid(2) finds no child, so that a program which is run seems never to end. Without QEMU it passes.
I686 = sorted(set(UNIT) - {"test_token_command"})
SYSTEM_PROGRAMS = ["mmdclose"] + [f"test/{name}" for name in ("system/driver", "system/sessions", "port/on_linux",
                                                             "port/on_proxy",
                                                             "port/on_scripted", "bench/fleet")]
BUILDS = [  # the longest first
    ("powerpc", "-O2", UNIT + SYSTEM),
    ("powerpc", "-Os -fsigned-char", UNIT),
    ("s390x", "-O2", UNIT),
    ("s390x", "-Os", UNIT),
    ("arm", "-O2", UNIT),
    ("i686", "-O2", I686),
    ("x86-64", "-O2 -fsigned-char", UNIT),
    ("x86-64", "-O2 -funsigned-char", UNIT),
]
SLOWER = "4"  # than this machine, and there are more processes at a time than processors
LINE = "{:<8}  {:>4}  {:<6}  {:<8}  {:<3}  {:>4}  {:>6}  {:>6}  {:>4}"


@dataclass
class Build:
    """The programs for one machine, by one set of options."""
    machine: str
    options: str
    tests: Sequence[str]
    folder: Path

    @property
    def compiler(self) -> str:
        return MACHINES[self.machine][0] + "gcc"

    def make(self) -> None:
        """In one process: there are other builds beside it."""
        programs = [self.folder / "test/unit" / name for name in UNIT]
        if len(self.tests) > len(UNIT):
            programs += [self.folder / name for name in SYSTEM_PROGRAMS]
        alone = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS")}
        command = [os.environ["MAKE"], "--no-print-directory", "DEPS=no", f"BUILD={self.folder}", f"CC={self.compiler}",
                   f"CFLAGS={self.options} {SANITIZE}", f"LDFLAGS=-L{self.folder}",
                   f"BOARD_SYSTEM_INCLUDE={os.environ['PORTABLE_INCLUDE']}"]
        for targets in ([f"{self.folder}/libcmocka.a"], programs):
            subprocess.run([*command, *targets], check=True, stdout=subprocess.DEVNULL, env=alone)

    def run(self) -> str:
        """What run.py says."""
        return subprocess.run([sys.executable, TESTS / "run.py", self.folder, *self.tests], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, "MMDCLOSE_RUNNER": MACHINES[self.machine][1],
                                   "MMDCLOSE_SLOWER": SLOWER, "MMDCLOSE_JOBS": "1"}).stdout

    def facts(self) -> List[str]:
        """Word size, byte order, char and optimisation, as the compiler itself tells them."""
        told = subprocess.run([self.compiler, *self.options.split(), "-dM", "-E", "-x", "c", "/dev/null"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        macros: Dict[str, str] = dict(re.findall(r"^#define (\w+) (.*)$", told, re.M))
        return [str(8 * int(macros["__SIZEOF_SIZE_T__"])), macros["__BYTE_ORDER__"].split("_")[3].lower(),
                "unsigned" if "__CHAR_UNSIGNED__" in macros else "signed",
                "-Os" if "__OPTIMIZE_SIZE__" in macros else "-O2"]


def show(build: Build) -> bool:
    """A line of the table, and what was printed if a test failed. A build that does not tell how it went has failed."""
    begin = time.monotonic()
    build.make()
    told = build.run()
    unit = sum(map(int, re.findall(rf"^\[.*\] \S+ (?:{'|'.join(UNIT)}): (\d+) passed", told, re.M)))
    counts = re.findall(r"^(\d+) passed, (\d+) failed$", told, re.M) or [(unit, 1)]
    passed, failed = map(int, counts[-1])
    print(LINE.format(build.machine, *build.facts(), unit, passed - unit or "", failed,
                      round(time.monotonic() - begin)), *[told] * (failed > 0), sep="\n", flush=True)
    return failed == 0 and unit > 0 and (passed > unit or build.tests == UNIT)


def main() -> int:
    top = Path(sys.argv[1])
    wanted = [("s390x", "-O2", UNIT)] if sys.argv[2:] == ["sample"] else BUILDS
    builds = [Build(machine, options, tests, top / (machine + options.replace(" ", "")))
              for machine, options, tests in wanted]
    print(LINE.format("machine", "bits", "order", "char", "opt", "unit", "system", "failed", "s"), flush=True)
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:  # the system tests mostly wait
        right = all(list(pool.map(show, builds)))
    print("portable: " + ("as it should be" if right else "SOMETHING WENT WRONG"))
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
