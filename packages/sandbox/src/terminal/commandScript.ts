/**
 * The shell's part of running commands: what carries over from one command to the next, and into the user's own shell.
 *
 * Law: working directory and exported variables are kept in a file of the jail, and nowhere else. They are written however
 * a command ends (`exit 3`, `set -e`, a signal), unless it has an EXIT trap of its own and ends in the middle; a command
 * that became a job no longer writes them once another has begun.
 *
 *   $HOME/.choir/<key>.env   what to source, only what differs from the environment that the jail gives
 *   $HOME/.choir/<key>.cwd   the working directory, for the user's shell
 *   $HOME/.choir/<key>.call  whose state it is: the latest command's
 */
import { createHash } from "node:crypto"

/** Longest command in bytes: one argument of a process has at most 128 KiB on Linux. */
export const maximumCommand = 120_000

/** Names the state of a terminal without telling its id. */
export const stateKey = (terminalId: string): string =>
  createHash("sha256").update(terminalId).digest("hex").slice(0, 32)

/** The command line that runs `command` with the state of its terminal, and leaves the state behind. */
export const commandArgv = (terminalId: string, command: string, callId: string): ReadonlyArray<string> => [
  "bash",
  "-c",
  script,
  "bash",
  command,
  stateKey(terminalId),
  callId,
  prelude
]

/** The command line that prints where the next command of this terminal begins; nothing where it has run none. */
export const workingDirectoryArgv = (terminalId: string): ReadonlyArray<string> => [
  "sh",
  "-c",
  `f="\${HOME:-/tmp}/.choir/$1.cwd"; [ -e "$f" ] || exit 0; exec cat -- "$f"`,
  "sh",
  stateKey(terminalId)
]

/** What agents' commands find in their environment. */
export const commandEnvironment = { TERM: "dumb", PAGER: "cat", GIT_PAGER: "cat" } as const

// In one line, so that bash counts a command's lines from 1, and has read all of it before a syntax error of the command.
const script =
  'eval "$4"; eval "$__choir_command"; { __choir_status=$?; __choir_save; } 2>/dev/null; exit "$__choir_status"'

// Both outputs are one, so that they stay in order. Descriptor 29 holds it open for as long as anything lives that the
// command started, also what has closed 1 and 2: the end of the output is then the end of all.
// Runs with bash 3.2 too, and starts no program once its folder is there. Names begin with __choir_, so that a command's
// own are not touched; what turns tracing off is itself not traced.
const prelude = `__choir_command=$1 __choir_file=\${HOME:-/tmp}/.choir/$2 __choir_call=$3
set --
exec 2>&1 29>&1
[ -d "\${__choir_file%/*}" ] || command -p mkdir -p -m 700 "\${__choir_file%/*}"
printf %s "$__choir_call" > "$__choir_file.call"
__choir_names=$(compgen -e)
for __choir_name in $__choir_names; do printf -v "__choir_0_$__choir_name" %s "\${!__choir_name}"; done
[ -r "$__choir_file.env" ] && . "$__choir_file.env" 2>/dev/null
__choir_save() {
  { builtin set +aefnuvx; builtin set +o noclobber; } 2>/dev/null
  [ -n "\${__choir_saved-}" ] && builtin return
  __choir_saved=1
  local IFS=$' \\t\\n' name base owner
  IFS= builtin read -r owner < "$__choir_file.call"
  [ "$owner" = "$__choir_call" ] || builtin return
  {
    builtin printf 'cd -- %q\\n' "$PWD"
    for name in $__choir_names; do
      [ -n "\${!name+set}" ] || builtin printf 'unset %s\\n' "$name"
    done
    for name in $(builtin compgen -e); do
      case $name in PWD|OLDPWD|SHLVL|_|SHELLOPTS|BASHOPTS|__choir_*) continue ;; esac
      base=__choir_0_$name
      [ -n "\${!base+set}" ] && [ "\${!base}" = "\${!name}" ] && continue
      builtin printf 'export %s=%q\\n' "$name" "\${!name}"
    done
  } > "$__choir_file.env"
  builtin printf %s "$PWD" > "$__choir_file.cwd"
} 2>/dev/null
trap __choir_save EXIT`
