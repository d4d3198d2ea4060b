# SPDX-License-Identifier: MIT
"""A proxy for the conformance of the proxy port: takes CONNECT, then hands everything on as it comes, ends and resets
too. It connects only to loopback, by the names of HOSTS.

A port has one connection at a time. So has this proxy, in one thread: what a client has sent before it closed is handed
on before the next one is served, and no connection that was given up is made after a later one.

    with ConnectProxy() as proxy:
        proxy.port
"""
import errno
import select
import socket
import struct
import threading
from typing import Generator, Iterator, List, Optional, Tuple

HOSTS = (b"127.0.0.1", b"peer.test")
PIECE = 65536
HEAD_MAX = 4096


Awaited = Tuple[List[socket.socket], List[socket.socket]]  # to read, to write


class Way:
    """One direction of a tunnel, with at most one piece in it."""

    def __init__(self, source: socket.socket, target: socket.socket) -> None:
        self.source, self.target = source, target
        self.piece = b""
        self.ended = False

    def hand_on(self) -> bool:
        """Returns whether anything could be done without waiting."""
        try:
            if not self.piece:
                self.piece = b"" if self.ended else self.source.recv(PIECE)
                if not self.piece and not self.ended:
                    self.ended = True
                    self.target.shutdown(socket.SHUT_WR)
                    return True
            if not self.piece:
                return False
            self.piece = self.piece[self.target.send(self.piece):]
            return True
        except BlockingIOError:
            return False


class Tunnel:
    """From a client's connection to the end of both. Its steps yield what they wait for."""

    def __init__(self, client: socket.socket) -> None:
        client.setblocking(False)
        self.client = client
        self.server: Optional[socket.socket] = None
        self.sent = False  # all of the client's bytes, and its end
        self.awaited: Awaited = ([], [])
        self.steps = self.run()

    def go_on(self) -> bool:
        """Does what can be done without waiting. Returns whether the tunnel is still there."""
        try:
            self.awaited = next(self.steps)
            return True
        except StopIteration:
            self.end()
        except OSError:
            self.sent = False
            self.end()
        return False

    def end(self) -> None:
        """In order, or by a reset where something is lost."""
        for sock in (self.client, self.server):
            if sock is not None:
                if not self.sent:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                sock.close()

    def run(self) -> Iterator[Awaited]:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            try:
                byte = self.client.recv(1)
            except BlockingIOError:
                yield [self.client], []
                continue
            head += byte
            if not byte or len(head) > HEAD_MAX:
                return
        host, _, port = head.split(b" ")[1].rpartition(b":")
        error = errno.EHOSTUNREACH
        if host in HOSTS:
            error = yield from self.connect(int(port))
        if error != 0:
            self.client.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            yield [self.client], []  # until the client has read it, and ends
            return
        self.client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        yield from self.relay()

    def connect(self, port: int) -> Generator[Awaited, None, int]:
        """Returns an errno. A client that ends meanwhile has given up."""
        self.server = small(socket.socket())
        self.server.setblocking(False)
        error = self.server.connect_ex(("127.0.0.1", port))
        while error == errno.EINPROGRESS:
            yield [self.client], [self.server]
            if select.select([self.client], [], [], 0)[0]:
                raise OSError(errno.ECONNABORTED, "given up")
            if select.select([], [self.server], [], 0)[1]:
                error = self.server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return error

    def relay(self) -> Iterator[Awaited]:
        for sock in (self.client, self.server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ways = Way(self.client, self.server), Way(self.server, self.client)
        while not all(way.ended for way in ways):
            while any([way.hand_on() for way in ways]):
                self.sent = ways[0].ended
            yield ([way.source for way in ways if not way.piece and not way.ended],
                   [way.target for way in ways if way.piece])


def small(sock: socket.socket) -> socket.socket:
    """So that a sender soon has to wait for a peer that does not read."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PIECE)
    return sock


class ConnectProxy:
    def __init__(self) -> None:
        self._listener = small(socket.create_server(("127.0.0.1", 0), backlog=64))
        self.port = self._listener.getsockname()[1]
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self) -> "ConnectProxy":
        return self

    def __exit__(self, *_) -> None:
        self._stop.close()
        self._thread.join()
        self._stopped.close()
        self._listener.close()

    def _serve(self) -> None:
        tunnel: Optional[Tunnel] = None
        while True:
            reading, writing = tunnel.awaited if tunnel else ([], [])
            ready, _, _ = select.select([self._listener, self._stopped, *reading], writing, [])
            if tunnel and not tunnel.go_on():
                tunnel = None
            if self._listener in ready:
                if tunnel:
                    tunnel.end()
                tunnel = Tunnel(self._listener.accept()[0])
                tunnel = tunnel if tunnel.go_on() else None
            if self._stopped in ready:
                if tunnel:
                    tunnel.end()
                return
