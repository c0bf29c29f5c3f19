import { ChevronRight } from "lucide-react"
import { memo, useState } from "react"
import { classes } from "../ui/classes.ts"
import styles from "./JsonView.module.css"
import { plainName, shortened, visibleText } from "./plainText.ts"

/** Entries of an object or list that are shown at first, and that each "more" adds. */
const atOnce = 100
/** Characters of a text that are shown at first. */
const longest = 400

/** Any JSON, as a tree whose branches are made when they are opened. */
export const JsonView = memo(({ value, open = 1 }: { readonly value: unknown; readonly open?: number }) => (
  <div className={styles.json}>
    <Value value={value} name={null} open={open} />
  </div>
))
JsonView.displayName = "JsonView"

const Value = ({
  value,
  name,
  open
}: {
  readonly value: unknown
  readonly name: string | null
  readonly open: number
}) =>
  typeof value === "object" && value !== null ? (
    <Branch value={value} name={name} open={open} />
  ) : (
    <div className={styles.row}>
      <Name name={name} />
      <Leaf value={value} />
    </div>
  )

const Name = ({ name }: { readonly name: string | null }) =>
  name === null ? null : <span className={styles.name}>{plainName(name)}: </span>

const Branch = ({
  value,
  name,
  open
}: {
  readonly value: object
  readonly name: string | null
  readonly open: number
}) => {
  const [isOpen, setOpen] = useState(open > 0)
  const [shown, setShown] = useState(atOnce)
  const keys = Object.keys(value)
  const list = Array.isArray(value)
  const size = list
    ? `${keys.length} ${keys.length === 1 ? "item" : "items"}`
    : `${keys.length} ${keys.length === 1 ? "field" : "fields"}`
  if (keys.length === 0) {
    return (
      <div className={styles.row}>
        <Name name={name} />
        <span className={styles.faint}>{list ? "[ ]" : "{ }"}</span>
      </div>
    )
  }
  return (
    <div>
      <button type="button" className={styles.toggle} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <ChevronRight
          size={12}
          strokeWidth={1.75}
          aria-hidden="true"
          className={classes(styles.chevron, isOpen && styles.open)}
        />
        <Name name={name} />
        <span className={styles.faint}>{size}</span>
      </button>
      {isOpen ? (
        <div className={styles.children}>
          {Object.entries(value)
            .slice(0, shown)
            .map(([key, inner]) => (
              <Value key={key} value={inner} name={key} open={open - 1} />
            ))}
          {keys.length > shown ? (
            <button type="button" className={styles.more} onClick={() => setShown(shown + atOnce * 5)}>
              Show more ({keys.length - shown} are left)
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  )
}

const Leaf = ({ value }: { readonly value: unknown }) => {
  const [all, setAll] = useState(false)
  if (typeof value !== "string") return <span className={styles.literal}>{String(value)}</span>
  const text = visibleText(all ? value : shortened(value, longest))
  return (
    <>
      <span className={styles.string}>{text === "" ? '""' : text}</span>
      {value.length > longest && !all ? (
        <button type="button" className={styles.more} onClick={() => setAll(true)}>
          Show all {value.length} characters
        </button>
      ) : null}
    </>
  )
}
