# SPDX-License-Identifier: MIT
"""`mmdclose doctor` against the stand-ins: what it finds right, what each defect is called, and with which exit status
it then ends; that the service is sent a handshake and no request, and that no secret is shown."""
import hashlib
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from fetching import CLIENT, SECRET, FetchingCase
from harness import OUTCOMES, PKI, REFUSED, RUNNER, SLOWER, TENANT, TOKEN, Result, Tls, after_request, http
from scripted_proxy import ScriptedProxy

STATES = ("ok", "warning", "failed", "not_checked")
MEMBERS = {"v", "check", "state", "sentence", "advice", "outcome"}
SERVICE = ("service_lookup", "service_tcp", "service_tls")
TOKEN_SERVER = ("token_server_lookup", "token_server_tcp", "token_server_tls")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
LINE = r"(?:ok|warning|not ok|not checked) +[a-zA-Z ]+: .*\."
IN_NAMESPACE = ["unshare", *(["--map-root-user"] if os.geteuid() else []), "--mount", "sh", "-ec"]
OTHER_USER = 12345
LATER = 10.0 * SLOWER  # seconds that a test waits for what must come

# What is in the place of a file: options, the check, exit status and sentence.
TOKEN_FILES = {
    # Fault 1163: the token's file is not there, or others may read it -> exit 10 or 2, and how to make it private
    "not there": (None, 0, 10, "no_token", r"the file '/nowhere/token' of --token-file does not exist"),
    "of others": (TOKEN.encode(), 0o644, 2, "usage",
                  r"other users may read the file '/.*/token' of --token-file.*chmod 600"),
}
SERVERS = {
    # Fault 1167: the server's certificate cannot be verified -> exit 8, why, and the certificates that came
    "expired": (8, r"cannot verify mmdls\.test.*has expired.* The certificates: .*CN=mmdls\.test until "),
    "wrong-name": (8, r"for another host"),
    "unknown-issuer": (8, r"issuer.*--ca-file.* The certificates: .*CN="),
    "not-yet-valid": (9, r"not valid yet.*set the clock"),
}
MOUNTS = {
    # Fault 1172: the queue's folder is in memory -> exit 2: a power cut loses it
    "tmpfs": ("mount -t tmpfs none {d}", "failed", 2, r"in memory \(tmpfs or ramfs\): a power cut loses the queue"),
    # Fault 1173: the queue's folder is on an overlay -> a warning: it lasts no longer than its upper layer
    "overlay": ("mkdir {d}.x; mount -t tmpfs none {d}.x; mkdir {d}.x/l {d}.x/u {d}.x/w; chmod 700 {d}.x/l {d}.x/u; "
                "mount -t overlay none -o lowerdir={d}.x/l,upperdir={d}.x/u,workdir={d}.x/w {d}", "warning", 0,
                r"on an overlay.*the queue is lost"),
    # Fault 1174: the queue's folder is mounted read-only -> exit 1
    "read-only": ("mount --bind {d} {d}; mount -o remount,bind,ro {d}", "failed", 1, r"mounted read-only"),
}


