"""Folders as finished runs leave them, and the page of a report as tests read it."""

from __future__ import annotations

import base64
import csv
import json
from html.parser import HTMLParser
from pathlib import Path

from experiment.__main__ import main
from experiment.command_line.options import Options
from experiment.protocol.record import COLUMNS

RED_PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
EMPTY_TAGS = {"meta", "br", "img", "line"}


def put_run(folder: Path, seed: int = 0, accuracy: float = 50.0, offset: float = 0.0, **options) -> Path:
    """A folder as a finished run leaves it: two epochs of 20 samples in blocks of 5."""
    folder.mkdir(parents=True)
    chosen = Options(**{"n_neurons": 9, "pattern_time": 50.0, "polarities": "on"} | options, seed=seed, filename=folder.name)
    sense = {"name": "Visual", "dataset": "NMNIST", "input_shape": [34, 34], "class_names": list("0123456789")}
    saved = {"modality": sense, "options": chosen.as_dict(), "versions": {"torch": "2"}, "data": {"train": "k", "test": "l"}}
    (folder / "options.json").write_text(json.dumps(saved))
    accuracies = {"all_activity": accuracy - 10, "proportion_weighting": accuracy}
    numbers = {"n_test": 150, "ms_per_train_sample": 0.251, "ms_per_test_sample": 0.12, "peak_memory_mb": 460.2}
    results = {"engine": "fused", "device": "cpu", "test_accuracy": accuracies} | numbers
    (folder / "results.json").write_text(json.dumps(results))
    with open(folder / "metrics.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval=0)
        writer.writeheader()
        for n_seen in range(5, 45, 5):
            running = "" if n_seen == 5 else n_seen + offset
            row = {"epoch": 1 + (n_seen > 20), "n_seen": n_seen, "all_activity": running, "proportion_weighting": running}
            writer.writerow(row)
    for name in ("test_confusion_matrix", "weights"):
        (folder / f"{name}_{folder.name}.png").write_bytes(RED_PIXEL)
    return folder


class Page(HTMLParser):
    """Fails at tags that do not match; keeps the words, the tags' attributes and the tables' cells."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.rows: list[list[str]] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.attributes += [(tag, name, value) for name, value in attributes]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)
        if {"th", "td"} & set(self.open):
            self.rows[-1][-1] += data

    @property
    def text(self) -> str:
        return "\n".join(self.words)

    def row(self, start: str) -> list[str]:
        return next(row for row in self.rows if row[0].startswith(start))


def page_of(*folders: Path) -> Page:
    output = folders[0].parent / "page.html"
    assert main(["report", *map(str, folders), "--output", str(output)]) == 0
    return Page(output.read_text(encoding="utf-8"))
