"""The error tree as every face relies on it."""

import pickle
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core import errors
from dragoman.core.errors import (
    DragomanError,
    EngineCrashed,
    EngineError,
    EngineFailed,
    InputError,
    ModelUnreachable,
    NotAudio,
    OutputError,
    error_kinds,
    first_error,
)

KINDS = list(error_kinds())


def test_the_tree_is_complete_and_every_code_is_used_once() -> None:
    assert len(KINDS) == len(set(KINDS))
    assert {DragomanError, InputError, NotAudio, OutputError, EngineError, EngineCrashed} <= set(KINDS)
    assert Counter(kind.code for kind in KINDS).most_common(1)[0][1] == 1


def test_another_try_may_help_an_engine_that_broke_and_never_bad_input() -> None:
    assert {kind for kind in error_kinds(EngineError) if kind.retryable} == {
        EngineCrashed,
        EngineFailed,
        ModelUnreachable,
    }
    assert not any(kind.retryable for root in (InputError, OutputError) for kind in error_kinds(root))


def test_the_tree_is_drawn_where_it_is_read() -> None:
    assert [kind.__name__ for kind in KINDS if kind.__name__ not in (errors.__doc__ or "")] == []


@pytest.mark.parametrize("kind", KINDS)
@given(message=st.text(), remedy=st.text())
def test_errors_survive_the_way_out_of_a_child(kind: type[DragomanError], message: str, remedy: str) -> None:
    error = kind(message, remedy=remedy)
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind
    assert (back.message, back.remedy, str(back)) == (message, remedy, str(error))


def test_the_remedy_follows_the_message() -> None:
    assert (
        str(NotAudio("cat.jpg holds no sound", remedy="Give a recording")) == "cat.jpg holds no sound. Give a recording"
    )
    assert str(NotAudio("cat.jpg holds no sound")) == "cat.jpg holds no sound"


def test_ours_is_reported_before_what_it_caused() -> None:
    ours, theirs = EngineCrashed("died"), OSError("broken pipe")
    assert first_error(ExceptionGroup("run", [theirs, ExceptionGroup("stage", [KeyError(), ours])])) is ours
    assert first_error(ExceptionGroup("run", [ExceptionGroup("stage", [theirs]), KeyError()])) is theirs
    assert first_error(BaseExceptionGroup("run", [KeyboardInterrupt(), ours])) is ours
