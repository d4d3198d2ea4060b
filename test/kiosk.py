# SPDX-License-Identifier: MIT
"""The demo of a whole kiosk visit: a closing is added while the network is down, the power fails in the middle of
sending it, and its response is lost; it is closed all the same. Then one that the service refuses. After each step it
shows what an operator sees. It uses the real command, and stand-ins for the service and the token server on loopback;
it starts what it needs, and leaves nothing.

    python3 test/kiosk.py PROGRAM      or several words: an emulator and the program
"""
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List

sys.path.insert(0, str(Path(__file__).resolve().parent / "service"))
sys.dont_write_bytecode = True
from demo import CLIENT, REQUEST, SECRET, TENANT, UNKNOWN, private_file  # noqa: E402
from pki import Pki  # noqa: E402
from service import Service  # noqa: E402
from tls import Tls  # noqa: E402
from token_server import NAME as LOGIN, TokenServer  # noqa: E402

ACTIONS = "Replaced the printer's driver."
LONGEST = 20  # seconds that anything is waited for


def reserve() -> socket.socket:
    """A port that refuses connections until a server takes its place."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind(("127.0.0.1", 0))
    return taken


class Kiosk:
    """A device: its configuration, and the commands that run on it."""

    def __init__(self, program: List[str], folder: str, options: Dict[str, object]) -> None:
        folders = {f"{name}-dir": Path(folder, name) for name in ("drop", "state", "runtime")}
        text = "".join(f"{name} = {value}\n" for name, value in {**options, **folders}.items())
        self._program, self._config = program, private_file(folder, "kiosk.conf", text)
        self.right = True
        print(f"== The kiosk's configuration, which stands in /etc/mmdclose.conf on a real one\n{text}", flush=True)

    def words(self, command: str, *more: str) -> List[str]:
        return [*self._program, "queue", command, "--config", self._config, *more]

    def queue(self, expected: int, says: str, title: str, command: str, *more: str) -> None:
        """Runs a command of the queue, which has to end with that exit status, and to say that ("": nothing at all)."""
        words = self.words(command, *more)
        print(f"\n== {title}\n$ {shlex.join(words)}", flush=True)
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LONGEST, check=False)
        output = done.stdout.decode()
        print(f"{output}(exit status {done.returncode})", flush=True)
        if done.returncode != expected or (says not in output if says else output):
            print(f"(NOT AS IT SHOULD BE: exit status {expected}, and {says or 'nothing'!r})", flush=True)
            self.right = False

    def add(self, title: str, request: str) -> None:
        self.queue(0, "stored", title, "add", "--request", request, "--actions", ACTIONS)

    def see(self, listed: str, check: int, says: str) -> None:
        self.queue(0, listed, "What an operator sees: the queue" + ("" if listed else ", which is empty"), "list")
        self.queue(check, says, "What an operator sees: the line for monitoring", "check")

    def flush_until_power_cut(self, service: Service) -> None:
        """The service closes the request, and the command is killed before it gets the response."""
        command = self.words("flush")
        print(f"\n== It is sent, and the power fails before the response comes\n$ {shlex.join(command)}", flush=True)
        service.script([["handshake"], ["read-request"], ["carry-out"], ["hold", LONGEST]])
        with subprocess.Popen(command) as flush:
            end = time.monotonic() + LONGEST
            while service.actions(TENANT, REQUEST) is None and flush.poll() is None and time.monotonic() < end:
                time.sleep(0.01)
            flush.kill()
        self.right = self.right and flush.returncode == -signal.SIGKILL
        print("\n(killed, as by a power cut)" if self.right else "\n(it was not killed in the middle)", flush=True)


def visit_while_offline(kiosk: Kiosk) -> None:
    kiosk.add("The technician is done, and the network is down: the kiosk's script adds the closing", REQUEST)
    kiosk.queue(7, "cannot be reached", "The timer starts a flush: the try fails, and nothing is lost", "flush")
    kiosk.see("waiting", 0, "ok: 1 waiting")
    kiosk.queue(0, "", "The timer again: the closing is not due yet, so nothing is sent", "flush")


def power_cut(kiosk: Kiosk, service: Service) -> None:
    kiosk.queue(0, "due: 1", "The network is back. The closing would be sent within half a minute; an operator does "
                "not want to wait", "retry", "--all")
    kiosk.flush_until_power_cut(service)
    kiosk.queue(0, "maybe sent", "After the power cut: the closing is still there, and may have been sent", "list")
    kiosk.queue(0, "closed by an earlier try", "The timer after the boot: that try has closed it", "flush")
    kiosk.see("", 0, "ok: 0 waiting")


def refused(kiosk: Kiosk) -> None:
    kiosk.add("A closing of a request that does not exist: who adds cannot know", UNKNOWN)
    kiosk.queue(4, "does not exist", "The service's own word is final: the closing moves aside", "flush")
    kiosk.see("failed", 4, "stuck")
    kiosk.queue(0, "dropped: 1", "The operator has read why, and drops it", "drop", "--request", UNKNOWN)
    kiosk.see("", 0, "ok: 0 waiting")


def visit(program: List[str], folder: str) -> bool:
    pki, login = Pki(folder), Pki(folder, LOGIN)
    ports = [reserve(), reserve()]
    at, login_at = (taken.getsockname()[1] for taken in ports)
    kiosk = Kiosk(program, folder, {
        "tenant": TENANT, "client-id": CLIENT, "client-secret-file": private_file(folder, "secret", SECRET),
        "host": "mmdls.test", "port": at, "connect": "127.0.0.1", "authority": f"{LOGIN}:{login_at}",
        "authority-connect": "127.0.0.1", "ca-file": pki.ca_file()})
    visit_while_offline(kiosk)
    for taken in ports:
        taken.close()
    with Service(Tls(pki), port=at) as service, TokenServer(Tls(login), port=login_at, tokens=service.tokens) as server:
        server.add_client(TENANT, CLIENT, secrets=[SECRET.encode()])
        service.add(TENANT, REQUEST)
        power_cut(kiosk, service)
        refused(kiosk)
        print(f"\n== The service has recorded: {service.actions(TENANT, REQUEST)}")
        left = [path.name for found in ("state/*/*", "drop/*") for path in Path(folder).glob(found)]
        print(f"== In the queue's folders are left: {left or 'no closings'}")
        return kiosk.right and not left and service.actions(TENANT, REQUEST) == ACTIONS and not server.problems


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="mmdclose-kiosk-") as folder:
        right = visit(sys.argv[1:], folder)
    print("kiosk: as it should be" if right else "kiosk: SOMETHING WENT WRONG")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
