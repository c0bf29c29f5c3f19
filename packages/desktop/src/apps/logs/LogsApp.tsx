/** Everything that happens, as the log has it: live, by filter, and by its words. */
import type { Event } from "@choiros/protocol"
import { Download, EllipsisVertical, Pause, Play, ScanSearch, ScrollText } from "lucide-react"
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { counted } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { Menu, type MenuItem } from "../../ui/Menu.tsx"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import { SelectField } from "../../ui/SelectField.tsx"
import { SplitPane } from "../../ui/SplitPane.tsx"
import { TextField } from "../../ui/TextField.tsx"
import type { AppProps } from "../App.ts"
import { useWidth } from "../choir/useWidth.ts"
import { EventDetail } from "./EventDetail.tsx"
import { FilterChips } from "./FilterChips.tsx"
import { FilterPopover } from "./FilterPopover.tsx"
import type { LogState, LogStore } from "./LogStore.ts"
import styles from "./Logs.module.css"
import { LogView } from "./LogView.tsx"
import { filterFromProps, holdsText, type LogFilter, matches, noFilter, typesOf } from "./logFilter.ts"
import { download, exportPath, type SearchOrder } from "./requests.ts"
import { SearchResults } from "./SearchResults.tsx"
import { useDelayed } from "./useDelayed.ts"
import { useLog } from "./useLog.ts"

type Mode = "log" | "search"

const icon = { size: 16, strokeWidth: 1.75, "aria-hidden": true } as const
const modes = [
  { value: "log", label: "Log", icon: <ScrollText {...icon} /> },
  { value: "search", label: "Search", icon: <ScanSearch {...icon} /> }
] as const
const orders = [
  { value: "best", label: "Best first" },
  { value: "newest", label: "Newest first" }
] as const

/** Pixels of the window from which the details stand beside the list. */
const wide = 900
/** Milliseconds after the last letter until the log is read again. */
const settled = 200

const LogsApp = ({ props, setTitle }: AppProps): ReactNode => {
  const [log, state] = useLog(() => filterFromProps(props))
  const [filter, setFilter] = useState(state.filter)
  const [mode, setMode] = useState<Mode>("log")
  const [order, setOrder] = useState<SearchOrder>("best")
  const [chosen, setChosen] = useState<Event | null>(null)
  const [current, setCurrent] = useState<number | null>(null)
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const isWide = width >= wide

  const asked = useRef(props.asked)
  useEffect(() => {
    if (asked.current === props.asked) return
    asked.current = props.asked
    setMode("log")
    setFilter(filterFromProps(props))
  }, [props])

  const delayed = useDelayed(filter, settled)
  useEffect(() => {
    if (mode === "log" && delayed === filter && log.store.getState().filter !== filter) void log.setFilter(filter)
  }, [log, mode, delayed, filter])

  useEffect(() => setTitle(titleOf(filter)), [setTitle, filter])

  const onCurrent = useCallback(
    (event: Event, open: boolean) => {
      // What is looked at does not run away.
      log.follow(false)
      setCurrent(event.seq)
      // Who looks at details sees those of where they go.
      setChosen((before) => (open || before !== null ? event : null))
    },
    [log]
  )
  const close = useCallback(() => setChosen(null), [])
  const narrowTo = (to: LogFilter): void => {
    setMode("log")
    setFilter(to)
  }
  const showInLog = (event: Event): void => {
    const fits = matches(filter)(event) && holdsText(filter.text)(event) && mode === "log"
    const by = fits ? filter : noFilter
    setMode("log")
    setFilter(by)
    setCurrent(event.seq)
    void log.around(event.seq, by)
  }

  const { events } = state.window
  const isListed = useMemo(
    () => mode === "log" && chosen !== null && events.some(({ seq }) => seq === chosen.seq),
    [mode, chosen, events]
  )
  const view =
    mode === "log" ? (
      <LogView
        log={log}
        state={state}
        current={current}
        onCurrent={onCurrent}
        onClose={close}
        onClear={() => setFilter(noFilter)}
        onSearch={() => setMode("search")}
      />
    ) : (
      <SearchResults filter={delayed} order={order} chosen={chosen?.seq ?? null} onChoose={setChosen} />
    )
  return (
    <div ref={frame} className={styles.app}>
      <div className={styles.bar}>
        <SegmentedControl label="What is shown" options={modes} value={mode} onChange={setMode} />
        <TextField
          label={mode === "log" ? "Text in the events" : "Words"}
          hideLabel
          type="search"
          className={styles.text}
          placeholder={mode === "log" ? "Text in the events" : "Search everything"}
          value={filter.text}
          onChange={(event) => setFilter({ ...filter, text: event.target.value })}
        />
        {mode === "search" && (
          <SelectField label="Order" hideLabel options={orders} value={order} onChange={setOrder} />
        )}
        <FilterPopover filter={filter} onFilter={setFilter} />
        {mode === "log" && <Follow log={log} following={state.following} />}
        <More log={log} filter={filter} mode={mode} />
      </div>
      <FilterChips filter={filter} onFilter={setFilter} />
      <div className={styles.main}>
        <SplitPane
          key={isWide ? "beside" : "below"}
          direction={isWide ? "row" : "column"}
          storageKey={isWide ? "logs" : "logs.below"}
          initial={isWide ? width - 400 : 190}
          min={isWide ? 300 : 110}
          label="Between the list and the details"
          first={view}
          second={
            chosen === null ? null : (
              <EventDetail
                event={chosen}
                isListed={isListed}
                onFilter={narrowTo}
                onShowInLog={showInLog}
                onChoose={setChosen}
                onClose={close}
              />
            )
          }
        />
      </div>
      {mode === "log" && <Foot state={state} />}
    </div>
  )
}