class DoctorCase(FetchingCase):
    def setUp(self) -> None:
        super().setUp()
        beside = Path(os.environ["MMDCLOSE"]).resolve().parent  # what /tmp is on may be memory
        folder = tempfile.TemporaryDirectory(prefix="queue-", dir=beside)
        self.addCleanup(folder.cleanup)
        self.queue = Path(folder.name)
        for name, mode in (("state", 0o700), ("drop", 0o1730), ("runtime", 0o700)):
            self.folder_of(name, mode)

    def folder_of(self, name: str, mode: int) -> str:
        path = self.queue / name
        path.mkdir(exist_ok=True)
        path.chmod(mode)
        return str(path)

    def check_manners(self, result: Result, words: Any, token: str) -> None:
        """Its lines are all that it prints."""
        self.assertIn(result.status, range(len(OUTCOMES)), result.err)
        self.assertNoToken(result.out + b"\n" + result.err.encode(), token)
        self.assertNoSecret(result, words)
        for issued in self.authority.issued:
            self.assertNoToken(result.out + b"\n" + result.err.encode(), issued)

    def words(self, *more: str, **changes: Any) -> List[Any]:
        options = {"tenant": TENANT, "client_id": CLIENT, "authority": f"{self.authority.name}:{self.authority.port}",
                   "authority_connect": self.authority.address, "host": self.service.name, "port": self.service.port,
                   "connect": self.service.address, "ca_file": PKI.ca_file(), "timeout": 20,
                   "state_dir": self.queue / "state", "drop_dir": self.queue / "drop",
                   "runtime_dir": self.queue / "runtime"}
        if not changes.keys() & {"token_file", "token_command", "certificate", "client_secret_file"}:
            options.update(self.credential())
        if changes.keys() & {"token_file", "token_command"}:
            options["client_id"] = None
        options.update(changes)
        words: List[Any] = ["doctor", "--no-config"]
        for name, value in options.items():
            if value is not None:
                words += ["--" + name.replace("_", "-"), str(value)]
        return [*words, *more]

    def examine(self, *more: str, env: Optional[Dict[str, str]] = None, before: Sequence[str] = (),
                **changes: Any) -> Result:
        """Run it with --json. Sets `lines`: those of each check, in their order."""
        result = self.run_command(*self.words(*more, **changes), "--json", env=env or ENVIRONMENT, before=before)
        self.lines: Dict[str, List[Dict[str, Any]]] = {}
        first = 0
        for text in result.out.decode().splitlines():
            line = json.loads(text)
            self.assertEqual(set(line), MEMBERS)
            self.assertEqual(line["v"], 1)
            self.assertIn(line["state"], STATES)
            self.assertRegex(line["sentence"] + " " * bool(line["advice"]) + line["advice"], r"\A\S.*[.]\Z")
            if line["state"] == "failed":
                first = first or OUTCOMES.index(line["outcome"])
                self.assertGreater(first, 0)
            else:
                self.assertIsNone(line["outcome"])
            self.lines.setdefault(line["check"], []).append(line)
        self.assertEqual(result.status, first, result.out)
        return result

    def state(self, check: str) -> str:
        lines = self.lines.get(check, [])
        return lines[0]["state"] if lines else ""

    def said(self, check: str) -> str:
        line, = self.lines[check]
        return (line["sentence"] + " " + line["advice"]).strip()

    def failed(self) -> List[str]:
        return [check for check, lines in self.lines.items() for line in lines if line["state"] == "failed"]

    def assertFailed(self, result: Result, status: int, check: str, pattern: str) -> None:
        """This check is the first that failed."""
        self.assertEqual(result.status, status, result.out.decode())
        self.assertEqual(self.failed()[0], check)
        line = next(line for line in self.lines[check] if line["state"] == "failed")
        self.assertRegex(line["sentence"] + " " + line["advice"], pattern)

    def assertNoRequest(self, count: int = 1) -> None:
        """To the service: handshakes, each with its end, and nothing else."""
        for record in self.service.finished(count, LATER):
            self.assertEqual((record.exchanges, record.request, record.ended), ([], b"", "close_notify"))
            self.assertEqual(record.sni, self.service.name)
        self.assertEqual(len(self.service.connections), count)


