/**
 * One bubble for all tooltips. A control carries its words in `data-tip`; nothing is mounted until one is shown, so that
 * a thousand icon buttons cost nothing.
 */
import { useEffect } from "react"
import { keysInWords } from "./keyNames.ts"
import { overlays } from "./overlays.ts"
import styles from "./Tooltip.module.css"

const showAfterMs = 450
/** Moving on from one control to the next, the second shows at once. */
const stillWarmMs = 300
const gap = 6

type TooltipAttributes = { readonly "data-tip": string; readonly "data-tip-keys": string | undefined }

export const useTooltip = (label: string, keys?: string | undefined): TooltipAttributes => {
  useEffect(listen, [])
  return { "data-tip": label, "data-tip-keys": keys }
}

let listening = false
let bubble: HTMLElement | undefined
let anchor: Element | undefined
let timer: ReturnType<typeof setTimeout> | undefined
let hiddenAt = Number.NEGATIVE_INFINITY

const listen = () => {
  if (listening) return
  listening = true
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return
    follow(tipOf(event.target), performance.now() - hiddenAt < stillWarmMs ? 0 : showAfterMs)
  })
  document.addEventListener("focusin", (event) => {
    const target = tipOf(event.target)
    if (target?.matches(":focus-visible")) follow(target, showAfterMs)
  })
  document.addEventListener("focusout", hide)
  document.documentElement.addEventListener("pointerleave", hide)
  document.addEventListener("pointerdown", hide, true)
  document.addEventListener("keydown", hide, true)
  document.addEventListener("wheel", hide, { capture: true, passive: true })
}

const tipOf = (target: EventTarget | null) =>
  target instanceof Element ? (target.closest("[data-tip]") ?? undefined) : undefined

const follow = (target: Element | undefined, delay: number) => {
  if (target === anchor) return
  hide()
  anchor = target
  if (target !== undefined) timer = setTimeout(() => show(target), delay)
}

const hide = () => {
  clearTimeout(timer)
  anchor = undefined
  if (bubble === undefined) return
  bubble.remove()
  bubble = undefined
  hiddenAt = performance.now()
}

const show = (target: Element) => {
  const words = target.getAttribute("data-tip")
  // An open menu or popover says more than its button's tooltip.
  if (!target.isConnected || words === null || words === "" || target.getAttribute("data-state") === "open") return
  const made = document.createElement("div")
  made.className = styles.bubble ?? ""
  made.setAttribute("aria-hidden", "true")
  made.append(words)
  const keys = target.getAttribute("data-tip-keys")
  if (keys !== null) {
    const shown = document.createElement("span")
    shown.className = styles.keys ?? ""
    shown.textContent = keysInWords(keys)
    made.append(shown)
  }
  overlays().append(made)
  bubble = made
  place(made, target.getBoundingClientRect())
}

const place = (made: HTMLElement, at: DOMRect) => {
  const { offsetWidth: width, offsetHeight: height } = made
  const above = at.top - height - gap
  const x = Math.max(gap, Math.min(at.left + at.width / 2 - width / 2, window.innerWidth - width - gap))
  const y = at.bottom + gap + height <= window.innerHeight ? at.bottom + gap : Math.max(gap, above)
  made.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`
}
