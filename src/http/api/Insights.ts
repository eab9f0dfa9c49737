/** Insights: what a model makes of the shop's items: the map of all, and a card of each. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { longestId } from "../../domain/Ids.ts";
import { key } from "../../serving/EventInput.ts";
import { ItemCard } from "../../serving/insights/CardSchema.ts";
import { MapColours, MapPoints } from "../../serving/insights/MapSchema.ts";
import { MisdirectedRequest, NotFound, Unavailable, UriTooLong } from "../Problem.ts";
import { needs } from "./Needs.ts";

const itemPath = Schema.Struct({
  item_id: key(longestId).annotations({
    description:
      "The shop's own id of the item or, where no item's id is a whole number, the internal index. It need not be for sale.",
  }),
}).annotations({ parseOptions: { errors: "all" } });

const aboutAttribute = "For the colours by this attribute instead of the points: one that the points' answer names.";

export const MapParams = Schema.Struct({
  attribute: Schema.optionalWith(
    Schema.String.annotations({
      message: () => ({ message: "send one text", override: true }),
      description: aboutAttribute,
      jsonSchema: { type: "string", description: aboutAttribute },
    }),
    { exact: true },
  ),
}).annotations({ parseOptions: { errors: "all" } });

const map = HttpApiEndpoint.get("itemMap", "/map")
  .annotateContext(needs("admin"))
  .setUrlParams(MapParams)
  .addSuccess(Schema.Union(MapPoints, MapColours))
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "The items on a plane: near to each other what is alike by taste")
  .annotate(
    OpenApi.Description,
    "The two principal axes of the directions of all item vectors; the batch finds them. Columns, compact for a hundred thousand items: the places of all or, with `attribute`, what colours them. Drawn once per model and kept; what items say now shows within half a minute. An item that is called `map` is read by GET /items?query= instead.",
  );

const columns = HttpApiEndpoint.get("itemMapColumns", "/map/columns")
  .annotateContext(needs("admin"))
  .setUrlParams(MapParams)
  .addSuccess(HttpApiSchema.Uint8Array())
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "The same map as typed arrays: nothing to parse")
  .annotate(
    OpenApi.Description,
    "What `/map` tells, as bytes; numbers are little-endian. First the length of the head (4 bytes), then the head: JSON in UTF-8, filled up with spaces to a multiple of 4. It has the members that are no columns, and in `columns` by name each column's `type`, `length` and `at`: the byte at which it begins, counted from the end of the head, a multiple of 4. Of type `u8`, `u16` or `u32` are whole numbers of so many bits; of type `text` is first, as `u32`, where each text ends, in bytes from where the first begins, and then all texts in UTF-8.",
  );

const card = HttpApiEndpoint.get("itemCard", "/items/:item_id/card")
  .annotateContext(needs("admin"))
  .setPath(itemPath)
  .addSuccess(ItemCard)
  .addError(NotFound)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "All that is known of an item: counts, nobody's name")
  .annotate(
    OpenApi.Description,
    "What the shop says of it, how popular it is, what follows it and what is like it, how often it was bought lately and when last. Purchases are counted in the raw tables and the archive, in which an event is some seconds after it came.",
  );

export const insights = HttpApiGroup.make("insights", { topLevel: true })
  .add(map)
  .add(columns)
  .add(card)
  .annotate(OpenApi.Description, "What a model makes of the shop's items.");
