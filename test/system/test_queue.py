# SPDX-License-Identifier: MIT
"""The queue: what each outcome does to a record, to its tenant, and to all; what is kept between runs; what an operator
sees and does."""
import json
import os
import re
import signal
import subprocess
import time
import unittest
from pathlib import Path
from typing import Any, Dict, List

from harness import COMMAND, LOGIN_PKI, PKI, SLOWER, TENANT, Tls, after_request, http
from queueing import BOOT, CLIENT, ENVIRONMENT, REQUESTS, SECRET, QueueCase, record_line, sealed

A, B, C = REQUESTS[:3]
GUID = "0f3c2a1e-9b8d-4c7e-8a61-5d4f3b2e1a07"
OTHER_CLIENT = "5e1b7c40-2d3a-4f96-8b0e-c7a1d2f3e4b5"
OTHER_TENANT = "7a1d0c3e-5b2f-4e8a-9c61-0d4f8b2e6a17"


def said(status: str, code: str, message: str, *fields: str) -> str:
    return http(status, "Content-Type: application/json", *fields,
                body=json.dumps({"error": {"code": code, "message": message}}))


# What the service does with the first closing; the exit status of the flush, the event, what becomes of that record
# and of the second one, whether somebody should look, and whether it waits at least so long.
ONLY, ALL = "only the first", "all"
OUTCOMES = {
    # Fault 1070: each of the service's words, and of what is in between -> as the table in mmdclose(1) has it
    "already closed": (said("400 Bad Request", "x", "It was already closed."), 0, "already_closed", None, ONLY, None, 0),
    "no such request": (said("404 Not Found", "x", "No."), 4, "aside", "failed", ONLY, True, 0),
    "refused": (said("400 Bad Request", "x", "No."), 5, "aside", "failed", ONLY, True, 0),
    "forbidden": (said("403 Forbidden", "x", "No."), 6, "wait", "waiting", ONLY, True, 5),
    "an error of the service's": (said("500 Internal Server Error", "x", "No."), 7, "wait", "waiting", ONLY, False, 5),
    "a page": (http("404 Not Found", "Content-Type: text/html", body="<html>"), 7, "wait", "waiting", ONLY, False, 5),
    "a redirect": (http("302 Found", "Location: https://x.test/"), 7, "wait", "waiting", ONLY, False, 5),
    "too many": (http("429 Too Many Requests", "Retry-After: 500"), 7, "wait_all", "waiting", ALL, False, 500),
    "busy": (http("503 Service Unavailable"), 7, "wait_all", "waiting", ALL, False, 5),
}
# The same, of failures before a response.
BROKEN = {
    # Fault 1071: the network fails before, in and after the request -> all wait; a record that may have been received
    # says so
    "reset at once": ([["reset"]], 7, False),
    "no response": ([["handshake"], ["read-request"], ["close"]], 7, True),
    "half a response": ([["handshake"], ["read-request"], ["send", "HTTP/1.1 20"], ["cut"]], 7, True),
}


class Outcomes(QueueCase):
    def setUp(self) -> None:
        super().setUp()
        self.open_all()

    def assertOthers(self, others: str) -> None:
        self.assertEqual(self.states().get(B), None if others == ONLY else "waiting")

    def test_each(self):
        for name, (response, status, event, state, others, alarm, least) in OUTCOMES.items():
            with self.subTest(name):
                self.intake_in_order(A, B)
                self.service.script(after_request(response))
                result = self.flush()
                self.assertEqual(result.status, status, result.out)
                tries = [line for line in self.lines(result) if line["request"] == A and "outcome" in line]
                first = tries[0] if tries else None
                self.assertIsNotNone(first, result.out)
                self.assertEqual(first["event"], event)
                self.assertEqual(self.states().get(A), state)
                self.assertOthers(others)
                if state == "waiting":
                    self.assertGreaterEqual(first["again_s"], least)
                    self.assertEqual(first["alarm"], alarm)
                    self.assertEqual(self.events(self.flush()), [], "it waits")
                    self.retry()
                    self.assertEqual(self.flush().status, 0)
                    self.assertNotIn(A, self.states())
                elif state == "failed":
                    self.mmdclose("queue", "drop", "--request", A, *self.folders())
                self.assertEmpty()
                self.open_all()

    def test_broken(self):
        for name, (script, status, maybe_sent) in BROKEN.items():
            with self.subTest(name):
                self.add(A)
                self.service.script(script)
                result = self.flush()
                self.assertEqual((result.status, self.events(result)), (status, ["taken_in", "wait_all"]))
                item = self.only()
                self.assertEqual((item["state"], item["maybe_sent"]), ("waiting", maybe_sent))
                self.retry()
                self.assertEqual(self.flush().status, 0)
                self.assertEmpty()
                self.open_all()

    # Fault 1072: the response is lost, and the next run finds the request closed -> settled, by that earlier try
    def test_closed_by_an_earlier_try(self):
        self.add(A)
        self.service.script([["handshake"], ["read-request"], ["carry-out"], ["reset"]])
        self.assertEqual(self.flush().status, 7)
        self.assertTrue(self.only()["maybe_sent"])
        self.retry()
        result = self.flush()
        line, = self.lines(result)
        self.assertEqual((result.status, line["event"], line["by_earlier_try"]), (0, "closed", True))
        self.assertEqual((line["error"], line["cause"]), ("ok", "none"))
        self.assertIn("closed by an earlier try", line["sentence"])
        self.assertEmpty()

    # Fault 1073: the server cannot be verified, the clock is not set, no credential -> nothing is sent, nothing lost
    def test_this_devices_matters(self):
        bad = self.serve(tls=Tls(PKI, "wrong-name"))
        cases: List[Any] = [
            (dict(port=bad.public_port), 8, "wait_all"),
            (dict(client_secret_file=self.folder / "none"), 2, "failed"),
            (dict(client_id=None, client_secret_file=None, authority=None, authority_connect=None,
                  token_command="/bin/true"), 10, "wait_all"),
            (dict(client_id=None, client_secret_file=None, authority=None, authority_connect=None,
                  token_file=self.folder / "none"), 10, "failed"),
            (dict(ca_file=self.folder / "none"), 2, "failed"),
            (dict(proxy="http://127.0.0.1:9"), 7, "wait_all"),
        ]
        self.add(A)
        for changes, status, event in cases:
            with self.subTest(changes):
                result = self.flush(**changes)
                self.assertEqual((result.status, self.events(result)[-1]), (status, event), result.out)
                check = self.mmdclose("queue", "check", *self.folders(), "--drop-dir", self.drop)
                self.assertEqual(check.status, status if event == "failed" else 0, check.out)
                self.retry()
        self.assertEqual(self.service.received, b"")
        self.assertEqual(self.flush().status, 0)
        self.assertEmpty()

    # Fault 1074: the service fails for each record by itself -> after three it is left alone
    def test_the_service_fails_for_each(self):
        for request in REQUESTS[:5]:
            self.add(request)
            self.service.script(after_request(said("500 X", "x", "No.")))
        self.assertEqual(self.flush().status, 7)
        self.assertEqual(sorted(self.states().values()), ["due"] * 2 + ["waiting"] * 3)

    # Fault 1075: a failure of one record again and again -> the others are sent before it
    def test_a_record_that_fails_is_sent_last(self):
        self.add(A)
        self.service.script(after_request(http("503 X")))
        self.assertEqual(self.flush().status, 7)
        self.add(B)
        os.remove(self.state / "waits/all.json")
        self.assertEqual([line["request"] for line in self.lines(self.flush()) if line["event"] == "closed"], [B, A])


