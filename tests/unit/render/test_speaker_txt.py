import pytest
from hypothesis import given
from tests.unit.render.transcripts import transcripts

from dragoman.core.transcript import Punctuation, Sentence, Transcript, Word
from dragoman.render.json_v2 import JobRecord, to_json_v2
from dragoman.render.speaker_txt import to_speaker_txt

JOB = JobRecord("id", "then", "a.wav", 1, {"type": "transcription"})


def said(*turns: tuple[str, float, str | None, str | None]) -> Transcript:
    sentences = [
        Sentence((Word(text, at, at + 1, speaker=speaker, channel=channel), Punctuation(".", at + 1, is_eos=True,
                  speaker=speaker, channel=channel)), "en")
        for text, at, speaker, channel in turns
    ]  # fmt: skip
    return Transcript("en", 10.0, tuple(sentences))


@pytest.fixture(scope="session")
def printed(legacy_adapters):
    """What the legacy client prints for our document."""

    def convert(transcript: Transcript, **options) -> str:
        document = to_json_v2(transcript, JOB, created_at="now", version="0")
        pack = document["metadata"]["language_pack_info"]
        return legacy_adapters.convert_to_txt(document["results"], transcript.language, pack, **options)

    return convert


def test_nobody_is_named_where_nobody_was_told_apart() -> None:
    assert to_speaker_txt(said(("One", 0, None, None), ("Two", 5, None, None))) == "One. Two."


def test_speakers_are_named_where_they_change(printed) -> None:
    turns = said(("One", 0, "S1", None), ("Two", 2, "S1", None), ("Three", 4, "S2", None), ("Who", 6, None, None))
    assert to_speaker_txt(turns) == "SPEAKER: S1\nOne. Two.\nSPEAKER: S2\nThree.\nSPEAKER: UU\nWho."
    assert to_speaker_txt(turns) == printed(turns)


def test_channels_stand_before_what_they_say_in_the_order_of_time(printed) -> None:
    turns = said(("One", 0, None, "left"), ("Three", 4, None, "left"), ("Two", 2, None, "right"))
    assert to_speaker_txt(turns) == "left: One.\nright: Two.\nleft: Three."
    left = said(("One", 0, None, "left"), ("Three", 4, None, "left"))
    assert to_speaker_txt(left) == printed(left, channel="left", speaker_labels=False)


def test_speakers_of_channels() -> None:
    turns = said(("One", 0, "S1", "left"), ("Two", 2, "S1", "right"), ("Three", 4, "S2", "right"))
    assert to_speaker_txt(turns) == "left: SPEAKER: S1\nOne.\nright: SPEAKER: S1\nTwo.\nSPEAKER: S2\nThree."


def test_nothing_said_nothing_written() -> None:
    assert to_speaker_txt(Transcript("en", 1.0)) == ""


@given(transcripts())
def test_it_is_what_the_legacy_client_prints_without_speakers(printed, transcript) -> None:
    assert to_speaker_txt(transcript) == printed(transcript, speaker_labels=False)


@given(transcripts(speakers=("S1", "S2")))
def test_it_is_what_the_legacy_client_prints_with_speakers(printed, transcript) -> None:
    assert to_speaker_txt(transcript) == printed(transcript)
