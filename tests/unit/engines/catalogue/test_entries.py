import re

import pytest

from dragoman.core.errors import ModelUnknown
from dragoman.core.language import canonical
from dragoman.engines.catalogue.entries import all_entries, engines, entries, entry, find_entry
from dragoman.engines.catalogue.source import Address, Archive, Packages
from dragoman.engines.catalogue.store import folder_of

PERMISSIVE = {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MPL-2.0", "CC0-1.0", "CC-BY-4.0"}


def test_what_the_catalogue_has():
    assert engines() == ("firefox", "kokoro", "piper", "whisper")
    names = [each.model.name for each in all_entries()]
    assert len(names) == len(set(names))
    assert {"whisper:base", "firefox:en-pt", "firefox:pt-en", "kokoro:v1.0", "kokoro:voices"} <= set(names)
    assert len(entries("firefox")) == 65
    assert len(entry("kokoro:voices").model.files) == 54
    assert entries("nothing") == {}


def test_every_entry_is_in_order():
    for each in all_entries():
        model = each.model
        assert folder_of(model.name)
        assert model.languages or model.pairs, model.name
        assert all(canonical(tag) == tag for tag in (*model.languages, *(tag for pair in model.pairs for tag in pair)))
        assert len({file.path for file in model.files}) == len(model.files)
        assert each.sources, model.name
        for file in model.files:
            assert any(source.has(file.path) for source in each.sources), (model.name, file.path)


def test_what_is_pulled_unasked_is_permissive():
    for each in all_entries():
        assert each.terms or each.model.licence in PERMISSIVE, each.model.name


def test_sources_name_files_of_their_model():
    for each in all_entries():
        paths = {file.path for file in each.model.files}
        for source in each.sources:
            match source:
                case Address():
                    assert source.base.startswith("https://")
                    assert source.base.endswith("/")
                    assert set(source.names) <= paths
                    assert set(source.only) <= paths
                case Archive():
                    assert source.url.startswith("https://")
                    assert set(source.members) <= paths
                case Packages():
                    assert set(source.members) <= paths
                    parts = [part.partition(":") for parts in source.members.values() for part in parts]
                    assert {package for package, _, _ in parts} == set(source.versions)
                    assert all(member and not re.search(r"(^|/)\.\.(/|$)", member) for _, _, member in parts)


def test_details_name_files_of_their_model():
    for each in (*entries("firefox").values(), *entries("piper").values()):
        paths = {file.path for file in each.model.files}
        roles = {"model", "shortlist", "source_vocabulary", "target_vocabulary", "config"}
        assert {value for key, value in each.model.details.items() if key in roles} == paths, each.model.name


def test_the_directions_of_the_second_seed():
    pairs = {pair for each in entries("firefox").values() for pair in each.model.pairs}
    others = set(
        "bg ca cs da de el es et fi fr hi hr hu id it ja ko lt lv ms nl pl pt ro ru sk sl sv tr uk zh".split()  # noqa: SIM905  a list of them is three times as long
    )
    assert pairs == {("en", tag) for tag in others} | {(tag, "en") for tag in others | {"vi"}}


def test_an_unknown_name_is_answered_with_similar_ones():
    assert find_entry("whisper:bas") is None
    with pytest.raises(ModelUnknown) as error:
        entry("whisper:bas")
    assert "whisper:bas" in error.value.message
    assert "whisper:base" in error.value.remedy
    with pytest.raises(ModelUnknown) as error:
        entry("~~~")
    assert "models list --all" in error.value.remedy
