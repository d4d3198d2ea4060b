# SPDX-License-Identifier: MIT
"""Runs conformance-peer, the other end of the port conformance test (peer.h).

    with Peer(program) as peer:
        peer.port, peer.refused, peer.silent      # where it listens; where it refuses; where no answer comes
"""
import subprocess


class Peer:
    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port, self.refused, self.silent = map(int, self._process.stdout.readline().split())

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_) -> None:
        """It ends when its input does."""
        self._process.communicate()
