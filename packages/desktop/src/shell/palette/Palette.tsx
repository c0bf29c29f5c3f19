/** All that can be done and gone to, by a few letters of its name. */

import { findThread, threadsOf } from "@choiros/protocol"
import { Command } from "cmdk"
import { AppWindow, File, MessageSquare } from "lucide-react"
import { Dialog as RadixDialog } from "radix-ui"
import { type ReactNode, useEffect, useRef, useState } from "react"
import { useStore } from "zustand"
import { actionsStore } from "../../actions/Action.ts"
import { keysOf, keysStore } from "../../actions/keys.ts"
import { appIcon } from "../../apps/catalog.tsx"
import { plainName } from "../../content/plainText.ts"
import { short } from "../../prompt/describe.ts"
import { desktopStore } from "../../state/desktop.ts"
import { openFile } from "../../state/openFile.ts"
import { me } from "../../state/session.ts"
import { threadsStore } from "../../state/threads.ts"
import { focusWindow } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { DialogPanel } from "../../ui/DialogPanel.tsx"
import { Kbd } from "../../ui/Kbd.tsx"
import { overlays } from "../../ui/overlays.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { focusPrompt, leavePromptFor } from "../prompt/focus.ts"
import { findFiles, openThread, titleOfThread } from "../prompt/options.ts"
import { promptStore, readWho, setAgent } from "../prompt/promptStore.ts"
import { openRun } from "../runCommands.ts"
import { runsNowStore } from "../runsNow.ts"
import { titleOf, titlesStore } from "../titles.ts"
import styles from "./Palette.module.css"
import { readRecent, used } from "./recent.ts"

interface Entry {
  readonly id: string
  readonly group: string
  readonly title: string
  readonly words: string
  readonly icon: ReactNode
  readonly keys?: string | undefined
  readonly detail?: string
  readonly run: () => void
}

const mostThreads = 30

const Palette = ({ onClose }: { readonly onClose: () => void }) => {
  const [query, setQuery] = useState("")
  const chosen = useRef<Entry | null>(null)
  const files = useFiles(query)
  const entries = useEntries()
  const all = [...entries, ...files]
  const byId = new Map(all.map((entry) => [entry.id, entry]))
  const recent = query === "" ? readRecent().flatMap((id) => byId.get(id) ?? []) : []
  const isRecent = new Set(recent.map(({ id }) => id))
  const groups = Map.groupBy(
    all.filter(({ id }) => !isRecent.has(id)),
    ({ group }) => group
  )
  useEffect(readWho, [])
  const choose = (entry: Entry) => {
    used(entry.id)
    chosen.current = entry
    onClose()
  }
  const item = (entry: Entry) => (
    <Command.Item
      key={entry.id}
      value={entry.id}
      keywords={[entry.title, entry.words]}
      className={styles.item}
      onSelect={() => choose(entry)}
    >
      <span className={styles.icon}>{entry.icon}</span>
      <span className={styles.name}>{entry.title}</span>
      {entry.detail !== undefined && <span className={styles.detail}>{entry.detail}</span>}
      {entry.keys !== undefined && <Kbd keys={entry.keys} />}
    </Command.Item>
  )
  return (
    <RadixDialog.Root open onOpenChange={onClose}>
      <RadixDialog.Portal container={overlays()}>
        <div className={styles.scrim}>
          <DialogPanel
            className={styles.dialog}
            aria-describedby={undefined}
            // The keyboard is back where it was, so that what is opened can take it.
            onCloseAutoFocus={() => chosen.current?.run()}
          >
            <RadixDialog.Title className="visually-hidden">Commands</RadixDialog.Title>
            <Command label="Commands" filter={score} loop className={styles.command}>
              <Command.Input
                className={styles.input}
                placeholder="Find a command, a window, a thread, a run, a file"
                value={query}
                onValueChange={setQuery}
              />
              <Command.List className={styles.list}>
                <Command.Empty className={styles.empty}>
                  Nothing is called that. In the prompt, ? searches all that happened.
                </Command.Empty>
                {recent.length > 0 && (
                  <Command.Group heading="Recent" className={styles.group}>
                    {recent.map(item)}
                  </Command.Group>
                )}
                {[...groups].map(([name, inGroup]) => (
                  <Command.Group key={name} heading={name} className={styles.group}>
                    {inGroup.map(item)}
                  </Command.Group>
                ))}
              </Command.List>
            </Command>
          </DialogPanel>
        </div>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  )
}

