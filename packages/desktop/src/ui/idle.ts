/** Calls back when the page has time: what it shows next has come first. */
export const whenIdle = (act: () => void): void => {
  if ("requestIdleCallback" in window) window.requestIdleCallback(act)
  else setTimeout(act, 1_000)
}