class Right(DoctorCase):
    def test_all_is_well(self):
        result = self.examine()
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertEqual(set(self.lines), {
            "configuration", "options", "file", "trust_anchors", "state_folder", "state_disk", "drop_folder",
            "drop_disk", "runtime_folder", "runtime_memory", "clock", "proxy", *SERVICE, *TOKEN_SERVER, "token",
            "queue"})
        for check in set(self.lines) - {"state_disk", "drop_disk", "runtime_memory", "clock"}:
            self.assertEqual(self.state(check), "ok", self.lines[check])
        self.assertNoRequest()
        verified, asked = self.authority.finished(2, LATER)
        self.assertEqual((verified.exchanges, verified.request, verified.ended), ([], b"", "close_notify"))
        self.assertEqual([exchange.status for exchange in asked.exchanges], [200])
        self.assertRegex(self.said("service_tls"), r"\Ammdls\.test is verified, by TLSv1\.3 and TLS[-A-Z0-9]+; its "
                         r"certificates: .*CN=mmdls\.test until \d{4}-\d\d-\d\d; .* until \d{4}-\d\d-\d\d\.\Z")
        self.assertRegex(self.said("token"), rf"for the application {CLIENT} of tenant {TENANT}: it expires in \d+ s\.")

    def test_for_people(self):
        done = self.run_command(*self.words(), env=ENVIRONMENT)
        self.assertEqual((done.status, done.err), (0, ""))
        for line in done.out.decode().splitlines():
            self.assertRegex(line, rf"\A{LINE}\Z")
        self.assertRegex(done.out.decode(), r"(?m)^ok           service tcp: 127\.0\.0\.1 accepts connections at port")

    def test_a_token_file(self):
        result = self.examine(token_file=self.file("token", TOKEN.encode() + b"\n"))
        self.assertEqual(result.status, 0, result.out)
        self.assertIn(f"there is one of {len(TOKEN)} bytes", self.said("token"))
        self.assertNoRequest()
        self.assertEqual(self.authority.connections, [])

    def test_a_pipe_is_read_once(self):
        result = self.run_command(*self.words(token_file="/dev/stdin"), env=ENVIRONMENT, input=TOKEN.encode())
        self.assertEqual(result.status, 0, result.out)
        self.assertRegex(result.out.decode(), r"(?m)^not checked  file: --token-file is no file")
        self.assertIn(f"there is one of {len(TOKEN)} bytes", result.out.decode())

    def test_a_program(self):
        self.file("text", json.dumps({"access_token": TOKEN, "expires_in": 77}).encode())
        program = self.file("program", f"#!/bin/sh\ncat {self.folder}/text\n".encode(), 0o700)
        result = self.examine(token_command=program)
        self.assertEqual(result.status, 0, result.out)
        self.assertEqual((self.state("program"), self.state("token")), ("ok", "ok"))
        self.assertIn("it expires in 77 s", self.said("token"))
        self.assertEqual(self.authority.connections, [])
        Path(program).chmod(0o777)
        self.examine(token_command=program)
        self.assertEqual(self.state("program"), "warning")

    def test_a_certificate(self):
        certificate, key = map(str, PKI.chain("good"))
        self.authority.add_client(TENANT, CLIENT, certificates=[certificate])
        key = self.file("key", Path(key).read_bytes())
        result = self.examine(certificate=certificate, key_file=key)
        self.assertEqual(result.status, 0, result.out)
        self.assertRegex(self.said("certificate"), r"CN=mmdls\.test\) is valid from [-0-9]+ until [-0-9]+\.")
        self.assertEqual(self.state("token"), "ok")

    # Fault 1123: the token server gives a token for one of the tenants only -> a line for each, with its name
    def test_several_tenants(self):
        other = "0a1b2c3d-0000-4000-8000-00000000000f"
        result = self.examine(tenant=None, tenants=f" {TENANT}  {other}")
        self.assertEqual([line["state"] for line in self.lines["token"]], ["ok", "failed"], result.out)
        self.assertIn(f" of tenant {TENANT}: ", self.lines["token"][0]["sentence"])
        self.assertRegex(self.lines["token"][1]["sentence"], rf"\Afor tenant {other}: the token server does not accept")
        self.assertIn(f"the token for each of the tenants {TENANT}, {other} comes from", self.said("options"))
        self.assertEqual(result.status, 6)
        self.assertFailed(self.examine(tenant=None, tenants="  "), 2, "options", "--tenants is empty")

    def test_through_a_proxy(self):
        with ScriptedProxy(user="kiosk:secret") as proxy:
            user = self.file("user", b"kiosk:secret")
            self.also_secret.append(b"kiosk:secret")
            result = self.examine(proxy=f"http://{proxy.address}:{proxy.port}", proxy_user_file=user)
        self.assertEqual(result.status, 0, result.out)
        self.assertRegex(self.said("proxy"), rf"\Ahttp://kiosk:\*\*\*@127\.0\.0\.1:{proxy.port} is used\.\Z")
        self.assertEqual((self.state("service_proxy"), self.state("token_server_proxy")), ("ok", "ok"))
        self.assertIn("the proxy opens connections to", self.said("service_proxy"))
        self.assertNoRequest()


