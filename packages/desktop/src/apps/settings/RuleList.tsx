/** The rules in their order. One's own are moved by keys or by hand, changed and deleted; the preset's stand. */
import type { Agent, RulesBody } from "@choiros/protocol"
import { ArrowDown, ArrowUp, GripVertical, Lock, Pencil, Plus, Trash2 } from "lucide-react"
import { type DragEvent, type KeyboardEvent, useRef, useState } from "react"
import { visibleText } from "../../content/plainText.ts"
import { Badge } from "../../ui/Badge.tsx"
import { Button } from "../../ui/Button.tsx"
import { isKeyboardFree } from "../../ui/dialogs.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { RuleEditor } from "./RuleEditor.tsx"
import styles from "./RuleList.module.css"
import {
  actionWords,
  bodyOfDraft,
  bodyOfRule,
  draftOfRule,
  type ListedRule,
  moved,
  newRule,
  type RuleDraft,
  whatOfRule
} from "./rules.ts"

interface RuleListProps {
  readonly rules: ReadonlyArray<ListedRule>
  readonly agents: ReadonlyArray<Agent>
  readonly busy: boolean
  /** The rule that decided what was tried. */
  readonly fires: string | null
  readonly onWrite: (change: Omit<RulesBody, "revision">) => Promise<boolean>
}

const tones = { allow: "success", ask: "warning", deny: "danger" } as const

export const RuleList = ({ agents, busy, fires, onWrite, rules }: RuleListProps) => {
  const list = useRef<HTMLOListElement>(null)
  const [draft, setDraft] = useState<RuleDraft | null>(null)
  const [dragged, setDragged] = useState<number | null>(null)
  const [over, setOver] = useState<number | null>(null)
  const [said, setSaid] = useState("")
  const own = rules.filter(({ source }) => source === "user")
  const before = rules.length - own.length

  const move = async (from: number, to: number): Promise<void> => {
    if (busy || from === to || to < 0 || to >= own.length) return
    if (!(await onWrite({ rules: moved(own, from, to).map(bodyOfRule) }))) return
    setSaid(`Moved to place ${before + to + 1} of ${rules.length}`)
    // The one that was moved keeps the focus, by its new place; who has gone on elsewhere meanwhile keeps the keyboard.
    requestAnimationFrame(() => {
      const rows = list.current
      if (rows === null || !(isKeyboardFree() || rows.querySelector("[data-own]:focus-within") !== null)) return
      rows.querySelector<HTMLElement>(`[data-own="${to}"]`)?.focus({ preventScroll: false })
    })
  }

  const save = async (edited: RuleDraft): Promise<void> => {
    const body = bodyOfDraft(edited)
    const next =
      edited.id === null
        ? [...own.map(bodyOfRule), body]
        : own.map((rule) => (rule.id === edited.id ? { ...body, id: rule.id } : bodyOfRule(rule)))
    // Another one may be in the making by now.
    if (await onWrite({ rules: next })) setDraft((now) => (now === edited ? null : now))
  }

  const remove = (id: string): Promise<boolean> =>
    onWrite({ rules: own.filter((rule) => rule.id !== id).map(bodyOfRule) })

  const onKey = (event: KeyboardEvent<HTMLLIElement>, at: number): void => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.target !== event.currentTarget) return
    const to = event.key === "ArrowUp" ? at - 1 : event.key === "ArrowDown" ? at + 1 : null
    if (to === null) return
    event.preventDefault()
    void move(at, to)
  }

  const drop = (event: DragEvent, at: number): void => {
    event.preventDefault()
    if (dragged !== null) void move(dragged, at)
    setDragged(null)
    setOver(null)
  }

  return (
    <div className={styles.rules}>
      <ol ref={list} className={styles.list} aria-label="Rules, in their order">
        {rules.map((rule, index) => {
          const at = index - before
          const isOwn = rule.source === "user"
          return draft !== null && draft.id === rule.id ? (
            <li key={rule.id} className={styles.editing}>
              <RuleEditor
                draft={draft}
                agents={agents}
                busy={busy}
                onChange={setDraft}
                onSave={save}
                onCancel={() => setDraft(null)}
              />
            </li>
          ) : (
            <li
              key={rule.id}
              className={styles.rule}
              data-own={isOwn ? at : undefined}
              data-fires={rule.id === fires}
              data-over={isOwn && over === at && dragged !== at}
              aria-label={`${index + 1}. ${actionWords[rule.action]} ${whatOfRule(rule)}`}
              tabIndex={isOwn ? 0 : undefined}
              draggable={isOwn && !busy}
              onKeyDown={isOwn ? (event) => onKey(event, at) : undefined}
              onDragStart={
                isOwn
                  ? (event) => {
                      event.dataTransfer.effectAllowed = "move"
                      setDragged(at)
                    }
                  : undefined
              }
              onDragOver={
                isOwn && dragged !== null
                  ? (event) => {
                      event.preventDefault()
                      setOver(at)
                    }
                  : undefined
              }
              onDragEnd={() => {
                setDragged(null)
                setOver(null)
              }}
              onDrop={isOwn ? (event) => drop(event, at) : undefined}
            >
              <span className={styles.grip} aria-hidden="true">
                {isOwn ? <GripVertical size={14} strokeWidth={1.75} /> : <Lock size={12} strokeWidth={1.75} />}
              </span>
              <span className={styles.number}>{index + 1}</span>
              <div className={styles.words}>
                <p>
                  <Badge tone={tones[rule.action]}>{actionWords[rule.action]}</Badge> {whatOfRule(rule)}
                </p>
                {rule.note === "" ? null : <p className={styles.note}>{visibleText(rule.note)}</p>}
                {rule.id === fires ? <p className={styles.fires}>This rule decides what you tried.</p> : null}
              </div>
              {isOwn ? (
                <span className={styles.buttons}>
                  <IconButton
                    label={`Move rule ${index + 1} up`}
                    size="s"
                    icon={<ArrowUp size={14} strokeWidth={1.75} />}
                    disabled={busy || at === 0}
                    onClick={() => void move(at, at - 1)}
                  />
                  <IconButton
                    label={`Move rule ${index + 1} down`}
                    size="s"
                    icon={<ArrowDown size={14} strokeWidth={1.75} />}
                    disabled={busy || at === own.length - 1}
                    onClick={() => void move(at, at + 1)}
                  />
                  <IconButton
                    label={`Change rule ${index + 1}`}
                    size="s"
                    icon={<Pencil size={14} strokeWidth={1.75} />}
                    disabled={busy}
                    onClick={() => setDraft(draftOfRule(rule))}
                  />
                  <IconButton
                    label={`Delete rule ${index + 1}`}
                    size="s"
                    icon={<Trash2 size={14} strokeWidth={1.75} />}
                    disabled={busy}
                    onClick={() => void remove(rule.id)}
                  />
                </span>
              ) : (
                <span className={styles.preset}>Preset</span>
              )}
            </li>
          )
        })}
      </ol>
      <p className="visually-hidden" role="status">
        {said}
      </p>
      {draft !== null && draft.id === null ? (
        <RuleEditor
          draft={draft}
          agents={agents}
          busy={busy}
          onChange={setDraft}
          onSave={save}
          onCancel={() => setDraft(null)}
        />
      ) : (
        <Button icon={<Plus size={14} strokeWidth={1.75} />} className={styles.add} onClick={() => setDraft(newRule)}>
          Add a rule
        </Button>
      )}
    </div>
  )
}
