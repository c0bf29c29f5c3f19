import { X } from "lucide-react"
import { useEffect } from "react"
import { useStore } from "zustand"
import { plainName, visibleText } from "../../content/plainText.ts"
import { dismissNotice, noticesStore, sawNotices } from "../../state/notices.ts"
import { Button } from "../../ui/Button.tsx"
import { relativeTime } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { useNow } from "../../ui/useNow.ts"
import { NoticeIcon } from "../NoticeIcon.tsx"
import styles from "./status.module.css"

const NoticesList = () => {
  const notices = useStore(noticesStore, (store) => store.notices)
  const now = useNow(10_000)
  // Each list that is shown was seen.
  useEffect(() => {
    if (notices.length > 0) sawNotices()
  }, [notices])
  if (notices.length === 0) return <p className={styles.note}>Nothing was said yet.</p>
  return (
    <>
      <ul className={styles.list}>
        {notices.toReversed().map((notice) => (
          <li key={notice.id} className={styles.row}>
            <NoticeIcon level={notice.level} />
            <div className={styles.words}>
              <p>{plainName(notice.title)}</p>
              {notice.text !== null && notice.text !== "" && <p className={styles.more}>{visibleText(notice.text)}</p>}
              <p className={styles.more}>
                {notice.by === null ? "" : `from ${plainName(notice.by)}, `}
                {relativeTime(new Date(notice.at).toISOString(), now)}
              </p>
            </div>
            {notice.action !== null && (
              <Button size="s" onClick={notice.action.run}>
                {notice.action.label}
              </Button>
            )}
            <IconButton
              size="s"
              label={`Dismiss ${plainName(notice.title)}`}
              icon={<X size={14} />}
              onClick={() => dismissNotice(notice.id)}
            />
          </li>
        ))}
      </ul>
      <div className={styles.actions}>
        <Button size="s" onClick={() => noticesStore.setState({ notices: [] })}>
          Dismiss all
        </Button>
      </div>
    </>
  )
}

export default NoticesList
