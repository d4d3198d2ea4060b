# SPDX-License-Identifier: MIT
"""The drop folder: whatever somebody leaves there, the intake neither follows nor waits for nor trusts it; the folder
is empty after it; and it says why. And who may do what there."""
import fcntl
import json
import os
import re
import socket
import stat
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

from harness import COMMAND, LONGEST_RUN, TENANT, Result
from queueing import ENVIRONMENT, REQUESTS, QueueCase, record_line, sealed

A, B, C = REQUESTS[:3]
GUID = "0f3c2a1e-9b8d-4c7e-8a61-5d4f3b2e1a07"
OTHER_TENANT = "7a1d0c3e-5b2f-4e8a-9c61-0d4f8b2e6a17"
RECORD_MAX = 131072
GOOD = dict(v=1, tenant=TENANT, request=A, client_request_id=GUID, actions="Done.")


def good(**changes: Any) -> bytes:
    return record_line(**{**GOOD, **changes})


# Contents of a dropped file, and why it is kept in failed/.
BAD = {
    # Fault 1100: a file that is no record, or not one that could be sent -> kept in failed/, with the reason
    "no checksum": (b"{}\n", "its checksum is wrong"),
    "a wrong checksum": (good().replace(b"Done", b"Dona"), "its checksum is wrong"),
    "cut": (good()[:-1], "its checksum is wrong"),
    "more after it": (good() + good(), "its checksum is wrong"),
    "zeros": (b"\0" * 300, "its checksum is wrong"),
    "no JSON": (sealed('{"v":1,'), "it is not JSON"),
    "deep": (sealed('{"v":1,"x":' + "[" * 5000 + "]" * 5000), "it is"),
    "another version": (good(v=2), "it is of another version"),
    "too many members": (record_line(**{f"x{at}": at for at in range(100)}, **GOOD), "it is of another version"),
    "no text": (good(actions=""), "it says nothing"),
    "no UTF-8": (good(actions="\udcff"), "it is not"),
    "no tenant": (good(tenant=""), "it is not a closing that could be sent"),
    "a path": (good(request="../../../etc/passwd"), "it is not a closing that could be sent"),
    "a line end": (good(request=A + "\r\nHost: x"), "it is not a closing that could be sent"),
    "a NUL": (good(request=A + "\0x"), "it is not a closing that could be sent"),
    "a long id": (good(request="x" * 129), "it is not a closing that could be sent"),
    "two long ids": (good(tenant="t" * 128, request="r" * 128), "its ids are too long"),
    "a client-request-id that is none": (good(client_request_id="x\r\nHost: y"), "it is not a closing that could be"),
    "too long for what tries say": (good(actions="x" * 114688), "it is too long"),
}


