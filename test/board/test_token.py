# SPDX-License-Identifier: MIT
"""A token that the board gets itself: with the client secret of its storage, from a token server."""
import os
import re
import subprocess
import unittest

from case import BOARD, PKI, REQUEST, TENANT, VERSIONS, Case, closed, one_board_is_enough, only, rows
from device import HOST
from harness import after_request, http
from pki import der, elements, inside
from scripted_proxy import ScriptedProxy

REQUESTS = [f"c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e{number:02}" for number in range(30, 35)]
CLIENT = "0d9e2a54-6c1b-4f83-b7a5-2e8f61c3d970"
SECRET = "q8Z~pt.W3_a-v/+&=%Xe1 \u00fc"
SEQUENCE = 0x30
TOKEN_MAX, REQUEST_MAX = (int(os.environ[name]) for name in ("TOKEN_MAX", "REQUEST_MAX"))
HAS_KEY, HAS_PROXY = (os.environ[name] == "yes" for name in ("KEY", "PROXY"))
BUSY = after_request(http("503 Busy", "Retry-After: 1"))


def in_der(*command: str) -> bytes:
    """What a command of OpenSSL makes of a file."""
    return subprocess.run(["openssl", *command, "-outform", "DER"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True).stdout


class TokenCase(Case):
    """A device with a secret, beside a service and a token server."""

    def setUp(self) -> None:
        super().setUp()
        self.store(SECRET)

    def store(self, secret: str, end: bytes = b"\0") -> None:
        self.device.secret.write_bytes(secret.encode() + end)

    def serve_both(self, *scripts: list, token_scripts: tuple = (), version: str = "1.2", **options):
        service = self.serve(*scripts, tls=only(version), **options)
        authority = self.serve_tokens(service, *token_scripts)
        authority.add_client(TENANT, CLIENT, secrets=[SECRET.encode()])
        return service, authority

    def get_and_close(self, service, token_server, *more: str, **changes):
        """Switch the device on; whatever came of it, the console has neither the secret nor a token."""
        options = {"token": None, "client_id": CLIENT, "authority": f"{token_server.name}:{token_server.port}",
                   "names": {"names": {service.name: HOST, token_server.name: HOST}}, **changes}
        console = self.boot(service, *more, **options)
        for secret in (SECRET, *token_server.issued):
            self.assertNoToken(console.text.encode(), secret)
            self.assertNotIn(secret, console.text)
        return console


# What may be wrong with the token server's answer, or with what it was asked; the exit status, and what is said.
REFUSALS = rows({
    # Fault 934: a client secret that the token server does not know -> exit 6, the cause told, nothing to the service
    "a wrong secret": ({}, dict(secrets=[b"another"]), 6, "the token server does not accept the credential"),
    "an unknown client": (dict(client_id="11111111-2222-4333-8444-555555555555"), {}, 6, "AADSTS700016"),
    "an unknown tenant": (dict(tenant="22222222-2222-4333-8444-555555555555"), {}, 6, "AADSTS90002"),
    "an unknown scope": (dict(scope="https://other.test/.default"), {}, 6, "AADSTS"),
    # Fault 935: an option for the token server that cannot be used -> refused, with the place; nothing is sent
    "a client id that is none": (dict(client_id="a/b"), {}, 2, "--client-id cannot be used from byte 1 on: this"),
    "an authority that is none": (dict(authority="10.0.2.2:1"), {}, 2, "--authority cannot be used from byte 7 on"),
    "a scope that is none": (dict(scope='"'), {}, 2, "--scope cannot be used from byte 0 on"),
}, "a wrong secret", "a client id that is none")

# What the storage may have in place of a secret, and what is said.
STORED = rows({
    # Fault 936: no secret in the storage, erased flash, or one that does not end -> refused, nothing is sent
    "nothing": (None, "there is no credential for --client-id in this device's storage"),
    "erased flash": (b"\xff" * 4096, "there is no credential for --client-id in this device's storage"),
    "zeros": (b"\0" * 64, "there is no credential for --client-id in this device's storage"),
    "no end": (b"x" * 4096 * (2 if BOARD != "lm3s6965evb" else 1), "has no NUL at its end"),
    # Fault 937: a secret of more than 1,024 bytes -> refused, without a byte of it
    "too long": (b"x" * 1025 + b"\0", "the stored client secret cannot be used from byte 1024 on: it is too long"),
}, "nothing", "erased flash", "no end")


class Tokens(TokenCase):
    # Fault 938: no token, but a client secret in the storage -> a token is got, several requests are closed with it on
    # one connection
    def test_a_token_is_got_and_requests_are_closed(self):
        for version in VERSIONS:
            with self.subTest(tls=version):
                service, authority = self.serve_both(version=version)
                for request in REQUESTS:
                    service.add(TENANT, request)
                console = self.get_and_close(service, authority, requests=REQUESTS)
                self.assertEqual(console.sentences, [closed(request) for request in REQUESTS])
                self.assertEqual(authority.counts[authority.path(TENANT)], 1)
                record, = service.finished(1)
                self.assertEqual(([exchange.status for exchange in record.exchanges], record.ended),
                                 ([204] * 5, "close_notify"))
                self.assertEqual(authority.finished(1)[0].ended, "close_notify")
                first, = re.findall(rf"connecting to {authority.name} for \S+, client-request-id (\S+)", console.text)
                self.assertEqual(re.findall(rf"connecting to {service.name} .* (\S+)", console.text), [first])

    @one_board_is_enough
    def test_the_servers_may_have_addresses(self):
        service, authority = self.serve_both()
        self.assertTold(self.get_and_close(service, authority, connect=HOST, authority_connect=HOST), 0)
        self.assertEqual(self.names.asked, [])

    # Fault 939: a token of as many characters as there is memory for -> used; of one more -> token_size, nothing is
    # sent to the service, and of it is nothing left
    def test_how_long_a_token_may_be(self):
        service, authority = self.serve_both()
        authority.token_length = TOKEN_MAX
        self.assertTold(self.get_and_close(service, authority), 0)
        for length in (TOKEN_MAX + 1, 3 * TOKEN_MAX):
            authority.token_length = length
            console = self.get_and_close(service, authority)
            self.assertTold(console, 1, "the token is longer than the memory for it")
        self.assertEqual(len(service.finished(1)), 1)

    # Fault 940: a token that fits, for a closing that then does not -> refused, with the size
    @one_board_is_enough
    def test_a_closing_that_does_not_fit_with_its_token(self):
        service, authority = self.serve_both()
        authority.token_length = TOKEN_MAX
        console = self.get_and_close(service, authority, actions="\x01" * ((REQUEST_MAX - TOKEN_MAX) // 6))
        self.assertTold(console, 2, "bytes, more than the buffer has")
        self.assertEqual(service.connections, [])

    # Fault 941: the service refuses a token that was got -> another one is got, once, and the rest closed with it
    def test_a_token_that_is_refused_is_renewed(self):
        refusal = after_request(http("401 Unauthorized", 'WWW-Authenticate: Bearer error="invalid_token"'))
        service, authority = self.serve_both(refusal)
        for request in REQUESTS[:2]:
            service.add(TENANT, request)
        console = self.get_and_close(service, authority, requests=REQUESTS[:2])
        self.assertEqual(console.sentences, [closed(request) for request in REQUESTS[:2]])
        self.assertEqual((len(authority.issued), len(service.finished(2))), (2, 2))
        service, authority = self.serve_both(refusal, refusal)
        self.assertTold(self.get_and_close(service, authority), 6, "the service does not accept the token")
        self.assertEqual(len(authority.issued), 2)

    def test_what_is_refused_is_told(self):
        for name, (changes, client, status, said) in REFUSALS.items():
            with self.subTest(name):
                service, authority = self.serve_both()
                authority.add_client(TENANT, CLIENT, **(client or {"secrets": [SECRET.encode()]}))
                self.assertTold(self.get_and_close(service, authority, **changes), status, said)
                self.assertEqual(service.connections, [])

    def test_what_is_stored_is_no_secret(self):
        for name, (stored, said) in STORED.items():
            with self.subTest(name):
                service, authority = self.serve_both()
                if stored is None:
                    self.device.secret.unlink()
                else:
                    self.device.secret.write_bytes(stored)
                self.assertTold(self.get_and_close(service, authority), 2, said)
                self.assertEqual(service.connections + authority.connections, [])

    # Fault 942: a response of the token server with the secret in it -> covered
    @one_board_is_enough
    def test_a_secret_that_is_said_back(self):
        body = '{"error":"invalid_client","error_description":"Not %s."}' % SECRET
        service, authority = self.serve_both(token_scripts=(after_request(http("401 No", body=body)),))
        self.assertTold(self.get_and_close(service, authority), 6, "invalid_client: Not ***")


class Retries(TokenCase):
    # Fault 943: a service, or a token server, that is busy -> tried again with the same token, not before the time
    # that it asks for
    def test_what_passes_is_tried_again(self):
        for name, (scripts, token_scripts, tokens) in {"the service": ((BUSY, BUSY), (), 1),
                                                       "the token server": ((), (BUSY, BUSY), 1)}.items():
            with self.subTest(name):
                service, authority = self.serve_both(*scripts, token_scripts=token_scripts)
                console = self.get_and_close(service, authority, retry=2)
                self.assertTold(console, 0)
                self.assertEqual((len(authority.issued), console.text.count(" failed: ")), (tokens, 2))
                self.assertGreaterEqual(min(console.numbers("the next one in")), 1000)

    def test_tries_end(self):
        service, authority = self.serve_both(BUSY, BUSY)
        self.assertTold(self.get_and_close(service, authority, retry=1), 7, "(503); try again in ")
        self.assertEqual(len(service.connections), 2)
        service, authority = self.serve_both(after_request(http("503 Busy", "Retry-After: 60")))
        console = self.get_and_close(service, authority, retry=9, retry_max_time=30)
        self.assertTold(console, 7, "(503); try again in ")
        self.assertTrue(60 <= int(re.search(r"try again in (\d+) s", console.text)[1]) <= 90, console.text)
        self.assertEqual(len(service.connections), 1)

    # Fault 944: a try whose answer was lost, though the service acted -> the next one finds it done: closed, exit 0
    def test_an_earlier_try_has_closed_it(self):
        service, authority = self.serve_both([["handshake"], ["read-request"], ["carry-out"], ["reset"]])
        self.assertTold(self.get_and_close(service, authority, retry=1), 0, ", by an earlier try, whose response was")


class Keys(TokenCase):
    if HAS_KEY:
        def serve_certificate(self, *key_options: str, variant: str = "good", with_key_of: str = "good"):
            """The device has the certificate of that variant of servers, which here is a client's."""
            certificate, key = PKI.chain(variant)[0], PKI.chain(with_key_of)[1]
            self.device.secret.write_bytes(in_der("x509", "-in", certificate) + in_der("rsa", "-in", key, *key_options))
            service, authority = self.serve_both()
            authority.add_client(TENANT, CLIENT, certificates=[certificate])
            return service, authority

        # Fault 948: a certificate and its key in the storage, of PKCS #8 or PKCS #1 -> a token is got, the closing made
        def test_a_token_is_got_with_a_certificate(self):
            for key_options in ((), ("-traditional",)):
                with self.subTest(key_options):
                    service, authority = self.serve_certificate(*key_options)
                    console = self.get_and_close(service, authority)
                    self.assertTold(console, 0)
                    self.assertEqual(len(console.numbers("signature:")), 1)
                    self.assertEqual((len(authority.issued), service.problems, authority.problems), (1, [], []))

        # Fault 949: the key of another certificate, or a certificate without a key -> told, and nothing is sent
        def test_a_key_that_is_not_the_certificates(self):
            service, authority = self.serve_certificate(with_key_of="client-usage")
            self.assertTold(self.get_and_close(service, authority), 2, "check that the key belongs to the certificate")
            self.device.secret.write_bytes(in_der("x509", "-in", PKI.chain("good")[0]))
            self.assertTold(self.get_and_close(service, authority), 2, "has a certificate, but no key after it")
            self.assertEqual(service.connections + authority.connections, [])

        # Fault 951: a key without the numbers for the Chinese remainder theorem -> refused, nothing sent
        # (RFC 8017, A.1.2)
        def test_a_key_that_is_not_whole(self):
            service, authority = self.serve_certificate()
            certificate, key = PKI.chain("good")
            numbers = elements(inside(in_der("rsa", "-in", key, "-traditional")))
            numbers[6:] = [b"\x02\x01\x00"] * 3
            self.device.secret.write_bytes(in_der("x509", "-in", certificate) + der(SEQUENCE, b"".join(numbers)))
            console = self.get_and_close(service, authority)
            self.assertTold(console, 2, "the stored key cannot be used: ")
            self.assertEqual(service.connections + authority.connections, [])

        # Fault 950: a clock that the token server does not accept -> exit 9; the time is asked for anew before the next
        # try, and before the next closing
        def test_a_clock_that_is_wrong(self):
            ahead = dict(offset_s=7200, recovers=True)
            service, authority = self.serve_certificate()
            self.assertTold(self.get_and_close(service, authority, clock=dict(offset_s=7200)), 9,
                            "set the clock, then try again")
            self.assertTold(self.get_and_close(service, authority, clock=ahead, retry=1), 0)
            console = self.get_and_close(service, authority, clock=ahead, requests=[REQUEST] * 2)
            self.assertIn("was closed already", console.sentences[1])


class Proxies(TokenCase):
    if HAS_PROXY:
        def proxy(self, *scripts: list) -> ScriptedProxy:
            proxy = ScriptedProxy()
            for script in scripts:
                proxy.script(script)
            proxy.__enter__()
            self.addCleanup(self.end, proxy, bool(scripts))
            return proxy

        # Fault 946: a device that reaches nothing but a proxy -> token and closings through it, of which it reads
        # neither; and it is asked for no name
        def test_all_goes_through_the_proxy(self):
            for version in VERSIONS:
                with self.subTest(tls=version):
                    proxy = self.proxy()
                    service, authority = self.serve_both(version=version)
                    for request in REQUESTS[:3]:
                        service.add(TENANT, request)
                    console = self.get_and_close(service, authority, requests=REQUESTS[:3], names={},
                                                 proxy=f"{HOST}:{proxy.port}")
                    self.assertEqual(console.sentences, [closed(request) for request in REQUESTS[:3]])
                    self.assertEqual(proxy.counts, {server.authority: 1 for server in (authority, service)})
                    self.assertNoToken(proxy.received, authority.issued[0])
                    self.assertNotIn(CLIENT.encode(), proxy.received)
                    self.assertEqual(self.names.asked, [])

        # Fault 947: a proxy that refuses, cannot reach the host, or is not there -> told as the proxy's, with its
        # address; nothing is sent
        def test_what_the_proxy_refuses(self):
            for status, said in {"403 No": "the proxy refuses to open this connection (status 403)",
                                 "407 Who": "(status 407)", "502 Gone": "(status 502)"}.items():
                with self.subTest(status):
                    proxy = self.proxy([["handshake"], ["read-request"], ["send", http(status)], ["close"]])
                    service, authority = self.serve_both()
                    console = self.get_and_close(service, authority, names={}, proxy=f"{HOST}:{proxy.port}")
                    self.assertTold(console, console.status, said,
                                    f"(the proxy {HOST} port {proxy.port}, on the way to {authority.name})")
                    self.assertEqual(service.connections + authority.connections, [])


if __name__ == "__main__":
    unittest.main()
