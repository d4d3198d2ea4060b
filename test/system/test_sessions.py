# SPDX-License-Identifier: MIT
"""Kept sessions: when they are resumed, and when they must not be. By way of sessions.c: see there for the changes."""
import json
import os
import subprocess
import unittest

from harness import LONGEST_RUN, PKI, RUNNER
from service import Service
from tls import Tls


class Sessions(unittest.TestCase):
    def exchange(self, change: str, maximum: str = "1.2", script: list = (), **options):
        """What the two exchanges came to, and the records of the service. The script is for the first."""
        with Service(Tls(PKI, maximum=maximum, **options.pop("tls", {})), **options) as service:
            if script:
                service.script(script)
            return self.run_two(change, service), service

    def run_two(self, change: str, service: Service, ca_file: str = "") -> list:
        command = [*RUNNER, os.environ["MMDCLOSE_SESSIONS"], change, str(service.port), ca_file or PKI.ca_file(),
                   PKI.ca_file("p256")]
        run = subprocess.run(command, capture_output=True, text=True, timeout=2 * LONGEST_RUN)
        self.assertEqual((run.returncode, run.stderr, service.failures), (0, "", []))
        return [json.loads(line) for line in run.stdout.splitlines()]

    def assert_second(self, change: str, error: str, resumed: bool, **options) -> dict:
        (first, second), service = self.exchange(change, **options)
        self.assertEqual((first["resumed"], second["error"], second["resumed"]), (False, error, resumed))
        self.assertEqual([record.resumed for record in service.connections], [False, resumed])
        return second

    def test_the_second_handshake_is_resumed(self):
        second = self.assert_second("none", "ok", True)
        self.assertGreater(second["kept"], 0)

    # Fault 477
    def test_a_certificate_that_is_the_anchor_binds_the_session(self):
        for change, resumed in (("none", True), ("moved", False)):
            with self.subTest(change), Service(Tls(PKI, variant="self-signed", maximum="1.2")) as service:
                first, second = self.run_two(change, service, PKI.chain("self-signed")[0])
                self.assertEqual((first["error"], second["error"], second["resumed"]), ("ok", "ok", resumed))

    # Fault 477
    def test_a_certificate_that_is_the_anchor_no_more_ends_it(self):
        with Service(Tls(PKI, variant="self-signed", maximum="1.2")) as service:
            _, second = self.run_two("gone", service, PKI.chain("self-signed")[0])
        self.assertEqual((second["error"], second["delivery"]), ("cert_self_signed", 0))

    # Fault 47
    # Fault 270: a session for a host in other letters, its anchor moved, or it was forgotten -> full handshake
    def test_another_host_or_place_of_the_anchor_makes_it_full(self):
        for change in ("host", "moved", "forgotten"):
            with self.subTest(change):
                self.assertGreater(self.assert_second(change, "ok", False)["kept"], 0)

    # Fault 271: a session whose anchor is trusted no more -> refused, nothing sent
    def test_an_anchor_that_is_trusted_no_more_ends_it(self):
        self.assertEqual(self.assert_second("gone", "cert_issuer", False)["delivery"], 0)

    # Fault 272: a session whose chain has expired since -> refused, nothing sent
    def test_the_chain_s_dates_bind_it(self):
        self.assertEqual(self.assert_second("late", "cert_date", False)["delivery"], 0)

    # Fault 273: a session, but the clock is not set -> clock error, nothing sent
    def test_without_a_clock_nothing_is_resumed(self):
        self.assertEqual(self.assert_second("unset", "clock", False)["delivery"], 0)

    # Fault 47: a saved session that is refused, expired, corrupt, or from another host -> full handshake (RFC 5077,
    # 3.1)
    def test_a_damaged_session_is_left_out(self):
        self.assertGreater(self.assert_second("damaged", "ok", False)["kept"], 0)

    # Fault 47
    def test_a_server_that_refuses_it_gets_a_full_handshake(self):
        second = self.assert_second("none", "ok", False, forgetful=True)
        self.assertEqual(second["kept"], 0, "the ticket refused is not kept with the new key")

    # Fault 463: a record that cannot be authenticated, or a fatal alert, after the handshake that gave a session -> it is
    # forgotten (RFC 5246, 7.2.2)
    def test_a_fatal_alert_ends_the_session_too(self):
        for record in ("17 03 03 00 28" + "00" * 40, "15 03 03 00 1a" + "00" * 26):
            with self.subTest(record[:2]):
                script = [["handshake"], ["read-request"], ["send-raw-hex", record], ["cut"]]
                (first, second), service = self.exchange("none", script=script)
                self.assertEqual((first["error"], first["kept"]), ("tls", 0))
                self.assertEqual((second["error"], second["resumed"]), ("ok", False))
                self.assertEqual([record.resumed for record in service.connections], [False, False])

    # Fault 464: a server that speaks TLS 1.3 alone by now, while with the session 1.2 alone is offered -> another try
    def test_a_server_that_has_become_newer_is_worth_another_try(self):
        with Service(Tls(PKI, maximum="1.2")) as service:
            service.script([["handshake"], ["read-request"], ["send", "HTTP/1.1 204 x\r\n\r\n"], ["close"]])
            service.script([["read-raw", 1], ["send-raw-hex", "15 03 03 00 02 02 46"]])
            first, second = self.run_two("none", service)
        self.assertGreater(first["kept"], 0)
        self.assertEqual((second["error"], second["delivery"], second["kept"]), ("network", 0, 0))

    # Fault 274: a server that gives no ticket -> nothing kept
    def test_without_tickets_nothing_is_kept(self):
        second = self.assert_second("none", "ok", False, tls={"tickets": 0})
        self.assertEqual(second["kept"], 0)

    def test_tls_1_3_keeps_nothing(self):
        second = self.assert_second("none", "ok", False, maximum="1.3")
        self.assertEqual(second["kept"], 0)


if __name__ == "__main__":
    unittest.main()
