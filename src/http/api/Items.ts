/** Items: what the shop says of its items, and what is known of them. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { longestId } from "../../domain/Ids.ts";
import { key } from "../../serving/EventInput.ts";
import { Cursor } from "../../serving/items/Cursor.ts";
import { Item, ItemBody, ItemList, ItemPatch, ItemsPage, ItemsTaken } from "../../serving/items/ItemSchema.ts";
import { defaultLimit, maxLimit } from "../../serving/items/Listing.ts";
import {
  BodyTooLarge,
  ForeignOrigin,
  KeyInUse,
  KeyReused,
  MisdirectedRequest,
  NotFound,
  Unavailable,
  UnsupportedMediaType,
  UploadStopped,
  UriTooLong,
} from "../Problem.ts";
import { idempotent } from "./Idempotent.ts";
import { needs } from "./Needs.ts";

const Path = Schema.Struct({ item_id: key(longestId) }).annotations({ parseOptions: { errors: "all" } });

const says = (wanted: string) => ({ message: () => ({ message: `send ${wanted}`, override: true }) });

const aboutLimit = "How many items at most.";
const Limit = Schema.String.pipe(
  Schema.pattern(/^[1-9]\d*$/),
  Schema.compose(Schema.NumberFromString),
  Schema.between(1, maxLimit),
).annotations({
  ...says(`a whole number from 1 to ${maxLimit}`),
  description: aboutLimit,
  jsonSchema: { type: "integer", minimum: 1, maximum: maxLimit, default: defaultLimit, description: aboutLimit },
});

const text = (description: string) =>
  Schema.String.annotations({ ...says("one text"), description, jsonSchema: { type: "string", description } });

const aboutCursor = "next_cursor of an answer, for the items that come next.";
const cursor = Cursor.annotations({
  ...says("the next_cursor of an answer, as it was given"),
  description: aboutCursor,
  jsonSchema: { type: "string", description: aboutCursor },
});

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true });

export const ItemsParams = Schema.Struct({
  query: optional(
    text("Words of the title, the last one as a beginning; all must be there. Case and accents do not matter."),
  ),
  filter: optional(text('A condition on attributes (AIP-160), such as `colour = "Black" AND price < 30`.')),
  limit: optional(Limit),
  cursor: optional(cursor),
}).annotations({ parseOptions: { errors: "all" } });

const Lines = HttpApiSchema.Text({ contentType: "application/x-ndjson" }).annotations({
  description: "Items, each with item_id, one a line, any number of them.",
});

const mergePatch = HttpApiSchema.withEncoding(Schema.typeSchema(ItemPatch), {
  kind: "Json",
  contentType: "application/merge-patch+json",
});

const durable =
  "What it says is durable when it is answered, and holds for every answer that begins then; in other processes within a second.";

const list = HttpApiEndpoint.get("listItems", "/items")
  .annotateContext(needs("read"))
  .setUrlParams(ItemsParams)
  .addSuccess(ItemsPage)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "List items")
  .annotate(
    OpenApi.Description,
    "By their indices, those that are not available among them. A cursor stays good whatever changes: items that are new come last.",
  );

const putAll = HttpApiEndpoint.post("putItems", "/items")
  .annotateContext(needs("write"))
  .annotateContext(idempotent)
  .addError(KeyInUse)
  .addError(KeyReused)
  .setPayload(Schema.Union(ItemList, Lines))
  .addSuccess(ItemsTaken)
  .addError(ForeignOrigin)
  .addError(BodyTooLarge)
  .addError(UnsupportedMediaType)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .addError(UploadStopped)
  .annotate(OpenApi.Summary, "Tell of many items")
  .annotate(
    OpenApi.Description,
    `Each replaces all that was said of its item. A JSON list is taken as a whole or not at all. Lines (application/x-ndjson) are applied while they arrive, in their order, each by itself: the answer counts them, and says what is wrong with those that were rejected. Where the catalogue fails in between, the answer is 503 and says how many lines are done with. ${durable}`,
  );

const find = HttpApiEndpoint.get("findItem", "/items/:item_id")
  .annotateContext(needs("read"))
  .setPath(Path)
  .addSuccess(Item)
  .addError(NotFound)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "What is known of an item");

const put = HttpApiEndpoint.put("putItem", "/items/:item_id")
  .annotateContext(needs("write"))
  .setPath(Path)
  .setPayload(ItemBody)
  .addSuccess(Item)
  .addSuccess(Item, { status: 201 })
  .addError(ForeignOrigin)
  .addError(UriTooLong)
  .addError(BodyTooLarge)
  .addError(UnsupportedMediaType)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Tell of an item")
  .annotate(
    OpenApi.Description,
    `Replaces all that was said of it; 201 where there was none. ${durable} The id is taken as it is written; one that lost its leading zeros is refused where the shop has it with them.`,
  );

const patch = HttpApiEndpoint.patch("patchItem", "/items/:item_id")
  .annotateContext(needs("write"))
  .setPath(Path)
  .setPayload(Schema.Union(ItemPatch, mergePatch))
  .addSuccess(Item)
  .addError(ForeignOrigin)
  .addError(NotFound)
  .addError(UriTooLong)
  .addError(BodyTooLarge)
  .addError(UnsupportedMediaType)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Change some of an item")
  .annotate(OpenApi.Description, `A JSON merge patch (RFC 7396): null takes a value away. ${durable}`);

const remove = HttpApiEndpoint.del("removeItem", "/items/:item_id")
  .annotateContext(needs("write"))
  .setPath(Path)
  .addError(ForeignOrigin)
  .addError(NotFound)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Take an item away")
  .annotate(OpenApi.Description, `It is in no answer any more, until it is put again. ${durable}`);

export const items = HttpApiGroup.make("items", { topLevel: true })
  .add(list)
  .add(putAll)
  .add(find)
  .add(put)
  .add(patch)
  .add(remove)
  .annotate(OpenApi.Description, "The shop's catalogue, as it is now.");
