/** Which path of the workspace a `file://` uri names, by its words alone; links are the jail's to follow. */
import * as path from "node:path/posix"
import * as Option from "effect/Option"

export interface Names {
  /** The workspace inside the jail. */
  readonly root: string
  /** The workspace on this machine, as the user names it: a link in it is not resolved. */
  readonly workspace: string
  readonly toJailPath: (hostPath: string) => Option.Option<string>
}

/** The jail's names come first: they are what agents and listings show. */
export const jailPathOf = (uri: string, { root, toJailPath, workspace }: Names): Option.Option<string> =>
  Option.flatMap(pathOf(uri), (named) => {
    if (within(root, named)) return Option.some(named)
    return Option.orElse(toJailPath(named), () =>
      within(workspace, named) ? Option.some(path.join(root, path.relative(workspace, named))) : Option.none()
    )
  })

const pathOf = (uri: string): Option.Option<string> => {
  const url = URL.parse(uri)
  if (url === null || url.protocol !== "file:" || (url.hostname !== "" && url.hostname !== "localhost"))
    return Option.none()
  try {
    const named = decodeURIComponent(url.pathname)
    return named.includes("\0") ? Option.none() : Option.some(path.resolve("/", named))
  } catch {
    // Not percent-encoded text: it names nothing.
    return Option.none()
  }
}

const within = (folder: string, named: string): boolean => named === folder || named.startsWith(`${folder}/`)
