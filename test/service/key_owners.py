# SPDX-License-Identifier: MIT
"""Owners of keys that do not give them away: a PKCS #11 token (SoftHSM) and a TPM 2.0 (swtpm), with their tools and the
scripts of examples/keys. A key is made by the commands of docs/keys.md.

    with SoftTpm(folder) as owner:
        owner.make_key()
        owner.certificate, owner.sign_command()   # for --certificate and --sign-command

The programs are those that tools/deps.sh unpacked in the folder deps, or else those of the system.
"""
import os
import re
import shlex
import socket
import subprocess
import uuid
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from unpacked import Running, environment, reserve_port, root

TOP = Path(__file__).resolve().parents[2]
EXAMPLES, PAGE = TOP / "examples/keys", TOP / "docs/keys.md"
BLOCK = re.compile(r"^```sh ([a-z0-9]+)\n(.*?)^```$", re.M | re.S)
MODULE = "/usr/lib/softhsm/libsofthsm2.so"
WITHIN = 60.0  # seconds for the commands of a block


def blocks() -> Dict[str, str]:
    """The commands of the page, by the word behind "sh"."""
    return dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))


def run_block(name: str, folder: Path, env: Dict[str, str]) -> str:
    """In the folder; returns what they print."""
    commands = blocks()[name].replace(MODULE, str(root("softhsm")) + MODULE if root("softhsm") != Path("/") else MODULE)
    done = subprocess.run(["sh", "-eu", "-c", commands], cwd=folder, env=env, stdin=subprocess.DEVNULL, timeout=WITHIN,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the commands of docs/keys.md, {name}, failed:\n{done.stdout}")
    return done.stdout


class Owner:
    """`folder` is where it keeps everything, and where the commands run."""
    block: str   # that makes a key, and public.pem
    script: str  # of examples/keys

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir()
        self.scratch = self.folder / "scratch"  # where the script has its temporary files
        self.scratch.mkdir()
        self.certificate = self.folder / "certificate.pem"

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        pass

    @property
    def environment(self) -> Dict[str, str]:
        """For the commands."""
        raise NotImplementedError

    @property
    def settings(self) -> Dict[str, Any]:
        """Of the script."""
        raise NotImplementedError

    @property
    def secrets(self) -> List[str]:
        """What must not be seen."""
        raise NotImplementedError

    def make_key(self) -> None:
        run_block(self.block, self.folder, self.environment)
        run_block("certificate", self.folder, {"PATH": os.environ["PATH"]})

    def sign_command(self, script: Any = None, **changes: Any) -> str:
        """With a new file of settings. Those of upper case are for programs that the script runs."""
        names = {**self.settings, "TMPDIR": self.scratch, **changes}
        lines = [f"{'export ' if name.isupper() else ''}{name}={shlex.quote(str(value))}\n"
                 for name, value in names.items()]
        file = self.folder / f"settings-{uuid.uuid4()}"
        file.write_text("".join(lines), encoding="utf-8")
        return f'"{script or EXAMPLES / self.script}" "{file}"'


class SoftHsm(Owner):
    block, script = "pkcs11", "sign-pkcs11"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (self.folder / "tokens").mkdir()
        self._config = self.folder / "softhsm2.conf"
        self._config.write_text(f"directories.tokendir = {self.folder}/tokens\nobjectstore.backend = file\n",
                                encoding="utf-8")
        if not (root("softhsm") / "usr/bin/pkcs11-tool").is_file():
            raise RuntimeError("there is no pkcs11-tool: run 'tools/deps.sh deps keys'")

    @property
    def environment(self) -> Dict[str, str]:
        return {**environment("softhsm"), "SOFTHSM2_CONF": str(self._config),
                "PATH": f"{root('softhsm')}/usr/bin:{os.environ['PATH']}"}

    @property
    def settings(self) -> Dict[str, Any]:
        return {"tool": root("softhsm") / "usr/bin/pkcs11-tool", "module": f"{root('softhsm')}/{MODULE}",
                "pin_file": self.folder / "pin", "SOFTHSM2_CONF": self._config, **libraries("softhsm")}

    @property
    def secrets(self) -> List[str]:
        return [(self.folder / name).read_text(encoding="ascii").strip() for name in ("pin", "so-pin")]


class SoftTpm(Owner):
    """A TPM without a resource manager."""
    block, script = "tpm", "sign-tpm"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (self.folder / "state").mkdir()
        self._holders, self.port = two_ports()
        self.tcti = f"swtpm:host=127.0.0.1,port={self.port}"
        self._running: Optional[Running] = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()
        for holder in self._holders:
            holder.close()

    def start(self) -> None:
        """Power on, with the keys that are in it."""
        flags = {"--tpmstate": f"dir={self.folder}/state", "--flags": "not-need-init,startup-clear",
                 "--server": f"type=tcp,port={self.port},bindaddr=127.0.0.1",
                 "--ctrl": f"type=tcp,port={self.port + 1},bindaddr=127.0.0.1"}
        command = [str(root("swtpm") / "usr/bin/swtpm"), "socket", "--tpm2"]
        for name, value in flags.items():
            command += [name, value]
        self._running = Running("swtpm", command, self.port, self.folder / "output", "keys")
        self._running.__enter__()

    def stop(self) -> None:
        if self._running:
            self._running.__exit__()

    @property
    def environment(self) -> Dict[str, str]:
        return {**environment("tpm2-tools"), "TPM2TOOLS_TCTI": self.tcti,
                "PATH": f"{root('tpm2-tools')}/usr/bin:{os.environ['PATH']}"}

    @property
    def settings(self) -> Dict[str, Any]:
        return {"tool": root("tpm2-tools") / "usr/bin/tpm2_sign", "tcti": self.tcti,
                "auth_file": self.folder / "auth", **libraries("tpm2-tools")}

    @property
    def secrets(self) -> List[str]:
        return [(self.folder / "auth").read_text(encoding="ascii").strip()]


def libraries(name: str) -> Dict[str, str]:
    """A setting, if there are shared libraries beside the program."""
    path = environment(name).get("LD_LIBRARY_PATH")
    return {"LD_LIBRARY_PATH": path} if path else {}


def two_ports() -> Tuple[List[socket.socket], int]:
    """The lower of two ports in a row, reserved: the tools look for the TPM's control at the next one."""
    while True:
        first = reserve_port()
        port = first.getsockname()[1]
        second = socket.socket()
        second.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            second.bind(("127.0.0.1", port + 1))
            return [first, second], port
        except (OSError, OverflowError):  # another program has it, or there is none
            first.close()
            second.close()


OWNERS: Dict[str, type] = {"PKCS #11": SoftHsm, "TPM": SoftTpm}
