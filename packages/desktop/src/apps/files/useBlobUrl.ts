import { useEffect, useState } from "react"

/** An address of these bytes for this page alone, as long as they are shown. */
export const useBlobUrl = (bytes: Uint8Array<ArrayBuffer> | null, type: string): string | null => {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    if (bytes === null) return setUrl(null)
    const made = URL.createObjectURL(new Blob([bytes], { type }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [bytes, type])
  return url
}
