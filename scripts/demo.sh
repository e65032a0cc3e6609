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

# Pull direct translators for these languages where a source can be reached. Without them, routes are longer.
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
  heading "What is read (Jane Austen, Sense and Sensibility, read for LibriVox; public domain)"
  transcription
fi

heading "What Dragoman makes of it"
.venv/bin/dragoman translate "$file" --from "$from" --to "$to" --speech --subtitles --out "$out"

stem=$(basename "$file") stem=$out/${stem%.*} first=${to%%,*}
heading "Subtitles: $stem.$first.srt begins"
sed '/^$/{n;/^[4-9]$/Q}' "$stem.$first.srt" # the first three
heading "Speech"
for target in ${to//,/ }; do
  if [[ -f $stem.$target.wav ]]; then echo "$stem.$target.wav: each sentence is spoken when it was said"; fi
done

heading "Go on"
if .venv/bin/dragoman models path whisper:base >/dev/null 2>&1; then
  echo "A recording of yours:  make demo FILE=talk.mp3 FROM=de TO=en   (99 languages are heard)"
else
  echo "A recording of yours:  make demo FILE=talk.mp3"
  echo "Neural engines:        .venv/bin/dragoman models pull --profile default   (262 MB)"
fi
echo "Other languages:       .venv/bin/dragoman models pull firefox:en-de firefox:de-en"
echo "All languages:         .venv/bin/dragoman languages; .venv/bin/dragoman models list --all"
