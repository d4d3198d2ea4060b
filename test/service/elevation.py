# SPDX-License-Identifier: MIT
"""The elevation requests of the service, and what a request to close one must look like."""
import json
import re
import threading
from functools import partial
from typing import Callable, Dict, Optional, Set, Tuple

from answer import Answer, error, refusal
from connection import Application
from reader import Malformed, Refused, Request

ROUTE = re.compile(r"/support/odata/v1/tenants/([A-Za-z0-9._~-]{1,128})/elevationRequests/([A-Za-z0-9._~-]{1,128})")
MEDIA_TYPES = {"application/json", "application/*", "*/*"}
GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class ElevationRequests(Application):
    """Open and closed requests per tenant. Any thread may call."""

    def __init__(self, authority: str, tokens: Set[str]) -> None:
        self._authority, self._tokens = authority, tokens
        self._lock = threading.Lock()
        self._actions: Dict[Tuple[str, str], Optional[str]] = {}  # None: still open

    def add(self, tenant: str, request_id: str) -> None:
        """Open a request, or open it again."""
        with self._lock:
            self._actions[tenant, request_id] = None

    def actions(self, tenant: str, request_id: str) -> Optional[str]:
        """The text a request was closed with; None while it is open."""
        with self._lock:
            return self._actions[tenant, request_id]

    def prepare(self, request: Request) -> Callable[[], Answer]:
        return partial(self.close, *self.check(request))

    def refusal(self, refused: Refused) -> Answer:
        return refusal(refused)

    def check(self, request: Request) -> Tuple[str, str, str]:
        """The tenant, the elevation request and the text; raises Refused when it is not as the API wants it."""
        if request.fields.get("host", "").lower() != self._authority:
            raise Malformed(400, f"Host is not {self._authority}")
        if request.method != "PATCH":
            raise Refused(405, "the method is not PATCH")
        route = ROUTE.fullmatch(request.target)
        if not route:
            raise Refused(404, "no such path")
        self._check_token(request.fields.get("authorization", ""))
        check_fields(request.fields, "application/json")
        return route[1], route[2], actions_taken(request.body)

    def close(self, tenant: str, request_id: str, actions: str) -> Answer:
        """Do it, and say so in one of the three documented ways."""
        with self._lock:
            if (tenant, request_id) not in self._actions:
                return error(404, "404", "This elevation request does not exist.")
            if self._actions[tenant, request_id] is not None:
                return error(400, "400", "This elevation request was already closed.")
            self._actions[tenant, request_id] = actions
            return Answer(204)

    def _check_token(self, authorization: str) -> None:
        scheme, _, token = authorization.partition(" ")
        if scheme != "Bearer" or token not in self._tokens:
            raise Refused(401, "the access token is missing or not accepted")


def check_fields(fields: Dict[str, str], content_type: str) -> None:
    """The headers a client is to send, beyond those that HTTP itself needs. Any others are accepted, as by
    the real service: a front end adds Accept-Encoding, or a Connection of its own."""
    if not MEDIA_TYPES & set(re.split(r"[ \t]*[;,][ \t]*", fields.get("accept", "*/*").lower())):
        raise Refused(406, "Accept is without application/json")
    if re.split(r"[ \t]*;", fields.get("content-type", "").lower())[0] != content_type:
        raise Refused(415, f"Content-Type is not {content_type}")
    if not re.fullmatch(r"mmdclose/[!-~]+", fields.get("user-agent", "")):
        raise Refused(400, "User-Agent is not mmdclose/ and a version")
    if not GUID.fullmatch(fields.get("client-request-id", "")):
        raise Refused(400, "client-request-id is not a GUID")


def actions_taken(body: bytes) -> str:
    """The text in a body that holds exactly {"ActionsTaken": "text"}."""
    try:
        members = json.loads(body.decode("utf-8"), object_pairs_hook=tuple)
    except UnicodeDecodeError as error_:
        raise Refused(400, f"the body is not UTF-8 at byte {error_.start}") from None
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(members, tuple) or [name for name, _ in members] != ["ActionsTaken"]:
        raise Refused(400, "the body is not an object with the one member ActionsTaken")
    text = members[0][1]
    if not isinstance(text, str) or any("\ud800" <= char <= "\udfff" for char in text):
        raise Refused(400, "ActionsTaken is not a string of Unicode characters")
    return text
