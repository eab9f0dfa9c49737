import { expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { defaultEventTypes } from "../../../src/domain/EventTypes.ts";
import { saltedHash } from "../../../src/domain/Forgotten.ts";
import { importEvents } from "../../../src/intake/ImportEvents.ts";
import { purchasesOf } from "../../../src/serving/insights/Purchases.ts";
import { inFolder } from "../../support/Folder.ts";
import { memoryForgotten, salt } from "../../support/MemoryForgotten.ts";

const day = 86_400;
const newest = 1_700_000_000;

const of = (item: string, asOf = newest) => purchasesOf(item, defaultEventTypes, asOf, newest + day);

it.effect("counts who bought an item, and how often, in the last days and ever", () =>
  inFolder((folder) =>
    Effect.gen(function* () {
      expect(yield* of("a")).toBeUndefined();
      const events = yield* folder.write(
        "events.csv",
        [
          "user,item,time,type",
          `ann,a,${newest - 40 * day},purchase`,
          `ann,a,${newest - 20 * day},purchase`,
          `ann,a,${newest - 10 * day},purchase`,
          `bob,a,${newest - 2 * day},purchase`,
          `cid,a,${newest - day},click`,
          `cid,b,${newest},purchase`,
          `dan,c,${newest - 90 * day},purchase`,
        ].join("\n"),
      );
      yield* importEvents({ events, user: "user", item: "item", timestamp: "time", type: "type" });
      expect(yield* of("a")).toEqual({
        ...{ asOf: newest, shoppers: 2, purchases: 3, shoppersEver: 2, purchasesEver: 4, lastAt: newest - 2 * day },
      });
      const hash = saltedHash(salt, "ann");
      const forgotten = memoryForgotten(new Map([[hash, { hash, forgottenAt: newest - 15 * day, done: {} }]]));
      expect(yield* Effect.provide(of("a"), forgotten)).toEqual({
        ...{ asOf: newest, shoppers: 2, purchases: 2, shoppersEver: 2, purchasesEver: 2, lastAt: newest - 2 * day },
      });
      expect(yield* of("c")).toEqual({
        ...{ asOf: newest, shoppers: 0, purchases: 0, shoppersEver: 1, purchasesEver: 1, lastAt: newest - 90 * day },
      });
      // Where the batch counted before the newest purchase, that counts.
      expect(yield* of("b", newest - 50 * day)).toMatchObject({ asOf: newest, purchases: 1, lastAt: newest });
      expect(yield* of("nothing'; --")).toMatchObject({ purchasesEver: 0, lastAt: null });
    }),
  ),
);
