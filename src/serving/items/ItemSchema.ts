/** ItemSchema: items as the API's document says them: what is sent, what is answered. `ItemInput.ts` reads what is sent. */
import { Schema } from "effect";
import { id } from "../EventInput.ts";
import { FieldError } from "../FieldError.ts";
import { longestList, longestName, longestText, maxAttributes, maxItems } from "./ItemInput.ts";

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true });

const Text = Schema.String.pipe(Schema.maxLength(longestText));

const AttributeValue = Schema.Union(
  Text,
  Schema.Finite,
  Schema.Boolean,
  Schema.Array(Text).pipe(Schema.maxItems(longestList)),
).annotations({
  identifier: "AttributeValue",
  description:
    "Text, a number, true or false, or a list of texts. Text in RFC 3339, with date, time and zone, is a time.",
});

const Attributes = Schema.Record({ key: Schema.String, value: AttributeValue });

const nullable = { description: "By name; null: no value.", type: "object", maxProperties: maxAttributes };
const named = {
  propertyNames: {
    minLength: 1,
    maxLength: longestName,
    not: { enum: ["title", "item_id", "available", "valid_from", "valid_until", "__proto__"] },
  },
  additionalProperties: { anyOf: [{ $ref: "#/components/schemas/AttributeValue" }, { type: "null" }] },
};

const AttributesInput = Schema.Record({ key: Schema.String, value: Schema.NullOr(AttributeValue) }).annotations({
  jsonSchema: { ...nullable, ...named },
});

const Instant = Schema.String.annotations({
  jsonSchema: { type: "string", format: "date-time" },
  description: "RFC 3339, with its zone.",
});

const words = {
  title: optional(Schema.NullOr(Text)).annotations({ description: "What GET /items?query= looks into." }),
  available: optional(Schema.NullOr(Schema.Boolean)).annotations({
    description: "Whether it may be recommended; by default true.",
  }),
  valid_from: optional(Schema.NullOr(Instant)).annotations({ description: "Not recommended before this time." }),
  valid_until: optional(Schema.NullOr(Instant)).annotations({ description: "Not recommended from this time on." }),
  attributes: optional(Schema.NullOr(AttributesInput)).annotations({
    description:
      "What filters ask for, by name. Of `image` the console shows a path on this host or data:image/…, and loads nothing of other hosts.",
  }),
};

const example = {
  title: "Linen shirt",
  valid_from: "2026-12-01T00:00:00Z",
  attributes: { colour: "Black", price: 29.99, tags: ["linen", "summer"], is_vegan: true },
};

export const ItemBody = Schema.Struct(words).annotations({
  identifier: "ItemBody",
  description: "All there is to say of an item: what is left out has no value. What an answer tells may be sent back.",
  examples: [example],
});

export const ItemPatch = Schema.Struct(words).annotations({
  identifier: "ItemPatch",
  description: "A JSON merge patch (RFC 7396): what is named is set, or has no value with null; all else stays.",
  examples: [{ available: false }, { attributes: { price: 19.99, tags: null } }],
});

export const NamedItem = Schema.Struct({
  item_id: id.annotations({ description: "The shop's own id." }),
  ...words,
}).annotations({ identifier: "NamedItem", examples: [{ item_id: "0108775015", ...example }] });

export const ItemList = Schema.Array(NamedItem)
  .pipe(Schema.minItems(1), Schema.maxItems(maxItems))
  .annotations({ identifier: "ItemList", description: `A list of 1 to ${maxItems}; each replaces all that was said.` });

export const Item = Schema.Struct({
  item_id: Schema.String,
  item_idx: Schema.Int.annotations({ description: "The item's internal index, for ever." }),
  title: Schema.NullOr(Schema.String),
  available: Schema.Boolean.annotations({
    description: "As the shop said; outside of its validity it rests all the same.",
  }),
  valid_from: Schema.NullOr(Instant),
  valid_until: Schema.NullOr(Instant),
  attributes: Attributes,
  changed_at: Instant.annotations({ description: "When the newest word about it was said." }),
}).annotations({ identifier: "Item" });
export type Item = typeof Item.Type;

export const Reject = Schema.Struct({
  line: Schema.Int.annotations({ description: "From 1; in a list the item's place." }),
  ...FieldError.fields,
}).annotations({ identifier: "Reject", description: "What is wrong with a line, and what to send instead." });
export type Reject = typeof Reject.Type;

export const ItemsTaken = Schema.Struct({
  accepted: Schema.Int.annotations({ description: "Items that are durable." }),
  rejected: Schema.Int.annotations({ description: "Lines that cannot be used; always 0 for a JSON list." }),
  rejects: Schema.Array(Reject).annotations({ description: "What is wrong with them, up to the first 100 findings." }),
}).annotations({ identifier: "ItemsTaken" });
export type ItemsTaken = typeof ItemsTaken.Type;

export const ItemsPage = Schema.Struct({
  items: Schema.Array(Item).annotations({ description: "By index. Removed ones are not among them." }),
  next_cursor: Schema.NullOr(Schema.String).annotations({ description: "For what comes next; null: that was all." }),
}).annotations({ identifier: "ItemsPage" });
export type ItemsPage = typeof ItemsPage.Type;