class Options(DoctorCase):
    # Fault 1162: the options name no tenant, or nothing that gives a token -> exit 2; all else is checked
    def test_what_is_missing(self):
        for change, pattern in ((dict(tenant=None), "--tenant or --tenants is missing"),
                                (dict(client_id=None, client_secret_file=None), "--client-id is missing")):
            result = self.examine(**change)
            self.assertFailed(result, 2, "options", pattern)
            self.assertEqual((self.state("service_tls"), self.state("token")), ("ok", "not_checked"))

    def test_no_options_at_all(self):
        result = self.run_command("doctor", "--no-config", "--frobnicate", "--json")
        lines = [json.loads(line) for line in result.out.splitlines()]
        self.assertEqual(result.status, 2)
        self.assertEqual([line["state"] for line in lines], ["failed"] + ["not_checked"] * (len(lines) - 1))
        self.assertIn("--frobnicate", lines[0]["sentence"])

    def test_an_output_that_cannot_be_written(self):
        with open("/dev/full", "wb") as full:
            result = self.run_command(*self.words(), env=ENVIRONMENT, stdout=full)
        self.assertEqual(result.status, 1)
        self.assertIn("cannot write to the standard output", result.err)


class Files(DoctorCase):
    def test_token_files(self):
        for name, (content, mode, status, outcome, pattern) in TOKEN_FILES.items():
            with self.subTest(name):
                path = self.file("token", content, mode) if content else "/nowhere/token"
                self.assertFailed(self.examine(token_file=path), status, "file", pattern)
                self.assertEqual(self.lines["file"][0]["outcome"], outcome)
                self.assertEqual(self.state("token"), "failed")

    # Fault 1164: a secret that others may read, or that is not there -> exit 2, the option named, no token asked for
    def test_secrets(self):
        for path in (self.file("open", SECRET, 0o640 if os.geteuid() else 0o660), "/nowhere/secret"):
            self.assertFailed(self.examine(client_secret_file=path), 2, "file", "--client-secret-file")
            self.assertEqual(self.state("token"), "failed")
        self.assertEqual(self.authority.counts.total(), 0)

    # Fault 1165: the client's certificate has expired, or will within 30 days, or is none -> exit 6, a warning, exit 2
    def test_certificates(self):
        chain, key = map(str, PKI.chain("expired"))
        key = self.file("key", Path(key).read_bytes())
        self.assertFailed(self.examine(certificate=chain, key_file=key), 6, "certificate", "valid from .* Give a new")
        soon = PKI.chain("expires-soon")
        self.authority.add_client(TENANT, CLIENT, certificates=[str(soon[0])])
        result = self.examine(certificate=soon[0], key_file=self.file("key", Path(soon[1]).read_bytes()))
        self.assertEqual((result.status, self.state("certificate")), (0, "warning"), result.out)
        none = self.file("none", b"no certificate")
        self.assertFailed(self.examine(certificate=none, key_file=key), 2, "certificate", "none that can be read")
        self.assertFailed(self.examine(certificate="/nowhere/x", key_file=key), 2, "certificate", "No such file")

    # Fault 1166: a program that is not there, or cannot be run -> exit 2; what it fails with -> exit 10
    def test_programs(self):
        for path, pattern in (("/nowhere/program", "cannot be run: No such file"), ("/tmp", "is no file"),
                              (self.file("program", b"#!/bin/sh\n", 0o600), "cannot be run: Permission denied"),
                              ("program", "takes a program with its arguments")):
            self.assertFailed(self.examine(token_command=path), 2, "program", pattern)
        failing = self.file("failing", b"#!/bin/sh\necho cannot do it >&2\nexit 3\n", 0o700)
        self.assertFailed(self.examine(token_command=failing), 10, "token", "exit status 3.*cannot do it|cannot do it")

    def test_trust_anchors(self):
        self.assertFailed(self.examine(ca_file=self.file("none", b"x")), 2, "trust_anchors", "no certificate in")
        self.assertEqual(self.state("service_tls"), "not_checked")
        self.assertEqual(self.service.connections, [])


