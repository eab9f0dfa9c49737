#!/usr/bin/env bash
# Prints the path of a Python that has PySpark, making it on first use; spark-submit is beside it.
#
#   spark.sh [4.0|3.5]     Spark 4.0 with Delta Lake (as without a word), or Spark 3.5
#
# The virtual environments are kept under .cache; a change of the pins below makes new ones. Spark itself fetches Delta's
# jars, into ~/.ivy2*, when it first starts.
set -euo pipefail

version="${1:-4.0}"
case "$version" in
  4.0) name=spark packages=(pyspark==4.0.1 delta-spark==4.0.0 numpy==2.2.6) ;;
  3.5) name=spark-3.5 packages=(pyspark==3.5.7 numpy==1.26.4) ;;
  *)
    echo "there is no Spark $version here: give 4.0 or 3.5" >&2
    exit 1
    ;;
esac

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
folder="$root/.cache/$name"
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
