# SPDX-License-Identifier: MIT
"""What 10,000 devices do to a service that was away for ten minutes, with the real pauses and with pauses that have no
jitter: draws docs/fleet.svg, and prints the table of docs/operations.md. fleet.c says what is simulated.

    python3 test/bench/fleet.py PROGRAM

The same program makes the same picture, to the byte.
"""
import math
import subprocess
import sys
from pathlib import Path
from typing import Iterator, List, NamedTuple, Sequence, Tuple

PICTURE = Path(__file__).resolve().parents[2] / "docs/fleet.svg"
OUTAGE_S, RETRY_AFTER_S, CAPACITY = 600, 120, 200  # the last is fleet.c's
JITTER, PLAIN = "full jitter (`mmdclose`)", "1, 2, 4 ... 600 s, no jitter"

# The picture, in pixels and seconds. A column of pixels shows its highest second.
WIDTH, HEIGHT = 760, 460
LEFT, TOP, RIGHT, BOTTOM = 62, 62, 742, 342
SHOWN_S, COLUMN_S = 2400, 4
HIGHEST = 20000
STYLE = """
text{font:12px sans-serif;fill:#1f2328}.title{font-size:15px;font-weight:bold}.end{text-anchor:end}
.middle{text-anchor:middle}.back{fill:#fff}.away{fill:#eaeef2}.grid{stroke:#d0d7de}
.limit{stroke:#57606a;stroke-dasharray:5 4}
.jitter{stroke:#0969da;fill:none;stroke-width:1.5}.plain{stroke:#bc4c00;fill:none;stroke-width:2}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.back{fill:#0d1117}.away{fill:#1c2430}.grid{stroke:#30363d}
.limit{stroke:#9198a1}.jitter{stroke:#58a6ff}.plain{stroke:#f0883e}}
"""


class Second(NamedTuple):
    at: int
    requests: int
    closed: int


