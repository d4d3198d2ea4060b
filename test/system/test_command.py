# SPDX-License-Identifier: MIT
"""The command itself: its arguments, its files, what it prints, and how it protects the token."""
import ctypes
import errno
import fcntl
import json
import os
import re
import resource
import ssl
import subprocess
import threading
import time
import unittest
from pathlib import Path

from harness import ACTIONS, COMMAND, COMMANDS, GUID, OUTCOMES, PKI, REQUEST, SLOWER, TENANT, TOKEN, Case, merged

# What is changed of a right command line, and what the sentence must name.
WRONG_USE = merged(
    # Fault 275: an option that is needed is missing -> usage, the option named
    {"no tenant": (dict(tenant=None), [], "--tenant")},
    {"no request": (dict(request=None), [], "--request")},
    {"no actions": (dict(actions=None), [], "--actions")},
    {"no token": (dict(token_file=None), [], "--token-file")},
    # Fault 276: options that exclude each other, the standard input for two -> usage, both named
    {"actions twice over": (dict(actions_file="-"), [], "--actions and --actions-file")},
    {"dry run as JSON": ({}, ["--dry-run"], "--dry-run and --json")},
    {"standard input for both": (dict(actions=None, actions_file="-", token_file="-"), [],
                                 "the standard input cannot be both the token or a secret and the actions")},
    # Fault 277: an option or a word that is not known, an option without its value -> usage, no secret repeated
    {"unknown option": ({}, ["--force"], "--force")},
    {"unknown short option": ({}, ["-xy"], "-x")},
    {"option without argument": (dict(tenant=None), ["--tenant"], "--tenant")},
    {"argument without option": ({}, ["now"], "argument")},
    {"switch with a value": ({}, ["--verbose=yes"], "--verbose")},
    {"name that is cut": ({}, ["--verb"], "--verb")},
    # Fault 278: a port of 0, above 65535, with a sign, blanks or letters, beyond 2^64 -> usage
    {f"port {port!r}": (dict(port=port), [], "--port")
     for port in ("0", "65536", "-1", "+1", "443x", "https", "", " 443", "18446744073709551617")},
    # Fault 279: a timeout of 0, with a sign or a unit, infinite, not a number, longer than a day -> usage
    {f"timeout {seconds!r}": (dict(timeout=seconds), [], "--timeout")
     for seconds in ("0", "-1", "", "soon", "nan", "inf", "1e9", "5s", "999999999999")},
    # Fault 199, Fault 200, Fault 201, Fault 208
    {f"tenant {text!r}": (dict(tenant=text), [], "--tenant")
     for text in ("", ".", "..", "a/b", "a b", "a\r\nX: 1", "a?", "a%2f", "ä", "x" * 129)},
    {f"{option} that is {fault}": ({option: text}, [], f"but {fault}.") for option, text, fault in (
        ("tenant", "", "it is empty"), ("tenant", "..", "it is only dots"), ("request", "x" * 129, "it is too long"),
        ("request", "abc/d", "byte 3 is something else"), ("host", "", "it is empty"),
        ("host", "x" * 254, "it is too long"), ("host", "a:443", "byte 1 is something else"))},
    {f"request {text!r}": (dict(request=text), [], "--request") for text in ("", "..", "a#b", "x" * 129)},
    # Fault 202
    {f"host {text!r}": (dict(host=text), [], "--host") for text in ("", "a b", "a\r\nX: 1", "a:443", "x" * 254)},
    # Fault 435
    {"host that is an address": (dict(host="127.0.0.1"), [], "--host cannot be used: it takes a name, not an address")},
    {"host with a dot at its end": (dict(host="mmdls.test."), [], "it ends in a dot")},
    {"host with a number at its end": (dict(host="mmdls.1"), [], "it ends in a number, as an address does")},
    # Fault 457: an empty address to connect to, as of a variable that is not set -> usage, not "try again later"
    {"connect ''": (dict(connect=""), [], "--connect")},
)
ONCE = ("tenant", "request", "actions", "token-file", "host", "port", "connect", "ca-file", "timeout")

TOKEN_MAX = 65536      # bytes
F_SETPIPE_SZ = 1031    # of Linux: how much a pipe holds
GOOD_TOKENS = {"LF": b"\n", "CRLF": b"\r\n", "no line end": b""}
BAD_TOKENS = {
    # Fault 55
    "two LF": TOKEN.encode() + b"\n\n",
    "LF within": TOKEN.encode()[:40] + b"\n" + TOKEN.encode()[40:],
    "CR within": TOKEN.encode()[:40] + b"\r" + TOKEN.encode()[40:],
    "space": TOKEN.encode()[:40] + b" " + TOKEN.encode()[40:],
    "leading space": b" " + TOKEN.encode(),
    "NUL": TOKEN.encode()[:40] + b"\0" + TOKEN.encode()[40:],
    "NUL at the end": TOKEN.encode() + b"\0",
    "0xFF": TOKEN.encode()[:40] + b"\xff",
    # Fault 203
    "= within": TOKEN.encode()[:40] + b"=" + TOKEN.encode()[:40],
    "only =": b"==",
    # Fault 280: a token file with "Bearer " before the token -> refused
    "with its scheme": b"Bearer " + TOKEN.encode(),
}
NOT_UTF8 = {  # each is wrong from byte 3 on
    # Fault 211
    "a lone byte": b"ok \xff ",
    "cut": b"ok \xe2\x82",
    "overlong": b"ok \xc0\x80",
    "a surrogate": b"ok \xed\xa0\x80",
    "past the end": b"ok \xf4\x90\x80\x80",
}

