# SPDX-License-Identifier: MIT
"""What a board's firmware takes: flash and RAM by component, and what full and resumed handshakes use of the TLS pool and
the stack, measured in the emulator. Prints tables, and draws them as BUILD/size.svg.

    P384=yes|no KEY=yes|no COMMAND_MAX=N python3 tools/size.py BOARD BUILD IMAGE
"""
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Dict, List, Tuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "test" / folder) for folder in ("service", "board")]
sys.dont_write_bytecode = True

TOOLS = "arm-none-eabi-"
RAM = 0x20000000

# By the first pattern that fits a source file's path, below the project's folder if it lies there.
COMPONENTS = (
    ("mmdclose: TLS, trust, sessions", r"^src/tls/"),
    ("mmdclose: request, response, engine", r"^(src|include)/"),
    ("mmdclose: port", r"^port/"),
    ("firmware: program, sentences", r"^programs/"),
    ("firmware: start-up, driver", r"^boards/"),
    ("jsmn", r"/jsmn/"),
    ("Mbed TLS: handshake, records", r"/library/ssl"),
    ("Mbed TLS: X.509, ASN.1, keys", r"/library/(x509|asn1|pk|oid)"),
    ("Mbed TLS: RSA, big numbers", r"/library/(rsa|bignum)"),
    ("Mbed TLS: elliptic curves", r"/library/ec"),
    ("Mbed TLS: PSA", r"/library/psa"),
    ("Mbed TLS: hashes, ciphers, random", r"/library/|/mbedtls/"),
    ("lwIP", r"/src/(core|netif|apps|include)/"),
)
# RAM by symbol.
RAM_COMPONENTS = (
    ("TLS pool", r"^tls_memory\b"),
    ("request and response", r"^message\b"),
    ("command line, token", r"^line\b"),
    ("lwIP: heap", r"^ram_heap$"),
    ("lwIP: pbufs", r"^memp_memory_PBUF"),
    ("mmdclose: program and port", r"^(firmware|network_|netif|known_|cycles|now_ms|pool\b|drbg)"),
    ("Mbed TLS", r"^(global_data|ecp_|gcm_|aes_|psa|driver)"),
    ("lwIP: everything else", r""),
)


# What gets a token is measured with these.
SECRET, CERTIFICATE = "token by secret", "token by certificate, RSA-2048"


def run(*command: str, text: str = "") -> str:
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def component(path: str) -> str:
    path = os.path.relpath(path, ROOT)
    return next((name for name, pattern in COMPONENTS if re.search(pattern, path)), "C library, compiler's library")


def code_by_component(image: str, symbols: List[Tuple[int, int, str, str]]) -> Counter:
    """Each half-word of code belongs to the source that it was made of, wherever it was inlined."""
    found: Counter = Counter()
    addresses = sorted({at for start, size, kind, _ in symbols if kind in "tTwW" and start < RAM
                        for at in range(start & ~1, (start & ~1) + size, 2)})
    lines = run(TOOLS + "addr2line", "-e", image, text="\n".join(map(hex, addresses))).splitlines()
    for line in lines:
        found[component(line)] += 2
    return found


def sections(image: str) -> Dict[str, int]:
    lines = (line.split() for line in run(TOOLS + "objdump", "-h", "-w", image).splitlines())
    return {fields[1]: int(fields[2], 16) for fields in lines if len(fields) > 6 and fields[0].isdigit()}


def flash(sizes: Dict[str, int], image: str, symbols: List[Tuple[int, int, str, str]]) -> Counter:
    found = code_by_component(image, symbols)
    found["trust anchors"] = sizes[".anchors"]
    everything = sum(sizes[name] for name in (".text", ".rodata", ".data", ".anchors"))
    found["constants, strings"] = everything - sum(found.values())
    return found


def ram(sizes: Dict[str, int], symbols: List[Tuple[int, int, str, str]]) -> Counter:
    found: Counter = Counter({"stack": sizes[".stack"]})
    for start, size, kind, name in symbols:
        if start >= RAM and kind in "bBdD":
            found[next(part for part, pattern in RAM_COMPONENTS if re.search(pattern, name))] += size
    found["alignment"] = sizes[".stack"] + sizes[".data"] + sizes[".bss"] - sum(found.values())
    return found


def numbers(text: str, before: str) -> List[int]:
    return [int(n) for n in re.findall(re.escape(before) + r" (\d+)", text)]


