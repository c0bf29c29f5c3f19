/**
 * Windows that a test closes, as another client would.
 *
 * Law: what a page has just asked of such a window may come too late, is refused, and is nothing that a page complains of:
 * the person sees the window gone. Of every other window a refusal is a defect.
 */
import { ask } from "../support/product.ts"

const taken = new Set<string>()

export const takeAway = (url: string, window_id: string) => {
  taken.add(window_id)
  return ask(`${url}/desktop/main/windows/${window_id}`, "DELETE")
}

/** Whether a complaint is that a request about such a window was refused. */
export const isOfTakenAway = (problem: string): boolean => {
  const id = /status of 400 .*\/windows\/(\w+)/.exec(problem)?.[1]
  return id !== undefined && taken.has(id)
}
