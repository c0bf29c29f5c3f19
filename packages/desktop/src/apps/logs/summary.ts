/** An event in one line. What is not known is shown as the data it is. */
import { type Event, type EventOf, type EventType, isEvent } from "@choiros/protocol"
import { plainName, shortened } from "../../content/plainText.ts"
import { bytes, duration, money, tokens } from "../../ui/format.ts"

/** Characters of a line; more is never in sight. */
const longest = 240

type Words<Type extends EventType> = (payload: EventOf<Type>["payload"]) => string

const line = (...parts: ReadonlyArray<string | null | undefined | false>): string =>
  parts.filter((part) => typeof part === "string" && part !== "").join(" · ")

const took = (ms: number | null | undefined): string => (ms === null || ms === undefined ? "" : duration(ms))

interface Child {
  readonly path: string
  readonly cause?: string | null | undefined
  readonly restarts: number
}

const inSupervision = ({ cause, path, restarts }: Child): string =>
  line(path, cause, restarts > 0 && `restart ${restarts}`)

interface Task {
  readonly command?: string | undefined
  readonly objective?: string | undefined
  readonly message?: string | undefined
  readonly error?: string | undefined
}

const inTask = ({ command, error, message, objective }: Task): string => line(command ?? objective, error ?? message)

/** By type, for those that say more in words of their own. */
const words: { readonly [Type in EventType]?: Words<Type> } = {
  "system.started": ({ model, node, version }) => line(`version ${version}`, `node ${node}`, model),
  "system.stopped": ({ reason }) => reason,
  "system.erased": ({ events }) => `${events} events erased`,
  "supervisor.child_started": inSupervision,
  "supervisor.child_crashed": inSupervision,
  "supervisor.child_restarted": inSupervision,
  "supervisor.child_stopped": inSupervision,
  "supervisor.gave_up": inSupervision,
  "chat.user_msg": ({ text }) => text,
  "chat.assistant_msg": ({ text }) => text,
  "chat.thread_created": ({ agent, title }) => line(title, agent),
  "chat.thread_renamed": ({ title }) => title,
  "chat.compacted": ({ tokens_after, tokens_before }) => `${tokens(tokens_before)} to ${tokens(tokens_after)} tokens`,
  "chat.model_switched": ({ model }) => model,
  "run.started": ({ agent, model, objective }) => line(objective, agent, model),
  "run.step_started": ({ step }) => `step ${step}`,
  "run.step_ended": ({ finish, step }) => line(`step ${step}`, finish.replaceAll("_", " ")),
  "run.steered": ({ text }) => text,
  "run.told": ({ from, text }) => `${from.name}: ${text}`,
  "run.plan_set": ({ parts }) => `${parts.length} parts: ${parts.map(({ id }) => id).join(", ")}`,
  "run.compacted": ({ tokens_after, tokens_before }) => `${tokens(tokens_before)} to ${tokens(tokens_after)} tokens`,
  "run.paused": ({ by, reason }) => line(reason, `by ${by}`),
  "run.resumed": ({ reason }) => reason,
  "run.cancel_requested": ({ by, reason }) => line(reason, `by ${by}`),
  "run.ended": ({ duration_ms, error, outcome, steps }) =>
    line(outcome.replaceAll("_", " "), error?.message, `${steps} steps`, took(duration_ms)),
  "model.call_started": ({ attempt, model, step }) => line(model, `step ${step}`, attempt > 1 && `attempt ${attempt}`),
  "model.text": ({ kind, text }) => (kind === "reasoning" ? `thinking: ${text}` : text),
  "model.call_ended": ({ cost, duration_ms, error, finish_reason, input_tokens, output_tokens }) =>
    line(
      error === null ? finish_reason.replaceAll("_", " ") : error.message,
      input_tokens !== null && output_tokens !== null && `${tokens(input_tokens)} in, ${tokens(output_tokens)} out`,
      cost !== null && cost > 0 && money(cost),
      took(duration_ms)
    ),
  "tool.call": ({ tool_args, tool_name }) => `${tool_name} ${tool_args}`,
  "tool.started": ({ effect, path, tool_name }) => line(tool_name, path, effect),
  "tool.result": ({ duration_ms, error, output, success, tool_name }) =>
    line(tool_name, success ? null : "failed", error ?? output, took(duration_ms)),
  "worker.task.started": inTask,
  "worker.task.progress": inTask,
  "worker.task.completed": ({ command, duration_ms, objective, output }) =>
    line(command ?? objective, output, took(duration_ms)),
  "worker.task.failed": inTask,
  "worker.task.cancelled": inTask,
  "approval.requested": ({ agent, intent }) => line(agent, intent),
  "approval.decided": ({ by, decision }) => line(decision, `by ${by}`),
  "question.asked": ({ agent, text }) => line(agent, text),
  "question.answered": ({ answer, by }) => line(answer ?? "withdrawn", `by ${by}`),
  "membrane.refused": ({ agent, reason, target }) => line(agent, target, reason),
  "watcher.signal": ({ message, watcher }) => line(watcher, message),
  "watcher.acted_on": ({ action, detail }) => line(action.replaceAll("_", " "), detail),
  "agent.registered": ({ description, name }) => line(name, description),
  "agent.updated": ({ description, name }) => line(name, description),
  "agent.removed": ({ name, reason }) => line(name, reason),
  "agent.refused": ({ path, reason }) => line(path, reason),
  "agent.trusted": ({ by, name }) => line(name, `by ${by}`),
  "terminal.started": ({ shell, working_dir }) => line(shell, working_dir),
  "terminal.exited": ({ exit_code, signal }) => (signal === null ? `exit ${exit_code ?? "unknown"}` : signal),
  "file.written": ({ by, bytes: size, path }) => line(path, bytes(size), `by ${by}`),
  "file.moved": ({ from, to }) => `${from} to ${to}`,
  "file.trashed": ({ path }) => path,
  "file.restored": ({ path }) => path,
  "viewer.content_saved": ({ bytes: size, rev, uri }) => line(uri, `revision ${rev}`, bytes(size)),
  "viewer.content_conflict": ({ uri }) => uri,
  "desktop.window_opened": ({ app_id, title }) => line(title, app_id),
  "desktop.window_moved": ({ x, y }) => `to ${Math.round(x)}, ${Math.round(y)}`,
  "desktop.window_resized": ({ height, width }) => `to ${Math.round(width)} × ${Math.round(height)}`,
  "desktop.notified": ({ text, title }) => line(title, text),
  "user.theme_preference": ({ theme }) => theme
}

