"""What is linked into the image of a board: nothing that takes memory from a heap, formats, or needs an operating
system."""
import os
import re
import subprocess
import unittest
from pathlib import Path

from case import BOARD, NATIVE

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
            self.assertIn("mbedtls_ssl_handshake_step", found)
        else:
            found = symbols(IMAGE)
            self.assertIn("board_anchors", found)
        self.assertEqual([name for name in sorted(found) if UNWANTED.fullmatch(name)], [])


if __name__ == "__main__":
    unittest.main()
