import sys

import psutil
import pytest

from dragoman.core.errors import EngineCrashed, EngineFailed, EngineUnavailable
from dragoman.engines.programs import ProgramChain


def read(chain: ProgramChain, data: bytes, length: int) -> bytes:
    got = b""
    for part in chain.exchange(data):
        got += part
        if len(got) >= length:
            break
    return got


def test_what_goes_in_comes_out() -> None:
    chain = ProgramChain("cats", [["cat"], ["cat"]], silence_limit=60)
    data = bytes(range(256)) * 10_000
    assert read(chain, data, len(data)) == data
    assert read(chain, b"again", 5) == b"again"
    chain.close()
    assert not any(psutil.pid_exists(pid) for pid in chain.pids)


def test_a_chain_that_is_forgotten_ends() -> None:
    chain = ProgramChain("cats", [["cat"], ["cat"]], silence_limit=60)
    programs = [psutil.Process(pid) for pid in chain.pids]
    del chain
    assert not any(program.is_running() for program in programs)


def test_chains_do_not_hold_each_other_open() -> None:
    first = ProgramChain("cats", [["cat"], ["cat"]], silence_limit=60)
    second = ProgramChain("cats", [["cat"], ["cat"]], silence_limit=60)
    psutil.Process(first.pids[0]).kill()
    with pytest.raises(EngineCrashed):
        read(first, b"", 1)
    assert second.running
    second.close()
    first.close()


def test_a_program_that_ends() -> None:
    chain = ProgramChain("short", [["cat"], ["head", "-c", "1"]], silence_limit=60)
    with pytest.raises(EngineCrashed, match="short"):
        read(chain, b"x" * 1_000_000, 2)
    chain.close()


def test_a_program_that_hangs() -> None:
    chain = ProgramChain("slow", [["sleep", "1000"]], silence_limit=0.2)
    with pytest.raises(EngineFailed, match="slow"):
        read(chain, b"x", 1)
    chain.close()


def test_a_program_that_does_not_exist() -> None:
    with pytest.raises(EngineUnavailable, match="no-such"):
        ProgramChain("nothing", [["cat"], ["no-such"]], silence_limit=1)


def test_ctrl_c_in_the_terminal_does_not_reach_the_programs() -> None:
    told = "import os; os.write(1, str(os.getsid(0) == os.getpid()).encode())"
    chain = ProgramChain("session", [[sys.executable, "-c", told]], silence_limit=60)
    assert read(chain, b"", 4) == b"True"
    chain.close()
