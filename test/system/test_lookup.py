# SPDX-License-Identifier: MIT
"""Name servers that fail, seen through the C library's resolver: a good IPv4 address is enough, and no false cause is
told."""
import os
import platform
import unittest
from pathlib import Path

from own_network import enter

enter()

from dns import NameServer  # noqa: E402
from harness import Case, Result  # noqa: E402

HOST = "mmdls.test"
IS_GLIBC = platform.libc_ver(os.environ["MMDCLOSE"])[0] == "glibc"

# What the name server says of IPv6, beside a good IPv4 address.
IPV6 = {
    # Fault 500: a good A record, and for AAAA an error, nothing or silence -> closed over IPv4 (RFC 4074, 4)
    "an error": "SERVFAIL", "refused": "REFUSED", "no such name": "NXDOMAIN", "not implemented": "NOTIMP",
    "nothing": "empty", "silence": "silent", "truncated": "truncated",
}
# No address at all: for A, for AAAA, and the errors that say so.
NONE = {
    # Fault 501: an error or silence for A -> no name server could answer, not sent
    "an error for both": ("SERVFAIL", "SERVFAIL", ("lookup",)),
    "refused for both": ("REFUSED", "REFUSED", ("lookup",)),
    "silence for both": ("silent", "silent", ("lookup",)),
    "an error, and nothing": ("SERVFAIL", "empty", ("lookup",)),
    "refused, and nothing": ("REFUSED", "empty", ("lookup",)),
    "silence, and nothing": ("silent", "empty", ("lookup",)),
    "nothing, and an error": ("empty", "SERVFAIL", ("lookup",)),
    # Fault 502: no such name, or a name without addresses -> the name has no address, not sent (RFC 2308, 2)
    "no such name": ("NXDOMAIN", "NXDOMAIN", ("name",)),
    "nothing for both": ("empty", "empty", ("name",)),
}

os.environ["LSAN_OPTIONS"] = f"suppressions={Path(__file__).with_name('lookup.supp')}:print_suppressions=0"


class Lookups(Case):
    def look_up(self, names: NameServer) -> Result:
        service = self.serve()
        with names:
            result = self.close(service, connect=HOST, timeout=30)
        self.assertEqual(names.problems, [])
        return result

    def server(self, **options) -> NameServer:
        return NameServer({HOST: "127.0.0.1"}, port=53, **options)

    def test_a_good_ipv4_address_is_enough(self):
        for name, fault in IPV6.items():
            with self.subTest(name):
                self.assertSays(self.look_up(self.server(faults={"AAAA": fault})), outcome="closed")

    def test_no_address(self):
        for name, (a, aaaa, errors) in NONE.items():
            with self.subTest(name):
                result = self.look_up(self.server(faults={"A": a, "AAAA": aaaa}))
                self.assertSays(result, outcome="try_later", delivery="not_sent")
                self.assertIn(result.json["error"], errors)

    # Fault 503: an alias of an alias of an alias -> followed (RFC 1034, 3.6.2)
    def test_aliases_are_followed(self):
        self.assertSays(self.look_up(self.server(faults={"A": "aliases", "AAAA": "empty"})), outcome="closed")

    # Fault 504: no name server at the address -> no name server could answer, not sent
    def test_no_name_server(self):
        result = self.close(self.serve(), connect=HOST)
        self.assertSays(result, outcome="try_later", error="lookup", delivery="not_sent")

    # Fault 505: a truncated answer -> asked again over TCP; where that is refused, the lookup fails (RFC 7766, 5)
    def test_truncated(self):
        """musl asks over TCP from 1.2.4 on. Before, it does not say that an answer without an address was cut."""
        both = {"A": "truncated", "AAAA": "truncated"}
        answered = self.look_up(self.server(faults=both, tcp=True))
        refused = self.look_up(self.server(faults=both))
        self.assertSays(refused, outcome="try_later", delivery="not_sent")
        if IS_GLIBC or answered.json["error"] == "ok":
            self.assertSays(answered, outcome="closed")
            self.assertSays(refused, error="lookup")
        else:
            self.assertSays(answered, outcome="try_later", error="name")


if __name__ == "__main__":
    unittest.main()
