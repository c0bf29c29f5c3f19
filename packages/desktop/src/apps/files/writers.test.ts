import type { Event } from "@choiros/protocol"
import { expect, it } from "vitest"
import { changeOf } from "./writers.ts"

const event = (event_type: string, payload: unknown): Event => ({
  seq: 1,
  event_id: "e",
  timestamp: "2026-01-01T00:00:00.000Z",
  event_type,
  version: 1,
  actor_id: "files",
  user_id: null,
  session_id: null,
  thread_id: null,
  run_id: null,
  correlation_id: null,
  causation_id: null,
  payload
})

it("reads what came and what went", () => {
  const written = { path: "/w/a", hash: "h", before_hash: null, bytes: 1, by: "run:1" }
  expect(changeOf(event("file.written", written))).toEqual({ left: null, made: "/w/a", by: "run:1" })
  expect(changeOf(event("file.moved", { from: "/w/a", to: "/w/b", by: "user" }))).toEqual({
    left: "/w/a",
    made: "/w/b",
    by: "user"
  })
  expect(changeOf(event("file.trashed", { path: "/w/a", trash_id: "t" }))).toEqual({
    left: "/w/a",
    made: null,
    by: null
  })
  expect(changeOf(event("file.restored", { path: "/w/a", trash_id: "t" }))).toMatchObject({ made: "/w/a" })
  expect(changeOf(event("run.started", {}))).toBeNull()
})
