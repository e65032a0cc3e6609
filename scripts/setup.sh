#!/usr/bin/env bash
# Installs what is missing: system packages by apt, .venv from the hash-pinned locks, then the models of a profile.
#
#   scripts/setup.sh run    to use Dragoman (make demo)
#   scripts/setup.sh dev    to work on it as well (make test, make check)
#
# Only apt needs root or sudo. A second run takes about a second; after an interruption, run it again.
# PYTHON=python3.13 chooses another interpreter than python3. DRAGOMAN_MODELS=minimal pulls no models, any other value
# the models of that profile; they lie in ~/.cache/dragoman/models or DRAGOMAN_MODELS_DIR, for all checkouts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Nothing works without these.
required=(apertium apertium-eng-spa libespeak-ng1)

# More languages, and the recordings of `make demo`. A release that has no such package goes without it.
optional=(
  apertium-cat-ita apertium-dan-nor apertium-en-gl apertium-eng-cat apertium-eo-en apertium-es-gl apertium-es-pt
  apertium-es-ro apertium-eu-en apertium-fr-es apertium-fra-cat apertium-hbs-eng apertium-isl-eng apertium-isl-swe
  apertium-mkd-eng apertium-nno-nob apertium-por-cat apertium-spa-cat apertium-spa-ita apertium-swe-dan
  apertium-swe-nor
  pocketsphinx-testdata
)

