/** Files of the workspace that are dragged within the page: their paths, as JSON. */
export const draggedType = "application/x-choiros-files"

export const isMove = ({ types }: DataTransfer): boolean => types.includes(draggedType)

export const draggedPaths = (data: DataTransfer): ReadonlyArray<string> => {
  try {
    const paths: unknown = JSON.parse(data.getData(draggedType))
    return Array.isArray(paths) ? paths.filter((path) => typeof path === "string") : []
  } catch {
    return []
  }
}
