# SPDX-License-Identifier: MIT
"""What the library needs of a C library and that it keeps no state, by the symbols of its objects; what others see of it;
and that it serves beside another Mbed TLS, and another language.

The folder of MMDCLOSE_PLAIN has what was built without sanitizers: the command, its objects, and the libraries.
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Dict, List, Set, Tuple

from harness import ACTIONS, PKI, REQUEST, TENANT
from service import DEFAULT_TOKEN as TOKEN, Service
from tls import Tls

ROOT = Path(__file__).resolve().parents[2]
PLAIN = Path(os.environ["MMDCLOSE_PLAIN"])
VERSION = re.search(r'MMD_VERSION "(.*)"', (ROOT / "include/mmdclose/version.h").read_text(encoding="ascii"))[1]
ARCHIVE, SHARED = PLAIN.parent / "libmmdclose.a", PLAIN.parent / f"libmmdclose.so.{VERSION}"
OTHER = ROOT / "deps/other-mbedtls/usr"
COMPILE = [*os.environ.get("CC", "cc").split(), "-std=c11", "-Wall", "-Werror", f"-I{ROOT / 'include'}"]
CLOSED, ALREADY_CLOSED, NOT_VERIFIED = 0, 3, 8
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
        cls.symbols = symbols(str(PLAIN.parent / "parts.a"))

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


def names(path: Path, *options: str) -> Set[str]:
    """What is defined there and can be seen from outside, without the version that a shared library puts after it."""
    listed = subprocess.run(["nm", "--defined-only", "--format=posix", *options, path], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    return {re.match(r"[^ @]+", line)[0] for line in listed.splitlines() if not line.endswith(":")}


def declared(page: Path) -> Set[str]:
    """The functions and objects of a header."""
    text = re.sub(r"/\*.*?\*/", "", page.read_text(encoding="utf-8").replace("\\\n", ""), flags=re.S)
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    found = re.findall(r"^(?!typedef)\w[^;{}()]*?\b(mmd_\w+)(?:\([^;{]*)?;", text, re.M)
    return set(found)


class Seen(unittest.TestCase):
    def test_only_what_the_headers_declare(self):
        pages = list((ROOT / "include").rglob("*.h"))
        exports = (ROOT / "src/exports").read_text(encoding="ascii").split()
        self.assertEqual(exports, sorted(set.union(*map(declared, pages)) - {"mmd_random"}))  # a port's
        public = {name for page in pages if page.name != "lwip.h" for name in declared(page)} - {"mmd_random"}
        seen = names(ARCHIVE, "-g")
        self.assertEqual({name for name in seen if not name.startswith("mmd_private_")}, public)
        self.assertIn("mmd_private_mbedtls_ssl_handshake", seen)
        self.assertEqual({name for name in names(SHARED, "-D") if not name.startswith("MMDCLOSE_")}, public)
        self.assertEqual(names(PLAIN, "-D"), set())

    def test_each_struct_has_its_size(self):
        structs = {(page.name, *found) for page in (ROOT / "include/mmdclose").glob("*.h")
                   for found in re.findall(r"^(struct|union) (\w+) \{", page.read_text(encoding="utf-8"), re.M)}
        lines = "".join(f'if (mmd_size_of("{name}") != sizeof({kind} {name})) return puts("{name}"), 1;\n'
                        for _, kind, name in structs)
        pages = "".join(f"#include <mmdclose/{page}>\n" for page in {page for page, *_ in structs})
        self.assertGreater(len(structs), 20)
        with tempfile.TemporaryDirectory(prefix="mmdclose-test-") as folder:
            source, program = Path(folder, "sizes.c"), Path(folder, "sizes")
            source.write_text(f"#include <stdio.h>\n#include <mmdclose/version.h>\n{pages}int main(void) {{\n{lines}"
                              'return mmd_size_of("mmd_none") != 0; }\n', encoding="ascii")
            subprocess.run([*COMPILE, source, "-o", program, ARCHIVE], check=True)
            subprocess.run([program], check=True)


class Served(unittest.TestCase):
    """A request of the stand-in service is closed."""
    def setUp(self) -> None:
        self.service = Service(Tls(PKI))
        self.service.__enter__()
        self.addCleanup(self.service.__exit__, None, None, None)
        self.service.add(TENANT, REQUEST)
        folder = tempfile.TemporaryDirectory(prefix="mmdclose-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_beside_another_mbed_tls(self):
        """Fault 1180: a program that also uses another version of Mbed TLS -> each has its own functions"""
        libraries = OTHER / "lib/x86_64-linux-gnu"
        static = [libraries / f"libmbed{name}.a" for name in ("tls", "x509", "crypto")]
        shared = [libraries / f"libmbed{name}.so" for name in ("tls", "x509", "crypto")]
        found = {}
        for kind, words in {"static": [ARCHIVE, *static], "static, the other one first": [*static, ARCHIVE, *static],
                            "shared": [SHARED, *shared], "the other one shared": [ARCHIVE, *shared],
                            "the other one static": [SHARED, *static]}.items():
            program = self.folder / "beside"
            subprocess.run([*COMPILE, f"-I{OTHER / 'include'}", ROOT / "test/build/beside.c", "-o", program, *words,
                            "-pthread"], check=True)
            self.service.add(TENANT, REQUEST)
            done = subprocess.run([program, self.service.name, str(self.service.port), PKI.ca_file(), TENANT, REQUEST,
                                   TOKEN], stderr=subprocess.PIPE, text=True, timeout=60, check=False,
                                  env={"LD_LIBRARY_PATH": f"{SHARED.parent}:{libraries}"})
            found[kind] = (done.returncode, done.stderr)
        self.assertEqual({kind for kind, (status, _) in found.items() if status != 0}, set(), found)

    def test_from_python(self):
        """The example is run as it is: by the shared library, without a line of C."""
        def close(ca_file: object) -> int:
            return subprocess.run([sys.executable, ROOT / "examples/python/close.py", "--library", SHARED, "--host",
                                   self.service.name, "--port", str(self.service.port), "--connect",
                                   self.service.address, "--ca-file", ca_file, "--tenant", TENANT, "--request", REQUEST,
                                   "--actions", ACTIONS], input=TOKEN, text=True, timeout=60, check=False,
                                  stdout=subprocess.DEVNULL).returncode
        self.assertEqual([close("/etc/ssl/certs/ca-certificates.crt"), close(PKI.ca_file()), close(PKI.ca_file())],
                         [NOT_VERIFIED, CLOSED, ALREADY_CLOSED])
        self.assertEqual(self.service.actions(TENANT, REQUEST), ACTIONS)


if __name__ == "__main__":
    unittest.main()
