# SPDX-License-Identifier: MIT
"""The simulated fleet: the picture and the table in docs are what the code makes now."""
import os
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "test/bench"))

from fleet import PICTURE, draw, table  # noqa: E402
from harness import RUNNER  # noqa: E402

PROGRAM = [*RUNNER, str(Path(os.environ["MMDCLOSE"]).resolve().parent / "test/bench/fleet")]
ANEW = "run 'make fleet', and look at what has changed"


class Fleet(unittest.TestCase):
    def test_the_picture_is_what_the_code_makes(self):
        drawn = draw(PROGRAM)
        self.assertTrue(drawn == PICTURE.read_text(encoding="utf-8"), f"docs/{PICTURE.name} is another: {ANEW}")
        self.assertLess(len(drawn), 40000)

    def test_the_table_is_what_the_code_makes(self):
        self.assertIn(table(PROGRAM), (ROOT / "docs/operations.md").read_text(encoding="utf-8"), ANEW)


if __name__ == "__main__":
    unittest.main()
