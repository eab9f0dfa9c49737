/** Forgetting: what a shopper may ask a shop for: to be forgotten, and how far that is. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { Receipt } from "../../forgetting/Receipt.ts";
import { id } from "../../serving/EventInput.ts";
import { ForeignOrigin, MisdirectedRequest, NotFound, Unavailable, UriTooLong } from "../Problem.ts";
import { needs } from "./Needs.ts";

const UserPath = Schema.Struct({
  user_id: id.annotations({ description: "The shop's own id of the user, and nothing else." }),
}).annotations({ parseOptions: { errors: "all" } });

const ReceiptPath = Schema.Struct({
  receipt: Schema.String.pipe(Schema.pattern(/^[0-9a-f]{64}$/)).annotations({
    message: () => ({ message: "send a receipt as it was given: 64 digits and letters from a to f", override: true }),
  }),
}).annotations({ parseOptions: { errors: "all" } });

const forget = HttpApiEndpoint.del("forgetUser", "/users/:user_id")
  .setPath(UserPath)
  .addSuccess(Receipt.annotations(HttpApiSchema.annotations({ status: 202 })))
  .addError(ForeignOrigin)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotateContext(needs("admin"))
  .annotate(OpenApi.Summary, "Forget a user")
  .annotate(
    OpenApi.Description,
    "All that the user did up to now. It is durable when it is answered, and no model knows the user then, unless the receipt says that one is still behind. Copies in tables and files are removed by the next batch, and by retention: the receipt tells. What the user does from now on counts as a stranger's. Asked again, it begins anew, and does no harm; a user whom nobody knows is forgotten too.",
  );

const rows = Schema.Array(Schema.Record({ key: Schema.String, value: Schema.Unknown }));

/** What is held, as it is written: the parts that are long last. */
export const Held = Schema.Struct({
  user_id: Schema.String,
  exported_at: Schema.String,
  state: Schema.NullOr(
    Schema.Struct({
      model: Schema.String,
      history: Schema.Array(
        Schema.Struct({
          item_id: Schema.Union(Schema.String, Schema.Number),
          event_type: Schema.NullOr(Schema.String),
          timestamp: Schema.Number,
        }),
      ),
      bought: Schema.Array(Schema.Union(Schema.String, Schema.Number)),
      hidden: Schema.Array(Schema.Union(Schema.String, Schema.Number)),
      shown: Schema.Array(
        Schema.Struct({
          item_id: Schema.Union(Schema.String, Schema.Number),
          times: Schema.Int,
          last: Schema.Number.annotations({ description: "Unix seconds." }),
        }),
      ).annotations({ description: "Items that they were shown lately and did nothing to since." }),
      vector: Schema.NullOr(Schema.Array(Schema.Number)),
    }),
  ).annotations({ description: "What the serving model knows; null where it knows nothing." }),
  dead_letters: Schema.Array(Schema.Struct({ reason: Schema.String, detail: Schema.String, value: Schema.String })),
  customers: rows,
  transactions: rows,
  events: rows,
}).annotations({ identifier: "Held" });

const held = HttpApiEndpoint.get("exportUser", "/users/:user_id/export")
  .setPath(UserPath)
  .addSuccess(Held)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotateContext(needs("admin"))
  .annotate(OpenApi.Summary, "All that is held of a user")
  .annotate(
    OpenApi.Description,
    "What the serving model knows, the rows of the raw tables, archived events and dead letters: as JSON, written while it is read. Events of the last seconds are there once they are archived. An answer that breaks off is not whole: a table could not be read on.",
  );

const receipt = HttpApiEndpoint.get("receipt", "/receipts/:receipt")
  .setPath(ReceiptPath)
  .addSuccess(Receipt)
  .addError(NotFound)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotateContext(needs("admin"))
  .annotate(OpenApi.Summary, "How far a user is forgotten");

export const forgetting = HttpApiGroup.make("forgetting", { topLevel: true })
  .add(forget)
  .add(held)
  .add(receipt)
  .annotate(OpenApi.Description, "What a shopper may ask for.");
