/** A question of an agent: its choices as buttons, and one's own words. */
import type { Question } from "@choiros/protocol"
import { useEffect, useId } from "react"
import { useStore } from "zustand"
import { awayWords, connectionStore } from "../../client/Connection.ts"
import { Markdown } from "../../content/Markdown.tsx"
import { visibleText } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { TextArea } from "../../ui/TextArea.tsx"
import { Asker } from "./Asker.tsx"
import { answerQuestion } from "./decide.ts"
import { cardsMoved, useGuard } from "./guard.ts"
import { changeAnswer, useBegunAnswer } from "./kept.ts"
import styles from "./QuestionCard.module.css"

interface QuestionCardProps {
  readonly question: Question
  /** Among other things: who asks is told elsewhere. */
  readonly dense?: boolean | undefined
}

export const QuestionCard = ({ dense = false, question }: QuestionCardProps) => {
  const { question_id } = question
  const titleId = useId()
  const { busy, problem, text } = useBegunAnswer(question_id)
  const online = useStore(connectionStore, ({ status }) => status === "live" || status === "catching_up")
  const away = useStore(connectionStore, awayWords)
  const guarded = useGuard(question_id)
  const off = guarded || busy || !online
  useEffect(() => cardsMoved, [])

  const answer = async (words: string): Promise<void> => {
    if (off || words.trim() === "") return
    changeAnswer(question_id, { busy: true })
    const problem = await answerQuestion(question, words)
    // What was taken goes with the event that says so, and is not asked again until then.
    changeAnswer(question_id, { busy: problem === null, problem })
  }

  return (
    <article
      className={styles.card}
      aria-label={`Question of ${question.agent}`}
      tabIndex={-1}
      data-question={question_id}
    >
      {dense ? null : <Asker {...question} />}
      <div id={titleId} className={styles.text}>
        <Markdown text={question.text} />
      </div>
      {question.choices.length === 0 ? null : (
        <fieldset className={styles.choices} aria-labelledby={titleId}>
          {question.choices.map((choice) => (
            <Button
              key={choice}
              className={styles.choice}
              aria-disabled={off ? true : undefined}
              onClick={() => void answer(choice)}
            >
              {visibleText(choice)}
            </Button>
          ))}
        </fieldset>
      )}
      <form
        className={styles.own}
        onSubmit={(event) => {
          event.preventDefault()
          void answer(text)
        }}
      >
        <TextArea
          label={question.choices.length === 0 ? "Your answer" : "Or in your own words"}
          rows={2}
          maxLength={50_000}
          value={text}
          error={problem}
          onChange={(event) => changeAnswer(question_id, { text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return
            event.preventDefault()
            void answer(text)
          }}
        />
        <Button
          type="submit"
          variant="primary"
          busy={busy}
          disabled={text.trim() === ""}
          aria-disabled={off || undefined}
        >
          Answer
        </Button>
      </form>
      {online ? null : (
        <p className={styles.offline} role="status">
          {away}: your answer has to wait.
        </p>
      )}
    </article>
  )
}
