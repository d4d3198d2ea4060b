# SPDX-License-Identifier: MIT
"""Zephyr: module.yml and Kconfig read by parsers; the module built by CMake with a Zephyr that has what the module uses
of it, natively; the program closes requests of the stand-in service. Mbed TLS's configuration is its default one, with
the module's header, and random bytes are Zephyr's."""
import re
import unittest

import yaml

from recipe import HERE, JSMN, MBEDTLS, Case, closes, configure, kconfig, run

OTHERS = """config MBEDTLS
	bool "Mbed TLS"
config MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
	bool "Random bytes of Zephyr"
config MBEDTLS_USER_CONFIG_FILE
	string "User configuration"
"""


class Zephyr(Case):
    def setUp(self):
        self.root = self.packaging
        self.module = yaml.safe_load((self.root / "zephyr/module.yml").read_text(encoding="utf-8"))

    def symbols(self, **wanted):
        return kconfig(f"{OTHERS}\nsource \"{self.root}/{self.module['build']['kconfig']}\"\n", self.folder, wanted)

    def test_module(self):
        self.assertEqual(self.module, {"name": "mmdclose", "build": {
            "cmake": "zephyr", "kconfig": "zephyr/Kconfig", "depends": ["mbedtls"]}})
        self.assertEqual(self.symbols(MBEDTLS="y", MMDCLOSE="y")["MMDCLOSE_TLS_WORDS"], "160")
        self.assertNotIn("MMDCLOSE_TLS_WORDS", self.symbols(MBEDTLS="y"))
        with self.assertRaisesRegex(AssertionError, "MMDCLOSE is n"):
            self.symbols(MBEDTLS="n", MMDCLOSE="y")

    def test_program(self):
        # The project's own CMakeLists.txt is two folders above: not of the copy.
        module = HERE.parents[1] / "packaging" / self.module["build"]["cmake"]
        header = next(module.glob("*.h")).name
        symbols = self.symbols(MBEDTLS="y", MMDCLOSE="y", MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG="y",
                               MBEDTLS_USER_CONFIG_FILE=header)
        build = configure(HERE / "zephyr", self.folder / "build", symbols, MODULE=module, MBEDTLS_DIR=MBEDTLS,
                          MMDCLOSE_JSMN_INCLUDE_DIR=JSMN)
        self.assertIn("as it should be", closes(build / "closing"))
        names = run("nm", build / "modules/mmdclose/mmdclose/libmmdclose.a")
        self.assertRegex(names, r" T mmd_client_start\n")
        self.assertIsNone(re.search(r" T mmd_linux", names), "the application brings its port")


if __name__ == "__main__":
    unittest.main()
