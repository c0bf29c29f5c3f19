/**
 * Child processes of the scripts.
 *
 * Law: a child never outlives its script; a signal that ends the script ends the child first.
 */
import { spawn } from "node:child_process"
import { constants } from "node:os"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"]

/** How long a child may take to end when asked, in milliseconds: npm rolls back an install, which can take longer than a person waits. */
const grace = 3_000

/** Runs a command to its end and resolves to its exit code; 128 and the signal's number when a signal ended it. */
export const run = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", ...options })
    let ending
    const end = (signal) => {
      if (ending !== undefined) return
      ending = signal
      child.kill("SIGTERM")
      setTimeout(() => child.kill("SIGKILL"), grace).unref()
    }
    for (const signal of signals) process.on(signal, end)
    const release = () => {
      for (const signal of signals) process.off(signal, end)
    }
    child.on("error", (error) => {
      release()
      reject(error)
    })
    child.on("close", (code, signal) => {
      release()
      if (ending !== undefined) process.exit(128 + constants.signals[ending])
      resolve(code ?? 128 + constants.signals[signal])
    })
  })
