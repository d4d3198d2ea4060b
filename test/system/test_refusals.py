# SPDX-License-Identifier: MIT
"""What the system refuses (descriptors, threads, sockets) is told as the system's own matter, with its errno: it is
not the network's."""
import ctypes
import errno
import os
import platform
import socket
import struct
import unittest
from typing import Callable

from harness import Case

# seccomp(2), linux/filter.h, linux/seccomp.h
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, JUMP_IF_EQUAL, JUMP_IF_SET, RETURN = 0x20, 0x15, 0x45, 0x06
REFUSE, ALLOW = 0x00050000, 0x7FFF0000
NUMBER_AT, FIRST_ARGUMENT_AT = 0, 16
CLONE_THREAD = 0x10000
CALLS = {  # the numbers of these system calls
    "x86_64": {"socket": 41, "socketpair": 53, "clone": 56, "clone3": 435, "getrandom": 318},
    "aarch64": {"socket": 198, "socketpair": 199, "clone": 220, "clone3": 435, "getrandom": 278},
}[platform.machine()]
IS_GLIBC = platform.libc_ver(os.environ["MMDCLOSE"])[0] == "glibc"
NAME = "localhost"  # of a file, /etc/hosts
C_LIBRARY = ctypes.CDLL(None, use_errno=True)


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def refusal(error: int, call: str, argument: int = -1, bits: bool = False) -> bytes:
    """The filter that refuses a call; or only with this first argument, or with these bits in it."""
    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)
    if argument < 0:
        return (step(LOAD, NUMBER_AT) + step(JUMP_IF_EQUAL, CALLS[call], 0, 1) + step(RETURN, REFUSE | error)
                + step(RETURN, ALLOW))
    return (step(LOAD, NUMBER_AT) + step(JUMP_IF_EQUAL, CALLS[call], 0, 3) + step(LOAD, FIRST_ARGUMENT_AT)
            + step(JUMP_IF_SET if bits else JUMP_IF_EQUAL, argument, 0, 1) + step(RETURN, REFUSE | error)
            + step(RETURN, ALLOW))


def sandbox(*filters: bytes) -> Callable[[], None]:
    """What a new process calls to be under these filters."""
    def enter() -> None:
        for text in filters:
            program = Program(len(text) // 8, text)
            if C_LIBRARY.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or \
                    C_LIBRARY.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program)):
                raise OSError(ctypes.get_errno(), "no sandbox")
    return enter


def threads(error: int) -> Callable[[], None]:
    return sandbox(refusal(error, "clone3"), refusal(error, "clone", CLONE_THREAD, bits=True))


class Refusals(Case):
    def assertRefused(self, error: int, connect: str, **options) -> None:
        service = self.serve()
        result = self.run_command(*self.arguments(service, connect=connect), "--json", **options)
        self.assertSays(result, outcome="internal", error="system", delivery="not_sent", detail=error)
        self.assertEqual(service.connections, [])

    # Fault 510: no thread for the lookup, by a sandbox or a limit -> the system's own refusal, not sent
    # (POSIX, pthread_create)
    def test_no_thread(self):
        for error in (errno.EPERM, errno.EAGAIN):
            with self.subTest(errno.errorcode[error]):
                seen = error if IS_GLIBC else errno.EAGAIN  # musl has no other
                self.assertRefused(seen, NAME, preexec_fn=threads(error))

    # Fault 511: too few descriptors for the lookup, or no pair of sockets -> the system's own refusal, not sent
    # (POSIX, socketpair)
    def test_too_few_descriptors(self):
        for limit in (4, 5):  # beside the three of each program: not two, or none more for the system's resolver
            with self.subTest(limit):
                self.assertRefused(errno.EMFILE, NAME, before=["sh", "-c", f"ulimit -n {limit}; exec \"$@\"", "sh"])

    # Fault 511
    def test_no_pair_of_sockets(self):
        self.assertRefused(errno.EPERM, NAME, preexec_fn=sandbox(refusal(errno.EPERM, "socketpair")))

    # Fault 512: no socket for the connection, or for the system's resolver -> the system's own refusal, not sent
    # (POSIX, socket)
    def test_no_socket(self):
        for error in (errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENOBUFS):
            filters = [refusal(error, "socket", family) for family in (socket.AF_INET, socket.AF_INET6)]
            for connect in ("127.0.0.1", NAME, "host.test"):
                with self.subTest(errno.errorcode[error], connect=connect):
                    self.assertRefused(error, connect, preexec_fn=sandbox(*filters))

    # Fault 715: the system has no random bytes yet, early after boot -> waited for within the time for everything; if
    # it refuses them -> told at once (getrandom(2))
    def test_no_random_bytes(self):
        for error, least in ((errno.EAGAIN, 200), (errno.EPERM, 0)):
            with self.subTest(errno.errorcode[error]):
                service = self.serve()
                result = self.run_command(*self.arguments(service, timeout=0.3), "--json",
                                          preexec_fn=sandbox(refusal(error, "getrandom")))
                self.assertSays(result, outcome="internal", error="entropy", cause="device", detail=error,
                                detail_kind="errno")
                self.assertGreaterEqual(result.json["elapsed_ms"], least)  # it waits no less, however busy it is
                self.assertEqual(service.connections, [])

    # Fault 514: an address of a family that the kernel lacks -> cannot be reached, not sent (RFC 8305, 4)
    def test_no_ipv6(self):
        service = self.serve()
        without = sandbox(refusal(errno.EAFNOSUPPORT, "socket", socket.AF_INET6))
        for connect, expected in (("::1", dict(outcome="try_later", error="connect", detail=errno.EAFNOSUPPORT)),
                                  ("127.0.0.1", dict(outcome="closed"))):
            with self.subTest(connect):
                result = self.run_command(*self.arguments(service, connect=connect), "--json", preexec_fn=without)
                self.assertSays(result, **expected)


if __name__ == "__main__":
    unittest.main()
