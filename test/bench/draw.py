# SPDX-License-Identifier: MIT
"""The pictures of bench.py: docs/growth.svg, and docs/peers.svg."""
import math
from pathlib import Path
from typing import Iterator, List, Sequence, Tuple

from fleet import line, text
from growth import Series

DOCS = Path(__file__).resolve().parents[2] / "docs"
STYLE = """
text{font:12px sans-serif;fill:#1f2328}.title{font-size:15px;font-weight:bold}.name{font-weight:bold}
.end{text-anchor:end}.middle{text-anchor:middle}.back{fill:#fff}
.grid{stroke:#d0d7de}.fit{stroke:#bc4c00;fill:none;stroke-width:1.5}
.point,.first{fill:#0969da}.second{fill:#80b8f0}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.back{fill:#0d1117}.grid{stroke:#30363d}.fit{stroke:#f0883e}
.point,.first{fill:#58a6ff}.second{fill:#24588f}}
"""
PANEL_WIDTH, PANEL_HEIGHT, COLUMNS = 250, 210, 3
BAR, LEFT, BARS = 16, 218, 450


def picture(name: str, width: int, height: int, title: str, parts: Iterator[str]) -> Path:
    path = DOCS / name
    path.write_text("\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{title}">', f"<style>{STYLE}</style>",
        '<rect class="back" width="100%" height="100%"/>', text(16, 26, title, "title"), *parts, "</svg>"]) + "\n",
                    encoding="utf-8")
    return path


def short(number: float) -> str:
    """In three digits: 950, 12.5 k, 14 M."""
    for unit, size in (("M", 1e6), ("k", 1e3), ("", 1)):
        if number >= size or size == 1:
            return f"{number / size:.3g} {unit}".strip()
    return ""


def step(highest: float) -> float:
    """Of a scale with about four marks: 1, 2 or 5 with zeros."""
    rough = highest / 4
    power = 10 ** math.floor(math.log10(rough))
    return next(power * n for n in (1, 2, 5, 10) if power * n >= rough)


def marks(highest: float) -> List[float]:
    width = step(highest)
    return [width * n for n in range(int(highest / width) + 1)]


def panel(series: Series, x: int, y: int) -> Iterator[str]:
    """Points, and the line of the least squares through them."""
    left, right, top, bottom = x + 50, x + PANEL_WIDTH - 14, y + 34, y + PANEL_HEIGHT - 40
    most_x, most_y = max(p[0] for p in series.points), max(p[1] for p in series.points)

    def at(value: Tuple[float, float]) -> Tuple[str, str]:
        return (f"{left + (right - left) * value[0] / most_x:.1f}",
                f"{bottom - (bottom - top) * value[1] / most_y:.1f}")

    yield text(left, y + 20, series.title, "name")
    for mark in marks(most_y):
        _, up = at((0, mark))
        yield line(left, up, right, up, "grid")
        yield text(left - 6, float(up) + 4, short(mark), "end")
    for mark in marks(most_x):
        across, _ = at((mark, 0))
        yield line(across, bottom, across, bottom + 4, "grid")
        yield text(float(across), bottom + 17, short(mark), "middle")
    slope, base = series.line()
    yield line(*at((0, base)), *at((most_x, base + slope * most_x)), "fit")
    for point in series.points:
        across, up = at(point)
        yield f'<circle class="point" cx="{across}" cy="{up}" r="3"/>'
    yield text((left + right) / 2, bottom + 33, series.unit, "middle")


def growth(all_series: Sequence[Series]) -> Path:
    rows = math.ceil(len(all_series) / COLUMNS)
    parts = (part for number, series in enumerate(all_series)
             for part in panel(series, number % COLUMNS * PANEL_WIDTH, 36 + number // COLUMNS * PANEL_HEIGHT))
    return picture("growth.svg", COLUMNS * PANEL_WIDTH, 46 + rows * PANEL_HEIGHT,
                   "Instructions, by the size of what is given: points, and the line through them", parts)


def bars(rows: Sequence[Tuple[str, str, int]]) -> Iterator[str]:
    """Of a client, the version of TLS and its instructions."""
    y, most, before = 44, max(row[2] for row in rows), ""
    for name, version, count in rows:
        if name != before:
            y += 8
            yield text(LEFT - 66, y + 12, name, "end")
        before = name
        width = BARS * count / most
        yield text(LEFT - 8, y + 12, f"TLS {version}", "end")
        yield f'<rect class="{"first" if version == "1.3" else "second"}" x="{LEFT}" y="{y + 1}" ' \
              f'width="{width:.1f}" height="{BAR - 2}"/>'
        yield text(LEFT + width + 6, y + 12, f"{count / 1e6:.1f}")
        y += BAR


def peers(rows: Sequence[Tuple[str, str, int]]) -> Path:
    names = len({row[0] for row in rows})
    return picture("peers.svg", LEFT + BARS + 60, 60 + names * 8 + len(rows) * BAR,
                   "One closing, from the start of the process to its end: million instructions", bars(rows))
