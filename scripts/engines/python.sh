#!/usr/bin/env bash
# Prints the path of a Python that has the packages the engine tests need, making it on first use.
# The virtual environment is kept under .cache/python; a change of the pins below makes a new one.
set -euo pipefail

packages=(deltalake==1.6.6 pyarrow==26.0.1 qdrant-edge-py==0.9.0 jsonschema-rs==0.60.3
  confluent-kafka==2.16.1 kafka-python==3.0.12 python-snappy==0.7.3 lz4==4.4.5 zstandard==0.25.0
  pandas==3.1.1 polars==2.1.0 openpyxl==3.1.5)

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
folder="$root/.cache/python"
python="$folder/bin/python"
stamp="$folder/.packages"

if [[ -x "$python" && "$(cat "$stamp" 2>/dev/null)" == "${packages[*]}" ]]; then
  echo "$python"
  exit 0
fi

if ! command -v python3 >/dev/null; then
  echo "python3 is not installed: install Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv)" >&2
  exit 1
fi
rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
python3 -m venv "$folder" >&2
"$python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" >&2
echo "${packages[*]}" >"$stamp"
echo "$python"
