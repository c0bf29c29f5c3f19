/** The workspace's files by hand: made, named, moved, thrown away and brought back, sent here and taken away. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Locator, Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { type Product, sharedBy, startProduct, temporaryFolder } from "../support/product.ts"
import { inWorkspace, openWindow, put, putFolder, windowOf } from "./appFlows.ts"
import { visit } from "./desktop.ts"
import { begin, phaseOf } from "./flows.ts"

const shared = sharedBy(() => startProduct())

/** A folder of the test's own, shown in a window. */
const showing = async (folder: string, files: Readonly<Record<string, string>> = {}) => {
  const product = shared()
  putFolder(product, folder)
  for (const [name, content] of Object.entries(files)) put(product, `${folder}/${name}`, content)
  const visitor = await visit(product)
  // What is chosen is read for its preview, and may be moved away meanwhile.
  visitor.expectProblem(/404 .*files\/download/)
  const window = windowOf(visitor.page, await openWindow(product, "files", { path: folder }, "Files"))
  const list = window.getByRole("listbox", { name: `Files of ${folder}` })
  await list.waitFor()
  return { ...visitor, product, folder, window, list }
}

const row = (list: Locator, name: string): Locator => list.getByRole("option").filter({ hasText: name })

const named = async (page: Page, title: string, name: string, verb: string) => {
  const dialog = page.getByRole("dialog", { name: title })
  await dialog.getByRole("textbox", { name: "Name" }).fill(name)
  await dialog.getByRole("button", { name: verb }).click()
  return dialog
}

const there = (product: Product, path: string) => existsSync(inWorkspace(product, path))

/** What a browser hands over when files are dropped on it. */
const drop = async (page: Page, target: Locator, files: Readonly<Record<string, string>>) => {
  const dataTransfer = await page.evaluateHandle((given) => {
    const data = new DataTransfer()
    for (const [name, content] of Object.entries(given)) data.items.add(new File([content], name))
    return data
  }, files)
  await target.dispatchEvent("dragover", { dataTransfer })
  await target.dispatchEvent("drop", { dataTransfer })
}

describe("by keys", () => {
  it("makes, renames, moves, throws away and brings back", async () => {
    const { expectProblem, list, page, product, window } = await showing("keys", { "a.txt": "A", "b.txt": "B" })
    // What is there already, the computer says.
    expectProblem(/409 .*files\/folders/)
    await window.getByRole("button", { name: "New", exact: true }).click()
    await page.getByRole("menuitem", { name: "New folder" }).click()
    const dialog = await named(page, "New folder", "b.txt", "Make the folder")
    await dialog.getByText("There is already something called b.txt").waitFor()
    await named(page, "New folder", "inner", "Make the folder")
    await row(list, "inner").waitFor()
    expect(there(product, "keys/inner")).toBe(true)

    await row(list, "a.txt").click()
    await page.keyboard.press("F2")
    await named(page, "Rename a.txt", "first.md", "Rename")
    await row(list, "first.md").waitFor()
    expect(readFileSync(inWorkspace(product, "keys/first.md"), "utf8")).toBe("A")
    expect(there(product, "keys/a.txt")).toBe(false)

    await expect.poll(() => row(list, "first.md").getAttribute("aria-selected")).toBe("true")
    await list.focus()
    await page.keyboard.press("Control+x")
    await row(list, "inner").click()
    await page.keyboard.press("Enter")
    const inner = window.getByRole("listbox", { name: "Files of inner" })
    await inner.waitFor()
    await expect.poll(() => inner.evaluate((one) => one === document.activeElement)).toBe(true)
    await page.keyboard.press("Control+v")
    await row(inner, "first.md").waitFor()
    expect(there(product, "keys/inner/first.md")).toBe(true)
    expect(there(product, "keys/first.md")).toBe(false)

    await row(inner, "first.md").click()
    await page.keyboard.press("Delete")
    await expect.poll(() => inner.getByRole("option").count()).toBe(0)
    expect(there(product, "keys/inner/first.md")).toBe(false)
    await window.getByRole("button", { name: "More" }).click()
    await page.getByRole("menuitem", { name: "Trash" }).click()
    await window.getByRole("button", { name: "Restore first.md" }).click()
    await expect.poll(() => there(product, "keys/inner/first.md")).toBe(true)
    expect(readFileSync(inWorkspace(product, "keys/inner/first.md"), "utf8")).toBe("A")
    await window.getByText("The trash is empty").waitFor()
  })

  it("chooses several, and undoes what went wrong", async () => {
    const { list, page, product } = await showing("several", { "one.txt": "1", "two.txt": "2", "three.txt": "3" })
    await row(list, "one.txt").click()
    await page.keyboard.press("Shift+End")
    await expect.poll(() => list.locator("[aria-selected='true']").count()).toBe(3)
    await page.keyboard.press("Delete")
    await expect.poll(() => list.getByRole("option").count()).toBe(0)
    await page.getByText("Moved 3 files to the trash").first().waitFor()
    await page.getByRole("button", { name: "Bring back" }).click()
    await expect.poll(() => list.getByRole("option").count()).toBe(3)
    expect(readFileSync(inWorkspace(product, "several/two.txt"), "utf8")).toBe("2")
  })
})

