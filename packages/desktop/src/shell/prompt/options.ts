/** What the panel over the prompt offers: completions of the word under the caret, or what a search has found. */

import { FileSearchReply, FilesReply, type SearchHit, SearchReply, type Thread, threadsOf } from "@choiros/protocol"
import { useEffect, useState } from "react"
import { get, inWords } from "../../client/api.ts"
import { plainName, shortened } from "../../content/plainText.ts"
import { type Suggestion, suggestionsFor, type Token, tokenAt } from "../../prompt/complete.ts"
import type { PromptContext } from "../../prompt/context.ts"
import { fileMention } from "../../prompt/mentions.ts"
import { choirStore } from "../../state/choir.ts"
import { openFile } from "../../state/openFile.ts"
import { me } from "../../state/session.ts"
import { threadsStore } from "../../state/threads.ts"
import { openApp } from "../../state/windows.ts"
import { openRun } from "../runCommands.ts"

export interface Option {
  readonly id: string
  readonly group: string
  readonly label: string
  readonly detail: string
  /** Takes the token's place in the text. */
  readonly insert?: string
  readonly action?: string
  readonly open?: () => unknown
}

interface Options {
  readonly options: ReadonlyArray<Option>
  readonly token: Token | null
  readonly isSearch: boolean
  readonly loading: boolean
  readonly error: string | null
}

const settle = 120

export const useOptions = (text: string, caret: number, context: PromptContext): Options => {
  const isSearch = text.startsWith("?")
  const token = isSearch ? null : tokenAt(text, caret)
  const query = isSearch ? text.slice(1).trim() : ""
  const asked = isSearch ? `? ${query}` : token?.kind === "file" ? `# ${token.query}` : ""
  const found = useFound(asked)
  if (isSearch) return { token, isSearch, ...found, options: query === "" ? [] : found.options }
  if (token === null) return { options: [], token, isSearch, loading: false, error: null }
  const known = suggestionsFor(token, context).map(fromSuggestion)
  if (token.kind === "file") return { ...found, options: [...known, ...found.options], token, isSearch }
  return { options: known, token, isSearch, loading: false, error: null }
}

const fromSuggestion = ({ action, detail, id, insert, label }: Suggestion): Option => ({
  id,
  group: "",
  label,
  detail,
  insert,
  ...(action === undefined ? {} : { action })
})

interface Found {
  readonly options: ReadonlyArray<Option>
  readonly loading: boolean
  readonly error: string | null
}

const nothing: Found = { options: [], loading: false, error: null }

