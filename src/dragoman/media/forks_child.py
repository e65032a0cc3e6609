"""The process that decoders are forked from: ``python -m dragoman.media.forks_child PARENT_PID``.

It loads what they need, once, and then does nothing but fork and wait. Its standard input is a socket on which each
packet asks for one decoder: a :class:`DecodeRequest` as JSON, with three descriptors. These are the open media file;
where the frames go; and its *life*, a socket whose other end is shut when the decoder is to be killed, and on which is
told how it ended.
"""

import gc
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from dragoman.media.confinement import die_with
from dragoman.media.decoder_child import decode_confined, load_libraries
from dragoman.media.decoder_wire import EXIT_STATUS, DecodeRequest

_LARGEST_REQUEST = 1 << 14
_FRAMES = 3
"""The descriptor of the frames in a decoder, behind the standard ones."""


@dataclass(frozen=True, slots=True)
class _Decoder:
    pid: int
    pidfd: int
    life: socket.socket


def main() -> None:
    die_with(int(sys.argv[1]))
    with suppress(Exception):  # each decoder tries again, and says what is missing
        load_libraries()
    gc.collect()
    gc.freeze()  # a collection in a decoder would otherwise copy all pages that it shares with us
    with socket.socket(fileno=os.dup(0)) as control, selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while _attend(control, selector):
            pass


def _attend(control: socket.socket, selector: selectors.BaseSelector) -> bool:
    """What has happened. False when the parent wants no more; decoders end with this process."""
    for key, _ in selector.select():
        if isinstance(key.data, _Decoder):
            _attend_to(key.data, key.fd, selector)
        elif not _begin(control, selector):
            return False
    return True


def _attend_to(decoder: _Decoder, where: int, selector: selectors.BaseSelector) -> None:
    if where == decoder.pidfd:
        ended = os.waitid(os.P_PIDFD, decoder.pidfd, os.WEXITED)
        assert ended is not None
        status = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        with suppress(OSError):  # nobody wants to know
            decoder.life.send(EXIT_STATUS.pack(status))
        with suppress(KeyError):
            selector.unregister(decoder.life)
        selector.unregister(decoder.pidfd)
        decoder.life.close()
        os.close(decoder.pidfd)
    elif decoder.life.fileno() == where:
        selector.unregister(decoder.life)
        signal.pidfd_send_signal(decoder.pidfd, signal.SIGKILL)


def _begin(control: socket.socket, selector: selectors.BaseSelector) -> bool:
    packet, descriptors, _, _ = socket.recv_fds(control, _LARGEST_REQUEST, 3)
    try:
        if len(descriptors) == 3 and (decoder := _fork(packet, *descriptors)) is not None:
            selector.register(decoder.pidfd, selectors.EVENT_READ, decoder)
            selector.register(decoder.life, selectors.EVENT_READ, decoder)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    return bool(packet)


def _fork(packet: bytes, file: int, frames: int, life: int) -> _Decoder | None:
    """None where the machine has no room for another process; whoever asked sees the life end at once."""
    request, this = DecodeRequest.from_json(packet.decode()), os.getpid()
    try:
        pid = os.fork()
    except OSError:
        return None
    if pid == 0:
        _become_decoder(request, this, file, frames)
    decoder = _Decoder(pid, os.pidfd_open(pid), socket.socket(fileno=os.dup(life)))
    decoder.life.settimeout(0)
    return decoder


def _become_decoder(request: DecodeRequest, parent: int, file: int, frames: int) -> NoReturn:
    """The caller's loop is not for a decoder. It keeps the file and the frames, and no other descriptor."""
    try:
        os.dup2(file, 0)
        os.dup2(frames, _FRAMES)
        os.closerange(_FRAMES + 1, os.sysconf("SC_OPEN_MAX"))
        die_with(parent)
        os._exit(decode_confined(request, _FRAMES))
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
