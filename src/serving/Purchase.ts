/** Purchase: an event of the shop's own type of purchases, which it need not name. */
import { Context, Effect, Either, Layer } from "effect";
import { InvalidInput, type ServingError } from "./Errors.ts";
import { type Accepted, Events } from "./Events.ts";
import { shown } from "./FieldError.ts";
import { eventsIn } from "./SentEvents.ts";
import { ServingModel } from "./ServingModel.ts";
import { byTakenTypes } from "./TakenTypes.ts";

export interface PurchaseService {
  /** `body` is JSON as parsed. Durable when it returns; fails for indices that the serving model does not know. */
  readonly purchase: (body: unknown) => Effect.Effect<Accepted, ServingError>;
}

const refused = (field: string, value: unknown, detail: string) =>
  new InvalidInput({
    message: `${field}: ${detail}; nothing was accepted.`,
    errors: [{ field, value: shown(value), detail }],
  });

/** The body as an event of type `usual`. */
const asEvent = (body: unknown, usual: string): Either.Either<unknown, InvalidInput> => {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return Either.left(refused("body", body, "send one purchase as a JSON object, or a list to POST /events"));
  }
  const { event_type: type = usual } = body as { readonly event_type?: unknown };
  return type === usual
    ? Either.right({ ...body, event_type: usual })
    : Either.left(refused("event_type", type, `leave it out: this is ${usual}; others go to POST /events`));
};

const make = Effect.gen(function* () {
  const { accept } = yield* Events;
  const { current } = yield* ServingModel;
  const usualFor = yield* byTakenTypes(({ names, usual }) => names[usual] ?? "");
  return {
    purchase: (body) =>
      Effect.gen(function* () {
        const event = yield* asEvent(body, usualFor(yield* current));
        return yield* accept({ events: eventsIn(event), onError: "refuse" });
      }),
  } satisfies PurchaseService as PurchaseService;
});

export class Purchase extends Context.Tag("slipstream/Purchase")<Purchase, PurchaseService>() {
  static readonly layer = Layer.effect(Purchase, make);
}
