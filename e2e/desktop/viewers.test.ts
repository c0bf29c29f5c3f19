/** Files as they are meant to be seen, each by its kind. */
import { readFileSync, rmSync } from "node:fs"
import { deflateSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { ask, sharedBy, startProduct } from "../support/product.ts"
import { inWorkspace, openWindow, put, windowOf } from "./appFlows.ts"
import { visit } from "./desktop.ts"
import { begin, said, threadPath } from "./flows.ts"
import { heldModel } from "./heldModel.ts"

const shared = sharedBy(async () => {
  const product = await startProduct()
  return { ...(await visit(product)), product }
})

const viewing = async (path: string, content?: string | Uint8Array) => {
  const { page, product } = shared()
  if (content !== undefined) put(product, path, content)
  const id = await openWindow(product, "viewer", { path }, path)
  const window = windowOf(page, id)
  await window.waitFor()
  return { page, product, window, id }
}

/** A picture of one colour. */
const png = (width: number, height: number): Buffer => {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data])
    const whole = Buffer.alloc(body.length + 8)
    whole.writeUInt32BE(data.length)
    body.copy(whole, 4)
    whole.writeUInt32BE(crc(body), body.length + 4)
    return whole
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const rows = Buffer.alloc(height * (1 + width * 3), 120)
  for (let row = 0; row < height; row++) rows[row * (1 + width * 3)] = 0
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0))
  ])
}

const crc = (bytes: Buffer): number => {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  }
  return (sum ^ 0xffffffff) >>> 0
}

