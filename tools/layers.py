# SPDX-License-Identifier: MIT
"""Checks that every #include points sideways or down, by the floors of docs/contributing.md, and that no files include
each other in a circle.

    python3 tools/layers.py [--root DIR] [--report]

--root DIR   another checkout, to compare with
--report     print first the folders with their lines, and how long functions are
"""
import argparse
import math
import os
import re
import sys
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

ROOTS = ("include", "src", "port", "programs", "boards")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
GENERATED = ("clock_floor.h",)

# What needs no operating system, neither memory nor time.
PURE = r"(limits|stdbool|stddef|stdint|string)\.h"
MBEDTLS = r"(mbedtls|psa)/.*"
LWIP = r"(lwip|netif)/.*"
PUBLIC = r"include/mmdclose/[^/]*\.h"
TEXT = r"src/text/.*"
CONFIG = r"src/tls/psa_config\.h"  # a part of each mbedtls_config.h


class Floor(NamedTuple):
    name: str
    files: str    # which files stand on it
    ours: str     # which files of the project they may include
    others: str   # and which headers of others; "" is none, ".*" is any but Mbed TLS's


# The first floor whose pattern matches is a file's own. Whatever is not named here is refused.
FLOORS = (
    Floor("public port header of Linux", r"include/mmdclose/port/linux\.h", PUBLIC, ".*"),
    Floor("public port header of lwIP", r"include/mmdclose/port/lwip\.h", PUBLIC, f"{PURE}|{LWIP}"),
    Floor("public header", PUBLIC, PUBLIC, PURE),
    Floor("text", TEXT, rf"{TEXT}|include/mmdclose/(rule|guid)\.h", rf"{PURE}|jsmn\.h"),
    Floor("http", r"src/http/.*", rf"src/http/.*|{TEXT}|include/mmdclose/(response|result|error|proxy|version)\.h",
          PURE),
    Floor("service", r"src/service/.*", rf"src/(service|http)/.*|{TEXT}|{PUBLIC}", PURE),
    # front_*.h stand in front of files of Mbed TLS and read what those read.
    Floor("tls", r"src/tls/.*", rf"src/tls/.*|{TEXT}|{PUBLIC}",
          rf"{PURE}|{MBEDTLS}|(common|ssl_misc|bignum_core|bignum_internal)\.h"),
    Floor("version", r"src/version\.c", PUBLIC, PURE),
    Floor("client", r"src/(client|error)\.c", rf"src/tls/tls\.h|{TEXT}|{PUBLIC}", PURE),
    Floor("close", r"src/close/.*", rf"src/close/.*|{TEXT}|{PUBLIC}", PURE),
    Floor("port of Linux", r"port/linux/.*", rf"port/linux/.*|{TEXT}|{PUBLIC}|include/mmdclose/port/linux\.h", ".*"),
    Floor("port of lwIP", r"port/lwip/.*", rf"port/lwip/.*|{TEXT}|{PUBLIC}|include/mmdclose/port/lwip\.h",
          f"{PURE}|{LWIP}"),
    Floor("common text of programs", r"programs/common/.*", rf"programs/common/.*|{TEXT}|{PUBLIC}", ".*"),
    Floor("command", r"programs/mmdclose/.*",
          rf"programs/(mmdclose|common)/.*|{TEXT}|{PUBLIC}|include/mmdclose/port/linux\.h", ".*"),
    Floor("firmware", r"programs/firmware/.*",
          rf"programs/(firmware|common)/.*|{TEXT}|{PUBLIC}|include/mmdclose/port/lwip\.h|{CONFIG}", ".*"),
    Floor("board", r"boards/.*", rf"programs/firmware/.*|boards/.*|{CONFIG}", ".*"),
)


def floor_of(file: str) -> Optional[Floor]:
    return next((floor for floor in FLOORS if re.fullmatch(floor.files, file)), None)


def sources(root: Path, folders: Tuple[str, ...]) -> Dict[str, str]:
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8")
            for folder in folders for path in sorted((root / folder).rglob("*.[ch]"))}


