# SPDX-License-Identifier: MIT
"""Keys that never leave their owner: a PKCS #11 token (SoftHSM) and a TPM 2.0 (swtpm) sign by the scripts of
examples/keys, with the commands of docs/keys.md. OpenSSL judges whether the signatures are PS256.

The programs are those that tools/deps.sh unpacked in the folder deps, or else those of the system.
"""
import hashlib
import os
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from typing import List

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples/keys"
LIMIT = 60.0  # seconds; a command that takes longer hangs
PIN = "a PIN that is nowhere shown"
DIGEST = hashlib.sha256(b"what is signed").digest()


def root(name: str) -> Path:
    """Where the files of a Debian package are."""
    folder = ROOT / "deps" / name
    return folder if folder.is_dir() else Path("/")


def libraries(*names: str) -> str:
    """For LD_LIBRARY_PATH: what was unpacked looks for its own there."""
    folders = [path for name in names if root(name) != Path("/")
               for pattern in ("usr/lib/*-linux-gnu", "usr/lib/*-linux-gnu/swtpm")
               for path in root(name).glob(pattern)]
    return ":".join(map(str, folders))


def openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                   timeout=LIMIT)


class Signer(unittest.TestCase):
    """A key's owner, its script and that script's settings."""
    script = ""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="mmdclose-keys-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.scratch = self.folder / "scratch"  # of the script
        self.scratch.mkdir()
        self.environment = {"PATH": "/usr/bin:/bin"}
        self.pin_file = self.folder / "pin"
        self.pin_file.write_text(PIN)
        self.settings = {}

    def run_tool(self, *words: object, check: bool = True) -> None:
        done = subprocess.run([*map(str, words)], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
        if check:
            self.assertEqual(done.returncode, 0, done.stdout.decode(errors="replace"))

    def sign(self, digest: bytes = DIGEST, **changes: object) -> subprocess.CompletedProcess:
        """As the command runs it: nearly nothing in the environment, 32 bytes in, the signature out."""
        file = self.folder / "settings"
        lines = [f"{name}='{value}'\nexport {name}\n" if name.isupper() else f"{name}='{value}'\n"
                 for name, value in {**self.settings, **changes}.items()]
        file.write_text("".join(lines))
        done = subprocess.run([EXAMPLES / self.script, file], input=digest, capture_output=True, timeout=LIMIT,
                              env={"PATH": "/usr/bin:/bin", "TMPDIR": str(self.scratch)})
        self.assertEqual(list(self.scratch.iterdir()), [])
        self.assertNotIn(PIN.encode(), done.stdout + done.stderr)
        return done

    def certificate(self, public_key: Path) -> Path:
        """For the public key, as docs/keys.md makes it."""
        throw_away, certificate = self.folder / "throw-away.key", self.folder / "certificate.pem"
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", throw_away)
        openssl("x509", "-new", "-force_pubkey", public_key, "-key", throw_away, "-subj", "/CN=device", "-days", 730,
                "-out", certificate)
        return certificate

    def expect_ps256(self, certificate: Path) -> None:
        """Of two signatures, since each has a salt of its own."""
        digest, file = self.folder / "digest", self.folder / "signature"
        digest.write_bytes(DIGEST)
        signatures = set()
        for _ in range(2):
            done = self.sign()
            self.assertEqual(done.returncode, 0, done.stderr)
            file.write_bytes(done.stdout)
            openssl("pkeyutl", "-verify", "-certin", "-inkey", certificate, "-in", digest, "-sigfile", file,
                    "-pkeyopt", "digest:sha256", "-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:32")
            signatures.add(done.stdout)
        self.assertEqual(len(signatures), 2)

    def expect_none(self, **arguments: object) -> None:
        done = self.sign(**arguments)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, b"")
        self.assertNotEqual(done.stderr, b"")

    def expect_no_other_length(self) -> None:
        for digest in (b"", DIGEST[:31], DIGEST + b"\n", DIGEST * 2):
            self.expect_none(digest=digest)


