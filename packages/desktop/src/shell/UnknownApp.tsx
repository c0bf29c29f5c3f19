import { unknownAppIcon as Icon } from "../apps/catalog.tsx"
import { plainName } from "../content/plainText.ts"
import { closeWindow } from "../state/windows.ts"
import { Button } from "../ui/Button.tsx"
import { Empty } from "../ui/Empty.tsx"

/** A window of an app that another client registered: it is shown as what it is. */
export const UnknownApp = ({ app_id, window_id }: { readonly app_id: string; readonly window_id: string }) => (
  <Empty
    icon={<Icon />}
    title={`This desktop does not know the app “${plainName(app_id)}”`}
    action={<Button onClick={() => closeWindow(window_id)}>Close the window</Button>}
  >
    It was registered by another client of this computer.
  </Empty>
)
