# SPDX-License-Identifier: MIT
"""How the service speaks TLS: the one place that sets up ssl."""
import ssl
from dataclasses import dataclass
from typing import Optional

from pki import Pki

VERSIONS = {"1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


@dataclass(frozen=True)
class Tls:
    """Certificate, versions and tickets. `tickets` counts those of TLS 1.3; 0 also stops TLS 1.2's."""
    pki: Pki
    variant: str = "good"
    minimum: str = "1.2"
    maximum: str = "1.3"
    tickets: int = 2
    # Level 0 permits TLS 1.1 and the weak key: refusing them is the client's part, and what is tried here.
    ciphers: str = "DEFAULT:@SECLEVEL=0"
    key_log: Optional[str] = None  # a file, which the secrets of each connection are added to

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(self.ciphers)
        context.minimum_version, context.maximum_version = VERSIONS[self.minimum], VERSIONS[self.maximum]
        context.load_cert_chain(*self.pki.chain(self.variant))
        context.set_alpn_protocols(["http/1.1"])
        if self.key_log:
            context.keylog_filename = self.key_log
        context.num_tickets = self.tickets
        if not self.tickets:
            context.options |= ssl.OP_NO_TICKET
        return context