def resolve(file: str, name: str, files: Dict[str, str]) -> Optional[str]:
    """The project's file that is meant: one beside it or in the folder above, or the one whose path ends so."""
    near = [path for folder in list(Path(file).parents)[:2] if (path := os.path.normpath(folder / name)) in files]
    found = near[:1] or [path for path in files if path.endswith("/" + name)]
    return found[0] if len(found) == 1 else None


def own_folder(file: str, other: str) -> bool:
    """Of boards: one includes its own files and what several share, not another board's."""
    folder, shared = Path(other).parts[1], "cortex-m3"
    return not other.startswith("boards/") or folder in (Path(file).parts[1], shared)


def check_include(file: str, floor: Floor, quote: str, name: str, files: Dict[str, str]) -> Optional[str]:
    if quote == "<":
        right = (re.fullmatch(floor.others, name) and
                 (floor.name == "tls" or not re.fullmatch(MBEDTLS, name)))
    elif name in GENERATED:
        right = True
    else:
        other = resolve(file, name, files)
        if other is None:
            return f'{file}: no file, or several, could be "{name}"'
        right = re.fullmatch(floor.ours, other) and own_folder(file, other)
    return None if right else f"{file} ({floor.name}) must not include {name}"


def check_floors(files: Dict[str, str]) -> Iterator[str]:
    for file, text in files.items():
        floor = floor_of(file)
        if floor is None:
            yield f"{file} stands on no floor"
            continue
        for quote, name in INCLUDE.findall(text):
            wrong = check_include(file, floor, quote, name, files)
            if wrong is not None:
                yield wrong


def edges(files: Dict[str, str]) -> Dict[str, List[str]]:
    graph = {}
    for file, text in files.items():
        others = (resolve(file, name, files) for quote, name in INCLUDE.findall(text) if quote == '"')
        graph[file] = [other for other in others if other is not None]
    return graph


def find_circles(graph: Dict[str, List[str]]) -> Iterator[str]:
    finished = set()

    def visit(file: str, path: List[str]) -> Iterator[str]:
        if file in path:
            yield "a circle: " + " -> ".join(path[path.index(file):] + [file])
        elif file not in finished:
            for other in graph[file]:
                yield from visit(other, path + [file])
            finished.add(file)

    for file in graph:
        yield from visit(file, [])


def functions(text: str) -> Iterator[Tuple[int, str]]:
    """Lines between the braces of each function: by .clang-format only these are single in the first column."""
    start, name = None, ""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        head = re.match(r"[A-Za-z].*?(\w+)\(", line)
        if head:
            name = head[1]
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            yield number - start - 1, name
            start = None


def report(root: Path) -> None:
    files = sources(root, ROOTS + ("test",))
    folders: Dict[str, int] = {}
    for file, text in files.items():
        folder = str(Path(file).parent)
        folders[folder] = folders.get(folder, 0) + text.count("\n")
    print(f"{'folder':<28} {'lines':>7}")
    for folder, lines in sorted(folders.items()):
        print(f"{folder:<28} {lines:>7}")
    print(f"\n{'functions':<28} {'number':>7} {'median':>7} {'p90':>5} {'longest':>8}")
    for part in ("src", "port", "programs", "boards", "test"):
        found = sorted(item for file, text in files.items() if file.startswith(part + "/") for item in functions(text))
        if found:
            number = len(found)
            print(f"{part:<28} {number:>7} {found[number // 2][0]:>7} {found[math.ceil(0.9 * number) - 1][0]:>5} "
                  f"{found[-1][0]:>8}  {found[-1][1]}")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description="checks the direction of every #include")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[1])
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    if arguments.report:
        report(arguments.root)
    files = sources(arguments.root, ROOTS)
    graph = edges(files)
    upward, circles = list(check_floors(files)), list(find_circles(graph))
    print("\n".join(upward + circles + [f"{len(files)} files, {sum(map(len, graph.values()))} includes among them: "
                                        f"{len(upward)} upward, {len(circles)} circles"]))
    sys.exit(1 if upward or circles else 0)


if __name__ == "__main__":
    main()
