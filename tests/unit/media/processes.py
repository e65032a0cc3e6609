"""Watches processes from outside."""

import time
from pathlib import Path

import psutil


def is_gone(pid: int, *, within: float = 20.0) -> bool:
    """Whether the process ends; a zombie has ended, nobody may have collected it yet."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


def peak_memory(pid: int | str = "self") -> int:
    """Bytes of the largest resident set so far."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)