const pdf = (pages: ReadonlyArray<string>): string => {
  const kids = pages.map((_, at) => `${4 + at * 2} 0 R`).join(" ")
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...pages.flatMap((words, at) => {
      const drawn = `BT /F1 24 Tf 40 100 Td (${words}) Tj ET`
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents ${5 + at * 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
        `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`
      ]
    })
  ]
  let text = "%PDF-1.7\n"
  const offsets = objects.map((object, at) => {
    const offset = text.length
    text += `${at + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const xref = text.length
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  text += offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("")
  return `${text}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`
}

describe("a viewer shows", () => {
  it("markdown as it reads, with the images and files of the workspace, and as it stands", async () => {
    put(shared().product, "md/pictures/dot.png", png(3, 2))
    const { page, window } = await viewing(
      "md/read.md",
      "# The title\n\nSome **bold** text, ![a dot](pictures/dot.png), see [other](other.md).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    put(shared().product, "md/other.md", "The other file")
    const text = window.getByRole("document", { name: "read.md" })
    await text.getByRole("heading", { name: "The title" }).waitFor()
    await text.getByRole("cell", { name: "2" }).waitFor()
    await expect
      .poll(() =>
        text.getByRole("img", { name: "a dot" }).evaluate((one) => one instanceof HTMLImageElement && one.naturalWidth)
      )
      .toBe(3)
    await window.getByRole("radio", { name: "Source" }).click()
    await window.locator(".cm-content").getByText("# The title").waitFor()
    await window.getByRole("radio", { name: "Read" }).click()
    await text.getByRole("button", { name: "other" }).click()
    const other = page.getByRole("region", { name: "other.md" })
    await other.getByText("The other file").waitFor()
    await other.getByRole("button", { name: "Close", exact: true }).click()
  })

  it("an image in its size, larger and smaller; and says what is none", async () => {
    const { window } = await viewing("image.png", png(80, 60))
    await window.getByText("80 × 60 pixels").waitFor()
    await window.getByRole("button", { name: "Larger" }).click()
    await window.getByText("150 %").waitFor()
    await window.getByRole("button", { name: "Fit to the window" }).click()
    await window.getByText("100 %", { exact: true }).waitFor()
    const broken = await viewing("broken.png", "this is no image")
    await broken.window.getByText("broken.png is no image that can be drawn").waitFor()
  })

  it("a table: quoted cells, sorted by number, thousands of rows", async () => {
    const rows = Array.from({ length: 5_000 }, (_, at) => `${at + 1},"name ${at + 1}, and more"`)
    const { page, window } = await viewing("table.csv", `number,name\n${rows.join("\n")}\n`)
    await window.getByText("5,000 rows, 2 columns", { exact: true }).waitFor()
    await window.getByRole("cell", { name: "name 1, and more", exact: true }).waitFor()
    const number = window.getByRole("columnheader", { name: "number" })
    await number.getByRole("button").click()
    await number.getByRole("button").click()
    await expect.poll(() => number.getAttribute("aria-sort")).toBe("descending")
    await window.getByRole("cell", { name: "name 5000, and more" }).waitFor()
    await window.getByRole("table").hover()
    await page.mouse.wheel(0, 28 * 4_990)
    await window.getByRole("cell", { name: "name 1, and more", exact: true }).waitFor()
  })

  it("JSON as a tree, and as it stands; and says where it is none", async () => {
    const { window } = await viewing("data.json", '{"list":[1,2,{"deep":true}],"text":"words"}')
    const tree = window.getByRole("group", { name: "Tree" })
    await tree.getByText('"words"').or(tree.getByText("words")).first().waitFor()
    await window.getByRole("radio", { name: "Source" }).click()
    await window.locator(".cm-content").getByText('"deep":true').waitFor()
    const broken = await viewing("broken.json", '{"list":[1,')
    await broken.window.getByText(/^It can't be shown as a tree/).waitFor()
    await broken.window.locator(".cm-content").getByText('{"list":[1,').waitFor()
  })

  it("a PDF page under page, and goes to one; and says what is none", async () => {
    const { window } = await viewing("paper.pdf", pdf(Array.from({ length: 30 }, (_, at) => `Words of page ${at + 1}`)))
    await window.getByText("Words of page 1", { exact: true }).waitFor()
    await window.getByText("of 30").waitFor()
    expect(await window.getByRole("region", { name: /^Page/ }).count()).toBeLessThan(10)
    const field = window.getByRole("textbox", { name: /^Page/ })
    await field.fill("25")
    await field.press("Enter")
    await window.getByText("Words of page 25", { exact: true }).waitFor()
    await expect.poll(() => field.inputValue()).toBe("25")
    const broken = await viewing("broken.pdf", "this is no PDF")
    await broken.window.getByText("broken.pdf can't be shown").waitFor()
  })

  it("a page with its script at work, apart from ours", async () => {
    const { window } = await viewing(
      "page.html",
      "<!doctype html><h1>Hello</h1><button onclick=\"this.textContent = 'pressed'\">press me</button>"
    )
    const frame = window.frameLocator("iframe")
    // The first press is the window's.
    await window.click({ position: { x: 300, y: 400 } })
    await frame.getByRole("button", { name: "press me" }).click()
    await frame.getByRole("button", { name: "pressed" }).waitFor()
  })

  it("bytes of what is no text, the beginning of what is long, and what a name without an ending holds", async () => {
    const bytes = await viewing("program.bin", Buffer.from([0, 1, 2, 0xff, 0x41, 0x42]))
    await bytes.window.getByRole("group", { name: "Bytes of the file" }).getByText("00 01 02 ff 41 42").waitFor()
    const unknown = await viewing("LICENSE", "Plain words")
    await unknown.window.locator(".cm-content").getByText("Plain words").waitFor()
    const long = await viewing("long.log", "0123456789abcde\n".repeat(400_000))
    await long.window.getByText(/^The first .* of .* are shown\.$/).waitFor()
    const { page, product } = shared()
    const downloading = page.waitForEvent("download")
    await long.window.getByRole("button", { name: "Download all of it" }).click()
    const path = await (await downloading).path()
    expect(readFileSync(path).equals(readFileSync(inWorkspace(product, "long.log")))).toBe(true)
  })
})

describe("a viewer", () => {
  it("goes to the next file of the folder and back, follows what changes, and says when it is gone", async () => {
    const { product } = shared()
    for (const name of ["a", "b", "c"]) put(product, `row/${name}.md`, `Text of ${name}`)
    const { window } = await viewing("row/b.md")
    await window.getByText("Text of b").waitFor()
    await window.getByText(/^2 of 3, /).waitFor()
    await window.getByRole("button", { name: "Next file" }).click()
    await window.getByText("Text of c").waitFor()
    expect(await window.getByRole("button", { name: "Next file" }).isDisabled()).toBe(true)
    await window.getByRole("button", { name: "Previous file" }).click()
    await window.getByText("Text of b").waitFor()
    await ask(`${product.url}/files/content`, "PUT", { path: "row/b.md", content: "Now it says more" })
    await window.getByText("Now it says more").waitFor()
    await ask(`${product.url}/files?path=row/b.md`, "DELETE")
    await window.getByText("There is no b.md here").waitFor()
    await window.getByRole("button", { name: "Look in its folder" }).waitFor()
    rmSync(inWorkspace(product, "row"), { recursive: true })
  })

  it("has a way to the editor, with the same text", async () => {
    const { page, window } = await viewing("edit.md", "Edit *me*")
    await window.getByRole("button", { name: "Open in the editor" }).click()
    const editor = page
      .getByRole("region", { name: "edit.md" })
      .filter({ has: page.getByRole("toolbar", { name: "Editor" }) })
    await editor.locator(".cm-content").getByText("Edit *me*").waitFor()
    await editor.getByRole("button", { name: "Close", exact: true }).click()
  })
})

describe("a long document", () => {
  it("is drawn to its end while an answer streams", async () => {
    const model = await heldModel()
    const product = await startProduct({ env: model.env })
    const part = (index: number) =>
      `## Part ${index}\n\nSome *words* and \`code\` with <kbd>keys</kbd>.\n\n- one\n- two\n\n| a | b |\n| - | - |\n| 1 | 2 |\n`
    put(product, "long.md", Array.from({ length: 400 }, (_, index) => part(index)).join("\n"))
    const run = await begin(product.url, "Talk on")
    const { page } = await visit(product, { path: threadPath(run) })
    const answer = await model.next()
    const id = await openWindow(product, "viewer", { path: "long.md" }, "long.md")
    const end = windowOf(page, id).getByRole("heading", { name: "Part 399" })
    // A word with each frame, until the end of the document is there.
    for (let word = 0; (await end.count()) === 0; word++) {
      answer.say(`word ${word} `)
      await page.evaluate(() => new Promise((painted) => requestAnimationFrame(painted)))
    }
    await said(page)
      .getByText(/word \d/)
      .first()
      .waitFor()
    answer.end()
  })
})
