/** Whether something runs in a shell: a program that it started and has not ended, in front or behind. */
import * as Path from "node:path"
import type { Jail } from "@choiros/jail"
import * as Effect from "effect/Effect"

const idle = 11

// A shell that has become another program (`exec top`) is no shell any more.
const script = `name=$2
if [ -r "/proc/$1/comm" ]; then
  read -r own < "/proc/$1/comm"
  [ "$own" = "$name" ] || exit 10
  for file in /proc/[0-9]*/stat; do
    read -r line < "$file" || continue
    line=\${line##*) }
    line=\${line#* }
    [ "\${line%% *}" != "$1" ] || exit 10
  done 2>/dev/null
  exit ${idle}
fi
ps -A -o ppid= 2>/dev/null | grep -qx " *$1" && exit 10
exit ${idle}`

/** True as well when it can't be told: what may be someone's work is left alone. */
export const isShellBusy = (jail: Pick<Jail["Service"], "spawn">, pid: number, shell: string): Effect.Effect<boolean> =>
  Effect.acquireUseRelease(
    jail.spawn({ argv: ["sh", "-c", script, "sh", String(pid), Path.basename(shell)] }),
    (process) => Effect.map(process.exit, ({ code }) => code !== idle),
    (process) => process.kill("SIGKILL", { graceMs: 0 })
  ).pipe(
    Effect.timeout("5 seconds"),
    Effect.orElseSucceed(() => true)
  )
