/**
 * Ids: ULIDs from one monotonic factory (they sort as they were made), and free strings that a client chooses.
 *
 * Law: of two ids made by one process, the later one is the greater string.
 */
import * as Schema from "effect/Schema"

/** 26 Crockford base32 characters: 48 bits of milliseconds, 80 bits of randomness. Source: github.com/ulid/spec. */
export const Ulid = Schema.String.check(Schema.isPattern(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/))

/**
 * An id that a client chooses (`actor_id`, `desktop_id`, `terminal_id`, `user_id`): 1 to 256 characters. Half a
 * surrogate pair is refused: no store gives it back as it was.
 */
export const ClientId = Schema.String.check(
  Schema.isMinLength(1),
  Schema.isMaxLength(256),
  Schema.makeFilter((id) => (id.isWellFormed() && !id.includes("\0")) || "not well-formed Unicode without NUL")
)

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const encodeTime = (milliseconds: number): string => {
  let rest = milliseconds
  let text = ""
  for (let index = 0; index < 10; index++) {
    text = alphabet[rest % 32] + text
    rest = Math.floor(rest / 32)
  }
  return text
}

/**
 * A monotonic ULID factory. Within one millisecond (or when the clock steps back) the random part counts up, carrying
 * into the time part should it ever overflow.
 */
export const makeUlidFactory = (now: () => number = Date.now): (() => string) => {
  const randomDigits = new Uint8Array(16)
  let lastTime = -1
  let timeText = ""
  // The last four digits change from id to id; the twelve before them change only on carry, so they are kept as text.
  let headText = ""
  let tail = 0

  const setHead = () => {
    headText = ""
    for (let index = 0; index < 12; index++) headText += alphabet[(randomDigits[index] ?? 0) & 31]
  }
  const carry = () => {
    tail = 0
    for (let index = 11; index >= 0; index--) {
      const digit = ((randomDigits[index] ?? 0) & 31) + 1
      randomDigits[index] = digit & 31
      if (digit < 32) return setHead()
    }
    lastTime += 1
    timeText = encodeTime(lastTime)
    setHead()
  }

  return () => {
    const time = now()
    if (time > lastTime) {
      lastTime = time
      timeText = encodeTime(time)
      crypto.getRandomValues(randomDigits)
      // The top bit of the tail starts clear, so that half a million ids fit a millisecond before a carry.
      tail =
        ((randomDigits[12] ?? 0) & 15) * 32768 +
        ((randomDigits[13] ?? 0) & 31) * 1024 +
        ((randomDigits[14] ?? 0) & 31) * 32 +
        ((randomDigits[15] ?? 0) & 31)
      setHead()
    } else if (++tail > 1048575) {
      carry()
    }
    return (
      timeText +
      headText +
      (alphabet[tail >>> 15] ?? "") +
      (alphabet[(tail >>> 10) & 31] ?? "") +
      (alphabet[(tail >>> 5) & 31] ?? "") +
      (alphabet[tail & 31] ?? "")
    )
  }
}

/** The process's one factory. */
export const ulid: () => string = makeUlidFactory()
