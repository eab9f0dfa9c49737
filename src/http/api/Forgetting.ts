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
  .add(receipt)
  .annotate(OpenApi.Description, "What a shopper may ask for.");
