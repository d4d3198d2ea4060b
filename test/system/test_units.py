# SPDX-License-Identifier: MIT
"""The service files as `make install-service` puts them: what systemd's own tools say about them, and that each command
and option in them is one of the command's. test/booted runs them."""
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any, List

ROOT = Path(__file__).resolve().parents[2]
COMMAND = os.path.abspath(os.environ["MMDCLOSE"])
RUNNER = shlex.split(os.environ.get("MMDCLOSE_RUNNER", ""))
UNITS = ("mmdclose-intake.service", "mmdclose-flush.service", "mmdclose.path", "mmdclose.timer")
SERVICES = UNITS[:2]
HIGHEST_EXPOSURE = 15  # tenths; systemd-analyze's scale ends at 100
OURS = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "DESTDIR", "PREFIX", "BINDIR")
# Another user of a namespace can own files there, as on a system where this runs as root.
AS_ROOT = [] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--map-auto"]
PROCD = """
group_add_next() { echo 1000; }
user_exists() { return 1; }
group_exists() { return 1; }
user_add() { echo "user $1"; }
procd_open_instance() { :; }
procd_close_instance() { :; }
procd_set_param() { echo "$@"; }
. "$1"
make_folder() { echo "folder $*"; }
start_service
"""


class Case(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="mmdclose-units-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.units = self.folder / "usr/lib/systemd/system"
        self.examples = self.folder / "usr/share/doc/mmdclose/service"
        (self.folder / "bin").mkdir()
        shutil.copy(os.environ.get("MMDCLOSE_PLAIN") or COMMAND, self.folder / "bin/mmdclose")
        self.make("install-service")

    def good(self, *words: object, status: int = 0, **options: Any) -> str:
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False, env={**environment, **options.pop("env", {})}, **options)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def make(self, goal: str) -> str:
        return self.good("make", "-s", "DEPS=no", f"PREFIX={self.folder}/usr", f"BINDIR={self.folder}/bin", goal,
                         cwd=ROOT)

    def add_example(self, name: str, unit: str) -> None:
        folder = self.units / f"{unit}.d"
        folder.mkdir(exist_ok=True)
        shutil.copy(self.examples / name, folder)


class Systemd(Case):
    def verify(self, *units: str, status: int = 0) -> str:
        """What it has to say of them."""
        return self.good("systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                         *(self.units / unit for unit in units), env={"SYSTEMD_UNIT_PATH": f"{self.units}:"},
                         status=status)

    # Fault 1147: a misspelt setting, a missing unit -> `systemd-analyze verify` says so, and of the real ones nothing
    def test_nothing_is_wrong_with_the_units(self):
        self.assertEqual(self.verify(*UNITS), "")
        with open(self.units / "mmdclose.timer", "a", encoding="ascii") as timer:
            timer.write("OnSunday=yes\n")
        self.assertIn("OnSunday", self.verify("mmdclose.timer", status=1))

    def test_nor_with_the_examples(self):
        shutil.copy(self.examples / "mmdclose-alarm@.service", self.units)
        for unit in SERVICES:
            self.add_example("on-failure.conf", unit)
        self.add_example("tpm.conf", "mmdclose-flush.service")
        self.assertEqual(self.verify(*UNITS, "mmdclose-alarm@.service"), "")

    def exposure(self, unit: str) -> str:
        return self.good("systemd-analyze", "security", "--offline=true", f"--threshold={HIGHEST_EXPOSURE}",
                         self.units / unit, env={"SYSTEMD_UNIT_PATH": f"{self.units}:"})

    # Fault 1148: a service that can do more than it needs -> its exposure is above 1.5
    def test_the_exposure(self):
        for unit in SERVICES:
            with self.subTest(unit):
                self.exposure(unit)
        self.add_example("tpm.conf", "mmdclose-flush.service")
        self.exposure("mmdclose-flush.service")

    def test_the_intake_has_no_network(self):
        self.assertRegex(self.exposure("mmdclose-intake.service"), "✓ PrivateNetwork=")

    # Fault 1149: who may add, and who sends -> the group may write to the drop folder, only the user enters the queue
    def test_users_and_folders(self):
        root = self.folder / "root"
        shutil.copytree(self.folder / "usr/lib/sysusers.d", root / "usr/lib/sysusers.d")
        shutil.copytree(self.folder / "usr/lib/tmpfiles.d", root / "usr/lib/tmpfiles.d")
        (root / "etc").mkdir()
        script = (f"systemd-sysusers --root={root} mmdclose.conf && "
                  f"systemd-tmpfiles --create --root={root} mmdclose.conf && "
                  f"stat -c '%a %u %g' {root}/var/spool/mmdclose {root}/var/lib/mmdclose")
        said = self.good(*AS_ROOT, "sh", "-c", script).splitlines()[-2:]
        user = next(line.split(":") for line in (root / "etc/passwd").read_text(encoding="ascii").splitlines()
                    if line.startswith("mmdclose:"))
        groups = {line.split(":")[0]: line.split(":")
                  for line in (root / "etc/group").read_text(encoding="ascii").split()}
        self.assertEqual(user[5:], ["/var/lib/mmdclose", "/usr/sbin/nologin"])
        self.assertEqual(groups["mmdclose-add"][3], "", "members are the administrator's choice")
        self.assertEqual(said, [f"1730 {user[2]} {groups['mmdclose-add'][2]}",
                                f"700 {user[2]} {groups['mmdclose'][2]}"])


