# SPDX-License-Identifier: MIT
"""Yocto: the recipe read by bitbake.py, which knows what of BitBake's syntax it uses; its do_compile and do_install run
by a shell, with the native compiler, in the environment that BitBake gives; what they made dealt out to packages."""
import fnmatch
import hashlib
import re
import unittest
from pathlib import Path
from typing import Dict, List

from bitbake import Recipe
from recipe import CFLAGS, JOBS, SITE, VERSION, Case, run, sha256

# Of bitbake.conf and the classes that are inherited.
GIVEN = {"BPN": "mmdclose", "BP": "mmdclose-${PV}", "prefix": "/usr", "bindir": "/usr/bin", "libdir": "/usr/lib64",
         "datadir": "/usr/share", "sysconfdir": "/etc", "localstatedir": "/var", "docdir": "/usr/share/doc",
         "mandir": "/usr/share/man", "includedir": "/usr/include", "systemd_system_unitdir": "/usr/lib/systemd/system",
         "DISTRO_FEATURES": "ipv4 systemd usrmerge",
         "PACKAGES": "${PN}-staticdev ${PN}-dev ${PN}-doc ${PN} ${PN}-bash-completion",
         "FILES:mmdclose": "${bindir}/* ${libdir}/lib*.so.* ${sysconfdir} ${localstatedir} ${datadir}/${BPN}",
         "FILES:mmdclose-dev": "${includedir} ${libdir}/lib*.so ${libdir}/pkgconfig ${libdir}/cmake ${datadir}/cmake",
         "FILES:mmdclose-staticdev": "${libdir}/*.a", "FILES:mmdclose-doc": "${docdir} ${mandir}",
         "FILES:mmdclose-bash-completion": "${datadir}/bash-completion", "RDEPENDS:mmdclose": "", "DEPENDS": ""}
BUILD_ID = "6d6d64636c6f7365"  # which LDFLAGS give, to see that they arrive
ENVIRONMENT = {"CC": "gcc -m64", "CPP": "gcc -E", "LD": "ld", "AR": "gcc-ar", "NM": "gcc-nm", "STRIP": "strip",
               "OBJCOPY": "objcopy", "RANLIB": "gcc-ranlib", "CPPFLAGS": "", "CFLAGS": CFLAGS,
               "LDFLAGS": f"-Wl,--build-id=0x{BUILD_ID}", "SOURCE_DATE_EPOCH": "1800000000"}
OE = """set -e
export %s
oe_runmake() { make %s ${EXTRA_OEMAKE} "$@"; }
%s() {
%s}
cd ${S}
%s
"""


