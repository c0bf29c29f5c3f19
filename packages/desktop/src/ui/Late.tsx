/**
 * Parts whose code is fetched when they are first drawn.
 *
 * Law: a part is drawn in one go when its code is there. React draws what waited behind a `Suspense` only while nothing else
 * wants to be drawn, and begins anew each time that something does: beside an answer that streams that may be never. What
 * could not be fetched throws, and is asked for again when it is drawn the next time.
 */
import {
  type ComponentType,
  createContext,
  type FunctionComponent,
  type ReactNode,
  useContext,
  useEffect,
  useState
} from "react"

export interface LatePart<Props> extends FunctionComponent<Props> {
  /** Fetches the code ahead of the first drawing. */
  readonly fetch: () => Promise<unknown>
}

const WaitingContext = createContext<ReactNode>(null)

/** What stands in the place of a part in `children` whose code is on its way. */
export const Waiting = ({ children, fallback }: { readonly children: ReactNode; readonly fallback: ReactNode }) => (
  <WaitingContext value={fallback}>{children}</WaitingContext>
)

interface Code<Props> {
  fetched: ComponentType<Props> | null
  readonly fetch: () => Promise<unknown>
}

export const late = <Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props> }>
): LatePart<Props> => {
  const code: Code<Props> = {
    fetched: null,
    fetch: async () => {
      code.fetched ??= (await load()).default
    }
  }
  return Object.assign((props: Props) => <Fetched code={code} props={props} />, { fetch: code.fetch })
}

const Fetched = <Props extends object>({ code, props }: { readonly code: Code<Props>; readonly props: Props }) => {
  const fallback = useContext(WaitingContext)
  const [Part, setPart] = useState(() => code.fetched)
  const [failure, setFailure] = useState<{ readonly error: unknown } | null>(null)
  useEffect(() => {
    if (Part !== null) return
    let left = false
    code.fetch().then(
      () => left || setPart(() => code.fetched),
      (error: unknown) => left || setFailure({ error })
    )
    return () => {
      left = true
    }
  }, [Part, code])
  if (failure !== null) throw failure.error
  return Part === null ? fallback : <Part {...props} />
}
