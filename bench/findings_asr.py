"""What the record of quality_asr.py says."""

from collections.abc import Mapping, Sequence
from typing import Any

from finding import NOTHING, Findings, Plot, Record, table, verdict

Scores = Mapping[str, Any]

NEVER_WORSE = 0.01
"""WER by which whole may be above the peer, all files together."""
ENGLISH = 0.12
"""WER of the English clips, at most."""
FALSE_WORDS = 0.5
"""Words a minute where nobody speaks, at most."""

SYSTEMS = {
    "peer": "faster-whisper",
    "batched": "faster-whisper batched",
    "whole": "whole",
    "live": "live",
    "floor": "pocketsphinx",
}
TOTALS = {
    "clips": "English clips",
    "longform": "long files",
    "languages": "clips of de, es, fr, it, pt, sv",
    "all": "all",
}
KINDS = {
    "clips": "English clips",
    "languages": "clips of other languages",
    "longform": "long files",
    "events": "recordings without speech",
}


def recognition(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]
    overall, corpora = found["overall"], found["corpora"]
    spoken = {**corpora["clips"], **corpora["longform"]}
    values = {
        "model": found["model"],
        "note": found.get("note", ""),
        "totals": table(
            ["", "files", "words", *SYSTEMS.values(), "whole less faster-whisper", "live less whole"],
            [_total_row(name, overall[key]) for key, name in TOTALS.items()],
        ),
        "never_worse": _never_worse(overall, {**spoken, **corpora["languages"]}),
        "english": _english(overall["clips"]),
        "long_files": _long_files(corpora["longform"]),
        "corpora": table(
            ["corpus", "files", "words", *SYSTEMS.values()],
            [
                [name, scores["clips"], scores["words"], *_rates(scores)]
                for name, scores in {**spoken, **corpora["apart"]}.items()
            ],
        ),
        "languages": table(
            ["language", "rate", "files", "seconds", "words", SYSTEMS["peer"], SYSTEMS["whole"]],
            [
                [language, scores["metric"], scores["clips"], f"{scores['seconds']:.0f}", scores["words"]]
                + [f"{scores[system]['wer']:.3f}" for system in ("peer", "whole")]
                for language, scores in found["languages"].items()
            ],
        ),
        "false_words": _false_words(found["false_words"]),
        "silent_enough": _silent_enough(found["false_words"]["overall"]["per_minute"]["whole"]),
        "cpu": table(
            ["CPU seconds per second of audio", *SYSTEMS.values()],
            [[name, *_costs(found["cpu_per_second"].get(kind, {}))] for kind, name in KINDS.items()],
        ),
    }
    return Findings(values, Plot(_plot_data(spoken), rows=2 * len(spoken)))


def _total_row(name: str, scores: Scores) -> list[Any]:
    gaps = [scores.get("whole_less_peer"), scores.get("live_less_whole")]
    intervals = [f"{gap['wer']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f})" if gap else NOTHING for gap in gaps]
    return [name, scores["clips"], scores["words"], *_rates(scores), *intervals]


def _rates(scores: Scores) -> list[str]:
    return [f"{scores[system]['wer']:.3f}" if system in scores else NOTHING for system in SYSTEMS]


def _costs(costs: Mapping[str, float]) -> list[str]:
    return [f"{costs[system]:.3f}" if system in costs else NOTHING for system in SYSTEMS]


def _never_worse(overall: Mapping[str, Scores], spoken: Mapping[str, Scores]) -> str:
    behind = float(overall["all"]["whole_less_peer"]["wer"])
    aim = f"whole at most {NEVER_WORSE:g} worse than faster-whisper over all files"
    said = verdict(aim, met=behind <= NEVER_WORSE, instead=f"{behind:+.3f}")
    worse = {
        name: gap for name, scores in spoken.items() if (gap := scores["whole"]["wer"] - scores["peer"]["wer"]) > 0
    }
    if not worse:
        return f"{said} It is worse in no corpus."
    return f"{said} It is worse in {', '.join(f'{name} (by {gap:.3f})' for name, gap in worse.items())}."


def _english(scores: Scores) -> str:
    rate = float(scores["whole"]["wer"])
    return verdict(f"WER of the English clips {ENGLISH:g} or better", met=rate <= ENGLISH, instead=f"{rate:.3f}")


def _long_files(files: Mapping[str, Scores]) -> str:
    worse = [
        f"{name} ({scores['whole']['wer']:.3f} against {best:.3f})"
        for name, scores in files.items()
        if scores["whole"]["wer"] > (best := min(scores["peer"]["wer"], scores["batched"]["wer"]))
    ]
    aim = "in every long file no more errors than the better of faster-whisper plain and batched"
    return verdict(aim, met=not worse, instead=f"more in {', '.join(worse)}")


def _silent_enough(rate: float) -> str:
    return verdict(f"at most {FALSE_WORDS:g} false words a minute", met=rate <= FALSE_WORDS, instead=f"{rate:g}")


def _false_words(found: Mapping[str, Any]) -> str:
    return table(
        ["recordings of", "files", "seconds", *SYSTEMS.values()],
        [
            [name, scores["clips"], f"{scores['seconds']:g}", *(f"{scores['per_minute'][it]:g}" for it in SYSTEMS)]
            for name, scores in [*found["labels"].items(), ("all", found["overall"])]
        ],
    )


def _plot_data(spoken: Mapping[str, Scores]) -> dict[str, Any]:
    """Systems that heard all corpora."""
    ranked = sorted(spoken.items(), key=lambda item: (item[1]["whole"]["wer"], item[0]))
    return {
        "corpora": [f"{name} ({scores['words']} words)" for name, scores in ranked],
        "systems": {system: [scores[system]["wer"] for _, scores in ranked] for system in ("peer", "whole")},
    }
