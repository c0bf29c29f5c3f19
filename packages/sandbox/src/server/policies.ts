/**
 * What a page may do, by the headers that it comes with.
 *
 * Law: in the desktop's origin runs the desktop's own script alone; a file of the workspace runs in no origin at all.
 */

const policy = (directives: Readonly<Record<string, string>>): string =>
  Object.entries(directives)
    .map(([name, value]) => (value === "" ? name : `${name} ${value}`))
    .join("; ")

const desktop = {
  "default-src": "'none'",
  "script-src": "'self'",
  // Terminal and editor make the styles of what they show as they go. A style can't run anything.
  "style-src": "'self' 'unsafe-inline'",
  "img-src": "'self' data: blob:",
  "font-src": "'self' data:",
  "media-src": "'self' blob:",
  // Sockets of the same host are meant by it as well.
  "connect-src": "'self'",
  "worker-src": "'self'",
  "frame-src": "'self'",
  "manifest-src": "'self'",
  "object-src": "'none'",
  "base-uri": "'none'",
  "form-action": "'self'",
  "frame-ancestors": "'none'",
  "require-trusted-types-for": "'script'",
  "trusted-types": "choiros"
}

/** The desktop's own files. */
export const desktopHeaders = {
  "content-security-policy": policy(desktop),
  "permissions-policy":
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=(), xr-spatial-tracking=(), clipboard-read=(self), clipboard-write=(self), fullscreen=(self)"
}

/** A worker has the policy that its script came with: the images of a PDF are decoded by WebAssembly. */
export const workerHeaders = {
  ...desktopHeaders,
  "content-security-policy": policy({ ...desktop, "script-src": "'self' 'wasm-unsafe-eval'" })
}

/**
 * A file of the workspace, shown as a page. It has an origin of its own that equals no other, also when it is opened by
 * itself: no cookie, no storage, no request. What is left to it (to go elsewhere in its own frame, to call a peer) can carry away
 * only what the file says itself. Only our own page may frame it.
 */
export const viewHeaders = {
  "content-security-policy": policy({
    sandbox: "allow-scripts",
    "default-src": "'none'",
    "script-src": "'unsafe-inline'",
    "style-src": "'unsafe-inline'",
    "img-src": "data: blob:",
    "font-src": "data:",
    "media-src": "data: blob:",
    "connect-src": "'none'",
    "form-action": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'self'"
  }),
  "x-frame-options": "SAMEORIGIN",
  "permissions-policy":
    "accelerometer=(), camera=(), clipboard-read=(), clipboard-write=(), display-capture=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=(), xr-spatial-tracking=()",
  "x-dns-prefetch-control": "off"
}
