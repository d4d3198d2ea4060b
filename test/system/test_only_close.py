# SPDX-License-Identifier: MIT
"""ONLY=close: the command that closes, with a token that is in a file, and does nothing else."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import harness
from harness import ACTIONS, PKI, REQUEST, TENANT, Case, Tls, after_request, http

ROOT = Path(__file__).resolve().parents[2]
# What a make that runs this was told.
OURS = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "BUILD", "BOARD", "CC", "AR", "CFLAGS", "CPPFLAGS", "LDFLAGS")
OPTIONS = {"tenant", "request", "actions", "actions-file", "token-file", "host", "port", "connect", "ca-file", "timeout",
           "retry", "retry-max-time", "client-request-id", "already-closed-ok", "json", "verbose", "dry-run", "config",
           "no-config", "help"}
GONE = ("token", "trust", "doctor", "config", "queue", "queue add")


class OnlyClose(Case):
    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.mkdtemp(prefix="mmdclose-only-")
        cls.addClassCleanup(shutil.rmtree, folder)
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        cls.installed = Path(folder, "installed")
        subprocess.run(["make", "-C", ROOT, "-j", str(os.cpu_count()), "DEPS=no", "CFLAGS=-O1", f"BUILD={folder}",
                        "ONLY=close", f"DESTDIR={cls.installed}", "PREFIX=/usr", "install-strip"],
                       check=True, stdout=subprocess.PIPE, env=environment)
        harness.COMMAND[:] = [f"{folder}/mmdclose"]

    def test_what_is_installed(self):
        folders = {path.relative_to(self.installed).parts[1] for path in self.installed.rglob("*") if path.is_file()}
        self.assertEqual(folders, {"bin", "share"})
        self.assertEqual([path.name for path in (self.installed / "usr/bin").iterdir()], ["mmdclose"])

    def test_both_versions(self):
        for version in ("1.2", "1.3"):
            service = self.serve(tls=Tls(PKI, maximum=version))
            self.assertSays(self.close(service), outcome="closed", attempts=1)
            self.assertEqual(service.actions(TENANT, REQUEST), ACTIONS)

    def test_a_server_that_is_not_the_service(self):
        for variant in ("expired", "wrong-name"):
            self.assertSays(self.close(self.serve([["handshake"]], tls=Tls(PKI, variant))), outcome="not_verified")

    def test_trying_again(self):
        service = self.serve(after_request(http("503 Service Unavailable")))
        self.assertSays(self.close(service, "--retry", "1"), outcome="closed", attempts=2)

    def test_a_refused_token(self):
        service = self.serve(after_request(http("401 Unauthorized", 'WWW-Authenticate: Bearer error="invalid_token"')))
        self.assertSays(self.close(service), outcome="not_authorised", status=401)

    # Fault 1185: a proxy in the environment, which this build has no code for -> not asked
    def test_a_proxy_in_the_environment(self):
        environment = {**os.environ, "https_proxy": "http://127.0.0.1:1", "NO_PROXY": ""}
        result = self.run_command(*self.arguments(self.serve()), "--json", env=environment)
        self.assertSays(result, outcome="closed")

    def test_what_it_has(self):
        help_text = self.run_unchecked("close", "--help").out.decode()
        self.assertEqual(set(re.findall(r"^  --([a-z-]+)", help_text, re.M)), OPTIONS)
        commands = self.run_unchecked("--help").out.decode().partition("commands:\n")[2].partition("\n\n")[0]
        self.assertEqual(commands.split()[0], "close")
        self.assertEqual(commands.count("\n"), 0)

    def test_another_word(self):
        for word in ("1", "Close", "close close"):
            done = subprocess.run(["make", "-n", "-C", ROOT, f"ONLY={word}"], stderr=subprocess.PIPE, text=True,
                                  stdout=subprocess.DEVNULL)
            self.assertIn(f"ONLY is close, or not given, not '{word}'", done.stderr)

    def test_its_name(self):
        self.assertRegex(self.run_unchecked("--version").out, rb"\Ammdclose [0-9.]+ \(ONLY=close\)\n\Z")

    def test_what_it_has_not(self):
        for name in GONE:
            result = self.run_unchecked(*name.split())
            self.assertEqual((result.status, result.err),
                             (2, "mmdclose: there is no such command; see 'mmdclose --help'.\n"), name)
        for option in ("--proxy", "--client-id", "--token-command", "--queue"):
            result = self.run_unchecked("close", option, "x")
            self.assertEqual(result.status, 2)
            self.assertIn(f"('{option}') is not a known option of 'close'", result.err)
        config = self.file("mmdclose.conf", b"queue-max = 5\n")
        result = self.run_unchecked("close", "--config", config, "--tenant", TENANT)
        self.assertEqual(result.status, 2)
        self.assertIn("'queue-max' is not a known name in this build (ONLY=close); see", result.err)
        result = self.run_unchecked("close", "--tenant", TENANT, "--request", REQUEST, "--actions", ACTIONS)
        self.assertEqual(result.err, "mmdclose: --token-file is missing; see 'mmdclose close --help'.\n")


if __name__ == "__main__":
    unittest.main()
