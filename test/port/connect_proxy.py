# SPDX-License-Identifier: MIT
"""A proxy for the conformance of the proxy port: takes CONNECT, then hands everything on as it comes, ends and resets
too. It connects only to loopback.

    with ConnectProxy() as proxy:
        proxy.port
"""
import select
import socket
import struct
import threading

PIECE = 65536
PATIENCE = 120.0  # seconds; a tunnel that is idle for longer is given up


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class ConnectProxy:
    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> "ConnectProxy":
        return self

    def __exit__(self, *_) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        with client:
            try:
                port = int(read_head(client).split(b" ")[1].rpartition(b":")[2])
                server = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            except (OSError, ValueError, IndexError):
                client.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
                return
            with server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                relay(client, server)


def read_head(client: socket.socket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = client.recv(1)
        if not byte:
            raise ValueError("the request is not complete")
        head += byte
    return head


def relay(client: socket.socket, server: socket.socket) -> None:
    """Until both have ended, or one has reset the connection."""
    other = {client: server, server: client}
    for sock in other:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    reading = [client, server]
    while reading:
        ready, _, _ = select.select(reading, [], [], PATIENCE)
        if not ready:
            return
        for sock in ready:
            try:
                data = sock.recv(PIECE)
                if data:
                    other[sock].sendall(data)
                else:
                    reading.remove(sock)
                    other[sock].shutdown(socket.SHUT_WR)
            except OSError:
                reset(client)
                reset(server)
                return