describe("by hand", () => {
  it("drags a file into a folder, and asks where its place is taken", async () => {
    const { expectProblem, list, page, product } = await showing("drag", {
      "a.txt": "mine",
      "b.txt": "B",
      "sub/b.txt": "theirs"
    })
    await row(list, "a.txt").dragTo(row(list, "sub"))
    await expect.poll(() => there(product, "drag/sub/a.txt")).toBe(true)
    await row(list, "a.txt").waitFor({ state: "detached" })
    expectProblem(/409 .*files\/move/)
    await row(list, "b.txt").dragTo(row(list, "sub"))
    const dialog = page.getByRole("dialog")
    await dialog.getByText("b.txt").first().waitFor()
    expect(readFileSync(inWorkspace(product, "drag/sub/b.txt"), "utf8")).toBe("theirs")
    await dialog.getByRole("button", { name: /Keep both/ }).click()
    await expect.poll(() => there(product, "drag/b.txt")).toBe(false)
    expect(readFileSync(inWorkspace(product, "drag/sub/b.txt"), "utf8")).toBe("theirs")
    await page.getByRole("button", { name: "Move back" }).first().click()
    await row(list, "a.txt").waitFor()
  })

  it("uploads by the button and by a drop; nothing there is written over unasked", async () => {
    const { expectProblem, list, page, product, window } = await showing("upload", { "taken.txt": "the old" })
    const folder = temporaryFolder()
    writeFileSync(join(folder, "sent.bin"), Buffer.alloc(3_000_000, 7))
    await window.locator("input[type=file]").setInputFiles(join(folder, "sent.bin"))
    const uploads = window.getByRole("region", { name: "Uploads" })
    await uploads.getByText("Uploaded 1 file").waitFor()
    await row(list, "sent.bin").waitFor()
    expect(readFileSync(inWorkspace(product, "upload/sent.bin")).equals(Buffer.alloc(3_000_000, 7))).toBe(true)

    expectProblem(/409 .*files\/upload/)
    await drop(page, list, { "dropped.txt": "from elsewhere", "taken.txt": "the new" })
    await row(list, "dropped.txt").waitFor()
    await uploads.getByText("is there already").waitFor()
    expect(readFileSync(inWorkspace(product, "upload/taken.txt"), "utf8")).toBe("the old")
    await uploads.getByRole("button", { name: "Keep both" }).click()
    await expect.poll(() => list.getByRole("option").count()).toBe(4)
    expect(readFileSync(inWorkspace(product, "upload/taken.txt"), "utf8")).toBe("the old")
    await drop(page, list, { "taken.txt": "the newest" })
    await uploads.getByRole("button", { name: "Replace" }).click()
    await expect.poll(() => readFileSync(inWorkspace(product, "upload/taken.txt"), "utf8")).toBe("the newest")
  })

  it("downloads what is there, as a file", async () => {
    const { list, page } = await showing("download", { "page.html": "<script>window.__pwned=1</script>" })
    await row(list, "page.html").click({ button: "right" })
    const downloading = page.waitForEvent("download")
    await page.getByRole("menuitem", { name: "Download" }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toBe("page.html")
    expect(readFileSync(await download.path(), "utf8")).toBe("<script>window.__pwned=1</script>")
  })
})

describe("finding", () => {
  it("in names and in texts, and opens where it was found", async () => {
    const text = Array.from({ length: 400 }, (_, at) => (at === 299 ? "here is the needle" : `line ${at + 1}`)).join(
      "\n"
    )
    const { page, window } = await showing("find", { "deep/long.txt": text, "needle.md": "nothing" })
    await window.getByRole("button", { name: "Search" }).click()
    await window.getByRole("searchbox").fill("needle")
    const found = window.getByRole("listbox", { name: "Found" })
    await expect.poll(() => found.getByRole("option").allTextContents()).toEqual([expect.stringContaining("needle.md")])
    await window.getByRole("radio", { name: "Contents" }).click()
    await found.getByRole("option").filter({ hasText: "here is the needle" }).click()
    const editor = page.getByRole("region", { name: "long.txt" })
    await editor.getByText("Line 300, column 1").waitFor()
    await editor.locator(".cm-activeLine").getByText("here is the needle").waitFor()
  })

  it("among 10,000 files: the last is there, by scrolling and by its first letters", { timeout: 60_000 }, async () => {
    const product = shared()
    putFolder(product, "many")
    for (let at = 0; at < 10_000; at++) {
      writeFileSync(inWorkspace(product, `many/file-${String(at).padStart(5, "0")}.txt`), "")
    }
    const { list, page, window } = await showing("many")
    await window.getByText("10,000 items").waitFor()
    expect(await list.getByRole("option").count()).toBeLessThan(200)
    await list.hover()
    await page.mouse.wheel(0, 5_000)
    await expect
      .poll(async () => Number(await list.getByRole("option").last().getAttribute("aria-posinset")))
      .toBeGreaterThan(120)
    await list.focus()
    await page.keyboard.press("End")
    await row(list, "file-09999.txt").waitFor()
    expect(await row(list, "file-09999.txt").getAttribute("aria-posinset")).toBe("10000")
    await page.keyboard.press("Home")
    await row(list, "file-00000.txt").waitFor()
    await page.keyboard.type("file-07")
    await row(list, "file-07000.txt").waitFor()
    await expect.poll(() => row(list, "file-07000.txt").getAttribute("aria-selected")).toBe("true")
  })
})

describe("what others do", () => {
  it("shows by itself: a file of an agent's, with its name, and what a shell takes away", async () => {
    const { folder, list, product } = await showing("live", { "there.txt": "x" })
    await row(list, "there.txt").waitFor()
    const run = await begin(product.url, `write ${folder}/by-agent.txt: hello`)
    await row(list, "by-agent.txt").waitFor()
    await expect.poll(() => phaseOf(product.url, run.run_id)).toBe("done")
    await row(list, "by-agent.txt")
      .getByText(/^(chat|code), $/)
      .waitFor()
    await begin(product.url, `$ mv ${folder}/there.txt ${folder}/moved.txt`)
    await row(list, "moved.txt").waitFor()
    await row(list, "there.txt").waitFor({ state: "detached" })
  })
})
