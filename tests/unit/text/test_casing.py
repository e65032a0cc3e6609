import pytest

from dragoman.text.casing import capitalise, sentence_case


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("i think i'm right and so i've said", "I think I'm right and so I've said"),
        ("on monday the english left london's streets", "On Monday the English left London's streets"),
        ("mr palmer and mrs dashwood came", "Mr Palmer and Mrs Dashwood came"),
        ("both mr and mrs palmer came", "Both Mr and Mrs Palmer came"),
        ("in the u.s. at five p.m.", "In the U.S. at five p.m."),
        ("we may march to china with polish turkeys", "We may march to china with polish turkeys"),
    ],
)
def test_english(plain: str, written: str) -> None:
    assert sentence_case(plain.split(), "en-GB") == written.split()


def test_other_languages_get_a_capital_first_and_no_english_rules() -> None:
    assert sentence_case(["él", "vive", "i", "trabaja", "en", "london"], "es")[:3] == ["Él", "vive", "i"]


def test_capitalise_keeps_the_rest() -> None:
    assert capitalise("mcCoy") == "McCoy"
    assert capitalise("") == ""
