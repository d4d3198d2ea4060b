# SPDX-License-Identifier: MIT
"""The command line of the firmware: what arrives of it, and what is refused before anything is sent."""
import os
import re
import unittest

from case import BOARD, REQUEST, TENANT, TOKEN, Case, closed, one_board_is_enough, rows

REQUEST_MAX = int(os.environ["REQUEST_MAX"])  # bytes of the buffer for a request
TOKEN_MAX, COMMAND_MAX = int(os.environ["TOKEN_MAX"]), int(os.environ["COMMAND_MAX"])  # a line with a token has both

# Actions that the firmware has to take out of quotes, the request has to write in JSON, and the service reads again.
TEXTS = ["plain", "two  blanks ", 'the "driver"', '"', '""', "C:\\temp\\", "\\", '\\"', "a\\\\b",
         "comma, arg=x,,", "--tenant", "tab\tand\nlines\r\n", "\x01\x1f\x7f", "für 日本 \U0001f5a8", "</script>"]

# What is wrong, and what is said of it.
WRONG = {
    # Fault 275
    "no tenant": (dict(tenant=None), (), "--tenant is missing"),
    "no request": (dict(requests=()), (), "--request is missing"),
    "no actions": (dict(actions=None), (), "--actions is missing"),
    # Fault 713: actions that are empty or blank on a device -> refused: an empty report cannot be undone
    "empty actions": (dict(actions=""), (), "--actions is empty"),
    "blank actions": (dict(actions=" \t"), (), "--actions is empty"),
    "no token": (dict(token=None), (), "--token or --client-id is missing"),
    # Fault 930: a token and a client id -> refused: which of them counts is not guessed
    "a token and a client": (dict(client_id="x"), (), "--token and --client-id exclude each other"),
    # Fault 277
    "an unknown option": ({}, ("--frobnicate", "1"), "option is not known"),
    "a part of an option": ({}, ("--tenan", "1"), "option is not known"),
    "a word too many": ({}, ("word", "another"), "option is not known"),
    "an empty word": ({}, ("", ""), "option is not known"),
    "an option without its value": ({}, ("--host",), "lacks its value"),
    # Fault 200
    "a tenant that is none": (dict(tenant="a/b"), (), "--tenant cannot be used from byte 1 on: this character is not allowed."),
    "an empty tenant": (dict(tenant=""), (), "--tenant cannot be used from byte 0 on: it is empty."),
    "a request that is none": (dict(requests=["../x"]), (), "--request cannot be used from byte"),
    "a tenant that is too long": (dict(tenant="x" * 129), (),
                                  "--tenant cannot be used from byte 128 on: it is too long."),
    "a tenant of dots": (dict(tenant=".."), (), "--tenant cannot be used from byte 2 on: it is only dots."),
    "a host with a dot at its end": (dict(host="mmdls.test."), (),
                                     "--host cannot be used from byte 11 on: it ends in a dot."),
    "too many requests": (dict(requests=["x"] * 33), (), "there are too many requests for one command line"),
    # Fault 55
    "a token with a blank": (dict(token="ab c" * 10), (), "--token cannot be used from byte 2 on: this character is not allowed."),
    "an empty token": ({}, ("--token", ""), "--token cannot be used from byte 0 on: it is empty."),
    "a host that is none": (dict(host="a b"), (), "--host cannot be used from byte 1 on: this character is not allowed."),
    # Fault 435
    "an address as host": (dict(host="10.0.2.2"), (), "--host cannot be used from byte 7 on: it ends in a number, as an address does."),
    # Fault 307: a host or an address longer than the firmware has room for -> refused, nothing sent
    "a long host": (dict(host="h" * 128), (), "a host's name is too long"),
    "a long address": (dict(connect="h" * 128), (), "a host's name is too long"),
    "a long authority": (dict(authority="h" * 128), (), "a host's name is too long"),
}
# Fault 278
BAD_PORTS = ("0", "65536", "4294967739", "99999999999999999999", "-1", "+1", "1x", "x", "", " 443", "0x1bb")
# Fault 279
BAD_TIMEOUTS = ("0", "86401", "-1", "1.5", "2s", "")
# Fault 931: a number of retries that is none, or more than a thousand -> refused
BAD_RETRIES = ("1001", "4294967297", "-1", "1.5", "x", "")


