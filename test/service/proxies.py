# SPDX-License-Identifier: MIT
"""Real HTTP proxies, those of Debian, on loopback: tinyproxy and squid, with and without Basic.

    with Squid(folder, names=["mmdls.test"], user="kiosk:secret") as proxy:
        ...                                       # let a client CONNECT at proxy.port
        proxy.logs                                # all that it wrote: the place to search for secrets

They resolve each of `names` to 127.0.0.1, and take CONNECT to any port. A proxy ends with the `with` block, and after
two minutes anyway.
"""
import os
import subprocess
from pathlib import Path
from typing import Dict, Iterable, List, Optional

from unpacked import Running, reserve_port, root

ADDRESS = "127.0.0.1"


class Proxy(Running):
    """`folder` is where it writes, one for each proxy. `user` is "name:password"; None lets everyone in."""
    name: str

    def __init__(self, folder: Path, names: Iterable[str] = (), user: Optional[str] = None) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.address, self.user = ADDRESS, user
        self._holder = reserve_port()
        self.port = self._holder.getsockname()[1]
        self._hosts = self._write("hosts", "".join(f"{ADDRESS} {name}\n" for name in ("localhost", *names)))
        super().__init__(self.name, self._command(), self.port, self.folder / "output", "proxy")

    def __exit__(self, *_) -> None:
        super().__exit__()
        self._holder.close()

    def _command(self) -> List[str]:
        """What starts it in the foreground, with its configuration written."""
        raise NotImplementedError

    def _write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    @property
    def logs(self) -> str:
        """All that it wrote of what it did: to its logs, and to its outputs."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*log"))) + self.log


class Tinyproxy(Proxy):
    """It asks the system's resolver, so it runs where that has files of its own, and asks no name server: in a mount
    namespace, which any user may have unless the administrator forbids it. What is mounted there already may be a file
    without a name (own_network.py), over which nothing can be mounted."""
    name = "tinyproxy"

    def _command(self) -> List[str]:
        basic = "BasicAuth {} {}".format(*self.user.split(":", 1)) if self.user else ""
        configuration = self._write("tinyproxy.conf", f"""
Port {self.port}
Listen {ADDRESS}
Timeout 60
MaxClients 20
LogFile "{self.folder}/access.log"
LogLevel Info
DefaultErrorFile "{root(self.name)}/usr/share/tinyproxy/default.html"
{basic}
""")
        switch = self._write("nsswitch.conf", "hosts: files\n")
        return ["unshare", *(["--map-root-user"] if os.geteuid() else []), "--mount", "sh", "-c",
                'umount /etc/hosts /etc/nsswitch.conf 2>/dev/null; '
                'mount --bind "$0" /etc/hosts && mount --bind "$1" /etc/nsswitch.conf && shift && exec "$@"',
                self._hosts, switch, str(root(self.name) / "usr/bin/tinyproxy"), "-d", "-c", configuration]


class Squid(Proxy):
    """It will not run as root. In a user namespace without a mapping it owns the same files, and is no one."""
    name = "squid"

    def _command(self) -> List[str]:
        share, templates = root(self.name) / "usr/share/squid", root(self.name) / "usr/share/squid/errors/templates"
        configuration = self._write("squid.conf", f"""
http_port {ADDRESS}:{self.port}
hosts_file {self._hosts}
dns_nameservers {ADDRESS}
dns_timeout 1 second
dns_retransmit_interval 500 milliseconds
connect_timeout 5 seconds
visible_hostname proxy.test
pid_filename none
shutdown_lifetime 0 seconds
cache deny all
cache_mem 0
memory_cache_shared off
netdb_filename none
coredump_dir {self.folder}
access_log stdio:{self.folder}/access.log
cache_log {self.folder}/cache.log
cache_store_log none
mime_table {share}/mime.conf
icon_directory {share}/icons
error_directory {templates}
err_page_stylesheet {root(self.name)}/etc/squid/errorpage.css
unlinkd_program /bin/true
pinger_enable off
{self._basic() if self.user else "http_access allow all"}
""")
        program = [str(root(self.name) / "usr/sbin/squid"), "-N", "-n", f"test{self.port}", "-f", configuration]
        return (["unshare", "--user"] if os.geteuid() == 0 else []) + program

    def _basic(self) -> str:
        name, password = self.user.split(":", 1)
        crypted = subprocess.run(["openssl", "passwd", "-apr1", "-stdin"], input=password, text=True, check=True,
                                 stdout=subprocess.PIPE).stdout
        passwords = self._write("passwords", f"{name}:{crypted}")
        helper = root(self.name) / "usr/lib/squid/basic_ncsa_auth"
        return f"""auth_param basic program {helper} {passwords}
auth_param basic children 1 startup=1 idle=1
auth_param basic realm proxy
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all"""


PROXIES: Dict[str, type] = {"tinyproxy": Tinyproxy, "squid": Squid}