CLOSED_STDOUT = ("sh", "-c", 'exec "$@" >&-', "sh")
CLOSED_STDERR = ("sh", "-c", 'exec "$@" 2>&-', "sh")


class Usage(Case):
    def setUp(self):
        super().setUp()
        self.service = self.serve()

    def tearDown(self):
        self.assertEqual(self.service.connections, [])

    def assertRefused(self, result, word):
        self.assertSays(result, outcome="usage", delivery="not_sent", status=0)
        self.assertIn(word, result.said)
        self.assertIn(word, result.json["sentence"])

    def test_wrong_use(self):
        for name, (changes, more, word) in WRONG_USE.items():
            with self.subTest(name):
                self.assertRefused(self.close(self.service, *more, **changes), word)

    # Fault 282: an option given twice -> usage
    def test_no_value_may_be_given_twice(self):
        arguments = self.arguments(self.service)
        for option in ONCE:
            with self.subTest(option):
                value = arguments[arguments.index("--" + option) + 1]
                self.assertRefused(self.close(self.service, "--" + option, value), "--" + option)

    # Fault 709: actions that are empty or blank, from anywhere -> usage: an empty report cannot be undone
    def test_empty_actions_are_refused(self):
        for name, how in {"empty": dict(actions=""), "blank": dict(actions=" \t"),
                          "file": dict(actions=None, actions_file=self.file("empty", b"\r\n")),
                          "a byte order mark": dict(actions=None, actions_file=self.file("mark", b"\xef\xbb\xbf\n")),
                          "an empty pipe": dict(actions=None, actions_file="-")}.items():
            with self.subTest(name):
                self.assertRefused(self.close(self.service, **how), "empty")
        done = self.run_command(*self.arguments(self.service, actions=None, actions_file="-"),
                                before=("sh", "-c", 'exec "$@" <&-', "sh"))
        self.assertEqual(done.status, 2)

    def test_switches_may_stand_before_the_command(self):
        result = self.run_command("--json", *self.arguments(self.service, port=0))
        self.assertEqual((result.status, result.json["outcome"]), (2, "usage"))

    def test_wrong_commands(self):
        for words in ((), ("open",), ("trust", "--tenant", TENANT), ("trust", "now"), ("--force",)):
            with self.subTest(words=words):
                result = self.run_command(*words)
                self.assertEqual((result.status, result.out), (2, b""))

    # Fault 1129: an option that has no effect without another one, which is not given -> refused, both named
    def test_options_without_effect(self):
        done = [*self.arguments(self.service), "--drop-dir", "/d"]
        self.assertRefused(self.run_command(*done, "--json"), "--queue is missing for --drop-dir; see 'mmdclose close ")
        for option, value in (("authority", "a.test"), ("authority-connect", "192.0.2.1"), ("scope", "x")):
            with self.subTest(option):
                said = f"--client-id is missing for --{option}; see"
                closing = self.arguments(self.service)
                self.assertRefused(self.run_command(*closing, f"--{option}", value, "--json"), said)
                for words in (["token", "--token-command", "/x"], ["queue", "flush", "--token-file", "/x"]):
                    result = self.run_command(*words, "--tenant", "t", f"--{option}", value)
                    self.assertEqual(result.status, 2)
                    self.assertIn(said, result.err)

    # Fault 1127: a file that is not there -> its option, and its path, if that cannot be a secret in the wrong place
    def test_the_path_of_a_file(self):
        (self.folder / "secrets").mkdir()
        secret = "s3cr3t~of-an/application"
        self.also_secret.append(secret.encode())
        cannot = "cannot read {}, the file{} of --{}: No such file"
        fetch = ["token", "--tenant", "t", "--client-id", "a"]
        for words, option, what, path, shown in (
                (fetch, "client-secret-file", "the client's secret", "/nowhere/s", " '/nowhere/s'"),
                (fetch, "client-secret-file", "the client's secret", "secrets/s", " 'secrets/s'"),
                (fetch, "client-secret-file", "the client's secret", "./s\x1b", " './s?'"),
                (fetch, "client-secret-file", "the client's secret", secret, ""),
                (fetch, "client-secret-file", "the client's secret", secret.replace("/", ""), ""),
                ([*fetch, "--certificate", PKI.chain("good")[0]], "key-file", "the key", "/nowhere/k", " '/nowhere/k'"),
                ([*fetch, "--key-file", "/k"], "certificate", "the certificate", "none.pem", " 'none.pem'"),
                (["trust"], "ca-file", "trust anchors", "none.pem", " 'none.pem'")):
            with self.subTest(option, path=path):
                done = self.run_command(*map(str, words), f"--{option}", path, cwd=self.folder)
                self.assertEqual((done.status, done.out), (2, b""))
                self.assertIn(cannot.format(what, shown, option), done.err)
        result = self.close(self.service, token_file="/nowhere/t")
        self.assertSays(result, outcome="no_token")
        self.assertIn("the file '/nowhere/t' of --token-file does not exist", result.json["sentence"])

    # Fault 1126: a name that is misspelt -> the nearest, and the command's own help; an option of another command ->
    # whose it is; a value for a switch; a command that is misspelt
    def test_misspelt_names(self):
        for words, said in (  # each is run with --no-config, too
                ("close --tennant x", "argument 3 ('--tennant') is not a known option of 'close'; did you mean "
                                      "'--tenant'? See 'mmdclose close --help'."),
                ("queue add -tenant=x", "argument 4 ('-tenant') is not a known option of 'queue add'; did you mean "
                                        "'--tenant'? See 'mmdclose queue add --help'."),
                ("trust --qqqqqq", "argument 3 ('--qqqqqq') is not a known option of 'trust'; see 'mmdclose trust "),
                ("trust now", "argument 3 is not a known option; is a quote missing? See 'mmdclose trust --help'."),
                ("close --watch", "--watch is not an option of 'close', but of 'queue flush'; see 'mmdclose close "),
                ("queue list --queue-max 1", "not an option of 'queue list', but of 'queue intake', "
                 "'queue flush', 'queue retry' and 'queue drop';"),
                ("queue add --retry 1", "--retry is not an option of 'queue add', but of 'close' and 'token'; "),
                ("close --queue=yes", "--queue is a switch, and takes no value; see 'mmdclose close --help'."),
                ("token --port 1", "--port is not an option of 'token', but of 'close', 'queue flush' and 'doctor'; "),
                ("token --timeout x", "--timeout takes seconds, from 0.001 to 86400; see 'mmdclose token --help'."),
                ("queue drop", "--request or --all is missing; see 'mmdclose queue drop --help'."),
                ("queue retry --tenant", "--tenant needs a value; see 'mmdclose queue retry --help'."),
                ("cloze --json", "there is no such command; did you mean 'close'? See 'mmdclose --help'."),
                ("flush", "there is no such command; did you mean 'queue flush'? See 'mmdclose --help'."),
                ("queue lst", "check or intake; did you mean 'queue list'? See 'mmdclose --help'."),
                ("frobnicate", "there is no such command; see 'mmdclose --help'.")):
            with self.subTest(words):
                result = self.run_command(*words.split())
                self.assertEqual((result.status, result.out), (2, b""))
                self.assertIn(said, result.err)

    def test_a_switch_may_be_given_twice(self):
        words = self.arguments(self.service)
        self.assertEqual(self.run_command(*words, "--dry-run", "--verbose", "--dry-run", "--verbose").status, 0)

    def test_json_counts_wherever_it_stands(self):
        for words in (["--json", "--force"], ["--force", "--json"], ["--json", "--port", "x"], ["--force=1", "--json"]):
            with self.subTest(words=words):
                result = self.run_command(*self.arguments(self.service), *words)
                self.assertEqual((result.status, result.json["outcome"]), (2, "usage"))

    # Fault 283: the token where its file belongs, or as a word of its own -> usage, and it is not shown
    def test_a_token_where_its_file_belongs_is_not_shown(self):
        for name, more in {"in place of the file": ["--token-file", TOKEN[:200]],
                           "by an option that does not exist": ["--token", TOKEN[:200]],
                           "by one with an equals sign": ["--token=" + TOKEN[:200]],
                           "without an option": [TOKEN[:200]]}.items():
            with self.subTest(name):
                self.assertSays(self.close(self.service, *more, token_file=None), outcome="usage")


