# SPDX-License-Identifier: MIT
"""Records the seeds of the target client_tls: whole exchanges with OpenSSL, in TLS 1.2 and 1.3.

    python3 test/fuzz/record.py RECORD FOLDER    RECORD: build/.../test/fuzz/record; FOLDER: test/fuzz/seeds/client_tls

Needed again when Mbed TLS draws its random bytes in another order: `make fuzz-replay` fails then.
"""
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "service"))
sys.dont_write_bytecode = True
import pki  # noqa: E402

LEAVES = {
    "ecdsa": pki.Leaf("p256-intermediate", ("p256-intermediate",), "p256-root", tuple(pki.P256), "sha256",
                      last_day=3600),
    "rsa": pki.Leaf("p256-intermediate", ("p256-intermediate",), "p256-root", hash="sha256", last_day=3600),
}
OBJECT = b'{"error":{"code":"404","message":"Not found."}}'
ANSWERS = {
    "closed": b"HTTP/1.1 204 No Content\r\nrequest-id: 1\r\n\r\n",
    "not-found": b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n%s" % (len(OBJECT), OBJECT),
}
# Version, certificate, curve (None: X25519; TLS 1.3 has to ask the client again for another), answer.
SEEDS = [
    (ssl.TLSVersion.TLSv1_2, "ecdsa", None, "closed"), (ssl.TLSVersion.TLSv1_2, "rsa", "prime256v1", "not-found"),
    (ssl.TLSVersion.TLSv1_3, "ecdsa", None, "closed"), (ssl.TLSVersion.TLSv1_3, "rsa", "secp384r1", "not-found"),
]
AGAIN = SEEDS[0]        # this one also with a second exchange, which resumes its session, or is refused that


def serve(listener: socket.socket, context: ssl.SSLContext, answer: bytes) -> None:
    """Answer one request, and close in order."""
    with listener.accept()[0] as connection:
        connection.settimeout(20)
        with context.wrap_socket(connection, server_side=True) as stream:
            stream.recv(65536)
            stream.sendall(answer)
            stream.unwrap()


def make_context(authority: pki.Pki, seed) -> ssl.SSLContext:
    version, leaf, curve, _ = seed
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(*authority.chain(leaf))
    if curve:
        context.set_ecdh_curve(curve)
    return context


def record_one(program: str, file: Path, context: ssl.SSLContext, answer: bytes, *how: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener, context, answer))
        server.start()
        with open(file, "wb") as out:
            subprocess.run([program, str(listener.getsockname()[1]), *how], stdout=out, check=True, timeout=30)
        server.join()
    subprocess.run([program, "check", str(file), str(file)], check=True, timeout=30)


def record(program: str, folder: Path, authority: pki.Pki, seed) -> None:
    version, leaf, _, answer = seed
    context, forgetful = make_context(authority, seed), make_context(authority, seed)
    file = folder / f"{version.name.lower()}-{leaf}-{answer}"
    with tempfile.NamedTemporaryFile() as anchor:
        anchor.write(ssl.PEM_cert_to_DER_cert(Path(authority.ca_file(leaf)).read_text(encoding="ascii")))
        anchor.flush()
        record_one(program, file, context, ANSWERS[answer], anchor.name)
    if seed == AGAIN:
        record_one(program, folder / f"{file.name}-resumed", context, ANSWERS[answer], "again", str(file))
        record_one(program, folder / f"{file.name}-refused", forgetful, ANSWERS[answer], "again", str(file))


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    pki.VARIANTS.update(LEAVES)
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        authority = pki.Pki(scratch)
        for seed in SEEDS:
            record(sys.argv[1], folder, authority, seed)


if __name__ == "__main__":
    main()
