# SPDX-License-Identifier: MIT
"""The units of the queue in a systemd that has booted: closings that are added, sent and held, and what comes of disks
that are full or read-only, bad files, missing credentials and users. Runs in the container of run.py.

Nothing here has a network, so a closing that can be sent ends as "try later", and waits.
"""
import json
import os
import re
import shutil
import subprocess
import time
import unittest
import uuid
from pathlib import Path
from typing import Any, Callable, List

TENANT = "5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11"
CONF = Path("/etc/mmdclose.conf")
SPOOL, STATE = Path("/var/spool/mmdclose"), Path("/var/lib/mmdclose")
DUE, FAILED = STATE / "due", STATE / "failed"
CREDENTIALS = "/run/credentials/mmdclose-flush.service"
CREDSTORE = Path("/etc/credstore")
DROP_INS = Path("/etc/systemd/system")
EXAMPLES = Path("/usr/local/share/doc/mmdclose/service")
PATIENCE = 20  # seconds; what takes longer does not come
TOKEN = "token-file = /etc/token\n"


def run(*words: Any, **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)


def good(*words: Any, **options: Any) -> str:
    done = run(*words, **options)
    if done.returncode:
        raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}")
    return done.stdout


def show(unit: str, *names: str) -> List[str]:
    said = dict(line.split("=", 1) for line in good("systemctl", "show", unit).splitlines() if "=" in line)
    return [said[name] for name in names]


def wait_for(what: Callable[[], Any], why: str) -> Any:
    end = time.monotonic() + PATIENCE
    while not (value := what()):
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain: {why}\n{good('journalctl', '--no-pager', '-n', '40')}")
        time.sleep(0.05)
    return value


def names_in(folder: Path) -> List[str]:
    return sorted(os.listdir(folder)) if folder.exists() else []


