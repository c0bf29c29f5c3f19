/** One lock a file, made when it is first wanted and forgotten when nobody holds or waits for it. */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"

export interface FileLocks {
  /** Waits for the file's turn; what runs in it is not interrupted half way. */
  readonly hold: (path: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export const makeFileLocks = (): FileLocks => {
  const locks = new Map<string, { readonly semaphore: Semaphore.Semaphore; users: number }>()
  return {
    hold: (path) => (effect) =>
      Effect.suspend(() => {
        const lock = locks.get(path) ?? { semaphore: Semaphore.makeUnsafe(1), users: 0 }
        locks.set(path, lock)
        lock.users += 1
        return lock.semaphore
          .withPermits(1)(Effect.uninterruptible(effect))
          .pipe(
            Effect.ensuring(
              Effect.sync(() => {
                lock.users -= 1
                if (lock.users === 0) locks.delete(path)
              })
            )
          )
      })
  }
}
