import { FileSystem } from "@effect/platform";
import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import * as BuiltIn from "../../layers/BatchSteps/BuiltIn.ts";
import { preprocess, preprocessAnew } from "../../src/batch/Preprocess.ts";
import { itemMap, pairSums, userHistory, userMap, userRecent } from "../../src/domain/TableSchemas.ts";
import { batchLivesContract, makeArchive, outcome } from "../contracts/BatchLives.ts";
import { inFolder, type Row } from "../support/Folder.ts";

batchLivesContract("BuiltIn", BuiltIn.layer, 7);

describe("Preprocess, carrying on from its last run,", () => {
  const lost = [
    ...[pairSums, userHistory, userRecent, userMap, itemMap].map(({ name }) => ["deleted", name] as const),
    ["put back as it was before", userMap.name] as const,
  ];
  it.effect.each(lost)("reads everything anew where a table was %s: %s", ([how, name]) =>
    Effect.gen(function* () {
      const rows = (...users: ReadonlyArray<string>): ReadonlyArray<Row> =>
        users.map((customer_id, i) => ({
          customer_id,
          article_id: `a${(3 * i) % 7}`,
          event_type: "purchase",
          event_id: `${customer_id} ${i}`,
          wait: 10,
          late: 0,
          quantity: 1,
        }));
      const outcomes = (program: typeof preprocess) =>
        inFolder(({ dataDir }) =>
          Effect.gen(function* () {
            const fs = yield* FileSystem.FileSystem;
            const folder = `${dataDir}/delta/${name}`;
            const archive = makeArchive();
            yield* archive(rows("u1", "u2", "u1"));
            yield* program;
            if (how !== "deleted") yield* fs.copy(folder, `${dataDir}/kept`);
            yield* archive(rows("u5", "u2", "u3", "u0", "u1", "u4"));
            yield* program;
            yield* fs.remove(folder, { recursive: true });
            if (how !== "deleted") yield* fs.copy(`${dataDir}/kept`, folder);
            yield* archive(rows("u4", "u9"));
            const { read, seconds: _, ...summary } = yield* program;
            return { read, summary, outcome: yield* outcome };
          }),
        );
      const found = yield* outcomes(preprocess);
      expect(found).toEqual(yield* outcomes(preprocessAnew));
      expect(found.read).toBe(11);
    }),
  );
});
