#!/usr/bin/env bash
# Translates a recording and shows everything that comes out of it: `make demo`.
#
# FILE   recording or video, by default the LibriVox clips of Debian's package pocketsphinx-testdata
# FROM   language that is spoken in it, by default en
# TO     languages to translate to, by default pt,es
# OUT    folder for the results, by default out/demo
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

librivox=/usr/share/pocketsphinx/test/data/librivox
from=${FROM:-en} to=${TO:-pt,es} out=${OUT:-out/demo}

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi
heading() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# The five clips are sentences of one page; joined, each with a pause behind it, they are half a minute of it.
join_clips() {
  .venv/bin/python - "$1" "$librivox"/*.wav <<'PYTHON'
import sys, wave

with wave.open(sys.argv[1], "wb") as joined:
    for number, name in enumerate(sys.argv[2:]):
        with wave.open(name) as clip:
            if number == 0:
                joined.setparams(clip.getparams())
            joined.writeframes(clip.readframes(clip.getnframes()))
            joined.writeframes(bytes(2 * clip.getframerate()))  # one second of 16-bit silence
PYTHON
}

# The reader's words, from lines such as "<s> he was not an ill disposed young man </s> (sense_and_…-0880)".
transcription() { sed -E 's/^<s> (.*) <\/s>.*/  \1/' "$librivox/transcription"; }

# Direct translators for these languages, where their addresses can be reached; without them, routes are longer.
[[ ${DRAGOMAN_MODELS:-default} == minimal ]] || .venv/bin/dragoman models pull --languages "$from,$to" --lenient || true

mkdir -p "$out"
file=${FILE:-}
if [[ -z $file ]]; then
  if [[ ! -d $librivox ]]; then
    echo "The package pocketsphinx-testdata is not installed. Name a recording of yours: make demo FILE=talk.mp3" >&2
    exit 1
  fi
  file=$out/sense-and-sensibility.wav
  join_clips "$file"
  heading "What is read (Jane Austen, Sense and Sensibility; LibriVox, public domain)"
  transcription
fi

heading "What Dragoman makes of it"
.venv/bin/dragoman translate "$file" --from "$from" --to "$to" --speech --subtitles --out "$out"

stem=$(basename "$file") stem=$out/${stem%.*} first=${to%%,*}
heading "Subtitles: $stem.$first.srt"
cat "$stem.$first.srt"
heading "Speech: $stem.$first.wav"
echo "Each sentence is spoken at the time of the recording at which it was said."

heading "Other languages"
echo "Translators for German and French, say: .venv/bin/dragoman models pull --languages de,fr"
echo "All that can be had: .venv/bin/dragoman models list --all"
