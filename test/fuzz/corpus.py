# SPDX-License-Identifier: MIT
"""The inputs that are kept for each fuzz target, packed in one file: test/fuzz/corpus/TARGET. Others, which are kept
whatever they reach, are files: test/fuzz/seeds/TARGET/NAME, what once broke the target, and what record.py recorded.

    python3 test/fuzz/corpus.py minimise FUZZ_BUILD TARGET...    keep the fewest that reach all that the packed ones,
                                                                 and those in FUZZ_BUILD/corpus, reach
    python3 test/fuzz/corpus.py unpack TARGET FOLDER             a file for each

In front of each input stands its length: four bytes, the least significant first. replay.c reads the same.
"""
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Iterable, List

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
MERGE = ["-set_cover_merge=1", "-max_len=65536", "-timeout=60", "-rss_limit_mb=1024"]


def read(target: str) -> List[bytes]:
    packed, inputs = (CORPUS / target).read_bytes(), []
    while packed:
        end = 4 + int.from_bytes(packed[:4], "little")
        if len(packed) < end:
            raise ValueError(f"{CORPUS / target} ends within an input")
        inputs.append(packed[4:end])
        packed = packed[end:]
    return inputs


def write(target: str, inputs: Iterable[bytes]) -> None:
    """In an order that depends on the inputs only."""
    ordered = sorted(set(inputs), key=lambda each: (len(each), each))
    (CORPUS / target).write_bytes(b"".join(len(each).to_bytes(4, "little") + each for each in ordered))


def unpack(target: str, folder: Path, more: Iterable[bytes] = ()) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for each in [*read(target), *more]:
        (folder / hashlib.sha1(each).hexdigest()).write_bytes(each)


def seeds_of(target: str) -> List[Path]:
    return sorted((HERE / "seeds" / target).glob("*"))


def run(*command: object) -> None:
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace")
    if done.returncode:
        sys.exit(f"corpus: {command[0]} failed:\n{done.stdout[-4000:]}")


def minimise(build: Path, target: str) -> None:
    program, before = build / "test/fuzz" / target, read(target)
    with tempfile.TemporaryDirectory(prefix="mmdclose-corpus-") as scratch:
        old, fresh, least = Path(scratch, "old"), build / "corpus" / target, Path(scratch, "least")
        unpack(target, old)
        fresh.mkdir(parents=True, exist_ok=True)
        least.mkdir()
        seeds = [seed.read_bytes() for seed in seeds_of(target)]
        for number, seed in enumerate(seeds):
            (least / str(number)).write_bytes(seed)
        run(program, "-runs=0", old, fresh)  # a merge would leave out what breaks the target
        run(program, *MERGE, least, old, fresh)
        write(target, {file.read_bytes() for file in least.iterdir()} - set(seeds))
    after = read(target)
    print(f"  {target:14}{len(before):4} inputs, {sum(map(len, before)):7} bytes -> {len(after):4} inputs, "
          f"{sum(map(len, after)):7} bytes", flush=True)


def main() -> None:
    command, rest = sys.argv[1:2], sys.argv[2:]
    if command == ["minimise"] and len(rest) > 1:
        for target in rest[1:]:
            minimise(Path(rest[0]), target)
    elif command == ["unpack"] and len(rest) == 2:
        unpack(rest[0], Path(rest[1]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
