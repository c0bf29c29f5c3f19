/**
 * What waits for a person, over HTTP, and the answers to it.
 *
 * Law: the first answer wins, and is for the request as it was shown. Who comes later is told which one won.
 */
import { EventLog, type ReadError } from "@choiros/event-log"
import {
  AnswerBody,
  type Approval,
  type ApprovalReply,
  ApprovalsQuery,
  type ApprovalsReply,
  DecideBody,
  type DecideReply,
  findApproval,
  isEvent,
  type QuestionsReply
} from "@choiros/protocol"
import { Tree } from "@choiros/supervision"
import * as Effect from "effect/Effect"
import { Agents } from "../agents/Agents.ts"
import { answerQuestion, decideApproval } from "../runs/askRun.ts"
import {
  decodeField,
  fail,
  type HttpFailure,
  jsonBody,
  ok,
  type RequestContext,
  type Route,
  route
} from "../server/Route.ts"
import { Tools } from "../tools/Tools.ts"
import { Approvals } from "./Approvals.ts"
import { covers, isGuarded, isWithin } from "./ruleMatch.ts"
import { placeOf } from "./settleByRules.ts"
import { Waiting } from "./Waiting.ts"

/** Who decides over HTTP: a computer has one user. */
const by = "user"

/** Answered questions that are looked through for the answer that won. */
const lookBack = 500

export const approvalRoutes: Effect.Effect<
  ReadonlyArray<Route>,
  never,
  Waiting | Approvals | Agents | Tools | EventLog | Tree
