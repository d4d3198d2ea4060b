# SPDX-License-Identifier: MIT
"""The clients that are measured, all with the same PATCH: a token of 1,700 characters, a text of 30. And the server
that answers all of them with a 204: nginx, with a chain of the real service's shape."""
import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Callable, Dict, Iterator, List, NamedTuple, Sequence

TEST = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TEST / "service"), str(TEST / "interop")]
import unpacked  # noqa: E402
from pki import Pki  # noqa: E402
from servers import program, version_of  # noqa: E402

from measure import Command  # noqa: E402

NAME, ADDRESS = "localhost", "127.0.0.1"  # wget cannot be told an address, so it is a name that each system knows
TENANT, REQUEST = "5fd0c1a6-2c8b-4d8e-9a53-0b7f3f1c2d11", "c0a8f7e2-91d4-4b6a-8e35-7d2a6b9c4e02"
CLIENT, SECRET = "9b1c5a0e-7d3f-4e57-8a64-2f0d9c1b7e35", "s" * 40
TOKEN, ACTIONS = "t" * 1700, "x" * 30
BODY = '{"ActionsTaken":"' + ACTIONS + '"}'
PATH = f"/support/odata/v1/tenants/{TENANT}/elevationRequests/{REQUEST}"
FIELDS = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json", "Content-Type": "application/json",
          "client-request-id": REQUEST}
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
VERSIONS = ("1.3", "1.2")
RUNS_FOR = ["timeout", "--kill-after=5", "1800"]  # seconds, also if this program can no longer end the server


class Client(NamedTuple):
    name: str
    command: Callable[..., Command]  # of the port, and of the file with the roots; the version is the server's choice
    versions: Sequence[str] = VERSIONS


