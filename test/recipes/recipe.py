# SPDX-License-Identifier: MIT
"""What the tests of all recipes share: a copy of the recipes with the hash of the sources written in, the archives that
a build system would have downloaded, and the stand-in service."""
import atexit
import functools
import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path
from typing import Dict, Iterable, List

import kconfiglib

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
MBEDTLS = Path(os.environ["MBEDTLS"])
JSMN = Path(os.environ["JSMN"])
VERSION = re.search(r'define MMD_VERSION +"(.*)"', (ROOT / "include/mmdclose/version.h").read_text(encoding="utf-8"))[1]
SITE = "https://downloads.example.com/mmdclose"
# The figures are not measured: the compiler has to be fast.
CFLAGS = "-O0"
JOBS = ["-j", str(os.cpu_count() or 1)]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def pack(archive: Path, top: str, folder: Path, names: Iterable[str]) -> Path:
    """The named files of a folder, below top."""
    with tarfile.open(archive, f"w:{archive.suffix[1:]}", compresslevel=1) as tar:
        for name in names:
            tar.add(folder / name, f"{top}/{name}")
    return archive


def own_files() -> List[str]:
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            check=True, stdout=subprocess.PIPE, text=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@functools.lru_cache
def archives() -> Path:
    """The folder of what a build system would have downloaded. Mbed TLS and jsmn are packed anew from what is here, so
    only their names are those of the real ones."""
    folder = Path(tempfile.mkdtemp(prefix="mmdclose-archives-"))
    atexit.register(shutil.rmtree, folder)
    pack(folder / f"mmdclose-{VERSION}.tar.gz", f"mmdclose-{VERSION}", ROOT, own_files())
    pack(folder / "jsmn-1.1.0.tar.gz", "jsmn-1.1.0", JSMN, ["jsmn.h"])
    pack(folder / "mbedtls-3.6.7.tar.bz2", "mbedtls-3.6.7", MBEDTLS, ["LICENSE", "include", "library", "3rdparty"])
    return folder


class Case(unittest.TestCase):
    """A folder for the class's tests, with packaging/: a copy in which the hash of the sources is written."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp(prefix="mmdclose-recipes-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.dl = archives()
        cls.archive = cls.dl / f"mmdclose-{VERSION}.tar.gz"
        cls.packaging = cls.folder / "packaging"
        shutil.copytree(ROOT / "packaging", cls.packaging)
        run("sh", cls.packaging / "pin", cls.archive, SITE)


def run(*words: object) -> str:
    """What a command prints. In an environment of its own: a build system gives it one, too."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["nice", "-n", "15", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env=environment, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout[-8000:]}")
    return done.stdout


def kconfig(text: str, folder: Path, wanted: Dict[str, str], prefix: str = "CONFIG_") -> Dict[str, str]:
    """The symbols of a Kconfig of this text, after the wanted ones are set; without those that are n or no number, as
    build systems do it. A warning of the parser, or one that cannot be set, is an error."""
    top = folder / "Kconfig.top"
    top.write_text(text, encoding="utf-8")
    os.environ["CONFIG_"] = prefix
    parsed = kconfiglib.Kconfig(str(top), warn_to_stderr=False)
    for name, value in wanted.items():
        if not parsed.syms[name].set_value(value):
            raise AssertionError(f"{name} cannot be {value}")
    found = {symbol.name: symbol.str_value for symbol in parsed.unique_defined_syms
             if symbol.str_value != "n" and (symbol.str_value or symbol.orig_type == kconfiglib.STRING)}
    wrong = [f"{name} is {found.get(name, 'n')}" for name, value in wanted.items() if found.get(name, "n") != value]
    if parsed.warnings or wrong:
        raise AssertionError("\n".join(parsed.warnings + wrong))
    return found


def configure(source: Path, build: Path, symbols: Dict[str, str], **variables: object) -> Path:
    """A project of CMake, configured with the symbols in config.cmake and config.h, and built."""
    build.mkdir()
    (build / "config.cmake").write_text("".join(f'set(CONFIG_{name} "{value}")\n' for name, value in symbols.items()),
                                        encoding="utf-8")
    values = {name: "1" if value == "y" else value if value.isdecimal() else f'"{value}"'
              for name, value in symbols.items()}
    (build / "config.h").write_text("".join(f"#define CONFIG_{name} {value}\n" for name, value in values.items()),
                                    encoding="utf-8")
    run("cmake", "-S", source, "-B", build, "-DCMAKE_BUILD_TYPE=None", f"-DCMAKE_C_FLAGS={CFLAGS}",
        f"-DCONFIGURATION={build}", *(f"-D{name}={value}" for name, value in variables.items()))
    run("cmake", "--build", build, *JOBS)
    return build


def closes(program: Path) -> str:
    """Closes requests of the stand-in by a program of examples/cmake; what test/cmake/run.py says."""
    return run("/usr/bin/python3", "-B", ROOT / "test/cmake/run.py", program)
