/** The part of the page that an on-screen keyboard leaves: the desktop is as high as that, so that the prompt stays in sight. */
export const followViewport = (): void => {
  const { visualViewport } = window
  if (visualViewport === null) return
  const adapt = (): void => {
    const covered = window.innerHeight - visualViewport.height
    const { style } = document.documentElement
    // A zoomed page is smaller too, and nothing covers it.
    if (covered > 120 && visualViewport.scale === 1) style.setProperty("--page-height", `${visualViewport.height}px`)
    else style.removeProperty("--page-height")
  }
  visualViewport.addEventListener("resize", adapt)
  adapt()
}