class Values(Case):
    def test_actions_arrive_as_they_are(self):
        service = self.serve()
        for text in TEXTS:
            with self.subTest(text):
                service.add(TENANT, REQUEST)
                self.assertEqual(self.boot(service, actions=text).status, 0)
                self.assertEqual(service.actions(TENANT, REQUEST), text)
        self.assertEqual(service.problems, [])

    def test_of_two_the_last_counts(self):
        service = self.serve()
        self.assertEqual(self.boot(service, "--actions", "other").status, 0)
        self.assertEqual(service.actions(TENANT, REQUEST), "other")

    def test_without_verbose_it_tells_its_steps_only(self):
        console = self.boot(self.serve(), verbose=False)
        said = [re.sub(r"^ *\d+ ms  | \(\S+Z\)", "", line) for line in console.text.splitlines()]
        self.assertRegex(said.pop(0), rf"^mmdclose \d\S* on {re.escape(BOARD)}$")
        self.assertEqual(said, ["address 10.0.2.15 by DHCP", "the clock is set by SNTP",
                                closed(REQUEST)])

    def test_an_address_takes_the_place_of_a_lookup(self):
        service = self.serve()
        self.assertEqual(self.boot(service, connect="10.0.2.2").status, 0)
        self.assertEqual(self.names.asked, [])


class Refusals(Case):
    def refuse(self, *more: str, **changes) -> str:
        service = self.serve()
        console = self.boot(service, *more, **changes)
        self.assertEqual((console.status, len(console.sentences)), (2, 1), console.text)
        self.assertEqual(service.connections, [])
        return console.sentences[0]

    def test_what_is_wrong_is_told_and_nothing_is_sent(self):
        for name, (changes, more, expected) in WRONG.items():
            with self.subTest(name):
                self.assertIn(expected, self.refuse(*more, **changes))

    def test_ports(self):
        for option, before in rows({"port": "", "dns_port": "", "sntp_port": "", "authority": "login.test:"},
                                   "port", "authority").items():
            for value in BAD_PORTS:
                with self.subTest(option, value=value):
                    self.assertIn("a port is a number from 1 to 65535", self.refuse(**{option: before + value}))

    def test_timeouts(self):
        for option in ("timeout", "retry_max_time"):
            for value in BAD_TIMEOUTS:
                with self.subTest(option, value=value):
                    self.assertIn("take seconds, from 1 to 86400", self.refuse(**{option: value}))

    @one_board_is_enough
    def test_retries(self):
        for value in BAD_RETRIES:
            with self.subTest(value):
                self.assertIn("--retry takes a number from 0 to 1000", self.refuse(retry=value))

    # Fault 308: a command line longer than its buffer -> refused, nothing sent
    def test_a_line_that_is_too_long(self):
        for count in (TOKEN_MAX + COMMAND_MAX - len(TOKEN), 20000):
            with self.subTest(count):
                self.assertIn("the command line is too long", self.refuse(actions="x" * count))
        service = self.serve()
        self.assertEqual(self.boot(service, actions="x" * 1000).status, 0)

    # Fault 309: a text whose escapes make the request larger than its buffer -> refused, the size told
    def test_a_request_that_is_too_large(self):
        """Control characters take six bytes each in JSON: a short line makes a large request."""
        count = REQUEST_MAX // 6
        needs = [int(self.refuse(actions="\x01" * n, token="x" * 20).split(" bytes")[0].rsplit(" ")[-1])
                 for n in (count, count + 1)]
        self.assertGreater(needs[0], 6 * count)
        self.assertEqual(needs[1] - needs[0], 6)


if __name__ == "__main__":
    unittest.main()
