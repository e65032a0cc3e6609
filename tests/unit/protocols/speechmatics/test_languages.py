import re

import pytest
from tests.unit.protocols.speechmatics.rt import CAPABILITIES

from dragoman.core.capabilities import Capabilities, Heard, Translated
from dragoman.protocols.speechmatics.config import TranslationConfig
from dragoman.protocols.speechmatics.errors import WireError
from dragoman.protocols.speechmatics.languages import same_code, spoken, targets

SEED = re.findall(
    "[a-z]+",
    "bg ca cmn cs da de el es et fi fr gl hi hr hu id it ja ko lt lv ms nl no pl pt ro ru sk sl sv tr uk vi",
)


def asked(*codes, language="en"):
    source, _ = spoken(language, CAPABILITIES)
    return targets(TranslationConfig(target_languages=list(codes)), source, language, CAPABILITIES)


def test_the_codes_of_all_sixty_nine_pairs_are_accepted():
    engines = [Translated("en", code, ("all",)) for code in SEED if code not in ("cmn", "no")]
    engines += [Translated("en", "zh", ("all",)), Translated("en", "nb", ("all",)), Translated("nb", "nn", ("all",))]
    engines += [Translated({"cmn": "zh", "no": "nb"}.get(code, code), "en", ("all",)) for code in SEED]
    everything = Capabilities(tuple(Heard(pair.source, "ears", streaming=True) for pair in engines), tuple(engines), ())
    pairs = [*(("en", code) for code in SEED), *((code, "en") for code in SEED), ("no", "nn")]
    assert len(pairs) == 69
    for source, target in pairs:
        tag, _ = spoken(source, everything)
        found = targets(TranslationConfig(target_languages=[target]), tag, source, everything)
        assert (list(found.codes.values()), found.warned) == ([target], ())


@pytest.mark.parametrize("code", ["zh", "cmn", "cmn-Hans", "zh-CN", "zh-Hans"])
def test_the_answer_repeats_the_code_that_the_client_wrote(code):
    assert list(asked(code).codes.values()) == [code]


@pytest.mark.parametrize(("code", "tag"), [("en", "en"), ("en-GB", "en-GB"), ("EN", "en"), ("eng", "en")])
def test_the_source_may_be_written_in_many_ways(code, tag):
    assert spoken(code, CAPABILITIES)[0] == tag


@pytest.mark.parametrize("code", ["ja", "fr", "auto", "multi", "cmn_en", "en_ms", "", "x" * 5000, "klingon"])
def test_a_source_that_cannot_be_heard_live_names_those_that_can(code):
    with pytest.raises(WireError) as raised:
        spoken(code, CAPABILITIES)
    assert raised.value.kind == "invalid_model"
    assert raised.value.reason.endswith("Possible: de, en")
    assert len(raised.value.reason) < 200


def test_each_pair_that_is_not_supported_is_named_and_the_others_stay():
    found = asked("de", "ja", "xx-nonsense", "es")
    assert list(found.codes) == ["de", "es"]
    assert [(warned.kind, warned.reason) for warned in found.warned] == [
        ("unsupported_translation_pair", "Translation from en to ja currently not supported"),
        ("unsupported_translation_pair", "Translation from en to xx-nonsense currently not supported"),
    ]


@pytest.mark.parametrize("codes", [(), ("ja",), ("ja", "ko")])
def test_when_none_is_left_the_list_is_empty_and_the_client_told_so(codes):
    found = asked(*codes)
    assert found.codes == {}
    assert [warned.kind for warned in found.warned] == [
        *["unsupported_translation_pair"] * len(codes),
        "empty_translation_target_list",
    ]
    assert re.search(r"Possible: cs, de, es, fr, it, zh$", found.warned[-1].reason)


def test_a_language_named_twice_is_translated_once():
    found = asked("zh", "cmn", "es", "es")
    assert found.codes == {"zh": "zh", "es": "es"}
    assert [warned.kind for warned in found.warned] == ["validation_warning"] * 2


def test_the_source_itself_passes_through():
    assert asked("en-GB").codes == {"en-GB": "en-GB"}


def test_codes_of_one_language_are_the_same():
    assert same_code("cmn", "zh")
    assert not same_code("en", "en_ms")
    assert not same_code("en", None)
    assert not same_code("nonsense", "nonsense-2")
