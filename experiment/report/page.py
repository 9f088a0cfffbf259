"""Parts of a page: text made safe, tables, pictures in the page itself. Whatever comes from a folder passes `text`."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bindsnet.analysis.style import LINE_STYLES, line_look
from common.durable import write_file
from experiment.errors import OptionError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE = Path(__file__).with_name("page.css")
# Nothing is fetched and nothing runs, whatever a folder or a file in it is called.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
DASHES = dict(zip(LINE_STYLES, ("none", "7 3", "8 3 2 3", "2 3"), strict=True))
LONGEST_HEAD = 1 << 10  # bytes of a page in which its policy stands
MISSING = "–"


def text(value: Any) -> str:
    """The value as a page can hold it in one line."""
    words = str(value)
    return html.escape(words if words.isprintable() else ascii(words))


def is_page(path: Path) -> bool:
    """Whether a file is a page that was made here."""
    with open(path, "rb") as file:
        return POLICY.encode() in file.read(LONGEST_HEAD)


def write_page(output: Path, page: str, called: str = "") -> None:
    """Write a page; only a page of this program is replaced.

    Args:
        output: where it goes.
        page: the whole of it.
        called: what names the file in a complaint, such as an option, with a space behind.

    Raises:
        OptionError: something else is there.
        OSError: it cannot be written.
    """
    if output.exists() and not output.is_file():
        raise OptionError([f"{called}{output}: is a folder, a pipe or a device; name a file"])
    if output.exists() and not is_page(output):
        raise OptionError([f"{called}{output}: is there already and no page of this program; name another file"])
    output.parent.mkdir(parents=True, exist_ok=True)
    write_file(output, lambda file: file.write(page.encode()))


def document(title: str, body: Iterable[str]) -> str:
    """A whole page."""
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{text(title)}</title>",
            f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>",
            "</head>",
            "<body>",
            f"<h1>{text(title)}</h1>",
            *body,
            "</body>",
            "</html>",
            "",
        ]
    )


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], marked: Sequence[bool] = (), words: int = 1) -> str:
    """A table of cells that are HTML already.

    Args:
        caption: above it, plain text.
        head: titles of the columns.
        rows: the cells; the first of a row names it.
        marked: which rows stand out, none if left out.
        words: how many columns hold words; those after them hold numbers.
    """
    kinds = ["" if place < words else ' class="number"' for place in range(len(head))]
    titles = "".join(f'<th scope="col"{kind}>{title}</th>' for title, kind in zip(head, kinds, strict=True))
    lines = ['<div class="wide"><table>', f"<caption>{text(caption)}</caption>", f"<thead><tr>{titles}</tr></thead>", "<tbody>"]
    for number, (name, *cells) in enumerate(rows):
        look = ' class="differs"' if number < len(marked) and marked[number] else ""
        data = "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(cells, kinds[1:], strict=True))
        lines.append(f'<tr{look}><th scope="row">{name}</th>{data}</tr>')
    return "\n".join([*lines, "</tbody>", "</table></div>"])


def fold(summary: str, content: str) -> str:
    """Content that opens at a click; it is printed in any case."""
    return f"<details><summary>{text(summary)}</summary>\n{content}\n</details>"


def image(content: bytes, kind: str, alt: str) -> str:
    """A picture, `kind` "png" or "svg+xml", in the page itself."""
    return f'<img src="data:image/{kind};base64,{base64.b64encode(content).decode()}" alt="{text(alt)}">'


def drawing(figure: Figure, alt: str) -> str:
    """A figure as it scales in a page; the same each time."""
    from matplotlib import rc_context

    file = io.BytesIO()
    with rc_context({"svg.hashsalt": "report"}):
        figure.savefig(file, format="svg", metadata={"Date": None})
    return image(file.getvalue(), "svg+xml", alt)


def amount(value: float | None, places: int) -> str:
    """A number with so many decimals."""
    return MISSING if value is None else f"{value:,.{places}f}"


def count(number: int, noun: str) -> str:
    """So many of what a noun names."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def swatch(number: int) -> str:
    """The line that stands for setting `number` in the curves."""
    colour, style = line_look(number - 1)
    line = f'<line x1="0" y1="5" x2="36" y2="5" stroke="{colour}" stroke-width="3" stroke-dasharray="{DASHES[style]}"/>'
    return f'<svg width="36" height="10" aria-hidden="true">{line}</svg>'
