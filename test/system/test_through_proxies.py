# SPDX-License-Identifier: MIT
"""Closings with a token of their own through HTTP proxies: real ones, with and without Basic, and one that misbehaves by
script. The module has a network of its own, whose name server knows only the proxy: names of the two servers are for
the proxy, and no question for them leaves the device."""
import os
import re
import socket
import unittest
import uuid
from typing import Any, Dict, List, Optional

from own_network import enter

enter()

from dns import NameServer  # noqa: E402
from fetching import CLIENT, SECRET, FetchingCase  # noqa: E402
from harness import PKI, TENANT, Result, after_request, http  # noqa: E402
from pki import Pki  # noqa: E402
from proxies import PROXIES  # noqa: E402
from scripted_proxy import ScriptedProxy, basic  # noqa: E402

NAME, PASSWORD = "kiosk", "p:ss/" + uuid.uuid4().hex
USER, IN_URL = f"{NAME}:{PASSWORD}", f"{NAME}:{PASSWORD.replace(':', '%3A').replace('/', '%2f')}"
PLAIN = f"{NAME}:{PASSWORD[5:]}"  # tinyproxy takes letters and digits
PASS = [["handshake"], ["read-request"], ["answer"], ["tunnel"]]
ESTABLISHED = "HTTP/1.1 200 Connection established\r\n"
LONG_HEAD = "".join(f"X-{number}: {'x' * 1000}\r\n" for number in range(8))
PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome</body></html>"
ALERT = "15 03 03 00 02 02 28"

# What a proxy answers, where the closing ends with 7 at the proxy: the error, the status that is named, and what to do.
CREDENTIALS = ("check the user and password for the proxy, then try again. They go into the file of "
               "--proxy-user-file.")
