#!/bin/sh
# Runs all of Tandem in containers: tandem.sh up | demo | down. See docs/containers.md.
set -eu
cd "$(dirname "$0")"
PLAIN="docker compose --progress quiet --file compose.yaml"
DEMO="$PLAIN --file compose.demo.yaml"

fail() {
  echo "$*" >&2
  exit 1
}

need_engine() {
  command -v docker >/dev/null || fail "Containers need Docker or an engine that speaks like it, and there is no program docker. Without one: make demo."
  docker info >/dev/null 2>&1 || fail "No Docker engine answers: start it, or set DOCKER_HOST to one that runs. Without one: make demo."
  docker compose version >/dev/null 2>&1 || fail "The engine answers, but Compose v2 is missing: install Docker's compose plugin."
  docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0 COMPOSE_BAKE=false # the engine's own builder does as well
}

not_both() {
  docker compose ls --quiet | grep -qx "$1" || return 0
  fail "$1 runs, with the same ports: make compose-down ends it, and its data stay."
}

start() {
  echo "building the image (a minute or two the first time)"
  told=$($1 build 2>&1) || fail "$told"
  echo "starting, and waiting until all is healthy"
  $1 up --detach --wait --wait-timeout 180 || {
    $1 logs --tail 5 >&2
    fail "Not everything came up: docker compose ls names the project, docker compose --project-name NAME logs says more."
  }
}

tell() {
  echo "Tandem runs; its addresses, on this machine only:"
  $1 ps --format '{{.Service}} {{range .Publishers}}{{if .PublishedPort}}http://{{.URL}}:{{.PublishedPort}} {{end}}{{end}}' \
    | awk 'NF > 1 { printf "  %-14s %s\n", $1, $2 }'
}

case ${1:-} in
up)
  need_engine
  not_both tandem-demo
  start "$PLAIN"
  tell "$PLAIN"
  ;;
demo)
  need_engine
  not_both tandem
  start "$DEMO"
  $DEMO run --rm story
  tell "$DEMO"
  $DEMO run --rm count
  ;;
down)
  need_engine
  $PLAIN down
  $DEMO down
  echo "Tandem is down; its data stay in the volumes tandem_* and tandem-demo_*."
  ;;
*) fail "say one of: up, demo, down" ;;
esac
