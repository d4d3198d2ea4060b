# SPDX-License-Identifier: MIT
"""Networks that fail a board: names, connections, silence, lost frames; and what many closings leave behind."""
import os
import socket
import unittest

from case import ACTIONS, BOARD, NATIVE, REQUEST, TENANT, TOKEN, VERSIONS, WHOLE, Case, closed, one_board_is_enough, only, \
    rows
from harness import after_request, http

REQUESTS = [f"c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e{number:02}" for number in range(25)]
NOT_SENT = "the request was not sent: "
MAYBE_SENT = "the request may have been received: "
BROKE = ("the connection broke",)
EMPTY = ("the connection ended without a response",)
LOST = BROKE + EMPTY  # which one depends on what of a reset comes through
WITHIN = ("the connection ended within the response",)
# Each of these takes six bytes in the request, which then is longer than a record, and yet fits.
LONG_ACTIONS = "\x01" * (600 if int(os.environ["REQUEST_MAX"]) >= 8192 else 150)
PART_OF_SERVER_HELLO = ["send-raw-hex", "16 03 03 00 7a 02 00 00 76 03 03"]
HEAD = "HTTP/1.1 200 OK\r\n"
BODY = HEAD + "Content-Length: 100\r\n\r\n"
CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n"

# Where the service ends the connection, and what is said then.
CUTS = rows({
    # Fault 46
    "at once, FIN": ([["cut"]], NOT_SENT, BROKE),
    "at once, RST": ([["reset"]], NOT_SENT, ("the host cannot be reached",) + BROKE),
    "after the hello, FIN": ([["read-raw", 1], ["cut"]], NOT_SENT, BROKE),
    "after the hello, RST": ([["read-raw", 1], ["reset"]], NOT_SENT, BROKE),
    "in the handshake, FIN": ([["read-raw", 1], PART_OF_SERVER_HELLO, ["cut"]], NOT_SENT, BROKE),
    "in the handshake, RST": ([["read-raw", 1], PART_OF_SERVER_HELLO, ["reset"]], NOT_SENT, BROKE),
    "after the request, close_notify": (after_request(end="close"), MAYBE_SENT, EMPTY),
    "after the request, FIN": (after_request(end="cut"), MAYBE_SENT, EMPTY),
    # Fault 51
    "after the request, RST": (after_request(end="reset"), MAYBE_SENT, LOST),
    # Fault 13
    "in the status": (after_request("HTTP/1.1 20", end="close"), MAYBE_SENT, WITHIN),
    "in the head": (after_request(HEAD + "Date", end="cut"), MAYBE_SENT, WITHIN),
    # Fault 14
    "in the body": (after_request(BODY + "{", end="close"), MAYBE_SENT, WITHIN),
    # Fault 51
    "in the body, RST": (after_request(BODY + "{", end="reset"), MAYBE_SENT, WITHIN + BROKE),
    "before the last chunk": (after_request(CHUNKED + "2\r\n{}\r\n"), MAYBE_SENT, WITHIN),
}, "at once, RST", "after the hello, FIN", "after the request, RST", "in the body")

# Services that take for ever: much longer than the device waits.
STALLS = rows({
    # Fault 252
    "no handshake": ([["hold", 25]], NOT_SENT),
    # Fault 53
    "a drip in the handshake": ([["send-raw-hex", "16 03 03 40 00"]] + [["send-raw-hex", "00"], ["sleep", 0.05]] * 500,
                                NOT_SENT),
    # Fault 252
    "no reading": ([["handshake"], ["hold", 25]], MAYBE_SENT),
    "no answer": ([["handshake"], ["read-request"], ["hold", 25]], MAYBE_SENT),
    "a drip in the head": ([["handshake"], ["read-request"], ["send", HEAD], ["drip", "X: 1\r\n" * 100, 0.05]],
                           MAYBE_SENT),
    "interim answers": ([["handshake"], ["read-request"]]
                        + [["send", "HTTP/1.1 103 Early Hints\r\n\r\n"], ["sleep", 0.05]] * 500, MAYBE_SENT),
    # Fault 53
    "a drip in the body": ([["handshake"], ["read-request"], ["send", BODY], ["drip", " " * 99, 0.25]], MAYBE_SENT),
}, "no handshake", "no reading", "a drip in the body")
TIMEOUT = 2  # seconds; a handshake takes a small part of it
LWIP_TOLD = BOARD != "lm3s6965evb"  # which has no room for that; that all are closed has to do there
SEGMENT = 160  # bytes of lwIP's heap that a segment takes which waits for its acknowledgement
FRAME_LOSS = (5, 10) if WHOLE else (10,)


