import { CircleAlert, CircleCheck, CircleX, Info } from "lucide-react"
import type { Notice } from "../state/notices.ts"
import styles from "./Toasts.module.css"

const icons = { info: Info, success: CircleCheck, warning: CircleAlert, error: CircleX } as const

export const NoticeIcon = ({ level }: { readonly level: Notice["level"] }) => {
  const Icon = icons[level]
  return <Icon className={styles[level]} size={16} strokeWidth={1.75} aria-hidden="true" />
}
