# SPDX-License-Identifier: MIT
"""A stand-in for the token server: Microsoft's identity platform, as far as a device meets it.

    with Service(Tls(Pki(folder))) as service, TokenServer(Tls(Pki(folder, NAME)), tokens=service.tokens) as authority:
        authority.add_client(tenant, client_id, secrets=[b"..."], certificates=["kiosk.pem"])
        ...                                       # let a client fetch a token at authority.port
        authority.counts[authority.path(tenant)]  # how often it asked

It issues tokens of random characters into the set `tokens`, which may be that of the service. What may be wrong with
them is up to a test:

    authority.token_length = 8192
    authority.changes = {"expires_in": "3599", "token_type": ABSENT}
    authority.clock = -600                        # seconds that its clock is ahead of ours
    authority.logins.then("authorization_pending", "slow_down")
    authority.revoke()                            # all that it issued: the service then answers 401
    authority.script([["handshake"], ...])        # script.py
"""
import re
import secrets
import threading
import time
from functools import partial
from typing import Any, Callable, Dict, Iterable, List, Optional, Set
from urllib.parse import quote_from_bytes

import assertion
import device_login
import oauth
from answer import Answer, refusal
from assertion import Assertions
from connection import Application
from device_login import DeviceLogins
from elevation import check_fields
from oauth import Denied, Wrong, exactly, plain
from reader import Malformed, Refused, Request
from server import Server
from tls import Tls

NAME = "login.example.test"
SCOPE = "https://mwaas-services-customerapi-prod.azurewebsites.net/.default"
DEVICE_SCOPE = "https://mwaas-services-customerapi-prod.azurewebsites.net/MWaaSDevice.Read"
PATH, DEVICE_PATH = "/{tenant}/oauth2/v2.0/token", "/{tenant}/oauth2/v2.0/devicecode"
TENANT = "[A-Za-z0-9._~-]{1,128}"
ABSENT = object()


class Client:
    """An application of a tenant, or several, and what it may prove itself with."""

    def __init__(self, tenant: str, secrets_: Iterable[bytes], certificates: Iterable[str]) -> None:
        self.tenants, self.secrets = {tenant}, set(secrets_)
        self.expired_secrets: Set[bytes] = set()
        self.assertions = Assertions()
        for pem_file in certificates:
            self.assertions.register(pem_file)


