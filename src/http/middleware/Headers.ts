/** Headers: what every answer says of itself: nothing to keep, nothing to run, and which pages may read it. */
import type { HttpServerRequest } from "@effect/platform";
import { Duration, Effect } from "effect";
import { snippetPath } from "../api/Service.ts";
import { consoleFiles, consolePath, docsPath } from "../Routes.ts";
import { http } from "../Settings.ts";

/** The docs page brings all its scripts (one of them WebAssembly) and styles with it, inline; nothing else may load or run anything. */
const inlineOnly =
  "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; img-src data:; font-src data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/** The console has scripts and styles in files of their own, and asks this host alone. */
const ownOnly =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
const nothing = "default-src 'none'; frame-ancestors 'none'";

const policies: ReadonlyMap<string, string> = new Map([
  [docsPath, inlineOnly],
  [consolePath, ownOnly],
]);

/** A file whose name tells what it holds may be kept for good; a page is asked for anew, and answers as it is now. */
const keptFor = (path: string): string => {
  if (path.startsWith(consoleFiles)) return "public, max-age=31536000, immutable";
  if (path === consolePath) return "no-cache";
  return path === snippetPath ? "public, max-age=3600" : "no-store";
};

export const securityHeaders = (path: string) => ({
  "cache-control": keptFor(path),
  ...(path === snippetPath ? { "cross-origin-resource-policy": "cross-origin" } : {}),
  "content-security-policy": policies.get(path) ?? nothing,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
});

/** What pages send beside what they always may. */
const sent = "authorization, content-type, idempotency-key, x-api-key, x-request-id";
/** What they read beside what they always may. */
const read = "idempotent-replayed, ratelimit, ratelimit-policy, retry-after, www-authenticate, x-request-id";

/** What lets the pages of an allowed origin ask and read; a browser that asks first is told for how long that holds. */
export const makeCors = Effect.map(
  http.corsMaxAge.config,
  (maxAge) =>
    (origin: string, { method }: HttpServerRequest.HttpServerRequest, methods: ReadonlyArray<string>) => ({
      "access-control-allow-origin": origin,
      vary: "origin",
      ...(method === "OPTIONS"
        ? {
            "access-control-allow-methods": methods.join(", "),
            "access-control-allow-headers": sent,
            "access-control-max-age": String(Math.floor(Duration.toSeconds(maxAge))),
          }
        : { "access-control-expose-headers": read }),
    }),
);
