# SPDX-License-Identifier: MIT
"""Closes a request through each TLS server, with TLS 1.2 and 1.3, RSA and ECDSA chains, and prints a table.

Of each it is checked that the request arrived once and right, that the version of TLS is the wanted one, that a second
closing is told as such, and that nothing arrives where the certificate is for another name.
"""
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

from harness import PKI, REQUEST, TENANT, TOKEN, Case  # noqa: E402
from servers import FRONT_ENDS, Front, environment, s_server  # noqa: E402

CHAINS = {"RSA": "good", "ECDSA": "p256"}
PATIENCE = 20  # seconds; far beyond what a server takes to start or to end
ROW = "{:10} {:8} {:6} {:46} {}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Interop(Case):
    def start(self, words: list, port: int, **options) -> subprocess.Popen:
        """A server until the test ends, once it listens."""
        process = subprocess.Popen([str(word) for word in words], env=environment(), stderr=subprocess.DEVNULL,
                                   **options)
        self.addCleanup(process.wait, PATIENCE)
        self.addCleanup(process.terminate)
        if "stdin" in options:  # it takes one connection only: it must not be a probe's
            self.wait_for_listener(port)
            return process
        deadline = time.monotonic() + PATIENCE
        while True:
            self.assertIsNone(process.poll(), f"{words[0]} ended")
            self.assertLess(time.monotonic(), deadline, f"{words[0]} does not listen")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return process
            time.sleep(0.02)

    def wait_for_listener(self, port: int) -> None:
        deadline = time.monotonic() + PATIENCE
        wanted = f"0100007F:{port:04X} 00000000:0000 0A"  # of /proc/net/tcp: listening
        while wanted not in Path("/proc/net/tcp").read_text():
            self.assertLess(time.monotonic(), deadline, "s_server does not listen")
            time.sleep(0.02)

    def front(self, version: str, variant: str, port: int, back: int) -> Front:
        chain, key = PKI.chain(variant)
        folder = self.folder / f"{version}-{variant}"
        folder.mkdir()
        return Front(folder, port, back, chain, key, version)

    def through(self, name: str) -> None:
        for version in ("1.2", "1.3"):
            for kind, variant in CHAINS.items():
                with self.subTest(name, tls=version, chain=kind):
                    service = self.serve(tls=None, public_port=free_port())
                    front = self.front(version, variant, service.public_port, service.port)
                    self.start(FRONT_ENDS[name](front), front.port)
                    ca_file = PKI.ca_file(variant)
                    first, again = (self.close(service, ca_file=ca_file) for _ in range(2))
                    self.assertSays(first, outcome="closed", status=204, tls_version=f"TLSv{version}")
                    self.assertSays(again, outcome="already_closed", status=400, code="400")
                    before = len(service.connections)
                    wrong = self.close(service, ca_file=ca_file, host="other.test")
                    self.assertSays(wrong, outcome="not_verified", error="cert_name", delivery="not_sent")
                    records = [record for record in service.finished(before) if record.request]
                    self.assertEqual(len(records), 2)
                    print(ROW.format(name, f"TLS {version}", kind, first.json["tls_suite"], "closed, closed already"))

    def test_s_server(self) -> None:
        """Which is no server of HTTP: here the test answers."""
        for version in ("1.2", "1.3"):
            for kind, variant in CHAINS.items():
                with self.subTest(tls=version, chain=kind):
                    service = self.serve(tls=None, public_port=free_port())
                    front = self.front(version, variant, service.public_port, service.port)
                    process = self.start(s_server(front), front.port, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                    process.stdin.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                    process.stdin.flush()
                    result = self.close(service, ca_file=PKI.ca_file(variant))
                    self.assertSays(result, outcome="closed", status=204, tls_version=f"TLSv{version}")
                    request = process.communicate(timeout=PATIENCE)[0]
                    target = f"PATCH /support/odata/v1/tenants/{TENANT}/elevationRequests/{REQUEST} HTTP/1.1\r\n"
                    self.assertTrue(request.startswith(target.encode()), request[:200])
                    self.assertEqual(request.count(TOKEN.encode()), 1)
                    print(ROW.format("s_server", f"TLS {version}", kind, result.json["tls_suite"], "closed"))


def add(name: str) -> None:
    method = f"test_{name.lower().replace('.', '_')}"
    setattr(Interop, method, lambda self: self.through(name))


def main() -> int:
    for name in FRONT_ENDS:
        add(name)
    print(ROW.format("server", "version", "chain", "suite", "outcome"))
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Interop)
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=0).run(suite)
    failed = len({str(test).split(" ")[0] for test, _ in result.failures + result.errors})
    print(f"{result.testsRun - failed} passed, {failed} failed")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
