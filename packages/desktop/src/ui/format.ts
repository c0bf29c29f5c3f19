/** Times and amounts as people read them. Pure: what "now" is, the caller says. */

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** "now", "12 s ago", "4 min ago", "3 h ago", "yesterday", "12 Mar", "12 Mar 2024"; "in 4 min" for what is to come. */
export const relativeTime = (iso: string, now: number): string => {
  const at = Date.parse(iso)
  if (Number.isNaN(at)) return ""
  const away = Math.abs(now - at)
  const words = (text: string) => (at > now ? `in ${text}` : `${text} ago`)
  if (away < 5 * second) return "now"
  if (away < minute) return words(`${Math.floor(away / second)} s`)
  if (away < hour) return words(`${Math.floor(away / minute)} min`)
  if (away < day) return words(`${Math.floor(away / hour)} h`)
  const days = calendarDays(at, now)
  if (days === 1) return "yesterday"
  if (days === -1) return "tomorrow"
  if (Math.abs(days) < 7) return words(`${Math.abs(days)} days`)
  return calendarDate(iso, now)
}

/** "12 Mar", with the year where it is not this one. */
export const calendarDate = (iso: string, now: number): string => {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return ""
  const dayAndMonth = `${date.getDate()} ${months[date.getMonth()] ?? ""}`
  return date.getFullYear() === new Date(now).getFullYear() ? dayAndMonth : `${dayAndMonth} ${date.getFullYear()}`
}

/** "14:05", or "14:05:09" with seconds. */
export const clockTime = (iso: string, withSeconds = false): string => {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return ""
  const hoursAndMinutes = `${pad(date.getHours())}:${pad(date.getMinutes())}`
  return withSeconds ? `${hoursAndMinutes}:${pad(date.getSeconds())}` : hoursAndMinutes
}

/** "0.4 s", "4.1 s", "34 s", "2 min 03 s", "1 h 04 min", "2 d 3 h". */
export const duration = (ms: number): string => {
  if (!Number.isFinite(ms) || ms < 0) return "0 s"
  if (ms < 10) return "0 s"
  if (ms < 99.5) return `${Math.round(ms)} ms`
  // 9,950 ms and more would round to "10.0 s".
  if (ms < 9950) return `${(ms / second).toFixed(1)} s`
  const seconds = Math.round(ms / second)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${pad(seconds % 60)} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ${pad(minutes % 60)} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** "$0", "<$0.01", "$0.42", "$1,204". */
export const money = (usd: number): string => {
  if (!Number.isFinite(usd) || usd === 0) return "$0"
  if (usd < 0) return `-${money(-usd)}`
  if (usd < 0.01) return "<$0.01"
  return usd < 999.995 ? `$${usd.toFixed(2)}` : `$${count(Math.round(usd))}`
}

/** "812", "1.2k", "34k", "1.2M". */
export const tokens = (n: number): string => {
  if (!Number.isFinite(n) || n <= 0) return "0"
  if (n < 999.5) return String(Math.round(n))
  // What would round up to 1,000k is a million already.
  return n < 999_500 ? `${short(n / 1000)}k` : `${short(n / 1_000_000)}M`
}

/** "812 B", "1.2 KB", "34 MB": powers of 1,024. */
export const bytes = (n: number): string => {
  if (!Number.isFinite(n) || n <= 0) return "0 B"
  const units = ["B", "KB", "MB", "GB", "TB"]
  let unit = 0
  let value = n
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? Math.round(value) : short(value)} ${units[unit] ?? "B"}`
}

/** "1,204". */
export const count = (n: number): string =>
  Math.trunc(n)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ",")

/** "1 file", "3 files", "1,204 files". */
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`

const pad = (n: number) => String(n).padStart(2, "0")

const short = (n: number) => (n < 9.95 ? n.toFixed(1).replace(/\.0$/, "") : String(Math.round(n)))

/** How many midnights lie between. */
const calendarDays = (at: number, now: number) => Math.round((midnight(now) - midnight(at)) / day)

const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0)
