# SPDX-License-Identifier: MIT
"""What is linked into the image of a board: nothing that takes memory from a heap, formats, or needs an operating
system. And what is refused before there is one."""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from case import BOARD, HAS_P384, NATIVE, PKI

IMAGE = Path(os.environ["FIRMWARE"])
TOOLS = "" if BOARD == NATIVE else "arm-none-eabi-"
UNWANTED = re.compile(r"_*(malloc|calloc|free|realloc|strdup|sbrk|abort|exit|assert_func|signal|raise|atexit|time|"
                      r"\w*printf\w*|\w*scanf\w*|puts|putchar|strto\w+|ato[il]\w*|rand|srand|setlocale|"
                      r"f?(open|close|read|write)|getenv|getentropy)(_r)?")


def symbols(path: Path, *options: str) -> set:
    listed = subprocess.run([TOOLS + "nm", *options, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            text=True, check=True).stdout
    return {line.split()[-1] for line in listed.splitlines() if len(line.split()) > 1}


class Image(unittest.TestCase):
    def test_nothing_of_a_heap_or_of_an_operating_system_is_in_it(self):
        """Of the native board, whose image has both, the library alone can tell: what it wants from others."""
        if BOARD == NATIVE:
            found = symbols(IMAGE.parent / "libmmdclose.a", "--undefined-only")
            self.assertIn("tcp_write", found)
        else:
            found = symbols(IMAGE)
            self.assertIn("board_anchors", found)
        self.assertEqual([name for name in sorted(found) if UNWANTED.fullmatch(name)], [])

    def test_what_a_file_includes_makes_it_out_of_date(self):
        for source in Path("programs/firmware").glob("*.c"):
            listed = (IMAGE.parent / source).with_suffix(".d").read_text(encoding="utf-8")
            for header in re.findall(r'^#include "(.*)"', source.read_text(encoding="utf-8"), re.M):
                self.assertRegex(listed, rf"/{header}\b", source)


class Settings(unittest.TestCase):
    """What would become another firmware than was meant is refused when it is made."""

    def test_anchors(self):
        """Fault 486: anchors that the board's build cannot use -> refused where the image is made"""
        root, make = PKI.ca_file(), Path(__file__).resolve().parents[2] / "tools" / "anchors.py"
        p384 = PKI.ca_file("p384")
        with tempfile.TemporaryDirectory(prefix="mmdclose-test-") as folder:
            out, damaged, empty = (Path(folder, name) for name in ("out", "damaged.pem", "empty.pem"))
            lines = Path(root).read_text(encoding="ascii").splitlines()
            damaged.write_text("\n".join(lines[:5] + lines[-1:]), encoding="ascii")
            empty.touch()
            for words, said in (((IMAGE, root), ""), ((IMAGE, root, damaged), "damaged.pem cannot be used"),
                                ((IMAGE, PKI.chain("good")[0]), "not an authority's"),
                                ((IMAGE, PKI.ca_file("p521-root")), "curve is P-521"),
                                ((IMAGE, PKI.ca_file("pss-root")), "its key is RSA-PSS"),
                                ((IMAGE, PKI.ca_file("constrained-root")), "has name constraints"),
                                ((IMAGE, PKI.chain("self-signed-sha1")[0]), "its signature is ECDSA with SHA-1"),
                                ((IMAGE, PKI.chain("self-signed")[0]), ""),
                                ((IMAGE, p384), "" if HAS_P384 else "curve is P-384"), ((4096, p384), ""),
                                (("--without=P384", 4096, p384), "curve is P-384"),
                                (("--without=P385", 4096, p384), "are needed"),
                                ((IMAGE, empty), "no certificate"),
                                ((IMAGE, empty / "x"), "x cannot be used"), ((100, root), "but the board has 100"),
                                ((root, root), "neither a size"), ((100,), "are needed")):
                options = [word for word in words if str(word).startswith("--")]
                rest = [str(word) for word in words if word not in options]
                with self.subTest(said):
                    done = subprocess.run([sys.executable, make, *options, out, *rest], stderr=subprocess.PIPE,
                                          text=True, check=False)
                    self.assertEqual(done.returncode, 1 if said else 0, done.stderr)
                    self.assertIn(said, done.stderr)
                    self.assertNotIn("Traceback", done.stderr)

    def test_words_and_numbers_of_make(self):
        for setting in ("TLS13=maybe", "TLS13=", "P384=YES", "KEY=1", "PROXY=on", "POOL_SIZE=64K", "REQUEST_MAX=",
                        "TOKEN_MAX=3K", "COMMAND_MAX=0"):
            with self.subTest(setting):
                done = subprocess.run(["make", "-n", "DEPS=no", f"BOARD={BOARD}", setting, "all"], check=False,
                                      cwd=Path(__file__).resolve().parents[2], stdout=subprocess.DEVNULL, text=True,
                                      stderr=subprocess.PIPE, env={"PATH": os.environ["PATH"]})
                name = setting.split("=")[0]
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertRegex(done.stderr, f"{name} is yes or no|{name}, a number")


if __name__ == "__main__":
    unittest.main()
