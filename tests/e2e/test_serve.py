"""``dragoman serve`` as whoever runs it meets it."""

import signal
import urllib.error
import urllib.request

import pytest
from tests.e2e.servers import SCRIPTED, free_port


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_stopped_has_not_failed(serve, number):
    server = serve(*SCRIPTED)
    server.process.send_signal(number)
    server.ends(0)
    assert "Traceback" not in server.log


def test_a_server_that_is_stopped_while_it_starts_has_not_failed(start_dragoman, tmp_path):
    process = start_dragoman("serve", "--port", str(free_port()), "--data-dir", tmp_path, *SCRIPTED)
    assert process.stderr.readline()  # its first word comes before it listens
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0


def test_an_open_server_answers_to_no_other_name(serve):
    server = serve(*SCRIPTED, SERVER_OPEN="true")
    request = urllib.request.Request(f"{server.url}/v1/account", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused, urllib.request.urlopen(request):
        raise AssertionError("never inside")
    with refused.value as answer:
        assert answer.status == 403
    with urllib.request.urlopen(f"{server.url}/v1/account") as answer:
        assert answer.status == 200
