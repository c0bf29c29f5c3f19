/**
 * As whom the jail runs.
 *
 * Law: never as root. Started by root, the jail takes the uid of the workspace's owner, or one of its own; we give away only
 * folders that we made.
 */
import { createHash } from "node:crypto"
import { chownSync, existsSync, lchownSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs"
import * as path from "node:path"

export interface Identity {
  readonly uid: number
  readonly gid: number
}

export class IdentityRefused extends Error {
  override readonly name = "IdentityRefused"
}

/** Debian keeps 60000 to 64999 for packages that ask; the upper part of it is free of systemd's dynamic users. */
const firstUid = 64100
const uids = 800

/**
 * Makes the workspace and the home when they are missing. Null: as whoever we are. Under `confined` a root workspace is
 * refused; without confinement it stays root's.
 */
export const settleIdentity = (options: {
  readonly workspace: string
  readonly home: string
  readonly confined: boolean
}): Identity | null => {
  const asRoot = process.getuid?.() === 0
  const made = !existsSync(options.workspace)
  mkdirSync(options.workspace, { recursive: true, mode: 0o755 })
  if (!asRoot) {
    mkdirSync(options.home, { recursive: true, mode: 0o700 })
    return null
  }
  const owner = statSync(options.workspace)
  if (!made && owner.uid === 0) {
    if (options.confined) {
      throw new IdentityRefused(
        `The workspace ${options.workspace} belongs to root, and the jail never runs as root: give it to another user (chown), or choose another folder.`
      )
    }
    mkdirSync(options.home, { recursive: true, mode: 0o700 })
    return null
  }
  const identity = made ? ownIdentity(options.workspace) : { uid: owner.uid, gid: owner.gid || owner.uid }
  if (made) chownSync(options.workspace, identity.uid, identity.gid)
  mkdirSync(options.home, { recursive: true, mode: 0o700 })
  giveTree(options.home, identity)
  return identity
}

/** The same folder always gets the same uid, and one that nobody has a name for. */
const ownIdentity = (workspace: string): Identity => {
  const taken = new Set(
    readIfThere("/etc/passwd")
      .split("\n")
      .map((line) => Number(line.split(":")[2]))
  )
  const start = createHash("sha256").update(path.resolve(workspace)).digest().readUInt32BE(0) % uids
  for (let step = 0; step < uids; step++) {
    const uid = firstUid + ((start + step) % uids)
    if (!taken.has(uid)) return { uid, gid: uid }
  }
  throw new IdentityRefused(`Every uid from ${firstUid} to ${firstUid + uids - 1} is taken.`)
}

/** A folder of ours goes to the jail with all that an earlier identity left in it. Links are not followed. */
export const giveTree = (folder: string, { uid, gid }: Identity): void => {
  const stats = lstatSync(folder)
  if (stats.uid === uid && stats.gid === gid) return
  if (stats.isDirectory()) for (const name of readdirSync(folder)) giveTree(path.join(folder, name), { uid, gid })
  lchownSync(folder, uid, gid)
}

/** Whether `identity` can get to `target` by its folders' modes. */
export const isReachable = (target: string, { uid, gid }: Identity): boolean => {
  for (let folder = path.dirname(target); ; folder = path.dirname(folder)) {
    const stats = statSync(folder)
    const mode = stats.uid === uid ? stats.mode >> 6 : stats.gid === gid ? stats.mode >> 3 : stats.mode
    if ((mode & 1) === 0) return false
    if (folder === path.dirname(folder)) return true
  }
}

const readIfThere = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "")
