#!/usr/bin/env bash
# Prints the jars by which Spark reads from Kafka, with commas between them, fetching them on first use to .cache.
#
#   spark-kafka.sh [4.0|3.5]
#
# Spark could fetch them itself (SPARK_PACKAGES), if Maven had not left descriptions without their jars in ~/.m2, which it
# takes for whole.
set -euo pipefail

version="${1:-4.0}"
case "$version" in
  4.0) package=spark-sql-kafka-0-10_2.13 release=4.0.0 ;;
  3.5) package=spark-sql-kafka-0-10_2.12 release=3.5.7 ;;
  *)
    echo "there is no Spark $version here: give 4.0 or 3.5" >&2
    exit 1
    ;;
esac

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
folder="$root/.cache/spark-kafka-$release"

if [[ ! -f "$folder/complete" ]]; then
  command -v mvn >/dev/null || { echo "mvn is missing: install Maven (Debian: maven)" >&2; exit 69; }
  mkdir -p "$folder"
  cat >"$folder/pom.xml" <<EOF
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>slipstream</groupId>
  <artifactId>spark-kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.spark</groupId><artifactId>$package</artifactId><version>$release</version></dependency>
  </dependencies>
</project>
EOF
  # What Spark has itself is left out.
  mvn -q -B -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/jars" \
    -DincludeArtifactIds="$package,${package/sql-kafka/token-provider-kafka},kafka-clients,commons-pool2" \
    >"$folder/mvn.log" 2>&1 ||
    { echo "Spark's jars for Kafka were not fetched: $(tail -n 3 "$folder/mvn.log")" >&2; exit 69; }
  touch "$folder/complete"
fi
printf '%s\n' "$folder"/jars/*.jar | paste -sd, -
