#!/bin/sh
# Makes the checkout ready, then becomes the program: `sh scripts/launch.sh sandbox --port 8080`.
#
# Law: no process of ours stays between the caller and the program, so signals, terminal and exit code are its own.
set -eu
program=$1
shift
root=$(cd "$(dirname "$0")/.." && pwd -P)

node "$root/scripts/ready.mjs" &
ready=$!
trap 'kill "$ready" 2>/dev/null || true; wait "$ready" || true; exit 130' INT TERM HUP
wait "$ready"
trap - INT TERM HUP

# Node is pinned by a package a platform; where there is none (macOS), ready.mjs has checked the one in PATH.
node=node
for pinned in "$root"/node_modules/node-linux-*/bin/node; do
  if [ -x "$pinned" ]; then node=$pinned; fi
done

# Young garbage is collected early, and freed memory goes back to the system at once: after its first turns a server then
# holds some 20 MB less. The jail starts with an environment of its own, so this does not reach what agents run.
options=
# `choir up` is the same server.
if [ "$program" = sandbox ] || [ "${1:-}" = up ]; then
  options=--max-semi-space-size=2
  export MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=65536
fi

# A server must not outlive the npm that started it, not even when npm is killed with SIGKILL.
if [ "$program" = sandbox ] && [ -n "${npm_lifecycle_event:-}" ] && setpriv --pdeathsig TERM true 2>/dev/null; then
  exec setpriv --pdeathsig TERM "$node" $options "$root/dist/$program.mjs" "$@"
fi
exec "$node" $options "$root/dist/$program.mjs" "$@"
