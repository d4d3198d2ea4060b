# SPDX-License-Identifier: MIT
"""The bundle of SSL_CERT_FILE, which stands for the system's: it is searched, not decoded. What is wrong in it is told
where it matters: the server cannot be verified."""
import os
import re
import unittest
from pathlib import Path
from typing import Any

from fetching import FetchingCase
from harness import PKI, TENANT, Case, Result
from queueing import CLIENT, ENVIRONMENT, REQUESTS, SECRET, QueueCase
from tls import Tls

OTHER_TENANT = "7a1d0c3e-5b2f-4e8a-9c61-0d4f8b2e6a17"
ROOT = Path(PKI.ca_file()).read_bytes()
OTHER = Path(PKI.ca_file("unknown-issuer")).read_bytes()
SYSTEM = Path("/etc/ssl/certs/ca-certificates.crt").read_bytes()
LINES = OTHER.splitlines(keepends=True)
CORRUPT = b"".join([LINES[0], *LINES[2:]])  # good base64, damaged DER
TRUSTED = OTHER.replace(b" CERTIFICATE", b" TRUSTED CERTIFICATE")

# What is no certificate in a bundle, and the warning about it.
UNREADABLE = {
    "damaged": (CORRUPT, "1 cannot be read; the rest are used."),
    "no base64": (OTHER.replace(b"MII", b"M!I") * 2, "2 cannot be read; the rest are used."),
    "another label": (TRUSTED, "1 cannot be read (TRUSTED CERTIFICATE is not supported); the rest are used."),
}
# Of a server that no issuer vouches for: the error, and what the bundle has.
UNVERIFIED = {
    "unknown-issuer": ("cert_issuer", ROOT), "self-signed": ("cert_self_signed", ROOT),
    "missing-intermediate": ("cert_chain", ROOT), "p521-root": ("cert_anchor", Path(PKI.ca_file("p521-root")).read_bytes()),
}


class Bundles(Case):
    def closing(self, bundle: bytes, *more: str, variant: str = "good") -> Result:
        self.service = self.serve(tls=Tls(PKI, variant))
        return self.run_command(*self.arguments(self.service, ca_file=None), "--json", *more, **self.naming(bundle))

    def naming(self, bundle: bytes) -> Any:
        self.path = self.file("bundle.pem", bundle)
        return {"env": {**os.environ, "SSL_CERT_FILE": self.path}}

    def test_bundles_that_work(self):
        for name, bundle in {
                "only one": ROOT, "first": ROOT + SYSTEM, "last": SYSTEM + ROOT, "twice": ROOT + SYSTEM + ROOT,
                "CRLF": (SYSTEM + ROOT).replace(b"\n", b"\r\n"), "text around": b"Our root\n" + ROOT + b"\nThe end",
                "older label": ROOT.replace(b" CERTIFICATE", b" X509 CERTIFICATE"),
                "many": Path(PKI.ca_file("p256")).read_bytes() * 200 + ROOT * 200}.items():
            with self.subTest(name):
                result = self.closing(bundle)
                self.assertSays(result, outcome="closed")
                self.assertEqual(result.err, "")

    def test_the_servers_own_certificate(self):
        result = self.closing(SYSTEM + Path(PKI.chain("self-signed")[0]).read_bytes(), variant="self-signed")
        self.assertSays(result, outcome="closed")

    def test_what_cannot_be_read_is_told_by_verbose(self):
        for name, (bad, warning) in UNREADABLE.items():
            with self.subTest(name):
                result = self.closing(bad + ROOT)
                self.assertSays(result, outcome="closed")
                self.assertEqual(result.err, "")
                result = self.closing(bad + ROOT, "--verbose")
                self.assertSays(result, outcome="closed")
                self.assertEqual(result.err.count(f"warning: of the certificates in '{self.path}' {warning}\n"), 1)

    # Fault 40
    def test_what_cannot_be_read_is_told_where_no_issuer_is_found(self):
        for variant, (error, bundle) in UNVERIFIED.items():
            for name, (bad, warning) in UNREADABLE.items():
                with self.subTest(variant=variant, bad=name):
                    result = self.closing(bundle + bad, variant=variant)
                    self.assertSays(result, outcome="not_verified", error=error, delivery="not_sent")
                    self.assertEqual(result.err, f"mmdclose: warning: of the certificates in '{self.path}' {warning}\n")
            with self.subTest(variant=variant, bad="none"):
                result = self.closing(bundle, variant=variant)
                self.assertSays(result, outcome="not_verified", error=error, delivery="not_sent")
                self.assertEqual(result.err, "")

    def test_other_errors_are_not_about_the_bundle(self):
        result = self.closing(CORRUPT + ROOT, variant="expired")
        self.assertSays(result, error="cert_date")
        self.assertEqual(result.err, "")

    # Fault 40, Fault 214
    def test_bundles_that_are_refused(self):
        for name, bundle in {"empty": b"", "no certificates": b"none\n", "damaged": CORRUPT, "another label": TRUSTED,
                             "no base64": UNREADABLE["no base64"][0]}.items():
            with self.subTest(name):
                result = self.closing(bundle)
                self.assertSays(result, outcome="usage", error="trust", delivery="not_sent")
                kind = "of a supported kind (TRUSTED CERTIFICATE is not one) " if name == "another label" else ""
                self.assertIn(f"there is no certificate {kind}in '{self.path}', so no server can be verified",
                              result.json["sentence"])
                self.assertEqual(self.service.connections, [])

    def test_trust_lists_all(self):
        result = self.run_command("trust", **self.naming(CORRUPT + SYSTEM + ROOT))
        self.assertEqual(result.status, 0)
        self.assertIn("1 cannot be read", result.err)
        listed = re.findall(rb"(?m)^\d{4}-\d\d-\d\d ", result.out)
        self.assertEqual(len(listed), SYSTEM.count(b"-----BEGIN ") + 1)