class TokenFiles(Case):
    def accepted(self, **how):
        self.assertSays(self.close(self.serve(), **how), outcome="closed")

    def refused(self, advice, outcome="usage", error="input", **how):
        service = self.serve()
        result = self.close(service, **how)
        self.assertSays(result, outcome=outcome, error=error, delivery="not_sent")
        self.assertRegex(result.said, advice)
        self.assertEqual(service.connections, [])

    # Fault 55
    def test_one_line_end_is_trimmed(self):
        for name, end in GOOD_TOKENS.items():
            with self.subTest(name):
                self.accepted(token_file=self.file("token", TOKEN.encode() + end))

    # Fault 55
    def test_any_length_is_sent_as_it_is(self):
        for length in (1, 8192):
            with self.subTest(length):
                service, token = self.serve(), (TOKEN[:50] * 200)[:length]
                service.tokens.add(token)
                path = self.file("token", token.encode())
                self.assertSays(self.close(service, token_file=path, token=token), outcome="closed")

    def test_what_is_no_token_is_refused(self):
        for name, content in BAD_TOKENS.items():
            with self.subTest(name):
                self.refused("token", token_file=self.file("token", content))

    # Fault 700: the token's file is not there yet, or is empty, or its pipe gives nothing -> no token now, exit 10
    def test_no_token_now_is_an_outcome_of_its_own(self):
        for name, path in {"missing": self.folder / "missing", "empty": self.file("empty", b""),
                           "only LF": self.file("lf", b"\n"), "only CR LF": self.file("crlf", b"\r\n"),
                           "an empty pipe": "-"}.items():
            with self.subTest(name):
                self.refused("there is no token now", "no_token", "token", token_file=path)

    # Fault 701: a pipe that nobody writes to -> the time for everything holds, exit 10
    def test_a_pipe_without_a_writer_is_not_waited_for_for_ever(self):
        path = self.folder / "pipe"
        os.mkfifo(path, 0o600)
        self.refused("within the time allowed", "no_token", "token", token_file=path, timeout=0.2)
        self.assertSays(self.close(self.serve(), actions=None, actions_file=path, timeout=0.2),
                        outcome="try_later", error="timeout", delivery="not_sent")
        self.assertSays(self.close(self.serve(), ca_file=path, timeout=0.2), outcome="try_later", error="timeout")

    # Fault 702: root's file for one group, as containers mount secrets -> accepted; for all -> refused with what helps
    def test_a_file_of_root_for_one_group(self):
        if os.geteuid() != 0:
            self.fail("this test makes files of root's")
        self.accepted(token_file=self.file("token", TOKEN.encode(), 0o440))
        for mode in (0o660, 0o444):
            self.refused("chmod 600", token_file=self.file("token", TOKEN.encode(), mode))

    # Fault 281: a token file that is longer than a token may be, and does not end -> refused, not read on
    def test_one_without_an_end_is_refused(self):
        path = self.folder / "fifo"
        os.mkfifo(path, 0o600)
        writer = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # it stays open
        self.addCleanup(os.close, writer)
        fcntl.fcntl(writer, F_SETPIPE_SZ, 1 << 17)
        os.write(writer, b"x" * (TOKEN_MAX + 1000))
        self.refused(f"more than {TOKEN_MAX} bytes", token_file=path)
        self.assertTrue(os.read(writer, 1), "the rest is still there")

    # Fault 284: a token file that others may read -> refused; in the folder of credentials accepted
    def test_a_file_that_others_can_open_is_refused(self):
        for mode in (0o660, 0o620, 0o604, 0o644):
            with self.subTest(oct(mode)):
                self.refused("chmod 600", token_file=self.file("token", TOKEN.encode(), mode))

    def test_so_is_one_of_after_2038(self):
        """Which a 32-bit machine has to be asked for in a way of its own."""
        path = self.file("token", TOKEN.encode(), 0o644)
        os.utime(path, (1 << 32, 1 << 32))
        self.refused("chmod 600", token_file=path)

    # Fault 284
    def test_the_credentials_directory_may_be_readable(self):
        inside, beside = self.folder / "cred", self.folder / "credentials"
        for folder in (inside, beside):
            folder.mkdir()
            (folder / "token").write_text(TOKEN)
            (folder / "token").chmod(0o644)
        for path, status in ((inside / "token", 0), (beside / "token", 2), (f"{inside}/../credentials/token", 2)):
            with self.subTest(path):
                arguments = self.arguments(self.serve(), token_file=path)
                environment = dict(os.environ, CREDENTIALS_DIRECTORY=str(inside))
                self.assertEqual(self.run_command(*arguments, env=environment).status, status)

    # Fault 285: a token or a text whose file is missing or a folder -> refused, nothing sent
    def test_what_cannot_be_read_is_refused(self):
        self.refused("cannot read the token", token_file=self.folder)

    # Fault 286: a token or a text from a pipe -> read to its end (POSIX)
    def test_fifo(self):
        path = self.folder / "fifo"
        os.mkfifo(path, 0o666)
        writer = threading.Thread(target=path.write_text, args=[TOKEN + "\n"], daemon=True)
        writer.start()
        self.accepted(token_file=path)
        writer.join(5)

    def test_standard_input(self):
        arguments = self.arguments(self.serve(), token_file="-")
        self.assertEqual(self.run_command(*arguments, input=TOKEN.encode() + b"\n").status, 0)


