# SPDX-License-Identifier: MIT
"""OpenWrt: the package's options read by a parser of Kconfig; its files built and collected by its own steps, with the
native compiler; the service's script run by BusyBox's shell, with OpenWrt's functions for users as they are described,
and a procd that only notes what it is given."""
import re
import shutil
import unittest
from typing import Dict

from recipe import CFLAGS, HERE, JOBS, SITE, VERSION, Case, kconfig, run, sha256

SERVICE = """root=$1
group_add_next() { echo "group $1" >&2; echo 32768; }
group_exists() { false; }
user_exists() { false; }
user_add() { echo "user $1 $3 $5" >&2; }
mkdir() { :; }
chown() { echo "owner $*" >&2; }
chmod() { echo "mode $*" >&2; }
for function in open_instance close_instance; do eval "procd_$function() { :; }"; done
procd_set_param() { echo "$*" >&2; }
. "$root/etc/init.d/mmdclose"
echo "START $START USE_PROCD $USE_PROCD" >&2
start_service
"""


class OpenWrt(Case):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.top = cls.folder / "openwrt"
        shutil.copytree(HERE / "openwrt", cls.top)
        cls.make("all")
        cls.files = cls.top / "package"

    @classmethod
    def make(cls, *words: str) -> str:
        return run("make", "-s", *JOBS, "-C", cls.packaging / "openwrt", f"TOPDIR={cls.top}", f"DL_DIR={cls.dl}",
                   f"TEST_CFLAGS={CFLAGS}", *words)

    def shown(self, *words: str) -> Dict[str, str]:
        return dict(line.split(" ", 1) for line in self.make("show", *words).splitlines() if " " in line)

    def block(self, name: str) -> str:
        text = (self.packaging / "openwrt/Makefile").read_text(encoding="utf-8")
        return re.search(rf"^define Package/mmdclose/{name}\n(.*?)^endef", text, re.M | re.S)[1]

    def test_options(self):
        text = f"config PACKAGE_mmdclose\n\tbool \"mmdclose\"\n{self.block('config')}"
        self.assertEqual(kconfig(text, self.folder, {"PACKAGE_mmdclose": "y"}), {"PACKAGE_mmdclose": "y"})
        kconfig(text, self.folder, {"PACKAGE_mmdclose": "y", "MMDCLOSE_SYSTEM_MBEDTLS": "y"})

    def test_downloads(self):
        downloads = dict(word.split("=") for word in self.shown()["downloads"].split())
        self.assertEqual(sorted(url.rpartition("/")[2] for url in downloads),
                         ["jsmn-1.1.0.tar.gz", "mbedtls-3.6.7.tar.bz2"])
        self.assertTrue(all(re.fullmatch("[0-9a-f]{64}", digest) for digest in downloads.values()))
        text = (self.packaging / "openwrt/Makefile").read_text(encoding="utf-8")
        self.assertIn(f"\nPKG_SOURCE_URL:={SITE}\nPKG_HASH:={sha256(self.archive)}\n", text)

    def test_files(self):
        found = {str(path.relative_to(self.files)): f"{path.stat().st_mode & 0o777:o}"
                 for path in self.files.rglob("*") if path.is_file()}
        self.assertEqual(found, {"usr/bin/mmdclose": "755", "etc/init.d/mmdclose": "755", "etc/mmdclose.conf": "644"})
        self.assertEqual(run(self.files / "usr/bin/mmdclose", "--version").split()[:2], ["mmdclose", VERSION])
        self.assertEqual(self.block("conffiles").split(), ["/etc/mmdclose.conf", "/etc/mmdclose/"])

    def test_service(self):
        script = self.files / "etc/init.d/mmdclose"
        run("busybox", "ash", "-n", script)
        said = run("busybox", "ash", "-c", SERVICE, "ash", self.files).splitlines()
        command = next(line for line in said if line.startswith("command ")).split()
        folders = dict(line.split(" = ") for line in
                       (self.files / "etc/mmdclose.conf").read_text(encoding="ascii").splitlines() if " = " in line
                       and line[0] != "#")
        self.assertEqual(set(folders), {"state-dir", "drop-dir"})
        for name, path in folders.items():  # the adding program and the service mean the same folders
            self.assertEqual(command[command.index(f"--{name}") + 1], path)
            self.assertTrue(path.startswith("/etc/mmdclose/"), "kept, and not in memory")
        self.assertEqual(command[1], "/usr/bin/mmdclose")
        self.assertTrue({"user mmdclose", "START 99 USE_PROCD 1", "user mmdclose 32768 /etc/mmdclose/queue",
                         "owner mmdclose:mmdclose-add /etc/mmdclose/add", "mode 1730 /etc/mmdclose/add"} <= set(said))

    def test_what_is_asked_of_make(self):
        """Not built here: OpenWrt's libmbedtls has a configuration of its own."""
        bundled, system = self.shown(), self.shown("CONFIG_MMDCLOSE_SYSTEM_MBEDTLS=y")
        self.assertIn("SYSTEM_MBEDTLS=1", system["MAKE_FLAGS"].split())
        self.assertNotIn("MBEDTLS_DIR", system["MAKE_FLAGS"])
        self.assertNotIn("mbedtls", system["downloads"])
        self.assertIn("MBEDTLS_DIR=deps/mbedtls-3.6.7", bundled["MAKE_FLAGS"].split())
        self.assertEqual(bundled["DEPENDS"], "+ca-bundle +MMDCLOSE_SYSTEM_MBEDTLS:libmbedtls")
        self.assertEqual(bundled["USERID"], "mmdclose:mmdclose")
        self.assertTrue(all(bundled[name] for name in ("SECTION", "CATEGORY", "TITLE")))


if __name__ == "__main__":
    unittest.main()
