# SPDX-License-Identifier: MIT
"""Networks that fail: cuts in every phase and what is then said of the delivery, deadlines, and segments sent."""
import os
import socket
import unittest

from harness import PKI, SLOWER, Case, Tls, after_request

HEAD = "HTTP/1.1 200 OK\r\n"
BODY = HEAD + "Content-Length: 100\r\n\r\n"
PART_OF_SERVER_HELLO = ["send-raw-hex", "16 03 03 00 7a 02 00 00 76 03 03"]

BROKEN = dict(error="network", delivery="not_sent", status=0)
LOST = dict(error="network", delivery="maybe_sent", status=0)
EMPTY = dict(error="empty", delivery="maybe_sent", status=0)

# Where the service ends the connection, and what the command says of it.
CUTS = {
    # Fault 46: reset after the first message, or in the middle of the handshake -> not sent
    "after the hello, FIN": ([["read-raw", 1], ["cut"]], BROKEN),
    "after the hello, RST": ([["read-raw", 1], ["reset"]], BROKEN),
    "in the handshake, FIN": ([["read-raw", 1], PART_OF_SERVER_HELLO, ["cut"]], BROKEN),
    "in the handshake, RST": ([["read-raw", 1], PART_OF_SERVER_HELLO, ["reset"]], BROKEN),
    # Fault 9
    "after the request, close_notify": ([["handshake"], ["read-request"], ["close"]], EMPTY),
    "after the request, FIN": ([["handshake"], ["read-request"], ["cut"]], EMPTY),
    # Fault 51
    "after the request, RST": ([["handshake"], ["read-request"], ["reset"]], LOST),
    # Fault 13
    "in the status": (after_request("HTTP/1.1 20", end="close"), dict(
        error="truncated", delivery="maybe_sent", status=0)),
    "in the head, close_notify": (after_request(HEAD + "Date", end="close"), dict(
        error="truncated", delivery="maybe_sent", status=200)),
    "in the head, FIN": (after_request(HEAD + "Date", end="cut"), dict(
        error="truncated", delivery="maybe_sent", status=200)),
    "in the head, RST": (after_request(HEAD + "Date", end="reset"), dict(
        error="network", delivery="maybe_sent", status=200)),
    # Fault 14
    "in the body, close_notify": (after_request(BODY + "{", end="close"), dict(
        error="truncated", delivery="maybe_sent", status=200)),
    "in the body, FIN": (after_request(BODY + "{", end="cut"), dict(
        error="truncated", delivery="maybe_sent", status=200)),
    # Fault 51
    "in the body, RST": (after_request(BODY + "{", end="reset"), dict(
        error="network", delivery="maybe_sent", status=200)),
    "behind a body without length, RST": (after_request(HEAD + "\r\n{}", end="reset"), dict(
        error="network", delivery="maybe_sent", status=200)),
    "before the last chunk": (after_request(HEAD + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"), dict(
        error="truncated", delivery="maybe_sent", status=200)),
}

# The same within the request, a long one: with the first bytes of a record all of it is read.
CUTS_WITHIN = {
    # Fault 251: an end or a reset within the request -> maybe sent (RFC 9112, 9.3)
    "close_notify": [["handshake"], ["read", 10], ["close"]],
    "FIN": [["handshake"], ["read", 10], ["cut"]],
    "RST": [["handshake"], ["read", 10], ["reset"]],
}
LONG = 1000000  # bytes

# Services that take for ever: 20 seconds at least.
STALLS = {
    # Fault 252: no handshake, no reading, no answer, interim answers without end -> the deadline, and how far it got
    "no handshake": ([["hold", 20]], dict(delivery="not_sent", status=0)),
    # Fault 53: a byte per second without end, in the handshake, the head or the body -> the deadline
    "a drip in the handshake": ([["send-raw-hex", "16 03 03 40 00"]] + [["send-raw-hex", "00"], ["sleep", 0.02]] * 1000,
                                dict(delivery="not_sent", status=0)),
    # Fault 252
    "no reading": ([["handshake"], ["hold", 20]], dict(delivery="maybe_sent", status=0)),
    "no answer": ([["handshake"], ["read-request"], ["hold", 20]], dict(delivery="maybe_sent", status=0)),
    # Fault 53
    "a drip in the head": ([["handshake"], ["read-request"], ["send", HEAD], ["drip", "X: 1\r\n" * 200, 0.02]],
                           dict(delivery="maybe_sent", status=200)),
    # Fault 252
    "interim answers": ([["handshake"], ["read-request"]]
                        + [["send", "HTTP/1.1 103 Early Hints\r\n\r\n"], ["sleep", 0.02]] * 1000,
                        dict(delivery="maybe_sent")),
    # Fault 53
    "a drip in the body": ([["handshake"], ["read-request"], ["send", BODY], ["drip", " " * 99, 0.25]],
                           dict(delivery="maybe_sent", status=200)),
}
TIMEOUT = 1.5 * SLOWER  # seconds; a slow machine still gets through the handshake


