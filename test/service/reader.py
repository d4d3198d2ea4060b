# SPDX-License-Identifier: MIT
"""Reads one HTTP/1.1 request as RFC 9112 defines it, strictly: what is not allowed is refused, never repaired."""
import re
from dataclasses import dataclass
from typing import Callable, Dict, Optional

HEAD_LIMIT = 32768
BODY_LIMIT = 1 << 20

REQUEST_LINE = re.compile(rb"([A-Z]+) (/[\x21-\x7e]*) HTTP/1\.1")
FIELD_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?)[ \t]*")


class Refused(Exception):
    """A request that is wrong: the status to answer and the reason, which never quotes a field's value."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Malformed(Refused):
    """Wrong already as HTTP: a front end would answer, in HTML, and end the connection."""


@dataclass
class Request:
    method: str
    target: str
    fields: Dict[str, str]  # names in lower case
    body: bytes = b""

    @property
    def keep_alive(self) -> bool:
        return self.fields.get("connection", "").lower() != "close"


class Reader:
    """Takes requests from `receive`, which returns some bytes, or none at the end of the stream."""
    request_line, form = REQUEST_LINE, "origin-form"

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive, self._held = receive, b""

    @property
    def surplus(self) -> bool:
        """Whether bytes came after what was taken."""
        return bool(self._held)

    def take(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer only at the end of the stream."""
        while len(self._held) < size and (data := self._receive()):
            self._held += data
        taken, self._held = self._held[:size], self._held[size:]
        return taken

    def request(self) -> Optional[Request]:
        """The next request; None when the client ended instead of beginning one."""
        line, room = self._line(HEAD_LIMIT)
        if not line:
            return None
        match = self.request_line.fullmatch(_without_crlf(line))
        if not match:
            raise Malformed(400, f"not a request line of HTTP/1.1 in {self.form}")
        request = Request(match[1].decode(), match[2].decode(), self._fields(room))
        length = self.body_length(request.fields)
        request.body = self.take(length)
        if len(request.body) < length:
            raise Malformed(400, f"the body ended after {len(request.body)} of {length} bytes")
        return request

    @staticmethod
    def body_length(fields: Dict[str, str]) -> int:
        """The body's length, settled before a byte of it is read, as a front end does."""
        if "expect" in fields:
            raise Malformed(417, "Expect")
        if "transfer-encoding" in fields:
            raise Malformed(411, "Transfer-Encoding instead of Content-Length")
        if "content-length" not in fields:
            raise Malformed(411, "no Content-Length")
        length = fields["content-length"]
        if not re.fullmatch(r"0|[1-9][0-9]{0,18}", length):
            raise Malformed(400, "Content-Length is not a plain decimal number")
        if int(length) > BODY_LIMIT:
            raise Malformed(413, "the body is too large")
        return int(length)

    def rest(self) -> bytes:
        """The bytes that came after what was taken."""
        taken, self._held = self._held, b""
        return taken

    def _fields(self, room: int) -> Dict[str, str]:
        fields: Dict[str, str] = {}
        while True:
            line, room = self._line(room)
            field = _without_crlf(line)
            if not field:
                return fields
            if field[:1] in b" \t":
                raise Malformed(400, "obs-fold")
            match = FIELD_LINE.fullmatch(field)
            if not match:
                raise Malformed(400, f"header line {len(fields) + 1} is not a field")
            name = match[1].decode().lower()
            if name in fields:
                raise Malformed(400, f"{name} occurs twice")
            fields[name] = match[2].decode()

    def _line(self, room: int):
        """A line with its end, and the room then left for the head."""
        while b"\n" not in self._held[:room] and len(self._held) < room and (data := self._receive()):
            self._held += data
        end = self._held.find(b"\n", 0, room) + 1
        if not end and len(self._held) >= room:
            raise Malformed(400, "the head is too large")
        return self.take(end or len(self._held)), room - end


def _without_crlf(line: bytes) -> bytes:
    if not line.endswith(b"\n"):
        raise Malformed(400, "the head ended early")
    if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
        raise Malformed(400, "a line end that is not CRLF")
    return line[:-2]
