import pytest

from dragoman.core.errors import EngineUnavailable
from dragoman.engines.adapters.whisper.pieces import Pieces


def words(weights, text, code="en"):
    tokens = weights.pieces._tokenizer.encode(text, add_special_tokens=False).ids
    found = weights.pieces.words(tokens, code)
    assert sum(count for _, count in found) == len(tokens)
    return [word.strip() for word, _ in found]


def test_marks_stay_at_their_words(weights):
    assert words(weights, ' He said, "Hold on!" (twice) — and left.') == [
        "He", "said,", '"Hold', 'on!"', "(twice) —", "and", "left.",
    ]  # fmt: skip
    assert words(weights, " It's $5.20, isn't it?") == ["It's", "$5.20,", "isn't", "it?"]


def test_characters_that_are_several_tokens_stay_whole(weights):
    assert "".join(words(weights, "彼は行った。鱧を食べた。", "ja")) == "彼は行った。鱧を食べた。"
    assert words(weights, " naïve 😀 façade") == ["naïve 😀", "façade"]


def test_a_prompt_keeps_the_end_of_a_long_context(weights):
    short, long = (weights.pieces.prompt("de", "transcribe", "word " * times) for times in (1, 500))
    assert len(long) <= 223 + 5
    assert short[-4:] == long[-4:] == weights.pieces.prompt("de", "transcribe")
    assert weights.pieces.prompt("de", "translate") != weights.pieces.prompt("de", "transcribe")


def test_a_file_that_is_no_tokenizer_is_named(tmp_path):
    file = tmp_path / "tokenizer.json"
    file.write_text("{}")
    with pytest.raises(EngineUnavailable, match=str(file)) as raised:
        Pieces(file, "whisper:base")
    assert raised.value.remedy == "Run: dragoman models verify whisper:base"
