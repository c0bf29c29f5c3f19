/** The tree, of which what is in sight is drawn. One stop of the Tab key; arrow keys move, fold and unfold. */
import type { ActorNode } from "@choiros/protocol"
import { useVirtualizer } from "@tanstack/react-virtual"
import { ChevronRight } from "lucide-react"
import { type KeyboardEvent, memo, useEffect, useId, useRef } from "react"
import { plainName } from "../../content/plainText.ts"
import { classes } from "../../ui/classes.ts"
import { duration } from "../../ui/format.ts"
import { useActorName } from "./ActorName.tsx"
import styles from "./ActorTree.module.css"
import { stateLook } from "./actorStates.ts"
import type { ActorRow } from "./actorTree.ts"

interface ActorTreeProps {
  readonly rows: ReadonlyArray<ActorRow>
  readonly selected: string | null
  /** By path: the crash that has just happened, to be shown once. */
  readonly fresh: ReadonlyMap<string, number>
  readonly onSelect: (path: string) => void
  readonly onFold: (path: string, folded: boolean) => void
  readonly onOpen: (actor: ActorNode) => void
}

const isTouched = matchMedia("(pointer: coarse)").matches
const rowHeight = isTouched ? 44 : 30

export const ActorTree = ({ rows, selected, fresh, onSelect, onFold, onOpen }: ActorTreeProps) => {
  const id = useId()
  const scroll = useRef<HTMLDivElement>(null)
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.actor.path ?? index,
    overscan: 8
  })
  const at = rows.findIndex(({ actor }) => actor.path === selected)
  const row = rows[at]

  // Chosen elsewhere, it may be out of sight. Where it stands changes with each reading, and does not scroll again.
  const shownFor = useRef<string | null>(null)
  useEffect(() => {
    if (at < 0 || shownFor.current === selected) return
    shownFor.current = selected
    list.scrollToIndex(at, { align: "auto" })
  })

  const go = (index: number) => {
    const to = rows[Math.min(rows.length - 1, Math.max(0, index))]
    if (to !== undefined) onSelect(to.actor.path)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / rowHeight) - 1)
    const here = Math.max(0, at)
    switch (event.key) {
      case "ArrowDown":
        go(at + 1)
        break
      case "ArrowUp":
        go(here - 1)
        break
      case "PageDown":
        go(here + page)
        break
      case "PageUp":
        go(here - page)
        break
      case "Home":
        go(0)
        break
      case "End":
        go(rows.length - 1)
        break
      case "ArrowRight":
        if (row?.open === false) onFold(row.actor.path, false)
        else if (row?.open === true) go(at + 1)
        break
      case "ArrowLeft":
        if (row?.open === true) onFold(row.actor.path, true)
        else if (row !== undefined) go(rows.findIndex(({ actor }) => actor.path === row.actor.parent))
        break
      case "Enter":
        if (row !== undefined) onOpen(row.actor)
        break
      default:
        return
    }
    event.preventDefault()
  }

  const items = list.getVirtualItems()
  const inSight = items.some(({ index }) => index === at)
  return (
    <div className={styles.tree}>
      <div className={classes(styles.row, styles.header)} aria-hidden="true">
        <span>Actor</span>
        <span className={styles.kind}>Kind</span>
        <span>State</span>
        <span className={styles.number}>Restarts</span>
        <span className={styles.number}>Mailbox</span>
        <span className={styles.number}>Age</span>
        <span className={styles.children}>Children</span>
      </div>
      <div
        ref={scroll}
        className={styles.scroll}
        role="tree"
        aria-label="Actors"
        tabIndex={0}
        aria-activedescendant={inSight ? `${id}${at}` : undefined}
        onKeyDown={onKeyDown}
        onClick={({ target }) => {
          const element = target instanceof Element ? target.closest<HTMLElement>("[data-path]") : null
          const path = element?.dataset.path
          const clicked = rows.find(({ actor }) => actor.path === path)
          if (clicked === undefined) return
          if (target instanceof Element && target.closest(`.${styles.fold}`) !== null && clicked.open !== null)
            onFold(clicked.actor.path, clicked.open)
          onSelect(clicked.actor.path)
        }}
        onDoubleClick={() => {
          if (row !== undefined) onOpen(row.actor)
        }}
      >
        <div role="presentation" className={styles.rows} style={{ height: list.getTotalSize() }}>
          {items.map(({ index, key, start }) => {
            const shown = rows[index]
            return (
              shown !== undefined && (
                <Row
                  key={key}
                  id={`${id}${index}`}
                  actor={shown.actor}
                  level={shown.level}
                  place={shown.place}
                  siblings={shown.siblings}
                  open={shown.open}
                  top={start}
                  selected={index === at}
                  crash={fresh.get(shown.actor.path)}
                />
              )
            )
          })}
        </div>
      </div>
    </div>
  )
}

interface RowProps extends ActorRow {
  readonly id: string
  readonly top: number
  readonly selected: boolean
  readonly crash: number | undefined
}

const Row = memo(({ id, actor, level, place, siblings, open, top, selected, crash }: RowProps) => {
  const { age_ms, children, kind, mailbox_depth, path, restarts, state } = actor
  const name = useActorName(path, kind)
  const { icon: Icon, label, tone } = stateLook(state)
  const isUp = state === "running"
  return (
    <div
      id={id}
      role="treeitem"
      tabIndex={-1}
      aria-level={level}
      aria-posinset={place}
      aria-setsize={siblings}
      aria-selected={selected}
      aria-expanded={open ?? undefined}
      data-path={path}
      className={classes(styles.row, styles.line)}
      style={{ height: rowHeight, transform: `translateY(${top}px)` }}
    >
      {crash !== undefined && <span key={crash} className={styles.flash} />}
      <span className={styles.name} style={{ paddingInlineStart: (level - 1) * 14 }}>
        <span className={styles.fold}>
          {open !== null && (
            <ChevronRight
              size={14}
              strokeWidth={1.75}
              aria-hidden="true"
              className={classes(styles.chevron, open && styles.open)}
            />
          )}
        </span>
        <span className={styles.cut}>{name}</span>
      </span>
      <span className={styles.kind}>{plainName(kind)}</span>
      <span className={styles.state} data-tone={tone}>
        <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
        <span className={styles.label}>{label}</span>
      </span>
      <span className={classes(styles.number, restarts > 0 && styles.some)}>
        {restarts}
        <Said words={restarts === 1 ? "restart" : "restarts"} />
      </span>
      <span className={classes(styles.number, mailbox_depth > 0 && styles.some)}>
        {mailbox_depth}
        <Said words={mailbox_depth === 1 ? "message waits" : "messages wait"} />
      </span>
      <span className={styles.number}>
        {isUp ? duration(age_ms) : ""}
        {isUp && <Said words="old" />}
      </span>
      <span className={styles.children}>{children === undefined ? "" : childrenWords(children)}</span>
    </div>
  )
})
Row.displayName = "Row"

/** What the heading of a column says to the eye. */
const Said = ({ words }: { readonly words: string }) => <span className="visually-hidden"> {words}</span>

/** "2 live, 14 started, 1 crashed": what is nothing is left out. */
export const childrenWords = (children: NonNullable<ActorNode["children"]>): string =>
  [
    `${children.live} live`,
    ...[
      [children.started, "started"] as const,
      [children.crashed, "crashed"] as const,
      [children.restarted, "restarted"] as const,
      [children.given_up, "given up"] as const
    ].flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : []))
  ].join(", ")