def as_user(user: str, *words: Any, **options: Any) -> "subprocess.CompletedProcess[str]":
    return run("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *words, **options)


def add(user: str = "kiosk", request: str = "", **options: Any) -> "subprocess.CompletedProcess[str]":
    return as_user(user, "/usr/local/bin/mmdclose", "queue", "add", "--tenant", TENANT, "--request",
                   request or uuid.uuid4(), "--actions", "Restarted the device.", **options)


class Booted(unittest.TestCase):
    """Each test begins with an empty queue, and the path and the timer running."""

    def setUp(self) -> None:
        for unit in ("mmdclose.path", "mmdclose.timer", "mmdclose-intake.service", "mmdclose-flush.service"):
            good("systemctl", "stop", unit)
        for folder in (SPOOL, STATE):
            while os.path.ismount(folder):
                good("umount", folder)
        for folder in (SPOOL, STATE, Path("/run/mmdclose"), CREDSTORE):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in ("mmdclose-flush.service.d", "mmdclose-intake.service.d"):
            shutil.rmtree(DROP_INS / folder, ignore_errors=True)
        good("systemd-sysusers")
        good("systemd-tmpfiles", "--create", "mmdclose.conf")
        good("usermod", "-aG", "mmdclose-add", "kiosk")
        Path("/etc/token").write_text("token\n", encoding="ascii")
        shutil.chown("/etc/token", "mmdclose")
        os.chmod("/etc/token", 0o400)
        self.configure(TOKEN)
        good("systemctl", "daemon-reload")
        run("systemctl", "reset-failed")
        self.start()

    def start(self) -> None:
        good("systemctl", "enable", "--now", "mmdclose.path", "mmdclose.timer")
        self.since = time.time()

    def configure(self, text: str) -> None:
        CONF.write_text(f"tenant = {TENANT}\n{text}", encoding="ascii")

    def drop_in(self, unit: str, text: str) -> None:
        folder = DROP_INS / f"{unit}.d"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{len(names_in(folder))}.conf").write_text(text, encoding="ascii")
        good("systemctl", "daemon-reload")

    def said(self, unit: str) -> str:
        """By the unit since the test began."""
        good("journalctl", "--sync")
        return good("journalctl", "--no-pager", "--quiet", "-o", "cat", "-u", unit, f"--since=@{self.since:.6f}")

    def flush(self) -> "subprocess.CompletedProcess[str]":
        return run("systemctl", "start", "mmdclose-flush.service")

    def wait_until_still(self) -> None:
        for unit in ("mmdclose-intake.service", "mmdclose-flush.service"):
            wait_for(lambda unit=unit: show(unit, "ActiveState")[0] in ("inactive", "failed"), f"{unit} ends")

    def assertPathIsActive(self) -> None:
        self.assertEqual(show("mmdclose.path", "ActiveState", "Result"), ["active", "success"])
        self.assertNotIn("too quickly", self.said("mmdclose-intake.service") + self.said("mmdclose-flush.service"))

    def starts(self, unit: str) -> int:
        return self.said(unit).count("Starting ")

    def wait_for_try(self) -> None:
        """It has failed, since there is no network: all closings wait."""
        wait_for(lambda: names_in(STATE / "waits"), "the try")

    def record(self) -> Any:
        return json.loads((DUE / names_in(DUE)[0]).read_text(encoding="utf-8"))


class Adding(Booted):
    # Fault 1130: a member of mmdclose-add adds -> taken in and tried at once, without a daemon; no network: it waits
    def test_what_is_added_is_tried_at_once(self):
        done = add()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.wait_for_try()
        self.wait_until_still()
        self.assertEqual(names_in(SPOOL), [])
        self.assertEqual(self.record()["added_by"], 1000)
        self.assertEqual(show("mmdclose-flush.service", "Result"), ["success"])  # try later is no failure
        self.assertPathIsActive()
        self.assertEqual(os.stat(DUE / names_in(DUE)[0]).st_mode & 0o777, 0o600)

    def test_the_boot_id_is_known(self):
        add()
        self.wait_for_try()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        self.wait_until_still()
        waits = "".join(path.read_text(encoding="utf-8") for path in (STATE / "waits").iterdir())
        self.assertIn(boot.strip().replace("-", ""), (json.dumps(self.record()) + waits).replace("-", ""))

    # Fault 1131: a user outside of the group adds -> refused; nobody can list, read or remove what others added
    def test_who_may_add(self):
        good("systemctl", "stop", "mmdclose.path")
        self.assertEqual(add().returncode, 0)
        self.assertNotEqual(add("stranger").returncode, 0)
        name = names_in(SPOOL)[0]
        self.assertEqual(len(names_in(SPOOL)), 1)
        self.assertNotEqual(as_user("stranger", "cat", SPOOL / name).returncode, 0)
        self.assertNotEqual(as_user("kiosk", "ls", SPOOL).returncode, 0)
        good("usermod", "-aG", "mmdclose-add", "stranger")
        self.assertNotEqual(as_user("stranger", "rm", "-f", SPOOL / name).returncode, 0)
        self.assertNotEqual(as_user("stranger", "mv", SPOOL / name, SPOOL / "other").returncode, 0)
        self.assertEqual(names_in(SPOOL), [name])
        good("gpasswd", "-d", "stranger", "mmdclose-add")

    # Fault 1132: added while the path unit does not run -> the next flush takes it in
    def test_without_the_path_unit(self):
        good("systemctl", "stop", "mmdclose.path")
        add()
        self.flush()
        wait_for(lambda: names_in(DUE), "the record")
        self.assertEqual(names_in(SPOOL), [])

    # Fault 1133: a file that is still being written, or that waits in the drop folder -> no intake is started
    def test_names_that_begin_with_a_dot(self):
        for name in (".c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e02", ".later-c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e02"):
            (SPOOL / name).write_text("", encoding="ascii")
        good("systemctl", "restart", "mmdclose.path")
        add()
        wait_for(lambda: self.starts("mmdclose-intake.service"), "the intake of the whole one")
        self.wait_until_still()
        self.assertEqual(self.starts("mmdclose-intake.service"), 1)
        self.assertPathIsActive()

    # Fault 1134: forty closings in a row -> all are taken in, and no limit is reached
    def test_many_in_a_row(self):
        for _ in range(40):
            self.assertEqual(add().returncode, 0)
        wait_for(lambda: len(names_in(DUE)) == 40, "the records")
        self.wait_until_still()
        self.assertPathIsActive()


class Failing(Booted):
    # Fault 1135: bad files of every kind -> out of the way at once; the path unit goes on
    def test_bad_files(self):
        os.umask(0o022)
        (SPOOL / "garbage").write_text("garbage\n", encoding="ascii")
        (SPOOL / "empty").touch()
        (SPOOL / "large").write_bytes(b"{" * 10_000_000)
        (SPOOL / "link").symlink_to("/etc/shadow")
        os.mkfifo(SPOOL / "pipe")
        (SPOOL / "folder").mkdir()
        (SPOOL / "folder/file").touch()
        wait_for(lambda: not [name for name in names_in(SPOOL) if name[0] != "."], "the drop folder is emptied")
        self.wait_until_still()
        self.assertPathIsActive()
        self.assertEqual([name[:4] for name in names_in(FAILED)], ["bad,"])
        self.assertLess(self.starts("mmdclose-intake.service"), 8)
        add()
        wait_for(lambda: names_in(DUE), "a good one, after them")

    # Fault 1136: the queue's disk is full -> the closing waits in the drop folder, nothing loops; later it is taken in
    def test_a_full_disk(self):
        good("mount", "-t", "tmpfs", "-o", "size=64k,uid=mmdclose,gid=mmdclose,mode=0700", "tmpfs", STATE)
        with open(STATE / "filler", "wb", buffering=0) as filler:
            with self.assertRaises(OSError):
                while True:
                    filler.write(b"-" * 4096)
        add()
        wait_for(lambda: self.starts("mmdclose-intake.service"), "the intake")
        wait_for(lambda: [name for name in names_in(SPOOL) if name.startswith(".later-")], "it is kept")
        time.sleep(5)  # in which a loop would turn a hundred times
        self.assertEqual(self.starts("mmdclose-intake.service"), 1)
        self.assertEqual(show("mmdclose-intake.service", "ActiveState"), ["activating"])  # again in a minute
        self.assertPathIsActive()
        (STATE / "filler").unlink()
        self.flush()
        wait_for(lambda: names_in(DUE), "the record")
        self.assertEqual(names_in(SPOOL), [])

    # Fault 1137: the drop folder cannot be emptied, since it is read-only -> an intake a minute, no limit is reached
    def test_a_read_only_drop_folder(self):
        good("mount", "-t", "tmpfs", "-o", "uid=mmdclose,gid=mmdclose-add,mode=1730", "tmpfs", SPOOL)
        good("systemctl", "stop", "mmdclose.path")
        add()
        good("mount", "-o", "remount,ro", SPOOL)
        good("systemctl", "start", "mmdclose.path")
        wait_for(lambda: "cannot be emptied" in self.said("mmdclose-intake.service"), "the intake says so")
        time.sleep(5)  # in which a loop would turn a hundred times
        self.assertEqual(self.starts("mmdclose-intake.service"), 1)
        self.assertEqual(show("mmdclose-intake.service", "ActiveState"), ["activating"])
        self.assertPathIsActive()
        self.flush()  # is not held up by the intake
        self.assertIn(show("mmdclose-flush.service", "ActiveState")[0], ("inactive", "failed"))
        good("mount", "-o", "remount,rw", SPOOL)
        begin = time.monotonic()
        good("systemctl", "stop", "mmdclose-intake.service")  # a shutdown would not wait for the minute
        self.assertLess(time.monotonic() - begin, 30)
        wait_for(lambda: not names_in(SPOOL), "the path unit starts the next intake")
        wait_for(lambda: names_in(DUE), "the record")

    # Fault 1138: intake and flush fail before they run -> the limit stops the path unit; the next flush starts it again
    def test_an_intake_that_cannot_run(self):
        for unit in ("mmdclose-intake.service", "mmdclose-flush.service"):
            self.drop_in(unit, "[Service]\nUser=missing\n")
        add()
        wait_for(lambda: show("mmdclose.path", "ActiveState")[0] == "failed", "the limit")
        self.assertLessEqual(self.starts("mmdclose-intake.service"), 200)
        for unit in ("mmdclose-intake.service", "mmdclose-flush.service"):
            shutil.rmtree(DROP_INS / f"{unit}.d")
        good("systemctl", "daemon-reload")
        good("systemctl", "reset-failed", "mmdclose-intake.service")  # in place of a minute
        self.flush()
        wait_for(lambda: names_in(DUE), "the record")
        self.assertEqual(show("mmdclose.path", "ActiveState"), ["active"])
        add()
        wait_for(lambda: len(names_in(DUE)) == 2, "the next")

    # Fault 1139: the credential is missing -> the flush says so and fails, the intake goes on; with it, it works
    def test_a_missing_credential(self):
        self.configure(f"client-id = {TENANT}\nclient-secret-file = {CREDENTIALS}/secret\n")
        for count in range(1, 9):
            add()
            wait_for(lambda count=count: len(names_in(DUE)) == count, "the record")
            self.wait_until_still()
        self.assertEqual(show("mmdclose-flush.service", "Result", "ExecMainStatus"), ["exit-code", "2"])
        self.assertIn("--client-secret-file", self.said("mmdclose-flush.service"))
        self.assertPathIsActive()
        CREDSTORE.mkdir()
        (CREDSTORE / "mmdclose.secret").write_text("secret\n", encoding="ascii")
        self.assertEqual(as_user("mmdclose", "/usr/local/bin/mmdclose", "queue", "retry", "--all").returncode, 0)
        self.assertEqual(self.flush().returncode, 0)
        self.assertEqual(show("mmdclose-flush.service", "ExecMainStatus"), ["7"])

    # Fault 1140: records that are held or wait -> each added closing is taken in, and no limit is reached
    def test_a_queue_that_waits(self):
        for count in range(1, 21):
            add()
            wait_for(lambda count=count: len(names_in(DUE)) == count, "the record")
        self.wait_until_still()
        time.sleep(3)
        before = self.starts("mmdclose-intake.service"), self.starts("mmdclose-flush.service")
        time.sleep(3)
        self.assertEqual((self.starts("mmdclose-intake.service"), self.starts("mmdclose-flush.service")), before,
                         "what waits starts nothing")
        self.assertPathIsActive()

    # Fault 1141: a closing is added while a flush runs -> it is taken in meanwhile
    def test_added_during_a_flush(self):
        self.drop_in("mmdclose-flush.service", "[Service]\nExecStart=\nExecStart=/bin/sh -c 'sleep 2; exec "
                     "/usr/local/bin/mmdclose queue flush'\n")
        add()
        wait_for(lambda: show("mmdclose-flush.service", "ActiveState")[0] == "activating", "the flush")
        add()
        wait_for(lambda: len(names_in(DUE)) == 2, "both")
        self.wait_until_still()
        self.assertPathIsActive()


class Secrets(Booted):
    def probe(self, unit: str, *lines: str) -> str:
        """What a program sees in the place of the command."""
        script = "; ".join(lines)
        start = f"/bin/sh -c \"({script}) >/var/lib/mmdclose/probe 2>&1\""
        self.drop_in(unit, f"[Service]\nExecStart=\nExecStart={start}\n")
        done = run("systemctl", "start", unit)
        self.assertEqual(done.returncode, 0, done.stdout + self.said(unit))
        return (STATE / "probe").read_text(encoding="utf-8")

    # Fault 1142: a credential encrypted by systemd-creds, by a drop-in -> the flush has it in plain
    def test_an_encrypted_credential(self):
        folder = Path("/etc/credstore.encrypted")
        folder.mkdir(exist_ok=True)
        good("systemd-creds", "encrypt", "--with-key=host", "--name=secret", "-", folder / "mmdclose.secret",
             input="encrypted\n")
        self.drop_in("mmdclose-flush.service", "[Service]\nLoadCredentialEncrypted=secret:mmdclose.secret\n")
        self.assertEqual(self.probe("mmdclose-flush.service", f"cat {CREDENTIALS}/secret"), "encrypted\n")
        (folder / "mmdclose.secret").unlink()
        self.assertIn("No such file", self.probe("mmdclose-flush.service", f"cat {CREDENTIALS}/secret; true"))

    # Fault 1143: the intake -> has no network, no credential and no kept token, and cannot write elsewhere
    def test_what_the_intake_can_do(self):
        CREDSTORE.mkdir()
        (CREDSTORE / "mmdclose.secret").write_text("secret\n", encoding="ascii")
        Path("/run/mmdclose").mkdir(exist_ok=True)
        Path("/run/mmdclose/token").write_text("token\n", encoding="ascii")
        os.chmod("/run/mmdclose/token", 0o644)
        said = self.probe("mmdclose-intake.service", "ls /sys/class/net /proc/self/net/dev", "id -un",
                          "cat /proc/net/dev | tail -n +3 | cut -d: -f1",
                          "for f in /etc/credstore/mmdclose.secret /run/mmdclose/token; do cat $$f || echo no; done",
                          "for d in /etc /var/lib /run /usr /var/spool; do touch $$d/new 2>/dev/null && echo $$d; done",
                          "touch /var/spool/mmdclose/.new && rm /var/spool/mmdclose/.new && echo writes")
        self.assertEqual(said.count("no\n"), 2, said)
        self.assertIn("mmdclose\n", said)
        self.assertRegex(said, r"(?m)^ *lo$")
        self.assertNotRegex(said, r"(?m)^/(etc|var|run|usr)", said)
        self.assertTrue(said.endswith("writes\n"), said)

    # Fault 1144: the drop-in for a TPM -> that device can be used, and no other
    def test_the_drop_in_for_a_tpm(self):
        shown = "for d in /dev/tpmrm0 /dev/kmsg /dev/fuse; do test -w $$d && echo $$d; done; id -Gn"
        before = self.probe("mmdclose-flush.service", shown)
        self.assertNotIn("/dev/tpmrm0", before)
        self.drop_in("mmdclose-flush.service", (EXAMPLES / "tpm.conf").read_text(encoding="ascii"))
        CREDSTORE.mkdir()
        (CREDSTORE / "mmdclose.tpm-auth").write_text("auth\n", encoding="ascii")
        said = self.probe("mmdclose-flush.service", shown, f"cat {CREDENTIALS}/tpm-auth",
                          "echo x >/dev/tpmrm0 && echo written", "mktemp -d >/dev/null && echo folder")
        self.assertEqual(said.split("\n")[0], "/dev/tpmrm0", said)
        self.assertRegex(said, r"\bmmdclose tss\n(?s:.*)auth\nwritten\nfolder\n")
        self.assertNotRegex(said, "kmsg|fuse")


class Alarms(Booted):
    # Fault 1145: a flush that fails for good -> OnFailure= of the example raises an alarm, and says what is stuck
    def test_on_failure(self):
        shutil.copy(EXAMPLES / "mmdclose-alarm@.service", DROP_INS)
        self.drop_in("mmdclose-flush.service", (EXAMPLES / "on-failure.conf").read_text(encoding="ascii"))
        self.configure(f"client-id = {TENANT}\nclient-secret-file = {CREDENTIALS}/secret\n")
        add()
        alarm = "mmdclose-alarm@mmdclose-flush.service"
        wait_for(lambda: "Finished" in self.said(alarm), "the alarm")
        self.assertRegex(self.said(alarm), r"1 (closing|record)|secret")
        self.assertEqual(show(alarm, "Result"), ["success"])

    def test_try_later_is_no_alarm(self):
        shutil.copy(EXAMPLES / "mmdclose-alarm@.service", DROP_INS)
        self.drop_in("mmdclose-flush.service", (EXAMPLES / "on-failure.conf").read_text(encoding="ascii"))
        add()
        self.wait_for_try()
        self.wait_until_still()
        self.assertEqual(self.said("mmdclose-alarm@mmdclose-flush.service"), "")

    # Fault 1146: the timer -> waits for its time, and starts the flush, which keeps its folder in memory afterwards
    def test_the_timer(self):
        self.assertEqual(show("mmdclose.timer", "ActiveState", "Unit"), ["active", "mmdclose-flush.service"])
        self.assertNotEqual(show("mmdclose.timer", "NextElapseUSecRealtime"), [""])
        folder = DROP_INS / "mmdclose.timer.d"
        folder.mkdir()
        self.addCleanup(shutil.rmtree, folder)
        (folder / "now.conf").write_text("[Timer]\nOnActiveSec=1s\nRandomizedDelaySec=0\n", encoding="ascii")
        good("systemctl", "daemon-reload")
        good("systemctl", "restart", "mmdclose.timer")
        wait_for(lambda: self.starts("mmdclose-flush.service"), "the flush")
        self.wait_until_still()
        self.assertEqual(os.stat("/run/mmdclose").st_mode & 0o777, 0o700)
