/** For a part that scrolls: it takes the focus, so that its content can be read by keyboard alone. */
export const scrollable = { tabIndex: 0 } as const
