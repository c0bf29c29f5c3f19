/** What is asked before it is done: a paste of several lines, a link. */
import { useEffect } from "react"
import { useStore } from "zustand"
import { visibleText } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { Dialog } from "../../ui/Dialog.tsx"
import { counted } from "../../ui/format.ts"
import styles from "./Questions.module.css"
import { copyText, type TerminalScreen } from "./TerminalScreen.ts"

const shownLines = 12

export const Questions = ({ screen }: { readonly screen: TerminalScreen }) => {
  const { link, paste } = useStore(screen.state)
  const asks = link !== null || paste !== null
  useEffect(() => {
    if (!asks) return
    return () => {
      // A dialog gives the keyboard away once it is gone.
      setTimeout(() => screen.focus(), 0)
    }
  }, [asks, screen])
  return (
    <>
      <PasteQuestion paste={paste} answer={(yes) => screen.answerPaste(yes)} />
      <LinkQuestion
        link={link}
        answer={(yes) => {
          screen.state.setState({ link: null })
          if (yes && link !== null) window.open(link.url, "_blank", "noopener,noreferrer")
        }}
      />
    </>
  )
}

const PasteQuestion = ({
  answer,
  paste
}: {
  readonly paste: string | null
  readonly answer: (yes: boolean) => void
}) => {
  const lines = paste?.split("\n") ?? []
  const count = lines.at(-1) === "" ? lines.length - 1 : lines.length
  return (
    <Dialog
      open={paste !== null}
      onOpenChange={(open) => {
        if (!open) answer(false)
      }}
      title={`Paste ${counted(count, "line")} into the terminal?`}
      description="A shell may carry out each line as a command."
      footer={
        <>
          <Button onClick={() => answer(false)}>Cancel</Button>
          <Button variant="primary" onClick={() => answer(true)}>
            Paste
          </Button>
        </>
      }
    >
      <pre className={styles.text}>
        {visibleText(lines.slice(0, shownLines).join("\n"))}
        {lines.length > shownLines && `\n… and ${counted(lines.length - shownLines, "more line")}`}
      </pre>
    </Dialog>
  )
}

const LinkQuestion = ({
  answer,
  link
}: {
  readonly link: { readonly url: string; readonly host: string } | null
  readonly answer: (yes: boolean) => void
}) => (
  <Dialog
    open={link !== null}
    onOpenChange={(open) => {
      if (!open) answer(false)
    }}
    title={`Open ${link?.host ?? ""}?`}
    description="A program in the terminal has printed this address. It opens in a new tab."
    footer={
      <>
        <Button onClick={() => void copyText(link?.url ?? "")}>Copy the address</Button>
        <Button onClick={() => answer(false)}>Cancel</Button>
        <Button variant="primary" onClick={() => answer(true)}>
          Open
        </Button>
      </>
    }
  >
    <pre className={styles.text}>{link?.url}</pre>
  </Dialog>
)
