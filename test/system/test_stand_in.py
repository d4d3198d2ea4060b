# SPDX-License-Identifier: MIT
"""The stand-ins themselves, by clients of others (Python's http.client and ssl, curl, openssl): the token server, and
the proxies, real and scripted. What they let pass, a test of the command would not find."""
import http.client
import json
import shlex
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest
import uuid
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple, Union
from urllib.parse import quote_from_bytes

from assertion import KIND, encode, thumbprint
from device_login import GRANT
from harness import ACTIONS, LOGIN_PKI, PKI, REQUEST, TENANT, Case, after_request, http as response
from pki import Pki
from proxies import PROXIES
from scripted_proxy import ScriptedProxy, basic
from server import Server
from tls import Tls
from token_server import ABSENT, DEVICE_PATH, DEVICE_SCOPE, SCOPE, TokenServer

SERVICE_PY = Path(__file__).resolve().parents[1] / "service/service.py"
CLIENT = "9b1c5a0e-7d3f-4e57-8a64-2f0d9c1b7e35"
SECRET = "p8Q~ %&+=/\"\\é\n".encode() + b"\xff\x00" + uuid.uuid4().hex.encode()
USER = "kiosk:" + uuid.uuid4().hex
KIOSK = Pki(PKI.folder, "kiosk.test").chain("self-signed")    # a certificate of a client and its key
OTHER = Pki(PKI.folder, "other.test").chain("self-signed")
WITHIN = 20.0

Members = List[Tuple[str, bytes]]
Reply = Tuple[int, http.client.HTTPMessage, Any]


# ---- a client ----

def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=PKI.ca_file())


def connect(server: Server, sock: Optional[socket.socket] = None) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(server.name, server.port, timeout=WITHIN)
    sock = sock or socket.create_connection((server.address, server.port), WITHIN)
    connection.sock = trusting().wrap_socket(sock, server_hostname=server.name)
    return connection


def fields(**changes: Optional[str]) -> Dict[str, str]:
    """Those of the command; a change to None leaves one out."""
    given = {"Host": None, "Accept": "application/json", "User-Agent": "mmdclose/0", "Connection": "close",
             "client-request-id": str(uuid.uuid4()), **{name.replace("_", "-"): text for name, text in changes.items()}}
    return {name: text for name, text in given.items() if text is not None}


def exchange(connection: http.client.HTTPConnection, method: str, path: str, body: bytes, **changes: Any) -> Reply:
    try:
        connection.request(method, path, body, fields(**changes))
        got = connection.getresponse()
        text = got.read()
    finally:
        connection.close()
    return got.status, got.headers, json.loads(text) if text.startswith(b"{") else text


def form(members: Members) -> bytes:
    return "&".join(f"{name}={quote_from_bytes(value, safe='')}" for name, value in members).encode()


def with_secret(secret: bytes = SECRET, **changes: Optional[bytes]) -> Members:
    """A request for a token; a change to None leaves a member out."""
    members = {"grant_type": b"client_credentials", "client_id": CLIENT.encode(), "scope": SCOPE.encode(),
               "client_secret": secret, **changes}
    return [(name, value) for name, value in members.items() if value is not None]


def with_assertion(assertion: str, **changes: Optional[bytes]) -> Members:
    return with_secret(client_secret=None, client_assertion_type=KIND.encode(), client_assertion=assertion.encode(),
                       **changes)


def sign(chain: str, key: str, audience: str, salt: int = 32, header: Any = None, **changes: Any) -> str:
    """An assertion, with changes to its claims; ABSENT leaves one out."""
    now = int(time.time())
    header = {"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint(chain), **(header or {})}
    claims = {"aud": audience, "iss": CLIENT, "sub": CLIENT, "jti": str(uuid.uuid4()), "iat": now, "nbf": now,
              "exp": now + 600, **changes}
    parts = [encode(json.dumps({name: value for name, value in part.items() if value is not ABSENT}).encode())
             for part in (header, claims)]
    signature = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", key, "-sigopt", "rsa_padding_mode:pss", "-sigopt",
         f"rsa_pss_saltlen:{salt}"], input=".".join(parts).encode(), stdout=subprocess.PIPE, check=True).stdout
    return ".".join([*parts, encode(signature)])


