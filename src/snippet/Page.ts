/**
 * Page: the snippet as a script of a page: `<script src="https://API/snippet.js" data-user="42" data-key="KEY"></script>`, and then
 * `slipstream.track("click", "0108775015")`.
 */
/// <reference lib="dom" />
import { makeTracker } from "./Snippet.ts";

const script = document.currentScript as HTMLScriptElement | null;
const { key, url, user } = script?.dataset ?? {};

Object.assign(globalThis, {
  slipstream: makeTracker({ url: url ?? new URL(script?.src ?? location.href).origin, key, user }),
});
