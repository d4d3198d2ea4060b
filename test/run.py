"""Runs all tests of a build and ends with one line: N passed, M failed.

    python3 test/run.py BUILD [NAME...]     NAME: only the unit programs and system modules of that name
"""
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
UNIT_LIMIT = 600  # seconds for one program


def run_unit(program: Path) -> tuple:
    """One cmocka program: its cases, counted from its TAP output. A program that dies has failed."""
    run = subprocess.run([program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                         timeout=UNIT_LIMIT, env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    passed = len(re.findall(r"^ok \d+", run.stdout, re.M))
    failed = len(re.findall(r"^not ok \d+", run.stdout, re.M))
    if run.returncode != 0 or passed == 0:
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


def run_system(names: list) -> tuple:
    sys.path[:0] = [str(HERE / "system"), str(HERE / "service")]
    loader = unittest.TestLoader()
    if names:
        suite = unittest.TestSuite(loader.loadTestsFromName(name) for name in names)
    else:
        suite = loader.discover(str(HERE / "system"))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Result).run(suite)
    bad = [result.failures, result.errors, result.skipped, result.expectedFailures, result.unexpectedSuccesses]
    return result.passed, sum(map(len, bad))


def main() -> int:
    build, names = Path(sys.argv[1]).resolve(), sys.argv[2:]
    os.environ.update(MMDCLOSE=str(build / "mmdclose"), MMDCLOSE_DRIVER=str(build / "test/system/driver"),
                      MMDCLOSE_SESSIONS=str(build / "test/system/sessions"))
    programs = sorted(path for path in (build / "test/unit").glob("test_*") if os.access(path, os.X_OK))
    systems = [name for name in names if (HERE / "system" / f"{name}.py").exists()]
    results = [run_unit(path) for path in programs if not names or path.name in names]
    if systems or not names:
        results.append(run_system(systems))
    passed, failed = (sum(column) for column in zip(*results)) if results else (0, 0)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed > 0 and failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
