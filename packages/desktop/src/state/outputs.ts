/** The whole of what a tool's result shows only in part. */
import { OutputReply } from "@choiros/protocol"
import { get, path } from "../client/api.ts"

/** Characters beyond which a page would rather not show it: the rest is in the log. */
const most = 4_000_000

export const loadOutput = async (run_id: string, call_id: string): Promise<string> => {
  let text = ""
  let offset: number | null = 0
  while (offset !== null) {
    const piece: OutputReply = await get(path`runs/${run_id}/outputs/${call_id}`, OutputReply, {
      offset,
      limit: 2_097_152
    })
    text += piece.text
    offset = piece.next_offset
    if (offset !== null && text.length > most) return `${text}\n[${piece.bytes - offset} bytes more are in the log]`
  }
  return text
}
