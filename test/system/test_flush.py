# SPDX-License-Identifier: MIT
"""A flush in worse times: what the token server, the way there and this device do to the queue; runs that hang, are
ended, or meet an operator; files that are not as they should be."""
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Dict, List

from harness import COMMAND, PKI, SLOWER, TENANT, Tls, after_request, http
from queueing import BOOT, CLIENT, ENVIRONMENT, REQUESTS, SECRET, QueueCase, record_line
from scripted_proxy import ScriptedProxy

A, B, C = REQUESTS[:3]
GUID = "0f3c2a1e-9b8d-4c7e-8a61-5d4f3b2e1a07"
OTHER_TENANT = "7a1d0c3e-5b2f-4e8a-9c61-0d4f8b2e6a17"
LATER = 20 * SLOWER
REFUSAL = after_request(http("401 Unauthorized", 'WWW-Authenticate: Bearer error="invalid_token"'))


def oauth(status: str, word: str, code: int, *fields: str) -> str:
    return http(status, "Content-Type: application/json", *fields, body=json.dumps({
        "error": word, "error_description": f"AADSTS{code}: what it says.", "error_codes": [code]}))


# What the token server says to the first tenant; the exit status, the event, whether the other tenant's closing is
# sent, whether somebody is called at once, and how long is waited at least.
TOKEN_SERVER = {
    "throttled": (http("429 Too Many Requests", "Retry-After: 400"), 7, "wait_tenant", True, False, 400),
    "busy": (http("503 Service Unavailable", "Retry-After: 120"), 7, "wait_tenant", True, False, 120),
    "an error": (http("500 Internal Server Error"), 7, "wait_tenant", True, False, 5),
    "a page": (http("404 Not Found", "Content-Type: text/html", body="<html>"), 7, "wait_tenant", True, False, 5),
    "a redirect": (http("302 Found", "Location: https://x.test/"), 7, "wait_tenant", True, False, 5),
    "by its word": (oauth("400 Bad Request", "temporarily_unavailable", 90033), 7, "wait_tenant", True, False, 5),
    "no such client": (oauth("401 Unauthorized", "invalid_client", 7000215), 6, "hold_tenant", True, True, 3000),
    "no such tenant": (oauth("400 Bad Request", "invalid_request", 90002), 6, "hold_tenant", True, True, 3000),
    "the clock": (oauth("401 Unauthorized", "invalid_client", 700024), 9, "wait_all", False, False, 5),
}
# What a proxy says; whether somebody is called at once.
PROXIES = {
    "407": ("407 Proxy Authentication Required", True),
    "403": ("403 Forbidden", False),
    "502": ("502 Bad Gateway", False),
}