class Names(Case):
    # Fault 49
    def test_a_name_server_that_is_silent(self):
        service = self.serve()
        self.assertTold(self.boot(service, names=dict(silent=True)), 7, NOT_SENT + "no name server answers")
        self.assertEqual(service.connections, [])
        self.assertGreater(len(self.names.asked), 1, "it asks again")

    @one_board_is_enough
    def test_the_deadline_counts_for_the_lookup_too(self):
        console = self.boot(self.serve(), names=dict(silent=True), timeout=TIMEOUT)
        self.assertTold(console, 7, NOT_SENT + "the time allowed is over")

    # Fault 49
    def test_a_name_that_does_not_exist(self):
        service = self.serve()
        self.assertTold(self.boot(service, names=dict(names={})), 7, NOT_SENT + "the host's name has no address",
                        f"({service.name} port {service.port})")
        self.assertEqual(service.connections, [])

    @one_board_is_enough
    def test_each_request_asks_for_a_name_that_was_not_found(self):
        console = self.boot(self.serve(), names=dict(names={}), requests=[REQUEST] * 3)
        told = [NOT_SENT + "the host's name has no address" in text for text in console.sentences]
        self.assertEqual(told, [True] * 3)

    # Fault 520: a name server's error, or a truncated answer without an address -> it failed, not the name; not sent
    # (RFC 1035, 4.1.1)
    @one_board_is_enough
    def test_a_name_server_that_fails(self):
        for fault in ("SERVFAIL", "REFUSED", "NOTIMP", "truncated"):
            with self.subTest(fault):
                service = self.serve()
                self.assertTold(self.boot(service, names=dict(faults={"A": fault})), 7, NOT_SENT + "no name server")
                self.assertEqual(service.connections, [])

    # Fault 521: a name that exists, without an IPv4 address -> it has no address, not sent (RFC 2308, 2.2)
    @one_board_is_enough
    def test_a_name_without_an_address(self):
        console = self.boot(self.serve(), names=dict(faults={"A": "empty"}))
        self.assertTold(console, 7, NOT_SENT + "the host's name has no address")

    @one_board_is_enough
    def test_aliases_are_followed(self):
        self.assertTold(self.boot(self.serve(), names=dict(faults={"A": "aliases"})), 0)

    # Fault 300: an answer to a lookup from somebody who has not seen the question -> not taken (RFC 5452, 9.1)
    def test_an_answer_of_somebody_who_has_not_seen_the_question_is_not_taken(self):
        """It would lead to an address that nobody has."""
        self.assertTold(self.boot(self.serve(), names=dict(forged=True)), 0)

    if BOARD == NATIVE:  # whose DHCP server gives an address for as long as it is told
        # Fault 466: DHCP names another name server when the lease is renewed -> that of --dns is asked on
        def test_a_renewed_lease_does_not_change_the_name_server(self):
            service = self.serve([["hold", 25]], limit=60.0)
            console = self.boot(service, requests=[REQUEST] * 2, names=dict(ttl=1), timeout=5, lease=4)
            self.assertGreater(console.text.count("DHCP gives the address for 4 s"), 2)  # an offer, the first, more
            self.assertEqual(console.sentences[1], closed(REQUEST), console.text)
            self.assertEqual(len(self.names.asked), 2)

    @one_board_is_enough
    def test_a_name_is_looked_up_as_it_is_written(self):
        service = self.serve()
        self.assertTold(self.boot(service, connect=service.name.upper() + "."), 0)
        self.assertEqual(self.names.asked, [service.name.upper() + " A"])


if BOARD == NATIVE:  # where frames can be tagged
    class Tagged(Case):
        # Fault 522: frames with an 802.1Q tag that names no VLAN -> taken; one that names another -> not ours
        def test_a_tag_with_a_priority_alone_is_none(self):
            self.assertTold(self.boot(self.serve(), vlan=0), 0)

        # Fault 522
        def test_another_vlan_is_not_ours(self):
            service = self.serve()
            self.assertTold(self.boot(service, vlan=5, timeout=TIMEOUT), 7, NOT_SENT + "no address by DHCP")
            self.assertNothingAsked(service)