def problems_of(server: Server) -> List[str]:
    """What was wrong in the requests since the last call; the end of the test then knows of none."""
    found = server.problems
    for record in server.connections:
        record.problems.clear()
    return found


class StandIn(Case):
    def setUp(self) -> None:
        super().setUp()
        self.service = self.serve()

    def authority(self, *scripts: list, **options: Any) -> TokenServer:
        """A token server with one client."""
        server = self.serve_tokens(self.service, *scripts, **options)
        server.add_client(TENANT, CLIENT, secrets=[SECRET], certificates=[KIOSK[0]])
        return server

    def ask(self, server: Server, members: Union[Members, bytes], path: str = "", method: str = "POST",
            **changes: Any) -> Reply:
        body = members if isinstance(members, bytes) else form(members)
        changes = {"Content_Type": "application/x-www-form-urlencoded", **changes}
        return exchange(connect(server), method, path or server.path(TENANT), body, **changes)

    def close_with(self, token: str) -> int:
        status, *_ = exchange(connect(self.service), "PATCH",
                              f"/support/odata/v1/tenants/{TENANT}/elevationRequests/{REQUEST}",
                              json.dumps({"ActionsTaken": ACTIONS}).encode(), Content_Type="application/json",
                              Authorization=f"Bearer {token}")
        return status

    def assertError(self, reply: Reply, status: int, word: str, code: int) -> None:
        self.assertEqual((reply[0], reply[2]["error"], reply[2]["error_codes"]), (status, word, [code] if code else []))
        self.assertEqual(set(reply[2]), {"error", "error_description", "error_codes", "timestamp", "trace_id",
                                         "correlation_id", "error_uri"})
        self.assertNotIn(SECRET[-32:].decode(), json.dumps(reply[2]))


# ---- tokens ----

# Changes to a right request with a secret: the answer, and whether it is a fault of the client's.
WRONG = {
    "secret": (with_secret(SECRET[:-1]), {}, (401, "invalid_client", 7000215), False),
    "expired secret": (with_secret(b"expired"), {}, (401, "invalid_client", 7000222), False),
    "client": (with_secret(client_id=TENANT.encode()), {}, (400, "unauthorized_client", 700016), False),
    "scope": (with_secret(scope=b"https://example.test/.default"), {}, (400, "invalid_scope", 70011), False),
    "scope of a person": (with_secret(scope=DEVICE_SCOPE.encode()), {}, (400, "invalid_scope", 70011), False),
    "tenant": (with_secret(), {"path": f"/{CLIENT}/oauth2/v2.0/token"}, (400, "invalid_request", 90002), False),
    "grant type": (with_secret(grant_type=b"client_credential"), {}, (400, "unsupported_grant_type", 70003), True),
    "no grant type": (with_secret(grant_type=None), {}, (400, "invalid_request", 900144), True),
    "no scope": (with_secret(scope=None), {}, (400, "invalid_request", 900144), True),
    "no secret": (with_secret(client_secret=None), {}, (401, "invalid_client", 7000216), True),
    "twice": (with_secret() + [("scope", SCOPE.encode())], {}, (400, "invalid_request", 9000411), True),
    "one more": (with_secret(resource=b"x"), {}, (400, "invalid_request", 9002), True),
    "not encoded": (b"&".join([form(with_secret()), b"a=b/c"]), {}, (400, "invalid_request", 9002), True),
    "half an escape": (form(with_secret()) + b"%4", {}, (400, "invalid_request", 9002), True),
    "empty": (b"", {}, (400, "invalid_request", 9002), True),
    "media type": (with_secret(), {"Content_Type": "application/json"}, (400, "invalid_request", 9002), True),
    "Accept": (with_secret(), {"Accept": "text/html"}, (400, "invalid_request", 9002), True),
    "method": (with_secret(), {"method": "PUT"}, (400, "invalid_request", 900561), True),
}


