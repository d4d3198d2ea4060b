# SPDX-License-Identifier: MIT
"""ESP-IDF: the component's manifest and Kconfig read by parsers; the component built by CMake with an ESP-IDF that has
what the component uses of it, natively; the program closes requests of the stand-in service. Mbed TLS's configuration
is its default one with the callback for trust anchors, and random bytes are its own."""
import unittest

import yaml

from recipe import HERE, JSMN, MBEDTLS, ROOT, Case, closes, configure, kconfig, run

OTHERS = """config MBEDTLS_X509_TRUSTED_CERT_CALLBACK
    bool "Enable trusted certificate callbacks"
"""
COMPONENT = ROOT / "packaging/esp-idf/mmdclose"


class EspIdf(Case):
    def symbols(self, **wanted):
        return kconfig(f"{OTHERS}\nsource \"{COMPONENT}/Kconfig\"\n", self.folder, wanted)

    def test_manifest(self):
        manifest = yaml.safe_load((COMPONENT / "idf_component.yml").read_text(encoding="utf-8"))
        self.assertEqual(set(manifest), {"version", "description", "license", "dependencies"})
        self.assertEqual(manifest["dependencies"], {"idf": ">=5.3,<6.0"})

    def test_what_it_requires(self):
        said = run("cmake", f"-DCOMPONENT={COMPONENT}", "-P", HERE / "esp-idf/early.cmake")
        self.assertEqual(said, "-- REQUIRES;mbedtls\n")

    def test_program(self):
        symbols = self.symbols(MBEDTLS_X509_TRUSTED_CERT_CALLBACK="y")
        self.assertEqual(symbols["MMDCLOSE_TLS_WORDS"], "160")
        build = configure(HERE / "esp-idf", self.folder / "build", symbols, COMPONENT=COMPONENT, MBEDTLS_DIR=MBEDTLS,
                          MMDCLOSE_JSMN_INCLUDE_DIR=JSMN)
        self.assertIn("as it should be", closes(build / "closing"))
        self.assertNotIn(" T mmd_linux", run("nm", build / "mmdclose/mmdclose/libmmdclose.a"))


if __name__ == "__main__":
    unittest.main()
