# SPDX-License-Identifier: MIT
"""That nothing secret of a login is left in the command's memory when it ends."""
import json
import os
import secrets
import subprocess
import unittest
from pathlib import Path
from typing import Optional

from harness import TOKEN, after_request, http
from test_login import LoginCase, code_answer


class Memory(LoginCase):
    CODE = secrets.token_urlsafe(45)

    def search(self, *sent: str, token: Optional[str], status: int) -> None:
        """Run a login with these responses, then search the memory it leaves for token and device code."""
        server = self.authority(after_request(code_answer(device_code=self.CODE)), *map(after_request, sent))
        found = self.folder / "report"
        words = self.arguments(self.service, **self.words(server))
        listed = self.file("secrets", b"".join(secret.encode().hex().encode() + b"\n"
                                               for secret in (self.CODE, token) if secret))
        run = subprocess.run([os.environ["MMDCLOSE_IMAGE"], listed, found, os.environ["MMDCLOSE_PLAIN"],
                              *map(str, words), "--login"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual((run.returncode, Path(found).read_text().splitlines()), (status, []), run.stderr)

    def test_nothing_is_left_in_memory(self):
        """Fault 929: the end of a login: with a token, declined, with the device code said back -> neither token nor
        device code is left in memory"""
        token = TOKEN[:900]
        self.service.tokens.add(token)
        got = http("200 OK", body=json.dumps({"token_type": "Bearer", "expires_in": 3599, "access_token": token}))
        self.search(got, token=token, status=0)
        self.search(http("400 Bad Request", body='{"error":"access_denied"}'), token=None, status=6)
        echo = json.dumps({"error": "invalid_grant", "error_description": f"No such code: {self.CODE}"})
        self.search(http("400 Bad Request", "request-id: " + self.CODE, body=echo), token=None, status=6)


if __name__ == "__main__":
    unittest.main()
