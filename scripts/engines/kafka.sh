#!/usr/bin/env bash
# One real Kafka broker (KRaft, combined with its controller) on loopback, for tests and for trying things out.
#
#   scripts/engines/kafka.sh prepare                    downloads the jars once, to .cache/kafka
#   scripts/engines/kafka.sh run FOLDER [PORT [CPORT [SPORT]]]
#                                                       runs the broker on FOLDER until it is stopped; SPORT, when given,
#                                                       takes user `shop` with password `secret` (PLAIN and SCRAM)
#
# `run` prints `ready ADDRESS` on standard output once the broker takes connections. Its process is the broker itself,
# so signals (also KILL and STOP) reach it directly. The same folder and ports continue the same log.
set -euo pipefail

version=4.4.0
root=$(cd "$(dirname "$0")/../.." && pwd)
cache=$root/.cache/kafka/$version

need() {
  command -v "$1" >/dev/null || { echo "$1 is missing: install $2" >&2; exit 69; }
}

prepare() {
  need java "a Java runtime, version 17 or later (Debian: openjdk-17-jre-headless)"
  [ -f "$cache/complete" ] && return
  need mvn "Maven, which fetches the broker's jars (Debian: maven)"
  mkdir -p "$cache"
  cat >"$cache/pom.xml" <<EOF
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>slipstream</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
EOF
  mvn -q -B -f "$cache/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$cache/jars" >"$cache/mvn.log" 2>&1 ||
    { echo "the broker's jars were not fetched: $(tail -n 3 "$cache/mvn.log")" >&2; exit 69; }
  touch "$cache/complete"
}

run() {
  local folder=$1 port controller free sasl=${4:-}
  read -ra free <<<"$(node "$root/scripts/engines/free-ports.mjs" 2)"
  port=${2:-${free[0]}} controller=${3:-${free[1]}}
  local listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller users=()
  mkdir -p "$folder"
  if [ -n "$sasl" ]; then
    listeners=$listeners,SASL://127.0.0.1:$sasl
    users=(--add-scram "SCRAM-SHA-256=[name=shop,password=secret]" --add-scram "SCRAM-SHA-512=[name=shop,password=secret]")
  fi
  cat >"$folder/server.properties" <<EOF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
controller.listener.names=CONTROLLER
listeners=$listeners
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_shop="secret";
listener.name.sasl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
inter.broker.listener.name=PLAINTEXT
log.dirs=$folder/log
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=4194304
EOF
  local java=(java -Xms64m -Xmx320m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto
    -Dorg.slf4j.simpleLogger.defaultLogLevel="${KAFKA_LOG_LEVEL:-error}" -cp "$cache/jars/*")
  if [ ! -f "$folder/log/meta.properties" ]; then
    "${java[@]}" kafka.tools.StorageTool format -t c2xpcHN0cmVhbS10ZXN0cw "${users[@]}" \
      -c "$folder/server.properties" >/dev/null
  fi
  {
    until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
      kill -0 $$ 2>/dev/null || exit 0
      sleep 0.1
    done
    echo "ready 127.0.0.1:$port"
  } &
  exec "${java[@]}" kafka.Kafka "$folder/server.properties" >&2
}

case "${1:-}" in
  prepare) prepare ;;
  run) prepare; run "${2:?a folder for the data of the broker}" "${@:3}" ;;
  *) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 64 ;;
esac