def measure(board: str, image: str) -> Dict[str, str]:
    """What the image says beside the stand-in service: of two full handshakes with each chain, and twice of a full one
    and a resumed one."""
    os.environ["BOARD"] = board
    from device import HOST, Device, with_anchors
    from dns import NameServer
    from pki import Pki
    from service import DEFAULT_TOKEN, Service
    from sntp import TimeServer
    from tls import Tls
    from token_server import NAME, TokenServer

    def boot(variant: str = "good", secret: bytes = b"", **options) -> str:
        """With a token; or with this credential, its token of the usual length."""
        device = Device(Path(folder), with_anchors(image, pki.ca_file(variant), Path(folder, "image")))
        with Service(Tls(pki, variant=variant, **options), keep_alive=False) as service, \
                TokenServer(Tls(login), tokens=service.tokens) as authority, TimeServer() as clock, \
                NameServer({service.name: HOST, authority.name: HOST}) as names:
            authority.add_client("t", "c", secrets=[secret[:-1]], certificates=[pki.chain("good")[0]])
            for request in ("a", "b"):
                service.add("t", request)
            if secret:
                device.secret.write_bytes(secret)
                source = ["--client-id", "c", "--authority", f"{authority.name}:{authority.port}"]
            else:
                source = ["--token", DEFAULT_TOKEN]
            console = device.run("--tenant", "t", "--request", "a", "--request", "b", "--actions", "Measured.", *source,
                                 "--host", service.name, "--port", str(service.port), "--dns", HOST, "--dns-port",
                                 str(names.port), "--sntp", HOST, "--sntp-port", str(clock.port), "--verbose")
        if console.status != 0:
            sys.exit(f"size: the device did not close the requests:\n{console.text}")
        return console.text

    def in_der(*command: str) -> bytes:
        return subprocess.run(["openssl", *command, "-outform", "DER"], capture_output=True, check=True).stdout

    with tempfile.TemporaryDirectory(prefix="mmdclose-size-") as folder:
        pki, login = Pki(folder), Pki(folder, NAME)
        said = {"full": boot(tickets=0), "1.2": boot(maximum="1.2"),
                "1.2, AES-128": boot(maximum="1.2", ciphers="ECDHE-RSA-AES128-GCM-SHA256")}
        if os.environ["P384"] == "yes":
            said["full, P-384"] = boot("p384", tickets=0)
        said[SECRET] = boot(secret=b"a secret\0")
        if os.environ["KEY"] == "yes":
            certificate, key = pki.chain("good")
            said[CERTIFICATE] = boot(secret=in_der("x509", "-in", certificate) + in_der("rsa", "-in", key))
    return said


def print_measured(said: Dict[str, str]) -> None:
    sizes = re.search(r"TLS pool \d+ in use, peak \d+ of (\d+); stack \d+ of (\d+)", said["full"])
    print(f"\nUsed of the TLS pool ({int(sizes[1]):,} bytes) and of the stack ({int(sizes[2]):,} bytes):")
    for name, text in said.items():
        print(f"  {name}: {max(numbers(text, 'in use, peak')):,}; {max(numbers(text, 'stack')):,}")
    print("In the emulator, which runs an instruction in a nanosecond, thousand instructions:")
    if CERTIFICATE in said:
        print(f"  a signature with RSA-2048: {numbers(said[CERTIFICATE], 'signature:')[0]:,}")
    for name, text in said.items():
        first, second = numbers(text, "handshake:")[-2:]
        print(f"  {name}: handshake {first:,}" + (f", resumed {second:,}" if ", resumed," in text else "") +
              f"; longest step {max(numbers(text, 'longest step')):,}")


def table(title: str, rows: Counter) -> None:
    print(f"\n| {title} | bytes |\n|---|---:|")
    for name, size in rows.most_common():
        print(f"| {name} | {size:,} |")
    print(f"| **all** | **{sum(rows.values()):,}** |")


def draw(board: str, parts: Dict[str, Counter]) -> str:
    """Bars, the longest on top of each group; one scale for all."""
    left, width, height = 250, 420, 18
    longest = max(max(rows.values()) for rows in parts.values())
    lines, y = [], 30
    for title, rows in parts.items():
        lines.append(f'<text x="10" y="{y}" class="t">{title}: {sum(rows.values()):,} bytes</text>')
        y += 10
        for name, size in rows.most_common():
            lines.append(f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{name}</text>'
                         f'<rect x="{left}" y="{y + 2}" width="{max(1, width * size // longest)}" height="{height - 4}"/>'
                         f'<text x="{left + 6 + width * size // longest}" y="{y + 13}">{size:,}</text>')
            y += height
        y += 34
    style = "text{font:12px sans-serif;fill:#222}.t{font-weight:bold;font-size:14px}rect{fill:#3572a5}"
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 80}" height="{y}" role="img" '
            f'aria-label="Flash and RAM of the firmware for {board}"><style>{style}</style>'
            f'<rect width="100%" height="100%" style="fill:#fff"/>' + "\n".join(lines) + "</svg>\n")


def main() -> None:
    board, build, image = sys.argv[1:4]
    symbols = [(int(fields[0], 16), int(fields[1], 16), fields[2], fields[3]) for fields in
               (line.split() for line in run(TOOLS + "nm", "-S", image).splitlines()) if len(fields) == 4]
    sizes = sections(image)
    parts = {"flash": flash(sizes, image, symbols), "RAM": ram(sizes, symbols)}
    print(f"{board}:")
    for title, rows in parts.items():
        table(title, rows)
    without = sum(parts["RAM"].values()) - int(os.environ["COMMAND_MAX"])
    print(f"\nRAM without the command line, which stands for a product's own storage: {without:,} bytes")
    print_measured(measure(board, image))
    Path(build, "size.svg").write_text(draw(board, parts), encoding="utf-8")
    print(f"\npicture: {build}/size.svg")


if __name__ == "__main__":
    main()