class Holding(QueueCase):
    def setUp(self) -> None:
        super().setUp()
        self.open_all()

    def hold(self) -> None:
        for request in (A, B):
            self.add(request)
        result = self.flush(client_secret_file=self.file("wrong", b"another secret"))
        self.assertEqual((result.status, self.events(result)[-1]), (6, "hold_tenant"))
        self.assertEqual(set(self.states().values()), {"held"})

    # Fault 1076: the token server's final word -> the tenant is held, with one probe an hour; no record is burnt
    def test_the_token_servers_word(self):
        self.hold()
        requests = len(self.authority.connections)
        result = self.flush(client_secret_file=self.file("wrong", b"another secret"))
        self.assertEqual((result.status, self.events(result), len(self.authority.connections)), (0, [], requests))
        item = self.list()[0]
        self.assertTrue(3000 - 60 <= item["again_s"] <= 4200 and item["alarm"], item)
        self.assertEqual(self.mmdclose("queue", "check", *self.folders()).status, 6)
        self.assertEqual(self.service.received, b"")

    # What several wait for is said once, of their tenant, and of no closing.
    def test_what_is_said_of_the_tenant(self):
        self.hold()
        self.add(C)
        self.mmdclose("queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop, *self.folders())
        refused = r"[^\n]*AADSTS7000215[^\n]*"
        listed = self.mmdclose("queue", "list", *self.folders(), "--drop-dir", self.drop).out.decode()
        lines = sorted(listed.splitlines())
        self.assertEqual(len(lines), 4)
        for line in lines[:3]:
            self.assertRegex(line, rf"\Aheld    \S+ of tenant {TENANT}, added \S+, tries 0, next in \d+ s\Z")
        self.assertRegex(lines[3], rf"\Await    tenant {TENANT}, tries 1, next in \d+ s: {refused}\Z")
        check = self.mmdclose("queue", "check", *self.folders())
        self.assertRegex(check.out.decode(), rf"; tenant {TENANT}: {refused}\n\Z")
        said_, = {item["said"] for item in self.list()}
        for request in (A, B, C):
            self.assertNotIn(request, check.out.decode() + lines[3] + said_)
        self.mmdclose("queue", "drop", "--all", "--tenant", TENANT, *self.folders())
        self.assertEqual(self.mmdclose("queue", "list", *self.folders()).out, b"")

    # The same of all, and of the service's own word; an earlier word of the service's on one of them stays with that.
    def test_what_is_said_of_all(self):
        refusal = after_request(http("401 Unauthorized", 'WWW-Authenticate: Bearer error="invalid_token"'))
        for scripts, whose, status in (([refusal] * 2, f"tenant {TENANT}", 6), ([[["reset"]]], "all", 7)):
            with self.subTest(whose):
                self.add(A)
                self.add(B)
                for script in scripts:
                    self.service.script(script)
                result = self.flush()
                self.assertEqual(result.status, status)
                first = self.lines(result)[-1]["request"]
                listed = self.mmdclose("queue", "list", *self.folders(), "--drop-dir", self.drop).out.decode()
                line, = [line for line in listed.splitlines() if line.startswith("wait ")]
                self.assertRegex(line, rf"\Await    {whose}, tries 1, next in \d+ s: \S")
                self.assertNotIn(first, line)
                self.assertNotIn("elevation request", listed)
                for item in self.list():
                    self.assertNotIn(first, item["said"])
                self.retry()
                self.assertEqual(self.flush().status, 0)
                self.open_all()

    def test_at_once_with_another_credential(self):
        self.hold()
        self.assertEqual(self.flush().status, 0)
        self.assertEmpty()

    def test_at_once_if_somebody_says_so(self):
        self.hold()
        self.retry()
        result = self.flush(client_secret_file=self.file("wrong", b"another secret"))
        self.assertEqual(self.events(result), ["hold_tenant"])

    # Fault 1077: a 401, and another one with a new token -> the tenant is held
    def test_two_refusals(self):
        refusal = after_request(http("401 Unauthorized", 'WWW-Authenticate: Bearer error="invalid_token"'))
        self.intake_in_order(A, B)
        for _ in range(2):
            self.service.script(refusal)
        result = self.flush()
        self.assertEqual((result.status, self.events(result)[-1]), (6, "hold_tenant"))
        self.assertEqual(len(self.authority.issued), 2)
        self.assertEqual([(item["attempts"], item["waits_for"], item["failures"]) for item in self.list()],
                         [(1, "tenant", 1), (0, "tenant", 1)])

    # Fault 1066: a 401 for one closing only, whatever the token -> the next probe is another one; the others are sent
    def test_two_refusals_of_one_closing(self):
        refusal = after_request(http("401 Unauthorized", 'WWW-Authenticate: Bearer error="invalid_token"'))
        self.intake_in_order(A, B, C)
        for _ in range(2):
            self.service.script(refusal)
        self.assertEqual((self.flush().status, set(self.states().values())), (6, {"held"}))
        os.remove(self.state / f"waits/tenant,{TENANT}.json")  # as if its time had come
        two = [["handshake"], ["read-request"], ["answer"], ["read-request"], ["answer"], ["read-request"],
               ["send", http("401 Unauthorized", 'WWW-Authenticate: Bearer error="invalid_token"')], ["close"]]
        self.service.script(two)
        self.service.script(refusal)
        result = self.flush()
        self.assertEqual((result.status, self.events(result)), (6, ["closed", "closed", "hold_tenant"]))
        self.assertEqual([(item["request"], item["attempts"]) for item in self.list()], [(A, 2)])

    # Fault 1078: one of two tenants is refused, or its token server fails for it -> the other one's are sent
    def test_two_tenants(self):
        self.service.add(OTHER_TENANT, B)
        for is_first in (True, False):
            self.add(A)
            self.add(B, tenant=OTHER_TENANT)
            result = self.flush(tenant=None, tenants=f"{TENANT} {OTHER_TENANT}" if is_first else
                                f"{OTHER_TENANT} {TENANT}")
            self.assertEqual(result.status, 6, result.out)
            self.assertEqual(self.only()["tenant"], OTHER_TENANT, result.out)
            self.assertEqual(self.only()["state"], "held")
            self.mmdclose("queue", "drop", "--all", *self.folders())
            self.service.add(TENANT, A)

    def test_a_token_server_that_fails_for_a_tenant(self):
        self.authority.script(after_request(http("503 X")))
        self.add(A)
        result = self.flush()
        self.assertEqual((result.status, self.events(result)[-1]), (7, "wait_tenant"))

    def test_several_tenants_take_a_token_server(self):
        result = self.flush(tenant=None, tenants=f"{TENANT} {OTHER_TENANT}", client_id=None, client_secret_file=None,
                            authority=None, authority_connect=None, token_command="/bin/true")
        self.assertEqual(result.status, 2)


class Kept(QueueCase):
    """What is kept within a run, and between runs."""

    def setUp(self) -> None:
        super().setUp()
        self.open_all()

    def send(self, request: str = A, **changes: Any) -> int:
        """Returns how many tokens were fetched."""
        before = len(self.authority.issued)
        self.add(request)
        env = changes.pop("env", None)
        more = changes.pop("more", ())
        self.assertEqual(self.flush(*more, env=env, **changes).status, 0)
        self.service.add(TENANT, request)
        return len(self.authority.issued) - before

    def test_one_connection_and_one_token(self):
        for request in REQUESTS:
            self.add(request)
        result = self.flush()
        self.assertEqual((result.status, self.events(result).count("closed")), (0, len(REQUESTS)))
        self.assertEqual((len(self.service.connections), len(self.authority.issued)), (1, 1))
        self.assertEmpty()

    # Fault 1079: the next run -> the same token, from memory only; not for another client, secret or boot
    def test_the_token(self):
        self.assertEqual([self.send(), self.send()], [1, 0])
        kept, = self.memory.iterdir()
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        self.authority.add_client(TENANT, OTHER_CLIENT, secrets=[SECRET])
        self.assertEqual(self.send(client_id=OTHER_CLIENT), 1)
        self.assertEqual([self.send(), self.send()], [1, 0], "that of the other client is gone")
        self.assertEqual(self.send(env={**ENVIRONMENT, "MMDCLOSE_BOOT_ID": "f" * 32}), 1)
        self.assertEqual(self.send(more=["--no-token-cache"]), 1)
        self.authority.add_client(TENANT, CLIENT, secrets=[SECRET, b"a newer secret of it"])
        self.assertEqual(self.send(client_secret_file=self.file("newer", b"a newer secret of it")), 1)

    def test_a_token_that_is_not_good(self):
        self.send()
        kept, = self.memory.iterdir()
        text = json.loads(kept.read_text())
        for change in ({"expires_uptime_s": 1}, {"expires_uptime_s": 1 << 40}, {"bound": ""}, {"token": "a b"}, {}):
            with self.subTest(change):
                kept.write_text(json.dumps({**text, **change})[:None if change else 20])
                self.assertEqual(self.send(), 1)

    # Fault 1080: a runtime folder on a disk, of all, or none -> no token is kept
    def test_where_no_token_is_kept(self):
        disk = Path(os.environ["MMDCLOSE"]).resolve().parent / f"disk-{os.getpid()}"
        disk.mkdir(0o700)
        self.addCleanup(disk.rmdir)
        shared = self.memory / "shared"
        shared.mkdir()
        shared.chmod(0o777)
        for folder in (disk, shared, self.memory / "none"):
            self.assertEqual([self.send(runtime_dir=folder), self.send(runtime_dir=folder)], [1, 1], folder)
            self.assertFalse(folder.exists() and list(folder.iterdir()))

    def test_a_refused_token_is_replaced(self):
        self.send()
        self.service.script(after_request(http("401 Unauthorized", 'WWW-Authenticate: Bearer error="invalid_token"')))
        self.assertEqual([self.send(), self.send()], [1, 0])

    # Fault 1081: a clock from 1970, from the future, and back -> a record waits as long as it should, or less
    def test_clocks(self):
        members: Dict[str, Any] = dict(
            v=1, tenant=TENANT, request=A, client_request_id=GUID, actions="Done.", added="2026-01-01T00:00:00Z",
            attempts=3, wait_s=600, outcome="try_later", said="No.")
        uptime = int(float(Path("/proc/uptime").read_text().split()[0]))
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        for name, change, due in (
                ("same boot, a moment ago", dict(boot=BOOT, uptime_s=uptime, last_try="1970-01-01T00:00:01Z"), False),
                ("same boot, long ago", dict(boot=BOOT, uptime_s=0, last_try=now, wait_s=min(600, uptime)),
                 True),
                ("another boot, a moment ago", dict(boot="a", uptime_s=9, last_try=now), uptime >= 600),
                ("another boot, long ago", dict(boot="a", uptime_s=9, last_try="2020-01-01T00:00:00Z"), True),
                ("another boot, in the future", dict(boot="a", uptime_s=9, last_try="2999-01-01T00:00:00Z"),
                 uptime >= 600),
                ("a wait for ever", dict(boot=BOOT, uptime_s=uptime, last_try=now, wait_s=1 << 40), False)):
            with self.subTest(name):
                (self.state / "due").mkdir(parents=True, exist_ok=True)
                self.file("state/due/" + f"{TENANT},{A}.json", record_line(**{**members, **change}))
                item = self.only()
                self.assertEqual(item["state"], "due" if due else "waiting")
                self.assertLessEqual(item["again_s"], 129600)

    # Fault 1082: a record that the service has not accepted for a month -> aside, but not if it did not answer
    def test_age(self):
        (self.state / "due").mkdir(parents=True)
        self.file("state/due/" + f"{TENANT},{A}.json", record_line(
            v=1, tenant=TENANT, request=A, client_request_id=GUID, actions="Done.", added="2026-01-01T00:00:00Z",
            first_try="2026-01-01T00:00:00Z"))
        self.service.script([["reset"]])
        self.assertEqual(self.flush().status, 7)
        self.assertEqual(self.only()["state"], "waiting")
        self.retry_without_age()
        self.service.script(after_request(said("403 Forbidden", "x", "No.")))
        result = self.flush()
        self.assertEqual((result.status, self.events(result)), (6, ["too_old"]))
        self.assertEqual(self.only()["state"], "failed")
        self.retry()
        self.assertEqual(self.flush().status, 0)

    def retry_without_age(self) -> None:
        os.remove(self.state / "waits/all.json")


class Adding(QueueCase):
    def setUp(self) -> None:
        super().setUp()
        self.open_all()

    # Fault 1083: the same closing twice -> one; with another text, the first one
    def test_twice(self):
        self.add(A, actions="first")
        self.mmdclose("queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop, *self.folders())
        for actions, words in (("first", "already"), ("second", "with another text; the first counts")):
            self.add(A, actions=actions)
            result = self.mmdclose("queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop, *self.folders())
            self.assertEqual(result.status, 0)
            self.assertIn(words, result.err)
        self.assertEqual(len(self.list()), 1)
        self.assertEqual(self.flush().status, 0)
        self.assertEqual(self.service.actions(TENANT, A), "first")

    def test_again_after_it_failed(self):
        self.service.script(after_request(said("400 Bad Request", "x", "Say more.")))
        self.add(A, actions="first")
        self.assertEqual(self.flush().status, 5)
        self.add(A, actions="second, with more")
        self.assertEqual(self.flush().status, 0)
        self.assertEqual(self.service.actions(TENANT, A), "second, with more")
        self.assertEmpty()

    # Fault 1084: more than the queue takes -> what is too much waits in the drop folder, and comes later
    def test_full(self):
        for request in REQUESTS[:4]:
            self.add(request)
        self.service.script([["reset"]])
        result = self.flush(queue_max=2)
        self.assertEqual(self.events(result).count("later"), 2)
        self.assertEqual([item["state"] for item in self.list()], ["not_taken_in", "waiting", "waiting"])
        check = self.mmdclose("queue", "check", *self.folders(), "--drop-dir", self.drop)
        self.assertEqual(check.status, 1)
        listed = self.mmdclose("queue", "list", *self.folders(), "--drop-dir", self.drop)
        self.assertIn("2 added, could not be taken in", listed.out.decode())
        self.retry()
        self.assertEqual(self.flush(queue_max=2).status, 0)
        self.assertEqual(self.flush(queue_max=2).status, 0)
        self.assertEmpty()

    # Fault 1117: the tenant of a record that waits, or failed, is not the queue's any more -> it is not sent
    def test_a_tenant_that_is_not_ours(self):
        self.add(A, tenant=OTHER_TENANT)
        self.assertEqual(self.flush().status, 0)
        self.assertEqual(self.only()["state"], "failed")
        self.retry()
        result = self.flush()
        self.assertEqual((result.status, self.events(result), self.only()["state"]), (0, ["aside"], "failed"))
        self.assertEqual(self.authority.received + self.service.received, b"")

    # Fault 1118: a clock that was not set when a closing was added -> it has no age
    def test_added_in_1970(self):
        (self.state / "due").mkdir(parents=True)
        self.drop.mkdir(0o700)
        self.file("state/due/" + f"{TENANT},{A}.json", record_line(
            v=1, tenant=TENANT, request=A, client_request_id=GUID, actions="Done.", added="1970-01-01T00:00:09Z"))
        self.assertEqual(self.mmdclose("queue", "check", *self.folders(), "--drop-dir", self.drop).status, 0)

    # A host that is none is a mistake of the configuration's: no closing is moved aside for it.
    def test_a_host_that_is_none(self):
        self.add(A)
        self.mmdclose("queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop, *self.folders())
        self.add(B)
        for host in ("a b", "192.0.2.1", ""):
            for more in ((), ("--watch",)):
                result = self.mmdclose(*self.flush_words(host=host), *more)
                self.assertEqual(result.status, 2, result.err)
                self.assertIn("--host cannot be used: it takes a name, not an address", result.err)
        self.assertEqual([item["state"] for item in self.list()], ["not_taken_in", "due"])
        self.assertEqual(self.flush().status, 0)
        self.assertEmpty()

    def test_json(self):
        result = self.add(A, "--json")
        self.assertEqual((result.json["outcome"], result.json["exit"]), ("queued", 0))
        listed = self.mmdclose("queue", "list", *self.folders(), "--drop-dir", self.drop)
        self.assertEqual((listed.status, listed.out[:29]), (0, b"1 added, not taken in yet: th"))

    def test_what_cannot_be_added(self):
        for changes, words in ((["--request", "a/b", "--actions", "x"], "--request cannot be used"),
                               (["--request", A, "--actions", " "], "empty"), (["--request", A], "is missing"),
                               (["--request", "x" * 128, "--tenant", "y" * 128, "--actions", "z"], "too long"),
                               (["--request", A, "--actions", "x" * 114700], "too long for the queue")):
            words_ = ["queue", "add", "--no-config", "--drop-dir", self.drop, *changes]
            if "--tenant" not in changes:
                words_ += ["--tenant", TENANT]
            result = self.mmdclose(*words_)
            self.assertEqual(result.status, 2)
            self.assertIn(words, result.err)
        result = self.mmdclose("queue", "add", "--no-config", "--drop-dir", self.drop / "a/b", "--tenant", TENANT,
                               "--request", A, "--actions", "x")
        self.assertEqual(result.status, 1)
        self.assertIn("The closing is not stored.", result.err)

    # What the token server would refuse for all of the tenant is refused, and stored nowhere.
    def test_a_client_request_id_that_is_none(self):
        for given, words in (("foo", "but byte 1 is something else"), ("job-17", "but byte 0"), ("", "it is empty"),
                             (GUID[:-1], "it ends too early"), (GUID + "0", "but byte 36"),
                             (GUID.replace("-", "0"), "but byte 8"), (f"{{{GUID}}}", "but byte 0")):
            with self.subTest(given):
                add = ["queue", "add", "--no-config", "--drop-dir", self.drop, "--tenant", TENANT, "--request", A,
                       "--actions", "Done."]
                close = [*self.options(request=A), "--no-config"]
                for command in (add, close, [*close, "--drop-dir", self.drop, "--queue"]):
                    result = self.mmdclose(*command, "--client-request-id", given, "--json")
                    self.assertEqual((result.status, result.json["outcome"]), (2, "usage"))
                    self.assertRegex(result.json["sentence"], "^--client-request-id cannot be used: it takes a GUID, ")
                    self.assertIn(words, result.json["sentence"])
        self.assertFalse(self.drop.exists())
        self.assertEqual(self.authority.received + self.service.received, b"")
        self.add(A, "--client-request-id", GUID.upper())
        self.assertEqual(self.flush().status, 0)
        self.assertIn(b"\r\nclient-request-id: " + GUID.upper().encode(), self.service.received)

    # Fault 1061: a record whose client-request-id is no GUID, dropped or stored long ago -> aside; its tenant goes on
    def test_a_record_with_a_client_request_id_that_is_none(self):
        members = dict(v=1, tenant=TENANT, client_request_id="foo", actions="Done.")
        self.drop.mkdir(0o700)
        (self.state / "due").mkdir(parents=True)
        self.file(f"state/due/{TENANT},{A}.json", record_line(**members, request=A, added="2020-01-01T00:00:00Z"))
        self.file("drop/x", record_line(**members, request=B))
        self.add(C)
        result = self.flush()
        self.assertEqual((result.status, sorted(self.events(result))), (0, ["aside", "bad", "closed", "taken_in"]))
        for item in self.list():
            self.assertEqual((item["state"], item["outcome"]), ("failed", "usage"))
            self.assertIn("its client-request-id is no GUID", item["said"])
        self.assertEqual(set(self.states()), {A, B})
        self.retry()
        self.assertEqual(self.events(self.flush()), ["aside", "aside"])
        self.add(A)
        self.add(B)
        self.assertEqual(self.flush().status, 0)
        self.assertEmpty()

    # Fault 1067: a record that can never be sent, of the same closing as a good one -> the good one is kept, and sent
    def test_what_cannot_be_sent_takes_no_ones_place(self):
        good, bad = (record_line(v=1, tenant=TENANT, request=A, client_request_id=guid, added="2020-01-01T00:00:00Z",
                                 actions=text) for guid, text in ((GUID, "good"), ("foo", "bad")))
        (self.state / "due").mkdir(parents=True)
        (self.state / "failed").mkdir()
        self.drop.mkdir(0o700)
        file = f"{TENANT},{A}.json"
        for name, line in (("stored long ago", bad), ("damaged", b"{")):
            with self.subTest(name):
                self.file(f"state/due/{file}", line)
                self.add(A, actions="new")
                self.assertEqual(self.flush().status, 0)
                self.assertEqual(self.service.actions(TENANT, A), "new")
                self.service.add(TENANT, A)
        with self.subTest("dropped"):
            self.file(f"state/failed/{file}", good)
            self.file("drop/x", bad)
            self.assertEqual(self.events(self.flush()), ["discarded"])
            self.assertEqual((self.state / "failed" / file).read_bytes(), good)
        with self.subTest("tried again"):
            self.file(f"state/due/{file}", b"{")
            self.mmdclose("queue", "retry", "--request", A, "--drop-dir", self.drop, *self.folders())
            self.assertEqual(self.flush().status, 0)
            self.assertEqual(self.service.actions(TENANT, A), "good")
        self.assertEmpty()

    # Fault 1068: another queue's folder on the command line -> what was added to this queue is not that one's
    def test_another_queues_folder(self):
        path = self.file("conf", f"state-dir = {self.state}\ndrop-dir = {self.drop}\n".encode(), 0o644)
        other = self.folder / "other"
        other.mkdir(0o700)
        self.add(A)
        for command in (["drop", "--all"], ["retry", "--all"], ["drop", "--request", A]):
            words = ["queue", *command, "--config", path]
            self.assertEqual(self.mmdclose(*words, "--state-dir", other).status, 4)
            self.assertEqual(len(list(self.drop.iterdir())), 1)
        self.state.mkdir(0o700)
        self.assertEqual(self.mmdclose("queue", "drop", "--all", "--config", path).out, b"dropped: 1\n")

    # Each request to the token server has an id of its own, with a secret or a certificate, after a 401, too.
    def test_the_token_requests_have_other_ids(self):
        self.add(A, "--client-request-id", GUID)
        self.service.script(after_request(http("401 Unauthorized", 'WWW-Authenticate: Bearer error="invalid_token"')))
        self.assertEqual(self.flush().status, 0)
        ids = re.findall(rb"\r\nclient-request-id: (\S+)\r\n", self.authority.received)
        self.assertEqual((len(ids), len(set(ids))), (2, 2))
        for each in ids:
            self.assertRegex(each, rb"\A[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
        self.assertNotIn(GUID.encode(), self.authority.received)
        self.assertEqual(self.service.received.count(GUID.encode()), 2)

    # Fault 1064: it is stored, and the output is full -> exit 0 all the same, and the standard error says it
    def test_stored_but_not_printed(self):
        for _ in range(2):
            self.authority.script([["reset"]])
        close = [*self.options(request=A, drop_dir=self.drop), "--no-config", "--queue"]
        add = ["queue", "add", "--no-config", "--drop-dir", self.drop, "--tenant", TENANT, "--request", B, "--actions",
               "x"]
        for words, number in ((add, 1), ([*add, "--json"], 2), (close, 3), ([*close, "--json"], 4)):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([*COMMAND, *map(str, words)], stdout=full, stderr=subprocess.PIPE,
                                      env=ENVIRONMENT, timeout=60 * SLOWER, check=False, text=True)
            self.assertEqual((done.returncode, len(list(self.drop.iterdir()))), (0, number), done.stderr)
            said_, warning = done.stderr.splitlines()
            self.assertRegex(said_, '"outcome":"queued","exit":0,' if "--json" in words else " stored")
            self.assertIn("cannot write this to the standard output", warning)

    # Fault 1085: `close --queue` -> what is not settled is stored, and that is a success; what is settled is not
    def test_close(self):
        words = self.options(request=A, drop_dir=self.drop) + ["--no-config", "--queue", "--json"]
        for script, status, outcome, stored in (
                (None, 0, "closed", False), (said("400 X", "x", "already closed"), 3, "already_closed", False),
                (said("404 X", "x", "No."), 4, "no_such_request", False), (said("400 X", "x", "No."), 5, "refused", False),
                (said("403 X", "x", "No."), 0, "queued", True), (http("503 X"), 0, "queued", True)):
            with self.subTest(outcome):
                if script is not None:
                    self.service.script(after_request(script))
                result = self.mmdclose(*words)
                self.assertEqual((result.status, result.json["outcome"], result.json["exit"]), (status, outcome, status))
                self.assertEqual(len(list(self.drop.iterdir())) if self.drop.exists() else 0, 1 if stored else 0)
                if stored:
                    self.assertIn("the closing is stored in the queue, which sends it later. What failed: ",
                                  result.json["sentence"])
                    self.assertEqual(self.flush().status, 0)
                self.service.add(TENANT, A)
        result = self.mmdclose(*self.options(request=A, drop_dir=self.drop, client_secret_file=self.folder / "none"),
                               "--no-config", "--queue")
        self.assertEqual(result.status, 0)
        self.assertEqual(self.mmdclose(*words[:-1], "--request", A).status, 2)
        self.assertEqual(len(list(self.drop.iterdir())), 1)
        result = self.mmdclose(*self.options(request=A, drop_dir=self.folder / "a/b", authority_connect="127.0.0.9",
                                             timeout=1), "--no-config", "--queue")
        self.assertEqual(result.status, 7)
        self.assertIn("The closing is not stored.", result.err)


class Operating(QueueCase):
    def setUp(self) -> None:
        super().setUp()
        self.open_all()

    def test_text(self):
        self.add(A)
        self.service.script(after_request(said("404 Not Found", "x", "No.")))
        result = self.mmdclose(*self.flush_words())
        self.assertEqual(result.status, 4)
        self.assertRegex(result.err, rf"\Ammdclose: the closing of {A} of tenant {TENANT} \(added by user \d+\): taken "
                         rf"in\.\nmmdclose: elevation request {A} of tenant {TENANT} does not exist .*\n\Z")
        listed = self.mmdclose("queue", "list", *self.folders(), "--drop-dir", self.drop)
        self.assertRegex(listed.out.decode(), rf"\Afailed  {A} of tenant {TENANT}, added \S+Z, tries 1: elevation .*\n\Z")
        check = self.mmdclose("queue", "check", *self.folders(), "--drop-dir", self.drop)
        self.assertEqual(check.status, 4)
        self.assertRegex(check.out.decode(), rf"\Astuck: 0 waiting, the oldest for 0 s; 1 failed; 0 not taken in; {A}: elevation ")

    # Fault 1086: the journal reads the output -> each line has its priority
    def test_priorities(self):
        self.add(A)
        self.add(B)
        self.service.script(after_request(said("404 Not Found", "x", "No.")))
        lines = self.journalled(*self.flush_words())
        self.assertEqual([line[:3] for line in lines], ["<6>", "<6>", "<3>", "<6>"])
        self.add(C)
        for stream in ("", "8:1", "x", f"{1 << 70}:1"):
            result = self.mmdclose(*self.flush_words(), env={**ENVIRONMENT, "JOURNAL_STREAM": stream})
            self.assertNotIn("<", result.err)
            self.add(C)

    # Fault 1087: nothing takes in what was added, or a record waits for long -> the check says so
    def test_check(self):
        check = ["queue", "check", *self.folders(), "--drop-dir", self.drop]
        self.assertEqual(self.mmdclose(*check).status, 2, "there is no queue")
        self.state.mkdir(0o700)
        self.assertEqual(self.mmdclose(*check).status, 1, "there is no drop folder")
        self.drop.mkdir(0o700)
        self.assertEqual(self.mmdclose(*check).out, b"ok: 0 waiting, the oldest for 0 s; 0 failed; 0 not taken in\n")
        self.add(A)
        dropped, = self.drop.iterdir()
        os.utime(dropped, (1, 1))
        self.assertEqual(self.mmdclose(*check).status, 1)
        self.service.script([["reset"]])
        self.flush()
        self.assertEqual(self.mmdclose(*check, "--max-age", "1h").status, 0)
        time.sleep(2.1)
        result = self.mmdclose(*check, "--max-age", "1s", "--json")
        self.assertEqual((result.status, result.json["state"], result.json["outcome"]), (7, "stuck", "try_later"))

    # Fault 1063: the state folder's disk is full, or read-only -> the check says that nothing can be sent, and exits 1
    def test_check_of_the_disk(self):
        self.add(A)
        self.service.script(after_request(said("403 Forbidden", "x", "No.")))
        self.flush()
        self.retry()
        check = ["queue", "check", *self.folders(), "--drop-dir", self.drop]
        self.assertEqual(self.mmdclose(*check).status, 0)
        nearly_full = 'dd if=/dev/zero of="$0/full" bs=1k count=140 2>/dev/null'
        for script, words in (((), "No space left on device"), ((nearly_full,), "No space left on device"),
                              (('mount -o remount,ro "$0"',), "Read-only file system")):
            with self.subTest(script):
                result = self.mmdclose(*check, before=self.on_another_disk(*script))
                self.assertEqual(result.status, 1, result.out)
                self.assertRegex(result.out.decode(), r"\Astuck: 1 waiting, .*; nothing can be sent, or taken in: the "
                                 rf"queue in {self.state}: cannot write a file to tmp: {words}\.\n\Z")
                result = self.mmdclose(*check, "--json", before=self.on_another_disk(*script))
                self.assertEqual((result.json["state"], result.json["exit"], result.json["outcome"]),
                                 ("stuck", 1, "internal"))
        self.assertEqual(self.flush().status, 0)
        self.assertEmpty()
        self.assertEqual(list((self.state / "tmp").iterdir()), [])

    # Whoever adds a file may set its time.
    def test_check_of_wrong_times(self):
        check = ["queue", "check", *self.folders(), "--drop-dir", self.drop]
        self.state.mkdir(0o700)
        for time_s in (1, 0, -1, -(1 << 31)):
            self.add(B)
            for path, at in zip(self.drop.iterdir(), (1, time_s)):
                os.utime(path, (at, at))
            self.assertEqual(self.mmdclose(*check).status, 1, time_s)
            for path in self.drop.iterdir():
                os.utime(path, (time_s, time_s))
            self.assertEqual(self.mmdclose(*check).status, 1, time_s)
        for path in self.drop.iterdir():
            os.utime(path, (1 << 33, 1 << 33))
        self.assertEqual(self.mmdclose(*check).status, 0)

    def test_retry_and_drop(self):
        for request in (A, B, C):
            self.add(request)
            self.service.script(after_request(said("404 Not Found", "x", "No.")))
        self.assertEqual(self.flush().status, 4)
        self.assertEqual(self.mmdclose("queue", "retry", "--request", "none", *self.folders()).status, 4)
        none = self.mmdclose("queue", "retry", "--request", "none", *self.folders(), "--json")
        self.assertEqual((none.status, none.json), (4, {"v": 1, "due": 0}))
        self.assertEqual(self.mmdclose("queue", "retry", "--request", A, "--tenant", "none", *self.folders()).status, 4)
        self.assertEqual(self.mmdclose("queue", "retry", "--request", A, "--tenant", TENANT, *self.folders()).out,
                         b"due: 1\n")
        self.assertEqual(self.states(), {A: "due", B: "failed", C: "failed"})
        self.assertEqual(self.mmdclose("queue", "drop", "--request", B, *self.folders(), "--json").json,
                         {"v": 1, "dropped": 1})
        self.assertEqual(self.flush().status, 0)
        self.assertEqual(self.mmdclose("queue", "drop", "--all", *self.folders()).out, b"dropped: 1\n")
        self.assertEmpty()
        self.assertEqual(self.mmdclose("queue", "drop", *self.folders()).status, 2)

    def change(self, command: str, *words: Any, status: int = 0) -> Any:
        result = self.mmdclose("queue", command, "--drop-dir", self.drop, *self.folders(), *words)
        self.assertEqual(result.status, status, result.err)
        return result

    def add_for_both(self) -> None:
        for tenant in (TENANT, OTHER_TENANT):
            self.add(A, tenant=tenant)
        self.mmdclose("queue", "intake", "--tenants", f"{TENANT} {OTHER_TENANT}", "--drop-dir", self.drop,
                      *self.folders())

    # Two tenants have a request of the same id: one of them is meant.
    def test_the_same_request_of_two_tenants(self):
        for command in ("retry", "drop"):
            with self.subTest(command):
                self.add_for_both()
                before = {path: path.read_bytes() for path in self.state.rglob("*.json")}
                result = self.change(command, "--request", A, status=2)
                self.assertRegex(result.err, rf"{A} is of several tenants, among them \S+ and \S+; say which by ")
                self.assertEqual(before, {path: path.read_bytes() for path in self.state.rglob("*.json")})
                self.change(command, "--request", A, "--tenant", TENANT)
                left = {(item["tenant"], item["state"]) for item in self.list()}
                self.assertEqual(left, {(OTHER_TENANT, "due")} | ({(TENANT, "due")} if command == "retry" else set()))
        result = self.change("drop", "--request", A, "--tenant", TENANT, status=4)
        self.assertIn(f"there is no such closing of tenant {TENANT} in {self.state}; there is one of tenant "
                      f"{OTHER_TENANT}: name it by --tenant.", result.err)
        self.assertIn("see 'mmdclose queue list'.",
                      self.change("drop", "--request", B, "--tenant", TENANT, status=4).err)
        self.change("drop", "--request", A)
        self.assertEmpty()

    # The configuration's tenant is the one that is meant; of all only what the command line names.
    def test_the_configured_tenant(self):
        path = self.file("conf", f"tenant = {TENANT}\n".encode(), 0o644)
        words = ["--config", path, "--state-dir", self.state, "--drop-dir", self.drop]
        self.add_for_both()
        for command in ("retry", "drop"):
            self.assertEqual(self.mmdclose("queue", command, "--request", A, *words).status, 0)
        self.assertEqual(self.only()["tenant"], OTHER_TENANT)
        self.assertEqual(self.mmdclose("queue", "drop", "--request", A, *words).status, 4)
        self.assertEqual(self.mmdclose("queue", "drop", "--request", A, "--tenant", OTHER_TENANT, *words).status, 0)
        self.assertEmpty()
        self.add_for_both()
        (self.state / "failed/bad,x").write_bytes(b"x")
        self.assertEqual(self.mmdclose("queue", "drop", "--all", "--tenant", OTHER_TENANT, *words).out, b"dropped: 1\n")
        self.assertEqual([item.get("tenant") for item in self.list()], [None, TENANT])
        self.assertEqual(self.mmdclose("queue", "drop", "--request", "x", *words).out, b"dropped: 1\n")
        self.assertEqual(self.mmdclose("queue", "drop", "--all", *words).out, b"dropped: 1\n")
        self.assertEmpty()

    # A tenant that is held goes on being so when another one's closings are tried again.
    def test_the_waits_of_other_tenants(self):
        self.add(A)
        self.add(B, tenant=OTHER_TENANT)
        wrong = self.file("wrong", b"another secret")
        self.authority.add_client(TENANT, CLIENT, secrets=[SECRET]).tenants.add(OTHER_TENANT)
        self.flush(tenant=None, tenants=f"{TENANT} {OTHER_TENANT}", client_secret_file=wrong)
        self.change("retry", "--all", "--tenant", TENANT)
        self.assertEqual(self.states(), {A: "due", B: "held"})

    # What was added and not taken in yet is found, too, before the first flush and after it.
    def test_what_was_just_added(self):
        self.add(A)
        result = self.change("drop", "--request", A, status=2)
        self.assertIn(f"there is no queue in {self.state}", result.err)
        self.state.mkdir(0o700)
        for command, word in (("retry", "due"), ("drop", "dropped")):
            result = self.change(command, "--request", A, "--json")
            self.assertEqual(result.json, {"v": 1, word: 1})
            self.assertEqual("taken in." in result.err, command == "retry")
        self.assertEmpty()
        self.add(A)
        self.add(B, tenant=OTHER_TENANT)
        self.assertEqual(self.change("drop", "--request", B, "--tenant", OTHER_TENANT).out, b"dropped: 1\n")
        self.assertEqual(self.states(), {A: "due"})
        self.add(B, tenant=OTHER_TENANT)
        self.change("retry", "--all")
        self.assertEqual((self.flush().status, self.states()), (0, {B: "failed"}))
        self.assertEqual(self.authority.received.count(OTHER_TENANT.encode()), 0)
        self.add(A)
        self.assertEqual(self.change("drop", "--all").out, b"dropped: 2\n")
        self.assertEmpty()

    # More than the queue takes: what waits in the drop folder is not said to be none; all are dropped all the same.
    def test_more_than_the_queue_takes(self):
        self.state.mkdir(0o700)
        for request in REQUESTS:
            self.add(request)
        result = self.change("drop", "--request", "none", "--queue-max", "3", status=1)
        self.assertIn(f"the queue is full: of what was added, 7 wait in the folder {self.drop}", result.err)
        self.assertNotIn("there is no such closing", result.err)
        self.assertEqual(self.change("drop", "--all", "--queue-max", "3").out, b"dropped: 10\n")
        self.assertEmpty()

    # A closing that was added again and one that had failed: the new one is tried, and no drop is needed.
    def test_retry_after_it_was_added_again(self):
        self.service.script(after_request(said("400 Bad Request", "x", "Say more.")))
        self.add(A, actions="first")
        self.assertEqual(self.flush().status, 5)
        self.add(A, actions="second, with more")
        self.assertEqual(self.change("retry", "--request", A).out, b"due: 1\n")
        self.assertEqual(self.flush().status, 0)
        self.assertEqual(self.service.actions(TENANT, A), "second, with more")
        self.assertEmpty()

    def test_changed_but_not_printed(self):
        for command, words in (("retry", "due: 1"), ("drop", "dropped: 1")):
            self.add(A)
            self.mmdclose("queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop, *self.folders())
            with open("/dev/full", "wb") as full:
                done = subprocess.run([*COMMAND, "queue", command, "--all", *map(str, self.folders())], stdout=full,
                                      stderr=subprocess.PIPE, env=ENVIRONMENT, timeout=60 * SLOWER, check=False,
                                      text=True)
            self.assertEqual((done.returncode, done.stderr.splitlines()[-1]), (0, f"mmdclose: {words}"))
        self.assertEmpty()

    # The ids end where the file's name says so, with dots in them, too.
    def test_an_id_that_ends_as_a_file(self):
        for request in ("x", "x.json", "x.json.json"):
            self.add(request)
        self.mmdclose("queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop, *self.folders())
        for request, left in (("x.json", ["x", "x.json.json"]), ("x", ["x.json.json"])):
            self.assertEqual(self.mmdclose("queue", "drop", "--request", request, *self.folders()).out, b"dropped: 1\n")
            self.assertEqual(sorted(self.states()), left)
        self.assertEqual(self.mmdclose("queue", "drop", "--request", "x.json", *self.folders()).status, 4)

    # Fault 1088: a record that was changed, cut, or has another's name -> aside, the others are sent
    def test_damaged_records(self):
        good = dict(v=1, tenant=TENANT, request=A, client_request_id=GUID, actions="Done.", added="2026-01-01T00:00:00Z")
        due = self.state / "due"
        due.mkdir(parents=True)
        line = record_line(**good)
        files = {f"{TENANT},cut.json": line[:-5], f"{TENANT},bit.json": line.replace(b"Done", b"Dona"),
                 f"{TENANT},name.json": line, "empty.json": b"", "a file": b"x" * 200000,
                 f"{TENANT},version.json": record_line(**{**good, "v": 2}),
                 f"{TENANT},json.json": sealed('{"v":1,"tenant":'), f"{TENANT},{A}.json": line}
        for name, content in files.items():
            (due / name).write_bytes(content)
        result = self.flush()
        self.assertEqual((result.status, sorted(self.events(result))), (0, ["bad"] * (len(files) - 1) + ["closed"]))
        self.assertEqual({item["state"] for item in self.list()}, {"bad"})
        self.assertEqual({path.name for path in (self.state / "failed").iterdir()}, set(files) - {f"{TENANT},{A}.json"})

    # Fault 1089: two flushes at once -> the second one ends at once; what is dropped meanwhile stays so
    def test_two_at_once(self):
        self.add(A)
        self.service.script([["handshake"], ["read-request"], ["hold", 20]])
        with subprocess.Popen([*COMMAND, *map(str, self.flush_words())], env=ENVIRONMENT,
                              stderr=subprocess.PIPE) as first:
            self.wait(lambda: self.service.received != b"")
            result = self.flush()
            self.assertEqual((result.status, result.out), (0, b""))
            self.assertEqual(self.mmdclose("queue", "drop", "--request", A, *self.folders()).status, 0)
            first.send_signal(signal.SIGTERM)
            first.communicate()
        self.assertEqual(self.flush().status, 0)
        self.assertEmpty()

    def wait(self, holds: Any) -> None:
        deadline = time.monotonic() + 20 * SLOWER
        while not holds():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    # Fault 1090: `--watch` -> sends what is there and what is added; ends with its child
    def test_watch(self):
        self.add(A)
        with subprocess.Popen([*COMMAND, *map(str, self.flush_words()), "--watch"], env=ENVIRONMENT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watch:
            self.wait(lambda: self.service.actions(TENANT, A))
            self.add(B)
            self.wait(lambda: self.service.actions(TENANT, B))
            self.assertIsNone(watch.poll())
            watch.send_signal(signal.SIGTERM)
            watch.communicate(timeout=20 * SLOWER)
        self.assertEqual(watch.returncode, -signal.SIGTERM)
        self.assertEqual(self.mmdclose(*self.flush_words(tenant=None), "--watch").status, 2)


class Owners(QueueCase):
    # Fault 1119: root works on the queue of another user -> what it writes is that user's
    def test_root(self):
        """As root, or as the root of a user namespace with an owner that is mapped to it."""
        self.open_all()
        self.add(A)
        self.service.script([["reset"]])
        self.assertEqual(self.flush().status, 7)
        owner = 12345 if os.geteuid() == 0 else os.getuid()
        for path in (self.state, *self.state.rglob("*")):
            os.chown(path, owner, -1)
        self.add(B)
        self.retry()
        self.service.script([["reset"]])
        self.assertEqual(self.flush().status, 7)
        self.assertEqual({path.stat().st_uid for path in (self.state, *self.state.rglob("*"))}, {owner})

    # Fault 1120: a record that the sender may not read -> aside, the others are sent
    def test_a_record_of_another_user(self):
        self.open_all()
        self.add(A)
        due = self.state / "due"
        due.mkdir(parents=True)
        (due / "x,y.json").write_text("secret")
        (due / "x,y.json").chmod(0)
        words = self.flush_words(ca_file=self.file("ca.pem", Path(PKI.ca_file()).read_bytes()))
        before = []
        if os.geteuid() == 0:
            before = ["setpriv", "--reuid=12345", "--clear-groups"]
            for path in (self.memory, self.folder, *self.folder.rglob("*")):
                os.chown(path, 12345, -1)
            os.chown(due / "x,y.json", 0, -1)
        result = self.mmdclose(*words, "--json", before=before)
        self.assertEqual((result.status, sorted(self.events(result))), (0, ["bad", "closed", "taken_in"]), result.err)


class TokenServers(QueueCase):
    # Fault 1091: the token server cannot be verified -> exit 8, all wait, no secret is sent
    def test_another_server(self):
        self.authority = self.serve_tokens(self.service, tls=Tls(LOGIN_PKI, "expired"))
        self.add(A)
        result = self.flush()
        self.assertEqual((result.status, self.events(result)), (8, ["taken_in", "wait_all"]))
        self.assertEqual(self.authority.received, b"")


if __name__ == "__main__":
    unittest.main()
