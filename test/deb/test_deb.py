# SPDX-License-Identifier: MIT
"""The Debian packages as a device has them: installed, configured, used, upgraded, removed and purged. What is queued
is sent, or is still there and said to be. The service is the stand-in, on loopback. Units do not run here:
test/booted does that. What is asked of systemd is recorded."""
import os
import re
import shutil
import unittest
import uuid
from pathlib import Path
from typing import Dict, List, Tuple

from pki import Pki
from roots import Memory, Root, good
from service import DEFAULT_TOKEN, Service
from tls import Tls

SOURCE = Path(__file__).resolve().parents[2]
PACKAGES = [path for path in sorted(Path(os.environ["PACKAGES"]).glob("*.deb")) if "dbgsym" not in path.name]
TENANT = "5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11"
NEWER = "99.0-1"
CONF, EXAMPLE = "/etc/mmdclose.conf", "/usr/share/mmdclose/mmdclose.conf"
STATE, SPOOL = "/var/lib/mmdclose", "/var/spool/mmdclose"
UNITS = ("mmdclose.path", "mmdclose.timer", "mmdclose-intake.service", "mmdclose-flush.service")
STAND_IN = """#!/bin/sh
echo "$@" >>/asked
case "$*" in *is-active*) exit 3 ;; *start* | *stop* | *reload*) ;; *) exec /bin/systemctl --root=/ "$@" ;; esac
"""
PROGRAM = '#include <mmdclose/version.h>\n#include <stdio.h>\nint main(void) { return puts(mmd_version()) < 0; }\n'


def setUpModule() -> None:
    """One root with nothing of ours, and over it one with the packages; a test gets a layer over one of them."""
    global memory, packed, newer
    memory = Memory(os.environ["ROOT_TAR"])
    unittest.addModuleCleanup(memory.remove)
    for name, line in {"passwd": "kiosk:x:1000:1000::/:/bin/sh\nstranger:x:1001:1001::/:/bin/sh\n",
                       "group": "kiosk:x:1000:\nstranger:x:1001:\n"}.items():
        with open(memory.base / "etc" / name, "a", encoding="ascii") as file:
            file.write(line)
    root = Root(memory, memory.base)
    try:
        root.install(PACKAGES)
    finally:
        root.leave()
    packed = root.layer
    newer = [as_newer(package, memory.folder / "newer") for package in PACKAGES]


