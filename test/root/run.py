# SPDX-License-Identifier: MIT
"""Runs the tests of a root file system that has next to nothing, in a network of its own.

    python3 test/root/run.py PROGRAM      PROGRAM: the static command
"""
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from run import Part  # noqa: E402


def main() -> int:
    os.environ["MMDCLOSE"] = os.path.abspath(sys.argv[1])
    part = Part("test_root", [sys.executable, "-B", str(HERE.parent / "module.py"), str(HERE), "test_root"]).run()
    print("".join(part.output), end="")
    print(f"{part.passed} passed, {part.failed} failed")
    return 1 if part.failed or not part.passed else 0


if __name__ == "__main__":
    sys.exit(main())
