# SPDX-License-Identifier: MIT
"""What the tests of the queue share: a service and a token server, the queue's folders, and its commands."""
import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from fetching import CLIENT, SECRET, FetchingCase
from harness import COMMAND, LONGEST_RUN, TENANT, Result

REQUESTS = [f"c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e{number:02}" for number in range(30, 40)]
BOOT = "0123456789abcdef0123456789abcdef"
ENVIRONMENT = {**os.environ, "MMDCLOSE_BOOT_ID": BOOT}


def sealed(text: str) -> bytes:
    """A record's line, from its members up to the checksum. "\\udcff" is a byte that is no UTF-8."""
    members = text.encode("utf-8", "surrogateescape")
    return members + f',"sha256":"{hashlib.sha256(members).hexdigest()[:16]}"}}\n'.encode()


def record_line(**members: Any) -> bytes:
    return sealed(json.dumps(members, separators=(",", ":"), ensure_ascii=False)[:-1])


class QueueCase(FetchingCase):
    def setUp(self) -> None:
        super().setUp()
        self.drop, self.state = self.folder / "drop", self.folder / "state"
        memory = tempfile.TemporaryDirectory(prefix="mmdclose-", dir="/dev/shm")
        self.addCleanup(memory.cleanup)
        self.memory = Path(memory.name)

    # ---- commands ----

    def mmdclose(self, *words: Any, env: Optional[Dict[str, str]] = None, before: Sequence[str] = ()) -> Result:
        """Nothing secret is shown, or left in the queue's folders."""
        done = subprocess.run([*before, *COMMAND, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, timeout=LONGEST_RUN, env=env or ENVIRONMENT, check=False)
        result = Result(done.returncode, done.stdout, done.stderr.decode())
        self.assertIn(result.status, range(11), result.err)
        files = b"\n".join(path.read_bytes() for folder in (self.state, self.drop) for path in folder.rglob("*")
                           if path.is_file() and path.stat().st_size < 1 << 20)
        self.assertNoSecret(Result(0, result.out + files, result.err), words)
        return result

    def journalled(self, *words: Any) -> List[str]:
        """The lines of a run whose output the journal reads, as it seems."""
        path = self.folder / "journal"
        with open(path, "wb") as journal:
            status = os.fstat(journal.fileno())
            subprocess.run([*COMMAND, *map(str, words)], stdout=journal, stderr=journal, stdin=subprocess.DEVNULL,
                           timeout=LONGEST_RUN, check=False,
                           env={**ENVIRONMENT, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
        return path.read_text("utf-8").splitlines()

    def on_another_disk(self, script: str = 'dd if=/dev/zero of="$0/full" bs=1k 2>/dev/null') -> List[Any]:
        """What comes before the words of a command for which the state folder lies on a small disk of its own, with
        what is in it now, and the script was run; by default that fills it. $0 is the folder."""
        self.state.mkdir(0o700, exist_ok=True)
        copy = 'cp -a "$0" "$0.x"; mount -t tmpfs -o size=256k,mode=700 none "$0"; cp -a "$0.x/." "$0"; rm -r "$0.x"; '
        return ["unshare", *(["--map-root-user"] if os.geteuid() else []), "--mount", "sh", "-ec",
                f'{copy} {{ {script}; }} || true; exec "$@"', self.state]

    def folders(self) -> List[Any]:
        return ["--no-config", "--state-dir", self.state]

    def add(self, request: str = REQUESTS[0], *more: Any, tenant: str = TENANT, actions: str = "Done.") -> Result:
        result = self.mmdclose("queue", "add", "--no-config", "--drop-dir", self.drop, "--tenant", tenant,
                               "--request", request, "--actions", actions, *more)
        self.assertEqual(result.status, 0, result.err)
        return result

    def intake_in_order(self, *requests: str) -> None:
        """One after the other: of two that are taken in at once, the later may be a second younger."""
        for request in requests:
            self.add(request)
            self.assertEqual(self.mmdclose("queue", "intake", "--tenant", TENANT, "--drop-dir", self.drop,
                                           *self.folders()).status, 0)

    def flush_words(self, **changes: Any) -> List[Any]:
        words = self.options(**{"request": None, "actions": None, "runtime_dir": self.memory, "drop_dir": self.drop,
                                **changes})
        return ["queue", "flush", *words[1:], *self.folders()]

    def flush(self, *more: Any, env: Optional[Dict[str, str]] = None, **changes: Any) -> Result:
        return self.mmdclose(*self.flush_words(**changes), "--json", *more, env=env)

    def retry(self) -> None:
        self.assertEqual(self.mmdclose("queue", "retry", "--all", *self.folders()).status, 0)

    # ---- what is there ----

    @staticmethod
    def lines(result: Result) -> List[Dict[str, Any]]:
        return [json.loads(line) for line in result.out.decode().splitlines()]

    def events(self, result: Result) -> List[str]:
        return [line["event"] for line in self.lines(result)]

    def list(self) -> List[Dict[str, Any]]:
        result = self.mmdclose("queue", "list", *self.folders(), "--drop-dir", self.drop, "--json")
        self.assertEqual(result.status, 0, result.err)
        return sorted(self.lines(result), key=lambda item: item.get("request", ""))

    def states(self) -> Dict[str, str]:
        return {item["request"]: item["state"] for item in self.list()}

    def only(self) -> Dict[str, Any]:
        item, = self.list()
        return item

    def assertEmpty(self) -> None:
        self.assertEqual([str(path) for folder in (self.drop, self.state) for path in folder.rglob("*")
                          if path.is_file() and path.name not in ("lock", "flush.lock")], [])

    def open_all(self) -> None:
        for request in REQUESTS:
            self.service.add(TENANT, request)


__all__ = ["BOOT", "CLIENT", "ENVIRONMENT", "REQUESTS", "SECRET", "QueueCase", "record_line", "sealed"]
