# SPDX-License-Identifier: MIT
"""Runs the model checker CBMC on the harnesses of this folder, and writes a table of what they prove: build/PROOFS.md.

A harness is a function behind a comment that begins with PROOF and the name of what it proves. The
comment's lines say what is proved, up to which bound and what is not; for which models of a machine
it is run; CBMC's options; and which functions are replaced by their contracts ("f:contract_of_f"),
each of which is proved by another harness. A property whose text begins with "reached:" has to
fail: it shows that the harness does get there.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

FOLDER = pathlib.Path(__file__).parent
TABLE = pathlib.Path("build/PROOFS.md")
BUILD = pathlib.Path("build/prove")
SAMPLE = "sample"  # in place of names: the first harness of each file, for the first of its models
CHECKS = ["--pointer-overflow-check", "--no-malloc-may-fail", "--drop-unused-functions", "--slice-formula",
          "--json-ui"]
FOR_32 = ["-m32"]
MODELS = {  # of a machine, as the options of gcc and goto-cc, and what only goto-cc knows
    "64": ([], []),
    "32": (FOR_32, []),
    "64be": ([], ["-mbig-endian"]),
    "32be": (FOR_32, ["-mbig-endian"]),
    "arm": ([*FOR_32, "-funsigned-char"], []),
}
SECONDS = 900  # that one step of a harness may take
MEMORY = 9 << 30  # bytes for each of two at a time
KEYS = "proved|bound|not|models|with|replaced"
HEAD = f"""# What is proved

`make prove` has the model checker CBMC go through all inputs at once, up to the bounds below. For each
function, besides what is said here: no access out of bounds, no null or dangling pointer, no overflow of
signed numbers or of pointers, no undefined shift, no division by zero; and every loop
ends within the bound. A local that was not set has any value to CBMC, so that nothing that is proved
depends on one.

Models of a machine: {", ".join(f"`{name}`" for name in MODELS)}. 64 and 32 are the bits of a word, be is
big-endian; arm has 32 bits and an unsigned char, as a Cortex-M.

Where a function calls another that is proved by itself, that one is replaced by its contract: the
caller is shown to keep to it, and then only what the contract promises is known of the result.

A function without a row is run as it is within those that call it. Nothing is proved of the DER of certificates,
sessions, TLS, the engine and the ports: these are tested and fuzzed.

"""


@dataclass
class Harness:
    """A harness, as its comment describes it."""

    file: pathlib.Path
    function: str
    subject: str
    told: dict[str, str]


def harnesses(wanted: list[str]) -> list[Harness]:
    """All harnesses, those whose functions are named, or the sample."""
    found = []
    for file in sorted(FOLDER.glob("prove_*.c")):
        for match in re.finditer(r"^/\* PROOF (.*?)\*/\s*\w+ (\w+)\(", file.read_text(), re.S | re.M):
            subject, *lines = (line.strip(" *") for line in match[1].strip().splitlines())
            told = {key: " ".join(text.split()) for key, text in
                    re.findall(rf"^({KEYS}): (.*?)(?=^(?:{KEYS}): |\Z)", "\n".join(lines), re.S | re.M)}
            found.append(Harness(file, match[2], subject, told))
    if wanted == [SAMPLE]:
        return sample_of(found)
    names = [harness.function for harness in found]
    for name in set(wanted) - set(names):
        sys.exit(f"prove: no harness {name}; there are: {' '.join(names)}")
    return [harness for harness in found if not wanted or harness.function in wanted]


def sample_of(found: list[Harness]) -> list[Harness]:
    firsts = list({harness.file: harness for harness in reversed(found)}.values())
    for harness in firsts:
        harness.told["models"] = harness.told["models"].split()[0]
    return firsts


def judge(output: str) -> tuple[int, list[str]]:
    """How many properties hold, and what is not as it should be."""
    results = [result for message in json.loads(output) for result in message.get("result", [])]
    failures, reached = [], 0
    for result in results:
        text = result["description"]
        must_fail = text.startswith("reached:")
        reached += must_fail
        if result["status"] != ("FAILURE" if must_fail else "SUCCESS"):
            where = result.get("sourceLocation", {})
            failures.append(f"{result['status']} {where.get('file')}:{where.get('line')}: {text}")
    if not reached:
        failures.append("nothing shows that the harness gets anywhere")
    return len(results) - reached, failures


def limit_memory() -> None:
    """A harness that is too large for the solver fails, and does not take the machine with it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run(*command: object, may_fail: bool = False) -> str:
    """Runs a program to its end; returns what it prints."""
    words = [str(word) for word in command]
    done = subprocess.run(words, preexec_fn=limit_memory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=SECONDS)
    if done.returncode != 0 and not may_fail:
        raise RuntimeError(f"{' '.join(words)}\n{done.stdout[-1000:]}")
    return done.stdout


def prove(harness: Harness, model: str, cbmc: str, include: list[str]) -> tuple[int, list[str], float]:
    """Runs one harness for one model; returns how many properties hold, what fails, and the seconds."""
    start = time.monotonic()
    to_both, to_goto_cc = MODELS[model]
    whole, ready = (BUILD / f"{harness.function}-{model}{end}" for end in (".goto", "-ready.goto"))
    units = []
    try:
        for source in (harness.file, FOLDER / "string.c"):
            units.append(whole.with_suffix(f".{source.stem}.i"))
            run("gcc", "-E", *to_both, *include, source, "-o", units[-1])
        run(cbmc, "goto-cc", *to_both, *to_goto_cc, *units, "--function", harness.function, "-o", whole)
        replaced = [word for pair in harness.told.get("replaced", "").split() for word in ("--replace-calls", pair)]
        run(cbmc, "goto-instrument", *replaced, whole, ready)
        # it fails for each property that does, and "reached:" must
        properties, failures = judge(run(cbmc, "cbmc", *CHECKS, *harness.told["with"].split(), ready, may_fail=True))
    except (RuntimeError, ValueError, subprocess.TimeoutExpired) as error:
        properties, failures = 0, [str(error)]
    return properties, failures, time.monotonic() - start


def table(proved: list[Harness]) -> str:
    """What is proved, in Markdown."""
    rows = ["| function | proved | bound | models | not proved |", "|---|---|---|---|---|"]
    for harness in proved:
        told = harness.told
        cells = [f"`{harness.subject}`", told["proved"], told["bound"], told["models"], told.get("not", "")]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def main() -> None:
    """The command: prove.py CBMC INCLUDES [HARNESS...]."""
    cbmc, include, wanted = sys.argv[1], sys.argv[2].split(), sys.argv[3:]
    chosen = harnesses(wanted)
    right = True
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {pool.submit(prove, harness, model, cbmc, include): (harness, model)
                for harness in chosen for model in harness.told["models"].split()}
        for job in concurrent.futures.as_completed(jobs):
            harness, model = jobs[job]
            properties, failures, seconds = job.result()
            right &= not failures
            print(f"{'FAILED' if failures else 'proved'} {harness.subject} ({harness.function}, {model}): "
                  f"{harness.told['bound']}; {properties} properties, {seconds:.0f} s", flush=True)
            for failure in failures:
                print(f"    {failure}", flush=True)
    if not right:
        sys.exit("prove: not everything was proved")
    if not wanted:
        TABLE.write_text(HEAD + table(chosen))
        print(f"prove: all was proved; see {TABLE}")


if __name__ == "__main__":
    main()
