# SPDX-License-Identifier: MIT
"""The forms and the error objects of Microsoft's identity platform."""
import json
import re
import time
import uuid
from email.utils import formatdate
from typing import Any, Collection, Dict, Tuple
from urllib.parse import unquote_to_bytes

from answer import Answer
from reader import Refused

MEDIA_TYPE = "application/x-www-form-urlencoded"
MEMBER = re.compile(rb"([A-Za-z0-9_]+)=((?:[A-Za-z0-9._~*+-]|%[0-9A-Fa-f]{2})*)")
ERROR_URI = "https://{}/error?code={}"
COOKIE = "fpc=AhU3mDb9cGNKvlTYvLxTsHQ; expires=Mon, 28-Dec-2026 10:00:00 GMT; path=/; secure; HttpOnly; SameSite=None"

# The status, the member "error", the code and the description of each. The numbers come from the
# platform's list of codes, which has none for slow_down.
ERRORS: Dict[str, Tuple[int, str, int, str]] = {
    "tenant": (400, "invalid_request", 90002, "Tenant not found. Check to make sure you have the correct tenant ID."),
    "client": (400, "unauthorized_client", 700016, "Application was not found in the directory."),
    "missing": (400, "invalid_request", 900144, "The request body must contain the parameter '{}'."),
    "duplicate": (400, "invalid_request", 9000411, "The request is not properly formatted. The parameter '{}' is "
                  "duplicated."),
    "malformed": (400, "invalid_request", 9002, "The request is not properly formatted: {}."),
    "method": (400, "invalid_request", 900561, "The endpoint only accepts POST requests. Received a {} request."),
    "grant_type": (400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type."),
    "scope": (400, "invalid_scope", 70011, "The provided value for the input parameter 'scope' is not valid."),
    "no_secret": (401, "invalid_client", 7000216, "'client_assertion', 'client_secret' or 'request' is required for "
                  "the 'client_credentials' grant type."),
    "secret": (401, "invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being sent in the "
               "request is the client secret value, not the client secret ID."),
    "secret_expired": (401, "invalid_client", 7000222, "The provided client secret keys are expired."),
    "assertion_type": (401, "invalid_client", 70002, "The client assertion type is not supported."),
    "assertion": (401, "invalid_client", 50027, "JWT token is invalid or malformed: {}."),
    "not_registered": (401, "invalid_client", 700027, "The certificate with identifier used to sign the client "
                       "assertion is not registered on application."),
    "signature": (401, "invalid_client", 700027, "Client assertion failed signature validation."),
    "audience": (401, "invalid_client", 700023, "Client assertion audience claim does not match Realm issuer."),
    "issuer": (401, "invalid_client", 700021, "Client assertion application identifier doesn't match 'client_id' "
               "parameter."),
    "time": (401, "invalid_client", 700024, "Client assertion is not within its valid time range."),
    "authorization_pending": (400, "authorization_pending", 70016, "OAuth 2.0 device flow error. Authorization is "
                              "pending. Continue polling."),
    "slow_down": (400, "slow_down", 0, "Polling too fast."),
    "authorization_declined": (400, "authorization_declined", 65004, "User declined to consent to access the app."),
    "access_denied": (400, "access_denied", 65004, "User declined to consent to access the app."),
    "bad_verification_code": (400, "bad_verification_code", 70018, "Invalid verification code due to user typing in "
                              "wrong user code for device code flow."),
    "expired_token": (400, "expired_token", 70019, "Verification code expired. Have the user retry the sign-in."),
    "redeemed": (400, "invalid_grant", 54005, "OAuth2 Authorization code was already redeemed."),
}


class Wrong(Refused):
    """A request that no client sends which does its work: one of ERRORS, and what its description names."""

    def __init__(self, name: str, what: str = "") -> None:
        super().__init__(ERRORS[name][0], f"{ERRORS[name][1]}: " + ERRORS[name][3].format(what))
        self.name, self.what, self.correlation_id = name, what, ""


class Denied(Wrong):
    """A right request that is denied, as for a wrong secret: no fault of the client's."""


def form(body: bytes) -> Dict[str, bytes]:
    """The members, percent-decoded. Strict: what is to be encoded is, and each occurs once."""
    members: Dict[str, bytes] = {}
    for number, part in enumerate(body.split(b"&"), 1):
        match = MEMBER.fullmatch(part)
        if not match:
            raise Wrong("malformed", f"member {number} is not of {MEDIA_TYPE}")
        name = match[1].decode()
        if name in members:
            raise Wrong("duplicate", name)
        members[name] = unquote_to_bytes(match[2].replace(b"+", b" "))
    return members


def exactly(members: Dict[str, bytes], names: Collection[str]) -> None:
    """Those, and no other."""
    for name in names:
        if name not in members:
            raise Wrong("missing", name)
    if surplus := [name for name in members if name not in names]:
        raise Wrong("malformed", f"there is a parameter {surplus[0]}")


def plain(members: Dict[str, bytes], name: str) -> str:
    """A member of printable ASCII."""
    value = members[name]
    if not re.fullmatch(rb"[\x20-\x7e]+", value):
        raise Wrong("malformed", f"{name} is not printable ASCII")
    return value.decode("ascii")


def answer(status: int, members: Dict[str, Any], now: float) -> Answer:
    """A JSON object, with the fields that the platform sends besides."""
    body = json.dumps(members, separators=(",", ":")).encode("utf-8")
    return Answer(status, body, "application/json; charset=utf-8", {
        "Date": formatdate(now, usegmt=True), "Cache-Control": "no-store, no-cache", "Pragma": "no-cache",
        "Expires": "-1", "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        "X-Content-Type-Options": "nosniff", "x-ms-request-id": str(uuid.uuid4()), "x-ms-srs": "1.P",
        "Set-Cookie": COOKIE})


def error(wrong: Wrong, authority: str, now: float) -> Answer:
    """The error object. Its description repeats the ids, as the platform's does."""
    status, word, code, text = ERRORS[wrong.name]
    ids = {"trace_id": str(uuid.uuid4()), "correlation_id": wrong.correlation_id or str(uuid.uuid4())}
    timestamp = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(now))
    description = (f"AADSTS{code}: " if code else "") + text.format(wrong.what)
    description += f" Trace ID: {ids['trace_id']} Correlation ID: {ids['correlation_id']} Timestamp: {timestamp}"
    reply = answer(status, {"error": word, "error_description": description, "error_codes": [code] if code else [],
                            "timestamp": timestamp, **ids, "error_uri": ERROR_URI.format(authority, code)}, now)
    reply.fields["x-ms-request-id"] = ids["trace_id"]
    if wrong.correlation_id:
        reply.fields["client-request-id"] = wrong.correlation_id
    return reply

