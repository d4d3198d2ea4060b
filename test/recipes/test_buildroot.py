# SPDX-License-Identifier: MIT
"""Buildroot: Config.in read by a parser of Kconfig; the package built and installed by its own commands, with the
native compiler; the service started by BusyBox as init, in a root of its own (so this has to run as root)."""
import os
import re
import shutil
import unittest
from pathlib import Path
from typing import Dict

from recipe import CFLAGS, HERE, JOBS, JSMN, SITE, VERSION, Case, kconfig, run, sha256

# What Config.in refers to, as Buildroot has it.
OTHERS = "\n".join(f"config BR2_{name}\n\tbool \"{name}\"\n" for name in (
    "USE_MMU", "TOOLCHAIN_HAS_THREADS", "TOOLCHAIN_GCC_AT_LEAST_8", "PACKAGE_CA_CERTIFICATES", "PACKAGE_JSMN", "PACKAGE_MBEDTLS",
    "INIT_SYSTEMD", "STATIC_LIBS"))
TARGET = {"USE_MMU": "y", "TOOLCHAIN_HAS_THREADS": "y", "TOOLCHAIN_GCC_AT_LEAST_8": "y", "PACKAGE_MMDCLOSE": "y"}
REQUEST = "c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e02"
CONF = """tenant = 5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11
token-file = /etc/mmdclose/token
"""
SERVICE = """set -e
until_() {
    for _ in $(seq 300); do eval "$1" && return; sleep 0.1; done
    echo "never: $1"
    cat /var/log/messages
    exit 1
}
syslogd -O /var/log/messages
/etc/init.d/S99mmdclose start
/etc/init.d/S99mmdclose start || :
until_ 'pidof mmdclose >/dev/null'
su -s /bin/sh kiosk -c 'mmdclose queue add --request REQUEST --actions "Done."' >/dev/null
until_ 'su -s /bin/sh mmdclose -c "mmdclose queue list" | grep -q REQUEST'
until_ 'grep -q "mmdclose: .*REQUEST" /var/log/messages'
stat -c '%a %U %n' /run/mmdclose
ps -o user,args | grep '[q]ueue flush'
/etc/init.d/S99mmdclose stop
until_ '! pidof mmdclose logger sleep >/dev/null'
""".replace("REQUEST", REQUEST)


