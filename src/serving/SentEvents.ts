/** SentEvents: the events of one request, as they were sent: each with its place, or with what is wrong with its text. */
import { Either } from "effect";
import type { FieldError } from "./FieldError.ts";

export interface SentEvent {
  /** What errors name it by: `[2]` of a list, `line 3` of lines; empty where it is the whole body. */
  readonly place: string;
  /** JSON as parsed. */
  readonly input: Either.Either<unknown, ReadonlyArray<FieldError>>;
}

/** One event or a list. */
export const eventsIn = (body: unknown): ReadonlyArray<SentEvent> =>
  Array.isArray(body)
    ? body.map((input, at) => ({ place: `[${at}]`, input: Either.right(input) }))
    : [{ place: "", input: Either.right(body) }];

/** Lines of JSON; empty ones are none. */
export const eventsInLines = (text: string): ReadonlyArray<SentEvent> =>
  text.split("\n").flatMap((line, at) => {
    if (line.trim() === "") return [];
    const place = `line ${at + 1}`;
    const input = Either.try({
      try: (): unknown => JSON.parse(line),
      catch: (error) => {
        const why = error instanceof Error ? error.message : "it cannot be parsed";
        return [{ field: place, value: line.slice(0, 100), detail: `is not JSON: ${why}` }];
      },
    });
    return [{ place, input }];
  });
