# ruff: noqa: RUF001 - letters of the phonetic alphabet look like others
import pytest

from dragoman.core.errors import EngineUnavailable
from dragoman.engines.adapters import espeak, espeak_children, pronunciation
from dragoman.engines.adapters.pronunciation import arpabet, pronounce

DICTIONARY = {
    "read": "R EH D",
    "read(2)": "R IY D",
    "luke": "L UW K",
    "jean": "JH IY N",
    "nasa": "N AE S AH",
    "b.": "B IY",
    "c.": "S IY",
    "o'brien": "OW B R AY AH N",
}

PHONES = """
    AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH
""".split()  # noqa: SIM905 - a list of 39 quoted ones is harder to read


@pytest.fixture
def espeak_ng() -> None:
    try:
        espeak.describe()
    except EngineUnavailable as error:
        pytest.skip(str(error))


def ways(phrase: str) -> tuple[str, ...]:
    return pronounce([phrase], DICTIONARY.get)[phrase]


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("read", ("R EH D", "R IY D")),
        ("Read!", ("R EH D", "R IY D")),
        ("Jean-Luke", ("JH IY N L UW K",)),
        ("jean luke", ("JH IY N L UW K",)),
        ("O'Brien", ("OW B R AY AH N",)),
        ("read luke", ("R EH D L UW K", "R IY D L UW K")),
        ("luke read luke", ("L UW K R EH D L UW K",)),
        ("NASA", ("N AE S AH",)),
        ("BBC", ("B IY B IY S IY",)),
        ("B.B.C.", ("B IY B IY S IY",)),
        ("b.c", ("B IY S IY",)),
        ("", ()),
        ("-- !", ()),
    ],
)
def test_what_the_dictionary_has_is_looked_up(phrase: str, expected: tuple[str, ...]) -> None:
    assert ways(phrase) == expected


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("fɹˈɑːnsi", "F R AA N S IY"),
        ("kjˈuːbɚnˌiːts", "K Y UW B ER N IY T S"),
        ("bˈʌʔn̩", "B AH T AH N"),
        ("kwˈɑːsɑ̃", "K W AA S AA N"),
        ("(de)bˈax(en-us)", "B AA K"),
        ("dʒˈæɾɪŋ", "JH AE T IH NG"),
        ("", ""),
    ],
)
def test_every_sound_has_its_phones(ipa: str, phones: str) -> None:
    assert arpabet(ipa) == phones


@pytest.mark.usefixtures("espeak_ng")
@pytest.mark.parametrize(
    ("phrase", "phones"),
    [("Phronsie", "F R AA N S IY"), ("ComfyUI", "K AH M F IY Y UW AY"), ("luke Phronsie", "L UW K F R AA N S IY")],
)
def test_other_words_are_guessed(phrase: str, phones: str) -> None:
    assert ways(phrase) == (phones,)


@pytest.mark.usefixtures("espeak_ng")
def test_guesses_are_phones_of_the_dictionary() -> None:
    guesses = pronounce(
        ["Kubernetes", "Nguyễn", "Schröder", "hwyl", "GPT4", "tsar", "Łódź", "你好"], dict[str, str]().get
    )
    assert {phone for ways in guesses.values() for way in ways for phone in way.split()} <= set(PHONES)
    assert all(guesses.values())


@pytest.mark.usefixtures("espeak_ng")
def test_what_is_too_long_to_say_is_left_out() -> None:
    assert ways("bla" * 200) == ()


def test_without_espeak_the_dictionary_still_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak_children, "_COMMAND", ("/nowhere/python",))
    assert pronounce(["luke", "Phronsie"], DICTIONARY.get) == {"luke": ("L UW K",), "Phronsie": ()}
    assert pronunciation.pronounce([], DICTIONARY.get) == {}
