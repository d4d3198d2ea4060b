# SPDX-License-Identifier: MIT
"""The queue when the power goes, or the disk fails, at any system call. strace injects the death or the error.

A death keeps what the kernel has, so that order and syncs are checked in the trace: a file is synced before it gets its
name, and its folder before anything depends on it.
"""
import os
import re
import signal
import subprocess
import unittest
from typing import Any, Callable, Dict, Iterator, List, Tuple

from harness import LONGEST_RUN, TENANT
from queueing import ENVIRONMENT, REQUESTS, QueueCase

A = REQUESTS[0]
PLAIN = os.environ["MMDCLOSE_PLAIN"]  # sanitizers make calls of their own, and do not work under strace
CALLS = ("mkdir", "mkdirat", "write", "fsync", "syncfs", "renameat", "unlinkat", "flock", "fchmod", "connect", "sendto")
ERRORS = {"mkdirat": ["ENOSPC", "EROFS"], "write": ["ENOSPC", "EIO"], "fsync": ["EIO", "ENOSPC"], "syncfs": ["EIO"],
          "renameat": ["ENOSPC", "EROFS", "EIO"], "unlinkat": ["EROFS", "EIO"], "flock": ["ENOLCK"], "fchmod": ["EIO"]}
MOST = 80  # of one call in a run


class PowerCase(QueueCase):
    def setUp(self) -> None:
        super().setUp()
        for request in REQUESTS:
            self.service.add(TENANT, request)

    def traced(self, words: List[Any], *options: str) -> "subprocess.CompletedProcess[str]":
        """Its exit status is that of the command, or the signal that killed it."""
        return subprocess.run(["strace", "-f", "-qqq", "-o", str(self.folder / "trace"), *options, PLAIN,
                               *map(str, words)], env=ENVIRONMENT, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=LONGEST_RUN, check=False)

    def injected(self, words: Callable[[], List[Any]], call: str, fault: str) -> Iterator[Tuple[str, int]]:
        """Runs with the fault at the first, second, ... time that the call is made. Yields what it is, and the exit
        status."""
        for number in range(1, MOST):
            done = self.traced(words(), "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={number}")
            hit = done.returncode == -signal.SIGKILL or "(INJECTED)" in (self.folder / "trace").read_text()
            if not hit:
                return
            yield f"{fault} at {call} {number}: {done.stdout[-500:]} {done.stderr[-500:]}", done.returncode
        self.fail(f"{MOST} of {call}, or more")

    def add_words(self) -> List[Any]:
        return ["queue", "add", "--no-config", "--drop-dir", self.drop, "--tenant", TENANT, "--request", A,
                "--actions", "Done."]

    def requests(self) -> int:
        """How often the closing reached the service."""
        return sum(count for target, count in self.service.counts.items() if A in target)

    def reset(self) -> None:
        """An open request, and a service that has seen nothing."""
        self.mmdclose("queue", "drop", "--all", *self.folders())
        for folder in (self.drop, self.state / "waits"):
            for path in folder.glob("*") if folder.exists() else ():
                path.unlink()
        self.service.connections.clear()
        self.service.add(TENANT, A)

    def clear_waits(self) -> None:
        for path in (self.state / "waits").glob("*") if (self.state / "waits").exists() else ():
            path.unlink()

    def assertSettled(self, case: str) -> None:
        """After one run without a fault: closed, once; twice only if the first answer had not been committed."""
        seen, records = self.requests(), {}
        for folder in ("due", "failed"):
            for path in (self.state / folder).glob("*") if (self.state / folder).exists() else ():
                records[path.name] = path.read_text()
        maybe = any('"maybe_sent":true' in text for text in records.values())
        if seen:
            self.assertTrue(maybe or not records, f"{case}: sent without a mark")
        self.clear_waits()
        result = self.flush()
        self.assertEqual(result.status, 0, f"{case}: {result.out}")
        self.assertEqual(self.service.actions(TENANT, A), "Done.", case)
        self.assertLessEqual(self.requests(), 2 if maybe else 1, case)
        self.assertEmpty()


