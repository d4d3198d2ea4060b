# SPDX-License-Identifier: MIT
"""Runs the tests of the recipes of packaging/, one module a recipe, and counts them.

    python3 test/recipes/run.py [NAME...]      NAME: module, module.Class or module.Class.test

The build systems themselves are not here. A module plays the part of one, as its documentation says what it does with
a recipe: it parses the recipe, runs its steps in the build system's order, and looks at what they have made. Debian's
own Python has to run it, since the parser of Kconfig is a package of Debian's.
"""
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    names = sys.argv[1:] or sorted(path.stem for path in HERE.glob("test_*.py"))
    command = [sys.executable, "-B", HERE.parent / "module.py", HERE, *names]
    tap = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            tap.append(line)
    text = "".join(tap)
    planned = sum(map(int, re.findall(r"^1\.\.(\d+)$", text, re.M)))
    passed, failed = (len(re.findall(rf"^{word} \d+ - ", text, re.M)) for word in ("ok", "not ok"))
    failed += max(0, planned - passed - failed) + (process.returncode != 0 and not failed)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
