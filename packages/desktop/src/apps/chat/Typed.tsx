import { useState } from "react"
import { visibleText } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import styles from "./RowView.module.css"

/** Characters of a message that are shown without being asked for. */
const shortEnough = 4_000

/** Words as they were typed. */
export const Typed = ({ text }: { readonly text: string }) => {
  const [all, setAll] = useState(false)
  const long = text.length > shortEnough * 1.25
  return (
    <>
      <p className={styles.typed}>{visibleText(long && !all ? `${text.slice(0, shortEnough)}…` : text)}</p>
      {long ? (
        <Button variant="ghost" size="s" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show less" : "Show all of it"}
        </Button>
      ) : null}
    </>
  )
}
