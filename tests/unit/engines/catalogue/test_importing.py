import pytest
from tests.unit.engines.catalogue.toys import WEIGHTS

from dragoman.core.errors import FileUnreadable, InvalidOption, ModelDamaged, ModelUnknown, UnknownLanguage
from dragoman.engines import catalogue
from dragoman.engines.catalogue import store
from dragoman.engines.catalogue.importing import Described, import_model

TRANSLATOR = Described(pairs=(("en", "de"),), licence="CC-BY-4.0")


@pytest.fixture
def mine(tmp_path):
    folder = tmp_path / "mine"
    (folder / "sub").mkdir(parents=True)
    (folder / "model.bin").write_bytes(WEIGHTS)
    (folder / "voice.onnx").write_bytes(b"onnx")
    (folder / "sub" / "source.spm").write_bytes(b"x")
    (folder / ".git").write_bytes(b"hidden")
    return folder


def test_a_folder_becomes_a_model_that_describes_itself(mine):
    found = import_model(mine, "ctranslate2:opus-en-de", TRANSLATOR)
    assert found == catalogue.locate("ctranslate2:opus-en-de")
    assert found.model.kind == "translator"
    assert found.model.pairs == (("en", "de"),)
    assert found.model.licence == "CC-BY-4.0"
    assert [file.path for file in found.model.files] == ["model.bin", "sub/source.spm", "voice.onnx"]
    assert store.verify("ctranslate2:opus-en-de").path("model.bin").read_bytes() == WEIGHTS


def test_it_replaces_one_of_the_same_name(mine):
    import_model(mine, "piper:x", Described(languages=("es",)))
    (mine / "model.bin").write_bytes(b"new")
    import_model(mine, "piper:x", Described(languages=("fr",)))
    assert catalogue.locate("piper:x").model.languages == ("fr",)
    assert catalogue.locate("piper:x").path("model.bin").read_bytes() == b"new"


def test_an_installed_model_can_be_imported_under_another_name(mine):
    found = import_model(mine, "piper:x", Described(languages=("es",)))
    import_model(found.folder, "piper:y", Described(languages=("es",)))
    assert [model.model.name for model in catalogue.installed()] == ["piper:x", "piper:y"]
    with pytest.raises(InvalidOption, match="own folder"):
        import_model(found.folder, "piper:x", Described(languages=("es",)))
    assert store.verify("piper:x")


@pytest.mark.parametrize("name", ["whisper:base", "firefox:en-de"])
def test_a_known_name_needs_the_known_files(mine, name):
    with pytest.raises(ModelDamaged, match=name):
        import_model(mine, name, TRANSLATOR)
    assert catalogue.installed() == ()


@pytest.mark.parametrize(
    ("name", "described", "said"),
    [
        ("ctranslate2:x", Described(), "--pairs"),
        ("whisper:x", TRANSLATOR, "--languages"),
        ("pocketsphinx:x", TRANSLATOR, "ctranslate2"),
    ],
)
def test_what_is_missing_is_said(mine, name, described, said):
    with pytest.raises(InvalidOption) as error:
        import_model(mine, name, described)
    assert said in error.value.remedy


def test_folders_that_are_none(tmp_path, mine):
    with pytest.raises(FileUnreadable):
        import_model(tmp_path / "absent", "piper:x", Described(languages=("es",)))
    with pytest.raises(FileUnreadable):
        import_model(mine / "model.bin", "piper:x", Described(languages=("es",)))
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileUnreadable, match="no files"):
        import_model(tmp_path / "empty", "piper:x", Described(languages=("es",)))
    with pytest.raises(ModelUnknown):
        import_model(mine, "../x", Described(languages=("es",)))


def test_a_folder_with_too_much_in_it(tmp_path):
    for number in range(1001):
        (tmp_path / f"{number}").touch()
    with pytest.raises(InvalidOption, match="1000 files"):
        import_model(tmp_path, "piper:x", Described(languages=("es",)))


@pytest.mark.parametrize("name", ["a file", "x\n", "a;b"])
def test_files_whose_names_no_manifest_can_hold(mine, name):
    (mine / name).write_bytes(b"x")
    with pytest.raises(InvalidOption, match="name"):
        import_model(mine, "piper:x", Described(languages=("es",)))


def test_files_play_their_parts(tmp_path):
    for name in ("model.ende.bin", "vocab.ende.spm", "lex.50.50.ende.s2t.bin"):
        (tmp_path / name).write_bytes(b"x")
    assert import_model(tmp_path, "firefox:mine", TRANSLATOR).model.details == {
        "model": "model.ende.bin",
        "source_vocabulary": "vocab.ende.spm",
        "target_vocabulary": "vocab.ende.spm",
        "shortlist": "lex.50.50.ende.s2t.bin",
    }
    (tmp_path / "vocab.ende.spm").unlink()
    with pytest.raises(InvalidOption, match="no source vocabulary"):
        import_model(tmp_path, "firefox:mine", TRANSLATOR)


@pytest.mark.parametrize("name", ["whisper:x", "ctranslate2:x", "piper:x", "firefox:x"])
def test_a_folder_without_a_model(tmp_path, name):
    (tmp_path / "README").write_text("x")
    with pytest.raises(InvalidOption, match="has no model"):
        import_model(tmp_path, name, Described(("en",), (("en", "de"),)))


def test_what_options_say():
    given = Described.given(languages="es,pt-BR", pairs="en:zh,cmn:en", licence=None)
    assert given == Described(("es", "pt-BR"), (("en", "zh"), ("zh", "en")), "not stated")
    with pytest.raises(InvalidOption, match="en-es"):
        Described.given(languages=None, pairs="en-es", licence=None)
    with pytest.raises(UnknownLanguage):
        Described.given(languages="qqqq", pairs=None, licence=None)