class Tokens(StandIn):
    def test_a_token_closes_a_request_until_it_is_revoked(self):
        server = self.authority()
        status, head, reply = self.ask(server, with_secret())
        self.assertEqual((status, reply["token_type"], reply["expires_in"]), (200, "Bearer", 3599))
        self.assertRegex(reply["access_token"], r"\A[A-Za-z0-9_-]{1700}\Z")
        self.assertEqual(head["Cache-Control"], "no-store, no-cache")
        self.assertEqual(self.close_with(reply["access_token"]), 204)
        server.revoke()
        self.assertEqual(self.close_with(reply["access_token"]), 401)
        self.assertEqual(len(problems_of(self.service)), 1)
        self.assertEqual(server.counts, {server.path(TENANT): 1})
        self.assertIn(quote_from_bytes(SECRET, safe="").encode(), server.received)

    def test_wrong_requests(self):
        server = self.authority()
        server.add_client(TENANT, CLIENT, secrets=[SECRET]).expired_secrets.add(b"expired")
        for name, (members, changes, expected, is_fault) in WRONG.items():
            with self.subTest(name):
                self.assertError(self.ask(server, members, **changes), *expected)
                self.assertEqual(len(problems_of(server)), is_fault)
        self.assertEqual(server.issued, [])

    def test_what_is_wrong_as_http_gets_a_page(self):
        server = self.authority()
        for name, changes in {"Host": {"Host": "other.test"}, "path": {"path": "/x"}}.items():
            with self.subTest(name):
                status, head, _ = self.ask(server, with_secret(), **changes)
                self.assertEqual((status, head["Content-Type"]), (404 if name == "path" else 400, "text/html"))
                self.assertEqual(len(problems_of(server)), 1)

    def test_an_error_has_the_id_of_the_request(self):
        given = str(uuid.uuid4())
        _, head, reply = self.ask(self.authority(), with_secret(b"wrong"), client_request_id=given)
        self.assertEqual((reply["correlation_id"], head["client-request-id"], head["x-ms-request-id"]),
                         (given, given, reply["trace_id"]))
        self.assertRegex(reply["error_description"], rf"\AAADSTS7000215: .* Correlation ID: {given} Timestamp: 2")

    def test_what_a_test_may_change(self):
        server = self.authority(path="/oauth/token")
        server.token_length, server.clock = 8192, -600
        server.changes = {"expires_in": "-1", "token_type": ABSENT}
        _, head, reply = self.ask(server, with_secret())
        self.assertEqual((len(reply["access_token"]), reply["expires_in"], "token_type" in reply), (8192, "-1", False))
        behind = time.time() - parsedate_to_datetime(head["Date"]).timestamp()
        self.assertTrue(590 < behind < 700, behind)

    def test_scripts_come_before_its_own_answers(self):
        busy = response("429 Too Many Requests", "Retry-After: 7")
        server = self.authority(after_request(busy), after_request(response("200 OK", body="<html>")),
                                [["handshake"], ["read-request"], ["answer"], ["close"]], [["reset"]])
        status, head, _ = self.ask(server, with_secret())
        self.assertEqual((status, head["Retry-After"]), (429, "7"))
        self.assertEqual(self.ask(server, with_secret())[2], b"<html>")
        self.assertEqual(self.ask(server, with_secret())[2]["access_token"], *server.issued)
        with self.assertRaises(OSError):
            self.ask(server, with_secret())
        self.assertEqual(self.ask(server, with_secret())[0], 200)

    def test_a_connection_is_kept(self):
        """Also after a denial; not after a fault."""
        server = self.authority()
        connection = connect(server)
        self.addCleanup(connection.close)
        for secret, status, after in ((SECRET, 200, "keep-alive"), (b"wrong", 401, "keep-alive"),
                                      (SECRET, 200, "close")):
            connection.request("POST", server.path(TENANT), form(with_secret(secret)), fields(
                Connection="close" if after == "close" else None, Content_Type="application/x-www-form-urlencoded"))
            reply = connection.getresponse()
            reply.read()
            self.assertEqual((reply.status, reply.headers["Connection"]), (status, after))
        self.assertEqual([each.status for each in server.finished(1)[0].exchanges], [200, 401, 200])

    def test_its_certificate_is_its_own(self):
        server = self.authority(tls=Tls(PKI))
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.ask(server, with_secret())
        self.assertEqual(LOGIN_PKI.ca_file(), PKI.ca_file())


