import pytest

from dragoman.cli.requests import parse_languages, parse_voices
from dragoman.core.errors import InvalidOption, UnknownLanguage


def test_languages_are_separated_by_commas_or_given_again():
    assert parse_languages(["es, fr", "pt-br", "spa", ""]) == ("es", "fr", "pt-BR")


def test_an_unknown_language_is_named():
    with pytest.raises(UnknownLanguage, match="klingonese"):
        parse_languages(["es,klingonese"])


def test_a_voice_belongs_to_a_target():
    assert parse_voices(["es=Diego", "spa = Ana=1", "fr=X"], ("es", "fr")) == (("es", "Ana=1"), ("fr", "X"))
    with pytest.raises(InvalidOption, match="de"):
        parse_voices(["de=Hans"], ("es",))


@pytest.mark.parametrize("value", ["Diego", "es=", "=Diego", ""])
def test_a_voice_needs_a_language_and_a_name(value):
    with pytest.raises(InvalidOption, match="LANGUAGE=NAME"):
        parse_voices([value], ("es",))
