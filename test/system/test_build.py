# SPDX-License-Identifier: MIT
"""The project built as others build it: in a folder of any name, for a board of their own; and what is installed, used
by pkg-config, by CMake, in C++, in a shell."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Dict, List, Set, Tuple

ROOT = Path(__file__).resolve().parents[2]
MBEDTLS = os.path.abspath(os.environ.get("MBEDTLS_DIR") or ROOT / "deps/mbedtls")
LWIP = os.environ.get("LWIP_DIR") or ROOT / "deps/lwip"
ANY_NAME = "any name @,~ü"
OTHERS = ("build", "deps", ".git", "__pycache__")
# What a make that runs this was told.
OURS = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "BUILD", "BOARD", "CC", "AR", "CFLAGS", "CPPFLAGS",
        "LDFLAGS", "WERROR", "V", "DESTDIR", "PREFIX", "MBEDTLS_DIR", "LWIP_DIR", "TRUST", "SSL_CERT_FILE")
CMAKE = """cmake_minimum_required(VERSION 3.13)
project(example LANGUAGES C)
find_package(PkgConfig REQUIRED)
pkg_check_modules(MMDCLOSE REQUIRED IMPORTED_TARGET mmdclose)
add_executable(example example.c)
target_link_libraries(example PRIVATE PkgConfig::MMDCLOSE)
find_package(mmdclose 0.2 REQUIRED)
foreach(target mmdclose mmdclose_static)
    add_executable(with_${target} example.c)
    target_link_libraries(with_${target} PRIVATE mmdclose::${target})
endforeach()
find_package(Later_mmdclose 0.3 QUIET NAMES mmdclose)
if(Later_mmdclose_FOUND)
    message(FATAL_ERROR "a later minor version is another interface")
endif()
"""
MAIN = """#include <mmdclose/close.h>
enum mmd_outcome close_request(const char *tenant, const char *request, const char *actions, const char *token,
                               const struct mmd_trust *trust);