class Folders(DoctorCase):
    # Fault 1170: a folder of the queue that is not there, is a file, or has another mode -> exit 2, and the right mode
    def test_modes(self):
        for name, check, mode, pattern in (
                ("state", "state_folder", 0o750, "other users may use it.*0700"),
                ("drop", "drop_folder", 0o1733, "any user may use it.*1730"),
                ("drop", "drop_folder", 0o730, "not sticky.*1730"),
                ("drop", "drop_folder", 0o1720, "the group that may add.*1730"),
                ("drop", "drop_folder", 0o740, "not sticky.*1730"),
                ("drop", "drop_folder", 0o701, "any user may use it.*1730"),
                ("runtime", "runtime_folder", 0o770, "other users may write to it.*0700")):
            with self.subTest(name, mode=oct(mode)):
                usual = (self.queue / name).stat().st_mode & 0o7777
                self.folder_of(name, mode)
                self.assertFailed(self.examine(), 2, check, pattern)
                self.folder_of(name, usual)
        for option, check in (("state_dir", "state_folder"), ("drop_dir", "drop_folder"),
                              ("runtime_dir", "runtime_folder")):
            self.assertFailed(self.examine(**{option: "/nowhere"}), 2, check, "'/nowhere' .*: No such file.*Make the")
            self.assertFailed(self.examine(**{option: self.file("x", b"")}), 2, check, "Not a directory")

    def test_a_drop_folder_of_one_user(self):
        """0700 is what a flush makes; the others' folder made sticky is no worse."""
        for mode in (0o700, 0o1700):
            self.folder_of("drop", mode)
            result = self.examine()
            self.assertEqual((result.status, self.state("drop_folder")), (0, "ok"), result.out)
            self.assertIn(": only its own user can add. Where others add, set it to 1730.", self.said("drop_folder"))
        if os.geteuid() == 0:
            os.chown(self.queue / "drop", OTHER_USER, 0)
            self.assertFailed(self.examine(), 2, "drop_folder", "another user than the folder of --state-dir")

    # Fault 1171: a folder of the queue that belongs to another user -> exit 2
    def test_owners(self):
        if os.geteuid():
            self.assertFailed(self.examine(state_dir="/root"), 2, "state_folder", "belongs to another user than this")
            return
        os.chown(self.queue / "drop", OTHER_USER, 0)
        self.folder_of("drop", 0o1730)
        self.assertFailed(self.examine(), 2, "drop_folder", "another user than the folder of --state-dir")
        for name in ("state", "runtime"):
            os.chown(self.queue / name, OTHER_USER, 0)
        self.assertEqual(self.examine().status, 0)
        os.chown(self.queue / "state", OTHER_USER + 1, 0)
        self.queue.chmod(0o755)
        result = self.run_as(OTHER_USER)
        self.assertRegex(result, r"(?m)^not ok       state folder: .*: it belongs to another user than this one\. Run")

    def run_as(self, user: int) -> str:
        """What it says to another user, who can read neither its secret nor the folders."""
        command = Path(self.folder, "mmdclose")
        command.write_bytes(Path(os.environ["MMDCLOSE"]).read_bytes())
        command.chmod(0o755)
        self.folder.chmod(0o755)
        done = subprocess.run(["setpriv", f"--reuid={user}", "--regid=1", "--clear-groups", *RUNNER, command,
                               *self.words()],
                              stdout=subprocess.PIPE, env={**ENVIRONMENT, "ASAN_OPTIONS": "detect_leaks=0"},
                              timeout=LATER, check=False)
        self.assertEqual(done.returncode, 2)
        text = done.stdout.decode()
        self.assertRegex(text, r"(?m)^not ok       file: .*--client-secret-file.*Permission denied")
        return text

    def test_what_they_lie_on(self):
        for name, (mount, state, status, pattern) in MOUNTS.items():
            with self.subTest(name):
                folder = self.folder_of(f"mounted-{name}", 0o700)
                script = f"{mount.format(d=folder)}; chmod 700 {folder} || :; exec \"$0\" \"$@\""
                result = self.examine(before=[*IN_NAMESPACE, script], state_dir=folder)
                self.assertEqual((result.status, self.state("state_disk")), (status, state), result.out)
                self.assertRegex(self.said("state_disk"), pattern)

    def test_the_runtime_folder(self):
        mount = f"mount -t tmpfs none {self.queue}/runtime; chmod 700 {self.queue}/runtime; exec \"$0\" \"$@\""
        self.examine(before=[*IN_NAMESPACE, mount])
        self.assertEqual((self.state("runtime_folder"), self.state("runtime_memory")), ("ok", ""))

    def test_default_folders_may_be_absent(self):
        script = "mount -t tmpfs none /var; exec \"$0\" \"$@\""
        self.examine(before=[*IN_NAMESPACE, script], state_dir=None, drop_dir=None)
        self.assertEqual((self.state("state_folder"), self.state("drop_folder")), ("not_checked", "not_checked"))
        self.assertEqual(self.state("queue"), "not_checked")