# ---- assertions ----

# Changes to a right assertion (see sign): the code of the answer, and whether it is a fault of the client's.
BAD_ASSERTIONS = {
    "expired": (dict(iat=1, nbf=1, exp=600), 700024, False),
    "not yet": (dict(nbf=1 << 33, iat=1 << 33, exp=(1 << 33) + 600), 700024, False),
    "of another key": (dict(key=OTHER[1]), 700027, True),
    "not registered": (dict(chain=OTHER[0], key=OTHER[1]), 700027, False),
    "a salt of 222 bytes": (dict(salt=222), 700027, True),
    "no salt": (dict(salt=0), 700027, True),
    "audience": (dict(audience="https://login.example.test/"), 700023, True),
    "issuer": (dict(iss=TENANT), 700021, True),
    "subject": (dict(sub=TENANT), 700021, True),
    "too long a life": (dict(nbf=1, iat=1, exp=1 << 33), 50027, True),
    "times as text": (dict(nbf="1"), 50027, True),
    "no id": (dict(jti=ABSENT), 50027, True),
    "empty id": (dict(jti=""), 50027, True),
    "one more claim": (dict(name="x"), 50027, True),
    "RS256": (dict(header={"alg": "RS256"}), 50027, True),
    "no type": (dict(header={"typ": ABSENT}), 50027, True),
    "one more in the header": (dict(header={"kid": "x"}), 50027, True),
    "thumbprint": (dict(header={"x5t#S256": "x"}), 700027, False),
}


class AssertionsOfClients(StandIn):
    def sign(self, server: TokenServer, **changes: Any) -> str:
        given = {"chain": KIOSK[0], "key": KIOSK[1], "audience": f"https://{server.authority}{server.path(TENANT)}",
                 **changes}
        return sign(**given)

    def test_an_assertion_gets_a_token_once(self):
        server = self.authority()
        assertion = self.sign(server)
        self.assertEqual(self.close_with(self.ask(server, with_assertion(assertion))[2]["access_token"]), 204)
        self.assertError(self.ask(server, with_assertion(assertion)), 401, "invalid_client", 50027)
        self.assertEqual(len(problems_of(server)), 1)
        self.assertEqual(self.ask(server, with_assertion(self.sign(server)))[0], 200)

    def test_wrong_assertions(self):
        server = self.authority()
        for name, (changes, code, is_fault) in BAD_ASSERTIONS.items():
            with self.subTest(name):
                reply = self.ask(server, with_assertion(self.sign(server, **changes)))
                self.assertError(reply, 401, "invalid_client", code)
                self.assertEqual(len(problems_of(server)), is_fault)
        self.assertEqual(server.issued, [])

    def test_assertions_that_are_none(self):
        server = self.authority()
        header, claims, signature = self.sign(server).split(".")
        last = signature[:-1] + {"A": "B", "Q": "R", "g": "h", "w": "x"}[signature[-1]]  # a bit that is to be zero
        for text in ("x", f"{header}.{claims}", f"{header}=.{claims}.{signature}", f"{header}.{claims}.{last}",
                     f"{header}.{claims}.{signature}.", f"{claims}.{claims}.{signature}", f"..{signature}"):
            with self.subTest(text[:40]):
                self.assertError(self.ask(server, with_assertion(text)), 401, "invalid_client", 50027)
                self.assertEqual(len(problems_of(server)), 1)

    def test_its_members(self):
        server = self.authority()
        for changes, (status, word, code) in (
                (dict(client_assertion_type=b"x"), (401, "invalid_client", 70002)),
                (dict(client_assertion_type=None), (400, "invalid_request", 900144)),
                (dict(client_secret=SECRET), (400, "invalid_request", 9002))):
            with self.subTest(str(changes)[:40]):
                members = [(name, value) for name, value in
                           {**dict(with_assertion(self.sign(server))), **changes}.items() if value is not None]
                self.assertError(self.ask(server, members), status, word, code)
                self.assertEqual(len(problems_of(server)), 1)

    def test_its_clock_is_what_counts(self):
        server = self.authority()
        for clock, status in ((-5, 401), (0, 200), (590, 200), (601, 401)):
            with self.subTest(clock):
                server.clock = clock
                self.assertEqual(self.ask(server, with_assertion(self.sign(server)))[0], status)