class Deaths(PowerCase):
    # Fault 1110: the power goes at any call of `queue add` -> all of the closing is stored, or nothing
    def test_add(self):
        self.flush()
        for call in CALLS:
            for case, status in self.injected(self.add_words, call, "signal=SIGKILL"):
                self.assertEqual(status, -signal.SIGKILL, case)
                for path in self.drop.glob(".*"):
                    os.utime(path, (0, 0))  # else it is left alone for a minute
                self.assertEqual(self.flush().status, 0, case)
                self.assertLessEqual(self.requests(), 1, case)
                self.assertEmpty()
                self.reset()
            self.assertEqual((self.flush().status, self.service.actions(TENANT, A)), (0, "Done."), "the last was not hit")
            self.reset()

    # Fault 60: the power goes at any call of `queue flush` -> nothing that is stored is lost; what was sent and not
    # committed says so
    def test_flush(self):
        for call in CALLS:
            self.add(A)
            for case, status in self.injected(self.flush_words, call, "signal=SIGKILL"):
                self.assertEqual(status, -signal.SIGKILL, case)
                self.assertSettled(case)
                self.reset()
                self.add(A)
            self.reset()


class Intakes(PowerCase):
    """What changes, or fails, between two calls of an intake."""

    def intake_words(self) -> List[Any]:
        """Of an intake that finds one file of another user."""
        dropped = self.drop / "x"
        dropped.write_bytes(b"no record")
        os.chown(dropped, 61002, 61002)
        return ["queue", "intake", "--no-config", "--tenant", TENANT, "--drop-dir", self.drop, *self.folders()]

    # The owner removes his file before it is opened: nothing is to be said, of nobody.
    def test_a_file_is_gone(self):
        self.flush()
        quiet = 0
        for call in ("newfstatat", "openat"):
            for case, status in self.injected(self.intake_words, call, "error=ENOENT"):
                self.assertNotIn("added by user 0", case)
                quiet += status == 0 and "mmdclose:" not in case
        self.assertGreaterEqual(quiet, 2)

    def test_the_folder_cannot_be_read(self):
        self.flush()
        failures = 0
        for case, status in self.injected(self.intake_words, "getdents64", "error=EIO"):
            self.assertTrue(os.listdir(self.drop) == [] or status == 1, case)
            failures += "cannot be emptied" in case
        self.assertGreaterEqual(failures, 1)


