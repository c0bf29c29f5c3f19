/** Why a terminal can't serve now, in words for a client: no path of an actor, no address. */
export const inWords = (error: { readonly _tag: string; readonly message: string }): string => {
  switch (error._tag) {
    case "Supervision.CallTimeout":
      return "The terminal did not answer in time"
    case "Supervision.MailboxFull":
      return "The terminal has more to do than it can take; try again"
    case "Supervision.GaveUp":
      return "The terminal has failed again and again, and was given up"
    case "Supervision.ActorDead":
    case "Supervision.StartFailed":
    case "Supervision.SelfCall":
      return "The terminal is not there; try again"
    default:
      return error.message
  }
}
