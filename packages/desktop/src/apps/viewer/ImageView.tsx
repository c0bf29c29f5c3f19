/** An image, as an image: what an SVG holds beside its shapes does not run in an `<img>`. */
import { Maximize, Minus, Plus } from "lucide-react"
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState, type WheelEvent } from "react"
import { plainName } from "../../content/plainText.ts"
import { scrollable } from "../../content/scrollable.ts"
import { Button } from "../../ui/Button.tsx"
import { ErrorState } from "../../ui/ErrorState.tsx"
import { IconButton } from "../../ui/IconButton.tsx"
import { imageType } from "../files/fileKinds.ts"
import { download, type Part } from "../files/filesApi.ts"
import { useBlobUrl } from "../files/useBlobUrl.ts"
import { Bytes } from "./BytesView.tsx"
import styles from "./ImageView.module.css"
import { PartOf } from "./PartOf.tsx"
import type { ViewProps } from "./view.ts"

/** Bytes. */
const largest = 64 * 1024 * 1024
const icon = { size: 16, strokeWidth: 1.75, "aria-hidden": true } as const
const steps = [0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16]

interface Size {
  readonly width: number
  readonly height: number
}

export const ImageView = ({ entry }: ViewProps) => (
  <PartOf entry={entry} limit={largest} whole>
    {(part) => <Picture part={part} path={entry.path} name={plainName(entry.name)} />}
  </PartOf>
)

const Picture = ({ name, part, path }: { readonly part: Part; readonly path: string; readonly name: string }) => {
  const url = useBlobUrl(part.bytes, imageType(path))
  const [size, setSize] = useState<Size | null>(null)
  /** The address that holds no image, and whether its bytes are looked at instead. */
  const [broken, setBroken] = useState<string | null>(null)
  const [asBytes, setAsBytes] = useState(false)
  /** Null: as large as fits, and no larger than it is. */
  const [zoom, setZoom] = useState<number | null>(null)
  const [room, setRoom] = useState<Size>({ width: 0, height: 0 })
  const stage = useRef<HTMLDivElement>(null)
  const grabbed = useRef<{
    readonly x: number
    readonly y: number
    readonly left: number
    readonly top: number
  } | null>(null)

  useEffect(() => {
    const element = stage.current
    if (element === null) return
    const observer = new ResizeObserver(() => setRoom({ width: element.clientWidth, height: element.clientHeight }))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  const fit =
    size === null
      ? 1
      : Math.min(1, (room.width - 32) / Math.max(1, size.width), (room.height - 32) / Math.max(1, size.height))
  const scale = Math.max(0.01, zoom ?? fit)
  const step = (by: 1 | -1) => {
    const next = by > 0 ? steps.find((one) => one > scale * 1.001) : steps.findLast((one) => one < scale * 0.999)
    if (next !== undefined) setZoom(next)
  }
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === "+" || key === "=") step(1)
    else if (key === "-") step(-1)
    else if (key === "0") setZoom(null)
    else if (key === "1") setZoom(1)
  }
  const onWheel = (event: WheelEvent) => {
    if (event.ctrlKey || event.metaKey) step(event.deltaY < 0 ? 1 : -1)
  }
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0 || event.pointerType === "touch") return
    const { scrollLeft: left, scrollTop: top } = event.currentTarget
    grabbed.current = { x: event.clientX, y: event.clientY, left, top }
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const from = grabbed.current
    if (from === null) return
    event.currentTarget.scrollTo(from.left - (event.clientX - from.x), from.top - (event.clientY - from.y))
  }

  if (broken !== null && broken === url) {
    if (asBytes) return <Bytes part={part} />
    return (
      <ErrorState title={`${name} is no image that can be drawn`} cause="Its content does not fit its name.">
        <Button onClick={() => setAsBytes(true)}>Look at its bytes</Button>
        <Button onClick={() => download(path)}>Download</Button>
      </ErrorState>
    )
  }
  return (
    <div className={styles.view}>
      <header className={styles.bar}>
        <span className={styles.facts}>{size === null ? "" : `${size.width} × ${size.height} pixels`}</span>
        <IconButton size="s" label="Smaller" keys="-" icon={<Minus {...icon} />} onClick={() => step(-1)} />
        <span className={styles.zoom}>{`${Math.round(scale * 100)} %`}</span>
        <IconButton size="s" label="Larger" keys="+" icon={<Plus {...icon} />} onClick={() => step(1)} />
        <IconButton
          size="s"
          label="Fit to the window"
          keys="0"
          pressed={zoom === null}
          icon={<Maximize {...icon} />}
          onClick={() => setZoom(null)}
        />
      </header>
      <div
        ref={stage}
        className={styles.stage}
        {...scrollable}
        role="group"
        aria-label={`${name}, drawn at ${Math.round(scale * 100)} percent`}
        onKeyDown={onKeyDown}
        onWheel={onWheel}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => {
          grabbed.current = null
        }}
        onLostPointerCapture={() => {
          grabbed.current = null
        }}
        onDoubleClick={() => setZoom(zoom === null ? 1 : null)}
      >
        {url !== null && (
          <img
            className={styles.image}
            src={url}
            alt={name}
            draggable={false}
            style={size === null ? { opacity: 0 } : { width: size.width * scale, height: size.height * scale }}
            onLoad={({ currentTarget: { naturalHeight, naturalWidth } }) =>
              // An SVG may say no size of its own.
              setSize({ width: naturalWidth || 300, height: naturalHeight || 150 })
            }
            onError={() => setBroken(url)}
          />
        )}
      </div>
    </div>
  )
}
