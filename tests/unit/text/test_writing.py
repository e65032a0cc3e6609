import pytest

from dragoman.text.writing import ends_sentence, full_stop, primary


@pytest.mark.parametrize(
    ("language", "mark"),
    [("en", "."), ("pt-BR", "."), ("zh", "。"), ("ja", "。"), ("th", ""), ("hi", "।")],
)
def test_full_stop(language: str, mark: str) -> None:
    assert full_stop(language) == mark


def test_primary() -> None:
    assert primary("zh-Hant-TW") == "zh"


def test_ends_sentence() -> None:
    assert ends_sentence("?!", "en")
    assert ends_sentence("…", "fr")
    assert not ends_sentence(",", "en")
    assert not ends_sentence("", "en")
    assert not ends_sentence(";", "en")
    assert ends_sentence(";", "el")
