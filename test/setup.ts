/** Before each file of those that share a thread: `it` as it is by itself, which `layer` of @effect/vitest changes for all. */
import { effect, flakyTest, it, layer, live, scoped, scopedLive } from "@effect/vitest";

Object.assign(it, { effect, flakyTest, layer, live, scoped, scopedLive });
