"""docs/languages.md is what the catalogue and the code tables of the models give."""

import re
import subprocess
import sys


def test_the_table_is_current(root):
    check = subprocess.run(
        [sys.executable, root / "bench" / "language_table.py", "--check"], capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stderr


def test_at_least_130_languages_resolve_to_a_model_and_to_a_voice_or_captions(root):
    rows = re.findall(r"^\| `([\w-]+)` \|(.*)\|$", (root / "docs/languages.md").read_text(), re.MULTILINE)
    assert len({tag for tag, _ in rows}) == len(rows) >= 130
    for tag, cells in rows:
        _, firefox, _, apertium, m2m100, madlad, voice = (cell.strip() for cell in cells.split("|"))
        assert any((firefox, apertium, m2m100, madlad)), tag
        assert voice, tag
