# SPDX-License-Identifier: MIT
"""The fault catalogue: collects the marked tests.

    python3 test/faults.py --check       fail if a mark is not well-formed, or belongs to no test that runs
    python3 test/faults.py FILE          also write the catalogue

A mark stands in a comment above a test or beside a row of its table, in Python in a docstring, too:

    Fault 14: "Content-Length: 5" with 5 bytes -> complete (RFC 9112, 6.3)

Other tests of the same fault say only "Fault 14". A table outside of all tests belongs to those that name it. A new
fault takes the next free number; a number whose fault is gone is not used again.
"""
import ast
import io
import re
import sys
import tokenize
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

HERE = Path(__file__).resolve().parent
FOLDERS = {"unit": "test_*.c", "system": "test_*.py", "board": "test_*.py", "booted": "test_*.py"}
SUBJECTS = {  # of the test files; any other has the subject of its name
    "response": "The response", "text": "Text, dates, outcomes", "error_object": "The error object",
    "answers": "Responses, end to end", "front_end": "Responses, end to end", "request": "The request",
    "trust": "Trust anchors", "anchors": "Trust anchors", "tls": "TLS", "sessions": "TLS: kept sessions",
    "hostile_records": "TLS: misuse", "hostile_handshake": "TLS: misuse",
    "proxy": "The proxy", "linux": "Network", "network": "Network", "lookup": "Network", "refusals": "Network", "engine": "The engine", "client": "The engine", "tls_pool": "The engine",
    "failures": "Failure at every point", "command": "The command", "secrets": "The command",
    "printable": "The command", "words": "The command", "run_program": "The command",
    "token_command": "The command", "qrcode": "The command", "proxy_options": "The command",
    "config_file": "The configuration", "config": "The configuration",
    "doctor": "The doctor", "device": "The doctor",
    "units": "The service", "booted": "The service",
    "key": "Keys and signatures", "keys": "Keys and signatures", "through_proxies": "Proxies",
    "own_token": "Tokens", "client_keys": "Tokens", "token_programs": "Tokens", "retrying": "Trying again",
    "closing": "The firmware", "command_line": "The firmware", "lwipopts": "The firmware",
}
REQUIRED = 60  # each number up to here has a test, or stands in NOT_YET
NOT_YET = {54: "a proxy", 60: "a queue"}
BLOCK_OF_C = re.compile(r"^(?:static [^\n;]*?(\w+)(?:\[[^\n]*\])*(?:\([^;{}]*\)| =)|\} (\w+)\[\] =)\s*\{.*?(?=^\})",
                        re.M | re.S)
MARK = re.compile(r"\bFault (\d+)\b(?:: (.*?)(?=\s*(?:\bFault \d|\*/|$)))?", re.S)


@dataclass
class Mark:
    number: int
    text: str           # empty where another mark has it
    path: Path
    tests: List[str]    # the first is the one to name


@dataclass
class Fault:
    text: str = ""
    subject: str = ""
    places: List[str] = field(default_factory=list)


# ---- finding marks ----

def marks_of(comment: str) -> Iterator[Tuple[int, str]]:
    for number, text in MARK.findall(comment):
        yield int(number), re.sub(r"\s*\n[\s*#]*", " ", text).strip()


def c_marks(path: Path) -> Iterator[Mark]:
    """A definition begins in the first column and ends with the next brace there."""
    source = path.read_text()
    run = set(re.findall(r"\b(?:cmocka_unit_test|TEST)\((\w+)\),", source))
    blocks = [(item.start(), item.end(), item[1] or item[2]) for item in BLOCK_OF_C.finditer(source)]
    bodies = [(name, source[begin:end]) for begin, end, name in blocks]
    for comment in re.finditer(r"/\*.*?\*/", source, re.S):
        found = list(marks_of(comment[0]))
        if found:
            name = next((name for begin, end, name in blocks if comment.start() < end), "")
            named = [name] if name.startswith("test_") else [
                test for test, body in bodies if test.startswith("test_") and re.search(rf"\b{name}\b", body)]
            for number, text in found:
                yield Mark(number, text, path, [test for test in named if test in run])


