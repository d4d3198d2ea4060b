# SPDX-License-Identifier: MIT
"""TLS servers that others wrote, each as a front end of the stand-in: how it is configured and started.

Each function writes what its server needs into a folder and returns the words that start it in the foreground.
"""
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List

HERE = Path(__file__).resolve().parent
UNPACKED = Path(os.environ["SERVERS"])  # of Debian packages


@dataclass
class Front:
    """What a front end is to do."""
    folder: Path
    port: int
    back: int     # the stand-in's port, plain HTTP
    chain: str    # files
    key: str
    version: str  # of TLS, 1.2 or 1.3

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def both(self) -> Path:
        """The chain and the key in one file."""
        return self.write("both.pem", Path(self.chain).read_text() + Path(self.key).read_text())


def nginx(f: Front) -> List[object]:
    temporary = "".join(f"{kind}_temp_path {f.folder}/{kind};" for kind in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = f.write("nginx.conf", f"""
daemon off; master_process off; pid {f.folder}/pid; error_log {f.folder}/log; events {{}}
http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{f.port} ssl;
    ssl_certificate {f.chain}; ssl_certificate_key {f.key}; ssl_protocols TLSv{f.version};
    large_client_header_buffers 4 16k;
    location / {{ proxy_pass http://127.0.0.1:{f.back}; proxy_http_version 1.1;
        proxy_set_header Host $http_host; proxy_set_header Connection $http_connection; }} }} }}
""")
    return [os.environ["NGINX"], "-p", f.folder, "-c", config, "-e", f.folder / "log"]


def haproxy(f: Front) -> List[object]:
    config = f.write("haproxy.cfg", f"""
defaults
    mode http
    timeout client 20s
    timeout server 20s
    timeout connect 5s
frontend front
    bind 127.0.0.1:{f.port} ssl crt {f.both()} ssl-min-ver TLSv{f.version} ssl-max-ver TLSv{f.version}
    default_backend back
backend back
    server one 127.0.0.1:{f.back}
""")
    return [UNPACKED / "usr/sbin/haproxy", "-db", "-f", config]


def stunnel(f: Front) -> List[object]:
    config = f.write("stunnel.conf", f"""
foreground = yes
pid =
[front]
accept = 127.0.0.1:{f.port}
connect = 127.0.0.1:{f.back}
cert = {f.both()}
sslVersion = TLSv{f.version}
""")
    return [UNPACKED / "usr/bin/stunnel4", config]


def apache(f: Front) -> List[object]:
    modules = "\n".join(f"LoadModule {name}_module {UNPACKED}/usr/lib/apache2/modules/mod_{name}.so" for name in (
        "mpm_event", "authz_core", "ssl", "proxy", "proxy_http"))
    config = f.write("httpd.conf", f"""
{modules}
ServerName mmdls.test
ServerRoot {f.folder}
DefaultRuntimeDir {f.folder}
PidFile {f.folder}/pid
ErrorLog {f.folder}/log
Mutex file:{f.folder}
Listen 127.0.0.1:{f.port}
LimitRequestFieldSize 16380
SSLEngine on
SSLProtocol -all +TLSv{f.version}
SSLCertificateFile {f.chain}
SSLCertificateKeyFile {f.key}
ProxyPreserveHost on
ProxyPass / http://127.0.0.1:{f.back}/ disablereuse=On
""")
    return [UNPACKED / "usr/sbin/apache2", "-D", "FOREGROUND", "-f", config]


def lighttpd(f: Front) -> List[object]:
    config = f.write("lighttpd.conf", f"""
server.port = {f.port}
server.bind = "127.0.0.1"
server.document-root = "{f.folder}"
server.modules = ("mod_openssl", "mod_proxy")
ssl.engine = "enable"
ssl.pemfile = "{f.chain}"
ssl.privkey = "{f.key}"
ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv{f.version}", "MaxProtocol" => "TLSv{f.version}")
proxy.server = ("" => (("host" => "127.0.0.1", "port" => {f.back})))
""")
    return [UNPACKED / "usr/sbin/lighttpd", "-D", "-m", UNPACKED / "usr/lib/lighttpd", "-f", config]


def node(f: Front) -> List[object]:
    return ["node", HERE / "proxy.mjs", f.port, f.back, f.chain, f.key, f"TLSv{f.version}"]


def s_server(f: Front) -> List[object]:
    """It does not pass requests on: who runs it answers them, on its standard input."""
    version = f.version.replace(".", "_")
    return ["openssl", "s_server", "-quiet", "-accept", f"127.0.0.1:{f.port}", "-naccept", 1, "-cert", f.chain,
            "-cert_chain", f.chain, "-key", f.key, f"-tls{version}"]


FRONT_ENDS: Dict[str, Callable[[Front], List[object]]] = {
    "nginx": nginx, "haproxy": haproxy, "stunnel": stunnel, "Apache": apache, "lighttpd": lighttpd, "Node.js": node}


def environment() -> Dict[str, str]:
    """In which the unpacked servers find their libraries."""
    libraries = ":".join(str(path) for path in (UNPACKED / "usr/lib").glob("*-linux-gnu*"))
    return dict(os.environ, LD_LIBRARY_PATH=libraries)
