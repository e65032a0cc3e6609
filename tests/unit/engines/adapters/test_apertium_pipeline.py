"""Pipelines over small real programs that die, hang and talk too much when they are told to."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from dragoman.core.errors import EngineFailed, EngineUnavailable
from dragoman.engines.adapters.apertium_modes import Mode
from dragoman.engines.adapters.apertium_pipeline import Pipeline

ECHO = r"""
import os, sys
end = b"[\n]\0"
rest = b""
while data := os.read(0, 65536):
    *texts, rest = (rest + data).split(end)
    for text in texts:
        if text == b"die" and not os.path.exists(sys.argv[1]):
            open(sys.argv[1], "w" if sys.argv[2] == "once" else "r+").close()
        if text == b"hang":
            os.read(os.pipe()[0], 1)
        os.write(1, (text + end) * (2 if text == b"twice" else 1))
"""
"""Answers every text with itself. Dies over "die": once, leaving a note, or always."""


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Callable[..., Pipeline]]:
    made = []

    def start(dies: str = "always", silence_limit: float = 60.0) -> Pipeline:
        program = (sys.executable, "-I", "-c", ECHO, str(tmp_path / "note"), dies)
        made.append(Pipeline(Mode("echo", (("cat",), program, ("cat",))), silence_limit=silence_limit))
        return made[-1]

    yield start
    for pipeline in made:
        pipeline.close()


def test_what_runs_is_prepared(echo: Callable[..., Pipeline]) -> None:
    pipeline = echo(silence_limit=5.0)
    pipeline.prepare()
    programs = [psutil.Process(pid) for pid in pipeline.pids]
    for program in programs:
        program.suspend()  # whoever asks them now gets no answer
    pipeline.prepare()
    for program in programs:
        program.resume()
    programs[1].kill()
    programs[1].wait(20)
    pipeline.prepare()
    assert set(pipeline.pids).isdisjoint(program.pid for program in programs)


def test_answers_in_order(echo: Callable[..., Pipeline]) -> None:
    assert echo().translate(["a", "", "b"]) == ["a", "", "b"]


def test_more_than_the_pipes_hold(echo: Callable[..., Pipeline]) -> None:
    texts = [str(i) * 1000 for i in range(1000)]
    assert echo().translate(texts) == texts


def test_a_stage_that_dies_costs_no_sentence(echo: Callable[..., Pipeline]) -> None:
    assert echo(dies="once").translate(["a", "b", "die", "c"]) == ["a", "b", "die", "c"]


def test_a_sentence_that_kills_is_given_up(echo: Callable[..., Pipeline]) -> None:
    pipeline = echo()
    with pytest.raises(EngineFailed, match="echo"):
        pipeline.translate(["a", "die", "b"])
    assert pipeline.translate(["a"]) == ["a"]


@pytest.mark.parametrize("stage", [0, 1, 2])
def test_a_stage_killed_between_calls(echo: Callable[..., Pipeline], stage: int) -> None:
    pipeline = echo()
    pipeline.translate(["a"])
    victim = psutil.Process(pipeline.pids[stage])
    victim.kill()
    assert pipeline.translate(["b"]) == ["b"]


def test_a_stage_that_hangs(echo: Callable[..., Pipeline]) -> None:
    pipeline = echo(silence_limit=1.0)
    with pytest.raises(EngineFailed, match="no answer"):
        pipeline.translate(["hang"])
    assert pipeline.pids == []
    assert pipeline.translate(["a"]) == ["a"]


def test_too_many_answers(echo: Callable[..., Pipeline]) -> None:
    pipeline = echo()
    with pytest.raises(EngineFailed, match="more answers"):
        pipeline.translate(["twice"])
    assert pipeline.translate(["a"]) == ["a"]


def test_idle_programs_are_ended(echo: Callable[..., Pipeline]) -> None:
    pipeline = echo()
    assert pipeline.close_if_idle(0) is None
    pipeline.translate(["a"])
    programs = [psutil.Process(pid) for pid in pipeline.pids]
    left = pipeline.close_if_idle(1000)
    assert left is not None
    assert 0 < left <= 1000
    assert pipeline.close_if_idle(0) is None
    assert not any(program.is_running() for program in programs)
    assert pipeline.translate(["b"]) == ["b"]


def test_a_program_that_is_not_installed() -> None:
    with pytest.raises(EngineUnavailable):
        Pipeline(Mode("x", (("cat",), ("no-such-program",))), silence_limit=1).translate(["a"])
