import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import { ClientId } from "../../Id.ts"
import {
  TerminalCreatedReply,
  TerminalInfoReply,
  TerminalLeftReply,
  TerminalSocketQuery,
  TerminalStoppedReply,
  TerminalsReply
} from "../terminals.ts"
import { bareBadRequest, says, socket } from "./endpoint.ts"

const options = { params: { terminal_id: ClientId } }

export const terminalsGroup = () =>
  HttpApiGroup.make("terminals").add(
    HttpApiEndpoint.get("list", "/api/terminals", { success: TerminalsReply }).annotateMerge(
      says("Terminals that are known")
    ),
    HttpApiEndpoint.get("create", "/api/terminals/:terminal_id", {
      ...options,
      success: TerminalCreatedReply,
      error: bareBadRequest
    }).annotateMerge(says("Make a terminal known", "The older form of POST.")),
    HttpApiEndpoint.post("createByPost", "/api/terminals/:terminal_id", {
      ...options,
      success: TerminalCreatedReply,
      error: bareBadRequest
    }).annotateMerge(says("Make a terminal known", "Its shell starts when the first socket attaches.")),
    HttpApiEndpoint.get("info", "/api/terminals/:terminal_id/info", {
      ...options,
      success: TerminalInfoReply,
      error: bareBadRequest
    }).annotateMerge(says("What a terminal is and does")),
    HttpApiEndpoint.get("stop", "/api/terminals/:terminal_id/stop", {
      ...options,
      success: TerminalStoppedReply,
      error: bareBadRequest
    }).annotateMerge(says("Stop a terminal", "The older form of DELETE.")),
    HttpApiEndpoint.post("stopByPost", "/api/terminals/:terminal_id/stop", {
      ...options,
      success: TerminalStoppedReply,
      error: bareBadRequest
    }).annotateMerge(says("Stop a terminal", "The whole process group is gone within 3 s.")),
    HttpApiEndpoint.delete("stopByDelete", "/api/terminals/:terminal_id", {
      ...options,
      success: TerminalStoppedReply,
      error: bareBadRequest
    }).annotateMerge(says("Stop a terminal")),
    HttpApiEndpoint.post("leave", "/api/terminals/:terminal_id/leave", {
      ...options,
      success: TerminalLeftReply,
      error: bareBadRequest
    }).annotateMerge(
      says(
        "Leave a terminal",
        "Ends its shell where nothing runs in it and nobody is joined; else the shell is kept, and ended when that is over."
      )
    ),
    HttpApiEndpoint.get("socket", "/ws/terminal/:terminal_id", {
      ...options,
      query: TerminalSocketQuery.fields,
      success: socket,
      error: bareBadRequest
    }).annotateMerge(
      says(
        "Work in a terminal (WebSocket)",
        "The first frame is `info`, then the scrollback, then `output` {data}. In: `input` {data}, `resize` {rows, cols}."
      )
    )
  )