class Servers(DoctorCase):
    def test_certificates(self):
        for variant, (status, pattern) in SERVERS.items():
            with self.subTest(variant):
                self.service = self.serve(tls=Tls(PKI, variant))
                self.assertFailed(self.examine(), status, "service_tls", pattern)
                self.assertEqual([self.state(check) for check in SERVICE[:2]], ["ok", "ok"])
                self.assertEqual((self.state("token_server_tls"), self.state("token")), ("ok", "ok"))
                self.assertEqual(self.service.received, b"")

    def test_a_certificate_that_expires_soon(self):
        self.service = self.serve(tls=Tls(PKI, "expires-soon"))
        result = self.examine()
        self.assertEqual((result.status, self.state("service_tls")), (0, "warning"), result.out)
        self.assertIn("less than 30 days: the server's operator must renew it", self.said("service_tls"))

    # Fault 1168: nothing listens at the service's port; its name has no address -> exit 7, the part of the way named
    def test_no_way(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            result = self.examine(port=unused.getsockname()[1])
        self.assertFailed(result, 7, "service_tcp", f"cannot be reached: {REFUSED}.*check the network")
        self.assertEqual([self.state(check) for check in SERVICE], ["ok", "failed", "not_checked"])
        result = self.examine(connect="nowhere.invalid")
        self.assertEqual([self.state(check) for check in SERVICE], ["failed", "not_checked", "not_checked"])
        self.assertFailed(result, 7, "service_lookup", "name")
        self.assertEqual(self.state("token"), "ok")

    def test_a_silent_server(self):
        self.service = self.serve([["hold", 20]])
        self.assertFailed(self.examine(timeout=1), 7, "service_tls", "deadline|time")

    # Fault 1169: the proxy wants another user, is not there -> exit 7, at the proxy
    def test_proxies(self):
        with ScriptedProxy(user="kiosk:secret") as proxy:
            result = self.examine(proxy=f"http://{proxy.address}:{proxy.port}")
            self.assertFailed(result, 7, "service_proxy", r"407.*--proxy-user-file")
            self.assertEqual([self.state(check) for check in SERVICE], ["ok", "ok", "not_checked"])
            self.assertEqual((self.state("token_server_proxy"), self.state("token")), ("failed", "not_checked"))
        result = self.examine(proxy=f"http://{proxy.address}:{proxy.port}")
        self.assertFailed(result, 7, "service_tcp", "the proxy 127.0.0.1 port")
        self.assertEqual(self.service.connections, [])
        self.assertFailed(self.examine(proxy="ftp://x"), 2, "proxy", "--proxy names no proxy")


class Tokens(DoctorCase):
    # Fault 1175: the token server refuses the credential, or cannot be verified -> its outcome; the service is verified
    def test_the_token_server(self):
        wrong = self.file("wrong", b"another secret than that")
        self.assertFailed(self.examine(client_secret_file=wrong), 6, "token", "check --client-id")
        self.assertEqual(self.state("service_tls"), "ok")
        self.authority = self.serve_tokens(self.service, tls=Tls(PKI, "good"))
        self.assertFailed(self.examine(), 8, "token_server_tls", "another host.*check --authority")
        self.assertEqual(self.state("token"), "not_checked")

    def test_a_response(self):
        self.authority = self.serve_tokens(self.service, [["handshake"], ["close"]],
                                           after_request(http("503 Service Unavailable", "Retry-After: 60")))
        self.assertFailed(self.examine(), 7, "token",
                          rf"\Afor tenant {TENANT}: the token server cannot give a token now \(503\)")


class Queue(DoctorCase):
    def record(self, folder: str, request: str, added: str, **more: object) -> None:
        path = self.queue / "state" / folder
        path.mkdir(exist_ok=True, mode=0o700)
        members = {"v": 1, "tenant": "t", "request": request, "client_request_id": "c", "actions": "x", "added": added}
        text = json.dumps({**members, **more}, separators=(",", ":"))[:-1]
        (path / f"t,{request}.json").write_text(
            f'{text},"sha256":"{hashlib.sha256(text.encode()).hexdigest()[:16]}"}}\n', "ascii")

    # Fault 1176: closings that wait for long, or were moved aside -> a warning, with their number
    def test_what_is_in_it(self):
        self.examine()
        self.assertEqual(self.said("queue"), "0 waiting, the oldest for 0 s; 0 of them held with their tenant; 0 "
                                             "failed; 0 not taken in.")
        self.record("due", "1", "2999-01-01T00:00:00Z")
        self.examine()
        self.assertEqual((self.state("queue"), self.said("queue")),
                         ("ok", "1 waiting, the oldest for 0 s; 0 of them held with their tenant; 0 failed; "
                                "0 not taken in."))
        self.record("due", "2", "2026-01-01T00:00:00Z")
        self.record("failed", "3", "2026-01-01T00:00:00Z", aside=True)
        result = self.examine()
        self.assertEqual((result.status, self.state("queue")), (0, "warning"))
        self.assertRegex(self.said("queue"), r"\A2 waiting, the oldest for \d+ s; 0 of them held with their tenant; 1 "
                                             r"failed; 0 not taken in\. See 'mmdclose queue list'\.\Z")

    def drop(self, name: str, added: float) -> None:
        path = self.queue / "drop" / name
        path.write_bytes(b"x")
        os.utime(path, (added, added))

    # Fault 1121: closings in the drop folder that could not be taken in, or that no flush takes -> exit 1, or a
    # warning; they are counted, also before the first flush
    def test_what_is_not_taken_in(self):
        self.drop("new.json", time.time())
        self.examine()
        self.assertEqual(self.state("queue"), "ok")
        self.assertIn("0 failed; 1 not taken in.", self.said("queue"))
        self.drop("new.json", time.time() - 200000)
        result = self.examine()
        self.assertEqual((result.status, self.state("queue")), (0, "warning"))
        self.assertRegex(self.said("queue"), "1 not taken in.*Run 'mmdclose queue flush'")
        self.drop(".later-1", time.time())
        self.drop(".being-written", time.time())
        self.assertFailed(self.examine(), 1, "queue", "2 not taken in.*the queue, or its disk, is full. Make room")
        self.examine(state_dir="/nowhere")
        self.assertRegex(self.said("queue"), r"\A0 waiting.*2 not taken in")

    # Fault 1122
    def test_a_full_memory(self):
        folder = self.folder_of("mounted-full", 0o700)
        script = (f"mount -t tmpfs -o size=1m,mode=700 none {folder}; head -c 900000 /dev/zero > {folder}/x; "
                  f"exec \"$0\" \"$@\"")
        self.assertFailed(self.examine(before=[*IN_NAMESPACE, script], state_dir=folder), 2, "state_disk", "in memory")
        self.assertEqual([line["outcome"] for line in self.lines["state_disk"]], ["usage", "internal"])
        self.assertRegex(self.lines["state_disk"][1]["sentence"], "hardly any space left")


if __name__ == "__main__":
    unittest.main()
