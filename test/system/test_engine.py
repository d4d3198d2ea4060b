# SPDX-License-Identifier: MIT
"""The engine over a port that has something wrong with it, by way of driver.c: see there for the faults."""
import contextlib
import json
import os
import socket
import ssl
import subprocess
import unittest

from harness import LONGEST_RUN, PKI, REQUEST, RUNNER, TENANT
from service import DEFAULT_TOKEN, Service
from tls import Tls

NOT_SENT, MAYBE_SENT, ANSWERED = 0, 1, 2
VERSIONS = ("1.2", "1.3")


@contextlib.contextmanager
def dead(address: str, port: int):
    """A port where nothing is answered: the queue of the one who listens is full."""
    with socket.create_server((address, port), backlog=0) as listener, contextlib.ExitStack() as stack:
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield


def dates_of(certificate: str) -> list:
    """Its first and last second, since 1970."""
    printed = subprocess.run(["openssl", "x509", "-noout", "-dates", "-in", certificate], check=True,
                             capture_output=True, text=True).stdout
    return [ssl.cert_time_to_seconds(line.partition("=")[2]) for line in printed.splitlines()]


class Engine(unittest.TestCase):
    def drive(self, version: str, fault: str, pool: int = 0, variant: str = "good", script: list = (),
              dead_address: str = ""):
        """The driver's report, and the record of what the service saw, if it saw a connection."""
        with contextlib.ExitStack() as stack:
            service = stack.enter_context(Service(Tls(PKI, variant, minimum=version, maximum=version)))
            service.add(TENANT, REQUEST)
            if dead_address:
                stack.enter_context(dead(dead_address, service.port))
            if script:
                service.script(script)
            words = [*RUNNER, os.environ["MMDCLOSE_DRIVER"], fault, str(service.port), str(PKI.ca_file()), TENANT,
                     REQUEST, DEFAULT_TOKEN] + ([str(pool)] if pool else [])
            run = subprocess.run(words, capture_output=True, text=True, timeout=2 * LONGEST_RUN)
        self.assertEqual((run.returncode, run.stderr, service.failures), (0, "", []))
        return json.loads(run.stdout), service

    def assert_not_sent(self, report: dict, service: Service, error: str, status: int) -> None:
        self.assertEqual((report["error"], report["exit"], report["delivery"]), (error, status, NOT_SENT))
        self.assertEqual([record.request for record in service.connections if record.request], [])
        self.assertTrue(report["wiped"], "the message is gone from memory")

    # Fault 52
    def test_a_byte_at_a_time_changes_nothing(self):
        for version in VERSIONS:
            with self.subTest(version):
                _, plain = self.drive(version, "none")
                report, service = self.drive(version, "drip")
                self.assertEqual((report["error"], report["delivery"], report["status"]), ("ok", ANSWERED, 204))
                self.assertGreater(report["pending"], 1000)
                self.assertEqual(service.problems, [])
                self.assertEqual(service.actions(TENANT, REQUEST), "by the driver")
                sent = [each.finished(1)[0].request.replace(str(each.port).encode(), b"PORT")
                        for each in (plain, service)]
                self.assertEqual(sent[0], sent[1])

    # Fault 52
    def test_signals_change_nothing(self):
        """Each ends a wait; the service takes its time, so that there are many."""
        script = [["handshake"], ["read-request"], ["drip", "HTTP/1.1 204 No Content\r\n\r\n", 0.01]]
        for version in VERSIONS:
            with self.subTest(version):
                report, service = self.drive(version, "signals", script=script)
                self.assertEqual((report["error"], report["delivery"], report["status"]), ("ok", ANSWERED, 204))
                self.assertGreater(report["pending"], 50)
                self.assertEqual(service.problems, [])

    def test_what_comes_while_sending_is_stuck_is_told_at_once(self):
        early = {
            # Fault 237: an answer, garbage, close_notify or a broken record while the request is stuck -> told at once,
            # not at the deadline
            "an answer": (["send", "HTTP/1.1 429 x\r\nContent-Length: 0\r\n\r\n"], "status", ANSWERED, 429),
            "garbage": (["send", "garbage garbage\r\n\r\n"], "protocol", MAYBE_SENT, 0),
            "close_notify": (["close"], "empty", MAYBE_SENT, 0),
            "a broken record": (["send-raw-hex", "17 03 03 00 20" + "5a" * 32], "tls", MAYBE_SENT, 0),
        }
        for version in VERSIONS:
            for name, (step, error, delivery, status) in early.items():
                with self.subTest(version, name=name):
                    script = [["handshake"], step] + ([["hold", 60]] if step != ["close"] else [])
                    report, service = self.drive(version, "stuck", script=script)
                    self.assertEqual((report["error"], report["delivery"], report["status"]), (error, delivery, status))

    def test_sending_fails(self):
        """What the server said before it hung up is heard; if that is nothing, the failure is told."""
        said = {
            # Fault 450: sending fails, and an answer is there that the stream's end delimits, half of one, or none ->
            # told; in place of truncated or empty, the failure that came first
            "an answer": (["send", 'HTTP/1.1 413 x\r\n\r\n{"error":{"code":"c"}}'], "status", ANSWERED, 413),
            "half": (["send", "HTTP/1.1 413 x\r\nContent-Length: 5\r\n\r\n1234"], "network", MAYBE_SENT, 413),
            "nothing": (["sleep", 0], "network", MAYBE_SENT, 0),
        }
        for version in VERSIONS:
            for name, (step, error, delivery, status) in said.items():
                with self.subTest(version, name=name):
                    report, _ = self.drive(version, "failing", script=[["handshake"], step, ["close"]])
                    self.assertEqual((report["error"], report["delivery"], report["status"]), (error, delivery, status))

    # Fault 49
    def test_what_a_name_service_may_come_to(self):
        for fault, error in {"no-name": "name", "no-address": "name", "no-name-server": "lookup",
                             "name-failure": "lookup", "name-silence": "timeout"}.items():
            with self.subTest(fault):
                report, service = self.drive("1.3", fault)
                self.assert_not_sent(report, service, error, 7)
                self.assertEqual(service.connections, [])

    def test_twenty_addresses_of_which_the_last_answers(self):
        """Fault 49"""
        report, service = self.drive("1.3", "twenty")
        self.assertEqual((report["error"], report["status"], len(service.connections)), ("ok", 204, 1))

    def test_the_first_address_is_dead(self):
        """Fault 50"""
        report, service = self.drive("1.3", "dead-first", dead_address="127.0.0.2")
        self.assertEqual((report["error"], report["status"], len(service.connections)), ("ok", 204, 1))

    # Fault 238: given up within the handshake -> all memory given back, no request sent, the token wiped
    def test_an_exchange_can_be_given_up(self):
        for version in VERSIONS:
            with self.subTest(version):
                report, service = self.drive(version, "cancel", pool=256 * 1024)
                self.assert_not_sent(report, service, "timeout", 7)
                self.assertEqual(report["used"], 0)
                self.assertGreater(report["peak"], 0)
                record, = service.finished(1)
                self.assertEqual(record.tls, "")

    # Fault 38: expired with a clock in 1970 -> clock error
    def test_a_clock_that_is_not_set_is_told_apart(self):
        for version in VERSIONS:
            for fault in ("epoch", "no-clock"):
                with self.subTest(version, fault=fault):
                    self.assert_not_sent(*self.drive(version, fault), "clock", 9)

    # Fault 479: a clock that is not before the build, and a certificate that begins later -> cert_future, with the
    # dates; a second before the build -> clock
    def test_a_stale_clock_is_told_with_the_dates(self):
        for version in VERSIONS:
            with self.subTest(version):
                report, service = self.drive(version, "floor", variant="not-yet-valid")
                self.assert_not_sent(report, service, "cert_future", 9)
                leaf = PKI.chain("not-yet-valid")[0]
                self.assertEqual([report[name] for name in ("valid_from", "valid_to", "checked_at")],
                                 [*dates_of(leaf), report["floor"]])
                self.assert_not_sent(*self.drive(version, "below-floor", variant="not-yet-valid"), "clock", 9)
                report, service = self.drive(version, "floor", variant="expired")
                self.assert_not_sent(report, service, "cert_date", 8)
                self.assertEqual(report["valid_to"], dates_of(PKI.chain("expired")[0])[1])

    # Fault 239: a clock in 1970, and the certificate has another fault too -> that fault is told
    def test_another_fault_of_the_certificate_comes_before_the_clock(self):
        for variant, error in (("wrong-name", "cert_name"), ("unknown-issuer", "cert_issuer")):
            with self.subTest(variant):
                self.assert_not_sent(*self.drive("1.3", "epoch", variant=variant), error, 8)

    # Fault 48
    def test_without_entropy_nothing_begins(self):
        for version in VERSIONS:
            for fault in ("no-entropy", "no-entropy-later"):
                with self.subTest(version, fault=fault):
                    report, service = self.drive(version, fault)
                    if report["error"] != "ok":  # TLS 1.3 may have asked only once
                        self.assert_not_sent(report, service, "entropy", 1)
                    else:
                        self.assertEqual((version, fault), ("1.3", "no-entropy-later"))

    # Fault 434
    def test_a_field_that_says_the_token_back_is_wiped(self):
        for field in ("X-Echo: " + DEFAULT_TOKEN, "Date: " + DEFAULT_TOKEN.ljust(29, "x")):
            with self.subTest(field):
                script = [["handshake"], ["read-request"], ["send", "HTTP/1.1 401 x\r\n" + field],
                          ["send", "\r\nContent-Length: 0\r\n\r\n"], ["close"]]
                report, _ = self.drive("1.3", "none", script=script)
                self.assertEqual((report["error"], report["status"]), ("status", 401))
                self.assertTrue(report["wiped"])

    # Fault 240: a pool of just what the exchange takes -> enough, and given back
    def test_the_pool_suffices_and_is_given_back(self):
        for version in VERSIONS:
            with self.subTest(version):
                report, service = self.drive(version, "none", pool=256 * 1024)
                self.assertEqual((report["error"], report["status"], report["used"]), ("ok", 204, 0))
                again, service = self.drive(version, "none", pool=report["peak"])
                self.assertEqual((again["error"], again["peak"], again["used"]), ("ok", report["peak"], 0))

    # Fault 241: a pool too small by any number of bytes -> memory error, not an untrusted server; the token wiped
    def test_an_exhausted_pool_is_no_untrusted_server(self):
        for version in VERSIONS:
            peak = self.drive(version, "none", pool=256 * 1024)[0]["peak"]
            for size in range(peak - 8, 0, -2048):
                with self.subTest(version, size=size):
                    report, service = self.drive(version, "none", pool=size)
                    self.assertEqual((report["error"], report["exit"]), ("memory", 1))
                    self.assertTrue(report["wiped"])


if __name__ == "__main__":
    unittest.main()
