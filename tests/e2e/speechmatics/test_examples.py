"""The examples for this protocol, run as a user runs them."""

import re
import shutil
import sys

import pytest
from tests.conftest import SHARED_DATA
from tests.e2e.servers import ROOT
from tests.e2e.speechmatics.conftest import sentences

EXAMPLES = ROOT / "examples" / "speechmatics"
SEED = SHARED_DATA.parent / "seeds" / "speechmatics-translation.txt"


def squeezed(text):
    return re.sub(r"\s", "", text)


def access(server):
    return {"DRAGOMAN_URL": server.url, "DRAGOMAN_API_KEY": server.key}


def with_our_address_and_key(program):
    for theirs, ours in (
        ('"YOUR_API_KEY"', 'os.environ["DRAGOMAN_API_KEY"]'),
        ("wss://eu2.rt.speechmatics.com", "{os.environ['DRAGOMAN_URL'].replace('http','ws',1)}"),
        ("auth_token=API_KEY,", "auth_token=API_KEY,ssl_context=None,"),
    ):
        assert program.count(theirs) == 1
        program = program.replace(theirs, ours)
    return program


def test_the_program_is_that_of_the_document():
    if not SEED.is_file():
        pytest.skip(f"the document is not at {SEED} (set DRAGOMAN_SHARED_DATA)")
    text = SEED.read_text()
    begin = text.index("import speechmatics\n", text.index("Python client example to translate a file in real-time"))
    program = with_our_address_and_key(squeezed(text[begin : text.index("Languages\n", begin)]))
    assert squeezed((EXAMPLES / "program.py").read_text()).endswith(f"importos{program}")


def test_point_40_the_document_s_program(embedded, talks, speech, tmp_path):
    """With real speech and real engines; nothing installed translates to its second language."""
    shutil.copy(speech, tmp_path / "example.wav")
    running = talks(sys.executable, EXAMPLES / "program.py", **access(embedded))
    said = running.heard().other
    assert running.process.returncode == 0, running.err
    assert said[0] == "Starting transcription (type Ctrl-C to stop):"
    finals = [line.removeprefix("Final translation for es: ") for line in said[1:]]
    assert len(" ".join(finals).split()) >= 10
    assert {"de", "la", "que", "en", "el"} & set(" ".join(finals).split())
    assert "de" in running.err  # the warning


@pytest.mark.parametrize("program", ["live.py", "live.mjs"])
def test_captions_at_the_pace_of_a_microphone(scripted, talks, wav, tmp_path, request, program):
    pcm = bytes(32_000 * 3)
    if program.endswith(".py"):
        runner, recording = sys.executable, wav("speech.wav", pcm)
    else:
        runner, recording = request.getfixturevalue("node"), tmp_path / "speech.pcm"
        recording.write_bytes(pcm)
    running = talks(runner, EXAMPLES / program, recording, "es", "fr", **access(scripted))
    said = running.heard().other
    assert running.process.returncode == 0, running.err
    assert " ".join(line.strip() for line in said if line.startswith("   ")) == sentences(1)
    assert sorted(line for line in said if not line.startswith(" ")) == [
        "es Esta es la frase número 1.",
        "fr Ceci est la phrase numéro 1.",
    ]
