# SPDX-License-Identifier: MIT
"""The release: `make dist` gives everybody the same bytes, they build the same bytes again without git or a network,
and the bill of materials says what is pinned and built.

What must not matter differs between two people who do the same: the folder, the time zone, the language, the umask,
the settings of git. The repository is made here, so that the module runs from any copy of the sources.
"""
import ctypes
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, List, Set

ROOT = Path(__file__).resolve().parents[2]
MBEDTLS = os.path.abspath(os.environ.get("MBEDTLS_DIR") or ROOT / "deps/mbedtls")
OTHERS = {"build", "deps", ".git"}
OURS = ("MAKE", "MBEDTLS", "LWIP", "MMDCLOSE", "BUILD", "BOARD", "CC", "AR", "CFLAGS", "CPPFLAGS", "LDFLAGS", "WERROR",
        "DESTDIR", "PREFIX", "GIT_", "XDG_", "SOURCE_DATE_EPOCH", "LC_", "LANG", "TZ")  # what this was started with
DATE = 1_900_000_000  # of the commit: later than that of any other
VERSION = re.search(r'MMD_VERSION "(.+)"', (ROOT / "include/mmdclose/version.h").read_text(encoding="ascii"))[1]
NAME = f"mmdclose-{VERSION}"
FILES = {f"{NAME}.tar.gz", f"{NAME}.spdx.json", f"{NAME}.sha256"}
BUILT = ("mmdclose", "libmmdclose.a", f"libmmdclose.so.{VERSION}")
# A build from a tarball calls none of these, except for git, which fails.
ABSENT = ("git", "apt-get", "sudo", "curl", "wget", "python3", "pkg-config")
LANGUAGE = "en_US.ISO-8859-1"  # its alphabet is not the order of bytes
GIT_SETTINGS = """[tar]
umask = 0077
[core]
autocrlf = true
attributesFile = {folder}/attributes
[user]
name = Somebody
email = somebody@example.org
"""
CPE = re.compile(r"cpe:2\.3:a(:[a-z0-9._*-]+){3}(:\*){7}")
PURL = re.compile(r"pkg:github/[a-z0-9._-]+/[a-z0-9._-]+(@[A-Za-z0-9._-]+)?")
LICENCES = {"mmdclose": "MIT", "mbedtls": "Apache-2.0 OR GPL-2.0-or-later", "everest": "Apache-2.0", "jsmn": "MIT",
            "lwip": "BSD-3-Clause"}
# Members that SPDX 2.3 knows of a package, and those that must be there: its JSON schema, clause 7, and the minimum
# elements of a bill of materials (supplier, name, version).
NEEDED = {"SPDXID", "name", "downloadLocation", "filesAnalyzed", "licenseConcluded", "licenseDeclared", "supplier"}
KNOWN = NEEDED | {"versionInfo", "homepage", "packageFileName", "checksums", "externalRefs", "sourceInfo",
                  "copyrightText"}


def pins() -> Dict[str, str]:
    return dict(re.findall(r"^(\w+)=([\w.]+)$", (ROOT / "tools/deps.sh").read_text(encoding="utf-8"), re.M))


def not_committed(folder: str, _: List[str]) -> Set[str]:
    return OTHERS if Path(folder) == ROOT else {"__pycache__"}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sums_of(folder: Path) -> Dict[str, str]:
    return {path.name: sha256(path) for path in folder.iterdir()}


