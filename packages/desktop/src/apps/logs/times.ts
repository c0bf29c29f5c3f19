/** When something happened, as the log shows it: local time, to the millisecond for today. */
import { calendarDate, clockTime } from "../../ui/format.ts"

const pad = (n: number) => String(n).padStart(3, "0")

export const logTime = (iso: string, now: number): string => {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  return at.toDateString() === new Date(now).toDateString()
    ? `${clockTime(iso, true)}.${pad(at.getMilliseconds())}`
    : `${calendarDate(iso, now)} ${clockTime(iso)}`
}

/** "2026-01-31 12:00:00.000 UTC". */
export const utcTime = (iso: string): string => iso.replace("T", " ").replace("Z", " UTC")
