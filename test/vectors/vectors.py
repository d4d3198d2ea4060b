# SPDX-License-Identifier: MIT
"""Runs Wycheproof's test vectors through the library's build of Mbed TLS, and ends with a line: N passed, M failed.

    python3 test/vectors/vectors.py PROGRAM DIR      PROGRAM: build/.../test/vectors/vectors; DIR: the JSON files

What is "valid" has to be accepted, what is "invalid" refused, but for the differences of LENIENT, which have to be
there. Of what is "acceptable" the answer is printed by kind; a shared secret has to be the right one, or none.
"""
import collections
import json
import subprocess
import sys
from pathlib import Path
from typing import Counter, Dict, Iterator, List, NamedTuple, Tuple

# What a schema's files are verified with. Others are refused: no vector is passed over.
PADDINGS = {"rsassa_pkcs1_verify_schema_v1.json": "none", "rsassa_pss_verify_schema_v1.json": "pss",
            "ecdsa_verify_schema_v1.json": "none"}
AGREEMENT = "xdh_comp_schema_v1.json"
EXPECTED = {"valid": ("valid", "same"), "invalid": ("invalid", "refused"),
            "acceptable": ("valid", "invalid", "same", "refused")}
# Mbed TLS reads r and s by its parser for BER, which takes lengths that are longer than need be, zeros in front of a
# number, and a number without the zero that marks it as positive. The numbers are the right ones: nothing is forged,
# and nothing here takes a signature for the name of what it signs.
LENIENT = {
    "ecdsa_verify_schema_v1.json": {
        "Legacy: ASN encoding of s misses leading 0", "Legacy: ASN encoding of r misses leading 0",
        "length of sequence [r, s] uses long form encoding", "length of sequence [r, s] contains a leading 0",
        "length of r uses long form encoding", "length of r contains a leading 0", "prepending 0's to r",
        "length of s uses long form encoding", "length of s contains a leading 0", "prepending 0's to s"}}


class Vector(NamedTuple):
    """A test, and the line that the program reads for it."""
    number: int
    result: str
    kind: str
    comment: str
    is_lenient: bool  # Mbed TLS takes it, though it is invalid
    line: str

    def is_right(self, answer: str) -> bool:
        return answer == "valid" if self.is_lenient else answer in EXPECTED[self.result]


def line_of(schema: str, group: Dict, test: Dict) -> str:
    if schema == AGREEMENT:
        return " ".join(("x25519", *(test[name] for name in ("private", "public", "shared"))))
    padding = PADDINGS[schema]
    if padding == "pss" and (group["mgf"], group["mgfSha"]) != ("MGF1", group["sha"]):
        raise ValueError("a mask by another function or hash")
    return " ".join(("verify", padding, group["sha"], str(group.get("sLen", 0)), group["publicKeyDer"],
                     test["msg"] or "-", test["sig"] or "-"))


def vectors_of(path: Path) -> Iterator[Vector]:
    read = json.loads(path.read_text(encoding="utf-8"))
    lenient = LENIENT.get(read["schema"], set())
    for group in read["testGroups"]:
        if group.get("curve", "curve25519") != "curve25519":
            raise ValueError(f"the curve {group['curve']}")
        for test in group["tests"]:
            yield Vector(test["tcId"], test["result"], "+".join(sorted(test["flags"])), test["comment"],
                         test["result"] == "invalid" and test["comment"] in lenient,
                         line_of(read["schema"], group, test))


def answers(program: str, vectors: List[Vector]) -> List[str]:
    done = subprocess.run([program], input="".join(each.line + "\n" for each in vectors), stdout=subprocess.PIPE,
                          text=True, check=True)
    lines = done.stdout.split()
    if len(lines) != len(vectors):
        raise ValueError(f"{len(lines)} answers to {len(vectors)} vectors")
    return lines


def run(program: str, path: Path) -> Tuple[int, int]:
    """How many vectors have the answer that is expected, and how many have not. Says what there is to say of a file."""
    vectors = list(vectors_of(path))
    judged = list(zip(vectors, answers(program, vectors)))
    wrong = [(vector, answer) for vector, answer in judged if not vector.is_right(answer)]
    kinds: Dict[str, Counter] = collections.defaultdict(collections.Counter)
    for vector, answer in judged:
        if vector.result == "acceptable":
            kinds[vector.kind][answer] += 1
    counts = collections.Counter(vector.result for vector in vectors)
    print(f"{path.name}: " + ", ".join(f"{number} {result}" for result, number in sorted(counts.items())))
    for kind, found in sorted(kinds.items()):
        print(f"    acceptable, {kind}: " + ", ".join(f"{number} {answer}" for answer, number in sorted(found.items())))
    if known := [vector.number for vector, answer in judged if vector.is_lenient and vector.is_right(answer)]:
        print(f"    invalid, but taken, which is known: {known}")
    for vector, answer in wrong:
        print(f"    FAILED {vector.number} ({vector.comment}; {vector.kind}): {vector.result}, but {answer}")
    return len(judged) - len(wrong), len(wrong)


def main() -> int:
    program, folder = sys.argv[1], Path(sys.argv[2])
    paths = sorted(folder.glob("**/*.json"))
    if not paths:
        print(f"vectors: no JSON file in {folder}", file=sys.stderr)
    results = [run(program, path) for path in paths]
    passed, failed = (sum(column) for column in zip(*results)) if results else (0, 1)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
