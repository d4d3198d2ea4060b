# SPDX-License-Identifier: MIT
"""What the recipes say alike: version, hashes, where sources come from; and that none lists sources of its own."""
import re
import subprocess
import unittest

from recipe import MBEDTLS, ROOT, SITE, VERSION, Case, sha256

RECIPES = ["buildroot/mmdclose.mk", "buildroot/mmdclose.hash", "openwrt/Makefile", f"yocto/mmdclose_{VERSION}.bb"]


class Recipes(Case):
    def texts(self):
        return {name: (self.packaging / name).read_text(encoding="utf-8") for name in RECIPES}

    def test_version(self):
        texts = self.texts()
        self.assertIn(f"MMDCLOSE_VERSION = {VERSION}\n", texts["buildroot/mmdclose.mk"])
        self.assertIn(f"  mmdclose-{VERSION}.tar.gz\n", texts["buildroot/mmdclose.hash"])
        self.assertIn(f"PKG_VERSION:={VERSION}\n", texts["openwrt/Makefile"])
        component = (self.packaging / "esp-idf/mmdclose/idf_component.yml").read_text(encoding="utf-8")
        self.assertIn(f'version: "{VERSION}"\n', component)

    def test_mbedtls_is_what_the_project_takes(self):
        deps = (ROOT / "tools/deps.sh").read_text(encoding="utf-8")
        version = re.search(r"^mbedtls=(\S+)", deps, re.M)[1]
        digest = re.search(r"^mbedtls_sha256=(\S+)", deps, re.M)[1]
        texts = self.texts()
        for name in RECIPES:
            self.assertEqual(set(re.findall(r"mbedtls-(3[\d.]*\d)", texts[name])), {version}, name)
        for name in RECIPES[1:]:
            self.assertIn(digest, texts[name])
        self.assertIn(sha256(MBEDTLS / "LICENSE"), texts["buildroot/mmdclose.hash"])

    def test_pin(self):
        for name, text in self.texts().items():
            self.assertNotIn("mmdclose.invalid", text)
            if name != "buildroot/mmdclose.mk":
                self.assertIn(sha256(self.archive), text)
            if name != "buildroot/mmdclose.hash":
                self.assertIn(SITE, text)
        again = subprocess.run(["sh", self.packaging / "pin", self.archive, SITE], stderr=subprocess.PIPE, check=False)
        self.assertEqual((again.returncode, again.stderr), (1, b"pin: these recipes have a hash already\n"))
        nothing = subprocess.run(["sh", self.packaging / "pin", self.folder / "none", SITE], stderr=subprocess.PIPE,
                                 check=False)
        self.assertEqual(nothing.returncode, 2)

    def test_no_recipe_lists_sources(self):
        for path in self.packaging.rglob("*"):
            if path.is_file() and path.suffix != ".md":
                self.assertNotRegex(path.read_text(encoding="utf-8"), r"\b(?:src|port|programs)/\S*\.[ch]\b", path.name)


if __name__ == "__main__":
    unittest.main()
