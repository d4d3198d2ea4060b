# SPDX-License-Identifier: MIT
"""A soak of the queue: closings are added while flushes run and are killed, through a proxy, a token server and a service
that fail a third of the time. In the end each closing is settled, once as the service sees it.

    python3 test/system/soak.py COMMAND CLOSINGS [SEED]

The waits between tries would take days: `queue retry --all` ends them after each flush, as an operator can. The boot id
changes at random, as by a power cut, and the clock that counts from the boot steps ahead and back (time_namespaces(7));
test_queue.py steps the wall clock.
"""
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any, Dict, List

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "service"))
sys.dont_write_bytecode = True
from pki import Pki  # noqa: E402
from script import parse  # noqa: E402
from script import STEPS as SCRIPT_STEPS  # noqa: E402
from scripted_proxy import PROXY_STEPS, ScriptedProxy  # noqa: E402
from service import Service  # noqa: E402
from tls import Tls  # noqa: E402
from token_server import NAME as LOGIN, TokenServer  # noqa: E402

TENANT, CLIENT, SECRET = "5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11", "9b1c5a0e-7d3f-4e57-8a64-2f0d9c1b7e35", "a secret 17"
AT_ONCE = 12       # closings added beside one flush
KILLED = 0.35      # of the flushes
TIMEOUT = "0.7"    # seconds of a try
STEPPED = ["unshare", *(["--map-root-user"] if os.geteuid() else []), "--time", "--fork", "--kill-child"]
LIMITS = ["prlimit", "--as=33554432", "--nofile=24", "--"]  # of each flush: memory and descriptors are bounded


def answer(status: str, *fields: str, body: str = "") -> list:
    text = "\r\n".join([f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body)}", "", body])
    return [["handshake"], ["read-request"], ["send", text], ["close"]]


LOST = [
    [["reset"]], [["handshake"], ["reset"]], [["handshake"], ["read-request"], ["reset"]],
    [["handshake"], ["read-request"], ["close"]], [["handshake"], ["read-request"], ["send", "HTTP/1.1 2"], ["cut"]],
    [["read-raw", 50], ["send-raw", "HTTP/1.1 400 Bad Request\r\n\r\n"], ["cut"]],
    [["handshake"], ["read-request"], ["hold", 3]],
    answer("500 X"), answer("502 X", "Content-Type: text/html", body="<html>"), answer("503 X"),
    answer("503 X", "Retry-After: 1"), answer("429 X", "Retry-After: 3600"), answer("404 X", body="<html>"),
    answer("302 X", "Location: https://portal.test/"), answer("200 X", "Content-Encoding: gzip", body="xxxx"),
    answer("403 X", "Content-Type: text/html", body="stopped"),
]
ACTED = [[["handshake"], ["read-request"], ["carry-out"], ["reset"]],
         [["handshake"], ["read-request"], ["carry-out"], ["hold", 3]]]
REFUSED = [answer("401 X", 'WWW-Authenticate: Bearer error="invalid_token"')]
BY_PROXY = [answer("407 X", 'Proxy-Authenticate: Basic realm="x"'), answer("502 X"), answer("403 X"), [["reset"]],
            [["handshake"], ["read-request"], ["hold", 3]],
            [["handshake"], ["read-request"], ["send", "SSH-2.0-x\r\n\r\n"], ["close"]]]


class Failing:
    """In the place of a server's scripts: a third of the connections have one."""

    def __init__(self, chance: random.Random, scripts: List[list], table: Dict[str, Any], part: float = 1 / 3) -> None:
        self._chance, self._scripts, self._part = chance, [parse(script, table) for script in scripts], part

    def __bool__(self) -> bool:
        return self._chance.random() < self._part

    def popleft(self) -> list:
        return self._chance.choice(self._scripts)


