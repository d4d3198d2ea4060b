# SPDX-License-Identifier: MIT
"""Prints what building and parsing take on a board, in instructions; the image is on_board.c's.

    python3 test/bench/on_board.py BOARD IMAGE
"""
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "board"))
from device import NATIVE, Device  # noqa: E402


def main() -> int:
    board, image = sys.argv[1:]
    if board == NATIVE:
        sys.exit("bench: this board is no emulator, and cannot count")
    with tempfile.TemporaryDirectory(prefix="mmdclose-bench-") as folder:
        console = Device(Path(folder), image, board).run()
    print(f"{board}, instructions:")
    for line in console.text.splitlines():
        name, count = line.split()
        print(f"  {name:<12} {int(count):>8,}")
    return console.status


if __name__ == "__main__":
    sys.exit(main())
