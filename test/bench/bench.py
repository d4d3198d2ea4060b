# SPDX-License-Identifier: MIT
"""Counts instructions with callgrind, which repeat to the last one: of building and parsing, and of a whole closing
against the stand-in service, beside curl doing the same.

    python3 test/bench/bench.py BUILD
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "service"))
sys.dont_write_bytecode = True
from pki import Pki  # noqa: E402
from service import Service  # noqa: E402
from tls import Tls  # noqa: E402
from token_server import NAME as LOGIN, TokenServer  # noqa: E402

TENANT, REQUEST = "5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11", "c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e02"
TOKEN = "t" * 1700
CLIENT, SECRET = "9b1c5a0e-7d3f-4e57-8a64-2f0d9c1b7e35", "s" * 40
WORKS = ("build-30", "build-1000", "parse-204", "parse-400", "parse-404")


def instructions(*command: str) -> int:
    run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
                         capture_output=True, text=True, timeout=300)
    if run.returncode not in (0, 3):  # 3: closed already
        sys.exit(f"bench: {command[:2]} failed: {run.stderr}")
    return int(re.search(r"Collected : (\d+)", run.stderr)[1])


def per_round(program: str, work: str) -> int:
    """The difference of many and few rounds: starting the program does not count."""
    few, many = (instructions(program, work, str(rounds)) for rounds in (100, 1100))
    return (many - few) // 1000


def of_rounds(program: str, service: Service, ca_file: str, rounds: int) -> int:
    for number in range(1, rounds + 1):
        service.add(TENANT, str(number))
    return instructions(program, service.name, str(service.port), service.address, ca_file, TENANT, TOKEN, str(rounds))


def one_more(program: str, folder: str):
    """Rows of one more closing on a connection that is kept: the TLS version, and instructions."""
    pki = Pki(folder)
    for version in ("1.3", "1.2"):
        with Service(Tls(pki, minimum=version, maximum=version), tokens=(TOKEN,)) as service:
            few, many = (of_rounds(program, service, str(pki.ca_file()), rounds) for rounds in (2, 102))
            yield version, (many - few) // 100


def with_token(program: str, folder: str):
    """Rows of a closing that fetches its own token by a secret, both handshakes in full: as one_more."""
    pki, login = Pki(folder), Pki(folder, LOGIN)
    secret = Path(folder, "secret")
    secret.touch(mode=0o600)
    secret.write_text(SECRET, encoding="ascii")
    for version in ("1.3", "1.2"):
        tls = {"minimum": version, "maximum": version}
        with Service(Tls(pki, **tls)) as service, TokenServer(Tls(login, **tls), tokens=service.tokens) as server:
            service.add(TENANT, REQUEST)
            server.add_client(TENANT, CLIENT, secrets=[SECRET.encode()])
            yield version, instructions(
                program, "close", "--tenant", TENANT, "--request", REQUEST, "--actions", "x" * 30, "--host",
                service.name, "--port", str(service.port), "--connect", service.address, "--ca-file",
                str(pki.ca_file()), "--client-id", CLIENT, "--client-secret-file", str(secret), "--authority",
                f"{server.name}:{server.port}", "--authority-connect", server.address)


def closings(program: str, folder: str):
    """Rows of the whole job: what, the TLS version, instructions, TCP segments and bytes out and in."""
    pki = Pki(folder)
    token_file = Path(folder, "token")
    token_file.touch(mode=0o600)
    token_file.write_text(TOKEN, encoding="ascii")
    for version in ("1.3", "1.2"):
        with Service(Tls(pki, minimum=version, maximum=version), tokens=(TOKEN,)) as service:
            service.add(TENANT, REQUEST)
            url = f"https://{service.name}:{service.port}/support/odata/v1/tenants/{TENANT}/elevationRequests/{REQUEST}"
            commands = {
                "mmdclose": [program, "close", "--tenant", TENANT, "--request", REQUEST, "--actions", "x" * 30,
                             "--token-file", str(token_file), "--host", service.name, "--port", str(service.port),
                             "--connect", service.address, "--ca-file", str(pki.ca_file())],
                "curl": ["curl", "--silent", "--request", "PATCH", "--header", f"Authorization: Bearer {TOKEN}",
                         "--header", "Accept: application/json", "--header", "Content-Type: application/json",
                         "--header", f"client-request-id: {REQUEST}", "--header", "Connection: close",
                         "--data", '{"ActionsTaken":"' + "x" * 30 + '"}', "--cacert", str(pki.ca_file()),
                         "--connect-to", f"{service.name}:{service.port}:{service.address}:{service.port}", url],
            }
            for number, (name, command) in enumerate(commands.items(), 1):
                count = instructions(*command)
                record = service.finished(number)[-1]
                yield name, version, count, record.data_segments_in, record.raw_in, record.raw_out


def main() -> int:
    build = Path(sys.argv[1])
    print("instructions, this machine")
    for work in WORKS:
        print(f"  {work:<12} {per_round(str(build / 'test/bench/bench'), work):>10,}")
    print("a whole closing       TLS  instructions  segments out  bytes out  bytes in")
    with tempfile.TemporaryDirectory(prefix="mmdclose-bench-") as folder:
        for name, version, count, segments, sent, received in closings(str(build / "mmdclose"), folder):
            print(f"  {name:<19} {version}  {count:>12,}  {segments:>12}  {sent:>9,}  {received:>8,}")
        for version, count in with_token(str(build / "mmdclose"), folder):
            print(f"  with its own token  {version}  {count:>12,}")
        for version, count in one_more(str(build / "test/bench/kept"), folder):
            print(f"  one more, kept      {version}  {count:>12,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
