#!/usr/bin/env bash
# Prints the path of a Python that has PySpark and Delta Lake, making it on first use.
# The virtual environment is kept under .cache/spark; a change of the pins below makes a new one. Spark itself fetches
# Delta's jars, into ~/.ivy2*, when it first starts.
set -euo pipefail

packages=(pyspark==4.0.1 delta-spark==4.0.0)

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
folder="$root/.cache/spark"
python="$folder/bin/python"
stamp="$folder/.packages"

if ! command -v java >/dev/null; then
  echo "java is not installed: install a Java runtime, version 17 or later (Debian: apt-get install openjdk-17-jre-headless)" >&2
  exit 1
fi
if [[ -x "$python" && "$(cat "$stamp" 2>/dev/null)" == "${packages[*]}" ]]; then
  echo "$python"
  exit 0
fi
if ! command -v python3 >/dev/null; then
  echo "python3 is not installed: install Python 3.10 or newer with its venv module (Debian: apt-get install python3-venv)" >&2
  exit 1
fi
rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
python3 -m venv "$folder" >&2
"$python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" >&2
echo "${packages[*]}" >"$stamp"
echo "$python"
