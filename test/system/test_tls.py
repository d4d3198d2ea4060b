# SPDX-License-Identifier: MIT
"""Whom the command trusts and what it speaks: certificates, versions, suites, groups, alerts, tickets, records."""
import os
import subprocess
import unittest
from pathlib import Path
from typing import Optional

from harness import PKI, Case, Tls, after_request, http

VERSIONS = ("1.2", "1.3")

BAD_CERTIFICATES = {
    # Fault 37: wrong host, unknown issuer, self-signed, expired -> distinct errors, nothing sent (RFC 5280, 6.1)
    "wrong-name": "cert_name",
    "expired": "cert_date",
    # Fault 37
    "self-signed": "cert_self_signed",
    "unknown-issuer": "cert_issuer",
    # Fault 258: the server does not send its intermediate -> that is told (RFC 8446, 4.4.2)
    "missing-intermediate": "cert_chain",
    # Fault 259: an RSA key of 1024 bits -> refused
    "weak-key": "cert",
    # Fault 260: a certificate for clients only -> refused (RFC 5280, 4.2.1.12)
    "client-usage": "cert",
    # Fault 261: an intermediate for mail and clients only -> refused
    "mail-authority": "cert",
    # Fault 262: an intermediate whose name constraints leave the host out -> refused (RFC 5280, 4.2.1.10)
    "constrained-authority": "cert",
    # Fault 439: a server's certificate as issuer, or one without basicConstraints -> refused (RFC 5280, 4.2.1.9)
    "leaf-issuer": "cert_chain",
    "unbound-issuer": "cert_chain",
    # Fault 440: an issuer that may not sign certificates -> refused (RFC 5280, 4.2.1.3)
    "unsigning-issuer": "cert_chain",
    # Fault 441: an intermediate below one that allows none -> refused (RFC 5280, 4.2.1.9)
    "too-deep-issuer": "cert_issuer",
    # Fault 442: a signature with SHA-1, on the server's certificate or on the intermediate -> refused (RFC 8446, 4.4.2.4)
    "sha1": "cert",
    "sha1-issuer": "cert",
    # Fault 443: a critical extension that is unknown, in either -> refused (RFC 5280, 4.2)
    "unknown-extension": "cert",
    "unknown-issuer-extension": "cert",
    # Fault 444: a key for revocation lists only -> refused (RFC 5280, 4.2.1.3)
    "list-usage": "cert",
    # Fault 445: the host in the common name, and another name or none beside it -> cert_name (RFC 9525, 2)
    "other-name": "cert_name",
    "common-name": "cert_name",
    # Fault 451: the host as a URI among the names -> cert_name (RFC 9525, 2)
    "uri-name": "cert_name",
    # Fault 452: an intermediate with an RSA exponent of more than 32 bits -> refused before it is computed with
    "exponent-of-33-bits": "cert",
    # Fault 446: "*" alone, or with a part of a label -> cert_name (RFC 9525, 6.3)
    "any-name": "cert_name",
    "part-of-name": "cert_name",
    # Fault 468: a server's certificate with a signature algorithm that is unknown here (SHA-224) -> cert
    "sha224": "cert",
    # Fault 469: an anchor that cannot be used: P-521, RSA-PSS, name constraints -> cert_anchor, not an unknown issuer
    "pss-root": "cert_anchor",
    "constrained-root": "cert_anchor",
}
# Fault 478: a self-signed certificate that is an anchor, but expired, for another host or clients only, or signed with
# SHA-1 -> refused for that
BAD_ANCHORS = {"self-signed-expired": "cert_date", "self-signed-other-name": "cert_name",
               "self-signed-for-clients": "cert", "self-signed-sha1": "cert"}

# Fault 447: no usage told, or any; the host by "*.test"; a stapled OCSP answer demanded -> accepted
# Fault 451
# Fault 452
# Fault 453: three intermediates -> accepted; four: on Linux, while a board's chain is bounded, and refuses
# Fault 481: a certificate with two hundred names -> accepted; on a board as far as its pool goes
UNUSUAL_CERTIFICATES = ("no-usage", "any-usage", "any-host", "must-staple", "uri-beside", "exponent-of-32-bits",
                        "authority-3", "authority-4", "many-names")

