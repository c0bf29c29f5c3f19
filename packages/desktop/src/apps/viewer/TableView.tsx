/** Comma- or tab-separated values as a table; only the cells in sight are drawn. */
import { useVirtualizer } from "@tanstack/react-virtual"
import { ArrowDown, ArrowUp } from "lucide-react"
import { startTransition, useEffect, useMemo, useRef, useState } from "react"
import { shortened, visibleText } from "../../content/plainText.ts"
import { scrollable } from "../../content/scrollable.ts"
import { Checkbox } from "../../ui/Checkbox.tsx"
import { classes } from "../../ui/classes.ts"
import { Empty } from "../../ui/Empty.tsx"
import { count } from "../../ui/format.ts"
import { endingOf } from "../files/fileKinds.ts"
import type { Part } from "../files/filesApi.ts"
import { textOf } from "../files/textOf.ts"
import { Bytes } from "./BytesView.tsx"
import { PartOf } from "./PartOf.tsx"
import styles from "./TableView.module.css"
import { orderBy, type Row, readTable, widthsOf } from "./table.ts"
import type { ViewProps } from "./view.ts"

/** Bytes. */
const longest = 50 * 1024 * 1024
const rowHeight = 28
const numberWidth = 64
/** Characters of a cell that are drawn. */
const longestCell = 300

export const TableView = ({ entry }: ViewProps) => (
  <PartOf entry={entry} limit={longest}>
    {(part) => <PartTable part={part} delimiter={endingOf(entry.path) === "tsv" ? "\t" : ""} />}
  </PartOf>
)

interface Read {
  readonly rows: ReadonlyArray<Row>
  readonly done: boolean
  readonly cut: boolean
}

const PartTable = ({ delimiter, part }: { readonly part: Part; readonly delimiter: string }) => {
  const whole = part.bytes.length === part.size
  const text = useMemo(() => textOf(part.bytes, whole), [part, whole])
  const [read, setRead] = useState<Read>({ rows: [], done: false, cut: false })
  useEffect(() => {
    if (text === null) return
    // The last line of a part may be half of one.
    const lines = whole ? text : text.slice(0, text.lastIndexOf("\n") + 1)
    return readTable(lines.replace(/^\uFEFF/, ""), delimiter, {
      // The list is the same one and grows: what is drawn is how far it went.
      onRows: (rows, done, cut) => startTransition(() => setRead({ rows: done ? [...rows] : rows.slice(), done, cut }))
    })
  }, [text, whole, delimiter])
  if (text === null) return <Bytes part={part} />
  if (read.done && read.rows.length === 0) return <Empty title="This table is empty" />
  return <Table read={read} />
}

interface Sorting {
  readonly column: number
  readonly down: boolean
}

const Table = ({ read }: { readonly read: Read }) => {
  const { cut, done, rows } = read
  const [headed, setHeaded] = useState(true)
  const [sorting, setSorting] = useState<Sorting | null>(null)
  const head = headed ? rows[0] : undefined
  const body = useMemo(() => (headed ? rows.slice(1) : rows), [rows, headed])
  const order = useMemo(
    () => (sorting === null || !done ? null : orderBy(body, sorting.column, sorting.down)),
    [body, done, sorting]
  )
  const widths = useMemo(() => widthsOf(rows), [rows])
  const scroll = useRef<HTMLDivElement>(null)
  const lines = useVirtualizer({
    count: body.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: rowHeight
  })
  const columns = useVirtualizer({
    horizontal: true,
    count: widths.length,
    getScrollElement: () => scroll.current,
    estimateSize: (column) => widths[column] ?? 80,
    overscan: 3
  })
  useEffect(() => {
    if (widths.length > 0) columns.measure()
  }, [columns, widths])
  const shown = columns.getVirtualItems()
  const width = columns.getTotalSize() + numberWidth

  return (
    <div className={styles.view}>
      <header className={styles.bar}>
        <span className={styles.count} role="status">
          {`${count(body.length)} rows, ${count(widths.length)} columns${done ? "" : ", reading"}${cut ? ", and more that are not shown" : ""}`}
        </span>
        <Checkbox label="The first row has names" checked={headed} onChange={setHeaded} />
      </header>
      <div
        ref={scroll}
        className={styles.scroll}
        {...scrollable}
        role="table"
        aria-label="Table"
        aria-rowcount={body.length + 1}
        aria-colcount={widths.length}
      >
        <div role="rowgroup" className={styles.head} style={{ width, height: rowHeight }}>
          <div role="row" tabIndex={-1} aria-rowindex={1} className={styles.row}>
            <span role="columnheader" tabIndex={-1} className={styles.number} style={{ width: numberWidth }}>
              <span className="visually-hidden">Row</span>
            </span>
            {shown.map(({ index, size, start }) => {
              const name = visibleText(shortened(head?.[index] ?? `Column ${index + 1}`, longestCell))
              const by = sorting?.column === index ? sorting : null
              return (
                <span
                  key={index}
                  role="columnheader"
                  tabIndex={-1}
                  aria-colindex={index + 1}
                  aria-sort={by === null ? "none" : by.down ? "descending" : "ascending"}
                  className={styles.cell}
                  style={{ left: start + numberWidth, width: size }}
                >
                  <button
                    type="button"
                    className={styles.sort}
                    title={name}
                    disabled={!done}
                    onClick={() => setSorting(next(by, index))}
                  >
                    <span className={styles.text}>{name}</span>
                    {by !== null &&
                      (by.down ? (
                        <ArrowDown size={12} strokeWidth={1.75} aria-hidden />
                      ) : (
                        <ArrowUp size={12} strokeWidth={1.75} aria-hidden />
                      ))}
                  </button>
                </span>
              )
            })}
          </div>
        </div>
        <div role="rowgroup" className={styles.body} style={{ width, height: lines.getTotalSize() }}>
          {lines.getVirtualItems().map((line) => {
            const index = order?.[line.index] ?? line.index
            const row = body[index] ?? []
            return (
              <div
                key={line.key}
                role="row"
                tabIndex={-1}
                aria-rowindex={line.index + 2}
                className={classes(styles.row, styles.line, line.index % 2 === 1 && styles.odd)}
                style={{ transform: `translateY(${line.start - rowHeight}px)`, height: rowHeight }}
              >
                <span role="rowheader" tabIndex={-1} className={styles.number} style={{ width: numberWidth }}>
                  {count(index + 1)}
                </span>
                {shown.map(({ index: column, size, start }) => {
                  const cell = row[column] ?? ""
                  return (
                    <span
                      key={column}
                      role="cell"
                      aria-colindex={column + 1}
                      className={styles.cell}
                      style={{ left: start + numberWidth, width: size }}
                      title={cell.length > 30 ? visibleText(shortened(cell, 2_000)) : undefined}
                    >
                      <span className={styles.text}>{visibleText(shortened(cell, longestCell))}</span>
                    </span>
                  )
                })}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

/** Upward, downward, and as the file has it. */
const next = (by: Sorting | null, column: number): Sorting | null => {
  if (by === null) return { column, down: false }
  return by.down ? null : { column, down: true }
}
