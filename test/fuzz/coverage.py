"""Runs the unit tests and the fuzz targets' kept inputs in a build with --coverage, and prints which lines and
branches of the code without input or output they take.

    python3 test/fuzz/coverage.py BUILD LEAST      LEAST: the branches, in percent, below which it fails
"""
import json
import subprocess
import sys
from pathlib import Path
from typing import List

CORPUS = Path(__file__).resolve().parent / "corpus"
SOURCES = ("request", "response", "error_object", "json_string", "utf8", "writer", "alphabet", "http_date", "outcome",
           "error", "trust_pem", "client")


def run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    if done.returncode:
        sys.exit(f"coverage: {command[0]} failed:\n{done.stdout[-4000:]}")


def run_all(build: Path) -> None:
    for old in build.rglob("*.gcda"):
        old.unlink()
    for test in sorted((build / "test/unit").glob("test_*")):
        if not test.suffix:
            run(str(test))
    for folder in sorted(CORPUS.iterdir()):
        run(str(build / "test/fuzz" / folder.name), *map(str, sorted(folder.iterdir())))


def measure(build: Path, source: str) -> List[dict]:
    """The lines of a source, as gcov describes them."""
    data = build / "src" / f"{source}.gcda"
    out = subprocess.run(["gcov", "--branch-probabilities", "--json-format", "--stdout", str(data)],
                         stdout=subprocess.PIPE, check=True, text=True).stdout
    return next(file["lines"] for file in json.loads(out)["files"] if file["file"] == f"src/{source}.c")


def percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 100.0


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    build, taken, total, missing = Path(sys.argv[1]), 0, 0, []
    run_all(build)
    print(f"  {'':22}{'lines':>14}{'branches':>18}")
    for source in SOURCES:
        lines = measure(build, source)
        branches = [(line["line_number"], branch["count"] > 0) for line in lines for branch in line["branches"]]
        ran, went = sum(line["count"] > 0 for line in lines), sum(is_taken for _, is_taken in branches)
        print(f"  src/{source + '.c':18}{ran:5} of {len(lines):3}{went:8} of {len(branches):3}"
              f"{percent(went, len(branches)):7.1f} %")
        taken, total = taken + went, total + len(branches)
        missing += [f"src/{source}.c:{line}" for line, is_taken in branches if not is_taken]
        missing += [f"src/{source}.c:{line['line_number']} (the line)" for line in lines if not line["count"]]
    print(f"  {'all branches':22}{taken:22} of {total:3}{percent(taken, total):7.1f} %")
    print("".join(f"  not taken: {place}\n" for place in missing), end="")
    sys.exit(0 if percent(taken, total) >= float(sys.argv[2]) else "coverage: too few branches")


if __name__ == "__main__":
    main()
