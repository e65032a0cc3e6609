from pathlib import Path

import pytest

from dragoman.engines.adapters.apertium_modes import installed_modes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def add(folder: Path, name: str, line: str = "cat a | cat $1 b") -> None:
    (folder / f"{name}.mode").write_text(line)


def test_pairs_are_canonical_and_preferred_ones_first(folder: Path) -> None:
    for name in ("nob-nno", "cat-fra", "es-pt_BR", "es-pt", "eng-cat", "eng-spa", "eng-cat_valencia"):
        add(folder, name)
    assert list(installed_modes(folder)) == [
        ("en", "es"),
        ("en", "ca"),
        ("en", "ca-valencia"),
        ("es", "pt"),
        ("es", "pt-BR"),
        ("ca", "fr"),
        ("nb", "nn"),
    ]


@pytest.mark.parametrize(
    "name",
    ["eng-spa-tagger", "eng-hbs", "eng-hbs_HR", "rus-ukr", "en-eo-bytecode", "spa-cat_iec2017", "nob-nno_e", "xxx-yyy"],
)
def test_not_offered(folder: Path, name: str) -> None:
    add(folder, name)
    assert installed_modes(folder) == {}


def test_a_mode_whose_program_is_missing_is_not_offered(folder: Path) -> None:
    add(folder, "eng-spa", "cat a | no-such-program b")
    assert installed_modes(folder) == {}


def test_options_of_the_caller(folder: Path) -> None:
    add(folder, "eng-spa", "cat 'a b.bin' | cat -g $2 c | cat $1 d\n")
    assert installed_modes(folder)["en", "es"].commands == (
        ("cat", "-z", "a b.bin"),
        ("cat", "-z", "-g", "c"),
        ("cat", "-z", "-n", "d"),
    )


def test_serbo_croatian_is_three_languages_and_reads_cyrillic(folder: Path) -> None:
    add(folder, "hbs-eng", "cat a")
    add(folder, "Cyrl-Latn", "cat -t letters")
    modes = installed_modes(folder)
    assert set(modes) == {("bs", "en"), ("hr", "en"), ("sr", "en")}
    assert {mode.commands for mode in modes.values()} == {(("cat", "-z", "-t", "letters"), ("cat", "-z", "a"))}


def test_nothing_installed(folder: Path) -> None:
    assert installed_modes(folder / "none") == {}
