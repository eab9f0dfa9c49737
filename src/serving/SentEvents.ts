/** SentEvents: the events of one request, as they were sent: each with its place, or with what is wrong with its text. */
import { Effect, Either } from "effect";
import { othersFirst } from "../vitals/OthersFirst.ts";
import { maxEvents } from "./EventInput.ts";
import type { FieldError } from "./FieldError.ts";

export interface SentEvent {
  /** What errors name it by: `[2]` of a list, `line 3` of lines; empty where it is the whole body. */
  readonly place: string;
  /** JSON as parsed. */
  readonly input: Either.Either<unknown, ReadonlyArray<FieldError>>;
}

/** Of more than are taken, that there are more is enough. */
const enough = maxEvents + 1;
/** Lines, and characters of them, that are read before others get their turn: a few milliseconds. */
const linesAtOnce = 128;
const charactersAtOnce = 65_536;

/** One event or a list; of one that is too long its beginning, which is too long as well. */
export const eventsIn = (body: unknown): ReadonlyArray<SentEvent> =>
  Array.isArray(body)
    ? body.slice(0, enough).map((input, at) => ({ place: `[${at}]`, input: Either.right(input) }))
    : [{ place: "", input: Either.right(body) }];

const lineOf = (line: string, place: string): SentEvent => ({
  place,
  input: Either.try({
    try: (): unknown => JSON.parse(line),
    catch: (error) => {
      const why = error instanceof Error ? error.message : "it cannot be parsed";
      return [{ field: place, value: line.slice(0, 100), detail: `is not JSON: ${why}` }];
    },
  }),
});

/** Lines of JSON; empty ones are none. Of too many the first, which are too many as well. */
export const eventsInLines = (text: string): Effect.Effect<ReadonlyArray<SentEvent>> =>
  Effect.gen(function* () {
    const events: Array<SentEvent> = [];
    let number = 0;
    let turn = { at: 0, events: 0 };
    for (let from = 0; from < text.length && events.length < enough; ) {
      const end = text.indexOf("\n", from);
      const to = end === -1 ? text.length : end;
      const line = text.slice(from, to);
      number += 1;
      if (line.trim() !== "") events.push(lineOf(line, `line ${number}`));
      from = to + 1;
      if (events.length - turn.events < linesAtOnce && to - turn.at < charactersAtOnce) continue;
      yield* othersFirst;
      turn = { at: to, events: events.length };
    }
    return events;
  });
