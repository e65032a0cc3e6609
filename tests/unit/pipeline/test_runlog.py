"""The run log: written with the events, read back, and handed to the field's scorer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dragoman.core.audio import OUTPUT_RATE, AudioChunk, silence
from dragoman.core.events import (
    EndOfUtterance,
    Event,
    FinalTranscript,
    FinalTranslation,
    Notice,
    PartialTranscript,
    Progress,
    RunEnded,
    RunStarted,
    SentenceSpoken,
    SynthesizedAudio,
)
from dragoman.core.transcript import Punctuation, Sentence, SpokenSentence, Translation, Word
from dragoman.pipeline.runlog import Arrivals, Record, RunLog, read_log, to_omnisteval, to_simulstream

SAID = Sentence((Word("Hello", 0.1, 0.5), Punctuation(".", 0.5)), "en")

EVENTS: list[tuple[Event, dict[str, object]]] = [
    (RunStarted("en", ("scripted",)), {}),
    (PartialTranscript(SAID.items[:1], 0, 0.1, 0.6), {"text": "Hello", "start_time": 0.1, "end_time": 0.6}),  # type: ignore[arg-type]  # words only
    (FinalTranscript(SAID), {"language": "en", "text": "Hello.", "start_time": 0.1, "end_time": 0.5}),
    (EndOfUtterance(0.5), {"end_time": 0.5}),
    (
        FinalTranslation(Translation("Hola.", "es", 0.1, 0.5)),
        {"language": "es", "text": "Hola.", "start_time": 0.1, "end_time": 0.5},
    ),
    (SynthesizedAudio("es", silence(0.5, OUTPUT_RATE, 1.0)), {"language": "es", "start_time": 1.0, "end_time": 1.5}),
    (
        SentenceSpoken(SpokenSentence("es", 1.0, 1.5, 0.1, 0.5, 1.0)),
        {"language": "es", "start_time": 0.1, "end_time": 0.5},
    ),
    (Notice("engine_failed", "what was said"), {}),
    (Progress(0.9), {}),
    (RunEnded(1.0), {}),
]


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def test_every_event_is_written_with_the_moment_and_what_it_says() -> None:
    records: list[Record] = []
    clock = Clock()
    log = RunLog(records.append, clock)
    clock.time += 0.25
    log.audio(AudioChunk(bytes(3_200), 16_000, 0.4))
    for event, _ in EVENTS:
        clock.time += 0.125
        log.event(event)
    assert json.loads(records[0].to_json()) == {"kind": "audio", "wall": 0.25, "heard": 0.5}
    for position, (record, (event, described)) in enumerate(zip(records[1:], EVENTS, strict=True)):
        moment = {"kind": "event", "event": type(event).__name__, "wall": 0.375 + 0.125 * position, "heard": 0.5}
        assert json.loads(record.to_json()) == moment | described
    assert list(read_log(record.to_json() + "\n" for record in records)) == records


def heard(wall: float, until: float) -> Record:
    return Record("audio", wall, until)


def translation(wall: float, until: float, language: str, text: str) -> Record:
    return Record("event", wall, until, "FinalTranslation", language, text, 0.0, until)


SPANISH = ["Hola a todos, buenos días.", "Hoy vamos a hablar de barcos."]
LOG = [
    heard(7.0, 1.0),  # the log was opened six seconds before somebody spoke
    heard(8.0, 2.0),
    heard(9.0, 3.0),
    translation(9.5, 3.0, "es", SPANISH[0]),
    translation(9.6, 3.0, "fr", "Bonjour à tous."),
    heard(10.0, 4.0),
    heard(11.0, 5.0),
    heard(12.0, 6.0),
    translation(12.25, 6.0, "es", SPANISH[1]),
]


def test_audio_had_arrived_when_the_chunk_that_holds_it_had() -> None:
    arrivals = Arrivals(LOG)
    assert arrivals.wall(0.0) == 7.0
    assert arrivals.wall(2.0) == 8.0
    assert arrivals.wall(2.01) == 9.0
    assert arrivals.wall(99.0) == 12.0


def test_the_instance_line_has_a_delay_for_every_word() -> None:
    instance = to_omnisteval(iter(LOG), "es", "talk.wav")
    assert instance["prediction"] == " ".join(SPANISH)
    assert instance["delays"] == [3000.0] * 5 + [6000.0] * 6
    assert instance["elapsed"] == [3500.0] * 5 + [6250.0] * 6
    assert (instance["source_length"], instance["source"]) == (6000.0, ["talk.wav"])


def test_a_language_without_translations_has_an_empty_line() -> None:
    instance = to_omnisteval(LOG, "de", "talk.wav")
    assert (instance["prediction"], instance["delays"], instance["source_length"]) == ("", [], 6000.0)
    assert to_omnisteval([], "de", "talk.wav")["source_length"] == 0.0


def test_the_metric_log_counts_from_the_last_arrival() -> None:
    first, *lines = to_simulstream(LOG, "es", "talk.wav")
    assert first == {"id": 0, "metadata": {"wav_name": "talk.wav"}}
    assert [line["total_audio_processed"] for line in lines] == [3.0, 6.0]
    assert [line["computation_time"] for line in lines] == [0.5, 0.25]
    assert [" ".join(line["generated_tokens"]) for line in lines] == SPANISH
    assert all(line["deleted_tokens"] == [] for line in lines)


SCORER = Path(sys.executable).with_name("omnisteval")


@pytest.mark.skipif(not SCORER.exists(), reason="OmniSTEval is not installed (it comes with `make check`)")
def test_the_fields_scorer_reads_our_line(tmp_path: Path) -> None:
    """Both sentences were emitted when all of their source was heard: the words waited for 3 seconds at most."""
    (tmp_path / "instances.log").write_text(json.dumps(to_omnisteval(LOG, "es", "talk.wav")) + "\n")
    (tmp_path / "reference.txt").write_text("\n".join(SPANISH) + "\n")
    (tmp_path / "segments.yaml").write_text(
        "- {wav: talk.wav, offset: 0.0, duration: 3.0}\n- {wav: talk.wav, offset: 3.0, duration: 3.0}\n"
    )
    command = [
        SCORER, "longform", "--word_level", "--speech_segmentation", "segments.yaml",
        "--ref_sentences_file", "reference.txt", "--hypothesis_file", "instances.log", "--lang", "es",
        "--bleu_tokenizer", "13a", "--output_folder", "scores",
    ]  # fmt: skip
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=100)
    lines = (tmp_path / "scores" / "scores.tsv").read_text().splitlines()[1:]
    scores = {name: float(value) for name, value in (line.split("\t") for line in lines)}
    assert scores["BLEU"] == pytest.approx(100.0)
    assert scores["LongAL (CU)"] == pytest.approx(3000.0)
    assert scores["LongAL (CA)"] == pytest.approx(3000.0 + (500.0 + 250.0) / 2)
