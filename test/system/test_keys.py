# SPDX-License-Identifier: MIT
"""Keys that never leave their owner: the command closes with a token that it gets by an assertion, signed by a PKCS #11
token (SoftHSM) or a TPM 2.0 (swtpm) with the scripts of examples/keys. Keys and certificates are made by the commands
of docs/keys.md. The token server verifies the assertions with OpenSSL."""
import subprocess
import unittest
from pathlib import Path
from typing import Any, Dict

from assertion import openssl, thumbprint
from fetching import CLIENT, FetchingCase
from harness import TENANT, Result
from key_owners import EXAMPLES, OWNERS, Owner, SoftHsm, SoftTpm, blocks, run_block

DIGEST = b"0123456789abcdef0123456789abcdef"
SALT = "--salt-len 32"

# What the owner does not sign: changes to the settings, and what is then said of it.
REFUSALS = {
    "PKCS #11": {
        "PIN": (dict(pin_file="wrong"), "key 01 of the token mmdclose: .*CKR_PIN_INCORRECT"),
        "no PIN": (dict(pin_file="/nowhere/pin"), "/nowhere/pin.*: No such file"),
        "key": (dict(id="02"), "key 02 of the token mmdclose: .*Private(?:/secret)? key not found"),
        "token": (dict(token="other"), "the token other: .*No slot with token named \"other\" found"),
        "module": (dict(module="/nowhere/module.so"), "the token mmdclose: .*Failed to load pkcs11 module"),
        "tool": (dict(tool="/nowhere/tool"), "the token mmdclose: .*/nowhere/tool: not found"),
    },
    "TPM": {
        "password": (dict(auth_file="wrong"), "key 0x81010001 of the TPM .*authorization failure"),
        "key": (dict(key="0x81010002"), "key 0x81010002 of the TPM .*handle is not correct"),
        "TPM": (dict(tcti="device:/nowhere/tpm"), "the TPM device:/nowhere/tpm: Could not load tcti"),
        "tool": (dict(tool="/nowhere/tool"), "the TPM .*/nowhere/tool: not found"),
    },
}


class Keys(FetchingCase):
    owner: Owner

    def own(self, kind: type) -> Owner:
        """With a key and its certificate, which the token server knows, until the test ends."""
        self.owner = kind(self.folder / kind.block)
        self.owner.__enter__()
        self.addCleanup(self.owner.__exit__)
        self.owner.make_key()
        self.authority.add_client(TENANT, CLIENT, certificates=[str(self.owner.certificate)])
        return self.owner

    def credential(self) -> Dict[str, Any]:
        return {"certificate": self.owner.certificate, "sign_command": self.owner.sign_command()}

    def fetch(self, *more: str, **changes: Any) -> Result:
        """What the script used is gone when it has ended, and no PIN is shown."""
        result = super().fetch(*more, **changes)
        self.assertEqual(list(self.owner.scratch.iterdir()), [])
        for secret in self.owner.secrets:
            self.assertNotIn(secret.encode(), result.out + result.err.encode())
        return result

    def assertNotSent(self, result: Result, status: int, error: str) -> None:
        self.assertEqual(result.status, status, result.said)
        self.assertSays(result, error=error, delivery="not_sent", stage="token_server")
        self.assertEqual((self.authority.received, self.service.connections), (b"", []))

    def sign(self, digest: bytes) -> "subprocess.CompletedProcess[bytes]":
        """The script without the command."""
        return subprocess.run(["sh", "-c", self.owner.sign_command()], input=digest, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, check=False)


class Closings(Keys):
    # Fault 1000: the key is in a PKCS #11 token or a TPM, which sign by examples/keys -> the token server takes each
    # assertion, and the request is closed (RFC 7518, 3.5)
    def test_closings(self):
        for name, kind in OWNERS.items():
            with self.subTest(name):
                self.own(kind)
                for _ in range(4):  # nothing is left in a TPM, which has memory for three objects
                    self.assertClosed(self.fetch())
        self.assertEqual(len(self.authority.issued), 8)

    def test_settings_by_the_environment(self):
        """Of a copy with settings of its own, which /usr/bin/env gives more: as one installs it."""
        owner = self.own(SoftHsm)
        text = (EXAMPLES / owner.script).read_text(encoding="ascii")
        for name in ("tool", "module", "pin_file"):
            old, = [line for line in text.splitlines() if line.startswith(f"{name}=")]
            text = text.replace(old, f"{name}='{owner.settings[name]}'")
        words = [f'"{name}={owner.settings[name]}"' for name in ("SOFTHSM2_CONF", "LD_LIBRARY_PATH")
                 if name in owner.settings]
        script = self.file("sign", text.encode(), 0o700)
        self.assertClosed(self.fetch(sign_command=f'/usr/bin/env {" ".join(words)} "{script}"'))

    def test_the_commands_of_the_page(self):
        """All blocks of commands are run by a test: those that make keys by the others."""
        owner = self.own(SoftTpm)
        shown = run_block("thumbprint", owner.folder, {"PATH": "/usr/bin:/bin"})
        self.assertTrue(shown.startswith(thumbprint(str(owner.certificate))), shown)
        text = openssl("x509", "-in", str(owner.certificate), "-noout", "-text").stdout.decode()
        self.assertIn("Version: 3 ", text)
        self.assertRegex(text, r"Key Usage: critical\n +Digital Signature\n")
        self.assertEqual(set(blocks()), {"file", "pkcs11", "tpm", "certificate", "thumbprint"})