# For TLS 1.2; OpenSSL's names, the IANA's, and the certificate they need.
SUITES = {
    # Fault 263: each suite with forward secrecy and AEAD alone -> accepted, and told
    "ECDHE-RSA-AES128-GCM-SHA256": ("TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256", "good"),
    "ECDHE-RSA-AES256-GCM-SHA384": ("TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384", "good"),
    "ECDHE-RSA-CHACHA20-POLY1305": ("TLS-ECDHE-RSA-WITH-CHACHA20-POLY1305-SHA256", "good"),
    "ECDHE-ECDSA-AES128-GCM-SHA256": ("TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256", "p256"),
    "ECDHE-ECDSA-AES256-GCM-SHA384": ("TLS-ECDHE-ECDSA-WITH-AES-256-GCM-SHA384", "p384"),
    "ECDHE-ECDSA-CHACHA20-POLY1305": ("TLS-ECDHE-ECDSA-WITH-CHACHA20-POLY1305-SHA256", "p256"),
}
REFUSED_SUITES = {
    # Fault 264: a suite without forward secrecy, or with CBC, alone -> refused, with the alert (RFC 9325, 4.2)
    "AES256-GCM-SHA384": "without forward secrecy",
    "ECDHE-RSA-AES128-SHA256": "CBC",
}

# Fault 44: fatal alerts 40, 42, 48, 70, 112 -> the alert's number is told (RFC 8446, 6.2)
ALERTS = {40: "handshake_failure", 42: "bad_certificate", 48: "unknown_ca", 112: "unrecognized_name"}

