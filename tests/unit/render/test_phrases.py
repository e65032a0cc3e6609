import pytest

from dragoman.render.phrases import break_cost


@pytest.mark.parametrize(
    ("language", "better", "worse"),
    [
        ("en", ("times,", "it"), ("old", "house")),
        ("en", ("house", "and"), ("old", "house")),
        ("en", ("old", "house"), ("the", "old")),
        ("en", ("said", "and"), ("and", "said")),
        ("en", ("said", '"Go."'), ("Jane", "Austen")),
        ("en-GB", ("miles", "away"), ("300", "miles")),
        ("es", ("finca", "porque"), ("la", "finca")),
        ("pt-BR", ("casa", "que"), ("da", "casa")),
        ("fr", ("maison", "et"), ("la", "maison")),
        ("it", ("casa", "perché"), ("la", "casa")),
        ("de", ("Haus", "Tür"), ("das", "Haus")),
        ("ca", ("casa", "però"), ("la", "casa")),
        ("gl", ("casa", "pero"), ("unha", "casa")),
        ("pl", ("dom,", "który"), ("stary", "dom")),
        ("ja", ("た", "時"), ("し", "た")),
        ("ja", ("で", "コ"), ("コ", "ン")),
        ("zh", ("好", "我"), ("我", "的")),
    ],
)
def test_one_break_reads_better_than_another(language: str, better: tuple[str, str], worse: tuple[str, str]) -> None:
    assert break_cost(*better, language) < break_cost(*worse, language)


def test_quotes_do_not_hide_the_end_of_a_sentence() -> None:
    assert break_cost('"Go."', "he", "en") == break_cost("Go.", "he", "en")
