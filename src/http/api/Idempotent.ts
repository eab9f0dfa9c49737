/** Idempotent: an endpoint that takes an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header); declared beside it. */
import { OpenApi } from "@effect/platform";
import { Context } from "effect";

export class Idempotent extends Context.Reference<Idempotent>()("slipstream/Idempotent", {
  defaultValue: (): boolean => false,
}) {}

export const keyForm = /^[\x21-\x7e]{1,255}$/;

const parameter = {
  name: "idempotency-key",
  in: "header",
  required: false,
  schema: { type: "string", minLength: 1, maxLength: 255, pattern: "^[!-~]+$" },
  description:
    "Yours, for a harmless retry: a request that comes again with the same key, parameters and body within a day is answered as before, and done once. Events without an event_id get ids of it, so that they count once in every process, also after a restart. Another request under the same key is refused (422), and the same request while the first one is under way (409).",
};

type Document = Record<string, unknown>;

/** For `annotateContext`; after `needs`. `more`: what else is told of the operation. */
export const idempotentAnd = (more: (operation: Document) => Document) =>
  Context.make(Idempotent, true).pipe(
    Context.add(OpenApi.Transform, (operation) =>
      more({ ...operation, parameters: [...(operation.parameters as ReadonlyArray<unknown>), parameter] }),
    ),
  );

export const idempotent = idempotentAnd((operation) => operation);