export default LogsApp

const Follow = ({ log, following }: { readonly log: LogStore; readonly following: boolean }) => (
  <IconButton
    label={following ? "Pause" : "Follow"}
    icon={following ? <Pause {...icon} /> : <Play {...icon} />}
    onClick={() => log.follow(!following)}
  />
)

const More = ({ log, filter, mode }: { readonly log: LogStore; readonly filter: LogFilter; readonly mode: Mode }) => {
  const offline = useStore(connectionStore, (connection) => connection.status === "offline")
  const ends: ReadonlyArray<MenuItem> = [
    { id: "start", label: "Go to the beginning", onSelect: () => void log.toStart() },
    { id: "end", label: "Go to the end", onSelect: () => log.follow(true) },
    "separator"
  ]
  return (
    <Menu
      align="end"
      trigger={<IconButton label="More" icon={<EllipsisVertical {...icon} />} />}
      items={[
        ...(mode === "log" ? ends : []),
        {
          id: "export",
          label: filter.text.trim() === "" ? "Export as JSON lines" : "Export as JSON lines, whatever the text",
          icon: <Download {...icon} size={14} />,
          disabled: offline,
          onSelect: () => download(exportPath(filter), "events.jsonl")
        }
      ]}
    />
  )
}

const Foot = ({ state: { following, reading, status, window } }: { readonly state: LogState }) => {
  const connection = useStore(connectionStore, ({ status }) => status)
  if (status !== "ready") return null
  const first = window.events[0]
  const last = window.events.at(-1)
  const held =
    first === undefined || last === undefined
      ? "No events"
      : `${counted(window.events.length, "event")}, ${first.seq} to ${last.seq}`
  const stands = {
    live: following ? "Live" : "Paused",
    connecting: "Connecting",
    catching_up: "Catching up",
    offline: "Offline"
  }[connection]
  const read = { older: "Reading older events", newer: "Reading newer events" }
  return (
    <p className={styles.foot}>
      <span>{stands}</span>
      <span>{reading === null ? (window.isStart ? "From the beginning" : "") : read[reading]}</span>
      <span className={styles.held}>{held}</span>
    </p>
  )
}

const titleOf = (filter: LogFilter): string => {
  const types = typesOf(filter).join(", ")
  return types === "" ? "Logs" : `Logs: ${types.replaceAll(".>", "")}`
}