# What a server that is none sends instead of its first message.
NOT_TLS = {
    # Fault 45: garbage or plain HTTP on the port -> TLS error
    "plain HTTP": ["send-raw", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"],
    "garbage": ["send-raw-hex", "a5" * 100],
    "SSH": ["send-raw", "SSH-2.0-OpenSSH_9.2\r\n"],
    # Fault 265: a record longer than any may be, as the first -> TLS error (RFC 8446, 5.1)
    "a record that is too long": ["send-raw-hex", "16 03 03 ff ff" + "00" * 1000],
}
SERVER_HELLO_1_1 = "16 03 02 00 2a  02 00 00 26  03 02" + "5a" * 32 + "00  c0 13  00"


class OnlyGroup:
    """openssl s_server with one group for the key exchange, which Python's ssl cannot be told for all. It answers what
    it is given on its standard input."""
    name = "mmdls.test"
    address = "127.0.0.1"

    def __init__(self, group: str, version: str, *options: str) -> None:
        chain, key = PKI.chain("good")
        self._server = subprocess.Popen(
            ["openssl", "s_server", "-accept", f"{self.address}:0", "-naccept", "1", "-groups", group,
             "-tls" + version.replace(".", "_"), "-cert", chain, "-cert_chain", chain, "-key", key, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def __enter__(self) -> "OnlyGroup":
        for line in self._server.stdout:
            if line.startswith(b"ACCEPT"):
                self.public_port = int(line.rsplit(b":", 1)[1])
                break
        self._server.stdin.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        self._server.stdin.flush()
        return self

    def __exit__(self, *_) -> None:
        self._server.kill()
        self._server.communicate()


def only(version: str, **options) -> Tls:
    return Tls(PKI, minimum=version, maximum=version, **options)


class Certificates(Case):
    def test_each_bad_certificate_has_its_error_and_nothing_is_sent(self):
        for version in VERSIONS:
            for variant, error in BAD_CERTIFICATES.items():
                with self.subTest(variant, tls=version):
                    service = self.serve(tls=only(version, variant=variant))
                    result = self.close(service, ca_file=PKI.ca_file(variant))
                    self.assertSays(result, outcome="not_verified", error=error, delivery="not_sent", status=0)
                    record, = service.finished(1)
                    self.assertEqual(record.request, b"")

    # Fault 469
    def test_a_curve_that_not_every_build_has(self):
        """P-521 is Mbed TLS's, but not in our configuration of it. The command knows what it can do."""
        listed = self.run_command("trust", "--ca-file", PKI.ca_file("p521-root")).out.decode()
        usable = "cannot be used here: its key is of a kind" not in listed
        self.assertEqual(usable, "MMDCLOSE_SYSTEM_MBEDTLS" in os.environ)
        for version in VERSIONS:
            result = self.close(self.serve(tls=only(version, variant="p521-root")), ca_file=PKI.ca_file("p521-root"))
            self.assertSays(result, error="ok" if usable else "cert_anchor")

    # Fault 39: RSA-2048, RSA-4096, P-256, P-384 chains -> accepted
    def test_good_certificates_of_every_kind(self):
        for version in VERSIONS:
            for variant in ("good", "p256", "p384", "rsa4096", *UNUSUAL_CERTIFICATES):
                with self.subTest(variant, tls=version):
                    service = self.serve(tls=only(version, variant=variant))
                    self.assertSays(self.close(service, ca_file=PKI.ca_file(variant)), outcome="closed")

    # Fault 257: a certificate that is not valid yet, by a clock that is not before the build -> the clock is to be set
    # (RFC 5280, 4.1.2.5)
    def test_a_certificate_that_is_not_valid_yet_is_the_clocks_matter(self):
        for version in VERSIONS:
            with self.subTest(tls=version):
                service = self.serve(tls=only(version, variant="not-yet-valid"))
                self.assertSays(self.close(service), outcome="clock_not_set", error="cert_future", delivery="not_sent")
                record, = service.finished(1)
                self.assertEqual(record.request, b"")

    # Fault 477: a self-signed server certificate that is itself an anchor -> accepted
    def test_a_self_signed_certificate_that_is_an_anchor(self):
        own = PKI.chain("self-signed")[0]
        both = self.file("ca.pem", Path(PKI.ca_file()).read_bytes() + Path(own).read_bytes())
        for version in VERSIONS:
            for name, ca_file in {"alone": own, "among others": both}.items():
                with self.subTest(name, tls=version):
                    service = self.serve(tls=only(version, variant="self-signed"))
                    self.assertSays(self.close(service, ca_file=ca_file), outcome="closed")

    def test_a_self_signed_certificate_that_is_an_anchor_is_verified_all_the_same(self):
        for version in VERSIONS:
            for variant, error in BAD_ANCHORS.items():
                with self.subTest(variant, tls=version):
                    service = self.serve(tls=only(version, variant=variant))
                    result = self.close(service, ca_file=PKI.chain(variant)[0])
                    self.assertSays(result, outcome="not_verified", error=error, delivery="not_sent")
                    record, = service.finished(1)
                    self.assertEqual(record.request, b"")

    # Fault 478
    def test_a_self_signed_certificate_of_an_anchors_name_is_not_the_anchor(self):
        service = self.serve(tls=Tls(PKI, variant="self-signed"))
        result = self.close(service, ca_file=PKI.chain("self-signed-sha1")[0])
        self.assertSays(result, outcome="not_verified", error="cert_self_signed", delivery="not_sent")

    # Fault 266: an address that is reached by another name than the certificate's -> refused (RFC 9525, 6.1)
    def test_the_name_to_connect_to_is_not_the_name_to_verify(self):
        service = self.serve()
        result = self.close(service, host="localhost", connect=None)
        self.assertSays(result, outcome="not_verified", error="cert_name", delivery="not_sent")

    def assertRefused(self, ca_file: Optional[str]) -> None:
        service = self.serve()
        self.assertSays(self.close(service, ca_file=ca_file), outcome="not_verified", error="cert_issuer",
                        delivery="not_sent", status=0)
        record, = service.finished(1)
        self.assertEqual(record.request, b"")

    # Fault 267: a good chain to a root that is not among the anchors -> unknown issuer, not sent
    def test_another_root_is_not_trusted(self):
        self.assertRefused(ca_file=PKI.ca_file("p256"))

    # Fault 267
    def test_without_a_ca_file_the_roots_of_the_system_are_trusted(self):
        self.assertRefused(ca_file=None)


class Handshakes(Case):
    # Fault 41: a TLS 1.1 server; 1.2-only and 1.3-only -> version error; accepted (RFC 8996)
    def test_versions(self):
        for minimum, maximum in (("1.2", "1.2"), ("1.3", "1.3"), ("1.2", "1.3")):
            with self.subTest(minimum=minimum, maximum=maximum):
                service = self.serve(tls=Tls(PKI, minimum=minimum, maximum=maximum))
                self.assertSays(self.close(service), outcome="closed", tls_version=f"TLSv{maximum}")

    # Fault 41
    def test_older_versions_are_refused(self):
        """One server refuses as it should, with an alert; the other goes on all the same."""
        for name, script in {"alert": [["handshake"]],
                             "hello": [["read-raw", 1], ["send-raw-hex", SERVER_HELLO_1_1]]}.items():
            with self.subTest(name):
                service = self.serve(script, tls=only("1.1"))
                self.assertSays(self.close(service), outcome="not_verified", error="tls_version", delivery="not_sent")
                record, = service.finished(1)
                self.assertEqual(record.request, b"")

    def test_name_and_protocol_are_offered(self):
        for version in VERSIONS:
            with self.subTest(tls=version):
                service = self.serve(tls=only(version))
                self.close(service)
                record, = service.finished(1)
                self.assertEqual(record.sni, service.name)
                self.assertIn(record.alpn, (None, ["http/1.1"]))

    def test_suites(self):
        for suite, (name, variant) in SUITES.items():
            with self.subTest(suite):
                service = self.serve(tls=only("1.2", ciphers=suite, variant=variant))
                result = self.close(service, ca_file=PKI.ca_file(variant))
                self.assertSays(result, outcome="closed", tls_suite=name)
                record, = service.finished(1)
                self.assertEqual(record.cipher, suite)

    def test_weak_suites_are_refused(self):
        for suite, reason in REFUSED_SUITES.items():
            with self.subTest(suite, reason=reason):
                service = self.serve(tls=only("1.2", ciphers=suite))
                self.assertSays(self.close(service), outcome="not_verified", error="tls", alert=40)

    # Fault 268: a server with one group alone, P-256, P-384 or X25519 -> accepted
    def test_groups(self):
        for version in VERSIONS:
            for group in ("P-256", "P-384", "X25519"):
                with self.subTest(group, tls=version), OnlyGroup(group, version) as server:
                    self.assertSays(self.close(server), outcome="closed")

    # Fault 489, by OpenSSL, which keeps no state then
    def test_cookies(self):
        for group in ("P-256", "X25519"):
            with self.subTest(group), OnlyGroup(group, "1.3", "-stateless") as server:
                self.assertSays(self.close(server), outcome="closed", tls_version="TLSv1.3")

    # Fault 393, Fault 394, by OpenSSL
    def test_a_server_that_demands_a_certificate_of_the_client(self):
        for version, alert in (("1.2", 40), ("1.3", 116)):
            with self.subTest(tls=version), OnlyGroup("X25519", version, "-Verify", "1") as server:
                self.assertSays(self.close(server), outcome="not_verified", error="client_cert", alert=alert)

    def test_alerts_are_told(self):
        for number, name in ALERTS.items():
            with self.subTest(name):
                service = self.serve([["read-raw", 1], ["send-raw-hex", f"15 03 03 00 02 02 {number:02x}"]])
                self.assertSays(self.close(service), outcome="not_verified", error="tls", delivery="not_sent",
                                alert=number)

    # Fault 44
    def test_the_alert_for_versions_is_told_as_such(self):
        service = self.serve([["read-raw", 1], ["send-raw-hex", "15 03 03 00 02 02 46"]])
        self.assertSays(self.close(service), outcome="not_verified", error="tls_version", alert=70)

    def test_what_is_not_tls(self):
        for name, answer in NOT_TLS.items():
            with self.subTest(name):
                service = self.serve([["read-raw", 1], answer])
                self.assertSays(self.close(service), outcome="not_verified", error="tls", delivery="not_sent", alert=0)


class Records(Case):
    # Fault 42: 0, 1, 2 tickets before the answer -> accepted (RFC 8446, 4.6.1)
    def test_tickets_before_the_answer(self):
        for version in VERSIONS:
            for tickets in (0, 1, 2, 5):
                with self.subTest(tls=version, tickets=tickets):
                    service = self.serve(tls=only(version, tickets=tickets))
                    self.assertSays(self.close(service), outcome="closed")

    # Fault 43: a 16 KiB record -> accepted (RFC 8446, 5.1)
    def test_records_of_16_kib(self):
        answer = http("400 Bad Request", body='{"error":{"code":"400","message":"%s"}}' % ("x" * 40000))
        records = [answer[at:at + 16384] for at in range(0, len(answer), 16384)]
        for version in VERSIONS:
            with self.subTest(tls=version):
                service = self.serve(after_request(*records), tls=only(version))
                self.assertSays(self.close(service), outcome="refused", error="status", status=400, code="400")

    # Fault 269: a damaged record in place of the answer -> maybe sent, not answered (RFC 8446, 5.2)
    def test_a_damaged_record_is_no_answer(self):
        for version in VERSIONS:
            with self.subTest(tls=version):
                service = self.serve([["handshake"], ["read-request"],
                                      ["send-raw-hex", "17 03 03 00 28" + "00" * 40], ["cut"]], tls=only(version))
                self.assertSays(self.close(service), outcome="try_later", error="tls", delivery="maybe_sent")


if __name__ == "__main__":
    unittest.main()
