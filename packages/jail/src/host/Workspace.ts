/**
 * The workspace's names, resolved so that neither a link nor a race leads out of it.
 *
 * Law: a file is only touched through an open folder whose own path was read back from the kernel and lies inside the
 * root; the last step never follows a link. What is swapped after that check changes a name, not the folder in hand.
 */
import { constants } from "node:fs"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import { errnoOf, HostFailure } from "./failure.ts"

const maxLinks = 40
const byDescriptor = process.platform === "linux"
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

export class Folder implements AsyncDisposable {
  readonly path: string
  private readonly handle: fs.FileHandle

  constructor(folderPath: string, handle: fs.FileHandle) {
    this.path = folderPath
    this.handle = handle
  }

  /** The way to a child that goes through this very folder, wherever its name may lead by now. */
  at(name: string): string {
    return byDescriptor ? `/proc/self/fd/${this.handle.fd}/${name}` : path.join(this.path, name)
  }

  get self(): string {
    return byDescriptor ? `/proc/self/fd/${this.handle.fd}/.` : this.path
  }

  pathOf(name: string): string {
    return path.join(this.path, name)
  }

  sync(): Promise<void> {
    return this.handle.sync()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.handle.close()
  }
}

export interface Place extends AsyncDisposable {
  readonly folder: Folder
  /** The name in `folder`; null for the root of the workspace itself. */
  readonly name: string | null
  readonly path: string
}

export class Workspace {
  readonly root: string

  /** `root` is a real path. */
  constructor(root: string) {
    this.root = root
  }

  contains(candidate: string): boolean {
    return candidate === this.root || candidate.startsWith(`${this.root}/`)
  }

  /** The absolute path that a caller means. Fails with `outside` when its words alone lead out. */
  absolute(given: string): string {
    if (given.includes("\0")) throw new HostFailure("invalid", "A path can't hold a null character.")
    const absolute = path.resolve(this.root, given)
    if (!this.contains(absolute)) throw this.outside(given)
    return absolute
  }

  async openFolder(real: string): Promise<Folder> {
    return this.verified(real, await fs.open(real, folderFlags))
  }

  /** A folder below an open one; a link in its place is refused. */
  async openChild(parent: Folder, name: string): Promise<Folder> {
    return this.verified(parent.pathOf(name), await fs.open(parent.at(name), folderFlags))
  }

  /** Where `given` is, its last part not followed. `mkdirs` makes the folders on the way. */
  async place(given: string, options?: { readonly mkdirs?: boolean }): Promise<Place> {
    const absolute = this.absolute(given)
    if (absolute === this.root) return place(await this.openFolder(this.root), null)
    const parent = path.dirname(absolute)
    const folder = options?.mkdirs === true ? await this.ensureFolder(parent) : await this.openReal(parent, given)
    return place(folder, path.basename(absolute))
  }

  /** Where `given` really is: links are followed as long as they stay inside, so that a file has one identity. */
  async target(given: string, options?: { readonly mkdirs?: boolean }): Promise<Place> {
    let current = given
    for (let hops = 0; hops < maxLinks; hops++) {
      const found = await this.place(current, options)
      if (found.name === null) return found
      const link = await linkTarget(found.folder.at(found.name))
      if (link === undefined) return found
      current = path.resolve(found.folder.path, link)
      await found.folder[Symbol.asyncDispose]()
      if (!this.contains(current)) current = await this.realInside(current, given)
    }
    throw new HostFailure("invalid", `Too many links: ${given}`)
  }

  /** Opens the folder at `absolute`, making what is missing. */
  async ensureFolder(absolute: string): Promise<Folder> {
    const missing: Array<string> = []
    let existing = absolute
    let folder: Folder
    for (;;) {
      try {
        folder = await this.openReal(existing, existing)
        break
      } catch (error) {
        if (existing === this.root || (error instanceof HostFailure ? error.code : errnoOf(error)) !== "ENOENT")
          throw error
        missing.unshift(path.basename(existing))
        existing = path.dirname(existing)
      }
    }
    for (const name of missing) {
      await using parent = folder
      await fs.mkdir(parent.at(name)).catch((error: unknown) => {
        if (errnoOf(error) !== "EEXIST") throw error
      })
      folder = await this.openChild(parent, name)
    }
    return folder
  }

  private async openReal(absolute: string, given: string): Promise<Folder> {
    const real = await fs.realpath(absolute).catch(async (error: unknown) => {
      // What is missing outside is not told apart from what is there.
      if (await this.leadsOut(path.dirname(absolute))) throw this.outside(given)
      throw error
    })
    if (!this.contains(real)) throw this.outside(given)
    return this.openFolder(real)
  }

  /** Whether the part of a path that exists is outside. */
  private async leadsOut(absolute: string): Promise<boolean> {
    for (let folder = absolute; ; folder = path.dirname(folder)) {
      const real = await fs.realpath(folder).catch(() => undefined)
      if (real !== undefined) return !this.contains(real)
      if (folder === path.dirname(folder)) return true
    }
  }

  /** A link may name the workspace by another way (a linked parent): only its real path tells. */
  private async realInside(candidate: string, given: string): Promise<string> {
    const real = await fs.realpath(candidate).catch(() => undefined)
    if (real === undefined || !this.contains(real)) throw this.outside(given)
    return real
  }

  private async verified(expected: string, handle: fs.FileHandle): Promise<Folder> {
    try {
      const real = byDescriptor ? await fs.readlink(`/proc/self/fd/${handle.fd}`) : await fs.realpath(expected)
      if (!this.contains(real)) throw this.outside(expected)
      return new Folder(real, handle)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  private outside(given: string): HostFailure {
    return new HostFailure("outside", `It is outside of the workspace: ${given}`)
  }
}

const place = (folder: Folder, name: string | null): Place => ({
  folder,
  name,
  path: name === null ? folder.path : folder.pathOf(name),
  [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]()
})

const linkTarget = async (at: string): Promise<string | undefined> => {
  try {
    return await fs.readlink(at)
  } catch (error) {
    const code = errnoOf(error)
    if (code === "EINVAL" || code === "ENOENT" || code === "ENOTDIR") return undefined
    throw error
  }
}
