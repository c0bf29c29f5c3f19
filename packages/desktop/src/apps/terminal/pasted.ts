/** Text on its way from the clipboard into a shell. */

/** Without what a terminal would take for keys or orders: an end of the paste within the paste, for one. */
export const plainPaste = (text: string): string => text.replace(/\r\n?/g, "\n").replace(/[^\P{Cc}\t\n]/gu, "")

/** A shell takes each line as a command, so the person is asked first. */
export const asksFirst = (text: string): boolean => text.includes("\n")
