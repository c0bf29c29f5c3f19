import { expect, it } from "vitest"
import { argumentsToTry } from "./tryArguments.ts"

it("makes the tool's arguments of what was typed", () => {
  expect(argumentsToTry("bash", 'echo "hi"').tool_args).toBe('{"command":"echo \\"hi\\""}')
  expect(argumentsToTry("read_file", "a.txt").tool_args).toBe('{"path":"a.txt"}')
  expect(argumentsToTry("other", '{"a":1}').tool_args).toBe('{"a":1}')
})

it("tries nothing that is no object", () => {
  for (const text of ["", "1", "[1]", "{"]) {
    expect(argumentsToTry("other", text)).toMatchObject({ tool_args: null, problem: expect.any(String) })
  }
})
