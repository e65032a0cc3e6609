import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.engines.catalogue.toys import model

from dragoman.core.errors import ModelDamaged
from dragoman.core.quality import Figure
from dragoman.engines.catalogue import Model, ModelFile, manifest
from dragoman.engines.catalogue.entries import all_entries

TAGS = st.sampled_from(["en", "pt-BR", "zh", "cmn"])
FILES = st.builds(
    ModelFile,
    st.from_regex(r"[a-z][a-z0-9_.-]{0,8}(/[a-z][a-z0-9.-]{0,8}){0,2}", fullmatch=True),
    st.integers(0, 1 << 40),
    st.from_regex("[0-9a-f]{64}", fullmatch=True),
)
FIGURES = st.builds(
    Figure, st.sampled_from(["WER", "CER", "chrF"]), st.floats(0, 100, allow_nan=False), st.text(max_size=9)
)
MODELS = st.builds(
    Model,
    name=st.just("toy:one"),
    kind=st.sampled_from(["recognizer", "translator", "synthesizer"]),
    title=st.text(max_size=9),
    licence=st.text(max_size=9),
    data_licence=st.text(max_size=9),
    files=st.lists(FILES, max_size=3).map(tuple),
    languages=st.lists(TAGS, max_size=3).map(tuple),
    pairs=st.lists(st.tuples(TAGS, TAGS), max_size=3).map(tuple),
    figures=st.dictionaries(TAGS, FIGURES, max_size=2),
    details=st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(-9, 9), max_size=2),
)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "toy" / "one"
    folder.mkdir(parents=True)
    return folder


@given(MODELS)
def test_a_manifest_says_what_it_was_told(tmp_path_factory, described):
    folder = tmp_path_factory.mktemp("x", numbered=True) / "toy" / "one"
    folder.mkdir(parents=True)
    (folder / manifest.FILE).write_bytes(manifest.dump(described))
    assert manifest.load(folder) == described


def test_every_entry_has_a_manifest(tmp_path):
    for each in all_entries():
        engine, _, name = each.model.name.partition(":")
        folder = tmp_path / engine / name
        folder.mkdir(parents=True)
        (folder / manifest.FILE).write_bytes(manifest.dump(each.model))
        assert manifest.load(folder) == each.model


def test_no_manifest_is_no_model(folder):
    with pytest.raises(FileNotFoundError):
        manifest.load(folder)


@pytest.mark.parametrize("content", [b"", b"\x00", b"[]", b"{}", b"nul", b'{"name": "toy:one"}', b"{" * 100_000])
def test_what_is_no_manifest_is_damage(folder, content):
    (folder / manifest.FILE).write_bytes(content)
    with pytest.raises(ModelDamaged) as error:
        manifest.load(folder)
    assert "cannot be read" in error.value.message
    assert "toy:one" in error.value.remedy


def test_a_manifest_of_another_model_is_damage(folder):
    (folder / manifest.FILE).write_bytes(manifest.dump(model("toy:two")))
    with pytest.raises(ModelDamaged, match="toy:two"):
        manifest.load(folder)


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../b", ".x", "a/.b", "", "a//b", "a\nb", "x/"])
def test_a_manifest_cannot_point_outside_of_its_folder(folder, path):
    good = manifest.dump(model())
    (folder / manifest.FILE).write_bytes(
        good.replace(b'"model.bin"', b'"' + path.encode().replace(b"\n", b"\\n") + b'"')
    )
    with pytest.raises(ModelDamaged):
        manifest.load(folder)
