# SPDX-License-Identifier: MIT
"""Whom a board trusts, by which clock, and where its random bytes come from."""
import os
import ssl
import unittest
from pathlib import Path

from case import HAS_P384, HOST, PKI, REQUEST, VERSIONS, Case, Tls, closed, one_board_is_enough, only, rows
from device import Device, with_anchors, with_section

# What is said of a server that cannot be verified.
BAD_CERTIFICATES = rows({
    # Fault 37
    "wrong-name": "the server's certificate is for another host",
    "expired": "a certificate of the server has expired",
    # Fault 37
    "self-signed": "the server's certificate is self-signed",
    "unknown-issuer": "the server's certificate comes from an issuer that is not trusted",
    # Fault 258
    "missing-intermediate": "the server does not send its intermediate certificate",
    # Fault 259
    "weak-key": "the server's certificate cannot be accepted",
    # Fault 260
    "client-usage": "the server's certificate cannot be accepted",
    # Fault 261
    "mail-authority": "the server's certificate cannot be accepted",
    # Fault 262
    "constrained-authority": "the server's certificate cannot be accepted",
    # Fault 452
    "exponent-of-33-bits": "the server's certificate cannot be accepted",
    # Fault 453
    "authority-4": "the server's certificate cannot be accepted",
    # Fault 468
    "sha224": "the server's certificate cannot be accepted",
}, "wrong-name", "expired", "unknown-issuer", "constrained-authority")
# Fault 39
# Fault 452
# Fault 453
GOOD_CERTIFICATES = ("good", "p256", "rsa4096", "exponent-of-32-bits", "authority-3")