> = Effect.gen(function* () {
  const waiting = yield* Waiting
  const approvals = yield* Approvals
  const agents = yield* Agents
  const log = yield* EventLog
  const tree = yield* Tree
  const tools = (yield* Tools).in(tree)

  const current = Effect.mapError(waiting.current, unavailable)
  const folded = Effect.mapError(waiting.folded, unavailable)

  const found = Effect.fnUntraced(function* (id: string) {
    return (
      findApproval(yield* current, id) ??
      (yield* fail(404, `There is no approval ${id} that waits, or was decided lately`))
    )
  })

  const list = Effect.fnUntraced(function* ({ query }: RequestContext) {
    const { status } = yield* decodeField(ApprovalsQuery, "query", Object.fromEntries(query))
    const { seq, state } = yield* folded
    const open = [...state.approvals.values()]
    const shown = status === "all" ? [...open, ...state.decided] : open
    return ok({ success: true, approvals: shown, seq } satisfies ApprovalsReply)
  })

  const one = Effect.fnUntraced(function* ({ param }: RequestContext) {
    return ok({ success: true, approval: yield* found(param("id")) } satisfies ApprovalReply)
  })

  /** What an answer allows beyond this one call, checked against the call as it will be made. */
  const allowedBy = Effect.fnUntraced(function* (approval: Approval, body: DecideBody) {
    const { decision } = body
    const changed = body.tool_args ?? null
    if (decision === "deny") return null
    if (changed !== null && !isJsonObject(changed))
      return yield* fail(422, "tool_args must be a JSON object, as a string")
    if (changed !== null && decision === "run") {
      return yield* fail(422, "Changed arguments are allowed once; to allow more, leave them as they are")
    }
    const agent = yield* Effect.mapError(agents.get(approval.agent), (error) => fail(422, error.message))
    const { call, verdict } = yield* approvals.judge({
      agent,
      run_id: approval.run_id,
      tool_name: approval.tool_name,
      tool_args: changed ?? approval.tool_args,
      effect: tools.byName.get(approval.tool_name)?.effect ?? "other",
      path: null,
      granted: [],
      cwd: approval.tool_name === "bash" ? yield* tools.cwdOf(placeOf(approval.thread)) : null
    })
    if (verdict._tag === "Refuse") return yield* fail(422, `This can't be allowed: ${verdict.reason}`)
    if (decision === "once") return null
    const guarded = isGuarded(call.facts.tiers) || isGuarded(approval.tiers)
    const pattern = body.pattern ?? approval.pattern
    if (guarded) {
      if (decision === "run" && (body.pattern ?? null) === null) return null
      return yield* fail(422, "What is destructive or touches secrets is never allowed by a pattern; allow it once")
    }
    if (pattern === null) {
      if (decision === "run") return null
      return yield* fail(422, "There is no pattern that would mean this and no more; allow it once, or for this run")
    }
    // Of changed arguments what is offered is not what the card said.
    const offered = changed === null ? approval.pattern : call.pattern
    if (offered === null || !isWithin(offered, pattern, call.facts)) {
      return yield* fail(
        422,
        `The pattern ${pattern} would allow more than was offered; such a rule is made under rules`
      )
    }
    if (!covers(pattern, call.facts)) return yield* fail(422, `The pattern ${pattern} does not cover this call`)
    return pattern
  })

  const decide = Effect.fnUntraced(function* ({ param, request }: RequestContext) {
    const body = yield* jsonBody(request, DecideBody)
    const approval = yield* found(param("id"))
    if (approval.decided !== null) return yield* tooLate(approval)
    if (approval.request_hash !== body.request_hash) return yield* isAnother(approval)
    const pattern = yield* allowedBy(approval, body)
    const answer = yield* decideApproval(tree, approval.run_id, {
      approval_id: approval.approval_id,
      request_hash: body.request_hash,
      decision: body.decision,
      pattern,
      tool_args: body.decision === "deny" ? null : (body.tool_args ?? null),
      note: body.note ?? null,
      by
    }).pipe(Effect.mapError(unavailable))
    const now = yield* found(approval.approval_id)
    if (answer === "gone" || answer === "unknown") return yield* tooLate(now)
    if (answer === "changed") return yield* isAnother(now)
    const made =
      body.decision === "always" && pattern !== null
        ? yield* Effect.result(approvals.always(approval.tool_name, pattern, by))
        : null
    return ok({
      success: true,
      approval: now,
      rule_problem:
        made?._tag === "Failure" ? `It is allowed once; the rule could not be kept. ${made.failure.message}` : null
    } satisfies DecideReply)
  })

  const questions = Effect.gen(function* () {
    const { seq, state } = yield* folded
    return ok({ success: true, questions: [...state.questions.values()], seq } satisfies QuestionsReply)
  })

  const answer = Effect.fnUntraced(function* ({ param, request }: RequestContext) {
    const body = yield* jsonBody(request, AnswerBody)
    const question_id = param("id")
    const question = (yield* current).questions.get(question_id)
    const outcome =
      question === undefined
        ? "unknown"
        : yield* answerQuestion(tree, question.run_id, { question_id, answer: body.answer, by }).pipe(
            Effect.mapError(unavailable)
          )
    if (outcome === "answered") return ok({ success: true, message: "Answered" })
    const latest = yield* log
      .read({ types: ["question.answered"], order: "desc", limit: lookBack })
      .pipe(Effect.mapError(unavailable))
    for (const event of latest) {
      if (!isEvent(event, "question.answered") || event.payload.question_id !== question_id) continue
      const { answer, by } = event.payload
      return yield* fail(
        409,
        answer === null ? "The question was withdrawn: its run has ended" : `It was answered by ${by}`,
        {
          answer,
          by
        }
      )
    }
    return yield* outcome === "gone"
      ? fail(409, "The question no longer waits")
      : fail(404, `There is no question ${question_id} that waits`)
  })

  return [
    route("GET", "/approvals", list),
    route("GET", "/approvals/:id", one),
    route("POST", "/approvals/:id", decide),
    route("GET", "/questions", () => questions),
    route("POST", "/questions/:id", answer)
  ]
})

const tooLate = (approval: Approval): HttpFailure => {
  const { decided } = approval
  const won =
    decided === null || decided.decision === "withdrawn"
      ? "It no longer waits: its run has ended, or the call has"
      : `It was decided before, by ${decided.by}: ${decided.decision}`
  return fail(409, won, { approval })
}

const isAnother = (approval: Approval): HttpFailure =>
  fail(409, "The request is another one by now; look at it again", { approval })

const isJsonObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

const unavailable = (error: ReadError | { readonly message: string }): HttpFailure => fail(503, error.message)