class FlushCase(QueueCase):
    def setUp(self) -> None:
        super().setUp()
        self.open_all()

    def make_due(self) -> None:
        """As if the time of each wait had come."""
        for path in [*self.state.glob("waits/*"), *self.state.glob("due/*")]:
            members = json.loads(path.read_bytes())
            del members["sha256"]
            path.write_bytes(record_line(**{**members, "wait_s": 0}))

    def put_due(self, *requests: str, **members: Any) -> None:
        for name in ("tmp", "due", "failed", "waits"):
            (self.state / name).mkdir(0o700, parents=True, exist_ok=True)
        for request in requests:
            line = record_line(**{**dict(v=1, tenant=TENANT, request=request, client_request_id=GUID, actions="Done.",
                                         added="2026-01-01T00:00:00Z"), **members})
            (self.state / f"due/{TENANT},{request}.json").write_bytes(line)

    def wait_until(self, holds: Any) -> None:
        deadline = time.monotonic() + LATER
        while not holds():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def start(self, *more: Any, **changes: Any) -> subprocess.Popen:
        process = subprocess.Popen([*COMMAND, *map(str, [*self.flush_words(**changes), *more])], env=ENVIRONMENT,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process


class Ways(FlushCase):
    def test_the_token_server(self):
        self.authority.add_client(TENANT, CLIENT, secrets=[SECRET]).tenants.add(OTHER_TENANT)
        for name, (response, status, event, goes_on, alarm, least) in TOKEN_SERVER.items():
            with self.subTest(name):
                self.service.add(OTHER_TENANT, B)
                self.add(A)
                self.add(C)
                self.mmdclose("queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop, *self.folders())
                self.add(B, tenant=OTHER_TENANT)
                self.make_older(next(self.state.glob(f"due/*{A}*")))
                self.authority.script(after_request(response))
                result = self.flush("--no-token-cache", tenant=None, tenants=f"{TENANT} {OTHER_TENANT}")
                line, = [line for line in self.lines(result) if "again_s" in line]
                self.assertEqual((result.status, line["event"], line["alarm"]), (status, event, alarm), result.out)
                self.assertGreaterEqual(line["again_s"], least)
                self.assertEqual(B not in self.states(), goes_on)
                self.assertEqual({item["maybe_sent"] for item in self.list()}, {False})
                self.assertEqual([path.name for path in self.state.glob("waits/*")],
                                 ["all.json" if event == "wait_all" else f"tenant,{TENANT}.json"])
                self.retry()
                again = self.flush("--no-token-cache", tenant=None, tenants=f"{TENANT} {OTHER_TENANT}")
                self.assertEqual(again.status, 0, again.out)
                self.assertEmpty()
                self.open_all()

    def make_older(self, path: Path) -> None:
        members = json.loads(path.read_bytes())
        del members["sha256"]
        path.write_bytes(record_line(**{**members, "added": "2020-01-01T00:00:00Z"}))

    def test_proxies(self):
        for name, (status, alarm) in PROXIES.items():
            with self.subTest(name), ScriptedProxy() as proxy:
                proxy.script([["handshake"], ["read-request"],
                              ["send", http(status, "Proxy-Authenticate: Basic realm=x")], ["close"]])
                self.add(A)
                result = self.flush(proxy=f"http://{proxy.address}:{proxy.port}", authority_connect=None, connect=None)
                line = self.lines(result)[-1]
                self.assertEqual((result.status, line["event"], line["alarm"], line["stage"]),
                                 (7, "wait_all", alarm, "proxy"), result.out)
                self.retry()
                self.assertEqual(self.flush().status, 0)
                self.open_all()

    # The service's certificate is not valid yet: the clock is behind.
    def test_the_clock(self):
        early = self.serve(tls=Tls(PKI, "not-yet-valid"))
        self.add(A)
        result = self.flush(port=early.public_port)
        self.assertEqual((result.status, self.events(result)[-1]), (9, "wait_all"))
        item = self.only()
        self.assertEqual((item["outcome"], item["alarm"], item["maybe_sent"]), ("clock_not_set", False, False))
        self.assertEqual(json.loads(next(self.state.glob("due/*")).read_bytes())["first_try"], "")

    # What mostly passes by itself raises an alarm when it has not for five tries; check says so.
    def test_an_alarm_after_a_while(self):
        self.add(A)
        check = ["queue", "check", *self.folders(), "--drop-dir", self.drop]
        for failures in range(1, 7):
            result = self.flush(authority_connect="127.0.0.9")
            line = self.lines(result)[-1]
            self.assertEqual((result.status, line["attempts"], line["alarm"]), (7, failures, failures >= 5))
            self.assertEqual(self.mmdclose(*check).status, 7 if failures >= 5 else 0)
            self.assertLessEqual(line["again_s"], min(900, 30 << (failures - 1)))
            self.make_due()
        self.assertEqual(self.flush().status, 0)
        self.assertEqual(list(self.state.glob("waits/*")), [], "the next failure is the first one")
        self.assertEqual(self.mmdclose(*check).status, 0)

    # A held tenant's time has come: one probe, with one record.
    def test_one_probe(self):
        for request in (A, B, C):
            self.add(request)
        wrong = self.file("wrong", b"another secret")
        self.flush(client_secret_file=wrong)
        for failures in range(2, 5):
            self.make_due()
            requests = len(self.authority.connections)
            result = self.flush(client_secret_file=wrong)
            self.assertEqual((result.status, self.events(result)), (6, ["hold_tenant"]))
            self.assertEqual(self.lines(result)[0]["attempts"], failures)
            self.assertEqual(len(self.authority.connections), requests + 1)
        self.assertEqual(set(self.states().values()), {"held"})

    # Of the service's front: the next record may fare better; and a Retry-After of its own.
    def test_a_record_waits_as_long_as_is_asked(self):
        self.add(A)
        self.service.script(after_request(http("403 Forbidden", "Content-Type: application/json", "Retry-After: 5000",
                                               body='{"error":{"code":"x","message":"No."}}')))
        result = self.flush()
        line = self.lines(result)[-1]
        self.assertEqual((result.status, line["event"]), (6, "wait"))
        self.assertTrue(5000 <= line["again_s"] <= 7500)


class Credentials(FlushCase):
    def token_file(self, content: bytes) -> Dict[str, Any]:
        return dict(client_id=None, client_secret_file=None, authority=None, authority_connect=None,
                    token_file=self.file("a-token", content))

    # A token in a file is refused: held; another one in that file: sent at once.
    def test_another_token_in_a_file(self):
        for _ in range(2):
            self.add(A)
            self.assertEqual(self.flush("--no-token-cache").status, 0)
            self.service.add(TENANT, A)
        first, second = (token.encode() for token in self.authority.issued)
        self.add(A)
        self.service.script(REFUSAL)
        result = self.flush(**self.token_file(first))
        self.assertEqual((result.status, self.events(result)[-1]), (6, "hold_tenant"))
        self.assertEqual(self.events(self.flush(**self.token_file(first))), [])
        self.assertEqual(self.flush(**self.token_file(second)).status, 0)
        self.assertEmpty()

    # What is held is a tenant, also one that is called "all".
    def test_a_tenant_called_all(self):
        self.service.add("all", A)
        self.add(A, tenant="all")
        self.assertEqual(self.flush(tenant="all").status, 6)
        self.assertEqual(self.only()["state"], "held")
        self.add(B)
        result = self.flush(tenant=None, tenants=f"all {TENANT}")
        self.assertEqual((result.status, self.events(result)), (0, ["taken_in", "closed"]))
        self.assertEqual(self.only()["state"], "held")

    def test_no_token_cache(self):
        self.add(A)
        self.assertEqual(self.flush().status, 0)
        kept, = self.memory.iterdir()
        self.add(B)
        with kept.open("rb") as old:
            self.assertEqual(self.flush("--no-token-cache").status, 0)
            self.assertEqual(list(self.memory.iterdir()), [])
            self.assertEqual(old.read().strip(b"\0"), b"", "it is overwritten")
        self.assertEqual(len(self.authority.issued), 2)

    def test_an_expired_token_is_overwritten(self):
        self.add(A)
        self.assertEqual(self.flush().status, 0)
        kept, = self.memory.iterdir()
        kept.write_text(json.dumps({**json.loads(kept.read_text()), "expires_uptime_s": 1}))
        self.add(B)
        with kept.open("rb") as old:
            self.assertEqual(self.flush().status, 0)
            self.assertEqual(old.read().strip(b"\0"), b"")
        self.assertEqual(len(self.authority.issued), 2)

    def test_another_host_or_scope(self):
        for changes in (dict(scope="api://other/.default"), dict(host="other.test")):
            with self.subTest(changes):
                self.add(A)
                self.flush()
                kept, = self.memory.iterdir()
                before = kept.read_bytes()
                self.add(B)
                self.flush(**changes)
                self.assertFalse(kept.exists() and kept.read_bytes() == before, "the token was not used for it")
                self.mmdclose("queue", "drop", "--all", *self.folders())
                for wait in self.state.glob("waits/*"):
                    wait.unlink()
                self.open_all()

    # What a killed run was writing.
    def test_a_token_that_was_half_written(self):
        leftover = self.memory / ".token"
        leftover.write_bytes(b'{"v":1,"token":"half')
        self.add(A)
        with leftover.open("rb") as old:
            self.assertEqual(self.flush().status, 0)
            self.assertEqual(old.read().strip(b"\0"), b"")
        kept, = self.memory.iterdir()
        self.assertEqual(kept.name, f"token,{TENANT}.json")

    # Links and what others put into the runtime folder are not followed.
    def test_a_link_in_place_of_the_token(self):
        target = Path(self.file("target", b"keep"))
        (self.memory / f"token,{TENANT}.json").symlink_to(target)
        (self.memory / ".token").symlink_to(target)
        self.add(A)
        self.assertEqual(self.flush().status, 0)
        self.assertEqual(target.read_bytes(), b"keep")


class Connections(FlushCase):
    def test_the_server_ends_each(self):
        for request in (A, B, C):
            self.add(request)
            self.service.script([["handshake"], ["read-request"], ["answer"], ["close"]])
        result = self.flush()
        self.assertEqual((result.status, self.events(result).count("closed")), (0, 3))
        self.assertEqual((len(self.service.connections), len(self.authority.issued)), (3, 1))
        self.assertEmpty()

    # The kept connection is reset instead of a response: the closing is sent again, and counts as closed.
    def test_the_server_resets_the_kept_one(self):
        self.add(A)
        self.add(B)
        self.service.script([["handshake"], ["read-request"], ["answer"], ["read-request"], ["carry-out"], ["reset"]])
        result = self.flush()
        self.assertEqual((result.status, self.events(result).count("closed")), (0, 2), result.out)
        self.assertEmpty()

    # A record that is larger than the buffer of those before it.
    def test_larger_and_larger(self):
        for size, request in ((10, A), (9000, B), (40000, C)):
            self.add(request, actions="x" * size)
        result = self.flush()
        self.assertEqual((result.status, self.events(result).count("closed")), (0, 3))
        self.assertEqual(self.service.actions(TENANT, C), "x" * 40000)


class Running(FlushCase):
    def is_marked(self) -> bool:
        """Whether a record says that it may have been sent, which is stored before it is."""
        return any(b'"maybe_sent":true' in path.read_bytes() for path in self.state.glob("due/*.json"))

    # An operator looks, retries and drops while a flush hangs: none of them waits for it.
    def test_an_operator_meanwhile(self):
        self.add(A)
        self.service.script([["handshake"], ["read-request"], ["until", str(self.folder / "gate")],
                             ["send", http("503 X")], ["close"]])
        process = self.start("--json")
        self.wait_until(self.is_marked)
        self.wait_until(lambda: self.service.received)
        self.retry()
        self.assertEqual(self.add(B).status, 0)
        self.assertEqual(self.mmdclose("queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop,
                                       *self.folders()).status, 0)
        self.assertIsNone(process.poll())
        (self.folder / "gate").touch()
        process.communicate()
        self.assertEqual(process.returncode, 7)
        self.assertEqual(self.states(), {A: "waiting", B: "waiting"})
        self.retry()
        self.assertEqual(self.flush().status, 0)
        self.assertEmpty()

    def test_dropped_meanwhile(self):
        for n, (response, status) in enumerate(((http("503 X"), 7), (http("500 X"), 7), (None, 0))):
            with self.subTest(response):
                self.add(A)
                gate = self.folder / f"gate {n}"
                answer: List[Any] = [["answer"]] if response is None else [["send", response]]
                self.service.script([["handshake"], ["read-request"], ["until", str(gate)], *answer, ["close"]])
                process = self.start("--json")
                self.wait_until(self.is_marked)
                self.assertEqual(self.mmdclose("queue", "drop", "--request", A, *self.folders()).status, 0)
                gate.touch()
                process.communicate()
                self.assertEqual((process.returncode, self.list()), (status, []))
                for wait in self.state.glob("waits/*"):
                    wait.unlink()
                self.open_all()

    # A run that is killed while it sends has marked the record; the next one finds what it did.
    def test_killed_while_it_sends(self):
        self.add(A)
        self.service.script([["handshake"], ["read-request"], ["carry-out"], ["hold", 20]])
        process = self.start()
        self.wait_until(lambda: self.service.actions(TENANT, A))
        process.kill()
        process.wait()
        item = self.only()
        self.assertEqual((item["state"], item["maybe_sent"], item["attempts"]), ("due", True, 0))
        line, = self.lines(self.flush())
        self.assertEqual((line["event"], line["by_earlier_try"]), ("closed", True))
        self.assertEmpty()

    # What a killed run was writing is removed by the next change.
    def test_leftovers(self):
        self.put_due(A)
        (self.state / "tmp/x.json").write_bytes(b"half")
        (self.state / f"tmp/{TENANT},{A}.json").write_bytes(b"half")
        self.assertEqual(self.flush().status, 0)
        self.assertEmpty()

    # Ended while a program runs for the token: neither is left.
    def test_no_process_is_left(self):
        pid = self.folder / "pid"
        program = self.file("program", b"#!/bin/sh\necho $$ > " + bytes(pid) + b".new\nmv " + bytes(pid) + b".new "
                            + bytes(pid) + b"\nexec sleep 60\n", 0o700)
        words = dict(client_id=None, client_secret_file=None, authority=None, authority_connect=None,
                     token_command=program)
        for more in ((), ("--watch",)):
            self.add(A)
            process = self.start(*more, **words)
            self.wait_until(pid.exists)
            child = int(pid.read_text())
            process.terminate()
            process.wait()
            self.wait_until(lambda child=child: not self.is_running(child))
            pid.unlink()

    @staticmethod
    def is_running(pid: int) -> bool:
        try:
            return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False

    # The drop folder is made by whoever comes first, and what is added to it is seen at once.
    def test_watching_a_new_folder(self):
        process = self.start("--watch")
        self.wait_until((self.state / "flush.lock").exists)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        self.wait_until(lambda: children.read_text() == "")  # the first flush is over
        self.add(A)
        self.wait_until(lambda: self.service.actions(TENANT, A))
        process.send_signal(signal.SIGTERM)
        process.wait()

    # Two watchers: one sends, the other one is idle; each closing is sent once.
    def test_two_watchers(self):
        watchers = [self.start("--watch", "--json"), self.start("--watch", "--json")]
        for request in (A, B, C):
            self.add(request)
        self.wait_until(lambda: all(self.service.actions(TENANT, request) for request in (A, B, C)))
        self.wait_until(lambda: not list(self.state.glob("due/*")))
        for process in watchers:  # so that all is logged
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            self.wait_until(lambda children=children: children.read_text() == "")
        events = []
        for process in watchers:
            process.terminate()
            events += [json.loads(line)["event"] for line in process.communicate()[0].splitlines()]
        self.assertEqual(events.count("closed"), 3)


class Files(FlushCase):
    def test_modes(self):
        os.umask(0)
        self.addCleanup(os.umask, 0o022)
        self.add(A)
        self.add(B)
        self.service.script(after_request(http("404 X", "Content-Type: application/json",
                                               body='{"error":{"code":"x","message":"No."}}')))
        self.service.script(after_request(http("503 X")))
        self.flush()
        for path in [self.state, *self.state.rglob("*")]:
            self.assertEqual(path.stat().st_mode & 0o777, 0o700 if path.is_dir() else 0o600, path)
        self.assertTrue(list(self.state.glob("failed/*")) and list(self.state.glob("waits/*")))

    # One file that cannot be read, or is none, keeps none of the others from being sent.
    def test_what_cannot_be_read(self):
        self.put_due(A, B)
        (self.state / "due/a-folder").mkdir()
        (self.state / f"due/{TENANT},{C}.json").symlink_to("/nowhere")
        os.mkfifo(self.state / "due/a-pipe")
        result = self.flush()
        self.assertEqual(self.events(result).count("closed"), 2, result.out + result.err.encode())
        self.assertEqual(self.mmdclose("queue", "list", *self.folders()).status, 0)

    def test_retry_without_a_match(self):
        self.add(A)
        self.service.script(after_request(http("503 X")))
        self.flush()
        self.assertEqual(self.mmdclose("queue", "retry", "--request", B, *self.folders()).status, 4)
        self.assertEqual(self.only()["state"], "waiting", "nothing has changed")

    # Damaged waits are none: what was held is tried.
    def test_damaged_waits(self):
        self.put_due(A)
        for name in ("all.json", f"tenant,{TENANT}.json"):
            (self.state / "waits" / name).write_bytes(b"x")
        self.assertEqual(self.flush().status, 0)
        self.assertEmpty()

    # A wait of another boot with a clock that was far ahead, and of this one: bounded.
    def test_a_wait_from_the_future(self):
        self.put_due(A)
        wait = self.state / "waits/all.json"
        wait.write_bytes(record_line(v=1, credential="", attempts=1, last_try="2999-01-01T00:00:00Z", boot=BOOT,
                                     uptime_s=1 << 50, wait_s=1 << 50, outcome="try_later", said="No."))
        self.assertLessEqual(self.only()["again_s"], 129600)
        wait.write_bytes(record_line(v=1, credential="", attempts=1, last_try="2999-01-01T00:00:00Z", boot=BOOT,
                                     uptime_s=1 << 50, wait_s=1, outcome="try_later", said="No."))
        self.assertEqual(self.flush().status, 0, "an uptime that went back")
        self.assertEmpty()

    # The journal reads lines of JSON, too.
    def test_priorities_of_json(self):
        self.add(A)
        self.service.script(after_request(http("403 X", "Content-Type: application/json",
                                               body='{"error":{"code":"x","message":"\\u001b[31m\\n<0>No."}}')))
        lines = self.journalled(*self.flush_words(), "--json")
        self.assertEqual([line[:4] for line in lines], ["<6>{", "<3>{"])
        for line in lines:
            self.assertNotRegex(json.loads(line[3:])["sentence"], r"[\x00-\x1f]")


EVENT = {"v", "time", "event", "tenant", "request", "client_request_id", "sentence"}
TRY = EVENT | {"outcome", "error", "cause", "stage", "status", "request_id", "by_earlier_try"}
ITEM = {"v", "state", "file", "tenant", "request", "client_request_id", "added", "added_by", "maybe_sent", "attempts",
        "again_s", "waits_for", "failures", "outcome", "said", "alarm"}
BAD = {"v", "state", "file", "said"}
CHECK = {"v", "time", "state", "exit", "waiting", "oldest_s", "failed", "not_taken_in", "outcome", "said"}
ADDED = "confidential: what was done for Ms Example"


class Outputs(FlushCase):
    """What programs read; what was done is in none of it."""

    def assertMembers(self, line: Dict[str, Any], members: set) -> None:
        self.assertEqual(set(line), members)
        self.assertEqual(line["v"], 1)
        if "time" in line:
            self.assertRegex(line["time"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")

    def test_lines(self):
        for request in (A, B, C):
            self.add(request, actions=ADDED)
        self.put_due(REQUESTS[9], added="2026-12-31T00:00:00Z")
        (self.state / "due/x").write_bytes(b"x")
        for status in ("404 X", "403 X", "503 X"):
            self.service.script(after_request(http(status, "Content-Type: application/json",
                                                   body='{"error":{"code":"x","message":"No."}}')))
        result = self.flush()
        lines = {line["event"]: line for line in self.lines(result)}
        self.assertEqual(set(lines), {"taken_in", "bad", "aside", "wait", "wait_all"})
        for event, members in (("taken_in", EVENT), ("bad", EVENT), ("aside", TRY),
                               ("wait", TRY | {"attempts", "again_s", "alarm"}),
                               ("wait_all", TRY | {"attempts", "again_s", "alarm"})):
            with self.subTest(event):
                self.assertMembers(lines[event], members)
        self.assertEqual(lines["bad"]["request"] + lines["bad"]["tenant"], "")
        shown = [result.out]
        for command in ("list", "check"):
            result = self.mmdclose("queue", command, *self.folders(), "--drop-dir", self.drop, "--json")
            shown.append(result.out)
            for line in self.lines(result):
                self.assertMembers(line, CHECK if command == "check" else BAD if line["state"] == "bad" else ITEM)
            result = self.mmdclose("queue", command, *self.folders(), "--drop-dir", self.drop)
            shown += [result.out, result.err.encode()]
        for text in shown:
            self.assertNotIn(b"confidential", text)

    def test_retry_and_drop(self):
        for command, word in (("retry", "due"), ("drop", "dropped")):
            for json_ in (False, True):
                self.put_due(A, B)
                result = self.mmdclose("queue", command, "--all", *self.folders(), *(["--json"] if json_ else []))
                self.assertEqual((result.status, result.err), (0, ""))
                self.assertEqual(result.out.decode(), f'{{"v":1,"{word}":2}}\n' if json_ else f"{word}: 2\n")
        for json_ in ((), ("--json",)):
            result = self.mmdclose("queue", "drop", "--all", *self.folders(), *json_)
            self.assertEqual(result.status, 4)
            self.assertEqual(result.out.decode(), '{"v":1,"dropped":0}\n' if json_ else "")
            self.assertRegex(result.err, r"\A\Z" if json_ else r"\Ammdclose: there is no such closing in .*\n\Z")

    # The response to `close --queue` is lost: the queue knows that the service may have it.
    def test_maybe_sent_before_it_was_queued(self):
        self.service.script([["handshake"], ["read-request"], ["carry-out"], ["reset"]])
        result = self.mmdclose(*self.options(request=A, actions="Done.", drop_dir=self.drop), "--no-config", "--queue",
                               "--json")
        self.assertEqual((result.status, result.json["outcome"]), (0, "queued"))
        line = self.lines(self.flush())[-1]
        self.assertEqual((line["event"], line["by_earlier_try"]), ("closed", True))
        self.assertEmpty()

    # Whoever reads the log leaves: what was done is stored all the same.
    def test_a_log_that_cannot_be_written(self):
        self.add(A)
        self.add(B)
        with open("/dev/full", "wb") as full:
            done = subprocess.run([*COMMAND, *map(str, self.flush_words()), "--json"], stdout=full, stderr=full,
                                  env=ENVIRONMENT, timeout=LATER, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEmpty()

    # The options that a queue cannot use are refused before anything is read or made.
    def test_usage(self):
        for changes in (dict(tenants="a b", client_id=None, client_secret_file=None, authority=None,
                             authority_connect=None, token_file="/x"), dict(client_secret_file="-"),
                        dict(tenant=None), dict(tenants=" "), dict(queue_max="-1"), dict(record_max_age="0d")):
            with self.subTest(changes):
                result = self.flush(**changes)
                self.assertEqual(result.status, 2, result.out)
        self.assertFalse(self.state.exists() or self.drop.exists())
