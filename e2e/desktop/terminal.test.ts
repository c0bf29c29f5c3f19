/** Shells as a person meets them: no byte lost, no page held up, nothing left running that nobody needs. */
import { rmSync, writeFileSync } from "node:fs"
import type { Locator, Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { ask, type Product, sharedBy, startProduct, whenOver } from "../support/product.ts"
import { inWorkspace, openWindow, windowOf } from "./appFlows.ts"
import { newVisitor } from "./browser.ts"
import { live, rectOf, visit } from "./desktop.ts"
import { begin, composer, listOf, phaseOf } from "./flows.ts"
import { choose, find } from "./parts.ts"

const terminal = (within: Locator | Page): Locator => within.getByRole("textbox", { name: "Terminal input" })

/** The lines that are drawn. */
const drawn = (window: Locator): Promise<string> =>
  window
    .locator(".xterm-rows > div")
    .allTextContents()
    .then((rows) =>
      rows
        .map((row) => row.replaceAll("\u00a0", " ").trimEnd())
        .join("\n")
        .trimEnd()
    )

const prompt = /[#$]$/

const atPrompt = (window: Locator) => expect.poll(() => drawn(window)).toMatch(prompt)

const typeLine = async (window: Locator, line: string): Promise<void> => {
  await terminal(window).pressSequentially(line)
  await terminal(window).press("Enter")
}

/** All that the terminal holds, as a person would copy it. */
const copied = async (page: Page, window: Locator): Promise<string> => {
  const choose = async (name: RegExp) => {
    await window.locator(".xterm-screen").click({ button: "right" })
    await page.getByRole("menuitem", { name }).click()
  }
  await page.evaluate(() => navigator.clipboard.writeText("nothing yet"))
  await choose(/^Select all/)
  await choose(/^Copy Ctrl/)
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).not.toBe("nothing yet")
  return page.evaluate(() => navigator.clipboard.readText())
}

const numbered = (text: string): ReadonlyArray<number> =>
  [...text.matchAll(/^line-(\d+)$/gm)].map(([, number]) => Number(number))

const from1To = (last: number) => Array.from({ length: last }, (_, at) => at + 1)

const running = async (url: string): Promise<ReadonlyArray<string>> =>
  (await listOf(`${url}/api/terminals`, "terminals"))
    .filter(({ is_running }) => is_running === true)
    .map(({ terminal_id }) => String(terminal_id))

const openTerminal = async (product: Product, page: Page, props = {}) => {
  // Shells that are left end, so that the next test begins with none.
  whenOver(async () => {
    for (const id of await running(product.url)) {
      await ask(`${product.url}/api/terminals/${encodeURIComponent(id)}`, "DELETE")
    }
    await expect.poll(() => running(product.url)).toEqual([])
  })
  const id = await openWindow(product, "terminal", props, "Terminal")
  const window = windowOf(page, id)
  await window.waitFor()
  return { id, window }
}

describe("what is shown", () => {
  const shared = sharedBy(() => startProduct())

  it("goes on where it was when the line was cut: no line is lost, none comes twice", async () => {
    const product = shared()
    const { expectProblem, page } = await newVisitor()
    // Who cuts the line hands on what the page says meanwhile, too.
    expectProblem("already in CLOSING or CLOSED state")
    rmSync(inWorkspace(product, "go"), { force: true })
    let cuts = 0
    await page.routeWebSocket(/\/ws\/terminal\//, (route) => {
      const server = route.connectToServer()
      route.onMessage((message) => server.send(message))
      server.onMessage((message) => {
        if (cuts === 0 && String(message).includes("line-1000\\r")) {
          // This part of the output never arrives.
          cuts += 1
          void route.close({ code: 4000, reason: "cut" })
          void server.close()
        } else route.send(message)
      })
    })
    await page.goto(product.url)
    await live(page)
    const { window } = await openTerminal(product, page)
    await atPrompt(window)
    await typeLine(
      window,
      "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line-$i; done; until [ -e go ]; do sleep 0.05; done; while [ $i -lt 4000 ]; do i=$((i+1)); echo line-$i; done; echo that-was-$((2*2))000"
    )
    await expect.poll(() => cuts).toBe(1)
    await expect.poll(() => drawn(window)).toContain("line-3000")
    writeFileSync(inWorkspace(product, "go"), "")
    await expect.poll(() => drawn(window)).toContain("that-was-4000")
    expect(numbered(await copied(page, window))).toEqual(from1To(4000))
  })

  it("is the same for two viewers; who used it last decides the size, and the other says so", {
    timeout: 60_000
  }, async () => {
    const product = shared()
    const one = await visit(product)
    const { id, window } = await openTerminal(product, one.page)
    await atPrompt(window)
    await typeLine(window, "seq -f line-%g 1 40; stty size")
    await expect.poll(() => drawn(window)).toMatch(/line-40\n\d+ \d+\n/)
    const two = await visit(product, { viewport: { width: 1000, height: 620 } })
    const other = windowOf(two.page, id)
    await expect.poll(() => drawn(other)).toContain("line-40")
    await expect.poll(() => drawn(other)).toBe(await drawn(window))

    // Where only one of them has another size, what it had is cut or boxed, and it can be fitted.
    await ask(`${product.url}/desktop/main/windows/${id}/maximize`, "POST")
    await terminal(window).focus()
    await window.locator(".xterm-screen").click()
    const size = async (at: Locator) => {
      const [, rows, cols] = /size=(\d+) (\d+)\n/.exec(await drawn(at)) ?? []
      return `${rows} ${cols}`
    }
    await typeLine(window, "clear; echo size=$(stty size)")
    await expect.poll(() => drawn(window)).toMatch(/size=\d+ \d+\n/)
    const wide = await size(window)
    await expect.poll(() => size(other)).toBe(wide)
    await other.getByText("as the view that was used last has it").waitFor()
    await other.getByRole("button", { name: "Fit it here" }).click()
    await window.getByText("as the view that was used last has it").waitFor()
    await typeLine(other, "clear; echo size=$(stty size)")
    await expect.poll(() => size(window)).not.toBe(wide)
    await expect.poll(() => size(other)).not.toBe(wide)
    expect(await size(other)).toBe(await size(window))
    expect(await other.getByText("as the view that was used last has it").count()).toBe(0)
  })

  it("may be 50 MB: the page goes on all the while, and the end is right", { timeout: 90_000 }, async () => {
    const product = shared()
    const { page } = await visit(product)
    const { window } = await openTerminal(product, page)
    const logs = windowOf(page, await openWindow(product, "logs", {}, "Logs"))
    await logs.waitFor()
    await atPrompt(window)
    await typeLine(
      window,
      "i=0; until [ $i -ge 50 ] && [ -e enough ]; do head -c 1048576 /dev/zero | tr '\\0' x | fold -w 63; i=$((i+1)); done; echo; echo sum-$((6*7)) $((i >= 50))"
    )
    await expect.poll(() => drawn(window)).toContain("x".repeat(63))
    // It floods as long as there is no file `enough`: this is done in the midst of it.
    await logs.getByRole("searchbox").first().fill("desktop.")
    await logs.getByRole("searchbox").first().press("Escape")
    await page.getByRole("textbox", { name: "Ask, or type a command" }).fill("I can type")
    writeFileSync(inWorkspace(product, "enough"), "")
    await expect.poll(() => drawn(window), { timeout: 50_000 }).toMatch(/sum-42 1\n.*[#$]$/)
    await terminal(window).focus()
    await typeLine(window, "echo alive-$((1+1))")
    await expect.poll(() => drawn(window)).toMatch(/alive-2\n.*[#$]$/)
  })
})

describe("a shell", () => {
  const shared = sharedBy(() => startProduct())

  it("ends with its window when it is idle, and stays in the list while something runs in it", async () => {
    const product = shared()
    const { url } = product
    const { page } = await visit(product)
    const idle = await openTerminal(product, page)
    await atPrompt(idle.window)
    expect(await running(url)).toEqual([`${idle.id}.1`])
    await idle.window.getByRole("button", { name: "Close", exact: true }).click()
    await expect.poll(() => running(url)).toEqual([])

    const busy = await openTerminal(product, page)
    await atPrompt(busy.window)
    await typeLine(busy.window, "echo begun-$((1+1)); sleep 1000")
    await expect.poll(() => drawn(busy.window)).toContain("begun-2")
    await busy.window.getByRole("button", { name: "Close", exact: true }).click()
    await busy.window.waitFor({ state: "detached" })

    const next = await openTerminal(product, page)
    await atPrompt(next.window)
    expect((await running(url)).toSorted()).toEqual([`${busy.id}.1`, `${next.id}.1`].toSorted())
    await next.window.getByRole("button", { name: "Shells elsewhere: 1" }).click()
    const elsewhere = page.getByRole("dialog", { name: "Shells elsewhere" })
    await elsewhere.getByRole("button", { name: "Open", exact: true }).click()
    await expect.poll(() => drawn(next.window.getByRole("tabpanel"))).toContain("begun-2")
    expect(await next.window.getByRole("tab").count()).toBe(2)
    // Once it is idle, it goes with its tab, though another window had made it.
    await terminal(next.window.getByRole("tabpanel")).press("Control+c")
    await expect.poll(() => drawn(next.window.getByRole("tabpanel"))).toMatch(/\^C\n.*[#$]$/)
    await next.window.getByRole("button", { name: "Close", exact: true }).click()
    await expect.poll(() => running(url)).toEqual([])
  })

  it("can be ended from the list, with what runs in it; and nothing is left at the end", async () => {
    const product = shared()
    const { url } = product
    const { page } = await visit(product)
    const busy = await openTerminal(product, page)
    await atPrompt(busy.window)
    await typeLine(busy.window, "echo begun-$((1+1)); sleep 1000")
    await expect.poll(() => drawn(busy.window)).toContain("begun-2")
    await busy.window.getByRole("button", { name: "Close", exact: true }).click()
    await busy.window.waitFor({ state: "detached" })
    const next = await openTerminal(product, page)
    await atPrompt(next.window)
    await next.window.getByRole("button", { name: "New tab" }).click()
    await expect.poll(() => running(url)).toHaveLength(3)
    await next.window.getByRole("button", { name: "Shells elsewhere: 1" }).click()
    await page.getByRole("dialog", { name: "Shells elsewhere" }).getByRole("button", { name: /^End / }).click()
    await expect.poll(() => running(url)).toHaveLength(2)
    await page.keyboard.press("Escape")
    await next.window.getByRole("button", { name: "Close", exact: true }).click()
    await expect.poll(() => running(url)).toEqual([])
  })

  it("that has ended says how, and starts again only when asked", async () => {
    const product = shared()
    const { page } = await visit(product)
    const { window } = await openTerminal(product, page)
    await atPrompt(window)
    await typeLine(window, "exit 3")
    await window.getByText("The shell has ended with 3").waitFor()
    expect(await running(product.url)).toEqual([])
    await window.getByRole("button", { name: "Start again" }).click()
    await expect.poll(() => running(product.url)).toHaveLength(1)
    await expect.poll(() => window.getByText("The shell has ended with 3").count()).toBe(0)
  })
})

describe("commands", () => {
  const shared = sharedBy(() => startProduct())
  const mark = (window: Locator, name: string) => window.getByRole("button", { name: `${name}: what to do with it` })

  /** It is drawn beside its line, where it covers no text. */
  const press = async (page: Page, marked: Locator) => {
    const { height, x, y } = await rectOf(marked)
    await page.mouse.click(x - 7, y + height / 2)
  }

  it("are marked by how they ended, run again, and an agent is asked about one", async () => {
    const product = shared()
    const { page } = await visit(product)
    const { window } = await openTerminal(product, page)
    await atPrompt(window)
    await typeLine(window, "echo good")
    await mark(window, "echo good succeeded").waitFor()
    await typeLine(window, "ls no-such-file; (exit 4)")
    const failed = mark(window, "ls no-such-file; (exit 4) failed with 4")
    await failed.waitFor()
    await typeLine(window, "read held")
    await mark(window, "read held is running").waitFor()
    await terminal(window).press("Enter")
    await mark(window, "read held succeeded").waitFor()

    await press(page, mark(window, "echo good succeeded"))
    await page.getByRole("menuitem", { name: "Run it again" }).click()
    await expect.poll(() => mark(window, "echo good succeeded").count()).toBe(2)
    await expect.poll(() => terminal(window).evaluate((one) => one === document.activeElement)).toBe(true)

    await press(page, failed)
    await page.getByRole("menuitem", { name: "Ask an agent about this" }).click()
    await expect.poll(() => composer(page).inputValue()).toContain("failed with 4 in my terminal")
    expect(await composer(page).inputValue()).toMatch(/\$ ls no-such-file; \(exit 4\)\nls: .*no-such-file/)
  })

  it("keep their marks over a reload, also below a program that has the whole screen", async () => {
    const product = shared()
    const { page } = await visit(product)
    const { window } = await openTerminal(product, page)
    await atPrompt(window)
    await typeLine(window, "cd /tmp && echo once-$((1+1))")
    await typeLine(window, "(exit 3)")
    await mark(window, "(exit 3) failed with 3").waitFor()
    await page.reload()
    await mark(window, "cd /tmp && echo once-$((1+1)) succeeded").waitFor()
    await mark(window, "(exit 3) failed with 3").waitFor()

    // The marks stand where they stood: what a command printed is told from what others did.
    await press(page, mark(window, "cd /tmp && echo once-$((1+1)) succeeded"))
    await page.getByRole("menuitem", { name: "Ask an agent about this" }).click()
    await expect
      .poll(() => composer(page).inputValue())
      .toMatch(/\$ cd \/tmp && echo once-\$\(\(1\+1\)\)\nonce-2\n```\n/)

    await typeLine(window, "printf '\\033[?1049h'; read -p its-own-$((1+1)) held; printf '\\033[?1049l'")
    await expect.poll(() => drawn(window)).toMatch(/^\s*its-own-2$/)
    await page.reload()
    await expect.poll(() => drawn(window)).toMatch(/^\s*its-own-2$/)
    await terminal(window).press("Enter")
    await mark(window, "(exit 3) failed with 3").waitFor()
    await mark(
      window,
      "printf '\\033[?1049h'; read -p its-own-$((1+1)) held; printf '\\033[?1049l' succeeded"
    ).waitFor()
  })

  it("run again only where a shell waits for them", async () => {
    const product = shared()
    const { page } = await visit(product)
    const { window } = await openTerminal(product, page)
    await atPrompt(window)
    await typeLine(window, "echo first")
    await typeLine(window, "read held")
    await mark(window, "read held is running").waitFor()
    await press(page, mark(window, "echo first succeeded"))
    await expect.poll(() => page.getByRole("menuitem", { name: "Run it again" }).isDisabled()).toBe(true)
    await page.keyboard.press("Escape")
    await terminal(window).press("Enter")
    await mark(window, "read held succeeded").waitFor()
    await press(page, mark(window, "echo first succeeded"))
    await page.getByRole("menuitem", { name: "Run it again" }).click()
    await expect.poll(() => mark(window, "echo first succeeded").count()).toBe(2)
  })

  it("are run again, copied and asked about by the keyboard alone", async () => {
    const product = shared()
    const { page } = await visit(product)
    const { window } = await openTerminal(product, page)
    await atPrompt(window)
    await typeLine(window, "echo said-$((1+1))")
    await mark(window, "echo said-$((1+1)) succeeded").waitFor()
    const run = async (command: string) => {
      await find(page, command)
      await choose(page, new RegExp(`^${command}`))
    }
    await run("Run the command again")
    await expect.poll(() => mark(window, "echo said-$((1+1)) succeeded").count()).toBe(2)
    await run("Copy the output of the command")
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("said-2")
    await run("Open another shell in a tab")
    await expect.poll(() => window.getByRole("tab").count()).toBe(2)
    await run("Close the tab")
    await expect.poll(() => window.getByRole("tab").count()).toBe(1)
    await expect.poll(() => terminal(window).evaluate((one) => one === document.activeElement)).toBe(true)
    await run("Ask an agent about the command")
    await expect.poll(() => composer(page).inputValue()).toContain("said-2")
  })

  it("of an agent say so in its terminal; a person takes over, and hands back", async () => {
    const product = shared()
    const { url } = product
    const { page } = await visit(product)
    const run = await begin(url, "$ until [ -e may-go-on ]; do sleep 0.05; done; echo by-the-agent")
    const started = () => listOf(`${url}/events?type=worker.task.started&run_id=${run.run_id}`, "events")
    await expect.poll(async () => (await started()).length).toBe(1)
    const [{ payload } = {}] = await started()
    const { terminal_id } = payload as { terminal_id: string }
    const { window } = await openTerminal(product, page, { terminal_id })
    const banner = window.getByRole("region", { name: "Agent in this terminal" })
    await banner.getByText(/runs .*until \[ -e may-go-on \]/).waitFor()
    await banner.getByRole("button", { name: "Take over" }).click()
    await banner.getByText("after that it is paused").waitFor()
    writeFileSync(inWorkspace(product, "may-go-on"), "")
    await banner.getByText("the terminal is yours").waitFor()
    expect(await phaseOf(url, run.run_id)).toBe("paused")
    await typeLine(window, "echo by-a-person-$((1+1))")
    await expect.poll(() => drawn(window)).toContain("by-a-person-2")
    await banner.getByRole("button", { name: "Hand back" }).click()
    await expect.poll(() => phaseOf(url, run.run_id)).toBe("done")
    await banner.waitFor({ state: "detached" })
  })
})