class Cuts(Case):
    def test_cuts(self):
        for version in ("1.2", "1.3"):
            for name, (script, expected) in CUTS.items():
                with self.subTest(name, tls=version):
                    service = self.serve(script, tls=Tls(PKI, minimum=version, maximum=version))
                    self.assertSays(self.close(service), outcome="try_later", **expected)

    def test_cuts_within_the_request(self):
        text = self.file("text", b"x" * LONG)
        for version in ("1.2", "1.3"):
            for name, script in CUTS_WITHIN.items():
                with self.subTest(name, tls=version):
                    service = self.serve(script, tls=Tls(PKI, minimum=version, maximum=version))
                    result = self.close(service, actions=None, actions_file=text)
                    self.assertSays(result, outcome="try_later", delivery="maybe_sent", status=0)
                    # What is sent after the end is answered by RST, which may be seen first.
                    self.assertIn(result.json["error"], ("network",) if name == "RST" else ("empty", "network"))
                    record, = service.finished(1)
                    self.assertTrue(10 <= record.taken < LONG, record.taken)

    # Fault 253: a reset behind an answer that was complete -> answered
    def test_a_reset_behind_a_whole_answer_changes_nothing(self):
        for version in ("1.2", "1.3"):
            with self.subTest(tls=version):
                service = self.serve(after_request(HEAD + "Content-Length: 2\r\n\r\n{}", end="reset"),
                                     tls=Tls(PKI, minimum=version, maximum=version))
                self.assertSays(self.close(service), outcome="closed", delivery="answered", status=200)

    # Fault 254: the answer is lost, and the closing is repeated -> already closed
    def test_after_a_lost_answer_the_repeat_finds_it_done(self):
        service = self.serve([["handshake"], ["read-request"], ["carry-out"], ["reset"]])
        self.assertSays(self.close(service), outcome="try_later", delivery="maybe_sent")
        self.assertSays(self.close(service), outcome="already_closed", delivery="answered")


class Connecting(Case):
    def listener(self, backlog: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.addCleanup(listener.close)
        return listener

    def close_at(self, port: int, **changes):
        """Close a request at a port behind which there is no service."""
        service = self.serve()
        return self.close(service, port=port, **changes)

    # Fault 255: nobody listens -> cannot be reached, not sent
    def test_refused(self):
        with socket.socket() as bound:  # it does not listen, and nobody else can
            bound.bind(("127.0.0.1", 0))
            result = self.close_at(bound.getsockname()[1])
        self.assertSays(result, outcome="try_later", error="connect", delivery="not_sent")

    # Fault 256: no answer to the connection, or nobody who takes it -> the deadline, not sent
    def test_the_queue_of_the_service_is_full(self):
        listener = self.listener(backlog=0)
        for _ in range(4):
            waiting = socket.socket()
            self.addCleanup(waiting.close)
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        result = self.close_at(listener.getsockname()[1], timeout=TIMEOUT)
        self.assertSays(result, outcome="try_later", error="timeout", delivery="not_sent")

    # Fault 256
    def test_nobody_accepts(self):
        result = self.close_at(self.listener(backlog=8).getsockname()[1], timeout=TIMEOUT)
        self.assertSays(result, outcome="try_later", error="timeout", delivery="not_sent")

    # Fault 49
    def test_a_name_without_address(self):
        """Where there is no name server, that cannot be told: then the lookup fails."""
        impatient = dict(os.environ, RES_OPTIONS="timeout:1 attempts:1")
        service = self.serve()
        for change in ({"connect": "nowhere.invalid"}, {"connect": None, "host": "nowhere.invalid"}):
            with self.subTest(**change):
                result = self.run_command(*self.arguments(service, **change), "--json", env=impatient)
                self.assertSays(result, outcome="try_later", delivery="not_sent")
                self.assertIn(result.json["error"], ("name", "lookup"))
        self.assertEqual(service.connections, [])

    # Fault 50
    def test_addresses_that_refuse_are_passed_over(self):
        """localhost has ::1 too on most systems; the service listens on 127.0.0.1 only."""
        service = self.serve()
        self.assertSays(self.close(service, connect="localhost"), outcome="closed")


class Deadlines(Case):
    def test_no_stall_outlasts_the_deadline(self):
        for name, (script, expected) in STALLS.items():
            with self.subTest(name):
                service = self.serve(script)
                result = self.close(service, timeout=TIMEOUT)
                self.assertSays(result, outcome="try_later", error="timeout", **expected)
                self.assertGreaterEqual(result.json["elapsed_ms"], 1000 * TIMEOUT)
                service.finished(1)  # long before the script would end


class Segments(Case):
    # Fault 228
    def test_each_flight_is_one_segment(self):
        """TLS 1.3: hello; Finished with the request; close_notify. TLS 1.2: the request is a flight of its own."""
        for version, flights in (("1.3", 3), ("1.2", 4)):
            with self.subTest(tls=version):
                service = self.serve(tls=Tls(PKI, minimum=version, maximum=version))
                self.assertSays(self.close(service), outcome="closed")
                record, = service.finished(1)
                # What the kernel holds back leaves after 200 ms all the same (tcp(7), TCP_CORK): a checker takes longer.
                self.assertIn(record.data_segments_in, range(flights, flights + 1 + (SLOWER > 1)))

    def test_the_connection_ends_in_order(self):
        service = self.serve()
        self.close(service)
        record, = service.finished(1)
        self.assertEqual((record.ended, record.gave_up, record.tls_error), ("close_notify", "", ""))


if __name__ == "__main__":
    unittest.main()
