# SPDX-License-Identifier: MIT
"""What the stand-ins that speak HTTP share: a TCP port, a thread for each connection, scripts, and what was seen."""
import socket
import ssl
import threading
import time
from collections import Counter, deque
from typing import Callable, Deque, List, Optional, Set

from connection import Application, Connection
from script import Step, load, parse, run
from tls import Tls
from transport import Ended, Record

STOP_WITHIN = 5.0


class Server:
    """Listens while its `with` block runs, a thread for each connection; `port` 0 takes any free one.

    Without `tls` it speaks plain HTTP, to stand behind a front end. Clients reach it by `public_port`, when a
    front end's differs from its own. A `forgetful` one takes no ticket of an earlier connection, as another of a
    farm of servers would not. Without `keep_alive` it ends a connection after one answer. `on_done` is called with the record of each connection that ended.
    """
    connection_class = Connection

    def __init__(self, tls: Optional[Tls], *, name: str, address: str = "127.0.0.1", port: int = 0,
                 public_port: Optional[int] = None, limit: float = 30.0, forgetful: bool = False,
                 keep_alive: bool = True, on_done: Callable[[Record], None] = lambda record: None) -> None:
        self._tls, self._forgetful, self._keep_alive = tls, forgetful, keep_alive
        self._context: Optional[ssl.SSLContext] = tls.context() if tls else None
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, port), family=family, backlog=128)
        self.address, self.port, self.name = address, self._listener.getsockname()[1], name
        self.public_port = public_port or self.port
        self.connections: List[Record] = []
        self.failures: List[str] = []  # of the service itself: without them it could seem to have been silent
        self._limit, self._on_done = limit, on_done
        self.authority = (name if self.public_port == 443 else f"{name}:{self.public_port}").lower()
        self._scripts: Deque[List[Step]] = deque()
        self._stop, self._stopper = socket.socketpair()  # readable on all threads once the other end closes
        self._changed = threading.Condition()
        self._threads: Set[threading.Thread] = set()
        self._acceptor = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        self._acceptor.start()
        return self

    def __exit__(self, *_) -> None:
        """Ends every connection, wherever it is."""
        deadline = time.monotonic() + STOP_WITHIN
        self._stopper.close()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in [self._acceptor, *self._threads]:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._listener.close()
        self._stop.close()

    @property
    def application(self) -> Application:
        """What it serves."""
        raise NotImplementedError

    @property
    def received(self) -> bytes:
        """All that came above TLS, of all connections so far: the place to search for secrets."""
        return b"\n".join(record.request for record in self.connections)

    @property
    def counts(self) -> Counter:
        """How many requests came for each target, right or wrong."""
        return Counter(exchange.target for record in self.connections for exchange in record.exchanges)

    @property
    def problems(self) -> List[str]:
        """What was wrong in all requests so far; empty for a client that does its work."""
        return [f"connection {record.number}: {text}" for record in self.connections for text in record.problems]

    def script(self, steps: list) -> None:
        """Let the next connection that has no script yet run these steps; script.py describes them."""
        self._scripts.append(parse(steps))

    def load_scripts(self, path: str) -> None:
        self._scripts.extend(load(path))

    def finished(self, count: int, timeout: float = 5.0) -> List[Record]:
        """All records, once there are `count` and all are done; TimeoutError otherwise."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._are_done(count), timeout):
                raise TimeoutError(f"{len(self.connections)} connections, not {count} that ended")
            return list(self.connections)

    def _are_done(self, count: int) -> bool:
        return len(self.connections) >= count and all(record.done for record in self.connections)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return  # the service stops
            record = Record(len(self.connections) + 1)
            self.connections.append(record)
            steps = self._scripts.popleft() if self._scripts else None
            thread = threading.Thread(target=self._serve, args=(sock, record, steps), daemon=True)
            self._threads.add(thread)
            thread.start()

    def _serve(self, sock: socket.socket, record: Record, steps: Optional[List[Step]]) -> None:
        context = self._tls.context() if self._tls and self._forgetful else self._context
        connection = self.connection_class(self.application, sock, record, context, self._stop, self._limit)
        connection.may_keep_alive = self._keep_alive
        try:
            self._converse(connection, record, steps)
        except Exception as error:
            self.failures.append(f"connection {record.number}: {error!r}")
            raise
        finally:
            self._on_done(record)
            with self._changed:
                record.done = True
                self._threads.discard(threading.current_thread())
                self._changed.notify_all()

    def _converse(self, connection: Connection, record: Record, steps: Optional[List[Step]]) -> None:
        try:
            if steps:
                run(steps, connection)
            else:
                connection.serve()
        except (Ended, ssl.SSLError) as error:
            record.gave_up = str(error)
        finally:
            connection.finish()
