# SPDX-License-Identifier: MIT
"""An answer of the service and its form on the wire."""
import html
import json
import uuid
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Dict

from reader import Malformed, Refused

PAGE = ("<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")


@dataclass
class Answer:
    status: int
    body: bytes = b""
    content_type: str = ""
    fields: Dict[str, str] = field(default_factory=dict)

    def encode(self, keep_alive: bool) -> bytes:
        """A 204 has neither Content-Type nor Content-Length (RFC 9110, 8.6)."""
        fields = {"Date": formatdate(usegmt=True), **self.fields}
        if "x-ms-request-id" not in fields:
            fields["request-id"] = str(uuid.uuid4())
        if self.status != 204:
            fields.update({"Content-Type": self.content_type, "Content-Length": str(len(self.body))})
        fields["Connection"] = "keep-alive" if keep_alive else "close"
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        return "\r\n".join(lines + ["", ""]).encode("ascii") + self.body


def error(status: int, code: str, message: str) -> Answer:
    """The error object of this family of services."""
    body = json.dumps({"error": {"code": code, "message": message}}, separators=(",", ":")).encode("ascii")
    return Answer(status, body, "application/json; charset=utf-8")


def refusal(refused: Refused) -> Answer:
    """What a wrong request gets: the front end's page, or the service's error object."""
    phrase = HTTPStatus(refused.status).phrase
    if isinstance(refused, Malformed):
        page = PAGE.format(html.escape(f"{refused.status} {phrase}")).encode("ascii")
        return Answer(refused.status, page, "text/html")
    answer = error(refused.status, phrase.replace(" ", ""), str(refused))
    if refused.status == 401:
        answer.fields["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    if refused.status == 405:
        answer.fields["Allow"] = "PATCH"
    return answer