/** By the title first; ids are no words. */
const score = (_: string, search: string, keywords: ReadonlyArray<string> = []): number => {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const [title = "", more = ""] = keywords.map((text) => text.toLowerCase())
  if (title.startsWith(search.toLowerCase())) return 1
  const parts = title.split(/[^\p{L}\p{N}]+/u)
  if (words.every((word) => parts.some((part) => part.startsWith(word)))) return 0.8
  if (words.every((word) => title.includes(word))) return 0.6
  return words.every((word) => `${title} ${more}`.includes(word)) ? 0.3 : 0
}

const useEntries = (): ReadonlyArray<Entry> => {
  const actions = useStore(actionsStore, (store) => store.actions)
  useStore(keysStore)
  const windows = useStore(desktopStore, ({ state }) => state.windows)
  const titles = useStore(titlesStore, (store) => store.titles)
  const threads = useStore(threadsStore, (store) => store.threads)
  const runs = useStore(runsNowStore, (store) => store.named)
  const agents = useStore(promptStore, (store) => store.agents)
  return [
    ...windows.toReversed().map((window): Entry => {
      const Icon = appIcon(window.app_id)
      return {
        id: `window ${window.id}`,
        group: "Open windows",
        title: titleOf(window, titles),
        words: `window ${window.app_id}`,
        icon: <Icon size={16} strokeWidth={1.75} />,
        ...(window.hidden ? { detail: "Minimized" } : {}),
        run: () => leavePromptFor(() => focusWindow(window.id))
      }
    }),
    ...[...actions.values()]
      .filter(({ when }) => when?.() !== false)
      .map((action): Entry => {
        const Icon = action.icon ?? AppWindow
        return {
          id: `action ${action.id}`,
          group: action.group,
          title: action.title,
          words: `${action.group} ${action.words ?? ""}`,
          icon: <Icon size={16} strokeWidth={1.75} />,
          keys: keysOf(action)[0],
          run: action.run
        }
      }),
    ...threadsOf(threads, me)
      .filter(({ archived }) => !archived)
      .slice(0, mostThreads)
      .map(
        (thread): Entry => ({
          id: `thread ${thread.session_id} ${thread.thread_id}`,
          group: "Threads",
          title: titleOfThread(thread),
          words: `thread ${thread.agent}`,
          icon: <MessageSquare size={16} strokeWidth={1.75} />,
          detail: thread.agent,
          run: () => {
            // It may have been deleted while the palette was open.
            if (findThread(threadsStore.getState().threads, thread.actor_id, thread.session_id, thread.thread_id))
              leavePromptFor(() => openThread(thread))
          }
        })
      ),
    ...runs.toReversed().map(
      ({ agent, objective, phase, run_id }): Entry => ({
        id: `run ${run_id}`,
        group: "Runs",
        title: plainName(short(objective)),
        words: `run ${agent}`,
        icon: <StateIcon phase={phase} />,
        detail: agent,
        run: () => leavePromptFor(() => openRun(run_id))
      })
    ),
    ...agents.map(
      ({ description, name }): Entry => ({
        id: `agent ${name}`,
        group: "Agents",
        title: `Ask ${name}`,
        words: `agent ${description}`,
        icon: <AgentMark name={name} />,
        detail: short(description),
        run: () => {
          setAgent(name)
          focusPrompt()
        }
      })
    )
  ]
}

const settle = 150

const useFiles = (query: string): ReadonlyArray<Entry> => {
  const [found, setFound] = useState<ReadonlyArray<string>>([])
  useEffect(() => {
    if (query.trim().length < 2) {
      setFound([])
      return
    }
    const abort = new AbortController()
    const timer = setTimeout(() => {
      // Without files the palette still has all else.
      findFiles(query.trim(), abort.signal).then(setFound, () => undefined)
    }, settle)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [query])
  return found.map((path) => ({
    id: `file ${path}`,
    group: "Files",
    title: plainName(path),
    words: "file",
    icon: <File size={16} strokeWidth={1.75} />,
    run: () => leavePromptFor(() => openFile(path))
  }))
}

export default Palette
