# SPDX-License-Identifier: MIT
"""Runs the tests of the library and the command under valgrind, several at a time: no access outside, nothing that
hangs on memory never set, no leak, and no descriptor left open.

    python3 test/memcheck/memcheck.py BUILD [NAME...]   BUILD: without sanitizers; NGINX: the front end of the tests
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import List

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
# What valgrind says of an error, if the process was killed before its summary.
ERROR = re.compile(r"^ ?(Invalid (read|write|free)|Use of uninitialised|Conditional jump|Syscall param|Mismatched"
                   r"|Source and destination overlap|Argument '|Jump to the invalid)", re.M)
# Its log has a descriptor of its own: by --log-file, that would take the place of one that a test has closed.
VALGRIND = (f"sh -c 'exec valgrind --error-exitcode=99 --leak-check=full --suppressions={HERE}/known.supp "
            "--errors-for-leak-kinds=definite,indirect,possible --track-fds=yes --log-fd=9 \"$@\" 9>{}/$$.log' sh")
SLOWER = "6"  # than without, and there are more processes at a time than processors
# These look at the library and the command that are installed, and at no other, or run none; what the last takes from a
# process, valgrind would lack.
NOT_HERE = {"test_build", "test_dist", "test_library", "test_secrets", "test_login_memory", "test_power_cut",
            "test_units", "test_stand_in", "test_refusals"}


def run(build: Path, logs: Path, names: List[str]) -> bool:
    """Whether the tests passed; run.py says which did not."""
    jobs = str((os.cpu_count() or 1) + 1)  # some mostly wait
    environment = {**os.environ, "MMDCLOSE_RUNNER": VALGRIND.format(logs), "MMDCLOSE_SLOWER": SLOWER,
                   "MMDCLOSE_JOBS": jobs}
    return subprocess.run([sys.executable, TESTS / "run.py", build, *names], env=environment).returncode == 0


def complaints(log: str) -> List[str]:
    """What valgrind says of a process: its errors, and what that process opened itself and did not close, but for the
    end of a lookup's thread (known.supp). One that was killed has no summary; one that forked, one of each process. One
    that SIGTERM ends, as a test does with a watch, closes nothing itself."""
    text = re.sub(r"(?m)^==\d+== ?", "", log)
    is_ended = "terminating with default action of signal 15" in text
    opened = [entry for entry in re.findall(r"(?m)^Open .*(?:\n   .*)+", text)
              if not is_ended and "<inherited from parent>" not in entry and "mmd_lookup_begin" not in entry]
    errors = re.findall(r"ERROR SUMMARY: (\d+) errors", text)
    is_wrong = any(count != "0" for count in errors) if errors else ERROR.search(text) is not None
    return opened + ([text] if is_wrong else [])


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    logs = build / "valgrind"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir()
    logs.chmod(0o1777)  # some tests run a command as another user
    every = {path.stem for path in [*TESTS.glob("system/test_*.py"), *TESTS.glob("unit/test_*.c")]} - NOT_HERE
    passed = run(build, logs, sys.argv[2:] or sorted(every))
    processes = list(logs.iterdir())
    found = [text for log in processes for text in complaints(log.read_text(errors="replace"))]
    print(*found, f"valgrind: {len(processes)} processes, {len(found)} complaints", sep="\n")
    return 0 if passed and processes and not found else 1


if __name__ == "__main__":
    sys.exit(main())