/** Asks the computer when the typing has settled; what was found before stands until then. */
const useFound = (asked: string): Found => {
  const [found, setFound] = useState<Found>(nothing)
  useEffect(() => {
    if (asked === "" || asked === "? ") {
      setFound(nothing)
      return
    }
    const abort = new AbortController()
    setFound((before) => ({ ...before, loading: true, error: null }))
    const ask = async () => {
      try {
        const query = asked.slice(2)
        const options = asked.startsWith("?") ? await search(query, abort.signal) : await files(query, abort.signal)
        if (!abort.signal.aborted) setFound({ options, loading: false, error: null })
      } catch (error) {
        if (!abort.signal.aborted) setFound({ options: [], loading: false, error: inWords(error) })
      }
    }
    const timer = setTimeout(() => void ask(), settle)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [asked])
  return found
}

const mostFiles = 12

/** The folder that is being typed, and files of that name anywhere. */
const files = async (query: string, signal: AbortSignal): Promise<ReadonlyArray<Option>> => {
  const slash = query.lastIndexOf("/")
  const folder = slash < 0 ? "." : query.slice(0, slash) || "/"
  const name = query.slice(slash + 1).toLowerCase()
  const [listed, named] = await Promise.all([
    get("/files", FilesReply, { path: folder }, signal).catch((): null => null),
    name.length < 2 ? [] : findFiles(name, signal)
  ])
  if (listed === null && named.length === 0) return []
  const here = (listed?.entries ?? [])
    .filter((entry) => entry.name.toLowerCase().startsWith(name))
    .map(({ kind, name }): Option => {
      const path = slash < 0 ? name : `${query.slice(0, slash + 1)}${name}`
      return kind === "folder"
        ? { id: path, group: "", label: `${plainName(name)}/`, detail: "Folder", insert: `#${path}/` }
        : fileOption(path)
    })
  const paths = new Set(here.map(({ id }) => id))
  return [...here, ...named.filter((path) => !paths.has(path)).map(fileOption)].slice(0, mostFiles)
}

const fileOption = (path: string): Option => ({
  id: path,
  group: "",
  label: plainName(path),
  detail: "File",
  insert: `${fileMention(path)} `
})

/** Paths with these characters in their name, as far as a search of everything's lines tells them. */
export const findFiles = async (name: string, signal: AbortSignal): Promise<ReadonlyArray<string>> => {
  const glob = `*${name.replace(/[^\p{L}\p{N}._-]/gu, "?")}*`
  const { matches } = await get("/files/search", FileSearchReply, { query: "^", glob, limit: 400 }, signal)
  return [...new Set(matches.map(({ path }) => path))]
}

const mostOfAGroup = 5

const search = async (query: string, signal: AbortSignal): Promise<ReadonlyArray<Option>> => {
  const [log, inFiles] = await Promise.all([
    get("/search", SearchReply, { q: query, limit: 60 }, signal),
    get("/files/search", FileSearchReply, { query, literal: true, ignore_case: true, limit: 60 }, signal).catch(
      (): null => null
    )
  ])
  return [
    ...threads(query, log.hits),
    ...runs(query, log.hits),
    ...(inFiles === null ? [] : lines(inFiles.matches)),
    ...log.hits.slice(0, mostOfAGroup).map(eventOption)
  ]
}

const has = (text: string, query: string): boolean => text.toLowerCase().includes(query.toLowerCase())

const threads = (query: string, hits: ReadonlyArray<SearchHit>): ReadonlyArray<Option> => {
  const all = threadsOf(threadsStore.getState().threads, me)
  const hit = new Map(
    hits.filter(({ event_type }) => event_type.startsWith("chat.")).map((one) => [one.thread_id, one.snippet])
  )
  return all
    .filter((thread) => hit.has(thread.thread_id) || has(thread.title, query))
    .slice(0, mostOfAGroup)
    .map((thread) => ({
      id: `thread ${thread.session_id} ${thread.thread_id}`,
      group: "Threads",
      label: titleOfThread(thread),
      detail: oneLine(hit.get(thread.thread_id) ?? ""),
      open: () => openThread(thread)
    }))
}

export const titleOfThread = ({ title }: Thread): string => (title === "" ? "New conversation" : plainName(title))

export const openThread = ({ actor_id, session_id, thread_id }: Thread): void => {
  openApp("chat", { actor_id, session_id, thread_id })
}

const runs = (query: string, hits: ReadonlyArray<SearchHit>): ReadonlyArray<Option> => {
  const { cards } = choirStore.getState().choir
  const hit = new Map(hits.map((one) => [one.run_id, one.snippet]))
  return [...cards.values()]
    .filter((card) => hit.has(card.run_id) || has(card.objective, query))
    .toSorted((a, b) => b.last_seq - a.last_seq)
    .slice(0, mostOfAGroup)
    .map(({ agent, objective, run_id }) => ({
      id: `run ${run_id}`,
      group: "Runs",
      label: plainName(shortened(objective, 200)),
      detail: agent,
      open: () => openRun(run_id)
    }))
}

const lines = (matches: FileSearchReply["matches"]): ReadonlyArray<Option> => {
  const first = new Map<string, FileSearchReply["matches"][number]>()
  for (const match of matches) if (!first.has(match.path)) first.set(match.path, match)
  return [...first.values()].slice(0, mostOfAGroup).map(({ line, path, text }) => ({
    id: `file ${path}`,
    group: "Files",
    label: plainName(path),
    detail: `Line ${line}: ${oneLine(text)}`,
    open: () => openFile(path, line)
  }))
}

const eventOption = ({ event_type, run_id, seq, snippet }: SearchHit): Option => ({
  id: `event ${seq}`,
  group: "Events",
  label: oneLine(snippet),
  detail: event_type,
  open: () => openApp("logs", { type: event_type, ...(run_id === null ? {} : { run_id }) })
})

const oneLine = (text: string): string =>
  text.trim() === "" ? "" : plainName(shortened(text.trim().replace(/\s+/g, " "), 160))