class Soak:
    def __init__(self, command: str, folder: Path, closings: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.command, self.folder = command, folder
        self.requests = [str(uuid.UUID(int=self.chance.getrandbits(128), version=4)) for _ in range(closings)]
        self.state, self.drop = folder / "state", folder / "drop"
        self.boot = "0" * 32
        self.flushes = self.kills = 0
        pki = Pki(str(folder / "pki"))
        self.service = Service(Tls(pki))
        self.authority = TokenServer(Tls(Pki(pki.folder, LOGIN)), tokens=self.service.tokens)
        self.proxy = ScriptedProxy()
        self.ca_file = pki.ca_file()
        self.authority.add_client(TENANT, CLIENT, secrets=[SECRET.encode()])
        for request in self.requests:
            self.service.add(TENANT, request)

    def fail(self, on: bool) -> None:
        for server, scripts, table, part in ((self.service, LOST + ACTED + REFUSED, SCRIPT_STEPS, 1 / 3),
                                             (self.authority, LOST, SCRIPT_STEPS, 1 / 3),
                                             (self.proxy, BY_PROXY, PROXY_STEPS, 1 / 6)):
            server._scripts = Failing(self.chance, scripts, table, part if on else 0.0)  # pylint: disable=W0212

    # ---- the command ----

    def queue(self, *words: Any) -> List[str]:
        return [self.command, "queue", *map(str, words), "--no-config"]

    def environment(self) -> Dict[str, str]:
        if self.chance.random() < 0.1:
            self.boot = f"{self.chance.getrandbits(128):032x}"
        return {**os.environ, "MMDCLOSE_BOOT_ID": self.boot}

    def flush_words(self) -> List[str]:
        stepped = [*STEPPED, "--boottime", str(self.chance.randrange(1, 10 ** 7))] if self.chance.random() < 0.2 else []
        return stepped + LIMITS + self.queue(
            "flush", "--json", "--tenant", TENANT, "--host", self.service.name, "--port", self.service.port,
            "--ca-file", self.ca_file, "--client-id", CLIENT, "--client-secret-file", self.folder / "secret",
            "--authority", f"{self.authority.name}:{self.authority.port}", "--proxy", f"http://127.0.0.1:{self.proxy.port}",
            "--timeout", TIMEOUT, "--drop-dir", self.drop, "--state-dir", self.state, "--runtime-dir", self.folder / "run")

    def flush(self, kill_after: float = 0.0) -> List[Dict[str, Any]]:
        """Returns its events; those of one that was killed, as far as it came."""
        self.flushes += 1
        with open(self.folder / "log", "wb") as log, subprocess.Popen(
                self.flush_words(), env=self.environment(), stdout=log, stderr=subprocess.STDOUT) as process:
            if kill_after:
                time.sleep(kill_after)
                os.kill(process.pid, signal.SIGKILL)
                self.kills += 1
            process.wait()
        lines = (self.folder / "log").read_text().splitlines()
        if not kill_after and process.returncode not in range(11):
            sys.exit(f"soak: a flush ended with {process.returncode}:\n" + "\n".join(lines[-5:]))
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def add(self, request: str) -> None:
        subprocess.run(self.queue("add", "--tenant", TENANT, "--request", request, "--actions", f"Did {request}.",
                                  "--drop-dir", self.drop), check=True, stdout=subprocess.DEVNULL)

    def end_waits(self) -> None:
        subprocess.run(self.queue("retry", "--all", "--state-dir", self.state), stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)

    def waiting(self) -> int:
        return sum(len(list(folder.iterdir())) for folder in (self.drop, self.state / "due") if folder.exists())

    # ---- the soak ----

    def run(self) -> None:
        """Some closings are added while a flush runs, which may be killed meanwhile."""
        adding = iter(self.requests)
        while batch := list(itertools.islice(adding, self.chance.randrange(1, AT_ONCE))):
            adder = threading.Thread(target=lambda each=batch: [self.add(request) for request in each])
            adder.start()
            kill_after = self.chance.uniform(0.001, 0.25) if self.chance.random() < KILLED else 0.0
            self.flush(kill_after)
            adder.join()
            self.end_waits()
        deadline = time.monotonic() + 300
        while self.waiting() and time.monotonic() < deadline:
            self.flush()
            self.end_waits()

    def finish(self) -> None:
        """Nothing fails any more."""
        self.fail(False)
        for _ in range(3):
            self.flush()
            self.end_waits()

    def wrong(self) -> List[str]:
        left = [str(path.relative_to(self.folder)) for root in (self.drop, self.state) for path in root.rglob("*")
                if path.is_file() and path.name not in ("lock", "flush.lock")]
        found = [f"left: {left[:5]}"] if left else []
        open_ = [request for request in self.requests
                 if self.service.actions(TENANT, request) != f"Did {request}."]
        found += [f"{len(open_)} closings were lost: {open_[:3]}"] if open_ else []
        return found


def main() -> int:
    command, closings = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else int.from_bytes(os.urandom(4), "big")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mmdclose-soak-") as name, \
            tempfile.TemporaryDirectory(prefix="mmdclose-soak-", dir="/dev/shm") as memory:
        folder = Path(name)
        (folder / "run").symlink_to(memory)
        (folder / "secret").touch(0o600)
        (folder / "secret").write_text(SECRET)
        soak = Soak(command, folder, closings, seed)
        with soak.service, soak.authority, soak.proxy:
            soak.fail(True)
            soak.run()
            soak.finish()
            found = soak.wrong()
        sent = sum(count for target, count in soak.service.counts.items() if TENANT in target)
        print(f"soak: seed {seed}: {closings} closings in {soak.flushes} flushes, {soak.kills} of them killed; "
              f"{sent} requests, {len(soak.authority.issued)} tokens; "
              f"{time.monotonic() - began:.0f} s")
    for each in found:
        print(f"soak: {each}")
    print(f"{0 if found else 1} passed, {len(found)} failed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
