"""What a board's firmware takes: flash and RAM by component, and what two full handshakes and two resumed ones reach,
measured in the emulator. Prints tables, and draws them as BUILD/size.svg.

    python3 tools/size.py BOARD BUILD IMAGE
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

# By the first pattern that is found in a source file's path.
COMPONENTS = (
    ("mmdclose: request, answer, engine", r"/?(src|include/mmdclose)/(?!tls|trust|certificate|session)[^/]*$"),
    ("mmdclose: TLS, trust, sessions", r"/?src/[^/]*$"),
    ("mmdclose: port, pool", r"/?port/"),
    ("jsmn", r"jsmn"),
    ("firmware: program, sentences", r"boards/(firmware|common)/"),
    ("firmware: start-up, driver", r"boards/"),
    ("Mbed TLS: handshake, records", r"mbedtls/library/ssl"),
    ("Mbed TLS: X.509, ASN.1, keys", r"mbedtls/library/(x509|asn1|pk|oid)"),
    ("Mbed TLS: RSA, big numbers", r"mbedtls/library/(rsa|bignum)"),
    ("Mbed TLS: elliptic curves", r"mbedtls/library/ec"),
    ("Mbed TLS: PSA", r"mbedtls/library/psa"),
    ("Mbed TLS: hashes, ciphers, random", r"mbedtls/"),
    ("lwIP", r"lwip/"),
)
# RAM by symbol; job is the firmware's own struct, most of which is told apart by what the build says.
RAM_COMPONENTS = (
    ("lwIP: heap", r"^ram_heap$"),
    ("lwIP: pbufs", r"^memp_memory_PBUF"),
    ("mmdclose: program and port", r"^(job|trust|network_|netif|known_|cycles|now_ms|pool\b|drbg|seeded)"),
    ("Mbed TLS", r"^(global_data|ecp_|gcm_|aes_|psa|driver)"),
    ("lwIP: everything else", r""),
)


def run(*command: str, text: str = "") -> str:
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def component(path: str) -> str:
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


def ram(symbols: List[Tuple[int, int, str, str]], sizes: Dict[str, int]) -> Counter:
    found: Counter = Counter({"stack": sizes["stack"], "TLS pool": sizes["pool"], "request and answer": sizes["request"]})
    for start, size, kind, name in symbols:
        if start >= RAM and kind in "bBdD":
            found[next(part for part, pattern in RAM_COMPONENTS if re.search(pattern, name))] += size
    found["mmdclose: program and port"] -= sizes["pool"] + sizes["request"]
    found["alignment"] = sizes[".stack"] + sizes[".data"] + sizes[".bss"] - sum(found.values())
    return found


def measure(board: str, image: str) -> Dict[str, int]:
    """Boots the image beside the stand-in service: two full handshakes, then two of which one is resumed."""
    os.environ["BOARD"] = board
    from device import HOST, Device, with_anchors
    from dns import NameServer
    from pki import Pki
    from service import DEFAULT_TOKEN, Service
    from sntp import TimeServer
    from tls import Tls

    def boot(device: Device, tls: Tls) -> str:
        with Service(tls) as service, NameServer({service.name: HOST}) as names, TimeServer() as clock:
            for request in ("a", "b"):
                service.add("t", request)
            console = device.run("--tenant", "t", "--request", "a", "--request", "b", "--actions", "Measured.", "--token",
                                 DEFAULT_TOKEN, "--host", service.name, "--port", str(service.port), "--dns", HOST,
                                 "--dns-port", str(names.port), "--sntp", HOST, "--sntp-port", str(clock.port), "--verbose")
        if console.status != 0:
            sys.exit(f"size: the device did not close the requests:\n{console.text}")
        return console.text

    def numbers(text: str, before: str) -> List[int]:
        return [int(n) for n in re.findall(re.escape(before) + r" (\d+)", text)]

    with tempfile.TemporaryDirectory(prefix="mmdclose-size-") as folder:
        pki = Pki(folder)
        device = Device(Path(folder), with_anchors(image, pki.ca_file(), Path(folder, "image")))
        aes128 = Tls(pki, maximum="1.2", ciphers="ECDHE-RSA-AES128-GCM-SHA256")
        texts = {"full": boot(device, Tls(pki, tickets=0)), "1.2": boot(device, Tls(pki, maximum="1.2")),
                 "1.2, AES-128": boot(device, aes128)}
    everything = "".join(texts.values())
    found = {"pool peak": max(numbers(everything, "in use, peak")), "stack peak": max(numbers(everything, "stack"))}
    sizes = re.search(r"TLS pool \d+ in use, peak \d+ of (\d+); stack \d+ of (\d+)", everything)
    found["pool"], found["stack"] = int(sizes[1]), int(sizes[2])
    for name, text in texts.items():
        first, second = numbers(text, "handshake:")
        found[f"handshake, {name}"] = first
        if name != "full":
            found[f"resumed, {name}"] = second
    found["longest step"] = max(numbers(everything, "longest step"))
    return found


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
    measured = measure(board, image)
    sizes = {**sections(image), **measured, "request": int(os.environ["REQUEST_MAX"])}
    parts = {"flash": flash(sizes, image, symbols), "RAM": ram(symbols, sizes)}
    print(f"{board}:")
    for title, rows in parts.items():
        table(title, rows)
    print(f"\nTLS pool: {measured['pool peak']:,} of {measured['pool']:,} bytes at the peak; "
          f"stack: {measured['stack peak']:,} of {measured['stack']:,}")
    print("In the emulator, which runs an instruction in a nanosecond, thousand instructions:")
    for name, value in measured.items():
        if name.startswith(("handshake", "resumed", "longest")):
            print(f"  {name}: {value:,}")
    Path(build, "size.svg").write_text(draw(board, parts), encoding="utf-8")
    print(f"\npicture: {build}/size.svg")


if __name__ == "__main__":
    main()
