import { describe, expect, it } from "@effect/vitest"
import { paint } from "../text/Span.ts"
import { Editor } from "./Editor.ts"

const typed = (text: string): Editor => {
  const editor = new Editor()
  editor.insert(text)
  return editor
}

/** The text with a bar where the cursor is. */
const withCursor = (editor: Editor): string => {
  const before = editor.text
  editor.insert("|")
  const shown = editor.text
  editor.backspace()
  expect(editor.text).toBe(before)
  return shown
}

describe("the editor", () => {
  it("moves by what a reader takes for a character, by word, by line", () => {
    const editor = typed("one 👩‍👩‍👧é\nsecond line")
    editor.home()
    expect(withCursor(editor)).toBe("one 👩‍👩‍👧é\n|second line")
    editor.left()
    editor.left()
    editor.left()
    expect(withCursor(editor)).toBe("one |👩‍👩‍👧é\nsecond line")
    editor.right()
    expect(withCursor(editor)).toBe("one 👩‍👩‍👧|é\nsecond line")
    editor.wordLeft()
    editor.wordLeft()
    expect(withCursor(editor)).toBe("|one 👩‍👩‍👧é\nsecond line")
    editor.wordRight()
    editor.down()
    expect(withCursor(editor)).toBe("one 👩‍👩‍👧é\nsec|ond line")
    editor.end()
    expect(withCursor(editor)).toBe("one 👩‍👩‍👧é\nsecond line|")
  })

  it("removes by character, word and line", () => {
    const editor = typed("one two three\nfour")
    editor.deleteWord()
    editor.backspace()
    expect(withCursor(editor)).toBe("one two three|")
    editor.deleteWord()
    expect(withCursor(editor)).toBe("one two |")
    editor.wordLeft()
    editor.deleteToStart()
    expect(withCursor(editor)).toBe("|two ")
    editor.delete()
    editor.deleteToEnd()
    expect(withCursor(editor)).toBe("|")
    editor.backspace()
    editor.deleteWord()
    expect(withCursor(editor)).toBe("|")
  })

  it("goes through what was said before and comes back to the draft", () => {
    const editor = typed("first")
    editor.take()
    editor.insert("second\nof two lines")
    editor.take()
    editor.insert("draft")
    editor.up()
    expect(editor.text).toBe("second\nof two lines")
    editor.up()
    editor.up()
    expect(editor.text).toBe("first")
    editor.up()
    expect(editor.text).toBe("first")
    editor.down()
    editor.down()
    expect(editor.text).toBe("draft")
    expect(editor.take()).toBe("draft")
    expect(editor.text).toBe("")
  })

  it("a text that begins with an empty line", () => {
    const editor = typed("\nx")
    editor.home()
    editor.left()
    expect(withCursor(editor)).toBe("|\nx")
    editor.home()
    editor.up()
    expect(withCursor(editor)).toBe("|\nx")
  })

  it("shows the rows around the cursor, and where it stands in them", () => {
    const editor = typed("a line that is long\n\n日本")
    const show = (width: number, height: number) => {
      const { cursor, rows } = editor.rows(width, height)
      return { rows: rows.map((row) => paint(row, false)), cursor }
    }
    expect(show(12, 9)).toEqual({
      rows: ["› a line", "  that is", "  long", "  ", "  日本"],
      cursor: { row: 4, column: 6 }
    })
    expect(show(12, 2).rows).toEqual(["  ", "  日本"])
    editor.up()
    expect(show(12, 9).cursor).toEqual({ row: 3, column: 2 })
    editor.left()
    expect(show(12, 9).cursor).toEqual({ row: 2, column: 6 })
  })
})
