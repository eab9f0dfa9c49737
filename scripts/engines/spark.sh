#!/usr/bin/env bash
# Prints the path of a Python that has PySpark, making it on first use; spark-submit is beside it.
#
#   spark.sh [4.0|3.5]     Spark 4.0 with Delta Lake (as without a word), or Spark 3.5
#
# Spark itself fetches Delta's jars, into ~/.ivy2*, when it first starts.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

if ! command -v java >/dev/null; then
  echo "java is not installed: install a Java runtime, version 17 or later (Debian: apt-get install openjdk-17-jre-headless)" >&2
  exit 1
fi
case "${1:-4.0}" in
  4.0) environment spark python pyspark==4.0.1 delta-spark==4.0.0 numpy==2.2.6 ;;
  3.5) environment spark-3.5 python pyspark==3.5.7 numpy==1.26.4 ;;
  *)
    echo "there is no Spark $1 here: give 4.0 or 3.5" >&2
    exit 1
    ;;
esac
