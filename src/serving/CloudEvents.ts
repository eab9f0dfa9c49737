/**
 * CloudEvents: an event in the envelope that brokers and functions pass on, as one of ours.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md, its JSON format and its HTTP binding.
 *
 * `data` has the event's fields. What it lacks comes from the envelope: `event_type` from `type` (all of it, or what follows its last
 * dot), `timestamp` from `time`, `event_id` from `source` and `id`, which together are unique.
 */
import { createHash } from "node:crypto";
import { Either } from "effect";
import { type FieldError, shown } from "./FieldError.ts";
import type { SentEvent } from "./SentEvents.ts";

const longestEventId = 128;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** RFC 3339, as unix seconds. */
const secondsOf = (time: unknown): number | undefined => {
  const isTime =
    typeof time === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(time);
  const millis = isTime ? Date.parse(time) : Number.NaN;
  return Number.isNaN(millis) ? undefined : millis / 1000;
};

const idOf = (source: string, id: string): string => {
  const text = `${source} ${id}`;
  return text.length <= longestEventId ? text : createHash("sha256").update(text).digest("hex");
};

const typeOf = (type: string, names: ReadonlyArray<string>): string =>
  names.includes(type) ? type : type.slice(type.lastIndexOf(".") + 1);

const wrongIn = (
  envelope: Readonly<Record<string, unknown>>,
): ReadonlyArray<readonly [field: string, detail: string]> => [
  ...(envelope.specversion === "1.0" ? [] : [["specversion", 'send "1.0"'] as const]),
  ...(["id", "source", "type"] as const).flatMap((name) =>
    isText(envelope[name]) ? [] : [[name, "send a text that is not empty"] as const],
  ),
  ...(envelope.time === undefined || secondsOf(envelope.time) !== undefined
    ? []
    : [["time", "send a time of RFC 3339, such as 2026-11-26T12:00:00Z, or nothing"] as const]),
  ...(isObject(envelope.data) ? [] : [["data", "send the event's fields as a JSON object"] as const]),
];

/** `names`: of the types of events that are taken. */
export const unwrapped = ({ input, place }: SentEvent, names: ReadonlyArray<string>): SentEvent => {
  if (Either.isLeft(input)) return { input, place };
  const prefix = place === "" ? "" : `${place}.`;
  const envelope = input.right;
  if (!isObject(envelope)) {
    const error = { field: place || "body", value: shown(envelope), detail: "send a CloudEvent as a JSON object" };
    return { place, input: Either.left([error]) };
  }
  const wrong = wrongIn(envelope).map(
    ([field, detail]): FieldError => ({ field: `${prefix}${field}`, value: shown(envelope[field]), detail }),
  );
  if (wrong.length > 0) return { place, input: Either.left(wrong) };
  const timestamp = secondsOf(envelope.time);
  const event = {
    event_type: typeOf(String(envelope.type), names),
    event_id: idOf(String(envelope.source), String(envelope.id)),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(envelope.data as object),
  };
  return { place: `${prefix}data`, input: Either.right(event) };
};