# ---- the device-code flow ----

class Logins(StandIn):
    def begin(self, server: TokenServer, **changes: bytes) -> Reply:
        members = {"client_id": CLIENT.encode(), "scope": DEVICE_SCOPE.encode(), **changes}
        return self.ask(server, list(members.items()), DEVICE_PATH.format(tenant=TENANT))

    def poll(self, server: TokenServer, code: str, **changes: bytes) -> Reply:
        members = {"grant_type": GRANT.encode(), "client_id": CLIENT.encode(), "device_code": code.encode(), **changes}
        return self.ask(server, list(members.items()))

    def test_a_person_signs_in(self):
        server = self.authority()
        server.logins.interval = 0
        server.logins.then("authorization_pending", "authorization_pending")
        status, _, reply = self.begin(server)
        code = reply.pop("device_code")
        self.assertEqual((status, reply["interval"], reply["expires_in"]), (200, 0, 900))
        self.assertIn(reply["user_code"], reply["message"])
        self.assertEqual(reply["user_code"], server.logins.user_codes[code])
        for _ in range(2):
            self.assertError(self.poll(server, code), 400, "authorization_pending", 70016)
        token = self.poll(server, code)[2]
        self.assertEqual(token["scope"], DEVICE_SCOPE)
        self.assertEqual(self.close_with(token["access_token"]), 204)
        self.assertError(self.poll(server, code), 400, "invalid_grant", 54005)
        self.assertEqual(len(problems_of(server)), 1)

    def test_how_it_may_end_otherwise(self):
        server = self.authority()
        server.logins.interval = 0
        for word, code in {"authorization_declined": 65004, "access_denied": 65004, "bad_verification_code": 70018,
                           "expired_token": 70019}.items():
            with self.subTest(word):
                server.logins.then(word)
                self.assertError(self.poll(server, self.begin(server)[2]["device_code"]), 400, word, code)

    def test_a_code_expires(self):
        server = self.authority()
        server.logins.interval = server.logins.expires_in = 0
        self.assertError(self.poll(server, self.begin(server)[2]["device_code"]), 400, "expired_token", 70019)

    def test_who_polls_too_early_is_found(self):
        server = self.authority()
        server.logins.interval = 0
        server.logins.then("slow_down")
        code = self.begin(server)[2]["device_code"]
        self.assertError(self.poll(server, code), 400, "slow_down", 0)
        self.assertEqual(problems_of(server), [])
        self.assertError(self.poll(server, code), 400, "slow_down", 0)
        self.assertEqual(len(problems_of(server)), 1)

    def test_codes_that_were_never_given(self):
        server = self.authority()
        server.add_client(TENANT, REQUEST)
        code = self.begin(server)[2]["device_code"]
        for changes in (dict(device_code=b"x"), dict(client_id=REQUEST.encode())):
            self.assertError(self.poll(server, code, **changes), 400, "bad_verification_code", 70018)
            self.assertEqual(len(problems_of(server)), 1)
        self.assertError(self.begin(server, scope=b"x"), 400, "invalid_scope", 70011)


