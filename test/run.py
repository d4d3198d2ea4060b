"""Runs all tests of a build and ends with one line: N passed, M failed.

    python3 test/run.py BUILD [NAME...]                 NAME: only the unit programs and system modules of that name
    python3 test/run.py BUILD --board BOARD [NAME...]   the firmware of a board, by the modules of test/board

MMDCLOSE_RUNNER gives words in front of the programs of a build: an emulator, or a checker; MMDCLOSE_SLOWER how much
longer they may take then. MMDCLOSE_PLAIN is the command without sanitizers, otherwise BUILD/mmdclose. The modules of a
board need the Linux command (MMDCLOSE, otherwise build/linux/mmdclose), TLS13=yes and P384=yes if the firmware has TLS
1.3 and that curve, and for an emulated board the program that loses frames (RELAY, otherwise BUILD/relay), and the
other end of the port conformance test (PEER, otherwise build/linux/conformance-peer).
"""
import argparse
import os
import re
import shlex
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
UNIT_LIMIT = 600 * float(os.environ.get("MMDCLOSE_SLOWER", "1"))  # seconds for one program


def run_unit(program: Path) -> tuple:
    """One cmocka program: its cases, counted from its TAP output. A program that dies has failed, and so has each case
    that the plan announced and that has no result."""
    runner = shlex.split(os.environ.get("MMDCLOSE_RUNNER", ""))
    run = subprocess.run([*runner, program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                         timeout=UNIT_LIMIT, env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    passed = len(re.findall(r"^ok \d+", run.stdout, re.M))
    failed = len(re.findall(r"^not ok \d+", run.stdout, re.M))
    missing = sum(map(int, re.findall(r"^1\.\.(\d+)", run.stdout, re.M))) - passed - failed
    if missing > 0:
        failed += missing
        print(run.stdout, f"{program.name}: {missing} cases of the plan have no result", sep="\n")
    elif run.returncode != 0 or passed == 0:
        failed = max(failed, 1)
        print(run.stdout)
    print(f"{program.name}: {passed} passed, {failed} failed", flush=True)
    return passed, failed


class Result(unittest.TextTestResult):
    """Counts what passed; a skipped test has not."""
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def run_modules(folder: Path, names: list) -> tuple:
    sys.path[:0] = [str(folder), str(HERE / "service")]
    loader = unittest.TestLoader()
    if names:
        suite = unittest.TestSuite(loader.loadTestsFromName(name) for name in names)
    else:
        suite = loader.discover(str(folder))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Result).run(suite)
    bad = [result.failures, result.errors, result.skipped, result.expectedFailures, result.unexpectedSuccesses]
    return result.passed, sum(map(len, bad))


def expect_known(names: list, known: set) -> None:
    """A name that is misspelt must not look like tests that passed."""
    unknown = sorted(set(names) - known)
    if unknown:
        sys.exit(f"run.py: no test {' '.join(unknown)}; there are: {' '.join(sorted(known))}")


def modules_of(folder: Path) -> set:
    return {path.stem for path in folder.glob("test_*.py")}


def run_command(build: Path, names: list) -> list:
    """The unit programs, then the system tests."""
    os.environ.update(MMDCLOSE=str(build / "mmdclose"), MMDCLOSE_DRIVER=str(build / "test/system/driver"),
                      MMDCLOSE_SESSIONS=str(build / "test/system/sessions"),
                      MMDCLOSE_IMAGE=str(build / "test/system/image"))
    os.environ.setdefault("MMDCLOSE_PLAIN", str(build / "mmdclose"))
    programs = sorted(path for path in (build / "test/unit").glob("test_*") if os.access(path, os.X_OK))
    modules = modules_of(HERE / "system")
    expect_known(names, modules | {path.name for path in programs})
    systems = [name for name in names if name in modules]
    results = [run_unit(path) for path in programs if not names or path.name in names]
    if systems or not names:
        results.append(run_modules(HERE / "system", systems))
    return results


def run_board(build: Path, board: str, names: list) -> list:
    expect_known([name.split(".")[0] for name in names], modules_of(HERE / "board"))
    image = next(path for path in (build / "mmdclose.elf", build / "mmdclose") if path.is_file())
    os.environ.update(BOARD=board, FIRMWARE=str(image), CONFORMANCE=str(build / f"conformance{image.suffix}"))
    os.environ.setdefault("MMDCLOSE", str(HERE.parent / "build/linux/mmdclose"))
    os.environ.setdefault("RELAY", str(build / "relay"))
    os.environ.setdefault("PEER", str(HERE.parent / "build/linux/conformance-peer"))
    return [run_modules(HERE / "board", names)]


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--board")
    options = parser.parse_intermixed_args()
    build = options.build.resolve()
    results = run_board(build, options.board, options.names) if options.board else run_command(build, options.names)
    passed, failed = (sum(column) for column in zip(*results)) if results else (0, 0)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed > 0 and failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
