"""Where things of a job lie in the blobs. Pure.

Steps hand each other these keys, and nothing that was said: what a step returns is kept by the queue, and a deleted
job must be gone.
"""

from dragoman.jobs.model import folder_of


def recording(job_id: str) -> str:
    """What was submitted, or fetched."""
    return f"{folder_of(job_id)}/input"


def text(job_id: str) -> str:
    """What is to be aligned."""
    return f"{folder_of(job_id)}/text"


def parts(job_id: str) -> str:
    """The list of parts."""
    return f"{folder_of(job_id)}/parts.json"


def part(job_id: str, index: int) -> str:
    return f"{folder_of(job_id)}/part-{index:04}.pcm"


def words(job_id: str, index: int) -> str:
    """What was heard in a part."""
    return f"{folder_of(job_id)}/words-{index:04}.json"


def heard(job_id: str, index: int) -> str:
    """What of the text was heard in a part."""
    return f"{folder_of(job_id)}/heard-{index:04}.json"


def alignment(job_id: str) -> str:
    """When the words of the text are said."""
    return f"{folder_of(job_id)}/alignment.json"


def transcript(job_id: str) -> str:
    return f"{folder_of(job_id)}/transcript.json"


def translation(job_id: str, language: str) -> str:
    return f"{folder_of(job_id)}/translation-{language}.json"


def spoken(job_id: str, language: str) -> str:
    """Where the sentences of the translated speech lie."""
    return f"{folder_of(job_id)}/speech-{language}.json"


def speech(job_id: str, language: str) -> str:
    """The translated speech."""
    return f"{folder_of(job_id)}/speech-{language}.wav"