# ---- proxies ----

class RealProxies(StandIn):
    def test_both_reach_both_servers(self):
        """By curl, with and without Basic; neither proxy writes down what passes through, or the password."""
        for name, kind in PROXIES.items():
            for user in (None, USER):
                with self.subTest(name, user=user is not None):
                    server = self.authority()
                    with kind(self.folder / f"{name}-{user is None}", [server.name, self.service.name], user) as proxy:
                        token = json.loads(self.curl(proxy, server, user, SECRET))["access_token"]
                        self.assertEqual(self.tunnelled(proxy, user, token), 204)
                    self.assertIn(f"CONNECT {server.name}:{server.port}", proxy.logs)
                    self.assertIn(f"CONNECT {self.service.name}:{self.service.port}", proxy.logs)
                    for secret in (token, quote_from_bytes(SECRET, safe=""), USER.split(":")[1], basic(USER)[6:]):
                        self.assertNotIn(secret, proxy.logs)
                    self.service.add(TENANT, REQUEST)

    def curl(self, proxy: Any, server: TokenServer, user: Optional[str], secret: bytes) -> str:
        body = self.file("form", form(with_secret(secret)))
        words = ["curl", "--silent", "--show-error", "--max-time", "20", "--proxy", f"http://127.0.0.1:{proxy.port}",
                 "--cacert", PKI.ca_file(), "--http1.1", "--data-binary", f"@{body}", "--user-agent", "mmdclose/0",
                 "--header", f"client-request-id: {uuid.uuid4()}", *(["--proxy-user", user] if user else []),
                 f"https://{server.authority}{server.path(TENANT)}"]
        return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, timeout=WITHIN).stdout

    def tunnelled(self, proxy: Any, user: Optional[str], token: str) -> int:
        sock, head = ask_proxy(proxy, f"{self.service.name}:{self.service.port}", user)
        self.assertRegex(head, rb"\AHTTP/1\.[01] 200 ")
        connection = connect(self.service, sock)
        status, *_ = exchange(connection, "PATCH", f"/support/odata/v1/tenants/{TENANT}/elevationRequests/{REQUEST}",
                              json.dumps({"ActionsTaken": ACTIONS}).encode(), Content_Type="application/json",
                              Authorization=f"Bearer {token}")
        return status

    def test_what_they_refuse(self):
        """Wrong credentials, a name that there is not, a port that nothing listens on."""
        for name, kind in PROXIES.items():
            with kind(self.folder / name, ["mmdls.test"], USER) as proxy, socket.socket() as closed:
                closed.bind(("127.0.0.1", 0))
                for target, user, status in (
                        (f"mmdls.test:{self.service.port}", None, b"407"),
                        (f"mmdls.test:{self.service.port}", USER + "x", b"407" if name == "squid" else b"40[17]"),
                        ("unknown.test:443", USER, b"50[0-9]"),
                        (f"mmdls.test:{closed.getsockname()[1]}", USER, b"50[0-9]")):
                    with self.subTest(name, target=target, user=user):
                        sock, head = ask_proxy(proxy, target, user)
                        sock.close()
                        self.assertRegex(head, rb"\AHTTP/1\.[01] " + status)
        self.assertEqual(self.service.connections, [])


def ask_proxy(proxy: Any, target: str, user: Optional[str] = None, more: bytes = b"") -> Tuple[socket.socket, bytes]:
    """The connection, and the head of what the proxy answers to a CONNECT."""
    sock = socket.create_connection((proxy.address, proxy.port), WITHIN)
    credentials = f"Proxy-Authorization: {basic(user)}\r\n" if user else ""
    sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{credentials}\r\n".encode() + more)
    head = b""
    while not head.endswith(b"\r\n\r\n") and (byte := sock.recv(1)):
        head += byte
    return sock, head


