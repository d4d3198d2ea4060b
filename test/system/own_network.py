# SPDX-License-Identifier: MIT
"""A network of a test module's own: loopback alone, and the system's resolver asks 127.0.0.1.

A module calls enter() before it imports anything that makes a file. It then begins anew in namespaces of the kernel,
which any user may have unless the administrator forbids it (user_namespaces(7)).
"""
import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

INSIDE = "MMDCLOSE_OWN_NETWORK"
SIOCSIFFLAGS, IFF_UP = 0x8914, 1  # netdevice(7)
FILES = {  # glibc waits as long as musl then: a second for each try
    "/etc/resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:2\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/nsswitch.conf": "hosts: files dns\n",
}


def enter() -> None:
    if os.environ.get(INSIDE) != str(os.getpid()):
        os.environ[INSIDE] = str(os.getpid())  # exec keeps the number
        sys.stdout.flush()
        user = ["--map-root-user"] if os.geteuid() else []
        os.execvp("unshare", ["unshare", *user, "--net", "--mount", sys.executable, *sys.orig_argv[1:]])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    with tempfile.TemporaryDirectory() as folder:
        for path, text in FILES.items():
            if Path(path).exists():
                put_in_place(Path(folder, Path(path).name), text, path)


def put_in_place(file: Path, text: str, path: str) -> None:
    """It stays there when the file has no name any more."""
    file.write_text(text, encoding="ascii")
    subprocess.run(["mount", "--bind", file, path], check=True)
