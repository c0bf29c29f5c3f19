import { expect, it } from "@effect/vitest"
import { SerializeAddon } from "@xterm/addon-serialize"
import { Terminal } from "@xterm/headless"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Screen } from "./Screen.ts"
import { incompleteTail } from "./utf8.ts"

const cols = 40
const rows = 10

/** What the serializer carries over faithfully, with what we add to it. */
const faithful = [
  "text ",
  "wörld 世界 😀",
  "\r\n",
  "\x1b[1;31mred\x1b[0m",
  "\x1b[38;2;10;20;30mtrue\x1b[m",
  "\x1b]0;a title\x07",
  "\x1b]7;file://host/tmp\x1b\\",
  "\x1bP1$r0m\x1b\\",
  "\x1b[5;5H",
  "\x1b[K",
  "\x1b[3A",
  "\x1b[?25l",
  "\x1b[?25h",
  "\x1b[?1006h",
  "\x1b[?2004h",
  "\x1b[2;8r",
  "\x1b[r",
  "\t",
  "\x1bc"
] as const

const pieces = [
  ...faithful,
  "long line that goes on and on until it has to wrap around the edge of the screen",
  "\x1b[2J",
  "\x1b[?1049h",
  "\x1b[?1049l",
  "\x1b7",
  "\x1b(B",
  "\x1b[10@",
  "\x1b[?6h"
] as const

const written = (terminal: { write: (data: Uint8Array, done: () => void) => void }, data: Uint8Array) =>
  new Promise<void>((resolve) => terminal.write(data, resolve))

const shownBy = async (parts: ReadonlyArray<Uint8Array>) => {
  const terminal = new Terminal({ cols, rows, scrollback: 1000, allowProposedApi: true })
  const serializer = new SerializeAddon()
  terminal.loadAddon(serializer)
  for (const part of parts) await written(terminal, part)
  const buffer = terminal.buffer.active
  const shown = { text: serializer.serialize(), x: buffer.cursorX, y: buffer.cursorY, modes: { ...terminal.modes } }
  terminal.dispose()
  return shown
}

const Cut = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 }))
const piecesOf = (chosen: ReadonlyArray<string>, most: number) =>
  Schema.Array(Schema.Literals(chosen)).check(Schema.isMinLength(1), Schema.isMaxLength(most))

/** Without folder and title: one that was read up to its last byte is told, and told again with its whole sequence. */
const shownOf = (screen: Uint8Array): string =>
  Buffer.from(screen)
    .toString()
    .replaceAll(/\x1b\][27];[^\x1b]*\x1b\\/g, "")

/** The snapshot of a screen that was fed `bytes` in two parts, cut anywhere but within a character. */
const snapshotOf = async (bytes: Buffer, first: number, second: number) => {
  const aligned = (cut: number) => (cut % (bytes.length + 1)) - incompleteTail(bytes, cut % (bytes.length + 1))
  const [a = 0, b = 0] = [aligned(first), aligned(second)].sort((x, y) => x - y)
  const screen = new Screen(cols, rows, () => undefined)
  const read = new Promise<void>((resolve) => {
    screen.feed({ offset: 0, data: bytes.subarray(0, a), mirrored: false }, () => undefined)
    screen.feed({ offset: a, data: bytes.subarray(a, b), mirrored: false }, resolve)
  })
  await read
  const snapshot = screen.snapshot("whole")
  expect(snapshot.offset + snapshot.after.reduce((sum, { data }) => sum + data.length, 0)).toBe(b)
  screen.dispose()
  return snapshot
}

it.effect.prop(
  "a snapshot shows exactly what a terminal shows that read the bytes before its offset",
  [piecesOf(pieces, 30), Cut, Cut],
  ([chosen, first, second]) =>
    Effect.promise(async () => {
      const bytes = Buffer.from(chosen.join(""))
      const { screen, offset } = await snapshotOf(bytes, first, second)
      const exact = await snapshotOf(bytes.subarray(0, offset), offset, offset)
      expect(exact.offset).toBe(offset)
      expect(shownOf(screen)).toBe(shownOf(exact.screen))
    }),
  { arbitrary: { runs: 300 } }
)

it.effect.prop(
  "a viewer that gets a snapshot and the rest shows what the whole shows",
  [piecesOf(faithful, 12), Cut, Cut],
  ([chosen, first, second]) =>
    Effect.promise(async () => {
      // The end is always the same, so that a lost or doubled byte at the seam can't hide behind a cleared screen.
      const bytes = Buffer.from(`${chosen.join("")}\x1b[4;3Hend`)
      const { screen, offset } = await snapshotOf(bytes, first, second)
      expect(await shownBy([screen, bytes.subarray(offset)])).toEqual(await shownBy([bytes]))
    }),
  // The serializer has its own limits at the edges; those are not what is tried here.
  { arbitrary: { runs: 300, seed: 1 } }
)

