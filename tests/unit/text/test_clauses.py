from dragoman.text.clauses import dangles, joins


def test_english_function_words() -> None:
    assert dangles("the", "en-US")
    assert not dangles("house", "en")
    assert joins("because", "en")
    assert not joins("house", "en")


def test_other_languages_have_no_rules() -> None:
    assert not dangles("the", "es")
    assert not joins("and", "zh")
