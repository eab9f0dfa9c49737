import { expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { hasNumericIds, readSnapshot } from "../../src/datasets/TrainingData.ts";
import { itemMap, userMap } from "../../src/domain/TableSchemas.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { inFolder } from "../support/Folder.ts";

it.effect("finds out whether some id of the shop is a whole number", () =>
  Effect.gen(function* () {
    for (const [rows, expected] of [
      [
        ["ann,a1", "bob,7b"],
        [false, false],
      ],
      [
        ["ann,a1", "bob,0017"],
        [false, true],
      ],
      [
        ["ann,1.5", "00012345678901234567890,-3"],
        [true, false],
      ],
    ] as const) {
      const found = yield* inFolder((folder) =>
        Effect.gen(function* () {
          const events = yield* folder.write("events.csv", ["user,item", ...rows].join("\n"));
          yield* importEvents({ events, user: "user", item: "item" });
          yield* preprocess;
          const snapshot = yield* readSnapshot;
          return yield* Effect.all([hasNumericIds(snapshot, userMap), hasNumericIds(snapshot, itemMap)]);
        }),
      );
      expect(found).toEqual(expected);
    }
  }),
);
