/** How the desktop is built: hashed files under /assets, no inline script, each app and heavy library in a chunk of its own. */
import { createRequire } from "node:module"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

/** Parts of the markdown renderer that parse by innerHTML in a browser, which Trusted Types forbid: their other form. */
const { resolve } = createRequire(import.meta.url)
const withoutInnerHtml = ["decode-named-character-reference", "hast-util-from-html-isomorphic"].map((name) => ({
  find: new RegExp(`^${name}$`),
  replacement: resolve(name)
}))

export default defineConfig({
  plugins: [react()],
  resolve: { alias: withoutInnerHtml },
  // An inlined asset is a data: URL, and the shell grows by what only one app shows.
  build: { target: "es2024", assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  css: { modules: { localsConvention: "camelCase" } },
  // A development server beside a running computer: `npm --prefix packages/desktop exec vite`.
  server: { proxy: { "^/(?!@|src/|node_modules/|assets/)": { target: "http://127.0.0.1:8080", ws: true } } }
})