def as_newer(package: Path, folder: Path) -> Path:
    """The same with a higher version, and another example of the configuration."""
    parts = folder / "parts"
    shutil.rmtree(parts, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    version = good("dpkg-deb", "-f", package, "Version").strip()
    good("dpkg-deb", "-R", package, parts)
    control = parts / "DEBIAN/control"
    control.write_text(control.read_text(encoding="utf-8").replace(version, NEWER), encoding="utf-8")
    if (example := parts / EXAMPLE.lstrip("/")).exists():
        example.write_text("# newer\n", encoding="ascii")
    good("dpkg-deb", "-Znone", "-b", parts, folder / package.name)
    return folder / package.name


class Case(unittest.TestCase):
    installed = True

    def setUp(self) -> None:
        self.root = Root(memory, *([packed] if self.installed else []), memory.base)
        self.addCleanup(self.root.leave)
        self.pki = Pki(memory.folder / "pki")
        self.service = Service(Tls(self.pki))
        self.service.__enter__()
        self.addCleanup(self.service.__exit__, None, None, None)

    def configure(self) -> None:
        self.root.write("/etc/token", DEFAULT_TOKEN + "\n", 0o400, "mmdclose")
        self.root.write("/etc/ca.pem", Path(self.pki.ca_file()).read_text("ascii"))
        self.root.write(CONF, f"tenant = {TENANT}\ntoken-file = /etc/token\nca-file = /etc/ca.pem\n"
                              f"host = {self.service.name}\nport = {self.service.port}\n"
                              f"connect = {self.service.address}\n")
        self.let_add("kiosk")

    def let_add(self, user: str) -> None:
        """As adduser does."""
        group = self.root.at("/etc/group")
        text = re.sub(r"(?m)^(mmdclose-add:.*:)$", rf"\g<1>{user}", group.read_text(encoding="ascii"))
        group.write_text(text, encoding="ascii")

    def add(self, actions: str, is_open: bool = True, user: str = "kiosk") -> str:
        request = str(uuid.uuid4())
        if is_open:
            self.service.add(TENANT, request)
        self.root.good("mmdclose", "queue", "add", "--request", request, "--actions", actions, user=user)
        return request

    def take_in(self) -> None:
        self.root.good("mmdclose", "queue", "intake", user="mmdclose")

    def flush(self) -> None:
        """As the unit does."""
        unit = self.root.at("/lib/systemd/system/mmdclose-flush.service").read_text(encoding="ascii")
        command, user = (re.search(rf"(?m)^{name}=(.*)$", unit)[1] for name in ("ExecStart", "User"))
        self.root.good(*command.split(), user=user)

    def queued(self) -> Dict[str, Tuple[str, bytes]]:
        """Each closing's file, with owner, mode and content."""
        files = [path for folder in (SPOOL, f"{STATE}/due", f"{STATE}/failed")
                 for path in self.root.at(folder).glob("*")]
        names = {"/" + str(path.relative_to(self.root.path)): path for path in files}
        return {name: (self.root.stat(name), path.read_bytes()) for name, path in names.items()}

    def assertSent(self, **closings: str) -> None:
        self.assertEqual({text: self.service.actions(TENANT, request) for text, request in closings.items()},
                         {text: text for text in closings})
        self.assertEqual(self.queued(), {})

    def assertFolders(self) -> None:
        self.assertEqual(self.root.stat(STATE), "700 mmdclose mmdclose")
        self.assertEqual(self.root.stat(SPOOL), "1730 mmdclose mmdclose-add")


class Installed(Case):
    def test_users_and_folders(self):
        self.assertFolders()
        self.assertRegex(self.root.at("/etc/passwd").read_text(encoding="ascii"),
                         r"(?m)^mmdclose:.*:/var/lib/mmdclose:/usr/sbin/nologin$")

    def test_nothing_is_enabled(self):
        self.assertEqual(self.root.good("find", "/etc/systemd", "/run", "-name", "*mmdclose*"), "")
        for unit in UNITS:
            self.assertIn("/usr/bin/mmdclose" if "service" in unit else "mmdclose-",
                          self.root.at(f"/lib/systemd/system/{unit}").read_text(encoding="ascii"))

    def test_the_configuration_is_the_example(self):
        self.assertEqual(self.root.stat(CONF), "644 root root")
        self.assertEqual(self.root.at(CONF).read_bytes(), (SOURCE / "examples/mmdclose.conf").read_bytes())
        self.root.good("mmdclose", "config", user="kiosk")

    def test_all_is_as_it_was_packed(self):
        self.assertEqual(self.root.good("dpkg", "--audit") + self.root.good("dpkg", "--verify"), "")
        version = re.search(r'MMD_VERSION "(.*)"', (SOURCE / "include/mmdclose/version.h").read_text("ascii"))[1]
        self.assertEqual(self.root.good("mmdclose", "--version").split()[1], version)
        self.assertTrue(self.root.good("dpkg-query", "-W", "-f", "${Version}", "mmdclose").startswith(f"{version}-"))

    def test_what_was_added_is_sent(self):
        self.configure()
        request = self.add("Restarted.")
        self.assertEqual([seen for seen, _ in self.queued().values()], ["644 kiosk kiosk"])
        self.flush()
        self.assertSent(**{"Restarted.": request})

    def test_a_stranger_cannot_add(self):
        self.configure()
        with self.assertRaisesRegex(AssertionError, "denied"):
            self.add("Restarted.", user="stranger")
        self.assertEqual(self.queued(), {})


class NotInstalled(Case):
    installed = False

    def test_a_configuration_that_is_there_before(self):
        self.root.write(CONF, f"tenant = {TENANT}\n", 0o640)
        self.root.install(PACKAGES)
        self.assertEqual((self.root.at(CONF).read_text(encoding="ascii"), self.root.stat(CONF)),
                         (f"tenant = {TENANT}\n", "640 root root"))

    def test_programs_are_built_with_the_library(self):
        """By this system's compiler, and run where only the shared library is installed; then by the archive, without
        that."""
        developed = Root(memory, packed, memory.base)
        self.addCleanup(developed.leave)
        (memory.folder / "program.c").write_text(PROGRAM, encoding="ascii")
        folder = next(developed.at("/usr/lib").glob("*/pkgconfig"))
        environment = {**os.environ, "PKG_CONFIG_LIBDIR": str(folder), "PKG_CONFIG_SYSROOT_DIR": str(developed.path)}
        flags = good("pkg-config", "--cflags", "--libs", "mmdclose", env=environment).split()
        program = self.root.at("/tmp/program")
        good("cc", memory.folder / "program.c", f"-I{developed.at('/usr/include')}", f"-L{folder.parent}", *flags,
             "-o", program)
        self.assertNotEqual(self.root.run("/tmp/program").returncode, 0)
        self.root.install([package for package in PACKAGES if re.match(r"libmmdclose\d", package.name)])
        version = self.root.good("/tmp/program")
        good("cc", memory.folder / "program.c", f"-I{developed.at('/usr/include')}", folder.parent / "libmmdclose.a",
             "-pthread", "-o", program)
        self.root.good("dpkg", "-r", self.root.good("dpkg-query", "-W", "-f", "${Package}", "libmmdclose*").strip())
        self.assertEqual(self.root.good("/tmp/program"), version)


class Upgraded(Case):
    def test_the_queue_is_kept_and_sent(self):
        self.configure()
        taken_in = self.add("Taken in.")
        self.take_in()
        added = self.add("Added.")
        conf, queued = self.root.at(CONF).read_bytes(), self.queued()
        self.assertEqual(sorted(path.rsplit("/", 1)[0] for path in queued), [f"{STATE}/due", SPOOL])
        self.root.install(newer)
        self.assertEqual(self.root.good("dpkg-query", "-W", "-f", "${Version}", "mmdclose"), NEWER)
        self.assertEqual(self.queued(), queued)
        self.assertFolders()
        self.assertEqual(self.root.at(CONF).read_bytes(), conf)
        self.assertEqual(self.root.at(EXAMPLE).read_text(encoding="ascii"), "# newer\n")
        self.flush()
        self.assertSent(**{"Taken in.": taken_in, "Added.": added})

    def test_a_configuration_that_was_removed_stays_away(self):
        self.root.at(CONF).unlink()
        self.root.install(newer)
        self.assertFalse(self.root.at(CONF).exists())


class Removed(Case):
    def test_remove_keeps_queue_and_configuration(self):
        self.configure()
        taken_in = self.add("Taken in.")
        self.take_in()
        added = self.add("Added.")
        self.root.write("/run/mmdclose/token", "token\n", 0o600, "mmdclose")
        conf, queued = self.root.at(CONF).read_bytes(), self.queued()
        said = self.root.good("dpkg", "-r", "mmdclose")
        self.assertIn("closings that were not sent: 2.", said)
        self.assertEqual((self.queued(), self.root.at(CONF).read_bytes()), (queued, conf))
        self.assertFalse(self.root.at("/run/mmdclose").exists())
        self.assertEqual(list(self.root.at("/lib/systemd/system").glob("mmdclose*")), [])
        self.assertFalse(self.root.at("/usr/bin/mmdclose").exists())
        self.root.install(PACKAGES)
        self.flush()
        self.assertSent(**{"Taken in.": taken_in, "Added.": added})

    def test_with_nothing_to_send_it_says_nothing(self):
        self.assertNotIn("closings", self.root.good("dpkg", "-r", "mmdclose"))
        self.assertFolders()

    def test_purge_removes_an_empty_queue(self):
        self.configure()
        request = self.add("Restarted.")
        self.flush()
        self.assertSent(**{"Restarted.": request})
        self.root.write("/etc/credstore/mmdclose.secret", "secret\n", 0o600)
        said = self.root.good("dpkg", "-P", "mmdclose")
        self.assertIn("/etc/credstore/mmdclose.secret is not removed", said)
        self.assertNotIn("closings", said)
        self.assertEqual(self.root.good("find", "/etc", "/var", "-name", "*mmdclose*", "-not", "-path",
                                        "*/dpkg/info/libmmdclose*").split(), ["/etc/credstore/mmdclose.secret"])
        self.root.good("id", "mmdclose")

    def test_purge_keeps_what_was_not_sent(self):
        self.configure()
        conf = self.root.at(CONF).read_bytes()
        taken_in = self.add("Taken in.")
        self.take_in()
        queued = self.queued()
        said = self.root.good("dpkg", "-P", "mmdclose")
        self.assertRegex(said, f"{STATE} and {SPOOL} are not removed.* not sent: 1\\.")
        self.assertEqual(self.queued(), queued)
        self.assertFalse(self.root.at(CONF).exists())
        self.root.install(PACKAGES)
        self.assertFolders()
        self.root.at(CONF).write_bytes(conf)
        self.flush()
        self.assertSent(**{"Taken in.": taken_in})

    def test_purge_keeps_what_was_refused_or_not_taken_in(self):
        self.configure()
        self.add("Of no request.", is_open=False)
        self.root.run("mmdclose", "queue", "flush", user="mmdclose")
        self.add("Added.")
        queued = self.queued()
        self.assertEqual(sorted(path.rsplit("/", 1)[0] for path in queued), [f"{STATE}/failed", SPOOL])
        self.assertIn("not sent: 2.", self.root.good("dpkg", "-P", "mmdclose"))
        self.assertEqual(self.queued(), queued)


class Systemd(Case):
    """A stand-in for systemctl, where systemd seems to run. Nothing is active; what is enabled, the real one knows."""

    def setUp(self) -> None:
        super().setUp()
        self.root.write("/usr/local/bin/systemctl", STAND_IN, 0o755)
        self.root.at("/run/systemd/system").mkdir(parents=True)
        self.root.environment["PATH"] = "/usr/local/bin:" + self.root.environment["PATH"]

    def asked(self) -> List[str]:
        """To start, restart or stop, and which units; what was asked before is forgotten."""
        path = self.root.at("/asked")
        lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        words = [re.sub(r"--\S+ *", "", line).split() for line in lines]
        return sorted(f"{line[0]} {unit}" for line in words if line[0] in ("start", "restart", "stop")
                      for unit in line[1:])

    def test_installing_starts_nothing(self):
        self.root.good("dpkg", "-P", "mmdclose")
        self.asked()
        self.root.install(PACKAGES)
        self.assertEqual(self.asked(), [])

    def test_upgrading_what_is_not_enabled_starts_nothing(self):
        self.root.install(newer)
        self.assertEqual(self.asked(), [])

    def test_upgrading_what_is_enabled_starts_it_again(self):
        self.root.good("/bin/systemctl", "--root=/", "enable", "mmdclose.path", "mmdclose.timer")
        self.root.install(newer)
        self.assertEqual(self.asked(), ["restart mmdclose.path", "restart mmdclose.timer"])

    def test_removing_stops_all(self):
        self.root.good("dpkg", "-r", "mmdclose")
        self.assertEqual(self.asked(), sorted(f"stop {unit}" for unit in UNITS))


class Enabled(Case):
    def links(self) -> List[str]:
        return sorted(self.root.good("find", "/etc/systemd", "-name", "mmdclose*", "-printf", "%f\n").split())

    def test_what_is_enabled_stays_so_until_the_purge(self):
        self.root.good("systemctl", "enable", "mmdclose.path", "mmdclose.timer")
        self.assertEqual(self.links(), ["mmdclose.path", "mmdclose.timer"])
        self.root.install(newer)
        self.assertEqual(self.links(), ["mmdclose.path", "mmdclose.timer"])
        self.root.good("dpkg", "-P", "mmdclose")
        self.assertEqual(self.links(), [])


if __name__ == "__main__":
    unittest.main()