class KeyInAFile(FetchingCase):
    def test_closing(self):
        """As docs/keys.md makes key and certificate."""
        run_block("file", self.folder, {"PATH": "/usr/bin:/bin"})
        certificate = self.folder / "certificate.pem"
        self.authority.add_client(TENANT, CLIENT, certificates=[str(certificate)])
        self.assertClosed(self.fetch(client_secret_file=None, certificate=certificate,
                                     key_file=self.folder / "key.pem"))


class Refusals(Keys):
    # Fault 1001: a PKCS #11 token signs with a salt of another length than the hash's -> sign_salt, exit 2, and the
    # assertion is not sent (RFC 7518, 3.5)
    def test_another_salt(self):
        owner = self.own(SoftHsm)
        text = (EXAMPLES / owner.script).read_text(encoding="ascii")
        self.assertIn(SALT, text)
        for salt in (20, 222):
            with self.subTest(salt):
                script = self.file("sign", text.replace(SALT, f"--salt-len {salt}").encode(), 0o700)
                result = self.fetch(sign_command=owner.sign_command(script))
                self.assertNotSent(result, 2, "sign_salt")
                self.assertIn("with a salt as long as the hash", result.said)

    # Fault 1002: the certificate of another key, of a PKCS #11 token or a TPM -> sign_key, exit 2, not sent
    def test_the_certificate_of_another_key(self):
        run_block("file", self.folder, {"PATH": "/usr/bin:/bin"})
        other = self.folder / "certificate.pem"
        for name, kind in OWNERS.items():
            with self.subTest(name):
                self.own(kind)
                self.authority.add_client(TENANT, CLIENT, certificates=[str(other)])
                result = self.fetch(certificate=other)
                self.assertNotSent(result, 2, "sign_key")
                self.assertIn("check that the key belongs to the certificate", result.said)

    # Fault 1003: a token or TPM refuses the PIN, has no such key, or is not there -> exit 10, and the sentence says
    # whose word it is, and what it was
    def test_what_an_owner_refuses(self):
        for name, kind in OWNERS.items():
            owner = self.own(kind)
            (owner.folder / "wrong").write_text("wrong", encoding="ascii")
            for what, (changes, said) in REFUSALS[name].items():
                with self.subTest(name, what=what):
                    changes = {key: owner.folder / text if text == "wrong" else text for key, text in changes.items()}
                    result = self.fetch(sign_command=owner.sign_command(**changes))
                    self.assertNotSent(result, 10, "sign")
                    self.assertRegex(result.json["sentence"], said)
                    self.assertIn("--sign-command", result.json["sentence"])
                    self.assertIn(owner.script, result.json["sentence"])

    # Fault 1004: the TPM goes away between two closings -> exit 10, and when it is there again the next one closes
    def test_a_tpm_that_goes_away(self):
        owner = self.own(SoftTpm)
        owner.stop()
        result = self.fetch()
        self.assertNotSent(result, 10, "sign")
        self.assertRegex(result.json["sentence"], f"of the TPM {owner.tcti}: Could not load tcti")
        owner.start()
        self.assertClosed(self.fetch())

    def test_digests_that_are_none(self):
        """Fault 1005: a script of examples/keys is given other than 32 bytes -> an error, no signature"""
        for name, kind in OWNERS.items():
            self.own(kind)
            self.assertEqual(len(self.sign(DIGEST).stdout), 256)
            for digest in (b"", DIGEST[:31], DIGEST + b"\n", DIGEST * 2):
                with self.subTest(name, length=len(digest)):
                    done = self.sign(digest)
                    self.assertEqual((done.returncode, done.stdout), (1, b""))
                    self.assertRegex(done.stderr, b"does not have 32 bytes")

    def test_the_secrets_are_in_no_argument(self):
        """Fault 1006: a PIN or a password for a key -> in no argument, which other users could see"""
        for name, kind in OWNERS.items():
            with self.subTest(name):
                owner = self.own(kind)
                seen = Path(owner.folder, "seen")
                spy = owner.folder / "spy"
                spy.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >'{seen}'\nexec '{owner.settings['tool']}' \"$@\"\n",
                               encoding="utf-8")
                spy.chmod(0o700)
                self.assertClosed(self.fetch(sign_command=owner.sign_command(tool=spy)))
                arguments = seen.read_text(encoding="utf-8")
                self.assertIn("digest", arguments)
                for secret in owner.secrets:
                    self.assertNotIn(secret, arguments)


if __name__ == "__main__":
    unittest.main()
