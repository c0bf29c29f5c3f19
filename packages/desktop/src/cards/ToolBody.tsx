/** What a call was asked and gave, by the kind of act. */
import type { TimelineTool } from "@choiros/protocol"
import { CodeBlock } from "../content/CodeBlock.tsx"
import { Diff } from "../content/Diff.tsx"
import { JsonView } from "../content/JsonView.tsx"
import { Markdown } from "../content/Markdown.tsx"
import { plainName, visibleText } from "../content/plainText.ts"
import { PlanParts } from "./PlanParts.tsx"
import styles from "./ToolBody.module.css"
import { ToolOutput } from "./ToolOutput.tsx"
import type { OpenTarget } from "./targets.ts"
import { argsOf, type CallState, kindOf, outputOf, parsed, rawArgsOf, textArg } from "./toolCalls.ts"
import { WorkLines } from "./WorkLines.tsx"

interface ToolBodyProps {
  readonly tool: TimelineTool
  readonly state: CallState
  readonly dense: boolean
  readonly onOpen?: OpenTarget | undefined
}

export const ToolBody = (props: ToolBodyProps) => {
  switch (kindOf(props.tool)) {
    case "shell":
      return <Shell {...props} />
    case "edit":
      return <Edit {...props} />
    case "delegate":
      return <Delegate {...props} />
    case "plan":
      return <PlanCall {...props} />
    case "question":
      return <Question {...props} />
    case "message":
      return <Message {...props} />
    case "read":
      return <Read {...props} />
    case "list":
    case "search":
    case "output":
    case "log":
      return (
        <>
          <Arguments tool={props.tool} />
          <Result {...props} />
        </>
      )
    default:
      return <Other {...props} />
  }
}

/** What was asked for was not done: why, in the words that the model was given. */
const undone: ReadonlySet<CallState> = new Set(["denied", "refused", "cancelled", "not_begun"])

const Result = (props: ToolBodyProps) => {
  const { state, tool } = props
  if (state === "unknown") {
    return (
      <p className={styles.unknown}>
        The server stopped between the act and its record. It may have been done, wholly or in part: look before it is
        done again.
      </p>
    )
  }
  if (state === "not_begun") return <p className={styles.plain}>The run ended before this began.</p>
  if (tool.result === null && outputOf(tool) === "") {
    return state === "running" ? <p className={styles.plain}>Nothing printed yet.</p> : null
  }
  // What the person said is told above.
  if (state === "denied" && tool.decided !== null) return null
  if (undone.has(state)) return <p className={styles.plain}>{reasonOf(tool)}</p>
  return <ToolOutput tool={tool} dense={props.dense} />
}

/** Without the word that the model is given before it: the line of the card says it. */
const reasonOf = (tool: TimelineTool): string => {
  const text = visibleText(outputOf(tool).replace(/^(?:refused|denied): /, ""))
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}

const Shell = (props: ToolBodyProps) => {
  const command = textArg(props.tool, "command")
  return (
    <>
      {command !== undefined && (command.includes("\n") || command.length > 100) ? (
        <pre className={styles.command}>
          <span aria-hidden="true">$ </span>
          {visibleText(command)}
        </pre>
      ) : null}
      <Result {...props} />
      <WorkLines work={jobsOf(props.tool)} onOpen={props.onOpen} />
    </>
  )
}

/** What goes on after the call's result, or did: before it, its output is the call's own. */
const jobsOf = ({ ended_at, result, work }: TimelineTool): TimelineTool["work"] =>
  result === null || ended_at === null
    ? []
    : work.filter((each) => each.ended_at === null || Date.parse(each.ended_at) > Date.parse(ended_at))

const Edit = (props: ToolBodyProps) => {
  const { state, tool } = props
  const diff = tool.result?.diff ?? (tool.result === null ? (tool.approval?.effect ?? undefined) : undefined)
  if (diff !== undefined && diff !== "" && /^(?:---|diff |@@)/m.test(diff)) return <Diff patch={diff} heads={false} />
  if (state === "done" && diff === "")
    return <p className={styles.plain}>Nothing has changed: the file is as it was.</p>
  const content = textArg(tool, "content") ?? textArg(tool, "new_text")
  return (
    <>
      {content === undefined || state === "done" ? null : <CodeBlock code={content} language={languageOf(tool)} />}
      <Result {...props} />
    </>
  )
}

const Read = (props: ToolBodyProps) => {
  const { dense, state, tool } = props
  const text = outputOf(tool)
  if (state !== "done" || dense || tool.result?.truncated === true || text === "") return <Result {...props} />
  return <CodeBlock code={text} language={languageOf(tool)} />
}

const languageOf = (tool: TimelineTool): string | undefined =>
  /\.([a-z0-9]{1,12})$/i.exec(textArg(tool, "path") ?? "")?.[1]

const Delegate = (props: ToolBodyProps) => {
  const objective = textArg(props.tool, "objective")
  return (
    <>
      {objective === undefined ? null : <Markdown text={objective} />}
      {props.tool.work.length === 0 ? (
        <Result {...props} />
      ) : (
        <WorkLines work={props.tool.work} onOpen={props.onOpen} />
      )}
    </>
  )
}

const PlanCall = (props: ToolBodyProps) => (
  <>
    <PlanParts parts={argsOf(props.tool).parts} />
    <WorkLines work={props.tool.work} onOpen={props.onOpen} />
    {props.state === "done" ? null : <Result {...props} />}
  </>
)

const Question = (props: ToolBodyProps) => {
  const { answered, question } = props.tool
  const text = question?.text ?? textArg(props.tool, "question") ?? ""
  const choices = question?.choices ?? []
  return (
    <>
      <Markdown text={text} />
      {choices.length === 0 ? null : (
        <ul className={styles.choices}>
          {choices.map((choice) => (
            <li key={choice}>{plainName(choice)}</li>
          ))}
        </ul>
      )}
      {answered === null ? (
        <p className={styles.plain}>
          {props.state === "waiting" ? "Waiting for your answer." : "Nobody has answered."}
        </p>
      ) : (
        <p className={styles.answer}>
          {answered.answer === null ? "Withdrawn before anyone answered." : `Answer: ${visibleText(answered.answer)}`}
        </p>
      )}
    </>
  )
}

const Message = (props: ToolBodyProps) => {
  const text = textArg(props.tool, "text")
  return (
    <>
      {text === undefined ? null : <Markdown text={text} />}
      <Result {...props} />
    </>
  )
}

const Arguments = ({ tool }: { readonly tool: TimelineTool }) => {
  const args = argsOf(tool)
  return Object.keys(args).length < 2 ? null : <JsonView value={args} open={0} />
}

const Other = (props: ToolBodyProps) => {
  const { tool } = props
  const raw = rawArgsOf(tool)
  const args = parsed(raw)
  const text = outputOf(tool)
  const value = text.startsWith("{") || text.startsWith("[") ? parsed(text) : undefined
  return (
    <>
      <p className={styles.label}>Asked with</p>
      {args === undefined ? <pre className={styles.command}>{visibleText(raw)}</pre> : <JsonView value={args} />}
      {tool.result === null ? null : <p className={styles.label}>Gave</p>}
      {value === undefined ? <Result {...props} /> : <JsonView value={value} />}
    </>
  )
}
