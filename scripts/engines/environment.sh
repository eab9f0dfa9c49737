# Made for others to source: `environment NAME PROGRAM PACKAGE…` prints the path of a program in a virtual environment with these
# packages, making it on first use. It is kept under .cache/NAME; a change of a pin makes a new one, and so does a move of the folder,
# since programs in it name their interpreter by its path.
environment() {
  local name=$1 program=$2
  shift 2
  local root folder interpreter
  root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
  folder="$root/.cache/$name"
  interpreter="$(head -c 512 "$folder/bin/$program" 2>/dev/null | tr -d '\0' | sed -n '1s/^#! *\(\/[^ ]*\).*/\1/p')" || true
  if [[ ! -x "$folder/bin/$program" || ! -x "${interpreter:-/bin/sh}" ||
    "$(cat "$folder/.packages" 2>/dev/null)" != "$*" ]]; then
    if ! command -v python3 >/dev/null; then
      echo "python3 is not installed: install Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv)" >&2
      return 1
    fi
    rm -rf "$folder"
    mkdir -p "$(dirname "$folder")"
    python3 -m venv "$folder" >&2
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2
    echo "$*" >"$folder/.packages"
  fi
  echo "$folder/bin/$program"
}
