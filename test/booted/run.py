#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots this system's own systemd in a container of systemd-nspawn, with the service files as `make install-service`
puts them, and runs the tests of test_booted.py in there.

    python3 test/booted/run.py BUILD [test_booted.CLASS.TEST...]

It has to be root. The container has this system's /usr, read-only, but for /usr/local; everything else is its own and
goes away with it. There is no network in it.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import List

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIMIT = 600  # seconds, for all
INSIDE = "MMDCLOSE_OWN_MOUNTS"
CGROUP = Path("/sys/fs/cgroup")
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nkiosk:x:1000:1000::/:/bin/sh\nstranger:x:1001:1001::/:/bin/sh\n"
                  "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n",
    "etc/group": "root:x:0:\ntss:x:700:\nkiosk:x:1000:\nstranger:x:1001:\nnogroup:x:65534:\n",
    "etc/os-release": "ID=test\n",
    "etc/machine-id": "uninitialized\n",
    "etc/locale.conf": "LANG=C.UTF-8\n",
    "etc/systemd/system/booted.target": "[Unit]\nRequires=basic.target\nAfter=basic.target\nWants=booted.service\n",
    "etc/systemd/system/booted.service": "[Unit]\nAfter=basic.target\n[Service]\nType=oneshot\n"
        "ExecStart=/usr/bin/python3 -B /test/module.py /test/booted {names}\n"
        "ExecStopPost=/bin/sh -c 'journalctl --no-pager >/out/journal; systemctl exit --no-block'\n"
        "StandardOutput=file:/out/tap\nStandardError=inherit\n",
}


def own_mounts() -> None:
    """Begins anew with mounts of its own: what nspawn leaves in /run goes away with them. With cgroups of version 2,
    also where this system has those of version 1, which do not tell a container that a service's last process ended."""
    if os.environ.get(INSIDE) != str(os.getpid()):
        os.environ[INSIDE] = str(os.getpid())  # exec keeps the number
        os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.orig_argv[1:]])
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    subprocess.run(["mount", "-t", "cgroup2", "cgroup2", CGROUP], check=True)


def enter_cgroup() -> Path:
    """One of its own, which nspawn puts the container's into."""
    own = CGROUP / f"mmdclose-booted-{os.getpid()}"
    own.mkdir()
    (own / "cgroup.procs").write_text("0", encoding="ascii")
    return own


def leave_cgroup(own: Path) -> None:
    (CGROUP / "cgroup.procs").write_text("0", encoding="ascii")
    for folder, _, _ in os.walk(own, topdown=False):
        os.rmdir(folder)


def make_root(root: Path, names: List[str]) -> None:
    for name in ("dev", "proc", "sys", "run", "tmp", "var", "usr"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        if Path("/usr", name).is_dir():
            (root / name).symlink_to(f"usr/{name}")
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{names}", " ".join(names)), encoding="ascii")
    (root / "etc/systemd/system/default.target").symlink_to("booted.target")


def install(folder: Path, build: Path) -> None:
    subprocess.run(["make", "-s", "DEPS=no", f"DESTDIR={folder}", "PREFIX=/usr/local", "BINDIR=/usr/local/bin",
                    "install-service"], cwd=ROOT, check=True)
    (folder / "usr/local/bin").mkdir(parents=True)
    shutil.copy(build / "mmdclose", folder / "usr/local/bin/mmdclose")


def boot(scratch: Path) -> int:
    # /dev/null stands for a TPM: what is tested is who may open it.
    return subprocess.run([os.environ.get("NSPAWN") or "systemd-nspawn", "--quiet", "--boot", "--keep-unit",
                           "--register=no", "--link-journal=no", "--private-network", "--console=pipe",
                           "--machine=mmdclose-booted", f"--directory={scratch}/root", "--bind-ro=/usr",
                           f"--bind-ro={scratch}/installed/usr/local:/usr/local", f"--bind-ro={ROOT}/test:/test",
                           f"--bind={scratch}/out:/out", "--bind=/dev/null:/dev/tpmrm0",
                           "--bind-ro=/etc/ssl/certs"],
                          stdin=subprocess.DEVNULL, timeout=LIMIT, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT,
                          env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}).returncode


def judge(scratch: Path) -> bool:
    """As test/run.py does: what has no result has failed."""
    tap = scratch / "out/tap"
    text = tap.read_text(encoding="utf-8", errors="replace") if tap.exists() else ""
    planned = sum(map(int, re.findall(r"^1\.\.(\d+)", text, re.M)))
    passed, failed = (len(re.findall(rf"^{word} \d+", text, re.M)) for word in ("ok", "not ok"))
    failed += max(0, planned - passed - failed)
    print(text, end="")
    if failed or not passed:
        journal = scratch / "out/journal"
        print(journal.read_text(encoding="utf-8", errors="replace") if journal.exists() else "no journal: not booted?")
    print(f"{passed} passed, {failed or not passed:d} failed")
    return bool(passed and not failed)


def main() -> int:
    build, names = Path(sys.argv[1]).resolve(), sys.argv[2:] or ["test_booted"]
    if os.geteuid():
        sys.exit("booted: a container that boots needs root: run it as root")
    own_mounts()
    with tempfile.TemporaryDirectory(prefix="mmdclose-booted-") as folder:
        scratch = Path(folder)
        (scratch / "out").mkdir()
        make_root(scratch / "root", names)
        install(scratch / "installed", build)
        cgroup = enter_cgroup()
        try:
            status = boot(scratch)
        finally:
            leave_cgroup(cgroup)
        good = judge(scratch)
        if status:
            print(f"booted: the container ended with status {status}")
        return 0 if good and status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
