# SPDX-License-Identifier: MIT
"""A recipe, read as BitBake reads one, but only the part of its syntax that ours uses: any other line is an error. What
BitBake itself would say of the recipe, this cannot find out."""
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Dict, List, Tuple

ASSIGNMENT = re.compile(r'^([A-Za-z0-9_${}:.+-]+?)(?:\[([A-Za-z0-9_.-]+)\])? (\?\?=|\?=|:=|\+=|=\+|=) "(.*)"$')
FUNCTION = re.compile(r"^([a-z_]+)\(\) \{$")
VARIABLE = re.compile(r"\$\{([a-zA-Z0-9_+./~:-]+)\}")
PYTHON = re.compile(r"\$\{@((?:\{.*?\}|.)+?)\}")


def contains(variable: str, words: str, yes: str, no: str, recipe: "Recipe") -> str:
    """bb.utils.contains"""
    return yes if set(words.split()) <= set(recipe.get(variable).split()) else no


BB = SimpleNamespace(utils=SimpleNamespace(contains=contains))


class Recipe:
    """Its variables on top of those that are given: what BitBake's configuration and classes have set before."""

    def __init__(self, path: Path, given: Dict[str, str]) -> None:
        self.values = dict(given)
        self.weak: Dict[str, str] = {}
        self.flags: Dict[Tuple[str, str], str] = {}
        self.functions: Dict[str, str] = {}
        self.inherited: List[str] = []
        self.values["PN"], self.values["PV"] = path.stem.split("_")
        self._read(path.read_text(encoding="utf-8"))

    def _read(self, text: str) -> None:
        function = None
        pending = ""
        for line in text.splitlines():
            if function is not None:
                if line == "}":
                    function = None
                else:
                    self.functions[function] += line + "\n"
            elif not line.startswith("#"):
                pending += line.rstrip("\\") if line.endswith("\\") else line
                if not line.endswith("\\"):
                    function = self._statement(pending)
                    pending = ""
        if function or pending:
            raise ValueError(f"{function or pending}: it does not end")

    def _statement(self, line: str):
        """One line; the name of a function that begins there."""
        if match := FUNCTION.match(line):
            self.functions[match[1]] = ""
            return match[1]
        if line.startswith("inherit "):
            self.inherited += line.split()[1:]
        elif match := ASSIGNMENT.match(line):
            self._assign(self.expand(match[1]), *match.groups()[1:])
        elif line.strip():
            raise ValueError(f"not understood: {line}")
        return None

    def _assign(self, name: str, flag: str, operator: str, value: str) -> None:
        if flag:
            self.flags[name, flag] = value
        elif operator == "??=":
            self.weak[name] = value
        elif operator == "?=":
            self.values.setdefault(name, value)
        elif operator == "+=":
            self.values[name] = f"{self.values.get(name, '')} {value}"
        elif operator == "=+":
            self.values[name] = f"{value} {self.values.get(name, '')}"
        else:
            self.values[name] = self.expand(value) if operator == ":=" else value

    def get(self, name: str) -> str:
        if name == "PACKAGECONFIG_CONFARGS":
            return " ".join(filter(None, (choice for choice, _ in self.choices())))
        return self.expand(self.values[name] if name in self.values else self.weak[name])

    def choices(self) -> List[Tuple[str, str]]:
        """Of each option of PACKAGECONFIG: its arguments, and what it depends on."""
        found = []
        for (name, option), value in sorted(self.flags.items()):
            if name == "PACKAGECONFIG":
                wanted, unwanted, depends = (value.split(",") + ["", ""])[:3]
                chosen = option in self.get("PACKAGECONFIG").split()
                found.append((self.expand(wanted if chosen else unwanted), depends if chosen else ""))
        return found

    def expand(self, text: str) -> str:
        """A variable that is not there stays as it is, for the shell."""
        known = {*self.values, *self.weak, "PACKAGECONFIG_CONFARGS"}
        while True:
            new = VARIABLE.sub(lambda match: self.get(match[1]) if match[1] in known else match[0], text)
            new = PYTHON.sub(lambda match: str(eval(match[1], {"bb": BB, "d": self})), new)
            if new == text:
                return new
            text = new

    def words(self, name: str) -> List[str]:
        found = self.get(name).split()
        if any("${" in word for word in found):
            raise ValueError(f"{name}: {found}")
        return found
