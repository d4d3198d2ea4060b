#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the tests of the Debian packages, with mounts of their own.

    python3 test/deb/run.py PACKAGES ROOT.tar [test_deb.CLASS.TEST...]

PACKAGES is the folder that `make deb` has put them into, ROOT.tar a root of Debian 12 with systemd in it. It has to be
root; nothing of this system is changed.
"""
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from run import Part  # noqa: E402


def main() -> int:
    os.environ.update(PACKAGES=os.path.abspath(sys.argv[1]), ROOT_TAR=os.path.abspath(sys.argv[2]))
    if os.geteuid():
        sys.exit("deb: another root needs root: run it as root")
    if not os.path.isfile(os.environ["ROOT_TAR"]):
        sys.exit(f"deb: there is no {sys.argv[2]}; run 'make deps', which makes it")
    part = Part("test_deb", ["unshare", "--mount", sys.executable, "-B", str(HERE.parent / "module.py"), str(HERE),
                             *(sys.argv[3:] or ["test_deb"])]).run()
    print("".join(part.output), end="")
    print(f"{part.passed} passed, {part.failed} failed")
    return 1 if part.failed else 0


if __name__ == "__main__":
    sys.exit(main())