class Commands(Case):
    def commands(self) -> List[List[str]]:
        """Each `mmdclose ...` in the files, as words."""
        texts = [path.read_text(encoding="ascii") for path in sorted(self.units.iterdir())]
        texts += [path.read_text(encoding="ascii") for path in sorted(self.examples.iterdir())]
        texts += [(ROOT / "service/busybox/mmdclose.cron").read_text(encoding="ascii")]
        lines = [line for text in texts for line in text.splitlines() if not line.startswith("#")]
        found = [re.search(r"/bin/mmdclose ([a-z0-9 -]+)", line) for line in lines]
        return [match[1].split() for match in found if match] + [self.instance("command")[1:]]

    def instance(self, name: str) -> List[str]:
        """What OpenWrt's procd is given."""
        said = self.good("sh", "-c", PROCD, "sh", ROOT / "service/openwrt/mmdclose")
        return next(line.split()[1:] for line in said.splitlines() if line.split()[0] == name)

    # Fault 1150: a service file that names a command or an option that is gone -> found before it is shipped
    def test_commands_and_options_are_there(self):
        commands = self.commands()
        self.assertGreaterEqual(len(commands), 5)
        for words in commands:
            with self.subTest(words):
                said = self.good(*RUNNER, COMMAND, *words[:2], "--help")
                self.assertIn(f"mmdclose {' '.join(words[:2])}:", said)
                for word in words[2:]:
                    if word.startswith("--"):
                        self.assertRegex(said, rf"(?m)^  {word}\b")

    def test_the_script_for_openwrt(self):
        self.good("sh", "-n", ROOT / "service/openwrt/mmdclose")
        self.assertEqual(self.instance("command")[:4], ["/usr/bin/mmdclose", "queue", "flush", "--watch"])
        self.assertEqual(self.instance("respawn"), ["3600", "60", "0"])
        self.assertEqual(self.instance("user"), ["mmdclose"])
        folders = self.good("sh", "-c", PROCD, "sh", ROOT / "service/openwrt/mmdclose")
        self.assertIn("folder /etc/mmdclose/add 1730 mmdclose:mmdclose-add\n", folders)
        self.assertIn("folder /etc/mmdclose/queue 0700 mmdclose:mmdclose\n", folders)

    def test_the_crontab(self):
        lines = (ROOT / "service/busybox/mmdclose.cron").read_text(encoding="ascii").splitlines()
        self.assertEqual([line.split()[:5] for line in lines if line[0] != "#"], [["*"] * 5])

    # Fault 1151: another prefix -> the units name the command there; uninstalling leaves nothing
    def test_installing_and_uninstalling(self):
        for unit in SERVICES:
            self.assertIn(f"{self.folder}/bin/mmdclose queue ", (self.units / unit).read_text(encoding="ascii"))
        (self.folder / "usr/include/mmdclose/port").mkdir(parents=True)
        self.make("uninstall")
        self.assertEqual([path for path in self.folder.rglob("*") if path.is_file()], [])


if __name__ == "__main__":
    unittest.main()