class Errors(PowerCase):
    def errors(self) -> Iterator[Tuple[str, str]]:
        for call, names in ERRORS.items():
            for name in names:
                yield call, f"error={name}"

    # Fault 1112: the disk fails at any call of `queue add` -> it is said, and nothing is stored
    def test_add(self):
        self.flush()
        for call, fault in self.errors():
            for case, status in self.injected(self.add_words, call, fault):
                stored = "stored: the closing of " in case  # it may be that this could not be printed
                self.assertTrue(status == 1 or stored, case)
                self.assertTrue(stored or "The closing is not stored." in case, case)
                self.assertEqual(self.flush().status, 0, case)
                self.assertEqual(self.requests(), 1 if stored else 0, case)
                self.assertEmpty()
                self.reset()
            self.reset()

    # Fault 1113: the disk fails at any call of `queue flush`, once or for good -> no closing is lost, none is sent that
    # has no mark, and the next run settles it
    def test_flush(self):
        for call, fault in self.errors():
            self.add(A)
            for case, status in self.injected(self.flush_words, call, fault):
                self.assertIn(status, range(11), case)
                self.assertSettled(case)
                self.reset()
                self.add(A)
            done = self.traced(self.flush_words(), "-e", f"trace={call}", "-e", f"inject={call}:{fault}")
            self.assertIn(done.returncode, range(11), done.stderr)
            self.assertSettled(f"{fault} at each {call}: {done.stderr}")
            self.reset()

    # Fault 1114: a full disk -> the closing waits where it is; with space again it is sent
    def test_a_full_disk(self):
        self.add(A)
        script = ("mount -t tmpfs -o size=64k none {s} && dd if=/dev/zero of={s}/full bs=1k 2>/dev/null; "
                  "exec \"$@\"").format(s=self.state)
        self.state.mkdir(0o700)
        words = ["unshare", *(["--map-root-user"] if os.geteuid() else []), "--mount", "sh", "-c", script, "sh", PLAIN,
                 *map(str, self.flush_words())]
        done = subprocess.run(words, env=ENVIRONMENT, text=True, stderr=subprocess.PIPE, timeout=LONGEST_RUN, check=False)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertIn("No space left on device", done.stderr)
        self.assertEqual((len(list(self.drop.iterdir())), self.requests()), (1, 0))
        self.assertEqual(self.flush().status, 0)
        self.assertEqual(self.service.actions(TENANT, A), "Done.")
        self.assertEmpty()

    # Fault 1115: a read-only disk, or none -> it is said, nothing is sent
    def test_a_read_only_disk(self):
        self.add(A)
        script = "mount --bind {s} {s} && mount -o remount,bind,ro {s} && exec \"$@\"".format(s=self.state)
        self.flush(client_id="none")
        words = ["unshare", *(["--map-root-user"] if os.geteuid() else []), "--mount", "sh", "-c", script, "sh", PLAIN,
                 *map(str, self.flush_words())]
        self.retry()
        done = subprocess.run(words, env=ENVIRONMENT, text=True, stderr=subprocess.PIPE, timeout=LONGEST_RUN, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("Read-only file system", done.stderr)
        self.assertEqual(self.requests(), 0)
        result = self.mmdclose(*self.flush_words(), "--state-dir", "/proc/none")
        self.assertEqual(result.status, 2)


class Traces(PowerCase):
    NAMES = "write,fsync,syncfs,renameat,unlinkat,sendto"

    def calls(self, words: List[Any]) -> List[str]:
        done = self.traced(words, "-y", "-e", f"trace={self.NAMES}", "-s", "0")
        self.assertIn(done.returncode, range(11), done.stderr)
        return [line.split(maxsplit=1)[1] for line in (self.folder / "trace").read_text().splitlines()]

    def assertSynced(self, calls: List[str]) -> None:
        """Each file is synced after it was written and before it gets its name; then its folder, before anything is
        sent, and before the end."""
        for at, call in enumerate(calls):
            named = re.match(r'renameat\(\d+<(.+?)>, "(.+?)", \d+<(.+?)>, "(.+?)"\) = 0', call)
            removed = re.match(r'unlinkat\(\d+<(.+?)>, "(.+?)", 0\) = 0', call)
            if not named and not removed:
                continue
            folder = (named or removed)[3 if named else 1]
            if folder == str(self.memory):
                continue
            if named and named[1].endswith("/tmp"):
                file = f"{named[1]}/{named[2]}"
                written = max(n for n in range(at) if calls[n].startswith("write(") and file in calls[n])
                self.assertTrue(any(f"<{file}>" in each for each in calls[written:at] if each.startswith("fsync")), call)
            following = next((n for n in range(at + 1, len(calls)) if calls[n].startswith("sendto(")), len(calls))
            self.assertTrue(any(each.startswith(("fsync(", "syncfs(")) and (f"<{folder}>" in each or "syncfs" in each)
                                for each in calls[at:following]), f"{call} is not synced")

    def counted(self, calls: List[str]) -> Dict[str, int]:
        """Syncs, and writes to files of the queue."""
        ours = (str(self.state), str(self.drop))
        return {"syncs": sum(each.startswith(("fsync(", "syncfs(")) for each in calls),
                "writes": sum(each.startswith("write(") and any(path in each for path in ours) for each in calls)}

    # Fault 1116: a power cut that loses what is not synced -> each step is on the disk before the next depends on it
    def test_what_is_synced(self):
        self.flush()
        adding = self.calls(self.add_words())
        self.assertEqual(sum(each.startswith("fsync(") for each in adding), 1)
        self.assertTrue(next(each for each in reversed(adding) if "write(1" not in each).startswith("syncfs("), adding)
        sending = self.calls(self.flush_words())
        self.assertSynced(sending)
        self.assertEqual(self.service.actions(TENANT, A), "Done.")
        # docs/costs.md has these figures
        self.assertEqual(self.counted(adding), {"syncs": 2, "writes": 1})
        self.assertEqual(self.counted(sending), {"syncs": 6, "writes": 2})

    def test_a_failure(self):
        self.flush()
        self.add(A)
        self.flush(authority_connect="127.0.0.9")
        self.clear_waits()
        failing = self.calls(self.flush_words(authority_connect="127.0.0.9"))
        self.assertSynced(failing)
        self.assertEqual(self.counted(failing), {"syncs": 2, "writes": 1})


if __name__ == "__main__":
    unittest.main()
