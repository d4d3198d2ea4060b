# SPDX-License-Identifier: MIT
"""All boards beside each other: what the command, or the firmware, takes when it is stripped. Prints a table; with WRITE=yes
also puts it into docs/boards.md, and draws docs/boards.svg.

    python3 test/bench/boards.py BOARD=TOOLS...      TOOLS: as the names of its binutils begin; "": this machine's
"""
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, List

from draw import BAR, BARS, DOCS, LEFT, picture, text

MARKED = re.compile(r"(?<=<!-- make boards -->\n).*?(?=<!-- end -->)", re.S)
HEAD = ("board", "processor", "bits", "byte order", "C library", "program", "bytes, stripped")


def told(*words: object) -> str:
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "LC_ALL": "C"}).stdout


@dataclass
class Board:
    name: str
    tools: str

    @property
    def program(self) -> Path:
        return next(path for path in (Path("build", self.name, "mmdclose" + end) for end in ("", ".elf")) if path.exists())

    def size(self) -> int:
        """Of a program that is a file: the file. Of firmware, what is put into flash."""
        if self.program.suffix == ".elf":
            numbers = told(self.tools + "size", self.program).splitlines()[1].split()
            return int(numbers[0]) + int(numbers[1])
        with tempfile.NamedTemporaryFile() as stripped:
            told(self.tools + "strip", "-o", stripped.name, self.program)
            return Path(stripped.name).stat().st_size

    def row(self) -> List[str]:
        header = told(self.tools + "readelf", "-h", self.program)
        machine = re.search(r"Machine: +(.*)", header)[1]
        dynamic = re.search(r"ld[-.\w]*\.so[.\d]*", told(self.tools + "readelf", "-l", self.program))
        kind, library = ("dynamic", "glibc") if dynamic else ("static", "musl")
        if self.program.suffix == ".elf":
            kind, library = "firmware", "newlib, parts of it"
        name = re.sub("-close$", " `ONLY=close`", self.name)
        return [name, machine, re.search(r"Class: +ELF(\d+)", header)[1],
                "little" if "little endian" in header else "big", library, kind, f"{self.size():,}"]


def bars(rows: List[List[str]]) -> Iterator[str]:
    most = max(int(row[-1].replace(",", "")) for row in rows)
    for n, row in enumerate(rows):
        y, size = 52 + n * (BAR + 4), int(row[-1].replace(",", ""))
        width = (BARS - 40) * size / most
        name = row[0].replace("`", "")
        yield text(LEFT - 8, y + 12, f"{name} ({row[5]})", "end")
        yield f'<rect class="{"second" if row[5] == "dynamic" else "first"}" x="{LEFT}" y="{y + 1}" ' \
              f'width="{width:.1f}" height="{BAR - 2}"/>'
        yield text(LEFT + width + 6, y + 12, f"{size / 1000:.0f} KB")


def main() -> None:
    rows = [Board(*word.split("=")).row() for word in sys.argv[1:]]
    table = "".join("| " + " | ".join(row) + " |\n" for row in [list(HEAD), ["---"] * 6 + ["---:"], *rows])
    print(table, end="")
    if os.environ.get("WRITE") == "yes":
        page = DOCS / "boards.md"
        page.write_text(MARKED.sub(lambda _: table, page.read_text(encoding="utf-8")), encoding="utf-8")
        picture("boards.svg", LEFT + BARS + 60, 70 + len(rows) * (BAR + 4),
                "The whole command, or the firmware, stripped: thousand bytes", bars(rows))


if __name__ == "__main__":
    main()
