#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Closes an elevation request with the shared library, from another language than C: the token is read from the standard
input. Ends with the outcome of mmdclose/closing.h, which is the exit status of the command, too.

    python3 close.py --tenant ID --request ID --actions TEXT <token
"""
import argparse
import ctypes
import sys
import uuid
from ctypes import POINTER, Structure, c_bool, c_char_p, c_int, c_size_t, c_uint, c_uint16, c_uint32, c_void_p

SERVICE, BUNDLE, TOKEN_MAX, BUFFER = "mmdls.microsoft.com", "/etc/ssl/certs/ca-certificates.crt", 8192, 16384
LIFETIME_UNKNOWN = 0xFFFFFFFF  # MMD_TOKEN_LIFETIME_UNKNOWN


class Trust(Structure):
    _fields_ = [("der", c_void_p), ("len", c_size_t)]


class Tls(Structure):
    _fields_ = [("trust", POINTER(Trust)), ("host", c_char_p), ("session", c_void_p), ("allocation_failures", c_void_p),
                ("on_certificate", c_void_p), ("on_certificate_context", c_void_p), ("find_anchors", c_void_p),
                ("find_anchors_context", c_void_p)]


class Config(Structure):
    _fields_ = [("port", c_void_p), ("token_port", c_void_p), ("tls", Tls), ("address", c_char_p),
                ("token_address", c_char_p), ("keep_alive", c_bool), ("credential", c_void_p), ("fetch", c_void_p),
                ("fetch_context", c_void_p), ("fetch_once", c_bool), ("token_request_id", c_char_p),
                ("token_only", c_bool), ("try_timeout_ms", c_uint32), ("total_timeout_ms", c_uint32),
                ("retries", c_uint), ("backoff_ms", c_uint32), ("backoff_max_ms", c_uint32), ("on_stage", c_void_p),
                ("on_stage_context", c_void_p)]


class Closing(Structure):
    _fields_ = [("host", c_char_p), ("port", c_uint16), ("tenant_id", c_char_p), ("elevation_request_id", c_char_p),
                ("token", c_char_p), ("client_request_id", c_char_p), ("actions_taken", c_char_p),
                ("actions_taken_len", c_size_t), ("keep_alive", c_bool)]


class Token(Structure):
    _fields_ = [("bytes", c_void_p), ("cap", c_size_t), ("len", c_size_t), ("got_ms", c_uint32),
                ("lifetime_s", c_uint32)]


class Verdict(Structure):
    _fields_ = [("outcome", c_int), ("cause", c_int), ("error", c_int), ("code", c_char_p), ("message", c_char_p),
                ("message_cut", c_bool)]


class Beginning(Structure):
    """Of struct mmd_close, what its caller reads; the rest is only reserved."""
    _fields_ = [("outcome", c_int), ("stage", c_int), ("attempts", c_uint), ("delivery", c_int),
                ("by_earlier_try", c_bool), ("again_ms", c_uint32), ("verdict", Verdict)]


DECLARED = {"mmd_trust": Trust, "mmd_tls_config": Tls, "mmd_close_config": Config, "mmd_closing": Closing,
            "mmd_token": Token, "mmd_verdict": Verdict}


def load(path: str) -> ctypes.CDLL:
    """The library, if what is declared here is what it was compiled with."""
    library = ctypes.CDLL(path)
    library.mmd_size_of.restype = library.mmd_linux_size.restype = library.mmd_trust_from_pem.restype = c_size_t
    library.mmd_version.restype = library.mmd_error_text.restype = c_char_p
    for name, declared in DECLARED.items():
        if ctypes.sizeof(declared) != library.mmd_size_of(name.encode()):
            sys.exit(f"close.py: struct {name} is another one in mmdclose {library.mmd_version().decode()}")
    return library


def main() -> int:
    parser = argparse.ArgumentParser(description="Closes an elevation request; the token is read from standard input.")
    for name in ("tenant", "request", "actions"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--host", default=SERVICE)
    parser.add_argument("--port", type=int, default=443)
    parser.add_argument("--connect", help="this address instead of the host's")
    parser.add_argument("--ca-file", default=BUNDLE)
    parser.add_argument("--library", default="libmmdclose.so.0.2")
    words = parser.parse_args()
    library = load(words.library)

    memory = ctypes.create_string_buffer(library.mmd_linux_size())
    port = ctypes.create_string_buffer(library.mmd_size_of(b"mmd_port"))
    library.mmd_linux_init(memory, port)
    trust, skipped = Trust(), c_size_t()
    with open(words.ca_file, "rb") as file:
        pem = ctypes.create_string_buffer(file.read())
    library.mmd_trust_from_pem(pem, c_size_t(len(pem) - 1), ctypes.byref(trust), ctypes.byref(skipped))
    given = sys.stdin.buffer.readline().strip()
    kept = ctypes.create_string_buffer(TOKEN_MAX)
    token = Token(ctypes.addressof(kept), TOKEN_MAX)
    error = library.mmd_token_keep(ctypes.byref(token), given, c_size_t(len(given)), c_uint32(LIFETIME_UNKNOWN), 0)
    if error:
        sys.exit(f"close.py: {library.mmd_error_text(error).decode()}")

    actions = words.actions.encode()
    closing = Closing(words.host.encode(), words.port, words.tenant.encode(), words.request.encode(), None,
                      str(uuid.uuid4()).encode(), actions, len(actions), False)
    config = Config(port=ctypes.addressof(port), tls=Tls(trust=ctypes.pointer(trust)),
                    address=words.connect.encode() if words.connect else None, try_timeout_ms=30000,
                    total_timeout_ms=600000, retries=5, backoff_ms=1000, backoff_max_ms=60000)
    run = ctypes.create_string_buffer(library.mmd_size_of(b"mmd_close"))
    buffer = ctypes.create_string_buffer(BUFFER)
    library.mmd_close_start(run, ctypes.byref(config), ctypes.byref(token), ctypes.byref(closing), buffer,
                            c_size_t(BUFFER))
    library.mmd_close_run(run)
    library.mmd_token_forget(ctypes.byref(token))
    result = Beginning.from_buffer(run)
    print(library.mmd_error_text(result.verdict.error).decode())
    return result.outcome


if __name__ == "__main__":
    sys.exit(main())
