/** How the desktop is built: hashed files under /assets, no inline script, each app and heavy library in a chunk of its own. */
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

export default defineConfig({
  plugins: [react()],
  // An inlined asset is a data: URL, and the shell grows by what only one app shows.
  build: { target: "es2024", assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  css: { modules: { localsConvention: "camelCaseOnly" } },
  // A development server beside a running computer: `npm --prefix packages/desktop exec vite`.
  server: { proxy: { "^/(?!@|src/|node_modules/|assets/)": { target: "http://127.0.0.1:8080", ws: true } } }
})
