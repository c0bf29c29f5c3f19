import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import { Done } from "../common.ts"
import {
  OutputQuery,
  OutputReply,
  PlanBody,
  RaiseBody,
  ReasonBody,
  RunBegunReply,
  RunReply,
  RunRetryBody,
  RunStartBody,
  RunStartReply,
  RunSteerBody,
  RunsQuery,
  RunsReply,
  StoppedReply,
  TaskAcceptedReply,
  TaskBody,
  TaskReply,
  TasksQuery,
  TasksReply,
  TimelineReply
} from "../runs.ts"
import { badRequest, conflict, notFound, says, wrong } from "./endpoint.ts"

const run = { run_id: Schema.String }
const accepted = HttpApiSchema.status(202)

export const runsGroup = () =>
  HttpApiGroup.make("runs").add(
    HttpApiEndpoint.post("startRun", "/runs", {
      payload: RunStartBody,
      success: RunStartReply.pipe(accepted),
      error: [badRequest, wrong]
    }).annotateMerge(says("Give an agent an objective", "Answered at once, whatever the model does.")),
    HttpApiEndpoint.get("runs", "/runs", {
      query: RunsQuery.fields,
      success: RunsReply,
      error: wrong
    }).annotateMerge(says("Runs, the newest first")),
    HttpApiEndpoint.post("stopAll", "/runs/stop-all", {
      payload: ReasonBody,
      success: StoppedReply,
      error: wrong
    }).annotateMerge(says("Stop every run, and every command that agents have begun")),
    HttpApiEndpoint.get("run", "/runs/:run_id", { params: run, success: RunReply, error: notFound }).annotateMerge(
      says("One run: where it stands, its plan, its tasks, what it shows for its words")
    ),
    HttpApiEndpoint.get("timeline", "/runs/:run_id/timeline", {
      params: run,
      success: TimelineReply,
      error: notFound
    }).annotateMerge(says("A run's steps, with durations, tokens and money")),
    HttpApiEndpoint.get("output", "/runs/:run_id/outputs/:call_id", {
      params: { ...run, call_id: Schema.String },
      query: OutputQuery.fields,
      success: OutputReply,
      error: [notFound, wrong]
    }).annotateMerge(
      says("A tool's whole output", "A piece at a time; `next_offset` is where the piece after begins.")
    ),
    HttpApiEndpoint.post("cancel", "/runs/:run_id/cancel", {
      params: run,
      payload: ReasonBody,
      success: Done,
      error: [notFound, conflict, wrong]
    }).annotateMerge(says("Stop a run: its model call, its tools with all that they started, and the runs below it")),
    HttpApiEndpoint.post("pause", "/runs/:run_id/pause", {
      params: run,
      payload: ReasonBody,
      success: Done,
      error: [notFound, conflict, wrong]
    }).annotateMerge(
      says("Pause a run, and the runs below it", "A tool that acts is let finish; nothing begins after it.")
    ),
    HttpApiEndpoint.post("resume", "/runs/:run_id/resume", {
      params: run,
      payload: ReasonBody,
      success: Done,
      error: [notFound, conflict, wrong]
    }).annotateMerge(says("Let a paused run go on", "One that was paused at a cap of its own has as much again.")),
    HttpApiEndpoint.post("steer", "/runs/:run_id/steer", {
      params: run,
      payload: RunSteerBody,
      success: Done,
      error: [notFound, conflict, wrong]
    }).annotateMerge(says("Say something to a run; its model is shown it at the next step")),
    HttpApiEndpoint.post("retry", "/runs/:run_id/retry", {
      params: run,
      payload: RunRetryBody,
      success: RunBegunReply.pipe(accepted),
      error: [notFound, conflict, wrong]
    }).annotateMerge(says("Try a run again, from its beginning or from a step, in its thread")),
    HttpApiEndpoint.post("fork", "/runs/:run_id/fork", {
      params: run,
      payload: RunRetryBody,
      success: RunBegunReply.pipe(accepted),
      error: [notFound, wrong]
    }).annotateMerge(says("Go on from a step of a run in a new thread; the run itself stays as it is")),
    HttpApiEndpoint.put("setPlan", "/runs/:run_id/plan", {
      params: run,
      payload: PlanBody,
      success: Done,
      error: [notFound, conflict, wrong]
    }).annotateMerge(says("Edit a run's plan, before and while it is followed", "What has begun stays as it is.")),
    HttpApiEndpoint.post("raiseBudget", "/runs/:run_id/budget", {
      params: run,
      payload: RaiseBody,
      success: Done,
      error: [notFound, conflict, wrong]
    }).annotateMerge(says("Set a cap of a run")),
    HttpApiEndpoint.post("delegate", "/tasks", {
      payload: TaskBody,
      success: TaskAcceptedReply.pipe(accepted),
      error: [badRequest, notFound, wrong]
    }).annotateMerge(
      says(
        "Hand work out: a command, or an objective for an agent",
        "Answered at once; how it goes is told by worker.task events."
      )
    ),
    HttpApiEndpoint.get("tasks", "/tasks", {
      query: TasksQuery.fields,
      success: TasksReply,
      error: wrong
    }).annotateMerge(says("Delegated work, the newest first")),
    HttpApiEndpoint.get("task", "/tasks/:task_id", {
      params: { task_id: Schema.String },
      success: TaskReply,
      error: notFound
    }).annotateMerge(says("One task")),
    HttpApiEndpoint.post("cancelTask", "/tasks/:task_id/cancel", {
      params: { task_id: Schema.String },
      payload: ReasonBody,
      success: Done,
      error: [notFound, conflict, wrong]
    }).annotateMerge(says("Stop a task"))
  )
