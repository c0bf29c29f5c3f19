/** What tests of the apps have in common: windows opened from outside, files of the workspace, strangers that listen. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { dirname, join } from "node:path"
import type { Locator, Page } from "playwright-core"
import { ask, type Product, whenOver } from "../support/product.ts"
import { closeAll } from "./parts.ts"

const isOpened = (body: unknown): body is { window: { id: string } } =>
  typeof body === "object" && body !== null && "window" in body

/** Opens a window as another program would; gives its id. When the test is over, all windows are closed. */
export const openWindow = async (
  { url }: Pick<Product, "url">,
  app_id: string,
  props: Readonly<Record<string, unknown>> = {},
  title: string = app_id
): Promise<string> => {
  const { body } = await ask(`${url}/desktop/main/windows`, "POST", { app_id, title, props })
  if (!isOpened(body)) throw new Error(`No window: ${JSON.stringify(body)}`)
  whenOver(() => closeAll(url))
  return body.window.id
}

/** A window by its id: for those whose title is what is tested. */
export const windowOf = (page: Page, id: string): Locator => page.locator(`[data-window='${id}']`)

export const inWorkspace = ({ home }: Pick<Product, "home">, path: string): string => join(home, "workspace", path)

/** A folder of the workspace that anyone may write in, whoever runs the test. */
export const putFolder = (product: Pick<Product, "home">, path: string): void => {
  let folder = inWorkspace(product, ".")
  for (const name of path.split("/")) {
    folder = join(folder, name)
    if (existsSync(folder)) continue
    mkdirSync(folder)
    chmodSync(folder, 0o777)
  }
}

/** A file of the workspace, with the folders that it is in. */
export const put = (product: Pick<Product, "home">, path: string, content: string | Uint8Array): void => {
  if (path.includes("/")) putFolder(product, dirname(path))
  writeFileSync(inWorkspace(product, path), content)
}

export interface Stranger {
  readonly url: string
  readonly host: string
  /** What it was asked for. */
  readonly heard: ReadonlyArray<string>
}

/** Another host that hears whatever is sent to it. */
export const stranger = async (): Promise<Stranger> => {
  const heard: Array<string> = []
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}`)
    response.writeHead(200, { "access-control-allow-origin": "*" }).end("<p>the stranger</p>")
  })
  server.on("upgrade", (request, socket) => {
    heard.push(`UPGRADE ${request.url}`)
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  whenOver(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, heard }
}