# Tests that need one of them skip where it is absent.
# By the program that they bring: a Node.js from elsewhere has its own npm, and Debian's would not go with it.
declare -A for_tests=([chromium]=chromium [node]=nodejs [npm]=npm [openssl]=openssl [redis-server]=redis-server
  [pg_ctlcluster]=postgresql)

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' yellow=$'\e[33m' red=$'\e[31m' plain=$'\e[0m'; else bold='' yellow='' red='' plain=''; fi
say() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }
warn() { printf '%s==> %s%s\n' "$yellow" "$*" "$plain" >&2; }
fail() {
  printf '%s==> %s%s\n' "$red" "$1" "$plain" >&2
  shift
  (($# == 0)) || printf '    %s\n' "$@" >&2
  exit 1
}

# --- system packages ---------------------------------------------------------------------------------------------

system_name() { (. /etc/os-release 2>/dev/null && echo "${PRETTY_NAME:-$ID}") || uname -s; }

# Whether the names above are those of this system's packages: Debian 12, Ubuntu 24.04, or newer.
is_supported() (
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null && [[ -r /etc/os-release ]] || return 1
  . /etc/os-release
  case $ID in
    debian) [[ -z ${VERSION_ID:-} ]] || ((${VERSION_ID%%.*} >= 12)) ;; # testing and unstable have no number
    ubuntu) ((${VERSION_ID%%.*} >= 24)) ;;
    *) false ;;
  esac
)

# Of the packages named, those that are not installed.
missing() {
  local installed package
  # dpkg-query fails when it does not know one of them, and still shows the others.
  installed=$({ dpkg-query --show --showformat='${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null || true; } |
    sed -n 's/^.i *//p')
  for package; do grep -qxF -- "$package" <<<"$installed" || echo "$package"; done
}

# Of the packages named, those that apt can install.
installable() { (($# == 0)) || apt-cache madison "$@" 2>/dev/null | awk '{ print $1 }' | sort -u; }

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

can_be_root() {
  ((EUID == 0)) || { command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; }
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >/dev/null; }

# Installs the arguments that are missing; those of `optional` only where this release has them.
install_packages() {
  local needed extra unknown
  mapfile -t needed < <(missing "$@")
  mapfile -t extra < <(missing "${optional[@]}")

  if ((${#needed[@]} == 0)); then
    mapfile -t extra < <(installable "${extra[@]}")
    ((${#extra[@]} > 0)) || return 0
  fi

  local wanted=("${needed[@]}" "${extra[@]}")
  local by_hand="apt-get update && apt-get install -y --no-install-recommends ${wanted[*]}"
  if ! can_be_root; then
    if ((${#needed[@]} == 0)); then
      warn "Goes on without some languages. To add them, run as root: $by_hand"
      return 0
    fi
    fail "System packages are missing, and installing them needs root or sudo. Run this as root, then try again:" \
      "$by_hand"
  fi

  say "Looking for system packages (apt, as root)"
  as_root dpkg --configure -a # finishes what an interrupted run left behind
  apt update || warn "apt-get update failed; trying with the package lists that are there"
  mapfile -t unknown < <(comm -23 <(printf '%s\n' "${extra[@]}" | sort) <(installable "${extra[@]}"))
  mapfile -t extra < <(installable "${extra[@]}")
  [[ -z ${unknown[*]} ]] || warn "$(system_name) has no package ${unknown[*]}; going on without"
  say "Installing ${needed[*]} ${extra[*]}"
  apt install -y --no-install-recommends "${needed[@]}" "${extra[@]}" ||
    fail "apt could not install the packages. Its messages are above; to try by hand, as root:" "$by_hand"
}

# On other systems the packages have other names: look for what they bring.
check_by_hand() {
  local missing=()
  command -v lt-proc >/dev/null || missing+=("Apertium, the translation engine")
  [[ -e /usr/share/apertium/modes/eng-spa.mode ]] || missing+=("Apertium's English-Spanish data")
  "$python" -c 'import ctypes; ctypes.CDLL("libespeak-ng.so.1")' 2>/dev/null || missing+=("the library of espeak-ng")
  "$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=("Python's venv and ensurepip modules")
  ((${#missing[@]} == 0)) ||
    fail "This is $(system_name); only Debian 12+ and Ubuntu 24.04+ are set up automatically. Install by hand:" \
      "${missing[@]}"
}

# --- Python ------------------------------------------------------------------------------------------------------

# The interpreter behind $PYTHON or python3, also when a virtual environment is active.
find_python() {
  python=$(command -v "${PYTHON:-python3}") || return 1
  python=$("$python" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))' 2>/dev/null)
  [[ -x $python ]]
}

check_python() {
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Dragoman needs Python 3.11 or newer; $python is $("$python" -V)." \
      "Install a newer one and name it, for example: make demo PYTHON=python3.12"
}

# PocketSphinx comes as a wheel for the Python of Debian 12 and of Debian 13, and is compiled for any other.
needs_compiler() { "$python" -c 'import sys; sys.exit(sys.version_info[:2] in {(3, 11), (3, 13)})'; }

# Changes when anything does that .venv was made from. The settings of the tools come last in pyproject.toml, are read
# where they stand, and change often.
fingerprint() {
  {
    "$python" -VV && echo "$PWD" && cat scripts/setup.sh requirements/*.txt && sed '/^\[tool\.ruff\]/,$d' pyproject.toml
  } | sha256sum
}

is_current() { [[ -f .venv/.made-from-$1 && $(<".venv/.made-from-$1") == "$made_from" ]] && .venv/bin/python -c ''; }

pip() { PATH="$PWD/.venv/bin:$PATH" .venv/bin/python -m pip --disable-pip-version-check --quiet --no-input "$@"; }

# Nothing is built in isolation, because pip would fetch the build tools for that without looking at our hashes.
install_python_packages() {
  local profile=$1 lock=$2
  [[ ! -e .venv || -w .venv ]] || fail "$PWD/.venv is out of date and belongs to $(stat -c %U .venv)." \
    "Run this as that user, or remove the folder."
  # An unfinished installation can hold packages that only look whole.
  if [[ -e .venv/.unfinished ]] || ! .venv/bin/python -c '' 2>/dev/null ||
    [[ $(.venv/bin/python -VV) != $("$python" -VV) ]]; then
    rm -rf .venv
  fi
  mkdir -p .venv
  touch .venv/.unfinished
  say "Installing Python packages into .venv (a few minutes the first time)"
  "$python" -m venv .venv
  pip install --require-hashes -r requirements/build.txt
  pip install --require-hashes --no-build-isolation --use-pep517 -r "$lock"
  pip install --no-deps --no-build-isolation --editable .
  echo "$made_from" >".venv/.made-from-$profile"
  rm .venv/.unfinished
}

# --- models ------------------------------------------------------------------------------------------------------

# Says what it downloads, and nothing when all is there. Everything works without them, only less well.
pull_models() {
  [[ ${DRAGOMAN_MODELS:=default} != minimal ]] || return 0
  .venv/bin/dragoman models pull --profile "$DRAGOMAN_MODELS" --lenient ||
    warn "Goes on without some models. To get them: .venv/bin/dragoman models pull --profile $DRAGOMAN_MODELS"
}

# --- all of it ---------------------------------------------------------------------------------------------------

profile=${1:-}
case $profile in
  run) lock=requirements/runtime.txt ;;
  dev)
    lock=requirements/dev.txt
    for program in "${!for_tests[@]}"; do command -v "$program" >/dev/null || optional+=("${for_tests[$program]}"); done
    ;;
  *) fail "Usage: scripts/setup.sh run|dev" ;;
esac

exec {lock_fd}<scripts/setup.sh # two runs at once take turns
flock "$lock_fd"

if is_supported; then
  find_python || [[ -n ${PYTHON:-} ]] || install_packages python3-venv
  find_python || fail "${PYTHON:-python3} cannot be run."
  "$python" -c 'import ensurepip, venv' 2>/dev/null || required+=(python3-venv)
  ! needs_compiler || required+=(build-essential cmake python3-dev)
  install_packages "${required[@]}"
else
  find_python || fail "${PYTHON:-python3} cannot be run. Install Python 3.11 or newer."
  check_by_hand
fi
check_python

made_from=$(fingerprint)
# What is made for development serves for running too.
is_current dev || is_current "$profile" || install_python_packages "$profile" "$lock"
pull_models
