/** Needs: what a key must be allowed to do for an endpoint to answer; declared beside each endpoint. */
import { OpenApi } from "@effect/platform";
import { Context } from "effect";
import type { Scope } from "../../keys/Key.ts";

/** open: asked by anybody, since it tells nothing of shop or shoppers. */
export type Need = Scope | "open";

export class Needs extends Context.Tag("slipstream/Needs")<Needs, Need>() {}

/** How a key is shown: names of the document's security schemes. */
export const schemes = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "A key, as `keys add` printed it: `Authorization: Bearer KEY`.",
  },
  apiKey: {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
    description:
      "The same key in a header of its own, for where a gateway uses the other one. It counts where both are sent.",
  },
};

/** For `annotateContext`. The document lists the scope as a role (OpenAPI 3.1). */
export const needs = (need: Need) => {
  const security = need === "open" ? [] : Object.keys(schemes).map((name) => ({ [name]: [need] }));
  return Context.make(Needs, need).pipe(Context.add(OpenApi.Override, { security }));
};
