# SPDX-License-Identifier: MIT
"""Closings with a token that the command gets with a certificate: keys as OpenSSL writes them, programs that sign, and
what comes of keys, certificates and signatures that cannot be used. The token server verifies with OpenSSL."""
import json
import subprocess
import unittest
from pathlib import Path
from typing import Any, Dict, Tuple

from assertion import decode
from fetching import CLIENT, FetchingCase
from harness import PKI, TENANT, Result
from pki import P256, RSA_1024, RSA_2048, RSA_4096

SIGN = "openssl pkeyutl -sign -inkey {key} -pkeyopt digest:sha256 -pkeyopt rsa_padding_mode:pss -pkeyopt " \
       "rsa_pss_saltlen:{salt} -pkeyopt rsa_mgf1_md:sha256"
RSA = bytes.fromhex("06092a864886f70d010101")  # rsaEncryption (RFC 8017, A.1)
KINDS = {"RSA-2048": RSA_2048, "RSA-4096": RSA_4096, "RSA-1024": RSA_1024, "P-256": P256, "other": RSA_2048}


def make(kind: str) -> Tuple[str, str]:
    """A key and its certificate, as PEM; made once for a run of the tests."""
    stem = PKI.folder / f"client-{kind}"
    key, certificate = stem.with_suffix(".key"), stem.with_suffix(".pem")
    if not certificate.exists():
        subprocess.run(["openssl", "genpkey", *KINDS[kind], "-out", key], check=True, stderr=subprocess.DEVNULL)
        subprocess.run(["openssl", "req", "-x509", "-new", "-key", key, "-subj", f"/CN={kind}", "-days", "30", "-out",
                        certificate.with_suffix(".part")], check=True, stderr=subprocess.DEVNULL)
        certificate.with_suffix(".part").replace(certificate)
    return str(key), str(certificate)