class Actions(Case):
    def test_standard_input(self):
        service = self.serve()
        arguments = self.arguments(service, actions=None, actions_file="-")
        self.assertEqual(self.run_command(*arguments, input="Gerät\n".encode()).status, 0)
        self.assertEqual(service.actions(TENANT, REQUEST), "Gerät")

    def test_invalid_utf8_is_refused_with_its_place(self):
        service = self.serve()
        for name, text in NOT_UTF8.items():
            for option, value in (("actions", text), ("actions_file", self.file("text", text))):
                with self.subTest(name, option=option):
                    result = self.close(service, **{"actions": None, option: value})
                    self.assertSays(result, outcome="usage", delivery="not_sent")
                    self.assertRegex(result.said, r"\bbyte 3\b")
        self.assertEqual(service.connections, [])

    # Fault 287: a text of more than 1 MB -> refused, not cut
    def test_a_file_that_is_too_long_is_refused(self):
        service = self.serve()
        result = self.close(service, actions=None, actions_file=self.file("text", b"x" * ((1 << 20) + 1)))
        self.assertSays(result, outcome="usage", delivery="not_sent")
        self.assertIn("more than 1048576 bytes", result.said)
        self.assertEqual(service.connections, [])

    # Fault 285
    def test_a_file_that_cannot_be_read_is_refused(self):
        for path in (self.folder / "missing", self.folder):
            with self.subTest(path):
                service = self.serve()
                result = self.close(service, actions=None, actions_file=path)
                self.assertSays(result, outcome="usage", delivery="not_sent")
                self.assertIn(str(path), result.said)
                self.assertEqual(service.connections, [])