def outermost(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements, with those of an `if` in its place."""
    for item in tree.body:
        yield from item.body if isinstance(item, ast.If) else [item]


def methods_of(tree: ast.Module) -> List[ast.FunctionDef]:
    """The test methods of the classes of cases."""
    cases, methods = {"Dropping"}, []  # and all whose names end so
    for item in outermost(tree):
        bases = {getattr(base, "attr", getattr(base, "id", "")) for base in getattr(item, "bases", ())}
        if bases & cases or any(base.endswith("Case") for base in bases):
            cases.add(item.name)
            members = [each for member in item.body
                       for each in (member.body if isinstance(member, ast.If) else [member])]
            methods += [each for each in members if getattr(each, "name", "").startswith("test")]
    return methods


def python_marks(path: Path) -> Iterator[Mark]:
    source = path.read_text()
    tree = ast.parse(source)
    methods = methods_of(tree)
    comments = [(method.lineno, ast.get_docstring(method) or "") for method in methods]
    last = -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            line, text = token.start[0], token.string
            comments.append((line, comments.pop()[1] + "\n" + text) if line == last + 1 else (line, text))
            last = line
    for line, comment in sorted(comments):
        for number, text in marks_of(comment):
            yield Mark(number, text, path, tests_at(line, tree, methods))


def tests_at(line: int, tree: ast.Module, methods: List[ast.FunctionDef]) -> List[str]:
    item = next(item for item in outermost(tree) if line <= item.end_lineno)
    if not isinstance(item, (ast.Assign, ast.AnnAssign)):
        return [method.name for method in methods if item.lineno <= line <= method.end_lineno][:1]
    table = (item.targets[0] if isinstance(item, ast.Assign) else item.target).id
    return [method.name for method in methods
            if any(isinstance(node, ast.Name) and node.id == table for node in ast.walk(method))]


def sources() -> Iterator[Path]:
    for folder, pattern in FOLDERS.items():
        yield from sorted((HERE / folder).glob(pattern))


# ---- what they come to ----

def subject_of(path: Path) -> str:
    name = path.stem.removeprefix("test_")
    return SUBJECTS.get(name, name.replace("_", " ").capitalize())


def collect() -> Tuple[Dict[int, Fault], List[str]]:
    faults: Dict[int, Fault] = {}
    wrong = []
    for path in sources():
        for mark in c_marks(path) if path.suffix == ".c" else python_marks(path):
            place = f"{path.parent.name}/{path.name}, fault {mark.number}"
            fault = faults.setdefault(mark.number, Fault())
            if not mark.tests:
                wrong.append(f"{place}: belongs to no test that is run")
                continue
            if mark.text and fault.text:
                wrong.append(f"{place}: has its text twice")
            if mark.text and " -> " not in mark.text:
                wrong.append(f"{place}: the form is: input -> outcome")
            if mark.text:
                fault.text, fault.subject = mark.text, subject_of(path)
            fault.places.append(f"{path.parent.name}/{path.name}: `{mark.tests[0]}`")
    return faults, wrong + check(faults)


def check(faults: Dict[int, Fault]) -> List[str]:
    wrong = [f"fault {number}: no mark has its text" for number, fault in sorted(faults.items()) if not fault.text]
    wrong += [f"fault {number}: has no test" for number in range(1, REQUIRED + 1)
              if number not in faults and number not in NOT_YET]
    texts = [fault.text for fault in faults.values()]
    wrong += [f"stands twice: {text}" for text in sorted(set(texts)) if text and texts.count(text) > 1]
    return wrong


def cell(text: str) -> str:
    return re.sub(r"([|<*_])", r"\\\1", text)


def row(number: int, fault: Fault) -> str:
    text, source = re.fullmatch(r"(.*?)(?: \(((?:RFC|POSIX)[^()]*)\))?", fault.text).groups()
    given, _, outcome = text.partition(" -> ")
    places = "<br>".join(dict.fromkeys(fault.places))
    return f"| {number} | {cell(given)} | {cell(outcome)} | {source or ''} | {places} |"


def page(faults: Dict[int, Fault]) -> str:
    lines = ["# Faults", "",
             "What can go wrong from outside, what must come of it then, and the tests that show it: from the marks in",
             "the tests.", "",
             f"{len(faults)} faults in {sum(len(set(fault.places)) for fault in faults.values())} places."]
    for subject in dict.fromkeys(faults[number].subject for number in sorted(faults)):
        lines += ["", f"## {subject}", "", "| | input | outcome | source | tested by |", "|---|---|---|---|---|"]
        lines += [row(number, fault) for number, fault in sorted(faults.items()) if fault.subject == subject]
    lines += ["", "## Not yet", "", "No such code is there:", ""]
    return "\n".join(lines + [f"- {number}: {text}." for number, text in NOT_YET.items()]) + "\n"


def main() -> int:
    if len(sys.argv) != 2 or (sys.argv[1].startswith("-") and sys.argv[1] != "--check"):
        sys.exit(__doc__)
    faults, wrong = collect()
    for line in wrong:
        print(f"faults.py: {line}", file=sys.stderr)
    if sys.argv[1] != "--check":
        Path(sys.argv[1]).write_text(page(faults))
        print(f"{len(faults)} faults: {sys.argv[1]}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
