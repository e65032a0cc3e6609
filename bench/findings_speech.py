"""What the records of voices and of translation out of the audio say."""

from collections.abc import Sequence

from finding import Findings, Record, table


def voices(records: Sequence[Record]) -> Findings:
    found = records[0]["results"]
    rows = sorted(found["voices"], key=lambda row: (row["language"], row["wrong"] is None, row["wrong"]))
    cells = [
        [
            row["language"],
            row["engine"],
            row["voice"],
            row["sentences"],
            "not scored" if row["wrong"] is None else f"{row['wrong']:.3f} of {row['unit']}",
            f"{row['cpu_per_second']:.3f}",
            f"{row['first_audio_cpu_ms']:.0f}",
        ]
        for row in rows
    ]
    head = ["language", "engine", "voice", "sentences", "misheard", "CPU s per s", "CPU ms to the first sound"]
    return Findings({"voices": table(head, cells)}, None)


def speech_translation(records: Sequence[Record]) -> Findings:
    rows = [
        [
            row["language"],
            row["corpus"],
            row["clips"],
            ", ".join(row["route"]),
            *(f"{row[way][score]:.1f}" for way in ("pipeline", "from_the_audio") for score in ("chrf", "bleu")),
            f"{row['cpu_seconds_per_second']:.3f}",
        ]
        for row in records[0]["results"]["languages"]
    ]
    head = ["from", "corpus", "clips", "route of the pipeline", "chrF", "BLEU", "audio: chrF", "BLEU", "CPU s per s"]
    return Findings({"languages": table(head, rows)}, None)
