import { type PDFDocumentProxy, type PDFPageProxy, type RenderTask, TextLayer } from "pdfjs-dist"
import { type CSSProperties, useEffect, useRef, useState } from "react"
import styles from "./PdfPage.module.css"

export interface PageSize {
  readonly width: number
  readonly height: number
}

interface PdfPageProps {
  readonly document: PDFDocumentProxy
  /** From 1. */
  readonly number: number
  readonly size: PageSize
  readonly scale: number
  readonly top: number
  readonly onSize: (size: PageSize) => void
}

/** Pixels of a canvas; a larger one is drawn coarser. */
const mostPixels = 16 * 1024 * 1024

export const PdfPage = ({ document, number, onSize, scale, size, top }: PdfPageProps) => {
  const canvas = useRef<HTMLCanvasElement>(null)
  const text = useRef<HTMLDivElement>(null)
  const [failed, setFailed] = useState(false)
  const tellSize = useRef(onSize)
  tellSize.current = onSize

  useEffect(() => {
    let left = false
    let drawing: RenderTask | null = null
    let layer: TextLayer | null = null
    const draw = async () => {
      const page: PDFPageProxy = await document.getPage(number)
      if (left || canvas.current === null || text.current === null) return
      const plain = page.getViewport({ scale: 1 })
      tellSize.current({ width: plain.width, height: plain.height })
      const wished = scale * window.devicePixelRatio
      const fine = Math.min(wished, Math.sqrt(mostPixels / (plain.width * plain.height)))
      const viewport = page.getViewport({ scale: fine })
      canvas.current.width = Math.round(viewport.width)
      canvas.current.height = Math.round(viewport.height)
      drawing = page.render({ canvas: canvas.current, viewport })
      await drawing.promise
      if (left) return
      text.current.replaceChildren()
      layer = new TextLayer({
        textContentSource: page.streamTextContent(),
        container: text.current,
        viewport: page.getViewport({ scale })
      })
      await layer.render()
    }
    draw().catch(() => {
      if (!left) setFailed(true)
    })
    return () => {
      left = true
      drawing?.cancel()
      layer?.cancel()
    }
  }, [document, number, scale])

  const sheet: CSSProperties & Record<`--${string}`, string | number> = {
    width: size.width * scale,
    height: size.height * scale,
    transform: `translate(-50%, ${top}px)`,
    "--total-scale-factor": scale,
    "--scale-round-x": "1px",
    "--scale-round-y": "1px"
  }
  return (
    <section className={styles.page} style={sheet} aria-label={`Page ${number}`}>
      <canvas ref={canvas} className={styles.canvas} />
      <div ref={text} className={styles.text} />
      {failed && <p className={styles.failed}>This page can't be drawn.</p>}
    </section>
  )
}