class TokenServer(Server, Application):
    """`path` and `device_path` have {tenant} where the tenant's id is, or do not have it."""

    def __init__(self, tls: Optional[Tls], *, name: str = NAME, tokens: Optional[Set[str]] = None, path: str = PATH,
                 device_path: str = DEVICE_PATH, scopes: Iterable[str] = (SCOPE, DEVICE_SCOPE),
                 **options: Any) -> None:
        super().__init__(tls, name=name, **options)
        self.tokens: Set[str] = set() if tokens is None else tokens
        self.issued: List[str] = []
        self.token_length, self.clock = 1700, 0.0
        self.changes: Dict[str, Any] = {}  # to the members of a success
        self.logins = DeviceLogins()
        self._scopes = set(scopes)
        self._path = path
        self._routes = {route(path): self._token, route(device_path): self._device_code}
        self._clients: Dict[str, Client] = {}
        self._lock = threading.Lock()

    @property
    def application(self) -> Application:
        return self

    def path(self, tenant: str) -> str:
        return self._path.format(tenant=tenant)

    def add_client(self, tenant: str, client_id: str, *, secrets: Iterable[bytes] = (),  # pylint: disable=W0621
                   certificates: Iterable[str] = ()) -> Client:
        """Register an application, or register it anew; certificates are PEM files."""
        client = self._clients[client_id] = Client(tenant, secrets, certificates)
        return client

    @property
    def secrets(self) -> List[bytes]:
        """What clients prove themselves with: their secrets, as they are and as they are sent, and the assertions that
        came. None may be found elsewhere."""
        known = [secret for client in self._clients.values() for secret in client.secrets | client.expired_secrets]
        return [*known, *(quote_from_bytes(secret, safe="").encode() for secret in known),
                *re.findall(rb"&client_assertion=([^&\r\n]+)", self.received)]

    def revoke(self, *tokens: str) -> None:
        """These, or all that were issued so far."""
        self.tokens.difference_update(tokens or self.issued)

    # ---- requests ----

    def prepare(self, request: Request) -> Callable[[], Answer]:
        try:
            return self._checked(request)
        except Wrong as wrong:
            wrong.correlation_id = request.fields.get("client-request-id", "")
            if isinstance(wrong, Denied):
                return partial(self.refusal, wrong)
            raise

    def refusal(self, refused: Refused) -> Answer:
        if isinstance(refused, Malformed):
            return refusal(refused)
        wrong = refused if isinstance(refused, Wrong) else Wrong("malformed", str(refused))
        return oauth.error(wrong, self.authority, self._now())

    def _checked(self, request: Request) -> Callable[[], Answer]:
        if request.fields.get("host", "").lower() != self.authority:
            raise Malformed(400, f"Host is not {self.authority}")
        found = [(match.groupdict().get("tenant"), serve) for pattern, serve in self._routes.items()
                 if (match := pattern.fullmatch(request.target))]
        if not found:
            raise Malformed(404, "no such path")
        if request.method != "POST":
            raise Wrong("method", request.method)
        tenant, serve = found[0]
        check_fields(request.fields, oauth.MEDIA_TYPE)
        if tenant and not any(tenant in client.tenants for client in self._clients.values()):
            raise Denied("tenant")
        return serve(request, tenant, oauth.form(request.body))

    def _token(self, request: Request, tenant: Optional[str], members: Dict[str, bytes]) -> Callable[[], Answer]:
        if "grant_type" not in members:
            raise Wrong("missing", "grant_type")
        grant = plain(members, "grant_type")
        if grant == device_login.GRANT:
            exactly(members, ("grant_type", "client_id", "device_code"))
            self._client(tenant, members)
            return partial(self._issue, self.logins.poll(plain(members, "client_id"), plain(members, "device_code")))
        if grant != "client_credentials":
            raise Wrong("grant_type")
        self._check_credential(f"https://{self.authority}{request.target}", tenant, members)
        scope = plain(members, "scope")
        if scope not in self._scopes or not scope.endswith("/.default"):
            raise Denied("scope")
        return self._issue

    def _device_code(self, _: Request, tenant: Optional[str], members: Dict[str, bytes]) -> Callable[[], Answer]:
        exactly(members, ("client_id", "scope"))
        self._client(tenant, members)
        client_id, scope = plain(members, "client_id"), plain(members, "scope")
        if not set(scope.split(" ")) <= self._scopes:
            raise Denied("scope")
        return lambda: oauth.answer(200, self.logins.begin(client_id, scope), self._now())

    # ---- credentials ----

    def _check_credential(self, audience: str, tenant: Optional[str], members: Dict[str, bytes]) -> None:
        """Either a secret or an assertion."""
        common = ("grant_type", "client_id", "scope")
        if "client_assertion" in members:
            exactly(members, (*common, "client_assertion_type", "client_assertion"))
            client = self._client(tenant, members)
            if plain(members, "client_assertion_type") != assertion.KIND:
                raise Wrong("assertion_type")
            with self._lock:
                client.assertions.check(members["client_assertion"], plain(members, "client_id"), audience, self._now())
            return
        if "client_secret" not in members:
            raise Wrong("no_secret")
        exactly(members, (*common, "client_secret"))
        client = self._client(tenant, members)
        if members["client_secret"] in client.expired_secrets:
            raise Denied("secret_expired")
        if members["client_secret"] not in client.secrets:
            raise Denied("secret")

    def _client(self, tenant: Optional[str], members: Dict[str, bytes]) -> Client:
        client = self._clients.get(plain(members, "client_id"))
        if not client or tenant not in {None, *client.tenants}:
            raise Denied("client")
        return client

    # ---- tokens ----

    def _issue(self, scope: str = "") -> Answer:
        token = secrets.token_urlsafe(self.token_length)[:self.token_length]
        with self._lock:
            self.tokens.add(token)
            self.issued.append(token)
        members = {"token_type": "Bearer", **({"scope": scope} if scope else {}), "expires_in": 3599,
                   "ext_expires_in": 3599, "access_token": token, **self.changes}
        return oauth.answer(200, {name: value for name, value in members.items() if value is not ABSENT}, self._now())

    def _now(self) -> float:
        return time.time() + self.clock


def route(template: str) -> "re.Pattern[str]":
    """Matches the targets of a path; the group tenant is its tenant."""
    before, tenant, after = template.partition("{tenant}")
    return re.compile(re.escape(before) + (f"(?P<tenant>{TENANT})" if tenant else "") + re.escape(after))
