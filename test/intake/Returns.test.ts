import { expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { preprocess } from "../../src/batch/Preprocess.ts";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { inFolder, rowsOf } from "../support/Folder.ts";

it.effect("returns take back: what was partly returned counts less, what was wholly returned was never bought", () =>
  inFolder((folder) =>
    Effect.gen(function* () {
      const lines = ["a,x,2", "a,x,-1", "a,y,1", "a,y,-1", "b,x,1", "b,y,3", "c,z,-2", "c,x,-1", "c,x,4"];
      const events = yield* folder.write("shop.csv", `user,item,q\n${lines.join("\n")}\n`);
      yield* importEvents({ events, user: "user", item: "item", quantity: "q" });
      yield* preprocess;
      const ratings = (yield* rowsOf("processed/train_data")).map((row) => [row.user_idx, row.item_idx, row.rating]);
      const bought = (yield* rowsOf("processed/user_bought")).map((row) => [row.user_idx, row.item_idx]);
      // Users a, b, c and items x, y, z by their first appearance.
      expect(ratings).toEqual([
        [0, 0, Math.fround(Math.log1p(1))],
        [1, 0, Math.fround(Math.log1p(1))],
        [1, 1, Math.fround(Math.log1p(3))],
        [2, 0, Math.fround(Math.log1p(3))],
      ]);
      expect(bought).toEqual(ratings.map(([user, item]) => [user, item]));
    }),
  ),
);
