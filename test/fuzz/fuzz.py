# SPDX-License-Identifier: MIT
"""Runs fuzz targets, two at a time, from the inputs that are kept (corpus.py) and from what earlier runs found.

    python3 test/fuzz/fuzz.py FUZZ_BUILD REPLAY_BUILD SECONDS TARGET...

New inputs stay in FUZZ_BUILD/corpus, what breaks something in FUZZ_BUILD/found. Fails if anything did.
"""
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import List

import corpus

HERE = Path(__file__).resolve().parent
# The time of one input is a clock's, not the processor's: on a busy machine a target may have to wait for its turn.
LIMITS = ["-timeout=60", "-rss_limit_mb=1024", "-max_len=4096", "-print_final_stats=1", "-verbosity=1"]


def command(build: Path, replay: Path, seconds: int, target: str) -> List[str]:
    if target == "differential":
        return [sys.executable, str(HERE / "differential.py"), str(replay / "test/fuzz/differential"), str(seconds)]
    fresh, kept, found = (build / folder / target for folder in ("corpus", "kept", "found"))
    for folder in (fresh, found):
        folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(kept, ignore_errors=True)
    corpus.unpack(target, kept, (seed.read_bytes() for seed in corpus.seeds_of(target)))
    words = HERE / f"{target}.dict"
    return [str(build / "test/fuzz" / target), f"-max_total_time={seconds}", *LIMITS, f"-artifact_prefix={found}/",
            *([f"-dict={words}"] if words.exists() else []), str(fresh), str(kept)]


def run(build: Path, replay: Path, seconds: int, target: str) -> bool:
    """Run one target, and say how it went in a line; in all its lines if it broke."""
    line = command(build, replay, seconds, target)
    log = build / f"{target}.log"
    with open(log, "w", encoding="utf-8", errors="replace") as out:
        good = subprocess.run(line, stdout=out, stderr=subprocess.STDOUT, timeout=seconds + 300).returncode == 0
    text = log.read_text(encoding="utf-8", errors="replace")
    progress = re.findall(r"^#\d+\s+DONE\s+(.*)$", text, re.MULTILINE) or text.splitlines()[-1:] or [""]
    runs = re.search(r"number_of_executed_units: (\d+)", text)
    count = f"{runs[1]} runs, " if runs else ""
    print(f"  {target:14}{'good' if good else 'BROKEN':8}{count}{progress[-1]}", flush=True)
    if not good:
        print(re.sub(r"^#\d+\s+(NEW|REDUCE|pulse).*\n", "", text, flags=re.MULTILINE)[-6000:])
        for file in re.findall(r"Test unit written to (\S+)", text):
            print(f"to reproduce: {line[0]} {file}", flush=True)
    return good


def main() -> None:
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    build, replay, seconds = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda target: run(build, replay, seconds, target), sys.argv[4:]))
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
