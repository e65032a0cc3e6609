"""Japanese text to symbols: goldens, where Open JTalk is installed."""

# ruff: noqa: RUF001 - letters of the phonetic alphabet look like others
import pytest

pytest.importorskip("pyopenjtalk", reason="Japanese voices need pyopenjtalk-plus: pip install dragoman[ja]")

from dragoman.engines.adapters.onnx_voice.japanese import KANA, Japanese, sounds


@pytest.mark.parametrize(
    ("kana", "expected"),
    [
        ("コンニチワ", "koɲɲiʨiβa"), ("サンポ", "sampo"), ("キョー", "kʲoː"), ("ガッコー", "ɡaʔkoː"),
        ("ティー", "tʲiː"),
        ("ジュッカイ", "ʥɨʔkai"), ("ホン", "hoɴ"), ("ヴァ", "va"), ("ひらがな", "çiɾaɡana"), ("", ""),
    ],
)  # fmt: skip
def test_sounds(kana: str, expected: str) -> None:
    assert sounds(kana) == expected


def test_every_kana_has_a_sound() -> None:
    assert all(KANA.get(chr(code)) for code in range(0x30A1, 0x30F7) if chr(code) != "ン")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今日は、3月です。", "kʲoː βa, saŋɡaʦɨ desɨ."),
        ("「猫」を見ました！", "“neko” o mʲimaɕita!"),
        ("？", "?"),
    ],
)
def test_symbols(text: str, expected: str) -> None:
    assert "".join(part.symbols for part in Japanese()(text)).strip() == expected