ALLOWED = "check what the proxy allows, then try again."
BEYOND = "check the proxy's own network, and the host's name, then try again."
NETWORK = "check the proxy and the network, then try again."
FAILURES = {
    # Fault 54: a proxy answers with 200, 407, 502, 8 KB of headers, an end of stream -> handled; the token is absent from
    # the proxy's side
    # Fault 1010: a proxy wants credentials, refuses, cannot reach the host -> its own error each, with the status;
    # exit 7, not sent (RFC 9110, 9.3.6)
    "407": (after_request(http("407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="x"')),
            "proxy_auth", 407, CREDENTIALS),
    "407, NTLM": (after_request(http("407 Proxy Authentication Required", "Proxy-Authenticate: NTLM", body=PAGE)),
                  "proxy_auth", 407, CREDENTIALS),
    "401": (after_request(http("401 Unauthorized", 'WWW-Authenticate: Basic realm="x"')), "proxy_auth", 401, CREDENTIALS),
    "403": (after_request(http("403 Forbidden", body=PAGE)), "proxy_refused", 403, ALLOWED),
    "a redirect": (after_request(http("302 Found", "Location: https://login.test/")), "proxy_refused", 302, ALLOWED),
    "500": (after_request(http("500 Internal Server Error")), "proxy_gateway", 500, BEYOND),
    "502": (after_request(http("502 Bad Gateway", body=PAGE)), "proxy_gateway", 502, BEYOND),
    "504": (after_request(http("504 Gateway Timeout", body="x" * 20000)), "proxy_gateway", 504, BEYOND),
    # Fault 1011: a head of 8 KB, in many records -> read, the status counts
    "503 with 8 KB of headers": (after_request("HTTP/1.1 503 Busy\r\n", LONG_HEAD, "\r\n"), "proxy_gateway", 503, BEYOND),
    # Fault 1012: no HTTP, an HTML page, a head without end, an end before or within the head -> an error each, not sent
    "an HTML page": (after_request(PAGE), "protocol", 0, NETWORK),
    "binary": (after_request("\x15\x03\x01"), "protocol", 0, NETWORK),
    "101": (after_request("HTTP/1.1 101 Switching Protocols\r\n\r\n"), "protocol", 0, NETWORK),
    "a head that does not end": ([["handshake"], ["read-request"], ["send", ESTABLISHED], ["repeat", 3000, LONG_HEAD],
                                  ["cut"]], "too_large", 0, NETWORK),
    "an end at once": ([["cut"]], "empty", 0, NETWORK),
    "an end after the CONNECT": (after_request("", end="cut")[:2] + [["cut"]], "empty", 0, NETWORK),
    "an end within the head": (after_request(ESTABLISHED + "Via: 1", end="cut"), "truncated", 0, NETWORK),
    "a reset": ([["handshake"], ["read-request"], ["reset"]], "network", 0, NETWORK),
}

# The environment, with {} for the proxy's URL, and whether the proxy is used.
VARIABLES = {
    # Fault 1013: https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY -> used, in this order; an empty one is not set
    "https_proxy": ({"https_proxy": "{}"}, True),
    "HTTPS_PROXY": ({"HTTPS_PROXY": "{}"}, True),
    "all_proxy": ({"all_proxy": "{}"}, True),
    "ALL_PROXY": ({"ALL_PROXY": "{}"}, True),
    "without a scheme": ({"HTTPS_PROXY": "127.0.0.1:{port}"}, True),
    "small letters come first": ({"https_proxy": "{}", "HTTPS_PROXY": "http://127.0.0.1:1"}, True),
    "before all_proxy": ({"HTTPS_PROXY": "{}", "all_proxy": "http://127.0.0.1:1"}, True),
    "an empty one": ({"https_proxy": "", "HTTPS_PROXY": "{}"}, True),
    "http_proxy is for others": ({"http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}, False),
    # Fault 1014: NO_PROXY or no_proxy names both hosts -> no proxy
    "NO_PROXY": ({"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "mmdls.test,login.example.test"}, False),
    "no_proxy": ({"https_proxy": "http://127.0.0.1:1", "no_proxy": ".test"}, False),
    "all hosts": ({"https_proxy": "http://127.0.0.1:1", "NO_PROXY": "*"}, False),
    "neither of them": ({"https_proxy": "{}", "NO_PROXY": "localhost,other.test,ls.test"}, True),
}


class Proxied(FetchingCase):
    def setUp(self) -> None:
        super().setUp()
        self.names = NameServer({"proxy.test": "127.0.0.1"}, port=53)
        self.names.__enter__()
        self.addCleanup(self.names.__exit__)

    def proxy(self, *scripts: list, **options: Any) -> ScriptedProxy:
        proxy = ScriptedProxy(**options)
        for script in scripts:
            proxy.script(script)
        proxy.__enter__()
        self.addCleanup(self.end, proxy, bool(scripts))
        return proxy

    def through(self, *more: str, variables: Optional[Dict[str, str]] = None, **changes: Any) -> Result:
        """Without addresses for the servers, and with no variables but these. What is secret of the proxy is not
        shown."""
        env = {name: text for name, text in os.environ.items() if not name.lower().endswith("_proxy")}
        result = self.fetch(*more, env={**env, **(variables or {})},
                            **{"connect": None, "authority_connect": None, **changes})
        for secret in (PASSWORD, PASSWORD[5:], basic(USER)[6:]):
            self.assertNotIn(secret, result.out.decode() + result.err)
        return result

    def user_file(self, user: str = USER) -> str:
        return self.file("user", user.encode() + b"\n")

    def assertAtProxy(self, result: Result, error: str, status: int, advice: str, where: str) -> None:
        self.assertEqual(result.status, 7, result.said)
        self.assertSays(result, error=error, delivery="not_sent", stage="proxy", status=0, detail_kind=(
            "proxy" if status else result.json["detail_kind"]), detail=status or result.json["detail"])
        said = result.json["sentence"]
        self.assertIn("the request was not sent: ", said)
        self.assertRegex(said, rf"\(the proxy {re.escape(where)}, on the way to [a-z.]+\); {re.escape(advice)}\Z")
        if status:
            self.assertIn(f"(status {status})", said)
        self.assertEqual(self.service.connections, [])

    def targets(self) -> List[str]:
        return [f"{server.name}:{server.port}" for server in (self.authority, self.service)]


class RealProxies(Proxied):
    # Fault 1015: a closing with a token of its own through tinyproxy or squid, with and without Basic -> closed; the
    # proxy sees two CONNECTs, and of token, secret and password nothing is in its logs; no lookup of the servers' names
    def test_closings(self):
        for name, kind in PROXIES.items():
            for user in (None, PLAIN):
                with self.subTest(name, user=user is not None):
                    with kind(self.folder / f"{name}-{user is None}", [self.authority.name, self.service.name],
                              user) as proxy:
                        url = f"http://127.0.0.1:{proxy.port}"
                        self.assertClosed(self.through(proxy=url, **({"proxy_user_file": self.user_file(PLAIN)} if user
                                                                     else {})))
                        if user:
                            self.assertClosed(self.through(variables={"HTTPS_PROXY": url.replace("//", f"//{PLAIN}@")}))
                    self.check_logs(proxy.logs)
        self.assertEqual(self.names.asked, [])

    def check_logs(self, logs: str) -> None:
        for target in self.targets():
            self.assertIn(f"CONNECT {target}", logs)
        for token in self.authority.issued:
            self.assertNoToken(logs.encode(), token)
        for secret in (SECRET[-32:].decode(), PASSWORD[5:], basic(PLAIN)[6:], "client_secret", "Bearer", "PATCH"):
            self.assertNotIn(secret, logs)

    # Fault 1016: tinyproxy or squid refuses the credentials, does not know the host, or cannot reach it -> the proxy's
    # error each, exit 7
    def test_what_they_refuse(self):
        for name, kind in PROXIES.items():
            with kind(self.folder / name, [self.service.name], PLAIN) as proxy:
                options = {"proxy": f"http://127.0.0.1:{proxy.port}", "timeout": 30}
                where = f"127.0.0.1 port {proxy.port}"
                for what, changes, error, advice in (
                        ("no credentials", {}, "proxy_auth", CREDENTIALS),
                        ("wrong ones", {"proxy_user_file": self.file("wrong", (PLAIN + "x").encode())}, "proxy_auth",
                         CREDENTIALS),
                        ("an unknown host", {"proxy_user_file": self.user_file(PLAIN)}, "proxy_gateway", BEYOND)):
                    with self.subTest(name, what=what):
                        result = self.through(**options, **changes)
                        self.assertAtProxy(result, error, result.json["detail"], advice, where)


class ScriptedProxies(Proxied):
    def test_what_a_proxy_answers(self):
        """For the token server, and for the service."""
        for name, (script, *expected) in FAILURES.items():
            for before in ([], [PASS]):
                with self.subTest(name, after_the_token=bool(before)):
                    proxy = self.proxy(*before, script)
                    result = self.through(proxy=f"http://127.0.0.1:{proxy.port}")
                    self.assertAtProxy(result, *expected, f"127.0.0.1 port {proxy.port}")
                    self.assertSays(result, host=self.service.name, address="127.0.0.1")

    # Fault 1017: a proxy that never answers -> the deadline, exit 7, not sent, and the proxy is named
    def test_a_proxy_that_never_answers(self):
        for script in ([["handshake"], ["read-request"], ["hold", 20]],
                       [["handshake"], ["read-request"], ["drip", ESTABLISHED * 100, 0.05]]):
            proxy = self.proxy(script)
            result = self.through(proxy=f"http://127.0.0.1:{proxy.port}", timeout=2)
            self.assertAtProxy(result, "timeout", 0, NETWORK, f"127.0.0.1 port {proxy.port}")

    # Fault 1018: a proxy that is not there, or whose name is not -> exit 7, not sent, and the proxy is named
    def test_a_proxy_that_is_not_there(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            result = self.through(proxy=f"http://127.0.0.1:{port}")
            self.assertAtProxy(result, "connect", 0, NETWORK, f"127.0.0.1 port {port}")
        result = self.through(proxy="http://other.test:3128")
        self.assertAtProxy(result, "name", 0, "check the proxy's name and this device's name servers, then try again.",
                           "other.test port 3128")
        self.assertEqual({asked.split()[0] for asked in self.names.asked}, {"other.test"})

    # Fault 1019: 2xx with 8 KB of headers, with a length, chunked, after interim responses -> a tunnel; such a response
    # has no content (RFC 9110, 9.3.6)
    def test_all_that_opens_a_tunnel(self):
        for head in (ESTABLISHED + LONG_HEAD, ESTABLISHED + "Content-Length: 5\r\n", "HTTP/1.0 200 OK\r\n",
                     "HTTP/1.1 299 Fine\r\nTransfer-Encoding: chunked\r\n", "HTTP/1.1 204 No Content\r\n",
                     "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ESTABLISHED):
            with self.subTest(head[:40]):
                script = [["handshake"], ["read-request"], ["send", head + "\r\n"], ["tunnel"]]
                proxy = self.proxy(script, script)
                self.assertClosed(self.through(proxy=f"http://127.0.0.1:{proxy.port}"))

    # Fault 1020: bytes in one piece with the head of a 2xx -> they are TLS's: an alert is reported with its number, a
    # page is no TLS; exit 8, not sent, and not the proxy's word any more
    def test_bytes_after_the_head(self):
        alert = bytes.fromhex(ALERT).decode("latin-1")
        for text, expected in ((alert, dict(alert=40)), (http("200 OK", body=PAGE), dict(alert=0))):
            proxy = self.proxy(after_request(ESTABLISHED + "\r\n" + text))
            result = self.through(proxy=f"http://127.0.0.1:{proxy.port}")
            self.assertEqual(result.status, 8, result.said)
            self.assertSays(result, error="tls", delivery="not_sent", stage="token_server", **expected)
            self.assertIn("whether a proxy is in between", result.said)

    def test_a_tunnel_that_breaks(self):
        """Fault 1021: the proxy ends in the middle of TLS -> exit 7, not sent, at the token server"""
        for end in ("cut", "reset"):
            proxy = self.proxy([["handshake"], ["read-request"], ["send", ESTABLISHED + "\r\n"], ["read", 1], [end]])
            result = self.through(proxy=f"http://127.0.0.1:{proxy.port}")
            self.assertEqual(result.status, 7, result.said)
            self.assertSays(result, error="network", delivery="not_sent", stage="token_server")

    # Fault 1022: all that a proxy receives -> two CONNECTs with the hosts' names, and TLS: no token, secret, assertion
    # or form; the password only in the CONNECT
    def test_what_a_proxy_receives(self):
        proxy = self.proxy(user=USER)
        self.assertClosed(self.through(proxy=f"http://127.0.0.1:{proxy.port}", proxy_user_file=self.user_file()))
        records = proxy.finished(2)
        self.assertEqual([record.exchanges[0].target for record in records], self.targets())
        received = proxy.received
        self.assertNoToken(received, self.authority.issued[0])
        for secret in (SECRET[-32:], b"client_secret", b"client_assertion", b"Bearer", b"PATCH", PASSWORD.encode()):
            self.assertNotIn(secret, received)
        self.assertEqual(received.count(basic(USER).encode()), 2)
        self.assertEqual(self.names.asked, [])

    # Fault 1022
    def test_an_assertion_does_not_reach_a_proxy(self):
        certificate, key = Pki(PKI.folder, "kiosk.test").chain("self-signed")
        self.authority.add_client(TENANT, CLIENT, certificates=[certificate])
        proxy = self.proxy()
        self.assertClosed(self.through(proxy=f"http://127.0.0.1:{proxy.port}", client_secret_file=None,
                                       certificate=certificate, key_file=key))
        proxy.finished(2)
        assertion, = re.findall(rb"client_assertion=([A-Za-z0-9_.-]+)", self.authority.received)
        self.assertGreater(len(assertion), 600)
        for token in (assertion.decode(), self.authority.issued[0]):
            self.assertNoToken(proxy.received, token)

    def test_an_address_for_the_proxy(self):
        """--connect names what the proxy connects to; the certificate is still for the host."""
        proxy = self.proxy(names={"127.0.0.1": "127.0.0.1"})
        self.assertClosed(self.through(proxy=f"http://127.0.0.1:{proxy.port}", connect="127.0.0.1",
                                       authority_connect="127.0.0.1"))
        self.assertEqual([record.exchanges[0].target for record in proxy.finished(2)],
                         [f"127.0.0.1:{server.port}" for server in (self.authority, self.service)])

    def test_a_token_without_a_closing(self):
        """`mmdclose token`, and one through a proxy that refuses."""
        proxy = self.proxy(PASS, FAILURES["407"][0])
        words = ["token", "--tenant", TENANT, "--client-id", CLIENT, "--authority", self.targets()[0], "--ca-file",
                 PKI.ca_file(), "--proxy", f"http://127.0.0.1:{proxy.port}", "--client-secret-file",
                 self.credential()["client_secret_file"]]
        result = self.run_command(*words, token="x" * 16)
        self.assertEqual(result.status, 0, result.said)
        self.assertNoToken(result.out + result.err.encode(), self.authority.issued[0])
        result = self.run_command(*words, token="x" * 16)
        self.assertEqual(result.status, 7)
        self.assertIn("no access token could be got", result.said)
        self.assertIn(f"(the proxy 127.0.0.1 port {proxy.port}, on the way to {self.authority.name}); {CREDENTIALS}\n",
                      result.said)

    def test_tries_again(self):
        """Fault 1023: a proxy that cannot reach the host at first, and --retry -> closed by the next try"""
        proxy = self.proxy(FAILURES["502"][0], PASS, FAILURES["503 with 8 KB of headers"][0])
        result = self.through("--retry", "3", proxy=f"http://127.0.0.1:{proxy.port}")
        self.assertEqual(result.status, 0, result.said)
        self.assertSays(result, stage="service", attempts=3)
        self.assertEqual(len(self.authority.issued), 1)


class Settings(Proxied):
    def test_the_environment(self):
        for name, (variables, uses) in VARIABLES.items():
            with self.subTest(name):
                proxy = self.proxy()
                url = f"http://127.0.0.1:{proxy.port}"
                self.assertClosed(self.through(
                    variables={name: text.replace("{}", url).replace("{port}", str(proxy.port))
                               for name, text in variables.items()},
                    **({} if uses else {"connect": self.service.address, "authority_connect": self.authority.address})))
                self.assertEqual(len(proxy.finished(2 if uses else 0)), 2 if uses else 0)
        self.assertEqual(self.names.asked, [])

    # Fault 1024: NO_PROXY names one of the two hosts -> that one is reached without the proxy, also with --proxy
    def test_one_host_without_the_proxy(self):
        for name, at in ((self.service.name, "connect"), (self.authority.name, "authority_connect")):
            for by_option in (False, True):
                with self.subTest(name, by_option=by_option):
                    proxy = self.proxy(user=USER)
                    url = f"http://127.0.0.1:{proxy.port}"
                    given = ({"proxy": url} if by_option else {})
                    variables = {"NO_PROXY": name, **({} if by_option else {"HTTPS_PROXY": url})}
                    self.assertClosed(self.through(variables=variables, proxy_user_file=self.user_file(),
                                                   **given, **{at: "127.0.0.1"}))
                    record, = proxy.finished(1)
                    self.assertNotIn(name, record.exchanges[0].target)

    def test_the_option_comes_before_the_environment(self):
        proxy = self.proxy()
        wrong = {"https_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
        self.assertClosed(self.through(variables=wrong, proxy=f"http://127.0.0.1:{proxy.port}"))
        self.assertEqual(len(proxy.finished(2)), 2)
        self.assertClosed(self.through(variables=wrong, proxy="", connect="127.0.0.1", authority_connect="127.0.0.1"))

    def test_the_file_comes_before_the_url(self):
        proxy = self.proxy(user=USER)
        self.assertClosed(self.through(variables={"HTTPS_PROXY": f"http://x:y@127.0.0.1:{proxy.port}"},
                                       proxy_user_file=self.user_file()))

    def test_a_proxy_by_its_name(self):
        """Only that name is looked up here."""
        proxy = self.proxy()
        self.assertClosed(self.through(proxy=f"http://proxy.test:{proxy.port}"))
        self.assertEqual({asked.split()[0] for asked in self.names.asked}, {"proxy.test"})

    # Fault 1025: a password in --proxy, which other users can see -> exit 2, nothing is sent, and it is not shown
    def test_a_password_in_the_option(self):
        proxy = self.proxy()
        for url in (f"http://{IN_URL}@127.0.0.1:{proxy.port}", f"{NAME}:{PASSWORD[5:]}@127.0.0.1:{proxy.port}",
                    f"http://{NAME}:{PASSWORD}@127.0.0.1:{proxy.port}"):  # the last with a / that is not encoded
            result = self.through("--verbose", proxy=url)
            self.assertEqual(result.status, 2, result.said)
            self.assertSays(result, error="input", delivery="not_sent", outcome="usage")
        self.assertEqual((proxy.connections, self.authority.connections), ([], []))

    # Fault 1026: a password in the environment, and --verbose -> used, and masked
    def test_a_password_in_the_environment_is_masked(self):
        proxy = self.proxy(user=USER)
        result = self.through("--verbose", variables={"HTTPS_PROXY": f"http://{IN_URL}@127.0.0.1:{proxy.port}"})
        self.assertClosed(result)
        self.assertIn(f"the proxy is http://{NAME}:***@127.0.0.1:{proxy.port}\n", result.err)

    # Fault 1027: a setting that names no proxy, or a file of credentials that cannot be used -> exit 2, which one, and
    # what it takes; nothing is sent
    def test_settings_that_cannot_be_used(self):
        proxy = self.proxy()
        good = {"proxy": f"http://127.0.0.1:{proxy.port}"}
        for what, options, said in (
                ("TLS", {"proxy": "https://127.0.0.1:1"}, "--proxy names no proxy .*only http:// is"),
                ("SOCKS", {"variables": {"ALL_PROXY": "socks5://127.0.0.1:1"}}, "ALL_PROXY names no proxy .*SOCKS"),
                ("port", {"variables": {"https_proxy": f"http://{IN_URL}@127.0.0.1:0"}}, "https_proxy names no proxy"),
                ("no colon", {**good, "proxy_user_file": self.file("a", b"kiosk")},
                 "the file '/.*/a' of --proxy-user-file cannot be used"),
                ("readable", {**good, "proxy_user_file": self.file("b", USER.encode(), 0o644)}, "--proxy-user-file"),
                ("missing", {**good, "proxy_user_file": "/nowhere/user"}, "--proxy-user-file.*No such file")):
            with self.subTest(what):
                result = self.through(**options)
                self.assertEqual(result.status, 2, result.said)
                self.assertSays(result, error="input", delivery="not_sent")
                self.assertRegex(result.json["sentence"], said)
        self.assertEqual((proxy.connections, self.authority.connections), ([], []))


if __name__ == "__main__":
    unittest.main()