class Buildroot(Case):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.package = cls.packaging / "buildroot"
        cls.output = cls.folder / "output"
        shutil.copytree(JSMN, cls.output / "host/sysroot/usr/include", ignore=lambda folder, names: {
            name for name in names if name != "jsmn.h"})  # as the package jsmn installs it
        cls.target = cls.output / "target"
        cls.built = cls.make("all", {**TARGET, "PACKAGE_MMDCLOSE_LIBRARY": "y"})

    @classmethod
    def make(cls, goal: str, wanted: Dict[str, str], target: str = "target") -> str:
        """Buildroot's make, with the options that Config.in gives for the wanted ones."""
        options = cls.options(wanted)
        return run("make", "-s", *JOBS, "-f", HERE / "buildroot/buildroot.mk", goal, f"PKGDIR={cls.package}",
                   f"OUTPUT={cls.output}", f"DL_DIR={cls.dl}", f"TEST_CFLAGS={CFLAGS}",
                   f"TARGET_DIR={cls.output / target}", *(f"{name}={value}" for name, value in options.items()))

    @classmethod
    def options(cls, wanted: Dict[str, str]) -> Dict[str, str]:
        return kconfig(f"{OTHERS}\nsource \"{cls.package}/Config.in\"\n", cls.folder,
                       {f"BR2_{name}": value for name, value in wanted.items()}, prefix="")

    def shown(self, **wanted: str) -> Dict[str, str]:
        text = self.make("show", {**TARGET, **wanted})
        words = dict(line.split(" ", 1) for line in text.splitlines() if re.match(r"[A-Z_]+ ", line))
        users, _, permissions = text.partition("USERS\n")[2].partition("PERMISSIONS\n")
        return {**words, "USERS": users, "PERMISSIONS": permissions}

    def test_options(self):
        found = self.options(TARGET)
        self.assertEqual((found["BR2_PACKAGE_CA_CERTIFICATES"], found["BR2_PACKAGE_JSMN"]), ("y", "y"))
        self.assertNotIn("BR2_PACKAGE_MBEDTLS", found)
        self.assertIn("BR2_PACKAGE_MBEDTLS", self.options({**TARGET, "PACKAGE_MMDCLOSE_SYSTEM_MBEDTLS": "y"}))
        with self.assertRaisesRegex(AssertionError, "BR2_PACKAGE_MMDCLOSE is n"):
            self.options({**TARGET, "TOOLCHAIN_HAS_THREADS": "n"})

    def test_downloads_and_licences_have_hashes(self):
        shown = self.shown()
        hashes = {line.split()[2]: line.split()[1] for line in
                  (self.package / "mmdclose.hash").read_text(encoding="ascii").splitlines() if line[0] != "#"}
        downloads = [f"{shown['SITE']}/{shown['SOURCE']}", *shown["EXTRA_DOWNLOADS"].split()]
        self.assertEqual(downloads[0], f"{SITE}/{self.archive.name}")
        for name in [Path(url).name for url in downloads] + shown["LICENSE_FILES"].split():
            self.assertIn(name, hashes)
        built = self.output / f"build/mmdclose-{VERSION}"
        for name in shown["LICENSE_FILES"].split():
            self.assertEqual(sha256(built / name), hashes[name], name)
        self.assertEqual(sha256(self.archive), hashes[self.archive.name])
        self.assertEqual(shown["LICENSE"], "MIT , Apache-2.0 (Mbed TLS)")

    def test_command(self):
        self.assertEqual(run(self.target / "usr/bin/mmdclose", "--version").split()[:2], ["mmdclose", VERSION])
        self.assertEqual((self.target / "etc/mmdclose.conf").read_text(encoding="ascii").splitlines()[-1],
                         "drop-dir = /var/lib/mmdclose-add")
        self.assertEqual(list(self.target.rglob("systemd")), [])

    def test_library(self):
        staging = self.output / "host/sysroot"
        source = self.folder / "program.c"
        source.write_text("#include <mmdclose/version.h>\n#include <stdio.h>\n"
                          "int main(void) { return puts(mmd_version()) < 0; }\n", encoding="ascii")
        for name in ("libmmdclose.so", "libmmdclose.a"):
            run("gcc", "-o", self.folder / name[-1], source, f"-I{staging}/usr/include", staging / "usr/lib" / name,
                "-pthread", f"-Wl,-rpath,{self.target}/usr/lib")
            self.assertEqual(run(self.folder / name[-1]), f"{VERSION}\n")

    def test_systemd(self):
        (self.output / f"build/mmdclose-{VERSION}/.stamp_target_installed").unlink()
        self.make("all", {**TARGET, "PACKAGE_MMDCLOSE_LIBRARY": "y", "INIT_SYSTEMD": "y"}, "systemd")
        root = self.output / "systemd"
        unit = (root / "usr/lib/systemd/system/mmdclose-flush.service").read_text(encoding="ascii")
        self.assertIn("ExecStart=/usr/bin/mmdclose queue flush", unit)
        self.assertTrue((root / "usr/lib/tmpfiles.d/mmdclose.conf").is_file())
        self.assertFalse((root / "etc/init.d").exists())
        self.assertNotIn("\ndrop-dir", (root / "etc/mmdclose.conf").read_text(encoding="ascii"))
        self.assertEqual(self.shown(INIT_SYSTEMD="y")["PERMISSIONS"].strip(), "")

    def test_what_is_asked_of_make(self):
        """Not built here: the package mbedtls would have to be 3.6."""
        shown = self.shown(PACKAGE_MMDCLOSE_SYSTEM_MBEDTLS="y")
        self.assertIn("SYSTEM_MBEDTLS=1", shown["MAKE_OPTS"].split())
        self.assertEqual(shown["DEPENDENCIES"].split(), ["jsmn", "host-pkgconf", "mbedtls"])
        self.assertNotIn("EXTRA_DOWNLOADS ", shown)
        self.assertEqual(shown["LICENSE"], "MIT")
        self.assertNotIn("SYSTEM_MBEDTLS=1", self.shown()["MAKE_OPTS"])
        self.assertIn("SHARED=no", self.shown()["MAKE_OPTS"].split())
        self.assertIn("SHARED=no", self.shown(PACKAGE_MMDCLOSE_LIBRARY="y", STATIC_LIBS="y")["MAKE_OPTS"].split())

    def test_service(self):
        root = self.make_root(self.shown())
        mounts = (f"mount --bind /dev/null {root}/dev/null && mount -t proc proc {root}/proc && "
                  f"exec chroot {root} sh /test")
        said = run("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", mounts)
        self.assertEqual(said.splitlines(), [
            "Starting mmdclose: OK", "Starting mmdclose: FAIL", "700 mmdclose /run/mmdclose",
            "mmdclose /usr/bin/mmdclose queue flush --watch", "Stopping mmdclose: OK"])

    def make_root(self, shown: Dict[str, str]) -> Path:
        """The target with users and folders by the package's tables, as mkusers and makedevs make them; BusyBox; and
        the libraries of this system."""
        root = self.folder / "root"
        shutil.copytree(self.target, root, symlinks=True)
        for name in ("bin", "dev", "proc", "run", "tmp", "var/log", "etc/mmdclose"):
            (root / name).mkdir(parents=True, exist_ok=True)
        numbers = self.add_users(root, shown["USERS"])
        for line in shown["PERMISSIONS"].strip().splitlines():
            name, kind, mode, user, group, *rest = line.split()
            self.assertEqual((kind, rest), ("d", ["-"] * 5))
            (root / name[1:]).mkdir(parents=True, exist_ok=True)
            os.chown(root / name[1:], numbers[user], numbers[group])
            (root / name[1:]).chmod(int(mode, 8))
        shutil.copy("/bin/busybox", root / "bin/busybox")
        run("chroot", root, "/bin/busybox", "--install", "-s", "/bin")
        for library in re.findall(r"(/\S+) \(0x", run("ldd", root / "usr/bin/mmdclose")):
            (root / library[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, root / library[1:])
        (root / "dev/null").touch()
        (root / "test").write_text(SERVICE, encoding="ascii")
        with (root / "etc/mmdclose.conf").open("a", encoding="ascii") as conf:
            conf.write(CONF)
        token = root / "etc/mmdclose/token"
        token.write_text("token\n", encoding="ascii")
        token.chmod(0o400)
        os.chown(token, numbers["mmdclose"], 0)
        return root

    def add_users(self, root: Path, table: str) -> Dict[str, int]:
        users, groups, numbers = ["root:x:0:0::/:/bin/sh"], ["root:x:0:"], {}
        for line in table.strip().splitlines():
            name, uid, group, gid, password, home, shell, _, comment = line.split(None, 8)
            self.assertEqual((uid, gid, shell), ("-1", "-1", "-"))
            numbers[group] = 100 + len(numbers)
            groups.append(f"{group}:x:{numbers[group]}:{'kiosk' if group == 'mmdclose-add' else ''}")
            if name != "-":
                self.assertEqual(password, "*")
                users.append(f"{name}:{password}:{numbers[group]}:{numbers[group]}:{comment}:{home}:/bin/false")
        users.append("kiosk:x:1000:1000::/:/bin/false")
        for name, lines in (("passwd", users), ("group", groups)):
            (root / "etc" / name).write_text("\n".join(lines) + "\n", encoding="ascii")
        return numbers


if __name__ == "__main__":
    unittest.main()