# What a server that is none sends instead of its first message.
NOT_TLS = {
    # Fault 45
    "plain HTTP": ["send-raw", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"],
    "garbage": ["send-raw-hex", "a5" * 100],
    # Fault 265
    "a record that is too long": ["send-raw-hex", "16 03 03 ff ff" + "00" * 1000],
}
SERVER_HELLO_1_1 = "16 03 02 00 2a  02 00 00 26  03 02" + "5a" * 32 + "00  c0 13  00"

DAY = 86400
YEARS = 3650 * DAY

# Time servers that tell no time, or one that cannot be, and what is said of them.
NO_ANSWER = TOO_EARLY = "SNTP gave no time that can be right"
NO_TIME = rows({
    # Fault 293: a time server that is silent, says nothing but to stay away, or tells a time before the firmware was
    # made -> clock error, nothing sent (RFC 5905, 7.4)
    "silence": (dict(silent=True), NO_ANSWER),
    "kiss-o'-death": (dict(leap=3, stratum=0), NO_ANSWER),
    "1970": (dict(at=0), ""),
    "a day of 1970": (dict(at=DAY), TOO_EARLY),
    "years ago": (dict(at=1_500_000_000), TOO_EARLY),
}, "silence", "1970")


# Replies of time servers that were not believed.
UNBELIEVED = rows({
    # Fault 523
    "not synchronised": dict(leap=3), "no stratum": dict(stratum=16), "years ahead": dict(offset_s=20 * 365 * DAY),
}, "not synchronised")


def der_of(file: str) -> bytes:
    return ssl.PEM_cert_to_DER_cert(Path(file).read_text(encoding="ascii"))


class Certificates(Case):
    def test_each_bad_certificate_has_its_sentence_and_nothing_is_sent(self):
        for version in VERSIONS:
            for variant, text in BAD_CERTIFICATES.items():
                with self.subTest(variant, tls=version):
                    self.device = self.new_device(variant)
                    service = self.serve(tls=only(version, variant=variant))
                    self.assertTold(self.boot(service), 8, "so nothing was sent: " + text)
                    record, = service.finished(1)
                    self.assertEqual(record.request, b"")

    def test_good_certificates_of_every_kind(self):
        for version in VERSIONS:
            for variant in GOOD_CERTIFICATES:
                with self.subTest(variant, tls=version):
                    self.device = self.new_device(variant)
                    self.assertTold(self.boot(self.serve(tls=only(version, variant=variant))), 0)

    # Fault 257
    def test_a_certificate_that_is_not_valid_yet_is_the_clocks_matter(self):
        for version in VERSIONS:
            with self.subTest(tls=version):
                service = self.serve(tls=only(version, variant="not-yet-valid"))
                self.assertTold(self.boot(service), 9, "nothing was sent")
                record, = service.finished(1)
                self.assertEqual(record.request, b"")

    # Fault 477
    @one_board_is_enough
    def test_a_self_signed_certificate_that_is_an_anchor(self):
        own = PKI.chain("self-signed")[0]
        image = with_anchors(os.environ["FIRMWARE"], own, self.folder / "pinned")
        self.device = Device(self.folder, image)
        for version in VERSIONS:
            with self.subTest(tls=version):
                service = self.serve(tls=only(version, variant="self-signed"))
                self.assertTold(self.boot(service), 0)

    def trusting(self, anchors: bytes) -> Device:
        """Whatever these bytes are."""
        section = Path(self.folder, "anchors")
        section.write_bytes(anchors.ljust(4096 if HAS_P384 else 2368, b"\xff"))
        return Device(self.folder, with_section(os.environ["FIRMWARE"], section, Path(self.folder, "image")))

    # Fault 485
    def test_a_damaged_anchor_hides_no_other(self):
        """Its length, its tag, or the length of what is in it."""
        root, other = (der_of(PKI.ca_file(variant)) for variant in ("good", "p256"))
        for at in (0, 1, 3, 7):
            with self.subTest(byte=at):
                damaged = other[:at] + bytes([other[at] ^ 0x40]) + other[at + 1:]
                self.device = self.trusting(damaged + root)
                console = self.boot(self.serve())
                self.assertTold(console, 0)
                self.assertIn(f"warning: {len(other)} bytes of the trust anchors are damaged", console.text)

    # Fault 481
    def test_many_names_take_what_the_pool_has(self):
        self.device = self.new_device("many-names")
        self.assertTold(self.boot(self.serve(tls=only(VERSIONS[0], variant="many-names"))), 0)

    # Fault 469
    def test_an_anchor_that_cannot_be_used_is_told(self):
        self.device = self.trusting(der_of(PKI.ca_file("p521-root")))
        console = self.boot(self.serve(tls=Tls(PKI, variant="p521-root", maximum=VERSIONS[-1])))
        self.assertTold(console, 8, "this build cannot use the trust anchor")
        self.assertIn("warning: the trust anchor at byte 0 cannot be used: its key", console.text)

    # Fault 267
    def test_another_root_is_not_trusted(self):
        self.device = self.new_device("p256")
        self.assertTold(self.boot(self.serve()), 8, BAD_CERTIFICATES["unknown-issuer"], "TRUST=FILE")

    def test_the_image_trusts_nobody_but_its_own_roots(self):
        self.device = Device(self.folder, os.environ["FIRMWARE"])
        self.assertTold(self.boot(self.serve()), 8, BAD_CERTIFICATES["unknown-issuer"])

    # Fault 294: a chain that needs a curve which was left out -> refused, nothing sent
    def test_p384_is_for_those_that_have_it(self):
        self.device = self.new_device("p384")
        for version in VERSIONS:
            with self.subTest(tls=version):
                service = self.serve(tls=only(version, variant="p384"))
                self.assertTold(self.boot(service), 0 if HAS_P384 else 8, "closed" if HAS_P384 else "nothing was sent")
                self.assertEqual(any(record.request for record in service.finished(1)), HAS_P384)

    # Fault 266
    @one_board_is_enough
    def test_the_name_to_connect_to_is_not_the_name_to_verify(self):
        service = self.serve()
        console = self.boot(service, host="other.test", connect=service.name)
        self.assertTold(console, 8, "cannot verify other.test", BAD_CERTIFICATES["wrong-name"])

    # Fault 41
    def test_older_versions_are_refused(self):
        service = self.serve([["read-raw", 1], ["send-raw-hex", SERVER_HELLO_1_1]])
        self.assertTold(self.boot(service), 8, "the server speaks neither TLS 1.2 nor TLS 1.3")

    @one_board_is_enough
    def test_what_is_not_tls(self):
        for name, answer in NOT_TLS.items():
            with self.subTest(name):
                service = self.serve([["read-raw", 1], answer])
                self.assertTold(self.boot(service), 8, "so nothing was sent: TLS failed; ")

    # Fault 269
    def test_a_damaged_record_is_no_answer(self):
        for version in VERSIONS:
            with self.subTest(tls=version):
                service = self.serve([["handshake"], ["read-request"], ["send-raw-hex", "17 03 03 00 28" + "00" * 40],
                                      ["cut"]], tls=only(version))
                self.assertTold(self.boot(service), 7, "the request may have been received: ")


class Clock(Case):
    # Fault 38
    def test_without_the_time_nothing_is_sent(self):
        for name, (clock, told) in NO_TIME.items():
            with self.subTest(name):
                service = self.serve()
                self.assertTold(self.boot(service, clock=clock), 9, "the clock is not set", told, "nothing was sent")
                self.assertEqual([record.request for record in service.finished(1)], [b""])
                self.assertGreater(self.clock.asked, 0)

    # Fault 295: a time that is wrong by years -> no certificate fits, nothing sent
    def test_a_time_that_is_wrong_by_years_fits_no_certificate(self):
        service = self.serve()
        self.assertTold(self.boot(service, clock=dict(offset_s=YEARS)), 8, BAD_CERTIFICATES["expired"])
        self.assertEqual([record.request for record in service.finished(1)], [b""])

    # Fault 523: a time server that says itself that it has no time, or one that is years wrong -> not believed; asked
    # again, and a clock error meanwhile (RFC 5905, 7.3)
    def test_a_time_that_cannot_be_right_is_not_believed(self):
        for name, clock in UNBELIEVED.items():
            with self.subTest(name):
                self.assertTold(self.boot(self.serve(), clock=dict(**clock, recovers=True)), 0)
                self.assertEqual(self.clock.asked, 2)

    # Fault 523
    @one_board_is_enough
    def test_a_time_server_that_stays_without_time(self):
        service = self.serve()
        self.assertTold(self.boot(service, clock=dict(leap=3)), 9, "the clock is not set", "nothing was sent")
        self.assertEqual([record.request for record in service.finished(1)], [b""])
        self.assertGreater(self.clock.asked, 1)

    # Fault 524: a time that makes a good certificate an expired one -> asked again at once; the next one is closed
    # (RFC 5280, 4.1.2.5)
    def test_after_an_expired_certificate_the_time_is_asked_again(self):
        console = self.boot(self.serve(), requests=[REQUEST] * 2, clock=dict(offset_s=3 * 365 * DAY, recovers=True))
        self.assertEqual(console.status, 8, console.text)
        self.assertEqual(console.sentences[1], closed(REQUEST), console.text)
        self.assertEqual(self.clock.asked, 2)

    # Fault 296: a time from somebody who has not seen the request -> not taken (RFC 5905, 8)
    def test_a_time_of_somebody_who_has_not_seen_the_request_is_not_taken(self):
        """It would make the certificate an expired one."""
        self.assertTold(self.boot(self.serve(), clock=dict(forged=True)), 0)

    # Fault 297: no time for as long as the deadline -> asked for again, of the same server
    @one_board_is_enough
    def test_the_time_is_asked_for_as_long_as_it_is_missing(self):
        """By the name that was given, though what gave it is gone: no other is looked up."""
        service = self.serve([["hold", 60]])
        names = {service.name: HOST, "time.test": HOST}
        console = self.boot(service, names=dict(names=names), clock=dict(silent=True), sntp="time.test", timeout=10)
        self.assertEqual(console.status, 7, console.text)
        self.assertGreater(self.clock.asked, 2)
        self.assertLessEqual({question.split()[0] for question in self.names.asked}, set(names))

    @one_board_is_enough
    def test_a_time_that_is_wrong_by_hours_will_do(self):
        self.assertTold(self.boot(self.serve(), clock=dict(offset_s=7200)), 0)


class Seed(Case):
    def refuse(self) -> None:
        service = self.serve()
        self.assertTold(self.boot(service), 1, "there is no seed, or it cannot be replaced", "nothing was sent")
        self.assertNothingAsked(service)

    # Fault 298: no seed for random bytes, a part of one, or one that cannot be replaced -> nothing begins
    def test_no_seed(self):
        self.device.seed.unlink()
        self.refuse()

    # Fault 298
    def test_a_part_of_a_seed(self):
        self.device.seed.write_bytes(b"x" * 47)
        self.refuse()

    # Fault 467: a seed that nobody has written, one byte again and again -> as if there were none
    def test_erased_flash_is_no_seed(self):
        for byte in (b"\x00", b"\xff"):
            with self.subTest(byte):
                self.device.seed.write_bytes(byte * 48)
                self.refuse()

    # Fault 298
    def test_a_seed_that_cannot_be_replaced(self):
        self.device.seed.unlink()
        self.device.seed.symlink_to("/dev/full")
        self.refuse()

    # Fault 299: a device that is switched on again, or a second one -> other random bytes
    def test_each_boot_replaces_the_seed_and_each_connection_has_its_own_random_bytes(self):
        service, seeds = self.serve(keep_alive=False), [self.device.seed.read_bytes()]
        for _ in range(3):
            self.assertNotEqual(self.boot(service, requests=[REQUEST] * 2).text, "")
            seeds.append(self.device.seed.read_bytes())
        self.assertEqual({len(seed) for seed in seeds}, {48})
        self.assertEqual(len(set(seeds)), 4)
        randoms = [record.client_random for record in service.finished(6)]
        self.assertEqual({len(random) for random in randoms}, {32})
        self.assertEqual(len(set(randoms)), 6)

    def test_the_seed_is_replaced_though_nothing_comes_of_the_boot(self):
        before = self.device.seed.read_bytes()
        self.boot(self.serve(), requests=["../x"])
        self.assertNotEqual(self.device.seed.read_bytes(), before)

    def test_other_devices_have_other_random_bytes(self):
        service = self.serve()
        self.boot(service)
        self.device = self.new_device()
        self.boot(service)
        first, second = service.finished(2)
        self.assertNotEqual(first.client_random, second.client_random)
        self.assertNotIn(self.device.seed.read_bytes(), Path(self.device.image).read_bytes())


if __name__ == "__main__":
    unittest.main()
