/** Models: the versions of the shop's model: listed, told of, put to use, deleted. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { ModelSummary } from "../../models/Described.ts";
import { ModelCard, Use } from "../../serving/Models.ts";
import { Conflict, ForeignOrigin, MisdirectedRequest, NotFound, Unavailable, UriTooLong } from "../Problem.ts";
import { needs } from "./Needs.ts";

export const ModelPath = Schema.Struct({
  model_id: Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9._-]{1,64}$/)).annotations({
    description: "A model's whole id, as GET /models has it.",
    message: () => ({ message: "send a model's whole id, as GET /models has it", override: true }),
  }),
}).annotations({ parseOptions: { errors: "all" } });

const ModelList = Schema.Struct({
  serving: Schema.NullOr(Schema.String).annotations({ description: "The id of the one that serves." }),
  models: Schema.Array(ModelSummary).annotations({ description: "Oldest first." }),
}).annotations({ identifier: "ModelList" });

const list = HttpApiEndpoint.get("models", "/models")
  .addSuccess(ModelList)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotateContext(needs("admin"))
  .annotate(OpenApi.Summary, "The versions of the shop's model, and which serves");

const card = HttpApiEndpoint.get("model", "/models/:model_id")
  .setPath(ModelPath)
  .addSuccess(ModelCard)
  .addError(NotFound)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotateContext(needs("admin"))
  .annotate(OpenApi.Summary, "One model: its settings and why, its data, its losses, and how far its use is");

const use = HttpApiEndpoint.post("useModel", "/models/:model_id/use")
  .setPath(ModelPath)
  .addSuccess(Use.annotations(HttpApiSchema.annotations({ status: 202 })))
  .addError(ForeignOrigin)
  .addError(NotFound)
  .addError(Conflict)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotateContext(needs("admin"))
  .annotate(OpenApi.Summary, "Serve a model: a newer one, or roll back to an older one")
  .annotate(
    OpenApi.Description,
    "Answers at once; GET /models/{model_id} tells how far it is. It is loaded where it is not, catches up with all that happened since, and serves then, in one step; until then what served goes on, and what served stays live, to roll back to. Asked again, it tells of the one under way; while another model is on its way, the answer is 409.",
  );

const remove = HttpApiEndpoint.del("deleteModel", "/models/:model_id")
  .setPath(ModelPath)
  .addSuccess(HttpApiSchema.NoContent)
  .addError(ForeignOrigin)
  .addError(NotFound)
  .addError(Conflict)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotateContext(needs("admin"))
  .annotate(OpenApi.Summary, "Delete a model that does not serve")
  .annotate(OpenApi.Description, "With all that belongs to it. Where a store fails on the way, it can be asked again.");

export const models = HttpApiGroup.make("models", { topLevel: true })
  .add(list)
  .add(card)
  .add(use)
  .add(remove)
  .annotate(OpenApi.Description, "The versions of the shop's model.");
