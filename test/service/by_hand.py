# SPDX-License-Identifier: MIT
"""The service on the command line: says how to reach it, then logs a line for each connection."""
import argparse
import contextlib
import os
import secrets
import shlex
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import List, Set

from dns import NameServer
from pki import VARIANTS, Pki
from sntp import TimeServer
from tls import VERSIONS, Tls
from transport import Record

TENANT = "5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11"
REQUEST = "c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e02"
LOOPBACK, FROM_QEMU = "127.0.0.1", "10.0.2.2"
TOKEN_BYTES = 1250  # makes a token about as long as a real one


def main(service_class) -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with contextlib.ExitStack() as stack:
            serve(service_class, options, stack)
    except KeyboardInterrupt:
        return 0
    except (OSError, OverflowError, RuntimeError, ValueError) as error:
        print(f"service.py: {error}", file=sys.stderr)
        return 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="service.py", description="A stand-in for the service that closes "
                                     "elevation requests, to try a device against.")
    parser.add_argument("--address", default=LOOPBACK, help="address of this machine to listen on, for a device on its "
                        "network (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    parser.add_argument("--name", default="mmdls.test", help="host name, in the certificate and in Host (%(default)s)")
    parser.add_argument("--tls", choices=VERSIONS, help="the only TLS version (default: 1.2 and 1.3)")
    parser.add_argument("--pki", metavar="DIR", help="keep the certificates here (default: a temporary folder)")
    parser.add_argument("--variant", choices=VARIANTS, default="good", help="certificate to show: %(choices)s")
    parser.add_argument("--tenant", default=TENANT, help="tenant id (%(default)s)")
    parser.add_argument("--request", action="append", metavar="ID", help="an open elevation request; may be repeated")
    parser.add_argument("--token-file", metavar="FILE", help="the token to accept (default: a random one is made)")
    parser.add_argument("--script", metavar="FILE", help="scripts for the first connections; script.py describes them")
    parser.add_argument("--plain", metavar="PORT", type=int, nargs="?", const=443,
                        help="speak plain HTTP behind a front end that clients reach by PORT (443)")
    parser.add_argument("--dns-port", metavar="PORT", type=int, help="also be a name server on this UDP port; 0: any")
    parser.add_argument("--dns-address", metavar="ADDRESS", help="what it answers for the host name (--address, or "
                        f"without that {FROM_QEMU}, this machine as seen from within QEMU)")
    parser.add_argument("--sntp-port", metavar="PORT", type=int, help="also be a time server on this UDP port; 0: any")
    options = parser.parse_args()
    options.request = options.request or [REQUEST]
    options.dns_address = options.dns_address or (FROM_QEMU if options.address == LOOPBACK else options.address)
    return options


def serve(service_class, options: argparse.Namespace, stack: contextlib.ExitStack) -> None:
    """Run until interrupted; `stack` then removes what was made."""
    scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="service-"))
    token_file = options.token_file or make_token(scratch)
    tokens = {Path(token_file).read_text(encoding="ascii").rstrip("\r\n")}
    pki = Pki(options.pki or scratch, options.name)
    version = {"minimum": options.tls, "maximum": options.tls} if options.tls else {}
    service = service_class(None if options.plain else Tls(pki, options.variant, **version), name=options.name,
                            address=options.address, port=options.port, public_port=options.plain, tokens=tokens,
                            on_done=lambda record: log(record, tokens))
    for request_id in options.request:
        service.add(options.tenant, request_id)
    if options.script:
        service.load_scripts(options.script)
    stack.enter_context(service)
    start_helpers(options, stack)
    introduce(service, options, pki, token_file)
    while True:
        signal.pause()


def start_helpers(options: argparse.Namespace, stack: contextlib.ExitStack) -> None:
    """The servers that a device asks first, as far as they are wanted."""
    if options.dns_port is not None:
        names = stack.enter_context(NameServer({options.name: options.dns_address}, options.address, options.dns_port))
        print(f"DNS         {names.address} port {names.port}, UDP: {options.name} is {options.dns_address}")
    if options.sntp_port is not None:
        clock = stack.enter_context(TimeServer(address=options.address, port=options.sntp_port))
        print(f"SNTP        {clock.address} port {clock.port}, UDP")


def make_token(folder: str) -> str:
    path = os.path.join(folder, "token")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(TOKEN_BYTES) + "\n")
    return path


def introduce(service, options: argparse.Namespace, pki: Pki, token_file: str) -> None:
    """What an integrator needs to know, and a command to paste."""
    ca_file, (chain, key) = pki.ca_file(options.variant), pki.chain(options.variant)
    print(f"listening   {service.address} port {service.port}, {'plain HTTP' if options.plain else 'TLS'}")
    if options.plain:
        print(f"front end   to listen on port {options.plain}, with {chain} and {key}")
    print(f"host name   {service.name}, certificate: {options.variant}")
    print(f"CA file     {ca_file}")
    print(f"token file  {token_file}")
    print(f"tenant      {options.tenant}")
    for request_id in options.request:
        print(f"request     {request_id}, open")
    print("\n" + shlex.join([
        "mmdclose", "close", "--tenant", options.tenant, "--request", options.request[0],
        "--actions", "Restarted the device.", "--token-file", str(token_file), "--host", service.name,
        "--port", str(service.public_port), "--connect", service.address, "--ca-file", ca_file]) + "\n", flush=True)


def log(record: Record, tokens: Set[str]) -> None:
    """One line; a token is not shown, even where a client put it wrongly."""
    parts: List[str] = [time.strftime("%H:%M:%S", time.localtime(record.started)), f"#{record.number}"]
    parts.append(f"{record.tls} {record.cipher}".strip() or "no TLS")
    parts += [f"{each.method} {each.target} {each.status or 'not answered'}" for each in record.exchanges]
    parts += filter(None, [record.tls_error, *record.problems, record.gave_up, f"client ended: {record.ended}"])
    line = "  ".join(parts)
    for token in tokens:
        line = line.replace(token, "(token)")
    print(line, file=sys.stderr, flush=True)
