"""What every translator promises, tried on each one that is installed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.chat_server import chat_server
from tests.toy_translation import import_toy

from dragoman.core.errors import EngineUnavailable
from dragoman.core.language import canonical
from dragoman.engines import registry
from dragoman.engines.mt import Translator, TranslatorInfo

SENTENCES = {
    "en": ["The house is big.", "My cat eats fish.", "Where is the station?"],
    "es": ["La casa es grande.", "Mi gato come pescado.", "¿Dónde está la estación?"],
}

TOY_SENTENCES = ["the house is here", "the dog is good", "the red door is new"]

AWKWARD = [
    "",
    "   ",
    "12:30, 14:00",
    "\x00",
    "The house\x00is\nbig.",
    "THE HOUSE IS BIG.",
    "The house is big 😀",
    "😀👍🏽",
    "x" * 2000,
    "and the house is big " * 40,
    "日本語です。",
    "<b>The [house] is {big}</b> \\ ^ $",
    "\u202eThe house\u2028is big",
]


@pytest.fixture(scope="module", params=registry.names(registry.TRANSLATORS))
def ref(request: pytest.FixtureRequest) -> registry.EngineRef[Translator, TranslatorInfo]:
    return registry.find(registry.TRANSLATORS, request.param)


@pytest.fixture(scope="module", autouse=True)
def made(
    ref: registry.EngineRef[Translator, TranslatorInfo], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """What an engine needs that no package brings: a toy model, a server."""
    with pytest.MonkeyPatch.context() as patch:
        if ref.name == "ctranslate2":
            folder = tmp_path_factory.mktemp("toy")
            patch.setenv("DRAGOMAN_MODELS_DIR", str(folder / "models"))
            import_toy(folder / "files", "opus")
            yield
        elif ref.name == "openai":
            with chat_server() as server:
                patch.setenv("DRAGOMAN_OPENAI_URL", server.url)
                patch.setenv("DRAGOMAN_OPENAI_MODEL", "m")
                yield
        else:
            yield


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
def sentences(info: TranslatorInfo, pair: tuple[str, str]) -> list[str]:
    return TOY_SENTENCES if info.name == "ctranslate2" else SENTENCES[pair[0]]


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


def test_one_translation_per_sentence_in_order(engine: Translator, pair: tuple[str, str], sentences: list[str]) -> None:
    together = engine.translate(sentences, *pair)
    assert together == [engine.translate([sentence], *pair)[0] for sentence in sentences]
    assert len(set(together)) == len(sentences)
    assert set(together).isdisjoint(sentences)


def test_nothing_to_translate(engine: Translator, pair: tuple[str, str]) -> None:
    assert engine.translate([], *pair) == []


def test_preparing_may_be_repeated(engine: Translator, pair: tuple[str, str], sentences: list[str]) -> None:
    engine.prepare(*pair)
    engine.prepare(*pair)
    assert all(engine.translate(sentences, *pair))


def test_several_threads_at_once(engine: Translator, pair: tuple[str, str], sentences: list[str]) -> None:
    expected = engine.translate(sentences, *pair)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: engine.translate(sentences, *pair), range(20)))
    assert answers == [expected] * 20


def test_awkward_sentences_have_one_clean_answer_each(
    engine: Translator, info: TranslatorInfo, pair: tuple[str, str]
) -> None:
    if info.name == "scripted":
        pytest.skip("says what it was told")
    answers = engine.translate(AWKWARD, *pair)
    assert len(answers) == len(AWKWARD)
    for sentence, answer in zip(AWKWARD, answers, strict=True):
        assert answer == " ".join(answer.split()), repr(sentence)
        assert not any(character in answer for character in "\x00\n\u2028"), repr(sentence)
        assert bool(answer) or not any(map(str.isalpha, sentence)), repr(sentence)


def test_what_has_no_letters_is_left_alone(engine: Translator, info: TranslatorInfo, pair: tuple[str, str]) -> None:
    if info.name == "scripted":
        pytest.skip("says what it was told")
    plain = ["12:30, 14:00", "😀👍🏽", "…", ""]
    assert engine.translate(plain, *pair) == plain


def test_figures_are_of_pairs_that_it_has(info: TranslatorInfo) -> None:
    assert set(info.figures) <= set(info.pairs)
    for figure in info.figures.values():
        assert figure.metric == "chrF"
        assert 0 < figure.value <= 100
        assert figure.dataset
