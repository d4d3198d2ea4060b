# SPDX-License-Identifier: MIT
"""Roots of Debian that are thrown away: layers in memory, one over the other, and commands that run in there. The
caller has mounts of its own."""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, List, Optional

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
               "MMDCLOSE_BOOT_ID": "0123456789abcdef0123456789abcdef"}
LIMIT = 120  # seconds for a command


def good(*words: Any, **options: Any) -> str:
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=LIMIT, check=False, **options)
    if done.returncode:
        raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}")
    return done.stdout


class Memory:
    """A folder in memory; the first layer is what the archive has."""

    def __init__(self, archive: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mmdclose-deb-"))
        good("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", self.folder)
        self.base = self.folder / "base"
        self.base.mkdir()
        good("tar", "-x", "--exclude=./dev/*", "-f", archive, "-C", self.base)

    def remove(self) -> None:
        good("umount", self.folder)
        self.folder.rmdir()


class Root:
    """A layer over others, the uppermost of them first. What is changed is in `layer`, which outlives `leave`."""

    def __init__(self, memory: Memory, *lower: Path) -> None:
        own = Path(tempfile.mkdtemp(dir=memory.folder))
        self.environment = dict(ENVIRONMENT)
        self.layer, self.path, work = (own / name for name in ("layer", "root", "work"))
        for folder in (self.layer, self.path, work):
            folder.mkdir()
        good("mount", "-t", "overlay", "-o",
             f"lowerdir={':'.join(map(str, lower))},upperdir={self.layer},workdir={work}", "overlay", self.path)
        good("mount", "-t", "proc", "proc", self.path / "proc")
        good("mount", "--bind", "/dev", self.path / "dev")

    def leave(self) -> None:
        for folder in (self.path / "dev", self.path / "proc", self.path):
            good("umount", folder)

    def run(self, *words: Any, user: Optional[str] = None) -> "subprocess.CompletedProcess[str]":
        as_user: List[str] = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        return subprocess.run(["chroot", self.path, *as_user, *map(str, words)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT, check=False,
                              env=self.environment)

    def good(self, *words: Any, user: Optional[str] = None) -> str:
        done = self.run(*words, user=user)
        if done.returncode:
            raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def at(self, path: str) -> Path:
        return self.path / path.lstrip("/")

    def write(self, path: str, text: str, mode: int = 0o644, owner: str = "root") -> None:
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        self.at(path).write_text(text, encoding="ascii")
        os.chmod(self.at(path), mode)
        self.good("chown", f"{owner}:", path)

    def install(self, packages: List[Path]) -> str:
        for package in packages:
            shutil.copy(package, self.at("tmp"))
        return self.good("dpkg", "-i", *(f"/tmp/{package.name}" for package in packages))

    def stat(self, path: str) -> str:
        return self.good("stat", "-c", "%a %U %G", path).strip()