class Bench:
    """The files that clients are given, in a folder; and the programs of this project."""

    def __init__(self, folder: Path, build: Path) -> None:
        self.folder, self.build = folder, build
        self.pki = Pki(folder / "pki", NAME)
        self.root = self.pki.ca_file()
        self.other_root = self.pki.ca_file("p256")  # which the server's chain does not lead to
        head = "".join(f"{name}: {value}\r\n" for name, value in FIELDS.items())
        self.token, self.secret = self._private("token", TOKEN), self._private("secret", SECRET)
        self.request, self.kept_request = (
            self._private(name, f"PATCH {PATH} HTTP/1.1\r\nHost: {NAME}\r\n{head}Content-Length: {len(BODY)}\r\n"
                                f"{connection}\r\n{BODY}")
            for name, connection in (("request", "Connection: close\r\n"), ("kept", "")))
        self.bundle = str(folder / "bundle.pem")
        Path(self.bundle).write_bytes((BUNDLE.read_bytes() if BUNDLE.exists() else b"") + Path(self.root).read_bytes())

    def der(self, root: str) -> str:
        path = str(self.folder / Path(root).stem) + ".der"
        subprocess.run(["openssl", "x509", "-in", root, "-outform", "DER", "-out", path], check=True)
        return path

    def _private(self, name: str, text: str) -> str:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="ascii", newline="")
        return str(path)

    # ---- this project ----

    def mmdclose(self, path: Path, port: int, roots: str, *more: str) -> Command:
        """By SSL_CERT_FILE, as OpenSSL's users name their roots."""
        token = [] if "--client-id" in more else ["--token-file", self.token]
        return Command([str(path), "close", "--no-config", "--tenant", TENANT, "--request", REQUEST, "--actions",
                        ACTIONS, "--host", NAME, "--port", str(port), "--connect", ADDRESS, *token, *more],
                       environment={"SSL_CERT_FILE": roots})

    def with_token(self, path: Path, port: int) -> Command:
        """It gets its own token first, from the same server."""
        return self.mmdclose(path, port, self.root, "--client-id", CLIENT, "--client-secret-file", self.secret,
                             "--authority", f"{NAME}:{port}", "--authority-connect", ADDRESS)

    def kept(self, port: int, closings: int) -> Command:
        return Command([str(self.build / "test/bench/kept"), NAME, str(port), ADDRESS, self.root, TENANT, TOKEN,
                        str(closings)])

    # ---- others ----

    def bare(self, port: int, root: str, closings: int = 1) -> Command:
        return Command([str(self.build / "test/bench/bare"), NAME, str(port), self.der(root),
                        self.request if closings == 1 else self.kept_request, str(closings)])

    def curl(self, port: int, roots: str, closings: int = 1) -> Command:
        fields = [word for name, value in FIELDS.items() for word in ("--header", f"{name}: {value}")]
        close = ["--header", "Connection: close"] if closings == 1 else []
        return Command(["curl", "--disable", "--silent", "--fail", "--request", "PATCH", *fields, *close, "--data",
                        BODY, "--cacert", roots, *self._connect(port), *[f"https://{NAME}:{port}{PATH}"] * closings])

    def curl_token(self, port: int) -> Command:
        form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET,
                "scope": "https://mwaas-services-customerapi-prod.azurewebsites.net/.default"}
        return Command(["curl", "--disable", "--silent", "--fail", "--header", "Connection: close", "--cacert",
                        self.root, *self._connect(port),
                        *[word for name, value in form.items() for word in ("--data-urlencode", f"{name}={value}")],
                        f"https://{NAME}:{port}/{TENANT}/oauth2/v2.0/token"])

    @staticmethod
    def _connect(port: int) -> List[str]:
        return ["--connect-to", f"{NAME}:{port}:{ADDRESS}:{port}"]

    def wget(self, port: int, roots: str) -> Command:
        fields = [f"--header={name}: {value}" for name, value in FIELDS.items()]
        return Command(["wget", "--no-config", "--no-hsts", "--quiet", "--output-document=/dev/null", "--inet4-only",
                        "--method=PATCH", *fields, "--header=Connection: close", f"--body-data={BODY}",
                        f"--ca-certificate={roots}", f"https://{NAME}:{port}{PATH}"])

    def s_client(self, port: int, roots: str) -> Command:
        return Command(["openssl", "s_client", "-quiet", "-connect", f"{ADDRESS}:{port}", "-servername", NAME,
                        "-verify_hostname", NAME, "-verify_return_error", "-CAfile", roots, "-no-CApath",
                        "-no-CAstore"],
                       self.request)

    # ---- all of them ----

    def clients(self, static: Path) -> List[Client]:
        return [Client("mmdclose, glibc", lambda port, roots: self.mmdclose(self.build / "mmdclose", port, roots)),
                Client("mmdclose, static, musl", lambda port, roots: self.mmdclose(static, port, roots)),
                Client("bare Mbed TLS", self.bare), Client("curl", self.curl), Client("wget", self.wget),
                Client("openssl s_client", self.s_client)]

    # ---- the server ----

    @contextlib.contextmanager
    def server(self) -> Iterator[Dict[str, int]]:
        """The ports, by the version of TLS."""
        holders = {version: unpacked.reserve_port() for version in VERSIONS}
        ports = {version: holder.getsockname()[1] for version, holder in holders.items()}
        configuration = self.folder / "nginx.conf"
        configuration.write_text(self._nginx(ports), encoding="ascii")
        command = [program("nginx"), "-e", "stderr", "-p", str(self.folder), "-c", str(configuration)]
        try:
            with Server("nginx", command, ports["1.2"], self.folder / "log"):
                yield ports
        finally:
            for holder in holders.values():
                holder.close()

    def _nginx(self, ports: Dict[str, int]) -> str:
        chain, key = self.pki.chain("good")
        temporary = "\n".join(f"{kind}_temp_path {self.folder}/{kind};"
                              for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        servers = "\n".join(f"""
    server {{
        listen {ADDRESS}:{port} ssl;
        ssl_protocols TLSv{version};
        location / {{ return 204; }}
        location ~ /oauth2/ {{
            default_type application/json;
            return 200 '{{"token_type":"Bearer","expires_in":3599,"access_token":"{TOKEN}"}}';
        }}
    }}""" for version, port in ports.items())
        return f"""
daemon off;
master_process off;
pid {self.folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    {temporary}
    keepalive_requests 1000000;
    ssl_certificate {chain};
    ssl_certificate_key {key};
    {servers}
}}
"""


class Server(unpacked.Running):
    """For longer than a test."""

    def _start(self, command, log, env):
        return super()._start(RUNS_FOR + command[len(unpacked.ENDS_AFTER):], log, env)


def versions() -> Dict[str, str]:
    """Of everything that takes part."""
    def first(pattern: str, *command: str) -> str:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = re.search(pattern, done.stdout + done.stderr)
        return found[1] if found else "-"
    return {"curl": first(r"curl (\S+)", "curl", "--version"), "wget": first(r"Wget (\S+)", "wget", "--version"),
            "OpenSSL": first(r"OpenSSL (\S+)", "openssl", "version"), "nginx": version_of("nginx"),
            "gcc": first(r"(\d+\.\d+\.\d+)", "gcc", "--version"),
            "valgrind": first(r"valgrind-(\S+)", "valgrind", "--version"),
            "Mbed TLS": first(r'VERSION_STRING +"(\S+)"', "grep", "MBEDTLS_VERSION_STRING ", str(
                TEST.parent / "deps/mbedtls/include/mbedtls/build_info.h"))}
