/**
 * Tells the computer that the person acts, and in which window, so that agents leave alone what they are at.
 *
 * What happens inside a page's frame is told to nobody but that page: that the keyboard goes there is all that is seen.
 */
import { link } from "../state/drags.ts"

/** Listens until the page is gone. */
export const followActs = (): void => {
  const acts = ({ target }: Event) => link.active(windowAround(target))
  const options = { capture: true, passive: true }
  for (const type of ["pointerdown", "keydown", "wheel"]) window.addEventListener(type, acts, options)
  // A hand that drags is at work for as long as it moves.
  window.addEventListener("pointermove", (event) => event.buttons !== 0 && acts(event), options)
  window.addEventListener("blur", () => {
    if (document.activeElement instanceof HTMLIFrameElement) link.active(windowAround(document.activeElement))
  })
}

const windowAround = (target: EventTarget | null): string | null =>
  (target instanceof Element ? target.closest<HTMLElement>("[data-window]")?.dataset.window : undefined) ?? null
