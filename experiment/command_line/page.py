"""The page of all options, `docs/options.md`. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from common.options import Option
from experiment.command_line.options import option_table
from experiment.modality import Modality

HEAD = """# Options

`python Visual_network.py --help` lists those of a script, `--version` tells the versions. Wrong values get a line each and exit
code 2, before anything is made. In Python they are keywords: `train("Visual", nu=0.1, som=True)`.

This page is written by `python -m experiment options`.
"""
COLUMNS = ("option", "meaning", "unit", "default", "allowed")
CELLS: tuple[Callable[[Option], str], ...] = (
    lambda row: row.help,
    lambda row: row.unit,
    lambda row: row.default_text,
    lambda row: row.value.allowed,
)


def options_page(modalities: Sequence[Modality]) -> str:
    """The options of some senses' scripts, group by group; where they differ, each sense's."""
    tables = {modality.name: option_table(modality) for modality in modalities}
    rows: dict[str, dict[str, Option]] = {}
    for sense, table in tables.items():
        for flag, row in table.items():
            rows.setdefault(flag, {})[sense] = row
    groups: dict[str, list[str]] = {}
    for flag, of_sense in rows.items():
        first = next(iter(of_sense.values()))
        only = "" if len(of_sense) == len(tables) else f" ({' and '.join(of_sense)})"
        cells = [f"`{flag}`{only}", *(_cell(of_sense, cell) for cell in CELLS)]
        groups.setdefault(first.group, []).append(_line(cells))
    parts = [HEAD]
    for group, lines in groups.items():
        parts.append("\n".join([f"## {group.capitalize()}\n", _line(COLUMNS), "|---" * len(COLUMNS) + "|", *lines, ""]))
    return "\n".join(parts)


def _cell(of_sense: Mapping[str, Option], cell: Callable[[Option], str]) -> str:
    texts = {sense: cell(row) for sense, row in of_sense.items()}
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return "; ".join(f"{sense}: {text}" for sense, text in texts.items())


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