def converted(*arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


class KeyCase(FetchingCase):
    def setUp(self) -> None:
        super().setUp()
        self.use("RSA-2048")

    def use(self, kind: str) -> None:
        """The token server knows this certificate."""
        self.key, self.certificate = make(kind)
        self.authority.add_client(TENANT, CLIENT, certificates=[self.certificate])
        self.also_secret.append(Path(self.key).read_bytes().splitlines()[3])

    def credential(self) -> Dict[str, Any]:
        return {"certificate": self.certificate, "key_file": self.key}

    def program(self, text: str) -> str:
        return self.file("program", f"#!/bin/sh\n{text}\n".encode(), 0o700)

    def sign(self, text: str, *more: str, **changes: Any) -> Result:
        return self.fetch(*more, key_file=None, sign_command=self.program(text), **changes)

    def assertNotSent(self, result: Result, status: int, error: str, sentence: str) -> None:
        self.assertEqual(result.status, status, result.said)
        self.assertSays(result, error=error, delivery="not_sent")
        self.assertRegex(result.json["sentence"], sentence)
        self.assertEqual((self.authority.connections, self.service.connections), ([], []))


class KeyFiles(KeyCase):
    # Fault 972: a key of RSA-2048 or 4096, as PKCS #1 or #8, its certificate in PEM or DER -> an assertion that OpenSSL
    # verifies, with the claims of RFC 7523, a new one for each token
    def test_kinds_of_keys(self):
        for kind in ("RSA-2048", "RSA-4096"):
            self.use(kind)
            older = self.file("1.key", converted("rsa", "-in", self.key, "-traditional"))
            keys = {"PKCS #8": self.key, "PKCS #1": older,
                    "with CR LF": self.file("crlf.key", Path(self.key).read_bytes().replace(b"\n", b"\r\n"))}
            der = self.file("certificate.der", converted("x509", "-in", self.certificate, "-outform", "DER"))
            for name, key in keys.items():
                for certificate in (self.certificate, der):
                    with self.subTest(kind, key=name, certificate=certificate):
                        self.assertClosed(self.fetch(key_file=key, certificate=certificate))
        self.assertEqual(len(self.authority.issued), 12)

    def test_the_assertion(self):
        for _ in range(2):
            self.assertClosed(self.fetch())
        claims = []
        for record in self.authority.finished(2):
            members = dict(each.split(b"=", 1) for each in record.request.partition(b"\r\n\r\n")[2].split(b"&"))
            self.assertEqual(set(members), {b"grant_type", b"client_id", b"scope", b"client_assertion_type",
                                            b"client_assertion"})
            claims.append(json.loads(decode(members[b"client_assertion"].split(b".")[1], "payload")))
        first, second = claims
        self.assertNotEqual(first["jti"], second["jti"])
        self.assertEqual(first["aud"], f"https://{self.authority.authority}{self.authority.path(TENANT)}")
        self.assertEqual((first["iss"], first["sub"], first["exp"] - first["nbf"]), (CLIENT, CLIENT, 600))

    def test_several_certificates_in_a_file(self):
        """The first is the key's; as a chain, and behind the key, as some keep both in one file."""
        own, other = (Path(make(kind)[1]).read_bytes() for kind in ("RSA-2048", "other"))
        self.assertClosed(self.fetch(certificate=self.file("chain", own + other)))
        both = self.file("both", Path(self.key).read_bytes() + own)
        self.assertClosed(self.fetch(certificate=both, key_file=both))
        self.authority.counts.clear()
        result = self.fetch(certificate=self.file("chain", other + own))
        self.assertSays(result, exit=2, error="sign_key")

    # Fault 973: a key that is another certificate's -> sign_key, exit 2, before anything is sent
    def test_the_key_of_another_certificate(self):
        for key, certificate in (("other", "RSA-2048"), ("RSA-4096", "RSA-2048"), ("RSA-2048", "RSA-4096")):
            result = self.fetch(key_file=make(key)[0], certificate=make(certificate)[1])
            self.assertNotSent(result, 2, "sign_key", "was not closed .*: nothing was sent: the signature is not by "
                               r"the certificate's key; check that the key belongs to the certificate\.\Z")
            self.assertSays(result, outcome="usage", stage="token_server", cause="token", attempts=1)

    # Fault 974: a key or certificate that is not RSA of 2048 to 4096 bits, encrypted, not there or something else ->
    # usage, the option named, nothing sent
    def test_what_cannot_be_used(self):
        small, elliptic = make("RSA-1024"), make("P-256")
        encrypted = self.file("encrypted", converted("pkcs8", "-topk8", "-in", self.key, "-passout", "pass:x"))
        legacy = self.file("legacy", converted("rsa", "-in", self.key, "-aes128", "-passout", "pass:x", "-traditional"))
        sec1 = self.file("sec1", converted("ec", "-in", elliptic[0]))
        certificate = converted("x509", "-in", self.certificate, "-outform", "DER")
        der = self.file("der", converted("pkey", "-in", self.key, "-outform", "DER"))
        kind = "the {} of the file '/.*' of --{} cannot be used; give one that is RSA, of 2048 to 4096 bits"
        no_key = "no RSA key in PEM in the file '/.*' of --key-file, or it is encrypted; give one that is not"
        no_certificate = "there is no certificate in the file '/.*' of --certificate; give one in PEM or DER"
        for name, changes, sentence in (
                ("RSA-1024", {"key_file": small[0], "certificate": small[1]}, kind.format("key", "key-file")),
                ("P-256", {"key_file": elliptic[0], "certificate": elliptic[1]}, kind.format("key", "key-file")),
                ("key of P-256", {"key_file": elliptic[0]}, kind.format("key", "key-file")),
                ("certificate of P-256", {"certificate": elliptic[1]}, kind.format("certificate", "certificate")),
                ("certificate of RSA-1024", {"certificate": small[1]}, kind.format("certificate", "certificate")),
                ("EC PRIVATE KEY", {"key_file": sec1}, no_key),
                ("encrypted", {"key_file": encrypted}, no_key), ("legacy", {"key_file": legacy}, no_key),
                ("key in DER", {"key_file": der}, no_key), ("no key", {"key_file": self.file("e", b"")}, no_key),
                ("a certificate as the key", {"key_file": self.file("c", Path(self.certificate).read_bytes())}, no_key),
                ("no certificate", {"certificate": self.file("empty", b"")}, no_certificate),
                ("a key as the certificate", {"certificate": self.key}, no_certificate),
                ("not DER", {"certificate": self.file("zeros", b"\0" * 100)}, no_certificate),
                ("another kind of key", {"certificate": self.file("damaged", certificate.replace(RSA, RSA[:-1] + b"\x7f"))},
                 kind.format("certificate", "certificate")),
                ("missing key", {"key_file": self.folder / "none"},
                 rf"cannot read the key, the file '{self.folder}/none' of --key-file: No such file"),
                ("missing certificate", {"certificate": self.folder / "none"},
                 rf"cannot read the certificate, the file '{self.folder}/none' of --certificate: No such file")):
            with self.subTest(name):
                self.assertNotSent(self.fetch(**changes), 2, "input", sentence)

    # Fault 968
    def test_a_key_that_others_can_read(self):
        key = self.file("open", Path(self.key).read_bytes(), 0o640 | 0o004)
        self.assertNotSent(self.fetch(key_file=key), 2, "input", f"other users may read the file '{key}' of "
                           "--key-file, so they may know the key; get a new one, and make the file private with chmod 600")

    def test_dry_run_does_not_sign(self):
        program = self.program(f"touch {self.folder}/ran")
        for changes in ({}, {"key_file": None, "sign_command": program}):
            done = self.run_command(*self.options(ca_file=None, **changes), "--dry-run")
            self.assertEqual((done.status, done.err), (0, ""))
            self.assertIn(b"Authorization: Bearer <token>\r\n", done.out)
        self.assertEqual(self.authority.connections, [])
        self.assertFalse((self.folder / "ran").exists())

    def test_assertions_of_a_clock_that_is_off(self):
        """The token server's clock is what differs; that is not the certificate's fault."""
        for seconds in (-700, 700):
            self.authority.clock = seconds
            result = self.fetch()
            self.assertSays(result, exit=9, error="clock_skew", code="invalid_client", stage="token_server")
            self.assertRegex(result.json["sentence"], "the clock differs from the token server's by more than five "
                             r"minutes \(401 invalid_client: AADSTS700024: .*\); set the clock, then try again\.")

    def test_a_certificate_that_is_not_registered(self):
        self.authority.add_client(TENANT, CLIENT, certificates=[make("other")[1]])
        self.assertSays(self.fetch(), exit=6, error="token_refused", status=401, code="invalid_client")

    def test_a_401_gets_another_assertion(self):
        service = self.serve([["handshake"], ["read-request"], ["send", "HTTP/1.1 401 X\r\n\r\n"], ["close"]])
        server = self.serve_tokens(service)
        server.add_client(TENANT, CLIENT, certificates=[self.certificate])
        self.assertSays(self.fetch(authority=server, port=service.port), exit=0, attempts=1)
        self.assertEqual(len(server.issued), 2)


class SignCommands(KeyCase):
    # Fault 975: a program signs the digest that it reads -> as with the key; what it prints otherwise -> not sent
    def test_a_program_signs(self):
        self.assertClosed(self.sign(SIGN.format(key=self.key, salt=32)))
        self.use("RSA-4096")
        self.assertClosed(self.sign(SIGN.format(key=self.key, salt=32)))

    def test_arguments_with_quotes(self):
        words = SIGN.format(key=f'"{self.key}"', salt=32)
        self.assertClosed(self.fetch(key_file=None, sign_command="/usr/bin/" + words.replace("pss", "'pss'")))

    # Fault 976: a signature with another salt -> sign_salt, exit 2; none, of another length or key -> sign_key
    def test_signatures_that_are_not_right(self):
        for name, text, error, sentence in (
                ("no salt", SIGN.format(key=self.key, salt=0), "sign_salt", "its salt is"),
                ("the longest salt", SIGN.format(key=self.key, salt="max"), "sign_salt", "its salt is"),
                ("PKCS #1 v1.5", f"openssl pkeyutl -sign -inkey {self.key} -pkeyopt digest:sha256", "sign_key", ""),
                ("another key", SIGN.format(key=make("other")[0], salt=32), "sign_key", ""),
                ("a longer key", SIGN.format(key=make("RSA-4096")[0], salt=32), "sign_key", ""),
                ("a byte less", f"{SIGN.format(key=self.key, salt=32)} | head -c 255", "sign_key", ""),
                ("a line end", f"{SIGN.format(key=self.key, salt=32)}; echo", "sign_key", ""),
                ("in base64", f"{SIGN.format(key=self.key, salt=32)} | base64", "sign_key", ""),
                ("garbage", "head -c 256 /dev/zero", "sign_key", "")):
            with self.subTest(name):
                result = self.sign(text)
                self.assertNotSent(result, 2, error, "check that the key belongs to the certificate"
                                   if error == "sign_key" else "have it signed with a salt as long as the hash")
                self.assertSays(result, outcome="usage", stage="token_server", attempts=1)

    # Fault 977: the program that signs fails, prints nothing or too much, hangs or is not there -> no token, exit 10
    def test_programs_that_fail(self):
        for name, text, sentence in (
                ("exit 1", "echo 'no PIN' >&2; exit 1", "failed with exit status 1: no PIN; run it by hand"),
                ("nothing", "true", "printed nothing, though its exit status is 0; check it"),
                ("too much", "head -c 513 /dev/zero", "printed more than 512 bytes; check what it prints"),
                ("a signal", "kill -9 $$", r"was killed by signal 9 \(Killed\); check it"),
                ("it hangs", "sleep 30",
                 "did not end within the time allowed, and was killed; check what it waits for")):
            with self.subTest(name):
                result = self.sign(text, timeout=1 if name == "it hangs" else 20)
                self.assertNotSent(result, 10, "sign", r"\Athe program of --sign-command, /.*/program, " + sentence)
                self.assertSays(result, outcome="no_token", stage="token_server", attempts=1, cause="device")
        result = self.fetch(key_file=None, sign_command="/no/such/program")
        self.assertNotSent(result, 10, "sign",
                           "cannot run the program of --sign-command, /no/such/program: No such file")
        result = self.fetch(key_file=None, sign_command="program")
        self.assertNotSent(result, 2, "input", "--sign-command takes a program with its arguments")

    def test_it_may_pass(self):
        once = f"if [ ! -e {self.folder}/ran ]; then touch {self.folder}/ran; exit 1; fi\n"
        result = self.sign(once + SIGN.format(key=self.key, salt=32), "--retry", "1")
        self.assertSays(result, exit=0, attempts=2, error="ok")

    def test_its_error_output_is_shown(self):
        done = self.run_command(*self.options(key_file=None, sign_command=self.program(
            "echo 'touch the key' >&2\n" + SIGN.format(key=self.key, salt=32))), "--verbose")
        self.assertEqual(done.status, 0)
        self.assertIn(f"mmdclose: {self.folder}/program: touch the key\n", done.err)


if __name__ == "__main__":
    unittest.main()
