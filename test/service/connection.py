# SPDX-License-Identifier: MIT
"""HTTP on one connection: read a request, answer it, and what is done when no script says otherwise."""
from typing import Callable, Optional

from answer import Answer
from reader import Reader, Refused, Request
from transport import Ended, Exchange, Transport


class Application:
    """What a server serves. Any thread may call."""

    def prepare(self, request: Request) -> Callable[[], Answer]:
        """What carries a right request out; raises Refused for a wrong one."""
        raise NotImplementedError

    def refusal(self, refused: Refused) -> Answer:
        """What a wrong request gets."""
        raise NotImplementedError


class Connection(Transport):
    def __init__(self, application: Application, *transport) -> None:
        super().__init__(*transport)
        self._application = application
        self.reader = Reader(self.receive)
        self._prepared: Optional[Callable[[], Answer]] = None  # what the latest request asks for, if it is right
        self._answer: Optional[Answer] = None                  # the answer to it, once settled
        self._keep_alive, self.may_keep_alive = False, True

    def serve(self) -> None:
        """The conduct of the real service: requests are answered until one side wants to end."""
        self.handshake()
        while self.read_request():
            self.send_answer()
            if not self._keep_alive:
                break
        self.send_close_notify()

    def read_request(self) -> bool:
        """Read and check a request; False when the client ended instead. Nothing is carried out yet."""
        exchange = Exchange()
        self._prepared = self._answer = None
        try:
            request = self.reader.request()
            if not request:
                return False
            exchange.method, exchange.target = request.method, request.target
            self._prepared = self._application.prepare(request)
            self._keep_alive = request.keep_alive and self.may_keep_alive
            if self.reader.surplus and not request.keep_alive:
                self.record.problems.append("bytes after the last request")
        except Refused as refused:
            self.record.problems.append(str(refused))
            self._answer, self._keep_alive = self._application.refusal(refused), False
        self.record.exchanges.append(exchange)
        return True

    def carry_out(self) -> None:
        """Do what the request asks for, unless it was wrong or that was done already."""
        if self._answer:
            return
        if not self._prepared:
            raise Ended("no request came")
        self._answer = self._prepared()

    def send_answer(self) -> None:
        self.carry_out()
        self.send(self._answer.encode(self._keep_alive))
        self.record.exchanges[-1].status = self._answer.status
