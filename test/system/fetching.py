# SPDX-License-Identifier: MIT
"""What the tests of a closing that gets its own token share: a token server, and the options for it."""
import uuid
from typing import Any, Dict, List, Optional

from harness import ACTIONS, REQUEST, TENANT, Case, Result
from token_server import TokenServer

CLIENT = "9b1c5a0e-7d3f-4e57-8a64-2f0d9c1b7e35"
SECRET = "p8Q~ %&+=/\"\\é".encode() + uuid.uuid4().hex.encode()


class FetchingCase(Case):
    """A service, and a token server with one client, which has SECRET."""

    def setUp(self) -> None:
        super().setUp()
        self.service = self.serve()
        self.authority = self.serve_tokens(self.service)
        self.authority.add_client(TENANT, CLIENT, secrets=[SECRET])

    def credential(self) -> Dict[str, Any]:
        return {"client_secret_file": self.file("secret", SECRET + b"\n")}

    def options(self, authority: Optional[TokenServer] = None, **changes: Any) -> List[Any]:
        server = authority or self.authority
        if "client_id" in changes and changes["client_id"] is None:
            changes = {"authority": None, "authority_connect": None, **changes}
        return self.arguments(self.service, **{
            "token_file": None, "client_id": CLIENT, "authority": f"{server.name}:{server.port}",
            "authority_connect": server.address, **self.credential(), **changes})

    def fetch(self, *more: str, env: Optional[Dict[str, str]] = None, authority: Optional[TokenServer] = None,
              **changes: Any) -> Result:
        """Run `close --json` with a token of its own. None of all that is secret is shown."""
        options = {} if env is None else {"env": env}
        result = self.run_command(*self.options(authority, **changes), "--json", *more, **options)
        for token in (authority or self.authority).issued:
            self.assertNoToken(result.out + b"\n" + result.err.encode(), token)
        self.assertNotIn(SECRET[-32:], result.out + result.err.encode())
        return result

    def assertClosed(self, result: Result) -> None:
        self.assertEqual(result.status, 0, result.said)
        self.assertSays(result, error="ok", delivery="answered", stage="service", attempts=1)
        self.assertEqual(self.service.actions(TENANT, REQUEST), ACTIONS)
        self.service.add(TENANT, REQUEST)  # open again, for the next one
