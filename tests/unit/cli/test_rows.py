from hypothesis import given
from hypothesis import strategies as st
from tests.unit.cli.events import meant, said

from dragoman.cli.rows import RowBuilder


def feed(builder, *events):
    return [row for event in events for row in builder.add(event)]


def starts(rows):
    return [row.sentence.start_time for row in rows]


def test_without_targets_a_sentence_is_ready_at_once():
    assert starts(feed(RowBuilder(()), said(1.0), said(2.0))) == [1.0, 2.0]


def test_a_sentence_waits_for_all_its_translations():
    builder = RowBuilder(("es", "fr"))
    assert feed(builder, said(1.0), said(2.0), meant("es", 1.0, "uno"), meant("es", 2.0)) == []
    (row,) = feed(builder, meant("fr", 1.0, "un"))
    assert row.translations == {"es": "uno", "fr": "un"}
    assert starts(feed(builder, meant("fr", 2.0))) == [2.0]
    assert list(builder.finish()) == []


def test_a_translation_that_failed_holds_nothing_up():
    builder = RowBuilder(("es",))
    rows = feed(builder, said(1.0), said(2.0), meant("es", 2.0, "dos"))
    assert [row.translations for row in rows] == [{}, {"es": "dos"}]


def test_the_rest_comes_at_the_end():
    builder = RowBuilder(("es",))
    assert feed(builder, said(1.0)) == []
    assert starts(builder.finish()) == [1.0]


@given(st.lists(st.sampled_from(["en", "es", "fr"]), max_size=40), st.data())
def test_every_sentence_comes_once_and_in_order(turns, data):
    """Languages keep their own order and fall behind each other as they like; some translations fail."""
    builder, rows = RowBuilder(("es", "fr")), []
    position = dict.fromkeys(("en", "es", "fr"), 0)
    translated = {}
    for language in turns:
        number = position[language]
        if language == "en":
            rows += feed(builder, said(float(number)))
        elif number >= position["en"]:
            continue
        elif data.draw(st.booleans()):
            translated.setdefault(float(number), set()).add(language)
            rows += feed(builder, meant(language, float(number)))
        position[language] += 1
    rows += builder.finish()
    assert starts(rows) == [float(number) for number in range(position["en"])]
    assert {row.sentence.start_time: set(row.translations) for row in rows if row.translations} == translated
