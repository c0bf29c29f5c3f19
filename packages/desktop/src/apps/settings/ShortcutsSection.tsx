import { ShortcutList, shortcutWords } from "../../shell/palette/ShortcutSheet.tsx"
import { Part } from "./Part.tsx"

/** The same list as the sheet of shortcuts has. */
export const ShortcutsSection = () => (
  <Part title="Keys" intro={`${shortcutWords} They are kept in this browser.`}>
    <ShortcutList />
  </Part>
)
