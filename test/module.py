# SPDX-License-Identifier: MIT
"""Runs tests of one folder's Python modules and reports each by a line of the Test Anything Protocol, as cmocka does.

    python3 test/module.py FOLDER NAME...      NAME: module, module.Class or module.Class.test

A skipped test is "not ok": it has not passed.
"""
import sys
import unittest
from pathlib import Path


class Tap(unittest.TestResult):
    """Prints what goes wrong when it does, and a line for each test when it ends."""

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._is_good = True

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        print(f"{'ok' if self._is_good else 'not ok'} {self.testsRun} - {test.id()}", flush=True)

    def _complain(self, test: object, text: str) -> None:
        self._is_good = False
        print(f"{test}\n{text}", flush=True)

    def addError(self, test, err) -> None:
        super().addError(test, err)
        self._complain(*self.errors[-1])

    def addFailure(self, test, err) -> None:
        super().addFailure(test, err)
        self._complain(*self.failures[-1])

    def addSubTest(self, test, subtest, err) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._complain(subtest, self._exc_info_to_string(err, test))

    def addSkip(self, test, reason: str) -> None:
        super().addSkip(test, reason)
        self._complain(test, f"skipped: {reason}")

    def addExpectedFailure(self, test, err) -> None:
        super().addExpectedFailure(test, err)
        self._complain(*self.expectedFailures[-1])

    def addUnexpectedSuccess(self, test) -> None:
        super().addUnexpectedSuccess(test)
        self._complain(test, "passed, though it was expected to fail")


def main() -> int:
    folder, names = Path(sys.argv[1]).resolve(), sys.argv[2:]
    sys.path[:0] = [str(folder), str(Path(__file__).resolve().parent / "service")]
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    print(f"1..{suite.countTestCases()}", flush=True)
    result = Tap()
    suite.run(result)
    return 0 if result.testsRun and result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
