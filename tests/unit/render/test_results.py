from hypothesis import given
from tests.unit.render.transcripts import transcripts

from dragoman.core.transcript import Punctuation, Translation, Word, join_items
from dragoman.render.results import UNKNOWN_SPEAKER, to_results, to_translated


def test_a_word() -> None:
    assert to_results([Word("Hello", 0.50004, 1.2, 0.9296)], "en") == [
        {
            "type": "word",
            "start_time": 0.5,
            "end_time": 1.2,
            "alternatives": [{"content": "Hello", "confidence": 0.93, "language": "en"}],
        }
    ]


def test_a_mark_says_what_it_attaches_to_and_whether_the_sentence_ends() -> None:
    assert to_results([Punctuation("!", 1.2, is_eos=True, confidence=0.5)], "cmn") == [
        {
            "type": "punctuation",
            "start_time": 1.2,
            "end_time": 1.2,
            "attaches_to": "previous",
            "is_eos": True,
            "alternatives": [{"content": "!", "confidence": 0.5, "language": "cmn"}],
        }
    ]


def test_everything_that_can_be_known_of_a_word() -> None:
    um = Word("אה", 0.0, 1.0, 0.5, speaker="S1", channel="left", volume=31.41592, tags=("disfluency",))
    (result,) = to_results([um], "he", unknown_speaker=UNKNOWN_SPEAKER)
    assert result["channel"] == "left"
    assert result["volume"] == 31.416
    assert result["alternatives"] == [
        {
            "content": "אה",
            "confidence": 0.5,
            "language": "he",
            "speaker": "S1",
            "display": {"direction": "rtl"},
            "tags": ["disfluency"],
        }
    ]


def test_volume_zero_is_a_volume() -> None:
    (result,) = to_results([Word("hush", 0.0, 1.0, volume=0.0)], "en")
    assert result["volume"] == 0.0


def test_nobody_is_named_only_where_the_caller_wants_it() -> None:
    items = [Word("a", 0, 1), Punctuation(".", 1)]
    assert all("speaker" not in result["alternatives"][0] for result in to_results(items, "en"))
    named = to_results(items, "en", unknown_speaker="UU")
    assert [result["alternatives"][0]["speaker"] for result in named] == ["UU", "UU"]


def test_a_translation() -> None:
    said = Translation("Hola.", "es", 0.50004, 1.2)
    assert to_translated(said) == {"start_time": 0.5, "end_time": 1.2, "content": "Hola."}
    labelled = Translation("Hola.", "es", 0.5, 1.2, "S2", "left")
    assert to_translated(labelled, unknown_speaker="UU") == {
        "start_time": 0.5,
        "end_time": 1.2,
        "content": "Hola.",
        "speaker": "S2",
        "channel": "left",
    }
    assert to_translated(said, unknown_speaker="UU")["speaker"] == "UU"


@given(transcripts(speakers=(None, "S1")))
def test_results_joined_by_their_attachments_are_the_text(transcript) -> None:
    for sentence in transcript.sentences:
        results = to_results(sentence.items, "en")
        read = [
            Word(result["alternatives"][0]["content"], 0, 0)
            if result["type"] == "word"
            else Punctuation(result["alternatives"][0]["content"], 0, result["attaches_to"])
            for result in results
        ]
        assert join_items(read, sentence.delimiter) == sentence.text


@given(transcripts(channels=("left", "right"), speakers=(None, "S1")))
def test_every_result_has_what_clients_index(transcript) -> None:
    for result in to_results(transcript.items, "en", unknown_speaker="UU"):
        assert result["end_time"] >= result["start_time"]
        (alternative,) = result["alternatives"]
        assert alternative["content"]
        assert 0 <= alternative["confidence"] <= 1
        assert alternative["language"] == "en"
        assert alternative["speaker"] in {"UU", "S1"}
