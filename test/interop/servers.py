# SPDX-License-Identifier: MIT
"""TLS servers of others as front ends: how each is told to pass what it receives to a plain HTTP service.

The programs are those that tools/deps.sh unpacked in the folder deps, or else those of the system.
"""
import os
import re
import socket
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List

import unpacked
from unpacked import STOP_WITHIN, environment, root

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Front:
    """What a server is told: its port on loopback, the port behind it, the TLS version, leaf and intermediate."""
    port: int
    back: int
    version: str  # "1.2"
    chain: str
    key: str
    folder: Path  # for what it writes

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="ascii")
        return str(path)


# Below the folder of its package, or in PATH; and what to say for the version.
PROGRAMS = {
    "nginx": ("usr/sbin/nginx", "-v"), "s_server": ("openssl", "version"), "haproxy": ("usr/sbin/haproxy", "-v"),
    "stunnel": ("usr/bin/stunnel4", "-version"), "apache2": ("usr/sbin/apache2", "-v"),
    "lighttpd": ("usr/sbin/lighttpd", "-v"), "node": ("node", "--version"),
}


def program(name: str) -> str:
    path, _ = PROGRAMS[name]
    if name == "nginx" and "NGINX" in os.environ:
        return os.environ["NGINX"]
    return str(root(name) / path) if "/" in path else path


def version_of(name: str) -> str:
    """As the program itself tells it."""
    try:
        done = subprocess.run([program(name), PROGRAMS[name][1]], env=environment(name), check=False, timeout=20,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError:
        return "-"
    found = re.search(rb"\d+\.\d[\d.]*", done.stdout)
    return found[0].decode() if found else "-"


def nginx(front: Front) -> List[str]:
    temporary = "\n".join(f"{kind}_temp_path {front.folder}/{kind};"
                          for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return [program("nginx"), "-e", "stderr", "-p", str(front.folder), "-c", front.write("nginx.conf", f"""
daemon off;
master_process off;
pid {front.folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    {temporary}
    server {{
        listen 127.0.0.1:{front.port} ssl;
        ssl_certificate {front.chain};
        ssl_certificate_key {front.key};
        ssl_protocols TLSv{front.version};
        location / {{
            proxy_pass http://127.0.0.1:{front.back};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Connection $http_connection;
        }}
    }}
}}
""")]


def s_server(front: Front) -> List[str]:
    """It does not proxy: what comes goes to its standard output, and its standard input is the answer (see Piped)."""
    leaf, end, intermediates = Path(front.chain).read_text(encoding="ascii").partition("-----END CERTIFICATE-----\n")
    return [program("s_server"), "s_server", "-quiet", "-accept", f"127.0.0.1:{front.port}",
            "-tls" + front.version.replace(".", "_"), "-key", front.key, "-cert", front.write("leaf.pem", leaf + end),
            "-cert_chain", front.write("intermediates.pem", intermediates)]


def haproxy(front: Front) -> List[str]:
    both = Path(front.chain).read_text(encoding="ascii") + Path(front.key).read_text(encoding="ascii")
    version = f"TLSv{front.version}"
    return [program("haproxy"), "-db", "-f", front.write("haproxy.cfg", f"""
defaults
    mode http
    timeout connect 10s
    timeout client 30s
    timeout server 30s
listen front
    bind 127.0.0.1:{front.port} ssl crt {front.write("both.pem", both)} ssl-min-ver {version} ssl-max-ver {version}
    server back 127.0.0.1:{front.back}
""")]


def stunnel(front: Front) -> List[str]:
    return [program("stunnel"), front.write("stunnel.conf", f"""
foreground = yes
pid =
[front]
accept = 127.0.0.1:{front.port}
connect = 127.0.0.1:{front.back}
cert = {front.chain}
key = {front.key}
sslVersion = TLSv{front.version}
""")]


def apache2(front: Front) -> List[str]:
    """In one process, for -X: it ends with that."""
    modules = "\n".join(f"LoadModule {name}_module {root('apache2')}/usr/lib/apache2/modules/mod_{name}.so"
                        for name in ("mpm_event", "authz_core", "ssl", "proxy", "proxy_http"))
    owner = "User nobody\nGroup nogroup" if os.geteuid() == 0 else ""  # it will not serve as root
    return [program("apache2"), "-X", "-f", front.write("apache2.conf", f"""
{modules}
{owner}
ServerName mmdls.test
ServerRoot {front.folder}
DefaultRuntimeDir {front.folder}
PidFile {front.folder}/apache2.pid
ErrorLog /dev/stderr
Listen 127.0.0.1:{front.port}
SSLEngine on
SSLProtocol TLSv{front.version}
SSLCertificateFile {front.chain}
SSLCertificateKeyFile {front.key}
ProxyPreserveHost On
ProxyPass / http://127.0.0.1:{front.back}/
""")]


def lighttpd(front: Front) -> List[str]:
    return [program("lighttpd"), "-D", "-m", str(root("lighttpd") / "usr/lib/lighttpd"), "-f",
            front.write("lighttpd.conf", f"""
server.modules = ("mod_openssl", "mod_proxy")
server.document-root = "{front.folder}"
server.bind = "127.0.0.1"
server.port = {front.port}
ssl.engine = "enable"
ssl.pemfile = "{front.chain}"
ssl.privkey = "{front.key}"
ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv{front.version}", "MaxProtocol" => "TLSv{front.version}")
proxy.server = ("" => (("host" => "127.0.0.1", "port" => {front.back})))
""")]


def node(front: Front) -> List[str]:
    return [program("node"), str(HERE / "proxy.mjs"), str(front.port), str(front.back), f"TLSv{front.version}",
            front.chain, front.key]


SERVERS: Dict[str, Callable[[Front], List[str]]] = {
    "nginx": nginx, "s_server": s_server, "haproxy": haproxy, "stunnel": stunnel, "apache2": apache2,
    "lighttpd": lighttpd, "node": node,
}


class Running(unpacked.Running):
    """A server in front of the service."""

    def __init__(self, name: str, front: Front) -> None:
        self._front = front
        super().__init__(name, SERVERS[name](front), front.port, front.folder / "log")


class Piped(Running):
    """A server that gives what it receives to its standard output, and sends what its standard input says: joined to
    one connection with the service behind it, made when the first byte comes."""

    def _start(self, command: List[str], log, env: Dict[str, str]) -> subprocess.Popen:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=env)

    def __enter__(self) -> "Running":
        self._join = threading.Thread(target=self._pass_on, daemon=True)
        self._join.start()
        return super().__enter__()

    def __exit__(self, *_) -> None:
        super().__exit__()
        self._join.join(STOP_WITHIN)
        self._process.stdout.close()
        self._process.stdin.close()

    def _pass_on(self) -> None:
        first = self._process.stdout.read1()
        if not first:
            return
        with socket.create_connection(("127.0.0.1", self._front.back)) as back:
            answer = threading.Thread(target=self._answer, args=(back,), daemon=True)
            answer.start()
            while first:
                back.sendall(first)
                first = self._process.stdout.read1()
            back.shutdown(socket.SHUT_WR)
            answer.join(STOP_WITHIN)

    def _answer(self, back: socket.socket) -> None:
        try:
            while piece := back.recv(65536):
                self._process.stdin.write(piece)
                self._process.stdin.flush()
        except OSError:
            pass  # the server has ended


def running(name: str, front: Front) -> Running:
    return (Piped if name == "s_server" else Running)(name, front)