class Pkcs11(Signer):
    script = "sign-pkcs11"

    def setUp(self) -> None:
        super().setUp()
        softhsm = root("softhsm")
        (self.folder / "tokens").mkdir()
        config = self.folder / "softhsm2.conf"
        config.write_text(f"directories.tokendir = {self.folder}/tokens\nobjectstore.backend = file\n")
        found = {"SOFTHSM2_CONF": str(config), "LD_LIBRARY_PATH": libraries("softhsm")}
        self.environment.update(found)
        self.settings = {"tool": softhsm / "usr/bin/pkcs11-tool", "module": softhsm / "usr/lib/softhsm/libsofthsm2.so",
                         "token": "mmdclose", "id": "01", "pin_file": self.pin_file, **found}
        self.run_tool(softhsm / "usr/bin/softhsm2-util", "--module", self.settings["module"], "--init-token", "--free",
                      "--label", "mmdclose", "--pin", PIN, "--so-pin", "another one")
        self.pkcs11_tool("--login", "--pin", PIN, "--keypairgen", "--key-type", "rsa:2048", "--id", "01")

    def pkcs11_tool(self, *words: str) -> None:
        self.run_tool(self.settings["tool"], "--module", self.settings["module"], "--token-label", "mmdclose", *words)

    # Fault 810: a key in a PKCS #11 token signs by examples/keys/sign-pkcs11 -> PS256 to OpenSSL (RFC 7518, 3.5)
    def test_signature(self):
        self.pkcs11_tool("--read-object", "--type", "pubkey", "--id", "01", "-o", "public.der")
        public = self.folder / "public.pem"
        openssl("pkey", "-pubin", "-inform", "DER", "-in", self.folder / "public.der", "-out", public)
        self.expect_ps256(self.certificate(public))

    # Fault 811: the token or TPM has no such key, is not there, refuses the PIN; or there is no digest of 32 bytes ->
    # an error, no signature; the PIN is in no output
    def test_no_signature(self):
        wrong = self.folder / "wrong"
        wrong.write_text("not the PIN")
        self.expect_none(id="02")
        self.expect_none(token="other")
        self.expect_none(pin_file=wrong)
        self.expect_none(pin_file=self.folder / "missing")
        self.expect_none(module=self.folder / "missing.so")
        self.expect_no_other_length()


class Tpm(Signer):
    script = "sign-tpm"
    key = "0x81010001"

    def setUp(self) -> None:
        super().setUp()
        self.folder.joinpath("state").mkdir()
        self.tcti = f"swtpm:host=127.0.0.1,port={self.start()}"
        found = {"LD_LIBRARY_PATH": libraries("tpm2-tools")}
        self.environment.update(found, TPM2TOOLS_TCTI=self.tcti)
        self.settings = {"tool": root("tpm2-tools") / "usr/bin/tpm2_sign", "tcti": self.tcti, "key": self.key,
                         "auth_file": self.pin_file, **found}
        self.make_key()

    def start(self) -> int:
        """Starts the TPM; it takes two ports, one after the other, which another program may be faster to take."""
        for _ in range(20):
            with socket.create_server(("127.0.0.1", 0)) as chosen:
                port = chosen.getsockname()[1]
            if port < 65535 and self.start_at(port):
                return port
        raise RuntimeError("swtpm finds no free ports")

    def start_at(self, port: int) -> bool:
        ends_after = ["timeout", "--kill-after=5", "300"]  # also if this program can no longer end it
        flags = {"--tpmstate": f"dir={self.folder}/state", "--flags": "not-need-init,startup-clear",
                 "--server": f"type=tcp,port={port},bindaddr=127.0.0.1",
                 "--ctrl": f"type=tcp,port={port + 1},bindaddr=127.0.0.1"}
        words: List[str] = [word for pair in flags.items() for word in pair]
        process = subprocess.Popen([*ends_after, str(root("swtpm") / "usr/bin/swtpm"), "socket", "--tpm2", *words],
                                   env={**self.environment, "LD_LIBRARY_PATH": libraries("swtpm")},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + LIMIT
        while process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port + 1), timeout=LIMIT).close()
            except ConnectionRefusedError:
                time.sleep(0.01)
                continue
            self.addCleanup(self.end, process)
            return True
        self.end(process)
        return False

    @staticmethod
    def end(process: subprocess.Popen) -> None:
        process.terminate()  # timeout hands the signal on
        process.wait(LIMIT)

    def tpm2(self, name: str, *words: str) -> None:
        self.run_tool(root("tpm2-tools") / f"usr/bin/tpm2_{name}", *words)

    def make_key(self) -> None:
        """As docs/keys.md does. What each command leaves in the TPM is removed: it has no resource manager."""
        self.tpm2("createprimary", "-C", "o", "-c", "primary.ctx")
        self.tpm2("flushcontext", "-t")
        self.tpm2("create", "-C", "primary.ctx", "-G", "rsa2048:rsapss-sha256:null", "-p", f"file:{self.pin_file}",
                  "-a", "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign", "-u", "key.pub", "-r", "key.priv")
        self.tpm2("flushcontext", "-t")
        self.tpm2("load", "-C", "primary.ctx", "-u", "key.pub", "-r", "key.priv", "-c", "key.ctx")
        self.tpm2("flushcontext", "-t")
        self.tpm2("evictcontrol", "-C", "o", "-c", "key.ctx", self.key)
        self.tpm2("flushcontext", "-t")

    # Fault 812: a key in a TPM 2.0 signs by examples/keys/sign-tpm -> PS256 to OpenSSL (RFC 7518, 3.5)
    def test_signature(self):
        self.tpm2("readpublic", "-c", self.key, "-f", "pem", "-o", "public.pem")
        self.expect_ps256(self.certificate(self.folder / "public.pem"))

    # Fault 811
    def test_no_signature(self):
        wrong = self.folder / "wrong"
        wrong.write_text("not the password")
        self.expect_none(key="0x81010002")
        self.expect_none(tcti="swtpm:host=127.0.0.1,port=1")
        self.expect_none(auth_file=wrong)
        self.expect_no_other_length()


if __name__ == "__main__":
    unittest.main()