class ScriptedProxies(StandIn):
    def proxy(self, *scripts: list, **options: Any) -> ScriptedProxy:
        proxy = ScriptedProxy(**options)
        for script in scripts:
            proxy.script(script)
        proxy.__enter__()
        self.addCleanup(self.end, proxy, False)
        return proxy

    def target(self) -> str:
        return f"{self.service.name}:{self.service.port}"

    def hello(self, sock: socket.socket) -> None:
        """TLS with the service works."""
        with trusting().wrap_socket(sock, server_hostname=self.service.name) as tls:
            self.assertTrue(tls.version())

    def test_it_tunnels(self):
        for user in (None, USER):
            proxy = self.proxy(user=user)
            sock, head = ask_proxy(proxy, self.target(), user)
            self.assertEqual(head, b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.hello(sock)
            record, = proxy.finished(1)
            self.assertEqual((record.exchanges[0].method, record.exchanges[0].target), ("CONNECT", self.target()))
            self.assertIn(b"\x16\x03\x01", proxy.received)

    def test_it_wants_credentials(self):
        proxy = self.proxy(user=USER)
        for user in (None, USER + "x"):
            sock, head = ask_proxy(proxy, self.target(), user)
            sock.close()
            self.assertRegex(head, rb'(?s)\AHTTP/1\.1 407 .*\r\nProxy-Authenticate: Basic realm="proxy"\r\n')

    def test_wrong_requests(self):
        proxy = self.proxy()
        for name, request in {
                "another form": b"GET / HTTP/1.1\r\nHost: mmdls.test\r\n\r\n",
                "no port": b"CONNECT mmdls.test HTTP/1.1\r\nHost: mmdls.test\r\n\r\n",
                "another Host": b"CONNECT mmdls.test:443 HTTP/1.1\r\nHost: other.test:443\r\n\r\n",
                "a length": b"CONNECT mmdls.test:443 HTTP/1.1\r\nHost: mmdls.test:443\r\nContent-Length: 0\r\n\r\n",
                "the token": b"CONNECT mmdls.test:443 HTTP/1.1\r\nHost: mmdls.test:443\r\nAuthorization: x\r\n\r\n",
                "credentials": b"CONNECT mmdls.test:443 HTTP/1.1\r\nHost: mmdls.test:443\r\n"
                               b"Proxy-Authorization: Basic eA==\r\n\r\n"}.items():
            with self.subTest(name), socket.create_connection((proxy.address, proxy.port), WITHIN) as sock:
                sock.sendall(request)
                self.assertRegex(sock.recv(100), rb"\AHTTP/1\.1 400 ")
            self.assertEqual(len(problems_of(proxy)), 1)

    def test_who_does_not_wait_is_found(self):
        proxy = self.proxy()
        sock, _ = ask_proxy(proxy, self.target(), more=b"\x16\x03")
        sock.close()
        self.assertEqual(len(problems_of(proxy)), 1)

    def test_names_that_it_does_not_know(self):
        proxy = self.proxy(names={"mmdls.test": "127.0.0.1"})
        for target, status in ((self.target(), b"200"), ("other.test:443", b"502")):
            sock, head = ask_proxy(proxy, target)
            sock.close()
            self.assertEqual(head[9:12], status)

    def test_a_script_answers_with_any_bytes(self):
        long = "HTTP/1.1 200 OK\r\nX: " + "x" * 8192 + "\r\n\r\n"
        proxy = self.proxy(after_request("HTTP/1.1 502 Bad", end="cut"),
                           [["handshake"], ["read-request"], ["send", long], ["tunnel"]],
                           [["handshake"], ["read-request"], ["answer"], ["tunnel"]],
                           after_request("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nextra", end="close"))
        sock, head = ask_proxy(proxy, self.target())
        self.assertEqual((head, sock.recv(1)), (b"HTTP/1.1 502 Bad", b""))
        sock.close()
        for expected in (long.encode(), b"HTTP/1.1 200 Connection established\r\n\r\n"):
            sock, head = ask_proxy(proxy, self.target())
            self.assertEqual(head, expected)
            self.hello(sock)
        sock, head = ask_proxy(proxy, self.target())
        self.assertEqual((head[-5:], sock.recv(5)), (b"5\r\n\r\n", b"extra"))
        sock.close()

    def test_glue(self):
        """A server that speaks first, and the head in one piece with what it says."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def greet() -> None:
                with listener.accept()[0] as peer:
                    peer.sendall(b"220 hello")
                    peer.recv(100)
            greeter = threading.Thread(target=greet, daemon=True)
            greeter.start()
            established = "HTTP/1.1 200 OK\r\n\r\n"
            proxy = self.proxy([["handshake"], ["read-request"], ["glue", established]])
            with socket.create_connection((proxy.address, proxy.port), WITHIN) as sock:
                target = f"mmdls.test:{listener.getsockname()[1]}"
                sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
                self.assertEqual(sock.recv(1000), established.encode() + b"220 hello")
            greeter.join(WITHIN)
            self.assertFalse(greeter.is_alive())

    def test_a_reset_goes_through(self):
        service = self.serve([["read-raw", 1], ["reset"]])
        sock, _ = ask_proxy(self.proxy(), f"{service.name}:{service.port}")
        sock.sendall(b"x")
        with sock, self.assertRaises(ConnectionResetError):
            sock.recv(1)


# ---- by hand ----

class ByHand(Case):
    def start(self, *words: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen([sys.executable, "-B", str(SERVICE_PY), *words], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for stream in (process.stdout, process.stderr):
            self.addCleanup(stream.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        return process

    def commands(self, process: "subprocess.Popen[str]") -> List[Dict[str, str]]:
        """The options of the commands that it prints."""
        found = []
        while len(found) < 3:
            line = process.stdout.readline()
            self.assertTrue(line, "it prints three commands")
            if line.startswith("mmdclose close "):
                words = shlex.split(line)[2:]
                found.append(dict(zip(words[::2], words[1::2])))
        return found

    def test_the_part_that_is_not_run(self):
        done = subprocess.run([sys.executable, "-B", str(SERVICE_PY.with_name("by_hand.py"))], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("is a part of service.py: run that one", done.stderr)

    def test_what_it_prints_is_how_to_get_a_token(self):
        process = self.start("--pki", str(PKI.folder), "--authority-variant", "p256")
        given, by_secret, by_certificate = self.commands(process)
        self.assertGreater(len(Path(given["--token-file"]).read_text()), 1000)
        name, port = by_secret["--authority"].split(":")
        path = f"/{by_secret['--tenant']}/oauth2/v2.0/token"
        secret = Path(by_secret["--client-secret-file"]).read_bytes().strip()
        assertion = sign(by_certificate["--certificate"], by_certificate["--key-file"], f"https://{name}:{port}{path}")
        for members in (with_secret(secret), with_assertion(assertion)):
            trust = ssl.create_default_context(cafile=by_secret["--ca-file"])
            connection = http.client.HTTPConnection(name, int(port))
            connection.sock = trust.wrap_socket(socket.create_connection((by_secret["--authority-connect"], int(port)),
                                                                         WITHIN), server_hostname=name)
            status, _, reply = exchange(connection, "POST", path, form(members),
                                        Content_Type="application/x-www-form-urlencoded")
            self.assertEqual((status, len(reply["access_token"])), (200, 1700))
            self.assertRegex(process.stderr.readline(), rf"  authority #\d  TLSv1.3 .* POST {path} 200 ")


if __name__ == "__main__":
    unittest.main()
