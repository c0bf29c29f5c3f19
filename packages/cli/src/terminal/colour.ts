/** Whether a stream gets colours. NO_COLOR: no-color.org; FORCE_COLOR as Node and most tools take it. */
export const hasColour = (
  stream: { readonly isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>
): boolean => {
  if ((env.NO_COLOR ?? "") !== "") return false
  if ((env.FORCE_COLOR ?? "") !== "") return env.FORCE_COLOR !== "0"
  return stream.isTTY === true && env.TERM !== "dumb"
}
