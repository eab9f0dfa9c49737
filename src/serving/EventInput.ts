/** EventInput: an event as POST /events takes it, and what is said of one that is not as it should be. */
import { Either, ParseResult, Schema } from "effect";
import { aheadSeconds, earliestTime } from "../domain/EventTime.ts";
import { longestId, noIds } from "../domain/Ids.ts";
import { longestRecommendationId, readRecommendationId } from "../domain/RecommendationId.ts";
import { type FieldError, shown } from "./FieldError.ts";

export const maxEvents = 10_000;

/** Says `wanted` whatever is wrong with the value. */
const wants =
  <A, I>(wanted: string) =>
  (schema: Schema.Schema<A, I>) =>
    schema.annotations({ message: () => ({ message: `send ${wanted}`, override: true }), description: wanted });

/** As `key` has it, in ranges: expressions of other languages know no classes of Unicode. */
const keyPattern = "^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]*$";

/** Text that can be a key in every store: no control character, no half of a surrogate pair. */
export const key = (max: number) =>
  Schema.String.pipe(
    Schema.minLength(1),
    Schema.maxLength(max),
    Schema.pattern(/^[^\p{Cc}\p{Cs}]*$/u, { jsonSchema: { pattern: keyPattern } }),
    wants(`text of 1 to ${max} characters, without control characters`),
  );

const aboutIds = `send an id as text of 1 to ${longestId} characters, without control characters`;

/** As `key`, of a user or an item: nothing that programs write where there is no value. */
export const id = key(longestId).pipe(
  Schema.filter((text) => !noIds.includes(text), {
    message: ({ actual }) => ({
      message: noIds.some((none) => none === actual && none !== "")
        ? `${aboutIds}: ${noIds.filter((none) => none !== "").join(", ")} stand for no value`
        : aboutIds,
      override: true,
    }),
  }),
);

const index = Schema.Int.pipe(Schema.between(0, 2 ** 31 - 1), wants("a whole number from 0 to 2147483647"));

/** The id of an answer: what tells of no answer is a mistake that would be found out late. */
const recommendationId = Schema.String.pipe(
  Schema.maxLength(longestRecommendationId),
  Schema.pattern(/^[\w-]+$/),
  Schema.filter((text) => readRecommendationId(text) !== undefined),
  wants("the recommendation_id of an answer as it stands there, or nothing"),
);

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true });

/** One of the types of events. */
export const typeName = (names: ReadonlyArray<string>) =>
  Schema.Literal(...(names as readonly [string, ...ReadonlyArray<string>])).pipe(wants(`one of ${names.join(", ")}`));

/** `names`: of the types of events that are taken. */
export const eventInputOf = (names: ReadonlyArray<string>) =>
  Schema.Struct({
    user_id: optional(id).annotations({ description: "The shop's own id of the user." }),
    user_idx: optional(index).annotations({ description: "The internal index; read only where user_id is absent." }),
    item_id: optional(id).annotations({
      description: "The article id. One that no model knows yet is accepted: it may arrive with the next batch.",
    }),
    item_idx: optional(index).annotations({ description: "The internal index; read only where item_id is absent." }),
    event_type: Schema.propertySignature(typeName(names)).annotations({
      missingMessage: () => `is missing: send one of ${names.join(", ")}`,
    }),
    timestamp: optional(
      Schema.Finite.pipe(
        Schema.greaterThanOrEqualTo(earliestTime),
        wants("unix seconds (not milliseconds) from 1971 up to a day from now, or nothing for now"),
      ),
    ),
    quantity: optional(Schema.Int.pipe(Schema.between(1, 1000), wants("a whole number from 1 to 1000"))),
    event_id: optional(key(128)).annotations({
      description: "Yours, for a harmless retry: of one user, events of one id count once. A UUID when absent.",
    }),
    recommendation_id: optional(recommendationId).annotations({
      description: "Of the answer that the event comes of, so that it is told what recommendations sell.",
    }),
  }).annotations({
    identifier: "Event",
    parseOptions: { errors: "all" },
    examples: [{ user_id: "42", item_id: "0108775015", event_type: names[0] ?? "", quantity: 1 }],
  });
export type EventInput = ReturnType<typeof eventInputOf>["Type"];

/** As POST /events/purchase takes it: of the type by which the shop buys. */
export const purchaseInputOf = (names: ReadonlyArray<string>) =>
  eventInputOf(names)
    .omit("event_type")
    .annotations({ identifier: "Purchase", examples: [{ user_idx: 123, item_idx: 7 }] });

export const eventBodyOf = (names: ReadonlyArray<string>) => {
  const event = eventInputOf(names);
  return Schema.Union(event, Schema.Array(event).pipe(Schema.minItems(1), Schema.maxItems(maxEvents))).annotations({
    identifier: "EventBody",
    description: `One event, or a list of 1 to ${maxEvents}.`,
  });
};

const valueAt = (input: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | null | undefined)?.[step], input);

/** What is wrong with a decoded value, one entry per place; `prefix` comes before each field. */
export const fieldErrors = (
  issues: ReadonlyArray<{ readonly path: ReadonlyArray<PropertyKey>; readonly message: string }>,
  input: unknown,
  prefix = "",
): ReadonlyArray<FieldError> =>
  issues.map(({ path, message }) => {
    const field = path.map(String).join(".");
    return {
      field: prefix === "" ? field : field === "" ? prefix : `${prefix}.${field}`,
      value: shown(valueAt(input, path)),
      detail: message,
    };
  });

const missing = (input: unknown, now: number): ReadonlyArray<{ path: ReadonlyArray<PropertyKey>; message: string }> => {
  const has = (name: string) => valueAt(input, [name]) !== undefined;
  const timestamp = valueAt(input, ["timestamp"]);
  return [
    ...(has("user_id") || has("user_idx")
      ? []
      : [{ path: ["user_id"], message: "is missing: send user_id or user_idx" }]),
    ...(has("item_id") || has("item_idx")
      ? []
      : [{ path: ["item_id"], message: "is missing: send item_id or item_idx" }]),
    ...(typeof timestamp === "number" && timestamp > now + aheadSeconds
      ? [
          {
            path: ["timestamp"],
            message: "is more than a day ahead: send unix seconds (not milliseconds), or nothing for now",
          },
        ]
      : []),
  ];
};

/** The event, or everything that is wrong with it. `now` in unix seconds. */
export type DecodeEvent = (
  input: unknown,
  now: number,
  prefix: string,
) => Either.Either<EventInput, ReadonlyArray<FieldError>>;

/** `names`: of the types of events that are taken. */
export const makeDecodeEvent = (names: ReadonlyArray<string>): DecodeEvent => {
  const decode = Schema.decodeUnknownEither(eventInputOf(names));
  return (input, now, prefix) => {
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      return Either.left(
        fieldErrors([{ path: [], message: "send an event as a JSON object" }], input, prefix || "body"),
      );
    }
    const decoded = decode(input);
    const issues = Either.isLeft(decoded) ? ParseResult.ArrayFormatter.formatErrorSync(decoded.left) : [];
    const wrong = [...issues, ...missing(input, now)];
    return wrong.length > 0 || Either.isLeft(decoded)
      ? Either.left(fieldErrors(wrong, input, prefix))
      : Either.right(decoded.right);
  };
};