class Connections(Case):
    def assertTakenInPart(self, service):
        """The service had not read all of the request when it ended."""
        record = service.connections[0]
        self.assertTrue(10 <= record.taken < len(TOKEN) + 6 * len(LONG_ACTIONS), record.taken)

    # Fault 255
    def test_refused(self):
        with socket.socket() as bound:  # it does not listen, and nobody else can
            bound.bind(("127.0.0.1", 0))
            port = bound.getsockname()[1]
            console = self.boot(self.serve(), port=port)
        self.assertTold(console, 7, NOT_SENT + "the host cannot be reached", f"(mmdls.test port {port})")

    def test_after_one_that_is_refused_the_next_is_tried(self):
        """Nothing of the first keeps the only connection there is."""
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            console = self.boot(self.serve(), port=bound.getsockname()[1], requests=[REQUEST] * 3)
        self.assertEqual([NOT_SENT + "the host cannot be reached" in text for text in console.sentences], [True] * 3)

    @one_board_is_enough  # the next test has the same cuts
    def test_cuts(self):
        for version in VERSIONS:
            for name, (script, delivery, errors) in CUTS.items():
                with self.subTest(name, tls=version):
                    console = self.boot(self.serve(script, tls=only(version)))
                    self.assertTold(console, 7)
                    self.assertRegex(console.sentences[0], f"was not closed: {delivery}({'|'.join(errors)})")

    # Fault 251
    def test_cuts_within_the_request(self):
        for version in VERSIONS:
            for end in ("cut", "reset"):
                with self.subTest(end, tls=version):
                    service = self.serve([["handshake"], ["read", 10], [end]], tls=only(version))
                    console = self.boot(service, actions=LONG_ACTIONS, requests=[REQUEST] * 2)
                    self.assertEqual(console.status, 7, console.text)
                    self.assertRegex(console.sentences[0], f"was not closed: {MAYBE_SENT}({'|'.join(LOST)})")
                    self.assertEqual(console.sentences[1], closed(REQUEST))
                    self.assertTakenInPart(service)

    def test_after_a_cut_the_next_one_is_closed(self):
        for version in VERSIONS:
            for name, (script, delivery, _) in CUTS.items():
                with self.subTest(name, tls=version):
                    service = self.serve(script, tls=only(version))
                    console = self.boot(service, requests=[REQUEST] * 2)
                    self.assertEqual(console.status, 7, console.text)
                    self.assertIn(delivery, console.sentences[0])
                    self.assertEqual(console.sentences[1], closed(REQUEST))

    # Fault 254
    def test_after_a_lost_answer_the_repeat_finds_it_done(self):
        service = self.serve([["handshake"], ["read-request"], ["carry-out"], ["reset"]])
        console = self.boot(service, requests=[REQUEST] * 2)
        self.assertIn(MAYBE_SENT, console.sentences[0])
        self.assertIn("was closed already", console.sentences[1])

    # Fault 248
    def test_an_answer_before_the_whole_request_counts(self):
        for version in VERSIONS:
            with self.subTest(tls=version):
                script = [["handshake"], ["read", 10], ["send", http("503 Busy", "Retry-After: 5")], ["close"]]
                service = self.serve(script, tls=only(version))
                console = self.boot(service, actions=LONG_ACTIONS)
                self.assertTold(console, 7, "cannot take the request now (503); try again in 5 s.")
                self.assertTakenInPart(service)


class Deadlines(Case):
    def test_no_stall_outlasts_the_deadline(self):
        for name, (script, delivery) in STALLS.items():
            with self.subTest(name):
                service = self.serve(script)
                self.assertTold(self.boot(service, timeout=TIMEOUT), 7, delivery + "the time allowed is over")
                service.finished(1)  # long before the script would end

    # Fault 301: a closing that came to its deadline, or was cut -> the next one is not touched by it
    def test_after_a_stall_the_next_one_is_closed(self):
        service = self.serve([["hold", 25]], [["handshake"], ["read-request"], ["hold", 25]])
        console = self.boot(service, requests=[REQUEST] * 3, timeout=TIMEOUT)
        self.assertEqual(console.sentences[2], closed(REQUEST), console.text)


