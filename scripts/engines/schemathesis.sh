#!/usr/bin/env bash
# Prints the path of schemathesis, which tries an API by its OpenAPI document, making its environment on first use.
# The virtual environment is kept under .cache/schemathesis; a change of the pin below makes a new one.
set -euo pipefail

package=schemathesis==4.32.5

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
folder="$root/.cache/schemathesis"
program="$folder/bin/schemathesis"
stamp="$folder/.package"

if [[ -x "$program" && "$(cat "$stamp" 2>/dev/null)" == "$package" ]]; then
  echo "$program"
  exit 0
fi

if ! command -v python3 >/dev/null; then
  echo "python3 is not installed: install Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv)" >&2
  exit 1
fi
rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
python3 -m venv "$folder" >&2
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$package" >&2
echo "$package" >"$stamp"
echo "$program"
