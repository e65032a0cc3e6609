"""Tests lie where their subject lies."""


def rooms(folder):
    return {path.parent.name for path in folder.glob("*/*.py") if path.name != "__init__.py"}


def test_every_room_has_its_tests(root):
    assert rooms(root / "src/dragoman") - rooms(root / "tests/unit") == set()


def test_every_folder_of_tests_belongs_to_a_room(root):
    assert rooms(root / "tests/unit") - rooms(root / "src/dragoman") == set()
