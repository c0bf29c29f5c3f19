/** The whole page: windows, and the bar that they never go under. */
import { Bar } from "./Bar.tsx"
import styles from "./Desktop.module.css"
import { Home } from "./Home.tsx"
import { Overlays } from "./Overlays.tsx"
import { Windows } from "./Windows.tsx"

export const Desktop = () => (
  <div className={styles.desktop}>
    <Windows>
      <Home />
    </Windows>
    <Bar />
    <Overlays />
  </div>
)
