# SPDX-License-Identifier: MIT
"""Scripts: what the service does on one connection instead of answering as the real one would.

A script is a list of steps, a step a list of its name and arguments:

    ["handshake"]                  TLS; does nothing when the service speaks plain HTTP
    ["read-request"]               read a request strictly
    ["carry-out"]                  do what it asks for (close the elevation request, issue a token), without an answer
    ["answer"]                     carry it out, if that was not done, and send the real answer
    ["read", n]                    take n bytes above TLS, fewer at the client's end
    ["send", "text"]               above TLS, in one record where it fits; text is sent as UTF-8
    ["send-hex", "16 03 ..."]      the same for any bytes
    ["drip", "text", seconds]      one byte at a time, with a pause after each
    ["repeat", count, "text"]      the text many times over
    ["read-raw", n]                like read, below TLS; what it takes, TLS does not see
    ["send-raw", "text"]           like send, below TLS
    ["send-raw-hex", "15 03 ..."]  like send-hex, below TLS
    ["sleep", seconds]             do nothing
    ["until", "PATH"]              do nothing until that file is there, half a minute at most
    ["hold", seconds]              stay open without reading until the client leaves
    ["close"]                      close_notify, then FIN
    ["cut"]                        FIN without close_notify; also what follows a script without an ending
    ["reset"]                      RST

No ending may be followed by another step. A file of scripts (--script FILE) is a JSON list of them, one for each
connection in turn:

    [[["handshake"], ["read-request"], ["send", "HTTP/1.1 503 Busy\\r\\nContent-Length: 0\\r\\n\\r\\n"], ["close"]]]
"""
import json
import os
from typing import Any, Callable, Dict, List, Tuple

from connection import Connection

RECORD = 16384

Step = Tuple[Callable, List[Any]]


class ScriptError(ValueError):
    """A script that cannot be run; the text says which step is wrong, and how."""


def count(value: Any) -> int:
    """a whole number above zero"""
    if type(value) is not int or value < 1:
        raise ValueError
    return value


def seconds(value: Any) -> float:
    """a number of seconds"""
    if type(value) not in (int, float) or not 0 <= value < 1e6:
        raise ValueError
    return value


def text(value: Any) -> bytes:
    """text of at least one character"""
    if not isinstance(value, str) or not value:
        raise ValueError
    return value.encode("utf-8")


def hexadecimal(value: Any) -> bytes:
    """made of pairs of hexadecimal digits"""
    return bytes.fromhex(text(value).decode())


def until(connection: Connection, path: bytes) -> None:
    for _ in range(3000):
        if os.path.exists(path):
            return
        connection.pause(0.01)


def drip(connection: Connection, data: bytes, pause: float) -> None:
    for position in range(len(data)):
        connection.send(data[position:position + 1])
        connection.pause(pause)


def repeat(connection: Connection, times: int, data: bytes) -> None:
    """Whole texts share a record as far as they fit."""
    at_once = max(1, RECORD // len(data))
    for _ in range(times // at_once):
        connection.send(data * at_once)
    connection.send(data * (times % at_once))


def take(connection: Connection, size: int) -> None:
    connection.reader.take(size)


def take_raw(connection: Connection, size: int) -> None:
    while size > 0 and (data := connection.receive_raw(size)):
        size -= len(data)


def cut(_: Connection) -> None:
    """The FIN comes when the connection is finished, as after every script."""


# Each step's function and the kinds of its arguments.
STEPS: Dict[str, Tuple] = {
    "handshake": (Connection.handshake,),
    "read-request": (Connection.read_request,),
    "carry-out": (Connection.carry_out,),
    "answer": (Connection.send_answer,),
    "read": (take, count),
    "send": (Connection.send, text),
    "send-hex": (Connection.send, hexadecimal),
    "drip": (drip, text, seconds),
    "repeat": (repeat, count, text),
    "read-raw": (take_raw, count),
    "send-raw": (Connection.send_raw, text),
    "send-raw-hex": (Connection.send_raw, hexadecimal),
    "sleep": (Connection.pause, seconds),
    "until": (until, text),
    "hold": (Connection.hold, seconds),
    "close": (Connection.send_close_notify,),
    "cut": (cut,),
    "reset": (Connection.reset,),
}
ENDINGS = ("close", "cut", "reset")
NEED_HANDSHAKE = ("read-request", "read", "send", "send-hex", "drip", "repeat", "close")


def load(path: str) -> List[List[Step]]:
    """The scripts of a JSON file: a list with one script for each connection."""
    with open(path, encoding="utf-8") as file:
        try:
            scripts = json.load(file)
        except ValueError as error:
            raise ScriptError(f"{path}: {error}") from None
    if not isinstance(scripts, list):
        raise ScriptError(f"{path}: not a list of scripts")
    parsed = []
    for number, script in enumerate(scripts, 1):
        try:
            parsed.append(parse(script))
        except ScriptError as error:
            raise ScriptError(f"{path}: script {number}: {error}") from None
    return parsed


def parse(script: Any, table: Dict[str, Tuple] = STEPS) -> List[Step]:
    """The script with its arguments checked and converted; raises ScriptError. The table has the steps there are."""
    if not isinstance(script, list) or not script:
        raise ScriptError("not a list of steps")
    names: List[str] = []
    steps = []
    for number, step in enumerate(script, 1):
        try:
            steps.append(_step(step, table))
            _check_order(step[0], names)
        except ScriptError as error:
            raise ScriptError(f"step {number}, {json.dumps(step)[:60]}: {error}") from None
        names.append(step[0])
    return steps


def run(steps: List[Step], connection: Connection) -> None:
    for function, arguments in steps:
        function(connection, *arguments)


def _step(step: Any, table: Dict[str, Tuple]) -> Step:
    if not isinstance(step, list) or step[:1] not in [[name] for name in table]:
        raise ScriptError("not a step; these exist: " + ", ".join(table))
    function, *kinds = table[step[0]]
    if len(step) - 1 != len(kinds):
        raise ScriptError(f"takes {len(kinds)} arguments, not {len(step) - 1}")
    arguments = []
    for kind, value in zip(kinds, step[1:]):
        try:
            arguments.append(kind(value))
        except ValueError:
            raise ScriptError(f"{json.dumps(value)[:40]} is not {kind.__doc__}") from None
    return function, arguments


def _check_order(name: str, before: List[str]) -> None:
    if before and before[-1] in ENDINGS:
        raise ScriptError(f"comes after {before[-1]}, which ends the connection")
    if name == "handshake" and name in before:
        raise ScriptError("the handshake was made already")
    if name in NEED_HANDSHAKE and "handshake" not in before:
        raise ScriptError("needs a handshake before it")
    if name in ("carry-out", "answer") and "read-request" not in before:
        raise ScriptError("needs a read-request before it")