class TokenServers(FetchingCase):
    def test_one_bundle_for_both_servers(self):
        env = {**os.environ, "SSL_CERT_FILE": self.file("bundle.pem", CORRUPT + SYSTEM + ROOT)}
        result = self.fetch(env=env, ca_file=None)
        self.assertClosed(result)
        self.assertEqual(result.err, "")

    def test_a_token_server_without_an_issuer(self):
        env = {**os.environ, "SSL_CERT_FILE": self.file("bundle.pem", CORRUPT + SYSTEM)}
        result = self.fetch(env=env, ca_file=None)
        self.assertSays(result, error="cert_issuer", stage="token_server")
        self.assertEqual(result.err.count("1 cannot be read"), 1)


class Flushes(QueueCase):
    def naming(self, bundle: bytes) -> Any:
        return {**ENVIRONMENT, "SSL_CERT_FILE": self.file("bundle.pem", bundle)}

    def test_all_connections_of_a_flush(self):
        """Of each tenant's token, and of the service's."""
        self.authority.add_client(TENANT, CLIENT, secrets=[SECRET]).tenants.add(OTHER_TENANT)
        for tenant in (TENANT, OTHER_TENANT):
            for request in REQUESTS[:2]:
                self.service.add(tenant, request)
                self.add(request, tenant=tenant)
        result = self.flush(env=self.naming(CORRUPT + SYSTEM + ROOT), ca_file=None, tenant=None,
                            tenants=f"{TENANT} {OTHER_TENANT}")
        self.assertEqual((result.status, self.events(result).count("closed")), (0, 4), result.err)
        self.assertNotIn("cannot be read", result.err)

    def test_a_flush_warns_once(self):
        self.add(REQUESTS[0])
        self.add(REQUESTS[1])
        result = self.flush(env=self.naming(CORRUPT + SYSTEM), ca_file=None)
        self.assertEqual(result.status, 8)
        self.assertEqual(result.err.count("1 cannot be read"), 1)


if __name__ == "__main__":
    unittest.main()