class Yocto(Case):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.work = cls.folder / "work"
        (cls.work / f"mmdclose-{VERSION}/deps").mkdir(parents=True)
        for url in cls.recipe().words("SRC_URI"):
            place, *words = url.split(";")
            parameters = dict(word.split("=") for word in words)
            if place.startswith("git:"):
                folder = cls.work / parameters["destsuffix"]
                folder.mkdir()
                run("tar", "-C", folder, "--strip-components=1", "-xf", cls.dl / "jsmn-1.1.0.tar.gz")
            else:
                run("tar", "-C", cls.work / parameters.get("subdir", ""), "-xf", cls.dl / Path(place).name)
        cls.do("do_compile", cls.recipe())
        cls.image = cls.folder / "image"
        cls.do("do_install", cls.recipe(D=str(cls.image)))

    @classmethod
    def recipe(cls, **given: str) -> Recipe:
        return Recipe(cls.packaging / f"yocto/mmdclose_{VERSION}.bb",
                      {**GIVEN, "S": f"{cls.work}/${{BP}}", **given})

    @classmethod
    def do(cls, task: str, recipe: Recipe) -> None:
        script = OE % (" ".join(f"{name}='{value}'" for name, value in ENVIRONMENT.items()), " ".join(["-s", *JOBS]),
                       task, recipe.functions[task], task)
        script = recipe.expand(script)
        run("sh", "-c", script)

    def packages(self, image: Path, recipe: Recipe) -> Dict[str, List[str]]:
        """What is in which: the first whose FILES name a file, or a folder of it, has it."""
        found: Dict[str, List[str]] = {}
        for path in sorted(image.rglob("*")):
            if path.is_file():
                name = "/" + str(path.relative_to(image))
                package = next((package for package in recipe.words("PACKAGES")
                                if any(fnmatch.fnmatchcase(name, pattern) or name.startswith(f"{pattern}/")
                                       for pattern in recipe.words(f"FILES:{package}"))), "none")
                found.setdefault(package, []).append(name)
        return found

    def test_sources(self):
        recipe = self.recipe()
        for url in recipe.words("SRC_URI"):
            name = re.search(r";name=(\w+)", url)[1]
            if url.startswith("git:"):
                self.assertRegex(recipe.words(f"SRCREV_{name}")[0], "^[0-9a-f]{40}$")
            else:
                self.assertRegex(recipe.flags["SRC_URI", f"{name}.sha256sum"], "^[0-9a-f]{64}$")
        self.assertEqual(recipe.flags["SRC_URI", "mmdclose.sha256sum"], sha256(self.archive))
        self.assertTrue(recipe.words("SRC_URI")[0].startswith(f"{SITE}/{self.archive.name};"))
        for licence in recipe.words("LIC_FILES_CHKSUM"):
            name, digest = re.fullmatch(r"file://(.*);md5=(.*)", licence).groups()
            self.assertEqual(hashlib.md5((self.work / f"mmdclose-{VERSION}" / name).read_bytes()).hexdigest(), digest)

    def test_packages(self):
        found = self.packages(self.image, self.recipe())
        self.assertNotIn("none", found)
        self.assertEqual(found["mmdclose"], ["/etc/mmdclose.conf", "/usr/bin/mmdclose"] + [
            f"/usr/lib/{name}" for name in (
                "systemd/system/mmdclose-flush.service", "systemd/system/mmdclose-intake.service",
                "systemd/system/mmdclose.path", "systemd/system/mmdclose.timer", "sysusers.d/mmdclose.conf",
                "tmpfiles.d/mmdclose.conf")])
        library = "/usr/lib64/libmmdclose.so"
        self.assertEqual(found["libmmdclose"], [f"{library}.{VERSION.rpartition('.')[0]}", f"{library}.{VERSION}"])
        self.assertEqual(found["mmdclose-staticdev"], ["/usr/lib64/libmmdclose.a"])
        self.assertIn(library, found["mmdclose-dev"])
        self.assertEqual(found["mmdclose-zsh-completion"], ["/usr/share/zsh/site-functions/_mmdclose"])
        self.assertEqual(found["mmdclose-bash-completion"], ["/usr/share/bash-completion/completions/mmdclose"])

    def test_what_was_built(self):
        self.assertEqual(run(self.image / "usr/bin/mmdclose", "--version").split()[:2], ["mmdclose", VERSION])
        for name in ("usr/bin/mmdclose", "usr/lib64/libmmdclose.so"):
            self.assertIn(f"Build ID: {BUILD_ID}", run("readelf", "-n", self.image / name))
        units = self.image / "usr/lib/systemd/system"
        for unit in self.recipe().words("SYSTEMD_SERVICE:mmdclose"):
            self.assertIn("\n[Install]\n", (units / unit).read_text(encoding="ascii"))
        floor = self.work / f"mmdclose-{VERSION}/build/linux/include/clock_floor.h"
        self.assertIn(ENVIRONMENT["SOURCE_DATE_EPOCH"], floor.read_text(encoding="ascii"))

    def test_without_usrmerge_and_without_systemd(self):
        image = self.folder / "split"
        recipe = self.recipe(D=str(image), systemd_system_unitdir="/lib/systemd/system")
        self.do("do_install", recipe)
        self.assertEqual(len(list((image / "lib/systemd/system").iterdir())), 4)
        self.assertFalse((image / "usr/lib/systemd").exists())
        self.assertNotIn("none", self.packages(image, recipe))
        image = self.folder / "none"
        recipe = self.recipe(D=str(image), DISTRO_FEATURES="sysvinit")
        self.do("do_install", recipe)
        self.assertEqual(self.packages(image, recipe)["mmdclose"], ["/etc/mmdclose.conf", "/usr/bin/mmdclose"])

    def test_users_are_those_of_sysusers(self):
        recipe = self.recipe()
        self.assertEqual(set(recipe.inherited), {"pkgconfig", "systemd", "useradd", "bash-completion"})
        self.assertEqual(recipe.words("USERADD_PACKAGES"), ["mmdclose"])
        groups = [words.split()[-1] for words in recipe.get("GROUPADD_PARAM:mmdclose").split(";")]
        user = recipe.words("USERADD_PARAM:mmdclose")
        wanted = (self.image / "usr/lib/sysusers.d/mmdclose.conf").read_text(encoding="ascii")
        self.assertIn(f"\nu     {user[-1]} ", wanted)
        self.assertIn(f" {user[user.index('--home-dir') + 1]}\n", wanted)
        self.assertEqual(groups, ["mmdclose", re.search(r"^g +(\S+)", wanted, re.M)[1]])

    def test_options(self):
        """That of the system's Mbed TLS is not built here."""
        recipe = self.recipe(PACKAGECONFIG="system-mbedtls qrcode")
        words = recipe.words("EXTRA_OEMAKE")
        self.assertIn("SYSTEM_MBEDTLS=1", words)
        self.assertIn("QRCODE=yes", words)
        self.assertNotIn("mbedtls-3.6.7", " ".join(words + recipe.words("SRC_URI") + recipe.words("LIC_FILES_CHKSUM")))
        self.assertEqual([depends for _, depends in recipe.choices()], ["qrencode", "mbedtls"])
        self.assertIn("MBEDTLS_DIR=deps/mbedtls-3.6.7", self.recipe().words("EXTRA_OEMAKE"))


if __name__ == "__main__":
    unittest.main()
