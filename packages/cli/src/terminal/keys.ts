/** Which key does what to the text that is typed: as in a shell. */
import type { Key } from "node:readline"
import type { Editor } from "./Editor.ts"

/** Does what a key of editing stands for; false when it is none. */
export const editKey = (editor: Editor, key: Key): boolean => {
  const act =
    key.ctrl === true
      ? ofControl(editor, key.name)
      : key.meta === true
        ? ofMeta(editor, key.name)
        : ofPlain(editor, key.name)
  act?.()
  return act !== undefined
}

/** Whether a key stands for the text that it sent. */
export const isText = (text: string, key: Key): boolean =>
  text !== "" && key.ctrl !== true && key.meta !== true && !text.startsWith("\x1b")

type Act = () => void

const ofPlain = (editor: Editor, name: string | undefined): Act | undefined => {
  switch (name) {
    case "left":
      return () => editor.left()
    case "right":
      return () => editor.right()
    case "up":
      return () => editor.up()
    case "down":
      return () => editor.down()
    case "home":
      return () => editor.home()
    case "end":
      return () => editor.end()
    case "backspace":
      return () => editor.backspace()
    case "delete":
      return () => editor.delete()
    default:
      return undefined
  }
}

const ofControl = (editor: Editor, name: string | undefined): Act | undefined => {
  switch (name) {
    case "a":
      return () => editor.home()
    case "e":
      return () => editor.end()
    case "b":
      return () => editor.left()
    case "f":
      return () => editor.right()
    case "p":
      return () => editor.up()
    case "n":
      return () => editor.down()
    case "h":
      return () => editor.backspace()
    case "w":
      return () => editor.deleteWord()
    case "u":
      return () => editor.deleteToStart()
    case "k":
      return () => editor.deleteToEnd()
    case "left":
      return () => editor.wordLeft()
    case "right":
      return () => editor.wordRight()
    default:
      return undefined
  }
}

const ofMeta = (editor: Editor, name: string | undefined): Act | undefined => {
  switch (name) {
    case "b":
    case "left":
      return () => editor.wordLeft()
    case "f":
    case "right":
      return () => editor.wordRight()
    case "backspace":
      return () => editor.deleteWord()
    default:
      return undefined
  }
}
