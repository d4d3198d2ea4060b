# SPDX-License-Identifier: MIT
"""The conformance of the port for Linux, of the proxy over it, and of the scripted one; and that the conformance test
leaves no promise out."""
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "test/port"))

from connect_proxy import ConnectProxy  # noqa: E402
from harness import RUNNER  # noqa: E402
from peer import Peer  # noqa: E402

BUILD = Path(os.environ["MMDCLOSE"]).resolve().parent
PEER = os.environ.get("PEER", str(BUILD / "conformance-peer"))  # runs on this machine, whatever the ports run on
LIMIT = 300.0  # seconds; a port that takes longer blocks
NOT_CHECKED = "not checked  "


class Conformance(unittest.TestCase):
    def run_on(self, port: str, *words: object, unchecked: int) -> None:
        done = subprocess.run([*RUNNER, BUILD / "test/port" / f"on_{port}", *map(str, words)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=LIMIT)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(done.stdout.count(NOT_CHECKED), unchecked, done.stdout)

    def test_linux(self):
        with Peer(PEER) as peer:
            self.run_on("linux", peer.port, peer.refused, peer.silent, unchecked=0)

    def test_proxy(self):
        """The proxy looks names up: no server or address of theirs is seen."""
        with Peer(PEER) as peer, ConnectProxy() as proxy:
            self.run_on("proxy", peer.port, peer.refused, peer.silent, proxy.port, unchecked=2)

    def test_scripted(self):
        """It has no names, answers and takes always, and tells of a reset only who receives."""
        self.run_on("scripted", unchecked=9)


class Promises(unittest.TestCase):
    def setUp(self) -> None:
        text = (ROOT / "include/mmdclose/port.h").read_text()
        begin = text.index("/* None but wait may block.")  # struct mmd_port
        comments = re.findall(r"/\*(.*?)\*/", text[begin:text.index("\n};", begin)], re.S)
        self.promises = [" ".join(re.sub(r"\n *\* ", " ", comment).split()) for comment in comments]
        table = (ROOT / "test/port/conformance.c").read_text().split("} checks[] = {")[1]
        self.quoted = re.findall(r'^    \{"([^"]*)"', table, re.M)

    def test_each_check_proves_words_of_the_header(self):
        for words in self.quoted:
            self.assertTrue(any(words in promise for promise in self.promises), words)

    def test_each_paragraph_of_the_header_has_its_check(self):
        for promise in self.promises:
            self.assertTrue(any(words in promise for words in self.quoted), promise)


if __name__ == "__main__":
    unittest.main()
