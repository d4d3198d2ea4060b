# SPDX-License-Identifier: MIT
"""What the library needs of a C library, and that it keeps no state: by the symbols of its objects.

The archive is the one in the environment variable MMDCLOSE_LIB, built without sanitizers.
"""
import os
import re
import subprocess
import unittest
from pathlib import Path
from typing import Dict, List, Tuple

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted({str(path.parent.relative_to(ROOT)) for path in ROOT.glob("src/**/*.c")}) + ["port/linux"]
STATEFUL = "tls_pool.o"  # the one place with a state: see there
FORBIDDEN = re.compile(r"(m|c|re)alloc|free|strn?dup|puts|(__)?v?(f|d|s|sn|as)?printf(_chk)?")
WRITABLE = re.compile(r"\.t?(data|bss)(?!\.rel\.ro)|\*COM\*")  # .data.rel.ro is constant once it is loaded


def symbols(archive: str) -> Dict[str, List[Tuple[str, str]]]:
    """For each object in the archive, the section (*UND* for what it needs) and the name of its symbols."""
    listed = subprocess.run(["nm", "--format=sysv", "--print-file-name", archive], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    found: Dict[str, List[Tuple[str, str]]] = {}
    for place, name, section in re.findall(r"([^/:\n]+\.o):(\S+) *\|.*\|(\S+)$", listed, re.MULTILINE):
        found.setdefault(place, []).append((section, name))
    return found


class Symbols(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.symbols = symbols(os.environ["MMDCLOSE_LIB"])

    def of(self, folder: str) -> List[Tuple[str, str, str]]:
        """The object, section and name of all symbols of a folder's objects, each of which must be there."""
        objects = sorted(path.stem + ".o" for path in (ROOT / folder).glob("*.c"))
        self.assertTrue(objects, folder)
        self.assertLessEqual(set(objects), set(self.symbols))
        return [(place, *symbol) for place in objects for symbol in self.symbols[place]]

    def test_nothing_allocates_or_prints(self):
        for folder in FOLDERS:
            with self.subTest(folder):
                needed = [(place, name) for place, section, name in self.of(folder) if section == "*UND*"]
                self.assertEqual([each for each in needed if FORBIDDEN.fullmatch(each[1])], [])

    def test_nothing_has_writable_static_data(self):
        for folder in FOLDERS:
            with self.subTest(folder):
                self.assertEqual([each for each in self.of(folder)
                                  if WRITABLE.match(each[1]) and each[0] != STATEFUL], [])


if __name__ == "__main__":
    unittest.main()
