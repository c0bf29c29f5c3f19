/** Every action of the desktop with its keys, as the registry has them. */
import { useStore } from "zustand"
import { actionsStore, runAction } from "../../actions/Action.ts"
import { keysOf, keysStore } from "../../actions/keys.ts"
import { Button } from "../../ui/Button.tsx"
import { Kbd } from "../../ui/Kbd.tsx"
import { Part } from "./Part.tsx"
import styles from "./ShortcutsSection.module.css"

export const ShortcutsSection = () => {
  const actions = useStore(actionsStore, (store) => store.actions)
  useStore(keysStore)
  const groups = Map.groupBy(
    [...actions.values()].filter((action) => keysOf(action).length > 0),
    ({ group }) => group
  )
  return (
    <>
      <div>
        <Button onClick={() => runAction("shortcuts.show")}>Change the keys</Button>
      </div>
      {[...groups].map(([group, all]) => (
        <Part key={group} title={group}>
          <ul className={styles.list}>
            {all.map((action) => (
              <li key={action.id} className={styles.row}>
                <span>{action.title}</span>
                <span className={styles.keys}>
                  {keysOf(action).map((keys) => (
                    <Kbd key={keys} keys={keys} />
                  ))}
                </span>
              </li>
            ))}
          </ul>
        </Part>
      ))}
    </>
  )
}
