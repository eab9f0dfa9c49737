/** Events of shoppers who were recommended something, as the archive has them. */
import { Effect, Stream } from "effect";
import type { Event } from "../../../src/domain/Event.ts";
import { makeNameAnswer, type Source } from "../../../src/domain/RecommendationId.ts";
import { rawEvents } from "../../../src/domain/TableSchemas.ts";
import { Tables } from "../../../src/ports/Tables.ts";
import { eventColumns } from "../../../src/stream/Archiver.ts";

/** 2023-11-14, in unix seconds. */
export const start = 1_700_000_000;
export const day = 86_400;

const name = makeNameAnswer(1);

/** An answer of the model that holds items of these sources, in order. */
export const answerOf = (model: string | undefined, ...items: ReadonlyArray<readonly [string, Source]>): string =>
  name(
    start,
    model,
    items.map(([itemId, source]) => ({ itemId, source })),
  );

let made = 0;

/** A click of u on a at the start, unless said otherwise. */
export const event = (of: Partial<Event>): Event => ({
  eventId: `e${made++}`,
  userId: "u",
  itemId: "a",
  eventType: "click",
  timestamp: start,
  quantity: 1,
  ...of,
});

export const archive = (events: ReadonlyArray<Event>, offset = 0) =>
  Effect.flatMap(Tables, (tables) =>
    tables.append(
      rawEvents.name,
      rawEvents.schema,
      Stream.make(
        eventColumns(
          "log",
          events.map((one, i) => ({
            event: one,
            partition: 0,
            offset: BigInt(offset + i),
            appendedAt: one.timestamp,
          })),
        ),
      ),
    ),
  );