const sayFor = <Type extends EventType>(event: Event, type: Type): string | null => {
  const say = words[type]
  return say !== undefined && isEvent(event, type) ? say(event.payload) : null
}

const isSaid = (type: string): type is EventType => Object.hasOwn(words, type)

/** One line, without control characters; empty where the payload is. */
export const summaryOf = (event: Event): string => {
  const said = isSaid(event.event_type) ? sayFor(event, event.event_type) : null
  const text = said ?? dataOf(event.payload)
  return text === "" ? "" : plainName(shortened(text.slice(0, 2 * longest), longest))
}

/** Names and values, without the braces. */
const dataOf = (payload: unknown): string => {
  if (typeof payload !== "object" || payload === null) return JSON.stringify(payload) ?? ""
  if ("erased" in payload) return "erased"
  return Object.entries(payload)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" · ")
}

const failedTypes = new Set([
  "supervisor.child_crashed",
  "supervisor.gave_up",
  "worker.task.failed",
  "membrane.refused",
  "agent.refused",
  "viewer.content_conflict"
])

/** Something went wrong in it. */
export const isFailure = (event: Event): boolean =>
  failedTypes.has(event.event_type) ||
  (isEvent(event, "tool.result") && !event.payload.success) ||
  (isEvent(event, "model.call_ended") && event.payload.error !== null) ||
  (isEvent(event, "run.ended") && (event.payload.outcome === "failed" || event.payload.outcome === "interrupted"))
