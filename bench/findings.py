"""What each record says: tables, verdicts and the data of the plots. Pure functions from records to text.

The sentences around them are in prose/. Every figure comes from a record, and whether a target is met is computed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from finding import NOTHING, Findings, Plot, Record, table, verdict
from findings_asr import recognition
from findings_jobs import beside_batch, job_speed, jobs, memory_of_jobs
from findings_mt import translation
from findings_realtime import delay_costs, realtime
from findings_server import gateway, ledger, live_face, live_starts
from findings_speech import speech_translation, voices

Scores = Mapping[str, Any]

MORE_THAN_SILENCE = 60
"""Milliseconds that recognition, translation and the first audio may take after the silence wait."""
REAL_TIME = 12
"""Times real time, for a recording of half an hour on two cores."""
PEAK_MEMORY = 1500
"""MB"""
GROWTH = 1.1
"""Peak memory of a longer recording over that of a shorter one: below, it has not grown."""

STAGES = {"transcript": "transcript", "translation": "translation", "audio": "first audio"}


def batch(records: Sequence[Record]) -> Findings:
    """One record per length of recording."""
    runs = sorted((record["results"] for record in records), key=lambda run: float(run["audio_seconds"]))
    lengths = [f"{run['audio_seconds'] / 60:.0f} min" for run in runs]
    jobs = [run["dragoman"] for run in runs]
    speeds = [float(job["times_real_time"]) for job in jobs]
    peaks = [float(job["peak_memory_mb"]) for job in jobs]
    beside = [(length, run["recognition"]) for length, run in zip(lengths, runs, strict=True) if "recognition" in run]
    values = {
        "speeds": table(
            ["recording", "seconds taken", "CPU seconds", "times real time", "peak memory, MB"],
            [
                [length, f"{job['seconds']:.0f}", job.get("cpu_seconds", NOTHING), f"{speed:.1f}", f"{peak:.0f}"]
                for length, job, speed, peak in zip(lengths, jobs, speeds, peaks, strict=True)
            ],
        ),
        "fast_enough": verdict(
            f"half an hour of recording with one target at {REAL_TIME} times real time or better on two cores",
            met=speeds[0] >= REAL_TIME,
            instead=f"{speeds[0]:.1f} times",
        ),
        "memory": _memory(peaks),
        "recognition": _recognition_speeds(beside),
    }
    data = {
        "lengths": lengths,
        "job": speeds,
        "ours": [run.get("recognition", {}).get("dragoman", {}).get("times_real_time") for run in runs],
        "peer": [run.get("recognition", {}).get("peer", {}).get("times_real_time") for run in runs],
        "target": REAL_TIME,
    }
    return Findings(values, Plot(data, rows=1 + 3 * len(runs)))


def _recognition_speeds(beside: Sequence[tuple[str, Scores]]) -> str:
    if not beside:
        return "Recognition alone is not measured yet."
    names = {"dragoman": "Dragoman", "peer": "faster-whisper batched"}
    rows = [
        [length, name, f"{it['seconds']:.0f}", f"{it['cpu_seconds']:.0f}", f"{it['times_real_time']:.1f}", it["wer"]]
        for length, run in beside
        for name, it in ((name, run[system]) for system, name in names.items())
    ]
    head = ["recording", "recognition by", "seconds taken", "CPU seconds", "times real time", "WER"]
    wall, cpu = float(beside[0][1]["wall_over_peer"]), float(beside[0][1]["cpu_over_peer"])
    aim = "recognition at least as fast as faster-whisper's batched pipeline"
    said = verdict(aim, met=wall >= 1, instead=f"{wall:.2f} times its speed")
    beyond = f"The peer's wall time is {wall:.2f} times ours, its processor time {cpu:.2f} times."
    return f"{table(head, rows)}\n\n{said} {beyond}"


def _memory(peaks: Sequence[float]) -> str:
    said = verdict(f"peak memory below {PEAK_MEMORY} MB", met=max(peaks) < PEAK_MEMORY, instead=f"{max(peaks):.0f} MB")
    if len(peaks) < 2:
        return f"{said} Whether it grows with the recording is not measured yet: that takes a second length."
    grown = f"from {peaks[0]:.0f} to {peaks[-1]:.0f} MB"
    return f"{said} {verdict('memory does not grow', met=peaks[-1] <= GROWTH * peaks[0], instead=grown)}"


def latency(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]
    stages = {name: found["pipeline"][stage] for stage, name in STAGES.items()}
    stages["bare loop, first audio"] = found["bare_loop"]["audio"]
    limit = found["silence_wait_ms"] + MORE_THAN_SILENCE
    values = {
        "silence_wait": f"{found['silence_wait_ms']:g}",
        "stages": table(
            ["ms until", "median", "p95", "longest", "utterances"],
            [
                [name, *(f"{figures[key]:.0f}" for key in ("median_ms", "p95_ms", "max_ms", "utterances"))]
                for name, figures in stages.items()
            ],
        ),
        "soon_enough": _soon_enough(found, limit),
    }
    if not all("each_ms" in figures for figures in stages.values()):
        return Findings(values, None)
    data = {"stages": {name: figures["each_ms"] for name, figures in stages.items()}, "target_ms": limit}
    return Findings(values, Plot(data, rows=1 + len(stages)))


def _soon_enough(found: Mapping[str, Any], limit: float) -> str:
    ours, bare = (found[side]["audio"]["median_ms"] for side in ("pipeline", "bare_loop"))
    aim = f"the median to the first translated audio at most the silence wait plus {MORE_THAN_SILENCE} ms, {limit:g} ms"
    said = verdict(aim, met=ours <= limit, instead=f"{ours:.0f} ms")
    return f"{said} Against the bare loop's median the pipeline's is {ours - bare:+.0f} ms."


def circumstances(records: Sequence[Record]) -> Findings:
    """Where, when and with what."""
    names = sorted({name for record in records for name in record["versions"]})
    values = {
        "records": table(
            ["record", "written (UTC)", "commit", "machine", "system", "load"],
            [
                [
                    f"`{record['name']}`",
                    record["written"].replace("T", " ").removesuffix("+00:00"),
                    f"`{_short(record['commit'])}`",
                    "{processor}, {cores} cores, {memory_gib:g} GiB".format_map(record["machine"]),
                    record["machine"]["system"],
                    " ".join(f"{load:g}" for load in record["load_average"]),
                ]
                for record in records
            ],
            column="---",
        ),
        "versions": table(
            ["version of", *(f"`{record['name']}`" for record in records)],
            [[name, *(record["versions"].get(name, NOTHING) for record in records)] for name in names],
            column="---",
        ),
    }
    return Findings(values, None)


def _short(commit: str) -> str:
    digits, dash, dirty = commit.partition("-")
    return digits[:10] + dash + dirty


FINDINGS: Mapping[str, Callable[[Sequence[Record]], Findings]] = {
    "quality_asr": recognition,
    "quality_mt": translation,
    "quality_speech_translation": speech_translation,
    "quality_tts": voices,
    "batch_speed": batch,
    "latency_live": latency,
    "live_face": live_face,
    "live_starts": live_starts,
    "live_beside_batch": beside_batch,
    "realtime_delay": realtime,
    "quality_delay": delay_costs,
    "job_speed": job_speed,
    "jobs": jobs,
    "memory_of_jobs": memory_of_jobs,
    "gateway": gateway,
    "ledger": ledger,
}
"""By benchmark, in the order of the page; a benchmark's records have names that begin with its own."""
