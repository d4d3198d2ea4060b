# SPDX-License-Identifier: MIT
"""The service and the token server on the command line: says how to reach them, then logs a line for each
connection."""
import argparse
import contextlib
import os
import secrets
import shlex
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, List, Set, Tuple

from dns import NameServer
from pki import VARIANTS, Pki
from sntp import TimeServer
from tls import VERSIONS, Tls
from token_server import NAME, TokenServer
from transport import Record

TENANT = "5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11"
REQUEST = "c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e02"
LOOPBACK, FROM_QEMU = "127.0.0.1", "10.0.2.2"
CLIENT = "9b1c5a0e-7d3f-4e57-8a64-2f0d9c1b7e35"
TOKEN_BYTES = 1250  # makes a token about as long as a real one
SECRET_BYTES = 30


@dataclass
class Credentials:
    """What a device may prove itself with: a token that it was given, or what it fetches one with."""
    token_file: str
    secret_file: str
    certificate: str
    key: str


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
    parser.add_argument("--authority-name", metavar="NAME", default=NAME, help="host name of the token server "
                        "(%(default)s)")
    parser.add_argument("--authority-port", metavar="PORT", type=int, default=0, help="its port (default: any free "
                        "one)")
    parser.add_argument("--authority-variant", metavar="VARIANT", choices=VARIANTS, default="good", help="its "
                        "certificate (%(default)s)")
    parser.add_argument("--authority-script", metavar="FILE", help="scripts for its first connections")
    parser.add_argument("--client-id", metavar="ID", default=CLIENT, help="the one that it gives tokens (%(default)s)")
    options = parser.parse_args()
    options.request = options.request or [REQUEST]
    options.dns_address = options.dns_address or (FROM_QEMU if options.address == LOOPBACK else options.address)
    return options


def serve(service_class, options: argparse.Namespace, stack: contextlib.ExitStack) -> None:
    """Run until interrupted; `stack` then removes what was made."""
    scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="service-"))
    folder = options.pki or scratch
    credentials = make_credentials(folder, scratch, options)
    secret = Path(credentials.secret_file).read_text(encoding="ascii").rstrip("\n")
    tokens = {Path(credentials.token_file).read_text(encoding="ascii").rstrip("\r\n")}
    pki = Pki(folder, options.name)
    version = {"minimum": options.tls, "maximum": options.tls} if options.tls else {}
    service = service_class(None if options.plain else Tls(pki, options.variant, **version), name=options.name,
                            address=options.address, port=options.port, public_port=options.plain, tokens=tokens,
                            on_done=lambda record: log("service", record, service.tokens | {secret}))
    for request_id in options.request:
        service.add(options.tenant, request_id)
    if options.script:
        service.load_scripts(options.script)
    stack.enter_context(service)
    authority = TokenServer(Tls(Pki(folder, options.authority_name), options.authority_variant, **version),
                            name=options.authority_name, address=options.address, port=options.authority_port,
                            tokens=service.tokens,
                            on_done=lambda record: log("authority", record, service.tokens | {secret}))
    authority.add_client(options.tenant, options.client_id, secrets=[secret.encode()],
                         certificates=[credentials.certificate])
    if options.authority_script:
        authority.load_scripts(options.authority_script)
    stack.enter_context(authority)
    start_helpers(options, stack)
    introduce(service, authority, options, pki, credentials, trusted(pki, options, scratch))
    while True:
        signal.pause()


def make_credentials(folder: str, scratch: str, options: argparse.Namespace) -> Credentials:
    certificate, key = Pki(folder, "kiosk.test").chain("self-signed")
    return Credentials(options.token_file or make_secret(scratch, "token", TOKEN_BYTES),
                       make_secret(scratch, "client-secret", SECRET_BYTES), certificate, key)


def trusted(pki: Pki, options: argparse.Namespace, scratch: str) -> str:
    """The file of what a client is to trust for both."""
    files = sorted({pki.ca_file(options.variant), pki.ca_file(options.authority_variant)})
    if len(files) == 1:
        return files[0]
    both = Path(scratch, "ca.pem")
    both.write_text("".join(Path(file).read_text(encoding="ascii") for file in files), encoding="ascii")
    return str(both)


def start_helpers(options: argparse.Namespace, stack: contextlib.ExitStack) -> None:
    """The servers that a device asks first, as far as they are wanted."""
    if options.dns_port is not None:
        known = dict.fromkeys((options.name, options.authority_name), options.dns_address)
        names = stack.enter_context(NameServer(known, options.address, options.dns_port))
        print(f"DNS         {names.address} port {names.port}, UDP: {' and '.join(known)}: {options.dns_address}")
    if options.sntp_port is not None:
        clock = stack.enter_context(TimeServer(address=options.address, port=options.sntp_port))
        print(f"SNTP        {clock.address} port {clock.port}, UDP")


def make_secret(folder: str, name: str, size: int) -> str:
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(size) + "\n")
    return path


def introduce(service: Any, authority: TokenServer, options: argparse.Namespace, pki: Pki, credentials: Credentials,
              ca_file: str) -> None:
    """What an integrator needs to know, and commands to paste."""
    chain, key = pki.chain(options.variant)
    print(f"listening   {service.address} port {service.port}, {'plain HTTP' if options.plain else 'TLS'}")
    if options.plain:
        print(f"front end   to listen on port {options.plain}, with {chain} and {key}")
    print(f"host name   {service.name}, certificate: {options.variant}")
    print(f"authority   {authority.name}, {authority.address} port {authority.port}, certificate: "
          f"{options.authority_variant}")
    print(f"CA file     {ca_file}")
    print(f"token file  {credentials.token_file}")
    print(f"tenant      {options.tenant}")
    print(f"client      {options.client_id}")
    for request_id in options.request:
        print(f"request     {request_id}, open")
    common = ["mmdclose", "close", "--tenant", options.tenant, "--request", options.request[0],
              "--actions", "Restarted the device.", "--host", service.name, "--port", str(service.public_port),
              "--connect", service.address, "--ca-file", ca_file]
    for title, words in ways(authority, options, credentials):
        print(f"\n# {title}\n{shlex.join(common + words)}")
    print(flush=True)


def ways(authority: TokenServer, options: argparse.Namespace, credentials: Credentials) -> List[Tuple[str, List[str]]]:
    """The options that say where the command has its token from."""
    fetch = ["--client-id", options.client_id, "--authority", authority.authority,
             "--authority-connect", authority.address]
    return [("with a token", ["--token-file", credentials.token_file]),
            ("with a token that it fetches by a secret", [*fetch, "--client-secret-file", credentials.secret_file]),
            ("or by a certificate", [*fetch, "--certificate", credentials.certificate, "--key-file", credentials.key])]


def log(server: str, record: Record, hidden: Set[str]) -> None:
    """One line; a token or secret is not shown, even where a client put it wrongly."""
    parts: List[str] = [time.strftime("%H:%M:%S", time.localtime(record.started)), f"{server} #{record.number}"]
    parts.append(f"{record.tls} {record.cipher}".strip() or "no TLS")
    parts += [f"{each.method} {each.target} {each.status or 'not answered'}" for each in record.exchanges]
    parts += filter(None, [record.tls_error, *record.problems, record.gave_up, f"client ended: {record.ended}"])
    line = "  ".join(parts)
    for text in hidden:
        line = line.replace(text, "(secret)")
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(f"{sys.argv[0]} is a part of service.py: run that one (--help lists its options).", file=sys.stderr)
    sys.exit(2)
