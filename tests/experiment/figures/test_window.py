"""A window on a display that exists in memory only; skipped where there is no Xvfb or no tkinter."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PREPARE = """
import logging, sys
import numpy as np
from experiment.figures import confusion_figure
from experiment.figures.window import open_window
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
def figure(n):
    labels = np.zeros(n, int)
    return confusion_figure(labels, labels, ["a", "b"], title="Test")
"""


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    if shutil.which("Xvfb") is None or importlib.util.find_spec("_tkinter") is None:
        pytest.skip("needs Xvfb and tkinter")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1200x24"], pass_fds=[writing], stderr=subprocess.DEVNULL
    )
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    if number:
        yield f":{number}"
    server.terminate()
    server.wait()
    if not number:
        pytest.skip("Xvfb does not start here")


def python(program: str, **environment: str) -> str:
    """What a program prints, run with PREPARE before it in a fresh process with these variables."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND")}
    answer = subprocess.run(
        [sys.executable, "-c", PREPARE + program], env=inherited | environment, cwd=ROOT, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_window_has_its_figures_proportions_and_follows_it(display):
    program = """
window = open_window("live")
window.show(figure(1))
before = window.image.get_array().copy()
window.show(figure(2))
print(*window.pyplot.get_figlabels())
height, width = window.image.get_array().shape[:2]
canvas_width, canvas_height = window.image.figure.canvas.get_width_height()
print(abs(canvas_height / canvas_width - height / width) < 0.01, window.image.figure.canvas.manager.window.winfo_viewable())
print((before != window.image.get_array()).any())
"""
    assert python(program, DISPLAY=display).split("\n")[:3] == ["live", "True 1", "True"]


def test_closed_window_stays_closed(display):
    program = """
window = open_window("live")
print(window.is_open())
window.show(figure(1))
print(window.is_open())
tk = window.image.figure.canvas.manager.window
tk.after(0, lambda: tk.tk.eval(tk.protocol("WM_DELETE_WINDOW")))  # as a click on the cross does
window.respond()
print(window.is_open())
window.show(figure(2))
print(window.is_open(), window.pyplot.get_figlabels())
"""
    assert python(program, DISPLAY=display).split() == ["True", "True", "False", "False", "[]"]


def test_run_shows_its_live_view_while_it_trains(display, tmp_path):
    program = f"""
import os
from experiment.main import main
from experiment.figures.window import Window
from Visual_network import VISUAL
os.chdir({str(tmp_path)!r})
show = Window.show
Window.show = lambda window, figure: (show(window, figure), print("windows", len(window.pyplot.get_fignums())))
options = "--source emulated --n_train 6 --n_test 2 --n_neurons 4 --pattern_time 20 --plot"
print("status", main(VISUAL, options.split()))
"""
    said = python(program, DISPLAY=display, PYTHONPATH=str(ROOT))
    assert "windows 1" in said
    assert "status 0" in said


def test_window_stays_until_it_is_closed_or_its_time_is_over(display):
    program = """
import math, time
window = open_window("live")
window.hold(math.inf, lambda: False)  # nothing is shown yet
window.show(figure(1))
started = time.perf_counter()
window.hold(0.2, lambda: False)
print(window.is_open(), time.perf_counter() - started >= 0.2)
tk = window.image.figure.canvas.manager.window
tk.after(1, lambda: tk.tk.eval(tk.protocol("WM_DELETE_WINDOW")))
window.hold(math.inf, lambda: False)
print(window.is_open())
"""
    assert python(program, DISPLAY=display).split() == ["True", "True", "False"]


def test_ctrl_c_lets_the_window_of_a_finished_run_go_and_the_run_is_finished(display, tmp_path):
    program = f"""
import os, signal
from experiment.main import main
from experiment.figures.window import Window
from Visual_network import VISUAL
os.chdir({str(tmp_path)!r})
hold = Window.hold
def interrupted(window, seconds, stop):
    print("held for", seconds, "finished", os.path.exists("results/test/results.json"))
    os.kill(os.getpid(), signal.SIGINT)
    hold(window, seconds, stop)
Window.hold = interrupted
options = "--source emulated --n_train 6 --n_test 2 --n_neurons 4 --pattern_time 20 --plot --plot_hold 86400"
print("status", main(VISUAL, options.split()))
"""
    said = python(program, DISPLAY=display, PYTHONPATH=str(ROOT))
    assert "held for 86400.0 finished True" in said
    assert "status 0" in said


REFUSED = "assert open_window('live') is None"


def test_backend_without_windows_is_named(display):
    assert "--plot: Matplotlib opens no windows here (backend agg)" in python(REFUSED, DISPLAY=display, MPLBACKEND="agg")


def test_display_that_cannot_be_reached_is_told():
    assert "window" in python(REFUSED, DISPLAY=":4077")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere windows need no such variable")
def test_missing_display_is_told():
    assert "--plot: there is no display; the view is kept in the results folder, as live.png" in python(REFUSED)
