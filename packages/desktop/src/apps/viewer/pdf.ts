/**
 * PDF documents: read in a worker of our own, drawn on canvases.
 *
 * Law: the library evaluates nothing and asks nobody. What it needs beside the document (fonts, character maps, decoders) is
 * among the desktop's own assets.
 */
import { GlobalWorkerOptions, getDocument, type PDFDocumentLoadingTask, PDFWorker, VerbosityLevel } from "pdfjs-dist"
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url"
import { scriptUrl } from "../../client/trusted.ts"

const maps = import.meta.glob<string>("../../../../../node_modules/pdfjs-dist/cmaps/*.bcmap", {
  query: "?url",
  import: "default",
  eager: true
})
const fonts = import.meta.glob<string>("../../../../../node_modules/pdfjs-dist/standard_fonts/*.{pfb,ttf}", {
  query: "?url",
  import: "default",
  eager: true
})
const decoders = import.meta.glob<string>("../../../../../node_modules/pdfjs-dist/wasm/{jbig2,openjpeg,qcms_bg}.wasm", {
  query: "?url",
  import: "default",
  eager: true
})

const byName = (files: Readonly<Record<string, string>>) =>
  new Map(Object.entries(files).map(([path, url]) => [path.slice(path.lastIndexOf("/") + 1), url]))

const assets: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  cMapUrl: byName(maps),
  standardFontDataUrl: byName(fonts),
  wasmUrl: byName(decoders)
}

/** What the worker asks for by name is at an address that the build has made. */
class OwnAssets {
  async fetch({ filename, kind }: { readonly kind: string; readonly filename: string }): Promise<Uint8Array> {
    const url = assets[kind]?.get(filename)
    if (url === undefined) throw new Error(`The desktop has no ${filename}`)
    const response = await fetch(url)
    if (!response.ok) throw new Error(`${filename} could not be loaded`)
    return new Uint8Array(await response.arrayBuffer())
  }
}

export interface OpeningPdf {
  readonly task: PDFDocumentLoadingTask
  readonly close: () => void
}

/** The bytes go to the worker, and are not to be used after that. */
export const openPdf = (data: Uint8Array<ArrayBuffer>): OpeningPdf => {
  GlobalWorkerOptions.workerSrc ||= workerUrl
  const port = new Worker(scriptUrl(workerUrl), { type: "module" })
  const worker = PDFWorker.create({ port, verbosity: VerbosityLevel.ERRORS })
  const task = getDocument({
    data,
    worker,
    BinaryDataFactory: OwnAssets,
    // Names of folders, which nobody asks for: each file comes by its own address.
    cMapUrl: "/assets/",
    standardFontDataUrl: "/assets/",
    wasmUrl: "/assets/",
    useWorkerFetch: false,
    enableXfa: false,
    verbosity: VerbosityLevel.ERRORS
  })
  return {
    task,
    close: () => {
      task
        .destroy()
        .catch(() => undefined)
        .finally(() => {
          worker.destroy()
          port.terminate()
        })
    }
  }
}
