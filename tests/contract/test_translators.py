"""What every translator promises, tried on each one that is installed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from dragoman.core.errors import EngineUnavailable
from dragoman.core.language import canonical
from dragoman.engines import registry
from dragoman.engines.mt import Translator, TranslatorInfo

SENTENCES = {
    "en": ["The house is big.", "My cat eats fish.", "Where is the station?"],
    "es": ["La casa es grande.", "Mi gato come pescado.", "¿Dónde está la estación?"],
}


@pytest.fixture(scope="module", params=registry.names(registry.TRANSLATORS))
def ref(request: pytest.FixtureRequest) -> registry.EngineRef[Translator, TranslatorInfo]:
    return registry.find(registry.TRANSLATORS, request.param)


@pytest.fixture(scope="module")
def info(ref: registry.EngineRef[Translator, TranslatorInfo]) -> TranslatorInfo:
    try:
        return ref.describe()
    except EngineUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def engine(ref: registry.EngineRef[Translator, TranslatorInfo], info: TranslatorInfo) -> Iterator[Translator]:
    engine = ref.plugin().load(ref.model)
    yield engine
    close = getattr(engine, "close", None)
    if close is not None:
        close()


@pytest.fixture(scope="module")
def pair(info: TranslatorInfo) -> tuple[str, str]:
    known = [pair for pair in info.pairs if pair[0] in SENTENCES]
    if not known:
        pytest.skip(f"no sentences to try {info.name} on")
    return known[0]


def test_it_says_what_it_is(info: TranslatorInfo) -> None:
    assert info.name
    assert info.version
    assert info.licence
    assert info.runs_in in {"thread", "process", "program"}


def test_pairs_are_canonical_distinct_and_lead_somewhere(info: TranslatorInfo) -> None:
    assert info.pairs
    assert len(set(info.pairs)) == len(info.pairs)
    for source, target in info.pairs:
        assert (source, target) == (canonical(source), canonical(target))
        assert source != target


def test_one_translation_per_sentence_in_order(engine: Translator, pair: tuple[str, str]) -> None:
    sentences = SENTENCES[pair[0]]
    together = engine.translate(sentences, *pair)
    assert together == [engine.translate([sentence], *pair)[0] for sentence in sentences]
    assert len(set(together)) == len(sentences)
    assert set(together).isdisjoint(sentences)


def test_nothing_to_translate(engine: Translator, pair: tuple[str, str]) -> None:
    assert engine.translate([], *pair) == []


def test_preparing_may_be_repeated(engine: Translator, pair: tuple[str, str]) -> None:
    engine.prepare(*pair)
    engine.prepare(*pair)
    assert all(engine.translate(SENTENCES[pair[0]], *pair))


def test_several_threads_at_once(engine: Translator, pair: tuple[str, str]) -> None:
    sentences = SENTENCES[pair[0]]
    expected = engine.translate(sentences, *pair)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: engine.translate(sentences, *pair), range(20)))
    assert answers == [expected] * 20
