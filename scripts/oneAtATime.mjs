/**
 * A lock between the processes of one checkout: a file that names its holder, touched each second while it is held.
 *
 * Law: a lock is free when its holder is not alive, or (a process id may be used again) has not touched it for half a minute.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const touchEvery = 1_000
const deadAfter = 30_000

/** Waits until no other process holds `path`, holds it while `work` runs, and lets it go. `waiting` is called once, with the holder's id. */
export const oneAtATime = async (path, work, waiting) => {
  mkdirSync(dirname(path), { recursive: true })
  const mine = `${path}.${process.pid}`
  let held = false
  const release = () => {
    if (held) rmSync(path, { force: true })
    rmSync(mine, { force: true })
  }
  process.on("exit", release)
  let told = false
  try {
    writeFileSync(mine, String(process.pid))
    while (!link(mine, path)) {
      const holder = holderOf(path)
      if (holder?.dead) clear(path, holder.id, `${mine}.old`)
      else {
        if (holder !== undefined && !told) waiting(holder.id)
        told ||= holder !== undefined
        await sleep(100)
      }
    }
    held = true
    const touching = setInterval(() => utimesSync(path, new Date(), new Date()), touchEvery)
    try {
      return await work()
    } finally {
      clearInterval(touching)
    }
  } finally {
    release()
    process.off("exit", release)
  }
}

// A link is made whole or not at all: nobody reads a lock without its holder in it.
const link = (from, to) => {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error.code === "EEXIST") return false
    throw error
  }
}

const holderOf = (path) => {
  try {
    const id = Number(readFileSync(path, "utf8"))
    return { id, dead: !isAlive(id) || Date.now() - statSync(path).mtimeMs > deadAfter }
  } catch (error) {
    if (error.code === "ENOENT") return undefined
    throw error
  }
}

// Between the look and this act another waiter may have cleared the lock and taken it: then it gets it back.
const clear = (path, id, aside) => {
  try {
    renameSync(path, aside)
  } catch (error) {
    if (error.code === "ENOENT") return
    throw error
  }
  if (Number(readFileSync(aside, "utf8")) !== id) link(aside, path)
  rmSync(aside, { force: true })
}

const isAlive = (id) => {
  try {
    process.kill(id, 0)
    return true
  } catch (error) {
    return error.code === "EPERM"
  }
}
