/** Where menus, dialogs and popovers are drawn: above all windows, whatever window asked. */
export const overlays = (): HTMLElement => document.getElementById("overlays") ?? document.body
