"""What the tests of the realtime face share."""

from dragoman.core.capabilities import Capabilities, Heard, Translated
from dragoman.live.events import Attached, Closed, Initializing, Listening
from dragoman.protocols.speechmatics.rt_frames import Begin, End, Feed, Say
from dragoman.protocols.speechmatics.rt_protocol import Conversation

TARGETS = ("cs", "de", "es", "fr", "it", "zh")
CAPABILITIES = Capabilities(
    heard=(
        Heard("de", "ears", streaming=True, vocabulary=True),
        Heard("en", "ears", streaming=True),
        Heard("fr", "slow", streaming=False),
    ),
    translated=(
        *(Translated("en", target, ("tongue",)) for target in TARGETS),
        Translated("de", "en", ("tongue",)),
    ),
    spoken=(),
)
LISTENING = (Initializing(), Attached("en", (), ("ears",), ()), Listening())
RAW = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000}
STOPPED = Closed("stopped", 3, 3)


def start(language="en", *, audio=None, translation=None, **transcription):
    message = {"message": "StartRecognition", "transcription_config": {"language": language, **transcription}}
    if audio is not None:
        message["audio_format"] = audio
    if translation is not None:
        message["translation_config"] = translation
    return message


def new(capabilities=CAPABILITIES, path_language=None):
    return Conversation(capabilities, "the-id", "1.0", path_language)


def said(actions):
    return [action.message for action in actions if isinstance(action, Say)]


def fed(actions):
    return [action.input for action in actions if isinstance(action, Feed)]


def begun(actions):
    return next((action.config for action in actions if isinstance(action, Begin)), None)


def ended(actions):
    return next((action.code for action in actions if isinstance(action, End)), None)
