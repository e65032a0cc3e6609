"""What each record says: tables, verdicts and the data of the plots. Pure functions from records to text.

The sentences around them are in prose/. Every figure comes from a record, and whether a target is met is computed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from finding import NOTHING, Findings, Plot, Record, table, verdict
from findings_jobs import beside_batch, job_speed, jobs, memory_of_jobs
from findings_mt import translation
from findings_realtime import delay_costs, realtime
from findings_server import gateway, ledger, live_face, live_starts

Scores = Mapping[str, Any]

MORE_THAN_SILENCE = 60
"""Milliseconds that recognition, translation and the first audio may take after the silence wait."""
REAL_TIME = 10
"""Times real time, for a recording of half an hour on two cores."""
PEAK_MEMORY = 1000
"""MB"""
GROWTH = 1.1
"""Peak memory of a longer recording over that of a shorter one: below, it has not grown."""

SYSTEMS = ("plain", "whole", "live")
TOTALS = {"clips": "clips", "longform": "long files", "all": "all"}
STAGES = {"transcript": "transcript", "translation": "translation", "audio": "first audio"}


def recognition(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]
    overall, corpora = found["overall"], found["corpora"]
    spoken = {**corpora["clips"], **corpora["longform"]}
    rates = {
        "ljspeech": "ljspeech",
        "test_other": "librispeech-test-other",
        "earnings": "earnings22",
        "meeting": "meeting4_en",
        "overlap": "overlap3_en",
        "noisy": "noisy10dB_en",
    }
    values = {
        "totals": table(
            ["", "files", "words", *SYSTEMS, "whole less plain", "live less whole"],
            [_total_row(name, overall[key]) for key, name in TOTALS.items()],
        ),
        "never_worse": _never_worse(overall, spoken),
        "corpora": table(
            ["corpus", "files", "words", *SYSTEMS],
            [
                [name, scores["clips"], scores["words"], *_rates(scores)]
                for name, scores in {**spoken, **corpora["apart"]}.items()
            ],
        ),
        "false_words": _false_words(found["false_words"]),
        **{place: f"{spoken[corpus]['whole']['wer']:.0%}" for place, corpus in rates.items()},
    }
    return Findings(values, Plot(_wer_data(spoken), rows=2 * len(spoken)))


def _total_row(name: str, scores: Scores) -> list[Any]:
    gaps = [scores["whole_less_plain"], scores["live_less_whole"]]
    intervals = [f"{gap['wer']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f})" for gap in gaps]
    return [name, scores["clips"], scores["words"], *_rates(scores), *intervals]


def _rates(scores: Scores) -> list[str]:
    return [f"{scores[system]['wer']:.3f}" for system in SYSTEMS]


def _never_worse(overall: Mapping[str, Scores], spoken: Mapping[str, Scores]) -> str:
    worse = {name: scores for name, scores in spoken.items() if _behind(scores) > 0}
    lost = [name for key, name in TOTALS.items() if _behind(overall[key]) > 0]
    said = verdict("whole never worse than plain overall", met=not lost, instead=f"worse over {', '.join(lost)}")
    if not worse:
        return f"{said} It is worse in no corpus."
    named = ", ".join(f"{name} (by {_behind(scores):.3f})" for name, scores in worse.items())
    return f"{said} Taken one by one, it is worse in {named}."


def _behind(scores: Scores) -> float:
    return float(scores["whole"]["wer"] - scores["plain"]["wer"])


def _wer_data(spoken: Mapping[str, Scores]) -> dict[str, Any]:
    ranked = sorted(spoken.items(), key=lambda item: (item[1]["whole"]["wer"], item[0]))
    return {
        "corpora": [f"{name} ({scores['words']} words)" for name, scores in ranked],
        "systems": {system: [scores[system]["wer"] for _, scores in ranked] for system in SYSTEMS},
    }


def _false_words(found: Mapping[str, Any]) -> str:
    return table(
        ["recordings of", "files", "seconds", *SYSTEMS],
        [
            [name, scores["clips"], f"{scores['seconds']:g}", *(f"{scores['per_minute'][it]:g}" for it in SYSTEMS)]
            for name, scores in [*found["labels"].items(), ("all", found["overall"])]
        ],
    )


def batch(records: Sequence[Record]) -> Findings:
    """One record per length of recording."""
    runs = sorted((record["results"] for record in records), key=lambda run: float(run["audio_seconds"]))
    lengths = [f"{run['audio_seconds'] / 60:.0f} min" for run in runs]
    speeds = [float(run["dragoman"]["times_real_time"]) for run in runs]
    plain = [run.get("plain_pocketsphinx_loop", {}).get("times_real_time") for run in runs]
    peaks = [float(run["dragoman"]["peak_memory_mb"]) for run in runs]
    values = {
        "speeds": table(
            ["recording", "seconds taken", "times real time", "plain", "ours over plain", "peak memory, MB"],
            [
                [length, f"{run['dragoman']['seconds']:.0f}", f"{speed:.1f}", *_beside(run, alone), f"{peak:.0f}"]
                for length, run, speed, alone, peak in zip(lengths, runs, speeds, plain, peaks, strict=True)
            ],
        ),
        "fast_enough": verdict(
            f"half an hour of recording at {REAL_TIME} times real time or better on two cores",
            met=speeds[0] >= REAL_TIME,
            instead=f"{speeds[0]:.1f} times",
        ),
        "memory": _memory(peaks),
    }
    data = {"lengths": lengths, "ours": speeds, "plain": plain, "target": REAL_TIME}
    return Findings(values, Plot(data, rows=1 + 2 * len(runs)))


def _beside(run: Scores, plain: float | None) -> tuple[str, str]:
    return (NOTHING, NOTHING) if plain is None else (f"{plain:.1f}", f"{run['dragoman_over_plain']:.2f}")


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
