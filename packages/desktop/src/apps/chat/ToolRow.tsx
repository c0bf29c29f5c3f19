import type { TimelineTool } from "@choiros/protocol"
import { memo } from "react"
import { useStore } from "zustand"
import { ToolCard } from "../../cards/ToolCard.tsx"
import { waitingStore } from "../../state/waiting.ts"
import { ApprovalCard } from "../inbox/ApprovalCard.tsx"
import { QuestionCard } from "../inbox/QuestionCard.tsx"
import { useActs } from "./conversationContext.ts"

/** A call; as long as it waits for a person, what it waits for stands in its place. */
export const ToolRow = memo(({ live, tool }: { readonly tool: TimelineTool; readonly live: boolean }) => {
  const { openTarget } = useActs()
  const approval_id = tool.approval !== null && tool.decided === null ? tool.approval.approval_id : null
  const question_id = tool.question !== null && tool.answered === null ? tool.question.question_id : null
  const approval = useStore(waitingStore, ({ waiting }) =>
    approval_id === null ? undefined : waiting.approvals.get(approval_id)
  )
  const question = useStore(waitingStore, ({ waiting }) =>
    question_id === null ? undefined : waiting.questions.get(question_id)
  )
  if (approval !== undefined) return <ApprovalCard approval={approval} dense />
  if (question !== undefined) return <QuestionCard question={question} dense />
  return <ToolCard tool={tool} live={live} onOpen={openTarget} />
})
ToolRow.displayName = "ToolRow"