class Person:
    """Somebody with a folder, a language, a time zone, a umask and settings of git."""

    def __init__(self, folder: Path, umask: int, settings: str, **environment: str):
        folder.mkdir()
        self.folder, self.umask = folder, umask
        (folder / ".gitconfig").write_text(settings.format(folder=folder), encoding="utf-8")
        (folder / "attributes").write_text("*.md export-ignore\n", encoding="ascii")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.environment.update(environment, HOME=str(folder))

    def run(self, *words: object, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([str(word) for word in words], cwd=cwd, umask=self.umask, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
                              env={**self.environment, "PWD": str(cwd), **environment})

    def good(self, *words: object, cwd: Path, **environment: str) -> str:
        """The output of a command that has to succeed."""
        done = self.run(*words, cwd=cwd, **environment)
        if done.returncode:
            raise AssertionError(f"{words} ended with {done.returncode}: {done.stdout}")
        return done.stdout


class Released(unittest.TestCase):
    """One commit, which two people clone to make the release."""
    @classmethod
    def release(cls, scratch: Path) -> None:
        cls.scratch = scratch
        cls.one = Person(cls.scratch / "one", 0o022, "", LC_ALL="C", TZ="UTC")
        subprocess.run(["localedef", "-i", "en_US", "-f", "ISO-8859-1", cls.scratch / LANGUAGE], check=True)
        cls.two = Person(cls.scratch / "two @,~ü", 0o077, GIT_SETTINGS, LC_ALL=LANGUAGE, TZ="Asia/Tokyo",
                         LOCPATH=str(cls.scratch))
        cls.commit(cls.scratch / "repository")
        for person in (cls.one, cls.two):
            person.good("git", "-c", "core.autocrlf=false", "clone", "-q", cls.scratch / "repository", "clone",
                        cwd=person.folder)
            person.good("make", "dist", cwd=person.folder / "clone", SOURCE_DATE_EPOCH=str(DATE + 1))
        cls.dist = cls.one.folder / "clone/build/dist"
        cls.sbom = json.loads((cls.dist / f"{NAME}.spdx.json").read_bytes())

    @classmethod
    def commit(cls, tree: Path) -> None:
        shutil.copytree(ROOT, tree, symlinks=True, ignore=not_committed)
        when = {"GIT_AUTHOR_DATE": f"{DATE - 86400} +0000", "GIT_COMMITTER_DATE": f"{DATE} +0900"}
        cls.one.good("git", "init", "-q", cwd=tree)
        cls.one.good("git", "add", "--all", cwd=tree)
        cls.one.good("git", "-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "commit", "-q",
                     "-m", "release", cwd=tree, **when)


def setUpModule() -> None:
    scratch = Path(tempfile.mkdtemp(prefix="mmdclose-dist-"))
    unittest.addModuleCleanup(shutil.rmtree, scratch, ignore_errors=True)
    Released.release(scratch)


class Tarball(Released):
    def test_two_clones_give_the_same_bytes(self):
        made = sums_of(self.dist)
        self.assertEqual(set(made), FILES)
        self.assertEqual(made, sums_of(self.two.folder / "clone/build/dist"))

    def test_it_has_what_is_committed_and_nothing_of_who_made_it(self):
        path = self.dist / f"{NAME}.tar.gz"
        self.assertEqual(path.read_bytes()[3:8], bytes(5), "gzip's header: no name, no time")
        with tarfile.open(path) as tar:
            members = tar.getmembers()
        listed = self.one.good("git", "-c", "core.quotePath=false", "ls-files", cwd=self.one.folder / "clone")
        self.assertEqual([f"{NAME}/{name}" for name in listed.splitlines()],
                         [member.name for member in members if not member.isdir()])
        self.assertEqual({(member.mtime, member.uid, member.gid, member.uname, member.gname) for member in members},
                         {(DATE, 0, 0, "root", "root")})
        self.assertEqual({member.mode for member in members}, {0o644, 0o755})

    def test_its_checksums(self):
        self.one.good("sha256sum", "--check", "--strict", f"{NAME}.sha256", cwd=self.dist)
        self.assertEqual(set(re.findall(r"  (\S+)$", (self.dist / f"{NAME}.sha256").read_text("ascii"), re.M)),
                         FILES - {f"{NAME}.sha256"})

    def test_what_is_not_committed_is_refused_and_named(self):
        tree = self.scratch / "changed"
        for change in ("README.md", "src/forgotten.c"):
            with self.subTest(change):
                self.one.good("git", "clone", "-q", self.scratch / "repository", tree, cwd=self.scratch)
                (tree / change).write_text("changed\n", encoding="ascii")
                done = self.one.run("make", "dist", cwd=tree)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertRegex(done.stdout, rf"only what is committed, and this is not:\n.. {change}\n")
                self.assertFalse((tree / "build/dist").exists())
                shutil.rmtree(tree)

    def test_what_is_no_clone_is_refused(self):
        self.one.good("tar", "-xf", self.dist / f"{NAME}.tar.gz", cwd=self.scratch)
        self.addCleanup(shutil.rmtree, self.scratch / NAME)
        done = self.one.run("make", "dist", cwd=self.scratch / NAME)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("this is no clone", done.stdout)


class Built(Released):
    """The tarball, built by both: by the second in a folder with another name, entered through a link."""
    @classmethod
    def setUpClass(cls) -> None:
        cls.tools = cls.scratch / "tools"
        cls.tools.mkdir()
        for name in ABSENT:
            (cls.tools / name).write_text(f'#!/bin/sh\necho {name} >>"{cls.scratch}/called"\nexit 127\n', "ascii")
            (cls.tools / name).chmod(0o755)
        cls.trees = []
        for number, person in enumerate((cls.one, cls.two)):
            person.good("tar", "-xf", cls.dist / f"{NAME}.tar.gz", cwd=person.folder)
            link = cls.scratch / f"mbedtls{number}"  # make takes no path with a space
            link.symlink_to(MBEDTLS)
            cls.trees.append(person.folder / NAME)
        (cls.scratch / "a link").symlink_to(cls.trees[1])
        for number, (person, tree) in enumerate(((cls.one, cls.trees[0]), (cls.two, cls.scratch / "a link"))):
            cls.make(person, tree, number, f"-j{os.cpu_count()}")

    @classmethod
    def make(cls, person: Person, tree: Path, number: int, *words: str) -> str:
        return person.good("make", "DEPS=no", "CFLAGS=-O0 -g", f"MBEDTLS_DIR={cls.scratch}/mbedtls{number}", *words,
                           cwd=tree, PATH=f"{cls.tools}:{person.environment['PATH']}")

    def test_both_built_the_same_bytes(self):
        for name in BUILT:
            with self.subTest(name):
                self.assertEqual(*(sha256(tree / "build/linux" / name) for tree in self.trees))

    def test_nothing_tells_where_it_was_built(self):
        for path in (tree / "build/linux" / name for tree in self.trees for name in BUILT):
            with self.subTest(path):
                code = path.read_bytes()
                self.assertFalse(bytes(self.scratch) in code)
                self.assertTrue(b"deps/mbedtls/library/ssl_tls.c" in code, "the folder's name for debuggers")

    def test_neither_network_nor_python_nor_git_is_needed(self):
        self.assertEqual(set((self.scratch / "called").read_text("ascii").split()), {"git"})

    def test_the_clock_is_not_before_the_release(self):
        library = ctypes.CDLL(str(self.trees[0] / "build/linux" / BUILT[2]))
        self.assertEqual(ctypes.c_int64.in_dll(library, "mmd_clock_floor").value, DATE)

    def test_nor_is_it_in_cmake(self):
        project, header = self.scratch / "project", "library/generated/clock_floor.h"
        project.mkdir()
        (project / "CMakeLists.txt").write_text(f"""cmake_minimum_required(VERSION 3.13)
project(example LANGUAGES C)
add_library(mbedtls INTERFACE)
add_subdirectory("{self.trees[0]}" library)
""", encoding="utf-8")
        self.one.good("cmake", "-S", project, "-B", project / "build", cwd=project)
        self.assertEqual((project / "build" / header).read_text("ascii"), f"#define MMD_CLOCK_FLOOR {DATE}\n")

    def test_the_installed_bill_says_what_was_built(self):
        self.make(self.one, self.trees[0], 0, "install", f"DESTDIR={self.scratch}/root", "PREFIX=/usr")
        bill = Bill(self, json.loads((self.scratch / "root/usr/share/doc/mmdclose/mmdclose.spdx.json").read_bytes()))
        self.assertEqual(set(bill.packages), set(LICENCES) - {"lwip"})
        header = Path(MBEDTLS, "include/mbedtls/build_info.h").read_text(encoding="ascii")
        self.assertEqual(bill.packages["mbedtls"]["versionInfo"], re.search(r'VERSION_STRING +"(.+)"', header)[1])
        self.assertEqual(bill.checksums, {}, "what the user brought is not what is pinned")
        self.assertEqual(set((self.scratch / "called").read_text("ascii").split()), {"git"})


class Bill:
    """A bill of materials, which is checked against what SPDX 2.3 demands."""

    def __init__(self, case: unittest.TestCase, document: Dict[str, Any]):
        self.case, self.document = case, document
        self.check_document()
        self.packages = {self.check_package(package): package for package in document["packages"]}
        case.assertEqual(len(self.packages), len(document["packages"]))
        self.relationships = {self.check_relationship(each) for each in document["relationships"]}
        self.checksums = {name: package["checksums"][0]["checksumValue"] for name, package in self.packages.items()
                          if "checksums" in package}

    def check_document(self) -> None:
        self.case.assertEqual(set(self.document), {"spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace",
                                                   "creationInfo", "packages", "relationships"})
        self.case.assertEqual([self.document[name] for name in ("spdxVersion", "dataLicense", "SPDXID", "name")],
                              ["SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT", NAME])
        self.case.assertRegex(self.document["documentNamespace"], rf"\Ahttps://[a-z./]+/{re.escape(NAME)}-[0-9a-f]+\Z")
        self.case.assertEqual(set(self.document["creationInfo"]), {"created", "creators"})
        self.case.assertEqual(self.document["creationInfo"]["created"],
                              datetime.fromtimestamp(DATE, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
        for creator in self.document["creationInfo"]["creators"]:
            self.case.assertRegex(creator, r"\A(Organization: .+|Tool: .+-.+)\Z")

    def check_package(self, package: Dict[str, Any]) -> str:
        """Returns its name."""
        self.case.assertLessEqual(NEEDED, set(package))
        self.case.assertLessEqual(set(package), KNOWN)
        name = re.fullmatch(r"SPDXRef-([a-zA-Z0-9.-]+)", package["SPDXID"])[1]
        self.case.assertEqual([package["licenseConcluded"], package["licenseDeclared"]], [LICENCES[name]] * 2)
        self.case.assertRegex(package["supplier"], r"\A(Organization|Person): \S")
        self.case.assertRegex(package["downloadLocation"], r"\A(NOASSERTION|(git\+)?https://\S+)\Z")
        self.case.assertIs(package["filesAnalyzed"], False, "else a verification code is needed")
        for checksum in package.get("checksums", []):
            self.case.assertEqual(checksum["algorithm"], "SHA256")
            self.case.assertRegex(checksum["checksumValue"], r"\A[0-9a-f]{64}\Z")
        for reference in package.get("externalRefs", []):
            kind, rule = {"SECURITY": ("cpe23Type", CPE), "PACKAGE-MANAGER": ("purl", PURL)}[
                reference["referenceCategory"]]
            self.case.assertEqual(reference["referenceType"], kind)
            self.case.assertRegex(reference["referenceLocator"], rf"\A{rule.pattern}\Z")
        return name

    def check_relationship(self, relationship: Dict[str, str]) -> str:
        ends = [relationship[name].replace("SPDXRef-", "", 1) for name in ("spdxElementId", "relatedSpdxElement")]
        for end in ends:
            self.case.assertIn(end, {"DOCUMENT", *self.packages})
        return f"{ends[0]} {relationship['relationshipType']} {ends[1]}"

    def products(self, name: str) -> Set[str]:
        """Vendor, product and version, by which vulnerabilities are found."""
        return {":".join(each["referenceLocator"].split(":")[3:6]) for each in self.packages[name]["externalRefs"]
                if each["referenceType"] == "cpe23Type"}


class Materials(Released):
    STATIC = {"DOCUMENT DESCRIBES mmdclose", "mmdclose STATIC_LINK mbedtls", "mmdclose STATIC_LINK everest",
              "mbedtls CONTAINS everest", "mmdclose STATIC_LINK jsmn"}

    def bill(self, *words: str) -> Bill:
        return Bill(self, json.loads(self.one.good("sh", "tools/sbom.sh", DATE, *words,
                                                   cwd=self.one.folder / "clone")))

    def test_of_the_release(self):
        bill, pinned = Bill(self, self.sbom), pins()
        self.assertEqual(bill.relationships, self.STATIC | {"mmdclose STATIC_LINK lwip"})
        self.assertEqual({name: package["versionInfo"] for name, package in bill.packages.items()},
                         {"mmdclose": VERSION, "everest": f"mbedtls-{pinned['mbedtls']}",
                          **{name: pinned[name] for name in ("mbedtls", "jsmn", "lwip")}})
        tarball = sha256(self.dist / f"{NAME}.tar.gz")
        self.assertEqual(bill.packages["mmdclose"]["packageFileName"], f"{NAME}.tar.gz")
        self.assertEqual(bill.checksums, {"mmdclose": tarball, "mbedtls": pinned["mbedtls_sha256"],
                                          "lwip": pinned["lwip_sha256"]})
        self.assertEqual(bill.products("mbedtls"), {f"{vendor}:mbed_tls:{pinned['mbedtls']}"
                                                    for vendor in ("trustedfirmware", "arm")})
        self.assertEqual(bill.products("lwip"), {f"lwip_project:lwip:{pinned['lwip']}"})

    def test_of_what_is_built_from_fetched_sources(self):
        """These are what is pinned as long as they have its version."""
        deps = self.one.folder / "clone/deps"
        self.addCleanup(shutil.rmtree, deps)
        (deps / "mbedtls/include/mbedtls").mkdir(parents=True)
        (deps / "lwip/src/include/lwip").mkdir(parents=True)
        (deps / "lwip/src/include/lwip/init.h").write_bytes(b"".join(
            b"#define LWIP_VERSION_%-9b %b\r\n" % part for part in zip(
                (b"MAJOR", b"MINOR", b"REVISION", b"RC"), (*pins()["lwip"].encode().split(b"."), b"LWIP_RC_RELEASE"))))
        for version, known in ((pins()["mbedtls"], {"mbedtls", "lwip"}), ("3.6.99", {"lwip"})):
            with self.subTest(version):
                (deps / "mbedtls/include/mbedtls/build_info.h").write_text(
                    f'#define MBEDTLS_VERSION_STRING         "{version}"\n', encoding="ascii")
                bill = self.bill("deps/mbedtls", "deps/lwip")
                self.assertEqual(bill.packages["mbedtls"]["versionInfo"], version)
                self.assertEqual(bill.packages["lwip"]["versionInfo"], pins()["lwip"])
                self.assertEqual(set(bill.checksums), known)
                self.assertEqual(bill.packages["mbedtls"]["downloadLocation"] == "NOASSERTION", "mbedtls" not in known)

    def test_with_the_systems_mbed_tls(self):
        bill = self.bill("system", "none")
        self.assertEqual(bill.relationships, {"DOCUMENT DESCRIBES mmdclose", "mmdclose DYNAMIC_LINK mbedtls",
                                              "mmdclose STATIC_LINK jsmn"})
        self.assertEqual(set(bill.packages), {"mmdclose", "mbedtls", "jsmn"})

    def test_another_bill_has_another_name(self):
        names: List[str] = [self.bill(*words).document["documentNamespace"]
                            for words in (("pinned", "pinned"), ("pinned", "none"), ("system", "none"))]
        self.assertEqual(len(set(names)), 3)


if __name__ == "__main__":
    unittest.main()