it("a snapshot in the middle of a flood says which bytes it doesn't cover yet", async () => {
  const screen = new Screen(cols, rows, () => undefined)
  const data = Buffer.from("0123456789".repeat(1000))
  for (let index = 0; index < 20; index++)
    screen.feed({ offset: index * data.length, data, mirrored: false }, () => undefined)
  const { offset, after } = screen.snapshot("whole")
  expect(after.map((chunk) => chunk.offset)).toEqual(
    Array.from({ length: 20 - offset / data.length }, (_, index) => offset + index * data.length)
  )
  expect(after.length).toBeGreaterThan(0)
  screen.dispose()
})

/** What a shell writes that marks its commands, and a screen that has read it. */
const afterCommands = (bytes: string): Promise<Screen> => {
  const screen = new Screen(cols, rows, () => undefined)
  return new Promise((resolve) =>
    screen.feed({ offset: 0, data: Buffer.from(bytes), mirrored: false }, () => resolve(screen))
  )
}
const prompt = "\x1b]133;A\x07$ \x1b]133;B\x07"
const command = (typed: string, output: string, exit: number) =>
  `${prompt}${typed}\r\n\x1b]133;C\x07${output}\x1b]133;D;${exit}\x07`
/** Without the times. */
const marksOf = (screen: Screen): ReadonlyArray<string> =>
  (/\x1b\]7133;([^\x1b]*)\x1b\\/.exec(Buffer.from(screen.snapshot("whole").screen).toString())?.[1] ?? "")
    .split(";")
    .map((mark) => mark.replace(/,\d+$/, ""))

it("a snapshot carries the marks of commands, by their lines above the cursor and their columns", async () => {
  const bytes = `${command("ls", "a\r\nb\r\n", 0)}${prompt}\r\n\x1b]133;D;0\x07${command("false", "x", 1)}\r\n${prompt}l`
  const screen = await afterCommands(bytes)
  // A prompt at which nothing was run is none of them; the one that stands there is.
  expect(marksOf(screen)).toEqual([
    "A,6,0",
    "B,6,2",
    "C,5,0",
    "D0,3,0",
    "A,2,0",
    "B,2,2",
    "C,1,0",
    "D1,1,1",
    "A,0,0",
    "B,0,2"
  ])
  screen.resize(cols, rows - 4)
  expect(marksOf(screen).slice(0, 2)).toEqual(["A,6,0", "B,6,2"])
  screen.dispose()
})

it("a snapshot has the marks before a program's own screen, and none after a reset", async () => {
  const screen = await afterCommands(`${command("ls", "a\r\n", 0)}${prompt}less\r\n\x1b]133;C\x07\x1b[?1049h\x1b[Hpage`)
  const text = Buffer.from(screen.snapshot("whole").screen).toString()
  expect(text.indexOf("\x1b]7133;")).toBeGreaterThan(-1)
  expect(text.indexOf("\x1b]7133;")).toBeLessThan(text.indexOf("\x1b[?1049h"))
  expect(marksOf(screen)).toEqual(["A,3,0", "B,3,2", "C,2,0", "D0,1,0", "A,1,0", "B,1,2", "C,0,0"])
  screen.dispose()
  const reset = await afterCommands(`${command("ls", "a\r\n", 0)}\x1bc`)
  expect(marksOf(reset)).toEqual([""])
  reset.dispose()
})

it("a snapshot names the folder and the title, which can't end their own sequence", async () => {
  const screen = await afterCommands("\x1b]7;file://host/a%20b%23c\x07\x1b]2;one\x9ctwo\x07")
  const text = Buffer.from(screen.snapshot("whole").screen).toString()
  expect(text).toContain("\x1b]7;file:///a%20b%23c\x1b\\")
  expect(text).toMatch(/\x1b\]2;[^\p{Cc}]*\x1b\\/u)
  screen.dispose()
})

it.each([
  ["abc", 0],
  ["é", 0],
  ["é", 1],
  ["世", 1],
  ["世", 2],
  ["😀", 1],
  ["😀", 2],
  ["😀", 3]
])("an unfinished character is held back: %s, %i bytes of it", (text, of) => {
  const bytes = Buffer.concat([Buffer.from("x"), Buffer.from(text)])
  const length = of === 0 ? bytes.length : 1 + of
  expect(incompleteTail(bytes, length)).toBe(of)
})

it("bytes that are no UTF-8 are not held back for ever", () => {
  expect(incompleteTail(Buffer.from([0x80, 0x80, 0x80, 0x80]), 4)).toBe(0)
  expect(incompleteTail(Buffer.from([0xff]), 1)).toBe(0)
})
