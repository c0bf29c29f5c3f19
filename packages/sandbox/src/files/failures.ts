/** A file's failure as a client is told it: a status and words about the path that the client named. */
import type { ReadError } from "@choiros/event-log"
import { fileSentences } from "@choiros/protocol"
import { fail, type HttpFailure } from "../server/Route.ts"
import type { FileError, NotRecorded } from "./errors.ts"

export const toHttpFailure =
  (given: string) =>
  (error: FileError | NotRecorded | ReadError): HttpFailure => {
    if (error._tag === "Jail.Lost" || error._tag === "Jail.Unavailable") {
      return fail(503, "The workspace can't be reached now; try again")
    }
    if (error._tag !== "Jail.FileFailure") return fail(503, error.message)
    switch (error.reason) {
      case "not_found":
        return fail(404, fileSentences.notFound(given))
      case "outside":
        return fail(403, fileSentences.outside(given))
      case "denied":
        return fail(403, `Not allowed: ${given}`)
      case "exists":
        return fail(409, fileSentences.exists(given))
      case "is_directory":
        return fail(400, fileSentences.isFolder(given))
      case "not_directory":
        return fail(400, fileSentences.notFolder(given))
      case "not_file":
        return fail(400, `Is not a regular file: ${given}`)
      case "not_empty":
        return fail(409, `Is not empty: ${given}`)
      case "too_large":
        return fail(413, `Is too large: ${given}`)
      case "no_space":
        return fail(507, "There is no space left in the workspace")
      case "invalid":
        return fail(422, error.detail)
      case "timeout":
        return fail(503, error.detail)
      default:
        return fail(503, `Could not be done: ${given}`)
    }
  }
