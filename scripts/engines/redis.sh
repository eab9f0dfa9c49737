#!/usr/bin/env bash
# One real Redis on loopback that keeps its data (append-only file, flushed every second), for tests and for trying things out.
#
#   scripts/engines/redis.sh prepare            installs redis-server from Debian where it is missing
#   scripts/engines/redis.sh run FOLDER [PORT [FSYNC [CLUSTER]]]
#                                               runs the server on FOLDER until it is stopped
#
# FSYNC `always` flushes each write before it is answered, so that SIGKILL takes nothing that was acknowledged.
# CLUSTER `yes` makes it a cluster of one node, where keys of different slots may not share a command.
# `run` prints `ready ADDRESS` on standard output once the server takes connections. Its process is the server itself.
set -euo pipefail

prepare() {
  command -v redis-server >/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends redis-server; } >&2 && return
  fi
  echo "redis-server is missing: install it (Debian: apt-get install redis-server)" >&2
  exit 69
}

run() {
  local folder=$1 port=${2:-$(node "$(dirname "$0")/free-ports.mjs")} fsync=${3:-everysec} cluster=${4:-no}
  mkdir -p "$folder"
  {
    until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
      kill -0 $$ 2>/dev/null || exit 0
      sleep 0.1
    done
    if [ "$cluster" = yes ]; then
      redis-cli -p "$port" cluster addslotsrange 0 16383 >/dev/null
      until redis-cli -p "$port" cluster info | grep -q cluster_state:ok; do sleep 0.1; done
    fi
    echo "ready 127.0.0.1:$port"
  } &
  exec redis-server --bind 127.0.0.1 --port "$port" --dir "$folder" --appendonly yes --appendfsync "$fsync" --save "" \
    --cluster-enabled "$cluster" --cluster-config-file "$folder/nodes.conf" --cluster-announce-ip 127.0.0.1 >&2
}

case "${1:-}" in
  prepare) prepare ;;
  run) prepare; run "${2:?a folder for the data}" "${@:3}" ;;
  *) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 64 ;;
esac
