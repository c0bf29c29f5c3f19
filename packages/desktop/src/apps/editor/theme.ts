/** How CodeMirror looks: the desktop's own tokens, in both themes. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language"
import type { Extension } from "@codemirror/state"
import { EditorView } from "@codemirror/view"
import { tags } from "@lezer/highlight"

const look = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--surface)", color: "var(--text)", fontSize: "var(--text-m)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.55", overflow: "auto" },
  ".cm-content": { caretColor: "var(--text)", padding: "var(--space-2) 0" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-faint)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": {
    padding: "0 var(--space-2) 0 var(--space-3)",
    fontVariantNumeric: "tabular-nums"
  },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--surface-hover) 55%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--text)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--selection)"
  },
  ".cm-selectionMatch": { backgroundColor: "var(--surface-active)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--surface-active)",
    outline: "1px solid var(--border-strong)"
  },
  ".cm-nonmatchingBracket": { color: "var(--danger)" },
  ".cm-specialChar": { color: "var(--danger)", backgroundColor: "var(--danger-soft)", borderRadius: "2px" },
  ".cm-foldPlaceholder": {
    backgroundColor: "var(--surface-active)",
    border: "none",
    color: "var(--text-muted)",
    padding: "0 6px"
  },
  ".cm-searchMatch": { backgroundColor: "var(--warning-soft)", outline: "1px solid var(--warning)" },
  ".cm-searchMatch-selected": { backgroundColor: "color-mix(in srgb, var(--warning) 45%, transparent)" },
  ".cm-panels": { backgroundColor: "var(--surface-raised)", color: "var(--text)" },
  ".cm-panels-top": { borderBottom: "1px solid var(--border)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--border)" },
  ".cm-panel": { fontFamily: "var(--font-ui)", fontSize: "var(--text-m)" },
  ".cm-panel.cm-search, .cm-panel.cm-gotoLine, .cm-panel.cm-dialog": {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "6px",
    padding: "6px 36px 6px var(--space-2)"
  },
  ".cm-panel.cm-search br": { flexBasis: "100%", height: "0", content: "''" },
  ".cm-panel.cm-search label, .cm-panel label": {
    display: "inline-flex",
    alignItems: "center",
    gap: "4px",
    fontSize: "var(--text-s)",
    color: "var(--text-muted)"
  },
  ".cm-textfield, .cm-panel input[type=text]": {
    minHeight: "var(--control-height-s)",
    padding: "0 var(--space-2)",
    margin: "0",
    border: "1px solid var(--control-border)",
    borderRadius: "var(--radius-s)",
    backgroundColor: "var(--field-bg)",
    color: "var(--text)",
    fontSize: "var(--text-m)"
  },
  ".cm-button": {
    minHeight: "var(--control-height-s)",
    padding: "0 var(--space-2)",
    margin: "0",
    border: "1px solid var(--control-border)",
    borderRadius: "var(--radius-s)",
    backgroundImage: "none",
    backgroundColor: "var(--control-bg)",
    color: "var(--text)",
    fontSize: "var(--text-s)"
  },
  ".cm-button:hover": { backgroundColor: "var(--control-bg-hover)" },
  ".cm-panel [name=close], .cm-panel .cm-dialog-close": {
    top: "6px",
    right: "6px",
    width: "var(--control-height-s)",
    height: "var(--control-height-s)",
    borderRadius: "var(--radius-s)",
    color: "var(--text-muted)",
    fontSize: "var(--text-xl)",
    lineHeight: "1",
    textAlign: "center"
  },
  ".cm-tooltip": {
    border: "none",
    borderRadius: "var(--radius-s)",
    backgroundColor: "var(--surface-raised)",
    color: "var(--text)",
    boxShadow: "var(--shadow-float)"
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)", fontSize: "var(--text-s)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px var(--space-2)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent-soft)", color: "var(--text)" },
  ".cm-completionMatchedText": { color: "var(--accent)", textDecoration: "none" },
  ".cm-changedLine": { backgroundColor: "color-mix(in srgb, var(--info-soft) 60%, transparent)" },
  ".cm-insertedLine, &.cm-merge-b .cm-changedLine": {
    backgroundColor: "color-mix(in srgb, var(--success-soft) 70%, transparent)"
  },
  ".cm-deletedChunk, .cm-deletedLine, &.cm-merge-a .cm-changedLine": {
    backgroundColor: "color-mix(in srgb, var(--danger-soft) 70%, transparent)"
  },
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText": {
    background: "color-mix(in srgb, var(--danger) 28%, transparent)"
  },
  "&.cm-merge-b .cm-changedText, .cm-changedText": {
    background: "color-mix(in srgb, var(--success) 28%, transparent)"
  },
  ".cm-collapsedLines": { color: "var(--text-muted)", background: "var(--surface-sunken)" }
})

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--accent)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.inserted], color: "var(--success)" },
  { tag: [tags.number, tags.bool, tags.atom, tags.literal, tags.unit], color: "var(--warning)" },
  { tag: tags.meta, color: "var(--text-muted)" },
  { tag: tags.comment, color: "var(--text-muted)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.operator, tags.bracket], color: "var(--text-muted)" },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.macroName, tags.tagName], color: "var(--info)" },
  {
    tag: [tags.definition(tags.propertyName), tags.definition(tags.variableName), tags.labelName, tags.attributeName],
    color: "var(--info)"
  },
  { tag: [tags.deleted, tags.invalid], color: "var(--danger)" },
  { tag: tags.heading, fontWeight: "600", color: "var(--accent)" },
  { tag: tags.strong, fontWeight: "600" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: [tags.link, tags.url], textDecoration: "underline" }
])

export const editorLook: Extension = [look, syntaxHighlighting(colours)]
