# SPDX-License-Identifier: MIT
"""The demo: closes a request of the stand-in service with the real command over verified TLS, then shows what a second
closing and an unknown request come to, and a closing that fetches its own token through a real proxy. Starts what it
needs, and leaves nothing running.

    python3 test/demo.py PROGRAM      or several words: an emulator and the program
"""
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "service"))
sys.dont_write_bytecode = True
from pki import Pki  # noqa: E402
from proxies import Tinyproxy  # noqa: E402
from service import DEFAULT_TOKEN, Service  # noqa: E402
from tls import Tls  # noqa: E402
from token_server import NAME as LOGIN, TokenServer  # noqa: E402

TENANT, REQUEST = "5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11", "c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e02"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
SECOND = "7b1f0d52-3c1e-4f6e-9d0a-5e8c2a4b6f13"
CLIENT, SECRET = "9b1c5a0e-7d3f-4e57-8a64-2f0d9c1b7e35", "a secret of this demo"


def run(title: str, command: list, expected: int) -> bool:
    """Shows a command, what it prints and its exit status; returns whether that is the expected one."""
    print(f"\n== {title}\n$ {shlex.join(command)}", flush=True)
    status = subprocess.run(command, timeout=60).returncode
    print(f"\n(exit status {status})", flush=True)
    return status == expected


def private_file(folder: str, name: str, content: str) -> str:
    path = Path(folder, name)
    path.touch(mode=0o600)
    path.write_text(content, encoding="ascii")
    return str(path)


def close_with_its_own_token(command: list, folder: str, service: Service) -> bool:
    """By a client's secret, through a proxy, to a token server and the service."""
    service.add(TENANT, SECOND)
    with TokenServer(Tls(Pki(folder, LOGIN)), tokens=service.tokens) as server, \
            Tinyproxy(Path(folder, "proxy")) as proxy:
        server.add_client(TENANT, CLIENT, secrets=[SECRET.encode()])
        words = [SECOND if word == REQUEST else word for word in command]
        at = words.index("--token-file")
        words[at:at + 2] = ["--client-id", CLIENT, "--client-secret-file", private_file(folder, "secret", SECRET),
                            "--authority", f"{server.name}:{server.port}", "--authority-connect", server.address,
                            "--proxy", f"http://{proxy.address}:{proxy.port}", "--retry", "3"]
        right = run("Closing another one, with a token of its own, through a proxy", words + ["--verbose"], 0)
        print(f"\n== The proxy has seen: {proxy.logs.count('Established')} connections, and nothing of the secret: "
              f"{SECRET not in proxy.logs}")
        return right and not server.problems


def main() -> int:
    program = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="mmdclose-demo-") as folder:
        token_file = private_file(folder, "token", DEFAULT_TOKEN + "\n")
        print("== A stand-in for the service: RSA-2048 certificate, RSA-4096 intermediate, on loopback", flush=True)
        pki = Pki(folder)
        with Service(Tls(pki)) as service:
            service.add(TENANT, REQUEST)
            command = [*program, "close", "--tenant", TENANT, "--request", REQUEST,
                       "--actions", "Replaced the printer's driver.", "--token-file", token_file,
                       "--host", service.name, "--port", str(service.port), "--connect", service.address,
                       "--ca-file", str(pki.ca_file())]
            unknown = [UNKNOWN if word == REQUEST else word for word in command]
            right = [
                run("The request, as it will be sent", command + ["--dry-run"], 0),
                run("Closing it", command + ["--verbose"], 0),
                run("Closing it again", command, 3),
                run("Closing one that does not exist", unknown, 4),
                close_with_its_own_token(command, folder, service),
            ]
            right.append(not service.problems)
            print(f"\n== The service has recorded: {service.actions(TENANT, REQUEST)}")
    print("demo: as it should be" if all(right) else "demo: SOMETHING WENT WRONG")
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
