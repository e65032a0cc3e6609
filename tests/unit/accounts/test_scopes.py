import pytest

from dragoman.accounts.principal import Principal
from dragoman.accounts.scopes import DEFAULT_SCOPES, SCOPES, scopes_from
from dragoman.core.errors import InvalidOption, ScopeMissing


def test_all_names_are_scopes():
    assert scopes_from(SCOPES) == set(SCOPES)
    assert scopes_from(["batch", "batch"]) == {"batch"}


def test_administration_is_not_given_away():
    assert set(SCOPES) - DEFAULT_SCOPES == {"admin"}


@pytest.mark.parametrize(("names", "said"), [([], "at least one"), (["batch", "cooking"], "'cooking'"), ([""], "''")])
def test_what_is_none(names, said):
    with pytest.raises(InvalidOption, match=said):
        scopes_from(names)


def test_what_a_principal_may():
    principal = Principal("acc", "key", frozenset({"batch"}), None)
    principal.require("batch")
    with pytest.raises(ScopeMissing, match="admin"):
        principal.require("admin")