class ManyClosings(Case):
    def close_all(self, count: int, **options):
        """Returns the console and the records of the connections, of which the service keeps none."""
        service = self.serve(keep_alive=False, **options)
        for request in REQUESTS:
            service.add(TENANT, request)
        console = self.boot(service, requests=REQUESTS[:count])
        self.assertEqual(console.sentences, [closed(request) for request in REQUESTS[:count]])
        self.assertEqual({service.actions(TENANT, request) for request in REQUESTS[:count]}, {ACTIONS})
        self.assertEqual(service.problems, [])
        return console, service.finished(count)

    # Fault 302: many closings in one boot -> memory, buffers and connections are as before
    def test_nothing_is_used_up(self):
        """What may differ from closing to closing is one segment, the last, which waits for its acknowledgement."""
        for version in VERSIONS:
            with self.subTest(tls=version):
                console, _ = self.close_all(25, tls=only(version))
                heap, pbufs, segments, connections = (
                    console.numbers(text)[1:] for text in ("lwIP: heap", "; pbufs", "; segments", "; connections"))
                self.assertEqual({len(heap), len(pbufs), len(segments), len(connections)}, {25 if LWIP_TOLD else 0})
                if LWIP_TOLD:
                    self.assertLess(max(heap) - min(heap), SEGMENT, console.text)
                    for used, most in ((pbufs, 0), (segments, 1), (connections, 1)):
                        self.assertLessEqual(max(used), most, console.text)

    def test_all_but_the_first_are_resumed(self):
        """Of TLS 1.2 only: with 1.3 resuming saves little."""
        console, records = self.close_all(25, tls=only("1.2"))
        self.assertEqual([record.resumed for record in records], [False] + [True] * 24)
        self.assertEqual(console.text.count(", resumed, status 204"), 24)
        if "1.3" in VERSIONS:
            _, records = self.close_all(5, tls=only("1.3"))
            self.assertEqual([record.resumed for record in records], [False] * 5)

    # Fault 47
    @one_board_is_enough
    def test_a_server_that_knows_no_ticket_of_the_others(self):
        console, records = self.close_all(3, tls=only("1.2"), forgetful=True)
        self.assertEqual([record.resumed for record in records], [False] * 3)
        self.assertNotIn("resumed", console.text)

    # Fault 274
    @one_board_is_enough
    def test_a_server_that_gives_no_ticket(self):
        for version in VERSIONS:
            with self.subTest(tls=version):
                _, records = self.close_all(3, tls=only(version, tickets=0))
                self.assertEqual([record.resumed for record in records], [False] * 3)

    # Fault 932: many closings in one boot, and a service that keeps the connection -> one connection, one handshake,
    # which ends in order; memory is as before
    def test_the_connection_is_kept(self):
        for version in VERSIONS:
            with self.subTest(tls=version):
                service = self.serve(tls=only(version))
                for request in REQUESTS:
                    service.add(TENANT, request)
                console = self.boot(service, requests=REQUESTS)
                self.assertEqual(console.sentences, [closed(request) for request in REQUESTS])
                record, = service.finished(1)
                self.assertEqual((service.problems, len(record.exchanges), record.ended), ([], 25, "close_notify"))
                self.assertEqual((console.text.count("; handshake\n"), console.text.count("still connected")), (1, 24))
                self.assertEqual(len(set(console.numbers("TLS pool")[1:-1])), 1, console.text)

    # Fault 933: the service ends the kept connection between two closings, or in place of an answer -> the next one
    # goes on a new connection, and is closed
    def test_a_kept_connection_that_ends(self):
        once = [["handshake"], ["read-request"], ["answer"]]
        for name, script in rows({"after an answer": [*once, ["close"]], "after an answer, RST": [*once, ["reset"]],
                                  "in place of one": [*once, ["read-request"], ["cut"]],
                                  "done, in place of one": [*once, ["read-request"], ["carry-out"], ["reset"]]},
                                 "after an answer", "done, in place of one").items():
            with self.subTest(name):
                service = self.serve(script)
                for request in REQUESTS[:3]:
                    service.add(TENANT, request)
                console = self.boot(service, requests=REQUESTS[:3])
                self.assertEqual(console.status, 0, console.text)
                self.assertEqual({service.actions(TENANT, request) for request in REQUESTS[:3]}, {ACTIONS})
                self.assertEqual(len(service.finished(2)), 2)

    def test_the_name_is_asked_for_once(self):
        self.close_all(5)
        self.assertEqual(len(self.names.asked), 1)


class FrameLoss(Case):
    # Fault 303: five or ten of a hundred frames are lost each way -> all requests are closed
    def test_all_are_closed_though_frames_are_lost(self):
        for version in VERSIONS if WHOLE else VERSIONS[-1:]:
            for loss in FRAME_LOSS:
                with self.subTest(tls=version, loss=loss):
                    service = self.serve(tls=only(version), limit=60.0)
                    for request in REQUESTS:
                        service.add(TENANT, request)
                    console = self.boot(service, requests=REQUESTS[:5], timeout=60, loss=loss)
                    self.assertEqual(console.status, 0, console.text)
                    self.assertEqual({service.actions(TENANT, request) for request in REQUESTS[:5]}, {ACTIONS})
                    self.assertEqual(service.problems, [])

    # Fault 304: no frame comes through -> no address, told at the deadline, not sent (RFC 2131, 4.1)
    def test_without_any_frame_there_is_no_address(self):
        service = self.serve()
        self.assertTold(self.boot(service, loss=100, timeout=TIMEOUT), 7, NOT_SENT + "no address by DHCP")
        self.assertNothingAsked(service)


if __name__ == "__main__":
    unittest.main()
