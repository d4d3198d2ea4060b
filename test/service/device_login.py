# SPDX-License-Identifier: MIT
"""The device-code flow (RFC 8628): codes that a person enters elsewhere, and what a client that polls is answered."""
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Deque, Dict

from oauth import Denied, Wrong

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
PAGE = "https://microsoft.com/devicelogin"
ALPHABET = "BCDFGHJKLMNPQRSTVWXYZ23456789"
ANSWERS = ("authorization_pending", "slow_down", "authorization_declined", "access_denied", "bad_verification_code",
           "expired_token")
SLOW_DOWN_BY = 5.0  # seconds (RFC 8628, 3.5)
TOLERANCE = 0.05    # seconds that two clocks may differ by over an interval


@dataclass
class Code:
    """One that was given out, and from when on its client may poll."""
    client_id: str
    scope: str
    interval: float
    not_before: float
    ends: float
    answers: Deque[str] = field(default_factory=deque)
    redeemed: bool = False


class DeviceLogins:
    """`expires_in` and `interval` are in seconds. Any thread may call."""

    def __init__(self) -> None:
        self.expires_in, self.interval = 900, 5
        self.user_codes: Dict[str, str] = {}  # the user code of each device code given out
        self._codes: Dict[str, Code] = {}
        self._answers: Deque[str] = deque()
        self._lock = threading.Lock()

    def then(self, *answers: str) -> None:
        """What the polls for the next code get, one after the other; after them it is signed in."""
        if unknown := set(answers) - set(ANSWERS):
            raise ValueError(f"not an answer: {unknown}; there are: {', '.join(ANSWERS)}")
        with self._lock:
            self._answers.extend(answers)

    def begin(self, client_id: str, scope: str) -> Dict[str, Any]:
        """The answer to a request for a code."""
        device_code = secrets.token_urlsafe(150)
        user_code = "".join(secrets.choice(ALPHABET) for _ in range(9))
        now = time.monotonic()
        with self._lock:
            self._codes[device_code] = Code(client_id, scope, self.interval, now + self.interval,
                                            now + self.expires_in, self._answers)
            self._answers = deque()
            self.user_codes[device_code] = user_code
        return {"user_code": user_code, "device_code": device_code, "verification_uri": PAGE,
                "expires_in": self.expires_in, "interval": self.interval,
                "message": f"To sign in, use a web browser to open the page {PAGE} and enter the code {user_code} to "
                           "authenticate."}

    def poll(self, client_id: str, device_code: str) -> str:
        """The scope, once the person has signed in; raises Denied until then, and Wrong if the client polls too
        early, or for what it was never given."""
        with self._lock:
            code = self._codes.get(device_code)
            if not code or code.client_id != client_id:
                raise Wrong("bad_verification_code")
            if code.redeemed:
                raise Wrong("redeemed")
            self._pace(code)
            if time.monotonic() > code.ends:
                raise Denied("expired_token")
            if code.answers:
                word = code.answers.popleft()
                if word == "slow_down":
                    code.interval += SLOW_DOWN_BY
                    code.not_before += SLOW_DOWN_BY
                raise Denied(word)
            code.redeemed = True
            return code.scope

    @staticmethod
    def _pace(code: Code) -> None:
        now = time.monotonic()
        is_early, code.not_before = now < code.not_before - TOLERANCE, now + code.interval
        if is_early:
            raise Wrong("slow_down")
