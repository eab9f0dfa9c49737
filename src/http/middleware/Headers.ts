/** Headers: what every answer says of itself: nothing to keep, nothing to run, and which pages may read it. */
import { snippetPath } from "../api/Service.ts";
import { docsPath } from "../Routes.ts";

/** The docs page brings all its scripts (one of them WebAssembly) and styles with it, inline; nothing else may load or run anything. */
const inlineOnly =
  "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; img-src data:; font-src data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
const nothing = "default-src 'none'; frame-ancestors 'none'";

export const securityHeaders = (path: string) => ({
  "cache-control": path === snippetPath ? "public, max-age=3600" : "no-store",
  ...(path === snippetPath ? { "cross-origin-resource-policy": "cross-origin" } : {}),
  "content-security-policy": path === docsPath ? inlineOnly : nothing,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
});

/** What lets the pages of an allowed origin read the answer, and send JSON. */
export const corsHeaders = (origin: string, methods: ReadonlyArray<string>) => ({
  "access-control-allow-origin": origin,
  "access-control-allow-methods": methods.join(", "),
  "access-control-allow-headers": "content-type, x-request-id",
});
