import json
import re

from dragoman.core.transcript import Punctuation, Sentence, SpokenSentence, Transcript, Translation, Word
from dragoman.render import own_json
from dragoman.render.own_json import to_json, to_json_text

TRANSCRIPT = Transcript(
    language="en",
    duration=4.20001,
    sentences=(
        Sentence(
            (
                Word("Hello", 0.50004, 1.2, 0.9296, "S1"),
                Punctuation(".", 1.2, is_eos=True, confidence=0.5, speaker="S1"),
            ),
            "en",
        ),
    ),
    translations={"es": (Translation("Hola.", "es", 0.50004, 1.2, "S1"),), "fr": ()},
    speech={"es": (SpokenSentence("es", 0.75, 1.4, 0.50004, 1.2, 1.1),), "fr": ()},
    notices=("fr failed",),
)

GOLDEN = {
    "format": "dragoman/1",
    "language": "en",
    "duration": 4.2,
    "sentences": [
        {
            "start_time": 0.5,
            "end_time": 1.2,
            "text": "Hello.",
            "speaker": "S1",
            "items": [
                {
                    "type": "word",
                    "start_time": 0.5,
                    "end_time": 1.2,
                    "content": "Hello",
                    "confidence": 0.93,
                    "speaker": "S1",
                },
                {
                    "type": "punctuation",
                    "start_time": 1.2,
                    "end_time": 1.2,
                    "content": ".",
                    "confidence": 0.5,
                    "attaches_to": "previous",
                    "is_eos": True,
                    "speaker": "S1",
                },
            ],
        }
    ],
    "translations": {"es": [{"start_time": 0.5, "end_time": 1.2, "content": "Hola.", "speaker": "S1"}], "fr": []},
    "speech": {
        "es": {
            "max_drift": 0.25,
            "sentences": [
                {
                    "start_time": 0.75,
                    "end_time": 1.4,
                    "source_start_time": 0.5,
                    "source_end_time": 1.2,
                    "rate": 1.1,
                    "drift": 0.25,
                }
            ],
        }
    },
    "notices": ["fr failed"],
}


def test_golden() -> None:
    assert to_json(TRANSCRIPT) == GOLDEN


def test_channels_are_named_where_known() -> None:
    sentence = Sentence((Word("Hi", 0, 1, channel="left"),), "en")
    (made,) = to_json(Transcript("en", 1.0, (sentence,)))["sentences"]
    assert made["channel"] == made["items"][0]["channel"] == "left"


def test_text_is_readable_and_parses_back() -> None:
    text = to_json_text(Transcript("zh", 1.0, translations={"zh": (Translation("你好", "zh", 0, 1),)}))
    assert "你好" in text
    assert text.endswith("}\n")
    assert json.loads(text)["language"] == "zh"


def test_the_documented_example_has_the_shape_of_the_real_thing() -> None:
    example = json.loads(re.split(r"\.\. code-block:: json\n|\n\nTimes,", own_json.__doc__ or "")[1])
    golden = {**GOLDEN, "translations": {"es": GOLDEN["translations"]["es"]}, "notices": []}  # type: ignore[index]  # a literal above
    assert example == golden