int main(void)
{
    static const uint8_t anchors[1];
    return (int)close_request("tenant", "request", "Tried to.", "token", &(struct mmd_trust){anchors, sizeof anchors});
}
"""
USAGE = 2  # the example's exit status without arguments
# Mbed TLS's file and function -> what it calls, which takes a time that depends on an exponent.
PUBLIC_POWERS = {("rsa", "mmd_exp_mod_public", "mbedtls_mpi_exp_mod_unsafe"),
                 ("rsa", "mbedtls_rsa_public", "mmd_exp_mod_public"),
                 ("ecp", "mbedtls_ecp_sw_derive_y", "mbedtls_mpi_exp_mod_unsafe"),
                 ("bignum", "mbedtls_mpi_exp_mod_optionally_safe", "mmd_power")}


def run(*words: object, **options) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    environment.update(options.pop("env", {}))
    return subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=environment, **options)


def calls_of(objects: Path) -> Set[Tuple[str, str, str]]:
    """The file, the function and what it refers to, for all that was built with a section for each function."""
    found = set()
    for path in objects.glob("*.o"):
        listed = subprocess.run(["readelf", "-rW", path], check=True, stdout=subprocess.PIPE, text=True).stdout
        for section in re.split(r"^Relocation section '", listed, flags=re.M)[1:]:
            name = section.partition("'")[0]
            if caller := re.match(r"\.rela?\.text\.(.+)", name):
                for called in re.findall(r"^[0-9a-f]+ +[0-9a-f]+ \S+ +[0-9a-f]+ +(?:\.text\.)?([^\s+]+)", section, re.M):
                    found.add((path.stem, caller[1], called))
    return found


def code_of(page: str, language: str) -> str:
    """The first code of that language."""
    return re.search(rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)[1]


class Built(unittest.TestCase):
    """One copy of the sources, built and installed once."""
    @classmethod
    def setUpClass(cls) -> None:
        cls.scratch = Path(tempfile.mkdtemp(prefix="mmdclose-build-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch, ignore_errors=True)
        cls.tree, cls.installed = cls.scratch / ANY_NAME, cls.scratch / "installed"
        shutil.copytree(ROOT, cls.tree, symlinks=True, ignore=shutil.ignore_patterns(*OTHERS))
        (cls.tree / "deps").mkdir()
        (cls.tree / "deps/mbedtls").symlink_to(MBEDTLS)

    def good(self, *words: object, **options) -> str:
        """The output of a command that has to succeed."""
        done = run(*words, **options)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def make(self, *words: object) -> str:
        return self.good("make", "-j", os.cpu_count(), "DEPS=no", "CFLAGS=-O0", *words, cwd=self.tree)

    @property
    def places(self) -> List[str]:
        return [f"PREFIX={self.installed}", f"BINDIR={self.installed}/sbin", f"LIBDIR={self.installed}/lib/machine"]

    def install(self) -> Dict[str, str]:
        """Returns the environment in which pkg-config, CMake and a program find it."""
        self.make("install-strip", *self.places)
        library = self.installed / "lib/machine"
        return {"PKG_CONFIG_PATH": f"{library}/pkgconfig", "LD_LIBRARY_PATH": str(library),
                "mmdclose_DIR": f"{library}/cmake/mmdclose"}

    def flags(self, environment: Dict[str, str], *options: str) -> List[str]:
        return self.good("pkg-config", "--cflags", "--libs", *options, "mmdclose", env=environment).split()

    def test_a_folder_of_any_name(self):
        self.make("all", "build/linux/test/unit/test_text", "build/linux/example")
        self.good(self.tree / "build/linux/test/unit/test_text")
        self.assertEqual(run(self.tree / "build/linux/example").returncode, USAGE)

    def test_what_is_installed(self):
        self.install()
        self.assertIn("no symbols", self.good("nm", self.installed / "sbin/mmdclose"))
        self.assertIn("mmdclose 0", self.good(self.installed / "sbin/mmdclose", "--version"))
        headers = {path.name for path in (self.installed / "include/mmdclose/port").iterdir()}
        self.assertEqual(headers, {"linux.h"})
        for unit in (self.installed / "lib/systemd/system").iterdir():
            self.assertNotIn("/usr/local/", unit.read_text(encoding="utf-8"), unit.name)
        licences = {path.name: path.read_text(encoding="utf-8")
                    for path in (self.installed / "share/doc/mmdclose/licences").iterdir()}
        self.assertEqual({name: re.search("Apache|MIT License", text)[0] for name, text in licences.items()},
                         {"mbedtls": "Apache", "everest": "Apache", "jsmn": "MIT License"})

    def test_what_is_removed(self):
        """Of what install made only folders that others share are left, and what was there before."""
        self.install()
        (self.installed / "share/doc/others").touch()
        self.make("uninstall", *self.places)
        left = [path for path in self.installed.rglob("*") if not path.is_dir() or path.name == "mmdclose"]
        self.assertEqual(left, [self.installed / "share/doc/others"])

    def test_pkg_config(self):
        environment = self.install()
        source, program = self.scratch / "example.c", self.scratch / "program"
        source.write_text(code_of("README.md", "c"), encoding="ascii")
        for options, needed in ((["--static"], []), ([], ["libmmdclose.so.0.2", "libc.so.6"])):
            with self.subTest(options):
                self.good("cc", "-std=c11", *("-" + option[2:] for option in options), "-o", program, source,
                          *self.flags(environment, *options))
                self.assertEqual(run(program, env=environment).returncode, USAGE)
                found = re.findall(r"\(NEEDED\).*\[(.*)\]", self.good("readelf", "-d", program))
                self.assertEqual(found, needed)

    def test_cmake_finds_what_is_installed(self):
        environment = self.install()
        project = self.scratch / "project"
        project.mkdir()
        (project / "CMakeLists.txt").write_text(CMAKE, encoding="ascii")
        (project / "example.c").write_text(code_of("README.md", "c"), encoding="ascii")
        self.good("cmake", "-S", project, "-B", project / "build", env=environment)
        self.good("cmake", "--build", project / "build", env=environment)
        for name in ("example", "with_mmdclose", "with_mmdclose_static"):
            self.assertEqual(run(project / "build" / name, env=environment).returncode, USAGE, name)

    def test_cpp17(self):
        environment = self.install()
        example, none = self.scratch / "example.cpp", ROOT / "test/build/none.cpp"
        example.write_text(code_of("README.md", "c"), encoding="ascii")
        for source, warnings, status in ((example, ["-Wall"], USAGE), (none, ["-Wall", "-Wextra", "-Wpedantic"], 0)):
            with self.subTest(source.name):
                told = self.good("g++", "-std=c++17", *warnings, "-o", self.scratch / "program", source,
                                 *self.flags(environment))
                self.assertEqual(told, "")
                self.assertEqual(run(self.scratch / "program", env=environment).returncode, status)

    def test_a_board_of_two_files(self):
        """As docs/porting.md gives them."""
        for folder in ("boards/mine", "port/mine"):
            (self.tree / folder).mkdir()
        for name in ("port.c", "port.h"):
            shutil.copy(ROOT / "test/build" / name, self.tree / "port/mine")
        (self.tree / "boards/mine/board.mk").write_text(code_of("docs/porting.md", "make"), encoding="ascii")
        (self.tree / "boards/mine/mbedtls_config.h").write_text(code_of("docs/porting.md", "c"), encoding="ascii")
        self.make("lib", "BOARD=mine")
        self.good("cc", "-std=c11", "-Iinclude", "-Iport/mine", "-Iboards/mine", f"-I{MBEDTLS}/include",
                  "-DMBEDTLS_CONFIG_FILE=<mbedtls_config.h>", "-Wl,--gc-sections", "-o", "program",
                  ROOT / "test/build/bare.c", "build/mine/libmmdclose.a", cwd=self.tree)
        self.assertEqual(self.good(self.tree / "program"), "trust\n")
        (self.tree / "main.c").write_text(MAIN, encoding="ascii")
        self.good("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-Iinclude", "-Iport/mine", "-Wl,--gc-sections", "-o",
                  "program", "main.c", ROOT / "examples/port/closing.c", "build/mine/libmmdclose.a", cwd=self.tree)
        self.assertEqual(run(self.tree / "program").returncode, 1, "the port has no random bytes")

    def test_roots_that_are_built_in(self):
        """In place of the system's bundle; an option still comes first."""
        names = ("DigiCert_Global_Root_G2", "DigiCert_Global_Root_G3")
        one, other = (f"/usr/share/ca-certificates/mozilla/{name}.crt" for name in names)
        command = self.tree / "build/linux/mmdclose"
        self.make("build/linux/mmdclose", f"TRUST={one}")
        for options, name in (((), "G2"), (("--ca-file", other), "G3")):
            with self.subTest(name):
                listed = self.good(command, "trust", "--no-config", *options).splitlines()
                self.assertEqual(len(listed), 1)
                self.assertRegex(listed[0], f"CN=DigiCert Global Root {name}$")
        (self.scratch / "none.pem").write_text("none\n", encoding="ascii")
        for file, said in (("none.pem", "there is no certificate in PEM in"), ("absent.pem", "which is not there")):
            self.assertIn(said, run("make", "DEPS=no", f"TRUST={self.scratch / file}", cwd=self.tree).stdout)
        self.make("build/linux/mmdclose")
        listed = self.good(command, "trust", "--no-config", env={"SSL_CERT_FILE": other})
        self.assertRegex(listed, "CN=DigiCert Global Root G3\n$", "what was built in before is not there any more")

    def test_headers_of_another_mbedtls(self):
        """In a folder that CFLAGS or CPPFLAGS name, as a build system's staging folder is: not taken."""
        for name in ("mbedtls/ssl.h", "mbedtls/build_info.h", "psa/crypto.h", "jsmn.h", "mmdclose/close.h"):
            header = self.scratch / "staging" / name
            header.parent.mkdir(parents=True, exist_ok=True)
            header.write_text("#error the staged one\n", encoding="ascii")
        for flags in (f"CFLAGS=-O0 -I{self.scratch}/staging", f"CPPFLAGS=-I {self.scratch}/staging"):
            self.make(f"BUILD={self.scratch}/staged", flags, *(f"{self.scratch}/staged/{name}.o" for name in (
                "src/tls/tls", "src/text/json", "mbedtls/library/ssl_tls", "programs/mmdclose/close")))

    def test_completion(self):
        """In the shells themselves; of zsh's completion system only what prints is replaced."""
        share = self.installed / "share"
        self.install()
        begin = {"bash": f"""compopt() {{ :; }}; . '{share}/bash-completion/completions/mmdclose'
                     show() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _mmdclose
                               printf '%s\\n' "${{COMPREPLY[@]}}"; }}""",
                 "zsh": f"""_files() {{ ls -d -- $PREFIX* }}; _message() {{ }}
                     _describe() {{ print -l -- ${{${{(M)${{(P)2}}:#$PREFIX*}}%%:*}} }}
                     show() {{ local -a words=("$@"); local CURRENT=$# PREFIX=$words[-1]
                               () {{ . '{share}/zsh/site-functions/_mmdclose' }} }}"""}
        expected = {("que",): "queue", ("queue", "in"): "intake", ("queue", "add", "--act"): "--actions --actions-file",
                    ("close", "--token-file", "LICEN"): "LICENSE", ("trust", "--ca-file", "LICEN"): "LICENSE",
                    ("queue", "flush", "--state-dir", "boa"): "boards", ("close", "--tenant", "b"): "",
                    ("close", "--queue", "--no-"): "--no-config", ("queue", "no"): ""}
        for shell, functions in begin.items():
            for words, found in expected.items():
                with self.subTest(shell, words=words):
                    told = self.good(shell, "-c", f"{functions}\nshow '{self.installed}/sbin/mmdclose' {' '.join(words)}",
                                     cwd=self.tree)
                    self.assertEqual(told.split(), found.split())


