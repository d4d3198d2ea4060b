# SPDX-License-Identifier: MIT
"""A root file system with nothing in it but the static command, BusyBox, a CA bundle and /etc/resolv.conf: what the
command needs of it, and what musl's resolver does."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "system"), str(HERE.parent / "service")]
from own_network import enter  # noqa: E402

enter()

from dns import NameServer  # noqa: E402
from harness import ACTIONS, PKI, REQUEST, TENANT, TOKEN, Case  # noqa: E402

HOST = "mmdls.test"
NO_NAME_SERVER = "127.0.0.9"  # of this network, where nothing listens


class Root(Case):
    def setUp(self) -> None:
        super().setUp()
        self.root = Path(tempfile.mkdtemp(prefix="mmdclose-root-", dir=self.folder))
        for folder in ("bin", "etc/ssl/certs", "tmp", "var/lib", "var/spool", "run"):
            (self.root / folder).mkdir(parents=True)
        shutil.copy(os.environ["MMDCLOSE"], self.root / "bin/mmdclose")
        shutil.copy("/bin/busybox", self.root / "bin")
        shutil.copy(PKI.ca_file(), self.root / "etc/ssl/certs/ca-certificates.crt")
        self.put("etc/resolv.conf", "nameserver 127.0.0.1\n")
        self.put("tmp/token", TOKEN + "\n")
        self.service = self.serve()
        self.options = f"--tenant {TENANT} --token-file /tmp/token --host {HOST} --port {self.service.port}"

    def put(self, path: str, text: str) -> None:
        file = self.root / path
        file.touch(mode=0o600)
        file.write_text(text, encoding="ascii")

    def sh(self, script: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([shutil.which("chroot"), self.root, "/bin/busybox", "sh", "-c", script], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60, check=False, env={"PATH": "/bin"})

    def close(self) -> "subprocess.CompletedProcess[str]":  # pylint: disable=arguments-differ
        return self.sh(f"mmdclose close {self.options} --request {REQUEST} --actions '{ACTIONS}'")

    def names(self, **options) -> NameServer:
        return NameServer({HOST: "127.0.0.1"}, port=53, **options)

    def assertCloses(self) -> None:
        with self.names() as names:
            done = self.close()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(self.service.actions(TENANT, REQUEST), ACTIONS)
        self.assertEqual(names.problems, [])

    def test_nothing_else_is_needed(self):
        self.assertCloses()

    # Fault 1181: no /etc/resolv.conf -> musl asks 127.0.0.1
    def test_without_resolv_conf(self):
        (self.root / "etc/resolv.conf").unlink()
        self.assertCloses()

    # Fault 1182: a name server that is not there, before one that is -> musl asks both at once, and closes
    def test_all_name_servers_are_asked(self):
        self.put("etc/resolv.conf", f"nameserver {NO_NAME_SERVER}\nnameserver 127.0.0.1\n")
        self.assertCloses()

    # Fault 1183: no CA bundle -> exit 2, with what to do; nothing is sent
    def test_without_a_bundle(self):
        (self.root / "etc/ssl/certs/ca-certificates.crt").unlink()
        done = self.close()
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stdout, "there is no certificate in '/etc/ssl/certs/ca-certificates.crt'.*--ca-file")
        self.assertEqual(self.service.finished(0), [])

    def test_the_queue(self):
        folders = "--state-dir /var/lib/mmdclose --drop-dir /var/spool/mmdclose --runtime-dir /run/mmdclose"
        made = "busybox mkdir -m 700 /var/lib/mmdclose /run/mmdclose && busybox mkdir -m 1730 /var/spool/mmdclose"
        with self.names():
            done = self.sh(f"{made} && mmdclose queue add --tenant {TENANT} --request {REQUEST} --actions '{ACTIONS}' "
                           f"--drop-dir /var/spool/mmdclose && mmdclose queue flush {self.options} {folders} && "
                           f"mmdclose queue check --state-dir /var/lib/mmdclose --drop-dir /var/spool/mmdclose")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(self.service.actions(TENANT, REQUEST), ACTIONS)

    def test_the_doctor(self):
        with self.names():
            done = self.sh(f"mmdclose doctor {self.options}")
        self.assertRegex(done.stdout, "(?m)^ok +service lookup: mmdls.test is 127.0.0.1")
        self.assertRegex(done.stdout, "(?m)^ok +service tls: mmdls.test is verified")
        self.assertNotRegex(done.stdout, "(?m)^(wrong|failed)")


if __name__ == "__main__":
    unittest.main()
