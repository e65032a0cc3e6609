import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from dragoman.core.errors import InvalidSetting, StorageError
from dragoman.storage.secret import secret_from_file


def test_it_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    secret = secret_from_file(tmp_path / "secret")
    assert len(secret) == 32
    assert secret_from_file(tmp_path / "secret") == secret
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_no_two_are_alike(tmp_path):
    assert secret_from_file(tmp_path / "one") != secret_from_file(tmp_path / "two")


def test_all_who_come_at_once_get_the_same(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: secret_from_file(tmp_path / "secret"), range(32)))
    assert len(found) == 1


@pytest.mark.parametrize("content", ["", "abc", "00" * 31, "xyz" * 30, "\x00"])
def test_a_damaged_one_is_not_replaced(tmp_path, content):
    (tmp_path / "secret").write_text(content)
    with pytest.raises(InvalidSetting, match="secret"):
        secret_from_file(tmp_path / "secret")
    assert (tmp_path / "secret").read_text() == content


def test_where_none_can_be(tmp_path):
    with pytest.raises(StorageError):
        secret_from_file(tmp_path / "missing" / "secret")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError):
        secret_from_file(tmp_path / "folder")
