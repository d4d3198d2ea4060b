# SPDX-License-Identifier: MIT
"""Holds the library's reading of answers against that of Python's http.client and json.

    python3 test/fuzz/differential.py PROGRAM SECONDS [SEED]      PROGRAM: build/.../test/fuzz/differential

Whatever the library takes for a complete answer, http.client must take for one with the same status and the same
body. The error object that the library reads must be the one that json reads, and where json refuses, none.
"""
import http.client
import io
import json
import random
import re
import subprocess
import sys
import time
from typing import Iterator, List, Optional, Tuple

import corpus

BATCH = 500
FAR = 0x10FF00  # where bytes that are not ASCII are put
TOKENS = 64  # of a body, the first that the library looks at (boards/linux/board.mk)
WORDS = [b"\r\n", b"\r", b"\n", b" ", b"\t", b":", b";", b",", b"0", b"1", b"Content-Length: ", b"chunked", b"close",
         b"Transfer-Encoding: ", b"HTTP/1.1 100 \r\n\r\n", b"HTTP/1.0 ", b"204", b"304", b"\0", b"\xff",
         b"Connection: "]
PARTS = [b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b'"error"', b'"code"', b'"message"', b'"value"', b"1", b"-0",
         b'"error_description"', b"1.5", b"1e5", b"true", b"null", b"NaN", b"\\u0000", b"\\ud83d", b"\\ude00", b"\\n",
         b"\xc3\xa9", b"\xed\xa0\x80", b"\xff", b"\xef\xbb\xbf", b" ", b"\t", b"\x0b", b"\0", b"\"}}",
         b'{"error":{"code":"']


# ---- http.client ----

class Stream(io.BytesIO):
    """A socket's other end, to http.client; which must not close it behind an interim answer."""

    def makefile(self, *_: object) -> "Stream":
        return self

    def close(self) -> None:
        pass


def without_space(answer: bytes) -> bytes:
    """Known difference: http.client keeps white space behind a field, and then does not know "chunked " again."""
    head, end, rest = answer.partition(b"\r\n\r\n")
    head = re.sub(rb"[ \t]+(?=\r\n)", b"", head + b"\r\n")[:-2]
    if re.match(rb"HTTP/1\.\d 1\d\d", head):
        rest = without_space(rest)
    return head + end + rest


def read_http(answer: bytes) -> Tuple[int, bytes]:
    stream = Stream(without_space(answer))
    while True:
        response = http.client.HTTPResponse(stream, method="PATCH")
        response.begin()
        if response.status in (204, 304):  # known difference: http.client reads on if there seem to be chunks
            return response.status, b""
        if response.status >= 200:  # known difference: http.client takes interim answers but 100 for the final one
            return response.status, response.read()


def check_http(answer: bytes, status: int, body: bytes) -> Optional[str]:
    try:
        theirs = read_http(answer)
    except http.client.HTTPException as error:
        if "got more than 100 headers" in str(error):  # known difference: the library bounds bytes
            return None
        return f"http.client: {error!r}"
    return None if theirs == (status, body) else f"http.client: {theirs}"


# ---- json ----

class Members(list):
    """An object as pairs, in their order."""


class Whole(str):
    """A whole number, as it is written."""


def refuse(word: str) -> None:
    raise ValueError(word)


def as_text(body: bytes) -> str:
    """Each byte that is not ASCII as a character of its own, far away: the library leaves those of strings as they are."""
    body = body[3:] if body.startswith(b"\xef\xbb\xbf") else body
    return "".join(chr(byte if byte < 0x80 else FAR + byte) for byte in body)


def as_bytes(text: str) -> bytes:
    return b"".join(bytes([ord(c) - FAR]) if ord(c) >= FAR else c.encode() for c in text)


def parse(body: bytes) -> object:
    return json.loads(as_text(body), object_pairs_hook=Members, parse_int=Whole, parse_constant=refuse)


def number_tokens(value: object, numbers: dict, next_number: int = 0) -> int:
    """Number everything below a value as it comes in the text."""
    numbers[id(value)] = next_number
    next_number += 1
    if isinstance(value, Members):
        for _, inner in value:
            next_number = number_tokens(inner, numbers, next_number + 1)
    elif isinstance(value, list):
        for inner in value:
            next_number = number_tokens(inner, numbers, next_number)
    return next_number


def member(value: object, numbers: dict, *names: str) -> object:
    """The first of these names that is there; of members of the same name the last, among the tokens looked at."""
    for name in names if isinstance(value, Members) else ():
        found = [inner for key, inner in value if key == name and numbers[id(inner)] < TOKENS]
        if found:
            return found[-1]
    return None


def text_of(value: object) -> bytes:
    if not isinstance(value, str):
        return b""
    return as_bytes(re.sub("[\0\ud800-\udfff]", "\ufffd", value))  # known difference: these become U+FFFD


def unshare(value: object) -> object:
    """Equal strings may be one object: make each token one of its own."""
    if isinstance(value, Members):
        return Members((key, unshare(inner)) for key, inner in value)
    if isinstance(value, list):
        return [unshare(inner) for inner in value]
    return Whole(value) if isinstance(value, str) else []  # of all other values nothing is ever told


def read_object(body: bytes) -> Tuple[bytes, bytes]:
    try:
        root = parse(body)
    except ValueError:
        return b"", b""
    if not isinstance(root, Members):
        return b"", b""
    root = unshare(root)
    numbers: dict = {}
    number_tokens(root, numbers)
    error = member(root, numbers, "error")
    if not isinstance(error, Members):
        error = member(root, numbers, "odata.error")
    if isinstance(error, Members):
        code, message = (member(error, numbers, name) for name in ("code", "message"))
        if isinstance(message, Members):
            message = member(message, numbers, "value")
    else:
        code = member(root, numbers, "code", "statusCode", "status", "error")
        message = member(root, numbers, "message", "Message", "error_description", "detail", "title")
    return text_of(code), text_of(message)