class TrustAnchors(Case):
    def setUp(self):
        super().setUp()
        self.root = Path(PKI.ca_file()).read_bytes()
        lines = Path(PKI.ca_file("unknown-issuer")).read_bytes().splitlines(keepends=True)
        self.corrupt = b"".join([lines[0], *lines[2:]])  # good base64, damaged DER

    # Fault 212
    def test_bundles_that_work(self):
        for name, bundle in {"CRLF": self.root.replace(b"\n", b"\r\n"),
                             "text around": b"Our root\n" + self.root + b"\nThe end",
                             "many": Path(PKI.ca_file("p256")).read_bytes() * 200 + self.root}.items():
            with self.subTest(name):
                result = self.close(self.serve(), ca_file=self.file("ca.pem", bundle))
                self.assertSays(result, outcome="closed")
                self.assertEqual(result.err, "")

    # Fault 40
    def test_a_corrupt_certificate_is_passed_over_with_a_warning(self):
        for name, bundle in {"first": self.corrupt + self.root, "last": self.root + self.corrupt,
                             "not base64": self.root.replace(b"MII", b"M!I") + self.root}.items():
            with self.subTest(name):
                result = self.close(self.serve(), ca_file=self.file("ca.pem", bundle))
                self.assertSays(result, outcome="closed")
                self.assertIn("warning", result.said)

    # Fault 40, Fault 214
    def test_bundles_that_are_refused(self):
        service = self.serve()
        for name, path in {"empty": self.file("empty", b""), "no certificates": self.file("text", b"none\n"),
                           "only corrupt ones": self.file("corrupt", self.corrupt),
                           "missing": self.folder / "missing", "folder": self.folder}.items():
            with self.subTest(name):
                result = self.close(service, ca_file=path)
                error = "input" if name in ("missing", "folder") else "trust"
                self.assertSays(result, outcome="usage", error=error, delivery="not_sent")
                self.assertIn(str(path), result.said)
        self.assertEqual(service.connections, [])

    def test_trust_lists_subjects_and_expiry(self):
        expired = Path(PKI.chain("expired")[0]).read_bytes()
        listed = self.run_command("trust", "--ca-file", self.file("ca.pem", self.root + expired)).out.decode()
        lines = {subject: line for line in listed.splitlines()
                 for subject in ("CN=Throw-away root", "CN=mmdls.test") if line.endswith(subject)}
        self.assertRegex(lines["CN=Throw-away root"], f"^{last_day(PKI.ca_file())} +CN")
        self.assertRegex(lines["CN=mmdls.test"], f"^{last_day(PKI.chain('expired')[0])} +expired +CN")

    # Fault 469
    def test_an_anchor_that_cannot_be_used_is_told(self):
        """By a warning, and by `trust` with its name and the reason; the rest work."""
        for variant, reason in {"p521-root": "its key is of a kind", "pss-root": "its key is of a kind",
                                "constrained-root": "it has name constraints"}.items():
            with self.subTest(variant):
                bundle = self.file("ca.pem", Path(PKI.ca_file(variant)).read_bytes() + self.root)
                result = self.close(self.serve(), ca_file=bundle)
                self.assertSays(result, outcome="closed")
                self.assertIn(f" 1 cannot be used as anchors (CN=Throw-away {variant}: {reason}", result.err)
                listed = self.run_command("trust", "--ca-file", bundle).out.decode().splitlines()
                self.assertRegex(listed[0], f"^{last_day(PKI.ca_file(variant))} +CN=Throw-away {variant}$")
                self.assertIn("cannot be used here: " + reason, listed[1])
                self.assertEqual(len(listed), 3)

    # Fault 484
    def test_labels_of_a_bundle(self):
        older = self.root.replace(b" CERTIFICATE", b" X509 CERTIFICATE")
        self.assertSays(self.close(self.serve(), ca_file=self.file("older", older)), outcome="closed")
        trusted = self.root.replace(b" CERTIFICATE", b" TRUSTED CERTIFICATE")
        result = self.close(self.serve(), ca_file=self.file("both", trusted + self.root))
        self.assertSays(result, outcome="closed")
        self.assertIn("1 cannot be read (TRUSTED CERTIFICATE is not supported)", result.err)
        result = self.close(self.serve(), ca_file=self.file("trusted", trusted))
        self.assertSays(result, outcome="usage", error="trust")
        self.assertIn("TRUSTED CERTIFICATE", result.said)

    # Fault 492
    def test_a_bundle_from_a_pipe(self):
        bundle = self.root * 150
        listed = self.run_command("trust", "--ca-file", "-", input=bundle).out
        self.assertEqual(listed.count(b"\n"), 150)
        self.assertEqual(listed, self.run_command("trust", "--ca-file", self.file("ca.pem", bundle)).out)

    def test_trust_lists_the_roots_of_the_service_by_default(self):
        listed = self.run_command("trust").out.decode()
        for root, last in (("DigiCert Global Root G2", "2038-01-15"),
                           ("Microsoft RSA Root Certificate Authority 2017", "2042-07-18")):
            self.assertEqual([line.split()[0] for line in listed.splitlines() if line.endswith(f"CN={root}")], [last])