class Commands(unittest.TestCase):
    """What make would do, or refuses to."""
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="mmdclose-build-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def make(self, *words: str, **options) -> "subprocess.CompletedProcess[str]":
        return run("make", "DEPS=no", f"BUILD={self.folder}", f"MBEDTLS_DIR={self.link(MBEDTLS, 'mbedtls')}", *words,
                   cwd=ROOT, **options)

    def link(self, to: str, name: str) -> Path:
        """A path without a space."""
        if not (self.folder / name).exists():
            (self.folder / name).symlink_to(to)
        return self.folder / name

    def test_what_the_user_says_is_honoured(self):
        self.link("/bin/false", "nowhere-gcc")
        told = self.make("-n", "V=1", "lib", "CROSS_COMPILE=nowhere-", "SYSROOT=/no where", "CPPFLAGS=-DFIRST",
                         "CFLAGS=-DSECOND", env={"PATH": f"{self.folder}:{os.environ['PATH']}"}).stdout
        compiled = [line for line in told.splitlines() if " -c -o " in line]
        self.assertGreater(len(compiled), 100)
        for line in compiled:
            for words in ("nowhere-gcc ", " --sysroot='/no where' ", " -DFIRST ", " -DSECOND "):
                self.assertIn(words, line)
            self.assertNotIn("-Werror", line)
        self.assertIn("nowhere-ar rcs", told)

    def test_only_public_numbers_are_raised_in_a_time_that_shows_them(self):
        """The functions that are faster for some exponents are called for an RSA key's public exponent, and for a
        compressed point; without optimisation, each caller is to be seen."""
        built = self.folder / "objects"
        names = [path.stem for path in Path(MBEDTLS, "library").glob("*.c")
                 if re.search("exp_mod|rsa_public", path.read_text(encoding="utf-8"))]
        done = self.make(f"BUILD={built}", "CFLAGS=-O0", *(f"{built}/mbedtls/library/{name}.o" for name in names))
        self.assertEqual(done.returncode, 0, done.stdout)
        calls = calls_of(built / "mbedtls/library")
        self.assertLessEqual({("rsa", "mbedtls_rsa_private", "mbedtls_mpi_exp_mod"),
                              ("bignum", "mbedtls_mpi_exp_mod_optionally_safe", "mbedtls_mpi_core_exp_mod")}, calls)
        public = {called for _, _, called in PUBLIC_POWERS} | {"mbedtls_mpi_core_exp_mod_unsafe"}
        self.assertEqual({call for call in calls if call[2] in public}, PUBLIC_POWERS)

    def test_what_is_missing_is_named(self):
        """And nothing is installed."""
        for words in (["MBEDTLS_DIR=/nowhere"], ["JSMN_DIR=/nowhere"], ["BOARD=slirp", "LWIP_DIR=/nowhere"],
                      ["CC=/nowhere/gcc"]):
            with self.subTest(words):
                done = self.make(*words)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertRegex(done.stdout, r"there is no .*/nowhere.* run 'make deps'")

    def test_a_path_that_make_cannot_take_is_named(self):
        done = self.make("JSMN_DIR=/no where")
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("JSMN_DIR is '/no where', but make takes no path with a space", done.stdout)

    def test_lwip_with_an_operating_system_is_refused(self):
        (self.folder / "lwipopts.h").write_text("#define NO_SYS 0\n", encoding="ascii")
        done = run("cc", "-fsyntax-only", f"-I{self.folder}", "-Iinclude", "-Iprograms/firmware",
                   f"-I{LWIP}/src/include", "port/lwip/lwip.c", cwd=ROOT)
        self.assertIn("set NO_SYS to 1", done.stdout)


if __name__ == "__main__":
    unittest.main()
