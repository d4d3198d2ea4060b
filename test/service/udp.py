# SPDX-License-Identifier: MIT
"""What the stand-ins for a name server and a time server share: a UDP port, served by a thread of its own."""
import contextlib
import select
import socket
import threading
from typing import List

STOP_WITHIN = 5.0


class Malformed(Exception):
    """The client sent something that it should not."""


class UdpServer:
    """Answers datagrams while its `with` block runs; `port` 0 takes any free one.

    `silent`: datagrams are read and checked, but never answered. `problems` tells what was wrong in those so far.
    """

    def __init__(self, address: str, port: int, silent: bool) -> None:
        self._socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((address, port))
        except (OSError, OverflowError):
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self.address, self.port = address, self._socket.getsockname()[1]
        self.problems: List[str] = []
        self._silent, self._number = silent, 0
        self._stop, self._stopper = socket.socketpair()  # readable on the thread once the other end closes
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stopper.close()
        self._thread.join(STOP_WITHIN)
        self._socket.close()
        self._stop.close()

    def replies(self, datagram: bytes) -> List[bytes]:
        """What to send back, in this order; raises Malformed."""
        raise NotImplementedError

    def refusal(self, datagram: bytes) -> List[bytes]:
        """What to send back to a malformed datagram."""
        return []

    def note(self, problem: str) -> None:
        """Something is wrong in the datagram at hand."""
        self.problems.append(f"datagram {self._number}: {problem}")

    def _serve(self) -> None:
        poll = select.poll()
        poll.register(self._stop, select.POLLIN)
        poll.register(self._socket, select.POLLIN)
        while self._stop.fileno() not in dict(poll.poll()):
            with contextlib.suppress(OSError):  # then a datagram is lost, as any may be
                datagram, client = self._socket.recvfrom(65535)
                for reply in self._checked(datagram):
                    self._socket.sendto(reply, client)

    def _checked(self, datagram: bytes) -> List[bytes]:
        self._number += 1
        replies: List[bytes] = []
        try:
            replies = self.replies(datagram)
        except Malformed as malformed:
            self.note(str(malformed))
            replies = self.refusal(datagram)
        except Exception as error:  # pylint: disable=broad-except
            self.note(f"the server failed: {error!r}")  # without this it would only seem to be silent
        return [] if self._silent else replies
