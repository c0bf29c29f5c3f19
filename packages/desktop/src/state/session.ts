/** Whose computer it is, as far as the wire asks for names: one person, one desktop on every screen. */
export const me = "me"
export const desktopId = "main"