class Load:
    """What the service sees, by the seconds that saw a request."""
    def __init__(self, program: Sequence[str], pauses: str, retry_after_s: int = 0) -> None:
        run = subprocess.run([*program, pauses, str(OUTAGE_S), str(retry_after_s)], stdout=subprocess.PIPE, text=True,
                             check=True)
        self.seconds = [Second(*map(int, line.split())) for line in run.stdout.splitlines()]
        self.most = max(second.requests for second in self.seconds)
        self.most_back = max(second.requests for second in self.seconds if second.at >= OUTAGE_S)
        self.all_s = self.seconds[-1].at + 1
        self.requests = sum(second.requests for second in self.seconds)

    def columns(self) -> List[int]:
        found = [0] * (SHOWN_S // COLUMN_S)
        for second in self.seconds:
            if second.at < SHOWN_S:
                found[second.at // COLUMN_S] = max(found[second.at // COLUMN_S], second.requests)
        return found


def in_words(seconds: int) -> str:
    """Up to the next minute."""
    hours, minutes = divmod(math.ceil(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def table(program: Sequence[str]) -> str:
    lines = ["| pauses | `Retry-After` of each failure | most requests in a second | after the outage "
             "| all closed after | requests in all |", "|---|---|---:|---:|---:|---:|"]
    for retry_after_s, asked in ((0, "none"), (RETRY_AFTER_S, f"`{RETRY_AFTER_S}`")):
        for pauses, name in (("jitter", JITTER), ("plain", PLAIN)):
            load = Load(program, pauses, retry_after_s)
            lines.append(f"| {name} | {asked} | {load.most:,} | {load.most_back:,} | {in_words(load.all_s)} | "
                         f"{load.requests:,} |")
    return "\n".join(lines) + "\n"


def across(second: float) -> str:
    return f"{LEFT + (RIGHT - LEFT) * second / SHOWN_S:.1f}"


def up(requests: float) -> str:
    """By the logarithm: the curves differ by a factor of hundreds. None is drawn as one."""
    return f"{BOTTOM - (BOTTOM - TOP) * math.log10(max(requests, 1)) / math.log10(HIGHEST):.0f}"


def text(x: float, y: float, words: str, kind: str = "") -> str:
    return f'<text x="{x}" y="{y}"' + (f' class="{kind}"' if kind else "") + f">{words}</text>"


def line(x1: object, y1: object, x2: object, y2: object, kind: str) -> str:
    return f'<path class="{kind}" d="M{x1} {y1}L{x2} {y2}"/>'


def axes() -> Iterator[str]:
    back = across(OUTAGE_S)
    yield f'<rect class="away" x="{LEFT}" y="{TOP}" width="{float(back) - LEFT:.1f}" height="{BOTTOM - TOP}"/>'
    for requests in (1, 10, 100, 1000, 10000):
        yield line(LEFT, up(requests), RIGHT, up(requests), "grid")
        yield text(LEFT - 8, int(up(requests)) + 4, f"{requests:,}", "end")
    for minute in range(0, SHOWN_S // 60 + 1, 5):
        yield line(across(minute * 60), BOTTOM, across(minute * 60), BOTTOM + 4, "grid")
        yield text(float(across(minute * 60)), BOTTOM + 18, f"{minute}", "middle")
    yield text((LEFT + RIGHT) // 2, BOTTOM + 36, "minutes since the outage began", "middle")
    yield line(back, up(CAPACITY), RIGHT, up(CAPACITY), "limit")
    yield text(float(across(22 * 60)), int(up(CAPACITY)) - 6, f"capacity: {CAPACITY} a second", "middle")
    yield text(float(back) - 6, TOP + 16, "outage", "end")


def spikes(load: Load) -> str:
    """A line from the ground for each column, since these seconds stand apart."""
    lines = (f"M{across((column + 0.5) * COLUMN_S)} {BOTTOM}V{up(requests)}"
             for column, requests in enumerate(load.columns()) if requests > 0)
    return f'<path class="plain" d="{"".join(lines)}"/>'


def curve(load: Load) -> str:
    points = " ".join(f"{across((column + 0.5) * COLUMN_S)},{up(requests)}"
                      for column, requests in enumerate(load.columns()) if column * COLUMN_S < load.all_s)
    return f'<polyline class="jitter" points="{points}"/>'


def caption(rows: Sequence[Tuple[str, str, Load]]) -> Iterator[str]:
    """What each curve comes to, in columns."""
    ends, y = (385, 505, 630, RIGHT), BOTTOM + 64
    for x, words in zip(ends, ("most in a second", "after the outage", "all closed after", "requests in all")):
        yield text(x, y, words, "end")
    for kind, name, load in rows:
        y += 20
        yield f'<path class="{kind}" d="M{LEFT} {y - 4}h22"/>'
        yield text(LEFT + 30, y, name)
        for x, words in zip(ends, (f"{load.most:,}", f"{load.most_back:,}", in_words(load.all_s),
                                   f"{load.requests:,}")):
            yield text(x, y, words, "end")


def draw(program: Sequence[str]) -> str:
    jitter, plain = Load(program, "jitter"), Load(program, "plain")
    title = f"10,000 devices, and a service that is away for {OUTAGE_S // 60} minutes"
    rows = (("jitter", JITTER.replace("`", ""), jitter), ("plain", PLAIN, plain))
    scale = f"Requests a second that reach it, on a logarithmic scale: the highest of each {COLUMN_S} seconds"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-label="{title}">', f"<style>{STYLE}</style>",
        '<rect class="back" width="100%" height="100%"/>', text(LEFT, 26, title, "title"),
        text(LEFT, 46, scale), *axes(), spikes(plain), curve(jitter),
        text(RIGHT, TOP + 12, f"and so on, until {in_words(plain.all_s)} →", "end"),
        *caption(rows), "</svg>"]
    return "\n".join(parts) + "\n"


def main() -> None:
    program = sys.argv[1:]
    PICTURE.write_text(draw(program), encoding="utf-8")
    print(f"{table(program)}\npicture: {PICTURE}")


if __name__ == "__main__":
    main()
