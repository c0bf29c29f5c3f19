/** What a file is, by its name alone: how it is drawn, and which app opens it. */
import type { FileEntry } from "@choiros/protocol"
import {
  Braces,
  File,
  FileCode,
  FileImage,
  FileSymlink,
  FileText,
  Folder,
  Globe,
  type LucideIcon,
  Table2
} from "lucide-react"
import { nameOf } from "./paths.ts"

/** `unknown`: its beginning decides between text and bytes. */
export type ViewKind = "text" | "markdown" | "image" | "table" | "json" | "pdf" | "html" | "bytes" | "unknown"

const endings: Readonly<Record<Exclude<ViewKind, "unknown">, string>> = {
  markdown: "md markdown mdx",
  image: "png jpg jpeg gif webp avif bmp ico svg",
  table: "csv tsv",
  json: "json jsonc geojson webmanifest",
  pdf: "pdf",
  html: "html htm xhtml",
  text:
    "txt text log ts tsx js jsx mjs cjs mts cts css scss less py rb rs go java kt swift c h cc cpp hpp cs php sh bash zsh fish sql xml yaml yml " +
    "toml ini conf env lock vue svelte lua pl r jl dart ex exs erl hs ml clj scala zig nix diff patch jsonl ndjson rst adoc tex gitignore dockerfile makefile",
  bytes:
    "zip gz tgz bz2 xz zst 7z rar tar jar war wasm exe dll so dylib o a bin dat db sqlite sqlite3 class pyc woff woff2 ttf otf mp3 mp4 mov avi mkv wav " +
    "ogg webm flac doc docx xls xlsx ppt pptx iso dmg"
}

const kinds = new Map<string, ViewKind>()
for (const kind of ["markdown", "image", "table", "json", "pdf", "html", "text", "bytes"] as const) {
  for (const ending of endings[kind].split(" ")) kinds.set(ending, kind)
}

export const endingOf = (path: string): string => {
  const name = nameOf(path).toLowerCase()
  return name.slice(name.lastIndexOf(".") + 1)
}

export const viewKindOf = (path: string): ViewKind => kinds.get(endingOf(path)) ?? "unknown"

const images: Readonly<Record<string, string>> = {
  svg: "image/svg+xml",
  jpg: "image/jpeg",
  ico: "image/x-icon"
}

/** The type that an image's bytes are given; an `<img>` runs nothing of it. */
export const imageType = (path: string): string => images[endingOf(path)] ?? `image/${endingOf(path)}`

/** What is to be read as it is drawn goes to the viewer, text to the editor. */
export const appFor = (path: string): "viewer" | "editor" => {
  const kind = viewKindOf(path)
  return kind === "text" || kind === "json" || kind === "unknown" ? "editor" : "viewer"
}

/** Whether an editor can have it. */
export const isEditable = (path: string): boolean =>
  !["image", "pdf", "bytes"].includes(viewKindOf(path)) || isSvg(path)

const isSvg = (path: string): boolean => endingOf(path) === "svg"

const icons: Readonly<Record<ViewKind, LucideIcon>> = {
  text: FileCode,
  markdown: FileText,
  image: FileImage,
  table: Table2,
  json: Braces,
  pdf: FileText,
  html: Globe,
  bytes: File,
  unknown: File
}

export const iconOf = ({ kind, path }: Pick<FileEntry, "kind" | "path">): LucideIcon => {
  if (kind === "folder") return Folder
  return kind === "link" ? FileSymlink : icons[viewKindOf(path)]
}

const words: Readonly<Record<ViewKind, string>> = {
  text: "Text",
  markdown: "Markdown",
  image: "Image",
  table: "Table",
  json: "JSON",
  pdf: "PDF",
  html: "Web page",
  bytes: "Binary file",
  unknown: "File"
}

export const kindWords = ({ kind, path }: Pick<FileEntry, "kind" | "path">): string => {
  if (kind === "folder") return "Folder"
  if (kind === "link") return "Link"
  return kind === "other" ? "Special file" : words[viewKindOf(path)]
}
