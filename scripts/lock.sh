#!/usr/bin/env bash
# Writes the hash-pinned locks from pyproject.toml. Pins are kept where they still fit; --upgrade renews them all.
#
# No registry address may stand in a lock, hence no uv.lock and no pylock.toml: both hold them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v uv >/dev/null || { echo "uv is not installed; get it with: pip install uv" >&2; exit 1; }

compile() {
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-header --no-emit-index-url --no-emit-find-links "$@"
}

compile pyproject.toml --output-file requirements/runtime.txt "$@"
compile pyproject.toml --group test --group bench --constraints requirements/runtime.txt \
  --output-file requirements/dev.txt "$@"
# Installed first; they build what comes without a wheel, and the project itself.
compile --group build --constraints requirements/dev.txt --output-file requirements/build.txt "$@"
