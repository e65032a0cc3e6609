"""What the documents promise is what the code does: every error code, command, option and engine stands in them."""

import re
import tomllib
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest
import typer

from dragoman.cli.app import app
from dragoman.cli.exit_codes import EXIT_CODES, INTERNAL_ERROR
from dragoman.core.errors import InternalError, error_kinds

ENGINE_GROUPS = tuple(
    f"dragoman.{kind}"
    for kind in ("recognizers", "translators", "speech_translators", "synthesizers", "voice_activity", "aligners")
)


def commands(group=None):
    """Name, as it is typed after ``dragoman``, to command, as Typer builds it."""
    found = {}
    for name, command in (group or typer.main.get_command(app)).commands.items():
        below = commands(command) if hasattr(command, "commands") else None
        found |= {name: command} if below is None else {f"{name} {last}": each for last, each in below.items()}
    return found


def sections(document: Path) -> dict[str, str]:
    """Heading (without its marks) to the text below it."""
    parts = re.split(r"^#+ (.+)$", document.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_error_code_is_documented_with_its_exit_code(root):
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", (root / "docs/errors.md").read_text(), flags=re.MULTILINE)
    documented = {code: int(number) for code, number in rows}
    exit_codes = {InternalError.code: INTERNAL_ERROR, **EXIT_CODES}
    kinds = [kind for kind in error_kinds() if kind.__module__.startswith("dragoman.")]  # tests may make their own
    assert documented == {kind.code: exit_codes[kind.code] for kind in kinds}


def test_every_command_and_option_is_documented(root):
    documented = sections(root / "docs/cli.md")
    for name, command in commands().items():
        text = documented.get(f"dragoman {name}", "")
        for option in (flag for parameter in command.params for flag in parameter.opts if flag.startswith("--")):
            assert f"`{option}" in text, f"docs/cli.md does not describe {option} of dragoman {name}"
        assert text, f"docs/cli.md has no section on dragoman {name}"


def test_no_document_describes_a_command_that_is_gone(root):
    headings = [heading for heading in sections(root / "docs/cli.md") if heading.startswith("dragoman ")]
    assert set(headings) == {f"dragoman {name}" for name in commands()}


def test_every_environment_variable_is_documented(root, modules):
    text = (root / "docs/cli.md").read_text()
    used = {name for path in modules for name in re.findall(r"\bDRAGOMAN_[A-Z_]+", path.read_text())}
    assert {name for name in used if name not in text} == set()


@pytest.mark.parametrize("group", ENGINE_GROUPS)
def test_every_engine_is_documented(root, group):
    text = (root / "docs/engines.md").read_text()
    shipped = {entry.name for entry in entry_points(group=group) if entry.module.startswith("dragoman.")}
    assert shipped
    assert {name for name in shipped if f"`{name}`" not in text} == set()


def test_the_changelog_knows_this_version(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert version("dragoman") == project["version"]
    assert re.search(rf"^## \[{re.escape(project['version'])}\]", (root / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_links_between_documents_lead_somewhere(root):
    documents = [*root.glob("*.md"), *(root / "docs").rglob("*.md")]
    broken = [
        f"{document.relative_to(root)} -> {target}"
        for document in documents
        for target in re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", document.read_text())
        if not (document.parent / target).exists()
    ]
    assert broken == []
