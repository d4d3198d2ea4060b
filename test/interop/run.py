# SPDX-License-Identifier: MIT
"""Closes elevation requests through the TLS servers of others, with each version of TLS and two kinds of chains.
Prints a table, and ends with one line: N passed, M failed.

    MMDCLOSE=build/linux/mmdclose python3 test/interop/run.py [SERVER...]
"""
import signal
import sys
import unittest
from pathlib import Path
from typing import Callable, List

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))
from harness import ACTIONS, PKI, REQUEST, TENANT, Case, Result  # noqa: E402
from servers import SERVERS, Front, running, version_of  # noqa: E402
from unpacked import reserve_port  # noqa: E402

VERSIONS = ("1.2", "1.3")
CHAINS = {"RSA": "good", "ECDSA": "p256"}  # to variants of the PKI: a leaf and an intermediate
ROW = "{:8}  {:8}  {:4} {:6} {:11} {:>4}  {:45} {}"
ONE_CLOSING = {"s_server"}  # it is joined to one connection with the service


class Closing(Case):
    """A row of the table."""

    def __init__(self, server: str, version: str, chain: str, what: str) -> None:
        super().__init__()
        self.server, self.version, self.chain, self.what = server, version, chain, what
        self.exit = self.suite = "-"

    def __str__(self) -> str:
        return f"{self.server}, TLS {self.version}, {self.chain}, {self.what}"

    def runTest(self) -> None:
        holder = reserve_port()
        self.addCleanup(holder.close)
        port = holder.getsockname()[1]
        self.service = self.serve(tls=None, public_port=port)
        self.front = Front(port, self.service.port, self.version, *PKI.chain(CHAINS[self.chain]), self.folder)
        self.run_steps({"closing": [self.closing], "again": [self.closing, self.again],
                        "wrong name": [self.wrong_name]}[self.what])
        # The server has ended. That the service found nothing wrong in what came, Case looks at.
        received = [exchange for record in self.service.finished(1) for exchange in record.exchanges]
        self.assertEqual([(exchange.method, exchange.status) for exchange in received],
                         [("PATCH", 204), ("PATCH", 400)] if self.what == "again" else [("PATCH", 204)])

    def run_steps(self, steps: List[Callable[[], None]]) -> None:
        """With one server for all, or each with its own."""
        for some in [[step] for step in steps] if self.server in ONE_CLOSING else [steps]:
            with running(self.server, self.front) as server:
                try:
                    for step in some:
                        step()
                except AssertionError:
                    print(server.log, end="")
                    raise

    def run_one(self, **changes: str) -> Result:
        return self.close(self.service, ca_file=PKI.ca_file(CHAINS[self.chain]), **changes)

    def show(self, result: Result) -> Result:
        self.exit, self.suite = str(result.status), result.json["tls_suite"] or "-"
        return result

    def closing(self) -> None:
        self.assertSays(self.show(self.run_one()), exit=0, status=204, tls_version=f"TLSv{self.version}")
        self.assertEqual(self.service.actions(TENANT, REQUEST), ACTIONS)

    def again(self) -> None:
        self.assertSays(self.show(self.run_one()), exit=3, status=400, code="400", tls_version=f"TLSv{self.version}")

    def wrong_name(self) -> None:
        """The service has received nothing of it when the next closing comes."""
        result = self.show(self.run_one(host="other.test"))
        self.assertSays(result, exit=8, error="cert_name", delivery="not_sent", status=0)
        self.assertIsNone(self.service.actions(TENANT, REQUEST))
        self.assertSays(self.run_one(), exit=0, status=204, tls_version=f"TLSv{self.version}")
        self.assertEqual(len(self.service.connections), 1)


def cases(server: str) -> List[Closing]:
    return [*(Closing(server, tls, chain, "closing") for tls in VERSIONS for chain in CHAINS),
            Closing(server, "1.3", "ECDSA", "again"), Closing(server, "1.3", "RSA", "wrong name")]


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a server ends with this, too
    names = sys.argv[1:] or list(SERVERS)
    if unknown := set(names) - set(SERVERS):
        sys.exit(f"run.py: no server {' '.join(unknown)}; there are: {' '.join(SERVERS)}")
    result = unittest.TestResult()
    failed = 0
    print(ROW.format("server", "version", "TLS", "chain", "what", "exit", "suite", "result"))
    versions = {name: version_of(name) for name in names}
    for case in [case for name in names for case in cases(name)]:
        case.run(result)
        wrong = [text for _, text in result.failures + result.errors][failed:]
        print(ROW.format(case.server, versions[case.server], case.version, case.chain, case.what, case.exit, case.suite,
                         "FAILED" if wrong else "passed"), *wrong, sep="\n" if wrong else "", flush=True)
        failed += len(wrong)
    bad = len({str(case) for case, _ in result.failures + result.errors})
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
