# SPDX-License-Identifier: MIT
"""A stand-in for an HTTP proxy: checks a CONNECT strictly, then tunnels, or does what a script says.

    with ScriptedProxy(user="kiosk:secret") as proxy:
        proxy.script([["handshake"], ["read-request"], ["send", "HTTP/1.1 502 Bad Gateway\\r\\n\\r\\n"], ["close"]])
        ...                                       # let a client CONNECT at proxy.port
        proxy.received                            # all that clients sent, within tunnels, too

Scripts are those of script.py, without TLS ("handshake" does nothing), with two steps more:

    ["tunnel"]                     pass bytes between the client and the server that the CONNECT names, to both ends
    ["glue", "text"]               the same; the text goes to the client in one piece with the server's first bytes
"""
import base64
import contextlib
import re
import select
import socket
import time
from typing import Any, Callable, Dict, Optional, Tuple

import answer
from answer import Answer
from connection import Application, Connection
from reader import Malformed, Reader, Refused, Request
from script import STEPS, parse, text
from server import Server
from transport import Ended

AUTHORITY = r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([1-9][0-9]{0,4})"
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
CONNECT_WITHIN = 5.0
SERVES = "127.0.0.1"  # where every name is, if no others are given


class ConnectReader(Reader):
    """Takes a CONNECT, which has no body (RFC 9110, 9.3.6)."""
    request_line, form = re.compile(rf"(CONNECT) ({AUTHORITY}) HTTP/1\.1".encode()), "authority-form"

    @staticmethod
    def body_length(fields: Dict[str, str]) -> int:
        for name in ("content-length", "transfer-encoding", "expect"):
            if name in fields:
                raise Malformed(400, f"a CONNECT with {name}")
        return 0


class Tunnels(Application):
    """Who may have a tunnel, and what must not come to a proxy."""

    def __init__(self, user: Optional[str], names: Optional[Dict[str, str]]) -> None:
        self._user, self._names = user, names

    def prepare(self, request: Request) -> Callable[[], Answer]:
        if request.fields.get("host") not in (request.target, request.target.rpartition(":")[0]):
            raise Malformed(400, "Host is not the target")
        for name in ("authorization", "cookie"):
            if name in request.fields:
                raise Malformed(400, f"{name} is not for a proxy")
        given = request.fields.get("proxy-authorization")
        if self._user is None and given is not None:
            raise Malformed(400, "credentials that were not asked for")
        if self._user is not None and given != basic(self._user):
            return lambda: denied(given is not None)
        return lambda: Answer(200)

    def refusal(self, refused: Refused) -> Answer:
        return answer.refusal(refused)

    def address(self, host: str) -> str:
        """Of a server; raises OSError."""
        if self._names is None:
            return SERVES
        if host.lower() not in self._names:
            raise OSError(f"no such name: {host}")
        return self._names[host.lower()]


class ProxyConnection(Connection):
    def __init__(self, application: Tunnels, *transport) -> None:
        super().__init__(application, *transport)
        self._tunnels = application
        self._server: Optional[socket.socket] = None
        self.reader = ConnectReader(self.receive)

    def serve(self) -> None:
        if self.read_request():
            self.send_answer()
            if self.record.exchanges[-1].status == 200:
                self.tunnel()

    def read_request(self) -> bool:
        came = super().read_request()
        if self.reader.surplus and not self._answer:
            self.record.problems.append("bytes after the CONNECT, before its response")
        return came

    def send_answer(self) -> None:
        self.carry_out()
        if self._answer.status == 200:
            try:
                self._connect()
            except OSError as error:
                self._answer = answer.refusal(Malformed(502, str(error)))
        self.send(ESTABLISHED if self._answer.status == 200 else self._answer.encode(False))
        self.record.exchanges[-1].status = self._answer.status

    def tunnel(self, first: bytes = b"") -> None:
        """Until both have ended, or one resets: then so does the other. `first` goes with the server's first bytes."""
        self._connect()
        open_ends = {self._sock, self._server}
        try:
            self._server.sendall(self.reader.rest())
            while open_ends:
                for end in self._readable(open_ends):
                    first = self._pass_on(end, first, open_ends)
        except (ConnectionResetError, BrokenPipeError):
            self.reset()

    def finish(self) -> None:
        if self._server:
            self._server.close()
        super().finish()

    def _connect(self) -> None:
        if self._server:
            return
        host, port = self.record.exchanges[-1].target.rsplit(":", 1)
        self._server = socket.create_connection((self._tunnels.address(host.strip("[]")), int(port)), CONNECT_WITHIN)
        self._server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._server.settimeout(max(1.0, self._deadline - time.monotonic()))

    def _pass_on(self, end: socket.socket, first: bytes, open_ends: set) -> bytes:
        """What one end sent; returns what still is to go before the server's bytes."""
        if end is self._sock:
            data = self.receive()
            if self.record.ended == "reset":
                raise ConnectionResetError
            self._server.sendall(data)
        else:
            data = self._server.recv(65536)
            self.send(first + data)
            first = b""
        if not data:
            open_ends.discard(end)
            with contextlib.suppress(OSError):  # it is gone already
                (self._server if end is self._sock else self._sock).shutdown(socket.SHUT_WR)
        return first

    def _readable(self, ends: set) -> list:
        poll = select.poll()
        for each in (self._stop, *ends):
            poll.register(each, select.POLLIN)
        ready = [number for number, _ in poll.poll(1000 * max(0.0, self._deadline - time.monotonic()))]
        if not ready or self._stop.fileno() in ready:
            raise Ended("the time limit came, or the proxy stops")
        return [end for end in ends if end.fileno() in ready]


PROXY_STEPS: Dict[str, Tuple] = {
    **STEPS, "read-request": (ProxyConnection.read_request,), "answer": (ProxyConnection.send_answer,),
    "tunnel": (ProxyConnection.tunnel,), "glue": (ProxyConnection.tunnel, text),
}


class ScriptedProxy(Server):
    """`user` is "name:password"; None asks no one for it. `names` are the hosts it knows and their addresses; None
    finds all on loopback."""
    connection_class = ProxyConnection

    def __init__(self, *, user: Optional[str] = None, names: Optional[Dict[str, str]] = None, **options: Any) -> None:
        super().__init__(None, name="proxy.test", **options)
        self._tunnels = Tunnels(user, names)

    @property
    def application(self) -> Application:
        return self._tunnels

    def script(self, steps: list) -> None:
        self._scripts.append(parse(steps, PROXY_STEPS))


def basic(user: str) -> str:
    return "Basic " + base64.b64encode(user.encode("utf-8")).decode("ascii")


def denied(tried: bool) -> Answer:
    """What one without credentials gets, or with wrong ones."""
    reply = answer.refusal(Malformed(407, "wrong credentials" if tried else "no credentials"))
    reply.fields["Proxy-Authenticate"] = 'Basic realm="proxy"'
    return reply
