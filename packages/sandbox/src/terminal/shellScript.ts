/**
 * The person's own shell: where it begins, and how it tells its folder (OSC 7) and its commands (OSC 133).
 *
 * Law: nothing of the person's is changed. Their own start files run first, as they would without us, and ours stand beside
 * them in `$HOME/.choir/shell`; where those can't be written the shell starts without.
 */
import { stateKey } from "./commandScript.ts"

/** The command line of the shell. `begins` false: where it is started; else where the last command of this terminal left off. */
export const shellArgv = (terminalId: string, shell: string, begins: boolean): ReadonlyArray<string> => [
  "sh",
  "-c",
  start,
  "sh",
  begins ? stateKey(terminalId) : "",
  shell,
  bash,
  zshEnvironment,
  zsh,
  sh
]

const start = `f="\${HOME:-/tmp}/.choir/$1.cwd"
if [ -n "$1" ] && [ -r "$f" ]; then
  d=$(cat "$f"; printf x)
  cd -- "\${d%x}" 2>/dev/null
fi
d="\${HOME:-/tmp}/.choir/shell"
put() { { printf '%s\\n' "$2" > "$d/$1.$$" && mv -f "$d/$1.$$" "$d/$1"; } 2>/dev/null; }
if { mkdir -p -m 700 "\${HOME:-/tmp}/.choir" && mkdir -p -m 700 "$d"; } 2>/dev/null; then
  case "\${2##*/}" in
    bash) put bashrc "$3" && { set -- "$2" --rcfile "$d/bashrc"; unset f d; unset -f put; exec "$@"; } ;;
    zsh)
      put .zshenv "$4" && put .zshrc "$5" && {
        [ -z "\${ZDOTDIR-}" ] || export __choir_zdotdir="$ZDOTDIR"
        export ZDOTDIR="$d"
      } ;;
    sh) put shrc "$6" && export ENV="$d/shrc" ;;
  esac
fi
unset f d
unset -f put
exec "$2"`

const bash = `[ ! -r ~/.bashrc ] || . ~/.bashrc
__choir_before() {
  local status=$? LC_ALL=C path=$PWD shown= at one
  case $path in
    *[!A-Za-z0-9/._~-]*)
      for ((at = 0; at < \${#path}; at++)); do
        one=\${path:at:1}
        case $one in
          [A-Za-z0-9/._~-]) shown+=$one ;;
          *) printf -v one '%02X' "'$one"; shown+=%\${one: -2} ;;
        esac
      done ;;
    *) shown=$path ;;
  esac
  printf '\\e]133;D;%s\\a\\e]7;file://%s%s\\a' "$status" "$HOSTNAME" "$shown"
  return "$status"
}
__choir_after() {
  local status=$?
  case $PS1 in *'133;B'*) ;; *) PS1='\\[\\e]133;A\\a\\]'$PS1'\\[\\e]133;B\\a\\]' ;; esac
  return "$status"
}
PROMPT_COMMAND="__choir_before\${PROMPT_COMMAND:+; $PROMPT_COMMAND}; __choir_after"
PS0='\\e]133;C\\a'\${PS0-}`

const zshEnvironment = `[[ ! -r \${__choir_zdotdir:-$HOME}/.zshenv ]] || . \${__choir_zdotdir:-$HOME}/.zshenv`

const zsh = `if [[ -n \${__choir_zdotdir-} ]]; then ZDOTDIR=$__choir_zdotdir; else unset ZDOTDIR; fi
unset __choir_zdotdir
[[ ! -r \${ZDOTDIR:-$HOME}/.zshrc ]] || . \${ZDOTDIR:-$HOME}/.zshrc
autoload -Uz add-zsh-hook
__choir_precmd() {
  local code=$?
  printf '\\e]133;D;%s\\a\\e]7;file://%s%s\\a' "$code" "$HOST" "\${PWD//\\%/%25}"
  [[ $PROMPT == *'133;B'* ]] || PROMPT=$'%{\\e]133;A\\a%}'$PROMPT$'%{\\e]133;B\\a%}'
}
__choir_preexec() { printf '\\e]133;C\\a'; }
add-zsh-hook precmd __choir_precmd
add-zsh-hook preexec __choir_preexec`

const sh = `unset ENV
PS1='$(printf "\\033]7;file://%s\\007" "$PWD")'"\${PS1:-$ }"`
