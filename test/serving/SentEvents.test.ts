import { describe, expect, it } from "@effect/vitest";
import { Effect, Either, Layer } from "effect";
import { programs } from "../../src/http/Server.ts";
import { maxEvents } from "../../src/serving/EventInput.ts";
import { Events } from "../../src/serving/Events.ts";
import { eventsIn, eventsInLines } from "../../src/serving/SentEvents.ts";
import { settings } from "../http/Served.ts";
import { countingTurns } from "../support/Turns.ts";
import { makeShop } from "./Shop.ts";

const inShop = <A, E>(use: Effect.Effect<A, E, Events>) =>
  Effect.gen(function* () {
    const shop = yield* makeShop();
    return yield* Effect.provide(use, programs.pipe(Layer.provide(shop.layer), Layer.provide(settings())));
  });

const right = { user_id: "u1", item_id: "0100000003", event_type: "click" };
const wrong = { user_id: "", event_type: "stare", quantity: 0 };
const envelope = (data: unknown) => ({ specversion: "1.0", id: "7", source: "/shop", type: "click", data });

/** As many as may be sent at once: so many turns there are at least between them. */
const wantedTurns = maxEvents / 500;

describe("SentEvents", () => {
  it.effect("reads lines, each with its number, and says which is no JSON", () =>
    Effect.gen(function* () {
      const read = yield* eventsInLines('{"a":1}\r\n\n  \n[2]\n{"b"');
      expect(read.map(({ place }) => place)).toEqual(["line 1", "line 4", "line 5"]);
      expect(read.slice(0, 2).map(({ input }) => Either.getOrThrow(input))).toEqual([{ a: 1 }, [2]]);
      expect(read[2]?.input).toMatchObject(Either.left([{ field: "line 5", value: '{"b"' }]));
      expect(yield* eventsInLines("\n \n")).toEqual([]);
    }),
  );

  it.live("looks no further where there are more than are taken", () =>
    Effect.gen(function* () {
      const more = "1\n".repeat(maxEvents * 3);
      expect(yield* eventsInLines(more)).toHaveLength(maxEvents + 1);
      expect(eventsIn(Array.from({ length: maxEvents * 3 }, () => right))).toHaveLength(maxEvents + 1);
    }),
  );

  for (const [what, line] of [
    ["right", JSON.stringify(right)],
    ["wrong", JSON.stringify(wrong)],
    ["no JSON", "wrong"],
    ["blank", " ".repeat(60)],
  ]) {
    it.live(`lets all else have its turn between lines that are ${what}`, () =>
      Effect.gen(function* () {
        const { turns } = yield* countingTurns(eventsInLines(`${line}\n`.repeat(maxEvents)));
        expect(turns).toBeGreaterThanOrEqual(what === "blank" ? 5 : wantedTurns);
      }),
    );
  }

  for (const [what, body, isCloud] of [
    ["right", right, false],
    ["wrong", wrong, false],
    ["right CloudEvents", envelope(right), true],
    ["CloudEvents of wrong events", envelope(wrong), true],
    ["wrong CloudEvents", { id: 5 }, true],
  ] as const) {
    it.live(`lets all else have its turn between events that are ${what}`, () =>
      inShop(
        Effect.gen(function* () {
          const { accept } = yield* Events;
          const events = eventsIn(Array.from({ length: maxEvents }, () => body));
          const { turns, value } = yield* countingTurns(Effect.either(accept({ events, isCloud, onError: "refuse" })));
          expect(Either.isRight(value)).toBe(what.startsWith("right"));
          expect(turns).toBeGreaterThanOrEqual(wantedTurns);
        }),
      ),
    );
  }
});
