"""Uses both engines, prints the process ids of their programs, and waits to be killed."""

import json
import sys
import time

import psutil

from dragoman.engines.adapters import apertium, espeak

translator, speaker = apertium.load(), espeak.load()
translator.prepare("en", "es")
speaker.prepare("en-US")
speech = speaker.synthesize("A long sentence, of which nobody hears the end. " * 100, "en-US")
next(speech)
print(json.dumps([child.pid for child in psutil.Process().children(recursive=True)]))
sys.stdout.flush()
time.sleep(1000)
