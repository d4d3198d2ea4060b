# SPDX-License-Identifier: MIT
"""A stand-in for the service that closes elevation requests, for tests and for trying a device by hand.

    with Service(tls=Tls(Pki(folder))) as service:
        service.add(tenant, request_id)
        ...                                       # let a client close it at service.port
        record, = service.finished(1)             # what the connection looked like

By hand: python3 service.py --help
"""
import sys
from typing import Any, Iterable, Optional, Set

from connection import Application
from elevation import ElevationRequests
from server import Server
from tls import Tls

DEFAULT_TOKEN = "stand-in-token"


class Service(Server):
    """Accepts `tokens`, a set that may change at any time."""

    def __init__(self, tls: Optional[Tls], *, name: str = "mmdls.test", tokens: Iterable[str] = (DEFAULT_TOKEN,),
                 **options: Any) -> None:
        super().__init__(tls, name=name, **options)
        self.tokens: Set[str] = set(tokens)
        self._elevation_requests = ElevationRequests(self.authority, self.tokens)
        self.add, self.actions = self._elevation_requests.add, self._elevation_requests.actions

    @property
    def application(self) -> Application:
        return self._elevation_requests


if __name__ == "__main__":
    import by_hand
    sys.exit(by_hand.main(Service))