def last_day(certificate: str) -> str:
    printed = subprocess.run(["openssl", "x509", "-noout", "-enddate", "-in", certificate], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
    seconds = ssl.cert_time_to_seconds(printed.strip().partition("=")[2])
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


class Options(Case):
    # Fault 710: the same closing, tried again -> the same client-request-id, if it is given
    def test_the_client_request_id_can_be_given(self):
        service, given = self.serve(), "01234567-89ab-cdef-0123-456789abcdef"
        for _ in range(2):
            self.assertSays(self.close(service, client_request_id=given), client_request_id=given)
        for record in service.finished(2):
            self.assertIn(b"\r\nclient-request-id: " + given.encode() + b"\r\n", record.request)
        self.assertSays(self.close(self.serve(), client_request_id="a b"), outcome="usage")

    def test_already_closed_may_count_as_a_success(self):
        service = self.serve()
        for outcome in ("closed", "already_closed"):
            self.assertSays(self.close(service, "--already-closed-ok"), outcome=outcome, exit=0)
        plain = self.run_command(*self.arguments(service), "--already-closed-ok")
        self.assertEqual((plain.status, plain.err), (0, ""))
        self.assertIn(b"closed already", plain.out)

    # Fault 711: a byte order mark and a line end around the actions in a file -> not sent
    def test_actions_in_a_file_are_trimmed(self):
        service = self.serve()
        self.close(service, actions=None, actions_file=self.file("text", b"\xef\xbb\xbfdone\r\n"))
        self.assertEqual(service.actions(TENANT, REQUEST), "done")

    # Fault 712: a proxy in the environment, which is not used -> said where the network fails
    def test_a_proxy_that_is_not_used_is_said(self):
        arguments = self.arguments(self.serve(), connect="127.0.0.1", port=1)
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            result = self.run_command(*arguments, env=dict(os.environ, **{name: "http://proxy.test"}))
            self.assertEqual(result.status, 7)
            self.assertIn("proxy", result.err)

    def test_the_line_of_json_names_the_closing_and_the_address(self):
        service = self.serve()
        self.assertSays(self.close(service), tenant=TENANT, request=REQUEST, host=service.name,
                        address=service.address, cause="none", detail_kind="none")
        self.assertSays(self.close(self.serve(), connect="127.0.0.1", port=1), error="connect", cause="network",
                        address="127.0.0.1", detail=errno.ECONNREFUSED, detail_kind="errno")


class Output(Case):
    def help(self, *words):
        result = self.run_command(*words)
        self.assertEqual((result.status, result.said), (0, ""))
        text = result.out.decode()
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        self.assertEqual(text.count("\nexit status"), 1)
        return text

    def test_help_lists_the_exit_statuses_of_its_command(self):
        every = set(range(len(OUTCOMES)))
        for command in COMMANDS:
            listed = dict(re.findall(r"(?m)^ +(\d+)  ([a-z].*)$", self.help(*command.split(), "--help")))
            expected = {"queue add": {0, 1, 2}, "queue list": {0, 1, 2}, "queue intake": {0, 1, 2}, "config": {0, 1, 2},
                        "trust": {0, 1, 2}, "queue retry": {0, 1, 2, 4}, "queue drop": {0, 1, 2, 4},
                        "token": every - {3, 4}, "doctor": every - {3, 4}}.get(command, every)
            with self.subTest(command):
                self.assertEqual(set(map(int, listed)), expected)
                self.assertEqual(listed["0"] == "closed", command == "close")
        self.assertIn("exit status, if not 0 that of what is stuck longest:", self.help("queue", "check", "--help"))
        self.assertRegex(self.help("--help"), r"(?m)^ +0  closed$")

    def test_help_lists_the_commands(self):
        text = self.help("--help")
        listed = re.findall(r"(?m)^  ((?:queue )?[a-z]+) +[a-z]", text.partition("commands:")[2].partition("exit")[0])
        self.assertEqual(sorted(listed), sorted(COMMANDS))
        for word in ("-h", "help"):
            self.assertEqual(self.help(word), text)

    def test_help_of_a_command_lists_the_options_that_it_takes(self):
        every = {name: value for command in COMMANDS for name, value in self.options_of(command).items()}
        self.assertGreater(len(every), 40)
        for command in COMMANDS:
            listed = self.options_of(command)
            self.assertEqual(self.help("--help", *command.split()), self.help(*command.split(), "--help"))
            for name in every.keys() - {"help"}:
                with self.subTest(command=command, option=name):
                    more = [] if every[name] else ["--frobnicate"]
                    said = self.run_unchecked(*command.split(), "--" + name, *more)
                    expected = f"--{name} is not an option of '{command}', but of "
                    if name in listed:
                        expected = f"--{name} needs a value" if every[name] else "('--frobnicate') is not a known"
                    self.assertEqual(said.status, 2)
                    self.assertIn(expected, said.err + said.out.decode())

    def options_of(self, command):
        """What the help says: names, and what it calls their values."""
        text = self.help(*command.split(), "--help")
        self.assertTrue(text.startswith(f"mmdclose {command}: "))
        self.assertNotRegex(text, r"(?m)^  --\S+ [A-Z]+[a-z]", "the help begins after a space")
        return dict(re.findall(r"(?m)^  --([a-z-]+)(?: ([A-Z].*?))?(?=  |$)", text))

    def test_the_manual_has_each_option_and_exit_status(self):
        manual = (Path(__file__).resolve().parents[2] / "man/mmdclose.1").read_text()
        for command in COMMANDS:
            for option in self.options_of(command):
                with self.subTest(option):
                    self.assertTrue(re.search(rf"(?m)^\.It Fl -{option}( .*)?$", manual))
        for status in range(len(OUTCOMES)):
            self.assertRegex(manual.partition(".Sh EXIT STATUS")[2], rf"(?m)^\.It {status}$")

    def test_switches_may_stand_before_the_command(self):
        for words in (["queue", "check", "--json"], ["--json", "queue", "check"], ["queue", "--json", "check"]):
            result = self.run_command(*words, "--state-dir", str(self.folder / "missing"))
            self.assertEqual((result.status, result.json["outcome"]), (2, "usage"))
            self.assertIn(f"{self.folder}/missing", result.json["sentence"])

    def test_version(self):
        result = self.run_command("--version")
        self.assertEqual((result.status, result.said), (0, ""))
        self.assertRegex(result.out, rb"\Ammdclose \d+\.\d+\.\d+\n\Z")

    # Fault 458: the name of an option as the value of another -> a value, not the option (POSIX, 12.2)
    def test_a_value_may_look_like_an_option(self):
        service = self.serve()
        done = subprocess.run([*COMMAND, *self.arguments(service, actions="--json")], capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertNotIn(b"{", done.stdout)
        self.assertEqual(service.actions(TENANT, REQUEST), "--json")

    def test_without_json_the_sentence_is_printed(self):
        service = self.serve()
        first, again = (self.run_command(*self.arguments(service)) for _ in range(2))
        self.assertEqual((first.status, first.err), (0, ""))
        self.assertIn(REQUEST.encode(), first.out)
        self.assertEqual((again.status, again.out), (3, b""))
        self.assertIn(REQUEST, again.said)

    def test_verbose_reports_the_phases_the_suite_and_the_chain(self):
        result = self.close(self.serve(), "--verbose")
        for word in ("connect", "handshake", "verified", "sent", "TLSv1.3", result.json["tls_suite"],
                     "CN=Throw-away root", "CN=Throw-away intermediate", "CN=mmdls.test", "204"):
            self.assertIn(word, result.err)
        for line in result.err.splitlines():
            self.assertRegex(line, r"^ *\d+ ms  ")

    def test_dry_run_prints_what_would_be_sent(self):
        for actions in (ACTIONS, 'Gerät "neu"\n' * 1000):
            with self.subTest(length=len(actions)):
                service = self.serve()
                dry = self.run_command(*self.arguments(service, actions=actions, ca_file=None), "--dry-run")
                self.assertEqual((dry.status, dry.said, service.connections), (0, "", []))
                self.close(service, actions=actions)
                record, = service.finished(1)
                placeholder = f"<token: {len(TOKEN)} bytes>".encode()
                self.assertEqual(dry.out.count(placeholder), 1)
                self.assertEqual(without_id(dry.out.replace(placeholder, TOKEN.encode())), without_id(record.request))

    # Fault 288: the standard output is full or closed -> an error, though the request may be closed (POSIX)
    def test_output_that_cannot_be_written_is_an_error(self):
        def runs(service):
            text = self.file("text", b"x" * 100000)
            return {"--version": ["--version"], "--help": ["--help"], "trust": ["trust"],
                    "close": self.arguments(service), "close --json": [*self.arguments(service), "--json"],
                    "--dry-run": [*self.arguments(service), "--dry-run"],
                    "long --dry-run": [*self.arguments(service, actions=None, actions_file=text), "--dry-run"]}

        for name in runs(self.serve()):
            with self.subTest(name, stdout="full"), open("/dev/full", "wb") as full:
                self.check_unprinted(name, self.run_command(*runs(self.serve())[name], stdout=full))
            with self.subTest(name, stdout="closed"):
                self.check_unprinted(name, self.run_command(*runs(self.serve())[name], before=CLOSED_STDOUT))

    # Fault 703: the request is closed, and that cannot be printed -> exit 1, and the standard error says it
    def check_unprinted(self, name, result):
        self.assertEqual(result.status, 1)
        self.assertIn("cannot write", result.err)
        if name == "close":
            self.assertIn(f"mmdclose: closed elevation request {REQUEST}", result.err)
        if name == "close --json":
            self.assertEqual(json.loads(result.err.splitlines()[0])["outcome"], "closed")

    # Fault 289: the reader of the output has gone -> the closing is done, then an error (POSIX)
    def test_a_reader_that_has_gone_does_not_end_the_command(self):
        service = self.serve()
        reader, writer = os.pipe()
        os.close(reader)
        with open(writer, "wb") as broken:
            self.assertEqual(self.run_command(*self.arguments(service), stdout=broken).status, 1)
        self.assertEqual(service.actions(TENANT, REQUEST), ACTIONS)

    # Fault 290: the standard error is closed -> nothing meant for people gets into the connection (POSIX)
    def test_a_closed_standard_error_does_not_end_up_in_the_connection(self):
        service = self.serve()
        arguments = [*self.arguments(service), "--json", "--verbose"]
        self.assertSays(self.run_command(*arguments, before=CLOSED_STDERR), outcome="closed")
        record, = service.finished(1)
        self.assertEqual((record.tls_error, record.problems), ("", []))


def without_id(request: bytes) -> bytes:
    """Each run makes an id of its own."""
    return re.sub(rb"(?<=\r\nclient-request-id: )" + GUID, b"ID", request)


LIBC = ctypes.CDLL(None)
PR_CAPBSET_DROP = 24
LOOKING = (19, 21, 38)  # the capabilities that open every process: CAP_SYS_PTRACE, CAP_SYS_ADMIN, CAP_PERFMON


def as_anybody() -> None:
    """For a process that begins: core dumps of any size; and root is a user as any other here."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    for capability in LOOKING:
        LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # in vain where there are none to drop


class Secrecy(Case):
    """While the command waits for a response."""

    def setUp(self):
        super().setUp()
        self.service = self.serve([["handshake"], ["read-request"], ["hold", 20]])
        self.process = self.start(*COMMAND, *self.arguments(self.service))
        deadline = time.monotonic() + 10 * SLOWER
        while not any(record.exchanges for record in self.service.connections):
            self.assertLess(time.monotonic(), deadline, "no request came")
            time.sleep(0.01)

    def start(self, *words):
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, preexec_fn=as_anybody)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def can_open(self, process, name):
        """Whether another process of the same user can."""
        return self.start("sh", "-c", ': <"$0"', f"/proc/{process.pid}/{name}").wait() == 0

    # Fault 291: a crash or another process while the token is in memory -> no core dump of it, and it cannot be read
    def test_no_core_is_dumped(self):
        self.assertEqual(resource.prlimit(self.process.pid, resource.RLIMIT_CORE), (0, 0))

    # Fault 291
    def test_no_other_process_reads_its_memory(self):
        self.assertTrue(self.can_open(self.start("sleep", "20"), "environ"), "as can any other's")
        for name in ("mem", "environ", "maps"):
            with self.subTest(name):
                self.assertFalse(self.can_open(self.process, name))

    def test_the_token_is_not_among_the_arguments(self):
        arguments = Path(f"/proc/{self.process.pid}/cmdline").read_bytes()
        self.assertIn(b"--token-file", arguments)
        self.assertNoToken(arguments)


if __name__ == "__main__":
    unittest.main()