class Dropping(QueueCase):
    def setUp(self) -> None:
        super().setUp()
        self.drop.mkdir(0o700)

    def put(self, name: str, content: bytes) -> Path:
        path = self.drop / name
        path.write_bytes(content)
        return path

    def intake(self, *more: Any, status: int = 0, **options: Any) -> List[Dict[str, Any]]:
        """What it logs. No name is left that would start another intake."""
        words = ["--tenant", TENANT] if "--tenants" not in more else []
        result = self.mmdclose("queue", "intake", *words, "--drop-dir", self.drop, *self.folders(), "--json", *more,
                               **options)
        self.assertEqual((result.status, result.err), (status, ""), result.out)
        self.assertEqual([name for name in os.listdir(self.drop) if not name.startswith(".")], [])
        self.assertNotRegex(result.out.decode("utf-8"), "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        return self.lines(result)

    def assertLogged(self, lines: List[Dict[str, Any]], event: str, words: str) -> None:
        self.assertEqual([line["event"] for line in lines], [event], lines)
        self.assertIn(words, lines[0]["sentence"])

    def failed(self) -> List[bytes]:
        folder = self.state / "failed"
        return [path.read_bytes() for path in sorted(folder.iterdir())]

    def stored(self) -> Dict[str, Any]:
        path, = (self.state / "due").iterdir()
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        return json.loads(path.read_bytes())


class Contents(Dropping):
    def test_bad(self):
        for name, (content, words) in BAD.items():
            with self.subTest(name):
                self.put("x", content)
                try:
                    self.assertLogged(self.intake(), "bad", words)
                    self.assertTrue(self.failed() == [content], "as it was")
                    self.assertEqual(os.listdir(self.state / "due"), [])
                finally:
                    self.mmdclose("queue", "drop", "--all", *self.folders())

    # Fault 1101: members that name a host, a proxy, a credential, or say what only a try may say -> no effect
    def test_members_that_are_not_asked_for(self):
        attack = dict(host="evil.test", port=1, proxy="http://evil.test", ca_file="/tmp/x", token_file="/etc/shadow",
                      added_by=0, attempts=77, wait_s=129600, first_try="2001-01-01T00:00:00Z",
                      added="2001-01-01T00:00:00Z")
        self.put("x", good(**attack))
        self.assertLogged(self.intake(), "taken_in", "taken in")
        record = self.stored()
        self.assertEqual({name: record.get(name) for name in attack},
                         {**dict.fromkeys(attack), "added_by": os.getuid(), "attempts": 0, "wait_s": 0, "first_try": "",
                          "added": record["added"]})
        self.assertNotEqual(record["added"][:4], "2001")
        self.mmdclose("queue", "drop", "--all", *self.folders())
        self.put("x", good(aside=True, alarm=True, outcome="refused", said="No.", boot="a", uptime_s=5))
        self.intake()
        item = self.only()
        self.assertEqual((item["state"], item["alarm"], item["outcome"], item["said"]), ("due", False, "", ""))
        self.open_all()
        self.assertEqual(self.flush().status, 0)
        self.assertEmpty()

    # Fault 1102: a closing of another tenant -> aside, until that is one of the queue's
    def test_another_tenant(self):
        self.put("x", good(tenant=OTHER_TENANT))
        self.put("y", good(tenant=TENANT[:-1]))
        lines = self.intake()
        self.assertEqual([line["event"] for line in lines], ["bad", "bad"])
        self.assertIn("not this queue's", lines[0]["sentence"])
        self.assertEqual({item["state"] for item in self.list()}, {"failed"})
        self.put("x", good(tenant=OTHER_TENANT))
        self.assertLogged(self.intake("--tenants", f" {TENANT}  {OTHER_TENANT} "), "taken_in", OTHER_TENANT)
        self.assertEqual(sorted(item["state"] for item in self.list()), ["due", "failed"])

    def test_sizes(self):
        for name, size, event in (("empty", 0, "discarded"), ("one", 1, "bad"), ("all", RECORD_MAX, "bad"),
                                  ("one more", RECORD_MAX + 1, "discarded"), ("huge", 1 << 40, "discarded")):
            with self.subTest(name):
                os.truncate(self.put("x", b""), size)
                self.assertLogged(self.intake(), event, "size is wrong" if event == "discarded" else "checksum")

    # Fault 1103: the adder still writes to the file while it is taken in, or after -> what was read counts
    def test_a_file_that_grows(self):
        end = threading.Event()

        def grow(path: Path) -> None:
            with path.open("ab", buffering=0) as file:
                while not end.is_set() and file.tell() < RECORD_MAX:
                    file.write(b"x" * 16)
                    time.sleep(0.001)

        threads = [threading.Thread(target=grow, args=(self.put(f"x{at}", b"x"),)) for at in range(3)]
        for thread in threads:
            thread.start()
        try:
            lines = self.intake()
        finally:
            end.set()
            for thread in threads:
                thread.join()
        self.assertEqual([line["event"] for line in lines], ["bad"] * 3)

    def test_a_file_that_is_written_to_later(self):
        path = self.put("x", good())
        with path.open("r+b") as file:
            self.intake()
            before = self.stored()
            file.write(good(actions="Something else.", request=B))
            file.flush()
            self.assertEqual(self.stored(), before)


class Names(Dropping):
    NAMES = ("a\nb", "\x1b[31mx\x07", "x" * 255, "é" * 127, "\udcff\udcfe", "--help", "-", "a b", "a,b.json", "ä\x9f",
             "%s%n", "\"},{\"", "<6>x")

    def test_each(self):
        for name in self.NAMES:
            with self.subTest(name):
                self.put(name, b"no record")
                self.assertLogged(self.intake(), "bad", "its checksum is wrong")
                self.put(name, b"")
                self.assertLogged(self.intake(), "discarded", "its size is wrong")
                self.put(name, good())
                self.assertLogged(self.intake(), "taken_in", A)
                result = self.mmdclose("queue", "list", *self.folders(), "--drop-dir", self.drop)
                self.assertNotRegex(result.out.decode(), "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
                self.mmdclose("queue", "drop", "--all", *self.folders())

    # The text of the log is one line for each, too.
    def test_text(self):
        for name in self.NAMES:
            self.put(name, b"no record")
        result = self.mmdclose("queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop, *self.folders())
        lines = result.err.splitlines()
        self.assertEqual((result.status, len(lines), result.out), (0, len(self.NAMES), b""))
        for line in lines:
            self.assertRegex(line, r"\Ammdclose: the file [^\x00-\x1f]* \(added by user \d+\): its checksum is wrong; "
                                   r"it is kept in failed/\.\Z")

    # Fault 1104: a writer is gone, still writes, or has just begun -> its file is removed, left alone, left alone
    def test_temporary_files(self):
        new, locked, abandoned = (self.put(name, good()) for name in (".new", "." + GUID, ".abandoned"))
        (self.drop / ".link").symlink_to(self.file("elsewhere", b"x"))
        os.mkfifo(self.drop / ".fifo")
        for path in (locked, abandoned):
            os.utime(path, (time.time() - 3600,) * 2)
        with locked.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.assertEqual(self.intake(), [])
            self.assertEqual(sorted(os.listdir(self.drop)), sorted([new.name, locked.name]))
        self.assertFalse(abandoned.exists())
        os.utime(new, (time.time() + 3600,) * 2)  # a clock that was set back
        self.assertEqual(self.intake(), [])
        self.assertEqual(os.listdir(self.drop), [])
        self.assertTrue((self.folder / "elsewhere").exists())

    def test_what_could_not_be_taken_in(self):
        self.put(".later-x", good())
        self.assertLogged(self.intake(), "taken_in", A)
        self.put(".later-x", b"no record")
        self.assertLogged(self.intake(), "bad", "checksum")
        (self.drop / ".later-y").mkdir()
        self.assertLogged(self.intake(), "discarded", "it is not a regular file")
        self.assertEqual(os.listdir(self.drop), [])


class Files(Dropping):
    """What is no file with one name."""

    def setUp(self) -> None:
        super().setUp()
        self.target = Path(self.file("target", good(actions="of somebody else"), 0o640))

    def discarded(self, make: Callable[[Path], Any], words: str) -> None:
        before = self.target.stat()
        make(self.drop / "x")
        self.assertLogged(self.intake(), "discarded", words)
        self.assertEqual([os.listdir(self.state / folder) for folder in ("due", "failed")], [[], []])
        after = self.target.stat()
        self.assertEqual((after.st_size, after.st_mode, after.st_nlink, after.st_mtime_ns),
                         (before.st_size, before.st_mode, 1, before.st_mtime_ns))

    # Fault 1105: links, pipes, sockets, devices, folders -> removed, neither followed nor waited for
    def test_links(self):
        for name in ("target", "nothing", "drop", "drop/x"):
            with self.subTest(name):
                self.discarded(lambda path, name=name: path.symlink_to(self.folder / name), "it is a link")
        self.discarded(lambda path: path.symlink_to("/dev/zero"), "it is a link")
        self.discarded(lambda path: os.link(self.target, path), "it has more than one name")

    def test_pipes_and_sockets(self):
        self.discarded(os.mkfifo, "it is not a regular file")
        with socket.socket(socket.AF_UNIX) as listener:
            self.discarded(lambda path: listener.bind(str(path)), "it cannot be read")

    def test_devices(self):
        if os.geteuid():
            self.fail("this test makes devices")
        for name, number in (("zero", (1, 5)), ("tty", (5, 0)), ("none", (240, 77))):
            with self.subTest(name):
                device = os.makedev(*number)
                self.discarded(lambda path, device=device: os.mknod(path, stat.S_IFCHR | 0o666, device), "it")

    def test_folders(self):
        self.discarded(os.mkdir, "it is not a regular file")
        self.assertEqual(os.listdir(self.drop), [])

        def full(path: Path) -> None:
            path.mkdir()
            (path / "file").write_bytes(b"")

        self.discarded(full, "it is not a regular file; it cannot be removed.")
        stuck, = os.listdir(self.drop)
        self.assertRegex(stuck, r"\A\.stuck-")
        self.assertEqual(self.intake(), [], "it is said once")
        (self.drop / stuck / "file").unlink()
        self.assertEqual(self.intake(), [])
        self.assertEqual(os.listdir(self.drop), [])

    # A folder that looks like what an intake has left is said once, too, and does not count as added.
    def test_folders_with_names_of_ours(self):
        for name, said in ((".later-x", 1), (".x", 0), (".stuck-x", 0)):
            with self.subTest(name):
                (self.drop / name / "y").mkdir(parents=True)
                self.assertEqual(len(self.intake()), said)
                self.assertEqual(self.intake(), [])
                stuck, = os.listdir(self.drop)
                self.assertRegex(stuck, r"\A\.stuck-")
                result = self.mmdclose("queue", "check", *self.folders(), "--drop-dir", self.drop)
                self.assertEqual((result.status, result.out[:3]), (0, b"ok:"))
                (self.drop / stuck / "y").rmdir()
                self.assertEqual(self.intake(), [])
                self.assertEqual(os.listdir(self.drop), [])

    def test_all_at_once(self):
        os.mkfifo(self.drop / "1")
        (self.drop / "2").symlink_to("/dev/zero")
        (self.drop / "3").mkdir()
        self.put("4", b"")
        self.put("5", good())
        self.put("6", good(request=B))
        events = sorted(line["event"] for line in self.intake())
        self.assertEqual(events, ["discarded"] * 4 + ["taken_in"] * 2)
        self.assertEqual(self.states(), {A: "due", B: "due"})


class Duplicates(Dropping):
    """A closing that is added again while the first one cannot be sent."""

    def due(self, content: bytes) -> None:
        self.state.mkdir(0o700, exist_ok=True)
        (self.state / "due").mkdir(0o700, exist_ok=True)
        (self.state / f"due/{TENANT},{A}.json").write_bytes(content)

    # Fault 1106: the record that is there is damaged, or on its way aside -> the new one takes its place
    def test_in_place_of_one_that_is_none(self):
        for name, content in (("damaged", good()[:-9]), ("empty", b""), ("aside", good(aside=True)),
                              ("another one's", good(request=B))):
            with self.subTest(name):
                self.due(content)
                self.put("x", good(actions="again"))
                self.assertLogged(self.intake(), "taken_in", A)
                self.assertEqual(self.stored()["actions"], "again")

    # Fault 1107: the power went between the taking in of a closing that had failed, and the removal of the failed
    # one -> no failed one stays
    def test_a_failed_one_does_not_stay(self):
        self.due(good())
        (self.state / "failed").mkdir(0o700)
        (self.state / f"failed/{TENANT},{A}.json").write_bytes(good(aside=True))
        self.put("x", good())
        self.assertEqual(self.intake(), [])
        self.assertEqual(self.states(), {A: "due"})


class Folders(Dropping):
    def test_none(self):
        self.drop.rmdir()
        self.assertEqual(self.intake(), [])
        self.assertEqual(self.drop.stat().st_mode & 0o777, 0o700)

    def test_no_folder(self):
        for make in (lambda: self.drop.write_bytes(b""), lambda: self.drop.symlink_to("nothing")):
            self.drop.rmdir()
            make()
            for command in ("intake", "flush"):
                words = ["queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop, *self.folders()]
                result = self.mmdclose(*(words if command == "intake" else self.flush_words()))
                self.assertEqual(result.status, 1)
                self.assertRegex(result.err, r"(?m)^mmdclose: cannot open the folder \S+ \(--drop-dir\): [A-Z].*\.$")
            self.drop.unlink()
            self.drop.mkdir()

    # A drop folder that is not there does not keep from sending what is in the queue.
    def test_the_queue_is_sent_nevertheless(self):
        self.open_all()
        self.put("x", good())
        self.intake()
        self.drop.rmdir()
        self.drop.write_bytes(b"")
        result = self.flush()
        self.assertEqual((result.status, self.events(result)), (1, ["closed", "failed"]))
        self.assertEqual(self.list(), [])

    def test_tenants(self):
        words = ["queue", "intake", "--drop-dir", self.drop, *self.folders()]
        self.put("x", good())
        for more in ((), ("--tenants", ""), ("--tenants", "a/b"), ("--tenant", "a b")):
            with self.subTest(more):
                result = self.mmdclose(*words, *more)
                self.assertEqual(result.status, 2, result.err)
                self.assertEqual(os.listdir(self.drop), ["x"])


    # Fault 1062: the disk of the queue is full when a closing is to be taken in -> exit 1, at each try; it stays where
    # it was, and what can be done is done; a queue that is full is no failure
    def test_a_full_disk(self):
        self.put("x", good())
        self.put("y", b"")
        words = ["queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop, *self.folders()]
        for command, at_first in ((words, True), (words, False), (self.flush_words(), False)):
            result = self.mmdclose(*command, before=self.on_another_disk())
            self.assertEqual(result.status, 1, result.err)
            self.assertRegex(result.err, r"(?m)^mmdclose: what was added, and cannot be taken in, waits in the folder "
                                         r"\S+ \(--drop-dir\): 1\. The last failure: .* No space left on device\.$")
            self.assertEqual(f"the closing of {A}" in result.err, at_first, "it is logged once")
            self.assertEqual(len(os.listdir(self.drop)), 1, "the empty file is removed")
        self.assertLogged(self.intake(), "taken_in", A)
        self.put("z", good(request=B))
        self.assertEqual(self.events(self.mmdclose(*words, "--queue-max", "1", "--json")), ["later"])

    # One that cannot be taken in does not keep what is in the queue from being sent.
    def test_the_queue_is_sent_with_a_full_disk_for_new_ones(self):
        self.open_all()
        self.put("x", good())
        self.intake()
        self.put("y", good(request=B, actions="x" * 100000))
        result = self.mmdclose(*self.flush_words(), "--json",
                               before=self.on_another_disk('dd if=/dev/zero of="$0/full" bs=1k count=200 2>/dev/null'))
        self.assertEqual((result.status, self.events(result)), (1, ["later", "closed", "failed"]))


SENDER, ADDER, OTHER_ADDER, STRANGER, ADDERS = 61001, 61002, 61003, 61004, 61010


class Users(Dropping):
    """A folder as tmpfiles.d makes it: whose group may add, and no more."""

    def setUp(self) -> None:
        super().setUp()
        if os.geteuid():
            self.fail("this test runs as several users")
        self.folder.chmod(0o755)
        command = self.folder / "mmdclose"
        command.write_bytes(Path(os.environ["MMDCLOSE"]).read_bytes())
        command.chmod(0o755)
        self.command = [*COMMAND[:-1], str(command)]
        os.chown(self.drop, SENDER, ADDERS)
        self.drop.chmod(0o1730)
        self.state.mkdir(0o700)
        os.chown(self.state, SENDER, SENDER)
        self.environment = {**ENVIRONMENT, "ASAN_OPTIONS": "detect_leaks=0"}  # LeakSanitizer needs ptrace(2)

    def as_user(self, user: int, *words: Any, umask: int = 0o022) -> Result:
        groups = [ADDERS] if user in (ADDER, OTHER_ADDER) else []
        done = subprocess.run([*map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/",
                              stdin=subprocess.DEVNULL, env=self.environment, timeout=LONGEST_RUN, check=False,
                              user=user, group=user, extra_groups=groups, umask=umask)
        return Result(done.returncode, done.stdout, done.stderr.decode())

    def add_as(self, user: int, request: str = A, actions: str = "Done.", **options: Any) -> Result:
        return self.as_user(user, *self.command, "queue", "add", "--no-config", "--drop-dir", self.drop, "--tenant",
                            TENANT, "--request", request, "--actions", actions, **options)

    def intake_as_sender(self) -> List[Dict[str, Any]]:
        result = self.as_user(SENDER, *self.command, "queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop,
                              *self.folders(), "--json")
        self.assertEqual((result.status, result.err), (0, ""), result.out)
        self.assertEqual([name for name in os.listdir(self.drop) if not name.startswith(".")], [])
        return self.lines(result)

    def put_as(self, user: int, name: str, content: bytes, mode: int) -> Path:
        path = self.put(name, content)
        os.chown(path, user, user)
        path.chmod(mode)
        return path

    # Fault 1108: another user of the group, or none of it -> cannot list, change or remove what was added
    def test_who_may_do_what(self):
        for umask in (0o077, 0o000):
            self.assertEqual(self.add_as(ADDER, umask=umask).status, 0)
        for path in self.drop.iterdir():
            self.assertEqual((path.stat().st_uid, path.stat().st_mode & 0o7777), (ADDER, 0o644))
            for words in (["ls", self.drop], ["rm", "-f", path], ["mv", path, self.drop / "y"],
                          ["sh", "-c", 'echo x >> "$0"', path]):
                self.assertNotEqual(self.as_user(OTHER_ADDER, *words).status, 0, words)
            for words in (["ls", self.drop], ["cat", path], ["touch", self.drop / "y"]):
                self.assertNotEqual(self.as_user(STRANGER, *words).status, 0, words)
        self.assertEqual(len(os.listdir(self.drop)), 2)
        refused = self.add_as(STRANGER)
        self.assertEqual(refused.status, 1)
        self.assertIn("only its owner and its group may add. The closing is not stored.", refused.err)
        self.assertEqual([line["event"] for line in self.intake_as_sender()], ["taken_in", "duplicate"])
        self.assertEqual(self.only()["added_by"], ADDER)
        for command in ("list", "check", "flush", "intake", "retry", "drop"):
            more = {"flush": ["--tenant", TENANT, "--client-id", "x", "--client-secret-file", "/x"],
                    "intake": ["--tenant", TENANT], "retry": ["--all"], "drop": ["--all"]}.get(command, [])
            result = self.as_user(ADDER, *self.command, "queue", command, *more, *self.folders())
            self.assertEqual(result.status, 2, command + result.err)
            self.assertIn("Permission denied", result.err)
        self.assertEqual(len(self.list()), 1)

    def test_what_the_sender_cannot_read(self):
        self.put_as(ADDER, "x", good(), 0o000)
        self.assertLogged(self.intake_as_sender(), "discarded", "it cannot be read")
        self.put_as(ADDER, ".x", good(), 0o000)
        self.assertEqual((self.intake_as_sender(), os.listdir(self.drop)), ([], [".x"]), "it may be written yet")
        os.utime(self.drop / ".x", (time.time() - 3600,) * 2)
        self.assertEqual(self.intake_as_sender(), [])
        self.assertEqual(os.listdir(self.drop), [])
        folder = self.drop / "x"
        (folder / "y").mkdir(parents=True)
        folder.chmod(0o700)
        os.chown(folder, ADDER, ADDER)
        lines = self.intake_as_sender()
        self.assertLogged(lines, "discarded", "it")
        self.assertIn(f"(added by user {ADDER})", lines[0]["sentence"])
        stuck, = os.listdir(self.drop)
        self.assertRegex(stuck, r"\A\.stuck-")
        self.assertEqual(self.intake_as_sender(), [])

    # Somebody has changed the drop folder's owner or mode: nothing is lost, and it is said.
    def test_a_folder_of_another_user(self):
        self.assertEqual(self.add_as(ADDER).status, 0)
        os.chown(self.drop, 0, 0)
        self.drop.chmod(0o700)
        result = self.as_user(SENDER, *self.command, "queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop,
                              *self.folders())
        self.assertEqual(result.status, 1)
        self.assertIn("Permission denied; it has to belong to the user that sends.", result.err)
        self.drop.chmod(0o1777)  # nothing can be removed: it is sticky, and another's
        result = self.as_user(SENDER, *self.command, "queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop,
                              *self.folders())
        self.assertEqual(result.status, 1, "the names stay")
        self.assertIn("cannot be emptied", result.err)
        self.assertEqual([item["state"] for item in self.list()], ["not_taken_in", "due"])
        os.chown(self.drop, SENDER, ADDERS)
        self.assertEqual(self.intake_as_sender(), [], "it is in the queue already")
        self.assertEqual(([item["state"] for item in self.list()], os.listdir(self.drop)), (["due"], []))

    # Fault 1065: a folder that is to be made, in one that the sender may not write -> it is said which, why, and what
    # to do
    def test_folders_that_cannot_be_made(self):
        self.state.rmdir()
        parent = re.escape(str(self.folder))
        intake = ["queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop, *self.folders()]
        for command in (self.flush_words(), intake):
            result = self.as_user(SENDER, *self.command, *command)
            self.assertEqual(result.status, 2)
            self.assertRegex(result.err, rf"\Ammdclose: cannot make the queue's folder {parent}/state \(--state-dir\) "
                                         rf"in {parent}: Permission denied; make it as root, .*'install -d -o USER -m "
                                         rf"0700 {parent}/state'\.\n\Z")
        for command in ("list", "check", "retry", "drop"):
            more = ["--all"] if command in ("retry", "drop") else []
            result = self.as_user(SENDER, *self.command, "queue", command, *more, *self.folders())
            self.assertNotIn("cannot", result.err)
            if command != "list":
                self.assertIn(f"there is no queue in {self.state} (--state-dir): the first", result.err)
        self.state.mkdir(0o755)
        result = self.as_user(SENDER, *self.command, *self.flush_words())
        self.assertEqual(result.status, 1)
        self.assertIn("cannot make or open the folder tmp: Permission denied.", result.err)
        os.chown(self.state, SENDER, SENDER)
        self.drop.rmdir()
        result = self.as_user(SENDER, *self.command, *intake)
        self.assertEqual(result.status, 1)
        self.assertIn(f"cannot make the folder {self.drop} (--drop-dir): Permission denied; it has to belong to ",
                      result.err)

    # Root makes the queue's files the owner's, but no file that the owner has only linked there.
    def test_roots_files(self):
        target = Path(self.file("roots", b"of root"))
        for name in ("lock", "flush.lock"):
            with self.subTest(name):
                (self.state / name).unlink(missing_ok=True)
                os.link(target, self.state / name)
                self.mmdclose(*self.flush_words())
                self.assertEqual(target.stat().st_uid, 0)
                (self.state / name).unlink()
        self.mmdclose(*self.flush_words())
        for path in self.state.rglob("*"):
            self.assertEqual(path.stat().st_uid, SENDER, path)

    # The sender's own files, by a link of somebody who may add.
    def test_links_to_the_senders_files(self):
        secret = Path(self.file("own", good(actions="of the sender's"), 0o600))
        os.chown(secret, SENDER, SENDER)
        for make in (lambda path: path.symlink_to(secret), lambda path: os.link(secret, path)):
            make(self.drop / "x")
            os.chown(self.drop / "x", ADDER, ADDER, follow_symlinks=False)
            self.assertEqual([line["event"] for line in self.intake_as_sender()], ["discarded"])
            self.assertTrue(secret.exists())
            os.chown(secret, SENDER, SENDER)
        self.assertEqual(self.list(), [])

    # Fault 1109: closings are added while intakes run -> each is there, once
    def test_while_intakes_run(self):
        results: List[Result] = []

        def add_some(user: int, at: int) -> None:
            for number in range(10):
                results.append(self.add_as(user, f"request-{at}-{number}", umask=0o077))

        threads = [threading.Thread(target=add_some, args=(user, at))
                   for at, user in enumerate((ADDER, OTHER_ADDER, ADDER))]
        for thread in threads:
            thread.start()
        events: List[Optional[str]] = []
        while any(thread.is_alive() for thread in threads):
            result = self.as_user(SENDER, *self.command, "queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop,
                                  *self.folders(), "--json")
            events += self.events(result)
        for thread in threads:
            thread.join()
        events += [line["event"] for line in self.intake_as_sender()]
        self.assertEqual([result.err for result in results if result.status], [])
        self.assertEqual(events, ["taken_in"] * 30)
        self.assertEqual(len(os.listdir(self.state / "due")), 30)
        self.assertEqual(os.listdir(self.drop), [])
