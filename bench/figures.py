"""The plots of docs/benchmarks.md: each function draws what report.py hands it, and computes nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

OURS, OURS_LIVE, OTHER, TARGET = "#1f6fb4", "#8fc1e8", "#b9b9b9", "#c0392b"

mpl.rcParams |= {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "backend": "svg",
    "axes.axisbelow": True,
    "axes.grid": True,
    "font.size": 9,
    "grid.color": "#e6e6e6",
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text: small files, and a reader's search finds it
    "svg.hashsalt": "dragoman",  # else every drawing has other ids
}


def word_errors(data: Mapping[str, Any], axes: Axes) -> None:
    """``data``: corpus labels, and per system one WER for each."""
    colors = {"peer": OTHER, "whole": OURS}
    labels = {"peer": "faster-whisper", "whole": "Dragoman, whole"}
    for index, (system, rates) in enumerate(data["systems"].items()):
        rows = [row + 0.4 * (index - 0.5) for row in range(len(rates))]
        axes.barh(rows, rates, height=0.36, color=colors[system], label=labels[system])
    axes.set_yticks(range(len(data["corpora"])), data["corpora"])
    axes.set_xlabel("word error rate")
    _finish(axes)


def latencies(data: Mapping[str, Any], axes: Axes) -> None:
    """``data``: milliseconds of each utterance per stage, first to last, and the target."""
    stages = data["stages"]
    boxes = axes.boxplot(
        list(stages.values()),
        orientation="horizontal",
        widths=0.5,
        showfliers=False,
        patch_artist=True,
        manage_ticks=False,
    )
    for name, box, median in zip(stages, boxes["boxes"], boxes["medians"], strict=True):
        box.set(facecolor=OTHER if name.startswith("bare") else OURS_LIVE, edgecolor="#444444")
        median.set(color="#222222")
    for row, each in enumerate(stages.values(), start=1):
        axes.plot(each, [row] * len(each), "o", markersize=3, color="#222222", alpha=0.5)
    axes.axvline(
        data["target_ms"], color=TARGET, linestyle="--", label=f"target of the median, {data['target_ms']:g} ms"
    )
    axes.set_yticks(range(1, len(stages) + 1), list(stages))
    axes.set_xlim(left=0)
    axes.set_xlabel("ms after the last frame of speech")
    _finish(axes)


def translation(data: Mapping[str, Any], axes: Axes) -> None:
    """``data``: per route chrF of ours and of Apertium alone (which may lack some)."""
    rows = range(len(data["routes"]))
    axes.barh(rows, data["ours"], height=0.6, color=OURS, label="the route that is chosen")
    floor = [(row, chrf) for row, chrf in zip(rows, data["floor"], strict=True) if chrf is not None]
    if floor:
        axes.plot(
            [chrf for _, chrf in floor], [row for row, _ in floor], "|", markersize=13, markeredgewidth=2, color=TARGET,
            label="Apertium alone",
        )  # fmt: skip
    axes.set_yticks(rows, data["routes"])
    axes.set_xlabel("chrF, 200 lines of NTREX-128")
    _finish(axes)


def batch_speed(data: Mapping[str, Any], axes: Axes) -> None:
    """``data``: lengths of the recordings and times real time of the job and of recognition alone, if measured."""
    bars = {
        "job": ("dragoman translate", OURS),
        "ours": ("recognition alone", OURS_LIVE),
        "peer": ("faster-whisper batched", OTHER),
    }
    for index, (name, (label, color)) in enumerate(bars.items()):
        speeds = [(row + 0.27 * (index - 1), speed) for row, speed in enumerate(data[name]) if speed is not None]
        if speeds:
            axes.barh([row for row, _ in speeds], [it for _, it in speeds], height=0.25, color=color, label=label)
    axes.axvline(data["target"], color=TARGET, linestyle="--", label=f"target of the job, {data['target']:g} times")
    axes.set_yticks(range(len(data["lengths"])), data["lengths"])
    axes.set_xlabel("times real time")
    _finish(axes)


def lags(data: Mapping[str, Any], axes: Axes) -> None:
    """``data``: per number of sessions, of each phrase when it ended in seconds and its lag in milliseconds."""
    colors = mpl.colormaps["viridis"]
    for index, (name, each) in enumerate(data["lags"].items()):
        color = colors(index / max(1, len(data["lags"])))
        axes.plot(
            [end / 60 for end, _ in each], [lag / 1000 for _, lag in each], "o", markersize=3, color=color, label=name
        )
    axes.set_yscale("log")
    axes.set_xlabel("minutes")
    axes.set_ylabel("s until the first audio")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4)


def word_delays(data: Mapping[str, Any], axes: Axes) -> None:
    """``data``: per row of the table and kind of message, percentiles in milliseconds."""
    colors = dict(zip(data["kinds"], (OTHER, OURS, OURS_LIVE), strict=True))
    for row, (_, kinds) in enumerate(data["rows"].items()):
        for index, (kind, spread) in enumerate(kinds.items()):
            low, left, middle, right, high = (spread[f"{at}_ms"] / 1000 for at in ("p5", "p25", "median", "p75", "p95"))
            at, label = row + 0.27 * (index - 1), data["kinds"][kind] if not row else None
            axes.plot([low, high], [at, at], color="#444444", linewidth=1)
            axes.barh(at, right - left, left=left, height=0.22, color=colors[kind], label=label)
            axes.plot(middle, at, "|", color="#222222", markersize=8)
    axes.set_yticks(range(len(data["rows"])), list(data["rows"]))
    axes.set_xlabel("s since the end of the word was sent: p5, p25, median, p75, p95")
    _finish(axes)


def _finish(axes: Axes) -> None:
    """First row on top, as in the tables; the legend above, where no bar reaches."""
    axes.invert_yaxis()
    axes.margins(y=0.02)
    axes.grid(visible=False, axis="y")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)


DRAWINGS: Mapping[str, Callable[[Mapping[str, Any], Axes], None]] = {
    "quality_asr": word_errors,
    "latency_live": latencies,
    "quality_mt": translation,
    "batch_speed": batch_speed,
    "live_face": lags,
    "realtime_delay": word_delays,
}


def draw(path: Path, data: Mapping[str, Any], *, rows: int, digest: str) -> None:
    """Writes an SVG that holds ``digest``, by which report.py knows what it was drawn from."""
    figure, axes = plt.subplots(figsize=(7.5, 0.8 + 0.26 * rows), layout="constrained")
    DRAWINGS[path.stem](data, axes)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None, "Creator": None, "Description": digest})
    plt.close(figure)