def is_wrong_behind_the_tokens(body: bytes) -> bool:
    try:
        parse(body)
    except json.JSONDecodeError as error:
        before = re.findall(r'"(?:[^"\\]|\\.)*"|[{\[]|[^\s"{}\[\],:]+', error.doc[:error.pos], re.DOTALL)
        return len(before) >= TOKENS
    except ValueError:
        pass
    return False


def check_json(body: bytes, code: bytes, message: bytes) -> Optional[str]:
    if body.count(b"{") + body.count(b"[") >= TOKENS:
        return None  # known difference: of what is nested deeper than the tokens reach, nothing is said
    theirs = read_object(body)
    if theirs == (b"", b"") and is_wrong_behind_the_tokens(body):
        return None  # known difference: there, wrong escapes and unequal brackets are not seen
    return None if theirs == (code, message) else f"json: {theirs}"


# ---- answers ----

def kept(target: str, skip: int) -> List[bytes]:
    return [each[skip:] for each in corpus.read(target)]


def grow(dice: random.Random, depth: int = 0) -> bytes:
    """A JSON text in the shapes that the library looks for, or nearly."""
    kind = dice.choice("oooo" if depth == 0 else "oosssan" if depth < 4 else "ssn")
    space = dice.choice((b"", b"", b"", b" ", b"\r\n\t"))
    if kind == "o":
        names = (b"error", b"error", b"code", b"message", b"value", b"error_description", b"x", b"")
        members = (b'"%s"%s:%s' % (dice.choice(names), space, grow(dice, depth + 1)) for _ in range(dice.randrange(5)))
        return b"{%s%s}" % (space, b",".join(members))
    if kind == "a":
        return b"[%s]" % b",".join(grow(dice, depth + 1) for _ in range(dice.randrange(3)))
    if kind == "n":
        return dice.choice((b"400", b"-1", b"0", b"-0.5", b"1e5", b"1E-2", b"true", b"false", b"null", b"9" * 30))
    characters = (b"a", b"Gone.", b"{", b":", b",", b"]", b"\x7f", b"\\\"", b"\\\\", b"\\/", b"\\n", b"\\u0000",
                  b"\\u00e9", b"\\uD83D\\uDE00", b"\\ud83d", b"\\udc00", b"\\uFFFF", "\u00e9\u20ac\U0001f600".encode())
    return b'"%s"' % b"".join(dice.choice(characters) for _ in range(dice.randrange(4)))


def mutate(bytes_: bytes, words: List[bytes], others: List[bytes], dice: random.Random) -> bytes:
    text = bytearray(bytes_)
    for _ in range(dice.choice((0, 1, 1, 1, 2, 3, 6))):
        at = dice.randrange(len(text) + 1)
        until = min(len(text), at + dice.choice((0, 0, 1, 2, 8, 40)))
        kind = dice.randrange(4)
        if kind == 0:
            text[at:until] = b""
        elif kind == 1:
            text[at:until] = dice.choice(words)
        elif kind == 2:
            text[at:until] = bytes([dice.randrange(256)])
        else:
            other = dice.choice(others)
            begin = dice.randrange(len(other) + 1)
            text[at:until] = other[begin:begin + dice.randrange(60)]
    return bytes(text)


def answers(dice: random.Random) -> Iterator[bytes]:
    heads, bodies = kept("response", 7), kept("error_object", 1)
    yield from heads
    while True:
        if dice.random() < 0.5:
            yield mutate(dice.choice(heads), WORDS, heads, dice)
        else:
            body = dice.choice(bodies) if dice.random() < 0.3 else grow(dice)
            body = mutate(body, PARTS, bodies, dice) if dice.random() < 0.7 else body
            yield b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def read_ours(program: str, batch: List[bytes]) -> List[bytes]:
    stream = b"".join(len(answer).to_bytes(4, "little") + answer for answer in batch)
    out = subprocess.run([program], input=stream, stdout=subprocess.PIPE, check=True, timeout=60).stdout
    return out.split(b"\n")[:-1]


def check(answer: bytes, ours: bytes) -> Tuple[bool, Optional[str]]:
    """Whether the library took the answer for complete; and what is wrong with that."""
    error, status, *texts = ours.split(b" ")
    if error != b"ok":
        return False, None
    body, code, message = (bytes.fromhex(text.decode()) for text in texts)
    return True, check_http(answer, int(status), body) or check_json(body, code, message)


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    seed = int(sys.argv[3]) if len(sys.argv) == 4 else random.SystemRandom().randrange(2 ** 32)
    stream, until = answers(random.Random(seed)), time.monotonic() + float(sys.argv[2])
    compared = accepted = objects = 0
    while time.monotonic() < until:
        batch = [next(stream) for _ in range(BATCH)]
        lines = read_ours(sys.argv[1], batch)
        assert len(lines) == BATCH
        for answer, ours in zip(batch, lines):
            complete, wrong = check(answer, ours)
            compared, accepted = compared + 1, accepted + complete
            objects += complete and not ours.endswith(b"  ")
            if wrong:
                sys.exit(f"differential: seed {seed}\n  answer  {answer!r}\n  ours    {ours!r}\n  {wrong}")
    assert accepted and objects
    print(f"seed {seed}: {compared} answers, {accepted} of them complete, {objects} with an error object: all the same")


if __name__ == "__main__":
    main()
