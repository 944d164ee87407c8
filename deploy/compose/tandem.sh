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

# Makes a secret once: NAME VALUE, unless the environment or .env has one.
keep() {
  if eval "[ -n \"\${$1:-}\" ]" || grep -qs "^$1=." .env; then return; fi
  (umask 077 && touch .env)
  chmod 600 .env
  [ -z "$(tail -c 1 .env)" ] || echo >>.env
  printf '%s=%s\n' "$1" "$2" >>.env
  echo "made $1 and wrote it to deploy/compose/.env: keep it as long as the data"
}

make_secrets() {
  keep TANDEM_KEY_PEPPERS "1:$(od -An -v -N 32 -tx1 /dev/urandom | tr -d ' \n')"
  keep TANDEM_PORTAL_KEY "$(head -c 32 /dev/urandom | base64)"
}

somebody_signs_in() {
  ! $PLAIN config people | grep -q 'TANDEM_ISSUERS: ""'
}

ask_for_issuers() {
  cat >&2 <<'END'

Nobody can sign in, and the portal is not started: TANDEM_ISSUERS is not set. Write into deploy/compose/.env who signs
your people in, on one line, and run make compose-up again:
  TANDEM_ISSUERS='[{"name": "idp", "issuer": "https://login.example.com", "audience": "tandem-api"}]'
docs/containers.md says what else is to be done there. To look around, with a demo's people: make compose-demo.
END
}

# COMPOSE [OPTION...]
start() {
  compose=$1
  shift
  echo "building the image (a minute or two the first time)"
  told=$($compose build 2>&1) || fail "$told"
  echo "starting, and waiting until all is healthy"
  $compose up --detach --wait --wait-timeout 180 "$@" || {
    $compose logs --tail 5 >&2
    fail "Not everything came up: docker compose ls names the project, docker compose --project-name NAME logs says more."
  }
}

tell() {
  echo "Tandem runs; its addresses, on this machine only:"
  $1 ps --format '{{.Service}} {{range .Publishers}}{{if .PublishedPort}}http://{{.URL}}:{{.PublishedPort}} {{end}}{{end}}' \
    | awk '$1 == "portal" { sub("127.0.0.1", "localhost") } # the one name that it answers to
           $1 == "issuer" { sub("127.0.0.1", "issuer.localhost") }
           NF > 1 { printf "  %-14s %s\n", $1, $2 }'
}

case ${1:-} in
up)
  need_engine
  not_both tandem-demo
  make_secrets
  if somebody_signs_in; then start "$PLAIN"; else start "$PLAIN" --scale portal=0; fi
  tell "$PLAIN"
  somebody_signs_in || ask_for_issuers
  ;;
demo)
  need_engine
  not_both tandem
  make_secrets
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
