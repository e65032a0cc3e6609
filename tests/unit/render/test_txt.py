from dragoman.core.transcript import Sentence, Translation, Word
from dragoman.render.txt import to_txt

SAID = [
    Translation("Uno.", "es", 0.0, 1.0),
    Translation("Dos\ndos.", "es", 1.5, 2.0),
    Translation("Tres.", "es", 5.0, 6.0),
    Translation("Cuatro.", "es", 6.1, 7.0, speaker="S2"),
]


def test_paragraphs_at_long_pauses_and_changes_of_speaker() -> None:
    assert to_txt(SAID) == "Uno. Dos dos.\n\nTres.\n\nCuatro.\n"


def test_a_sentence_a_line() -> None:
    assert to_txt(SAID, paragraph_pause=None) == "Uno.\nDos dos.\nTres.\nCuatro.\n"


def test_no_spaces_between_sentences_of_scripts_without() -> None:
    said = [Translation("一。", "zh", 0.0, 1.0), Translation("二。", "zh", 1.0, 2.0)]
    assert to_txt(said) == "一。二。\n"


def test_source_sentences() -> None:
    assert to_txt([Sentence((Word("Hello", 0, 1), Word("there", 1, 2)), "en")]) == "Hello there\n"
    assert to_txt([]) == ""
