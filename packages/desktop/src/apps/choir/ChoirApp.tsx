/** Who works, on what, stuck on whom, needing you, at what cost: three views of the same cards. */
import type { ChoirCard } from "@choiros/protocol"
import { ChartGantt, LayoutGrid, Megaphone, OctagonX, Plus, Table2, UsersRound } from "lucide-react"
import { type ReactNode, useCallback, useEffect, useState } from "react"
import { useStore } from "zustand"
import { findAction, runAction } from "../../actions/Action.ts"
import { takeUp } from "../../actions/appActions.ts"
import { awayWords, connectionStore } from "../../client/Connection.ts"
import { reconnectNow } from "../../state/sync.ts"
import { focusWindow } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { clockTime } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { OfflineState } from "../../ui/OfflineState.tsx"
import { present } from "../../ui/present.ts"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import type { AppProps } from "../App.ts"
import { BroadcastDialog, WhisperDialog } from "./Broadcast.tsx"
import styles from "./ChoirApp.module.css"
import { ChoirTable } from "./ChoirTable.tsx"
import { Lanes } from "./Lanes.tsx"
import { isOpen, type Room, roomOf } from "./room.ts"
import { Stage } from "./Stage.tsx"
import { StopAllDialog } from "./StopAllDialog.tsx"
import { useChoir } from "./useChoir.ts"
import { useDown, useLiveNow } from "./useLive.ts"
import { type ChoirView, rememberedView, rememberView, viewOf } from "./view.ts"

type Asking = { readonly _tag: "Whisper"; readonly card: ChoirCard } | { readonly _tag: "Broadcast" | "StopAll" } | null

const icon = { size: 16, strokeWidth: 1.75, "aria-hidden": true } as const

const views = [
  { value: "stage", label: "Stage", icon: <LayoutGrid {...icon} /> },
  { value: "lanes", label: "Lanes", icon: <ChartGantt {...icon} /> },
  { value: "table", label: "Table", icon: <Table2 {...icon} /> }
] as const

const ChoirApp = ({ window_id, props, visible, setTitle }: AppProps) => {
  const asked = props["asked"]
  const wanted = viewOf(props["view"])
  const [view, setView] = useState<ChoirView>(() => wanted ?? rememberedView(window_id))
  // Asked to show another view while it is open.
  const [seen, setSeen] = useState(asked)
  if (asked !== seen) {
    setSeen(asked)
    if (wanted !== null) setView(wanted)
  }
  const choose = useCallback(
    (chosen: ChoirView) => {
      setView(chosen)
      rememberView(window_id, chosen)
    },
    [window_id]
  )
  const toTable = useCallback(() => choose("table"), [choose])

  const { cards, known } = useChoir(visible)
  const offline = useDown(known)
  const now = useLiveNow(5_000)
  const room = roomOf(cards, now)
  const [asking, setAsking] = useState<Asking>(null)
  const close = useCallback(() => setAsking(null), [])
  const onWhisper = useCallback((card: ChoirCard) => setAsking({ _tag: "Whisper", card }), [])
  const open = room.present.filter(isOpen)

  const { failed, waiting } = room.counts
  const title =
    waiting > 0 ? `Choir: ${waiting} waiting for you` : open.length > 0 ? `Choir: ${open.length} open` : "Choir"
  useEffect(() => setTitle(title), [setTitle, title])

  const canSpeak = open.length > 0 && !offline
  useEffect(() => {
    const show = (chosen: ChoirView) => ({
      run: () => {
        // It is asked for from anywhere.
        focusWindow(window_id)
        choose(chosen)
      }
    })
    return takeUp({
      "choir.broadcast": { icon: Megaphone, when: () => canSpeak, run: () => setAsking({ _tag: "Broadcast" }) },
      "choir.stage": show("stage"),
      "choir.lanes": show("lanes"),
      "choir.table": show("table")
    })
  }, [canSpeak, choose, window_id])

  return (
    <div className={styles.choir}>
      <header className={styles.bar}>
        <SegmentedControl label="View" options={views} value={view} onChange={choose} />
        <p className={styles.counts} aria-live="off">
          {known && countWords(open.length, waiting, room.counts.quiet, failed)}
        </p>
        {findAction("prompt.focus") !== undefined && (
          <IconButton
            label="Start a run"
            icon={<Plus {...icon} />}
            disabled={offline}
            onClick={() => runAction("prompt.focus")}
          />
        )}
        <IconButton
          label={saying(offline, open.length, "Broadcast to all open runs")}
          icon={<Megaphone {...icon} />}
          disabled={!canSpeak}
          onClick={() => setAsking({ _tag: "Broadcast" })}
        />
        <IconButton
          label={saying(offline, open.length, "Stop all runs")}
          icon={<OctagonX {...icon} />}
          variant="danger"
          disabled={!canSpeak}
          onClick={() => setAsking({ _tag: "StopAll" })}
        />
      </header>
      {offline && known && <Stale />}
      <div className={styles.view}>
        {body(known, offline, room, () => {
          switch (view) {
            case "stage":
              return <Stage room={room} cards={cards} offline={offline} onWhisper={onWhisper} onTable={toTable} />
            case "lanes":
              return <Lanes room={room} offline={offline} onWhisper={onWhisper} />
            case "table":
              return <ChoirTable cards={cards} now={now} offline={offline} onWhisper={onWhisper} />
          }
        })}
      </div>
      {asking?._tag === "Whisper" && <WhisperDialog card={asking.card} offline={offline} onClose={close} />}
      {asking?._tag === "Broadcast" && <BroadcastDialog cards={open} offline={offline} onClose={close} />}
      {asking?._tag === "StopAll" && <StopAllDialog open={open.length} offline={offline} onClose={close} />}
    </div>
  )
}

export default ChoirApp

const saying = (offline: boolean, open: number, words: string): string =>
  offline ? `${words} (not while the computer is away)` : open === 0 ? `${words} (nobody is at work)` : words

const countWords = (open: number, waiting: number, quiet: number, failed: number): ReactNode => (
  <>
    {waiting > 0 && <strong className={styles.waiting}>{waiting} waiting for you</strong>}
    <span>{open === 0 ? "Nobody is at work" : `${open} open`}</span>
    {quiet > 0 && <span>{quiet} quiet</span>}
    {failed > 0 && <span>{failed} failed just now</span>}
  </>
)

const body = (known: boolean, offline: boolean, room: Room, view: () => ReactNode): ReactNode => {
  if (!known) return offline ? <OfflineState onRetry={reconnectNow} /> : <Loading label="the agents" />
  if (room.present.length + room.today.length + room.earlier.length > 0) return view()
  return (
    <Empty
      icon={<UsersRound size={24} strokeWidth={1.5} aria-hidden="true" />}
      title="Nobody has worked here yet"
      action={
        findAction("prompt.focus") !== undefined && (
          <Button variant="primary" disabled={offline} onClick={() => runAction("prompt.focus")}>
            Start a run
          </Button>
        )
      }
    >
      Ask for something, and each agent that works on it gets a card here: what it does, whom it waits for, what it
      costs.
    </Empty>
  )
}

/** What is shown is old: since when, and the way out. */
const Stale = () => {
  const away = useStore(connectionStore, awayWords)
  const [since] = useState(() => new Date(present()).toISOString())
  return (
    <p className={styles.stale} role="status">
      {away}. This is how it stood at {clockTime(since, true)}.
      <Button size="s" variant="ghost" onClick={reconnectNow}>
        Try now
      </Button>
    </p>
  )
}
