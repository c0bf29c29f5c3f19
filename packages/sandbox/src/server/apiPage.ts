/** The OpenAPI document as a page to read: no script, nothing from elsewhere. */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const Document = Schema.Struct({
  info: Schema.Struct({ title: Schema.String, version: Schema.String, description: Schema.optional(Schema.String) }),
  paths: Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Unknown))
})

const Operation = Schema.Struct({
  summary: Schema.optional(Schema.String),
  description: Schema.optional(Schema.String),
  tags: Schema.optional(Schema.Array(Schema.String)),
  parameters: Schema.optional(
    Schema.Array(Schema.Struct({ name: Schema.String, in: Schema.String, required: Schema.optional(Schema.Boolean) }))
  ),
  requestBody: Schema.optional(Schema.Unknown),
  responses: Schema.optional(Schema.Record(Schema.String, Schema.Unknown))
})

export const apiPage = (document: unknown): string => {
  const { info, paths } = Schema.decodeUnknownSync(Document)(document)
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, raw]) => {
      const operation = Schema.decodeUnknownOption(Operation)(raw)
      return Option.isNone(operation) ? [] : [section(path, method, operation.value)]
    })
  )
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(info.title)} API</title>
<link rel="stylesheet" href="/page.css"></head>
<body><main>
<h1>${escaped(info.title)} API <small>${escaped(info.version)}</small></h1>
<p>${escaped(info.description ?? "")}</p>
<p>As a document for programs: <a href="/openapi.json">openapi.json</a></p>
${rows.join("\n")}
</main></body>
</html>
`
}

const section = (path: string, method: string, operation: typeof Operation.Type): string => {
  const parameters = (operation.parameters ?? []).map(
    (parameter) =>
      `<li><code>${escaped(parameter.name)}</code> in ${escaped(parameter.in)}${parameter.required === true ? ", required" : ""}</li>`
  )
  const body =
    operation.requestBody === undefined
      ? ""
      : `<details><summary>Body</summary><pre>${json(operation.requestBody)}</pre></details>`
  const responses = Object.entries(operation.responses ?? {}).map(
    ([status, response]) => `<details><summary>${escaped(status)}</summary><pre>${json(response)}</pre></details>`
  )
  return `<section>
<h2><span class="method">${escaped(method.toUpperCase())}</span> <code>${escaped(path)}</code></h2>
<p>${[operation.summary, operation.description]
    .filter((text) => text !== undefined)
    .map((text) => escaped(/[.!?]$/.test(text) ? text : `${text}.`))
    .join(" ")}</p>
${parameters.length === 0 ? "" : `<ul>${parameters.join("")}</ul>`}
${body}${responses.join("")}
</section>`
}

const json = (value: unknown): string => escaped(JSON.stringify(value, null, 2))

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
