/** Conditions on attributes in Qdrant's terms, against Qdrant's own engine: they find what an item's values say. */
import { expect, it } from "@effect/vitest";
import { Effect, Either, Schema, Stream } from "effect";
import fc from "fast-check";
import { conditionOf } from "../../layers/ItemIndex/qdrant/Conditions.ts";
import { indexesOf, ownIndexes, payloadOf } from "../../layers/ItemIndex/qdrant/Described.ts";
import { parseFilter } from "../../src/catalogue/filter/Filter.ts";
import type { Where } from "../../src/domain/Where.ts";
import { ItemIndex, type ItemVector } from "../../src/ports/ItemIndex.ts";
import { attributes, everyKind, filters, holds, seenIn, storedOf } from "../support/FilterExpressions.ts";
import { everything } from "../support/Within.ts";
import { layerAt, qdrantServer } from "./qdrantServer.ts";

const Points = Schema.Struct({ points: Schema.Array(Schema.Struct({ id: Schema.Number })) });

/** Whether Qdrant can tell exactly: texts have no order there, nor beginnings and ends. */
const isExact = (where: Where): boolean => {
  if ("of" in where && where.kind !== "not") return where.of.every(isExact);
  if (where.kind === "not") return isExact(where.of);
  return (
    where.open === undefined && (where.kind === "has" || where.type !== "text" || where.by === "=" || where.by === "!=")
  );
};

it.scopedLive("conditions find, with and without indexes, those of which they are true", () =>
  Effect.gen(function* () {
    const server = yield* qdrantServer();
    const items = [...everyKind, ...fc.sample(attributes, { numRuns: 60, seed: 7 })];
    const seen = seenIn(everyKind);
    const stored = items.map(storedOf);
    yield* server.send("PUT", "/collections/c", { vectors: { size: 1, distance: "Dot" } });
    yield* server.send("PUT", "/collections/c/points?wait=true", {
      points: stored.map((item) => ({ id: item.itemIdx, vector: [1], payload: payloadOf(item) })),
    });
    const idsOf = (where: Where, isWhole: boolean) =>
      server
        .send("POST", "/collections/c/points/scroll", { filter: { must: [conditionOf(where, isWhole)] }, limit: 1_000 })
        .pipe(Effect.map((answer) => Schema.decodeUnknownSync(Points)(answer).points.map(({ id }) => id)));
    const runtime = yield* Effect.runtime<never>();
    const law = Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(filters, async ({ expression, text }) => {
          const where = Either.getOrThrow(parseFilter(text, seen));
          const expected = items.flatMap((item, id) => (holds(expression, item) ? [id] : []));
          const run = (isWhole: boolean) => Effect.runPromise(Effect.provide(idsOf(where, isWhole), runtime));
          const [whole, part] = [await run(true), await run(false)];
          if (isExact(where)) expect([whole, part]).toEqual([expected, expected]);
          expect(expected.filter((id) => !whole.includes(id))).toEqual([]);
          expect(part.filter((id) => !expected.includes(id))).toEqual([]);
        }),
        { numRuns: 150 },
      ),
    );
    yield* law;
    for (const [field_name, field_schema] of [...ownIndexes, ...indexesOf(stored)]) {
      yield* server.send("PUT", "/collections/c/index?wait=true", { field_name, field_schema });
    }
    yield* law;
  }),
);

const itemOf = (itemIdx: number): ItemVector => ({
  itemIdx,
  metadata: {
    article_id: `i${itemIdx}`,
    prod_name: "",
    product_type_name: "",
    product_group_name: "",
    graphical_appearance_name: "",
    index_group_name: "",
  },
  available: itemIdx !== 2_999,
  buyers: 0,
  vector: Float32Array.of(itemIdx + 1, 1),
});

it.scopedLive(
  "a search leaves out by itself what was described as not for sale now, and asks once where that is right",
  () =>
    Effect.gen(function* () {
      const server = yield* qdrantServer();
      yield* Effect.gen(function* () {
        const index = yield* ItemIndex;
        yield* index.load("m", { rank: 2 }, Stream.make(Array.from({ length: 3_000 }, (_, i) => itemOf(i))));
        yield* index.items("m");
        const best = (k: number) =>
          index
            .search("m", Float32Array.of(1, 0), k, everything())
            .pipe(Effect.map((found) => found.map(({ itemIdx }) => itemIdx)));
        // Nothing was said of any yet: the model knows that the last is gone.
        expect(yield* best(3)).toEqual([2_998, 2_997, 2_996]);
        const fields = (itemIdx: number, of: Readonly<Record<string, string | boolean>>) => {
          const { record, ...item } = storedOf({}, itemIdx);
          return { ...item, record: { ...record!, fields: of } };
        };
        const hour = (from: number): string => new Date(Date.now() + from * 3_600_000).toISOString();
        const said = [
          fields(2_999, {}),
          fields(2_998, { available: false }),
          fields(2_997, { valid_from: hour(1) }),
          fields(2_996, { valid_until: hour(-1) }),
          fields(2_995, { valid_from: hour(-1), valid_until: hour(1) }),
          { ...fields(2_994, {}), record: { ...storedOf({}, 0).record!, removed: true } },
          { ...storedOf({}, 2_993), record: undefined },
          // New since the model was loaded.
          fields(3_000, { title: "new" }),
        ];
        yield* index.describe("m", said);
        const before = (yield* server.requests).query_points ?? 0;
        expect(yield* best(4)).toEqual([2_999, 2_995, 2_993, 2_992]);
        expect((yield* server.requests).query_points).toBe(before + 1);
        // A later word.
        yield* index.describe("m", [fields(2_998, {})]);
        expect(yield* best(2)).toEqual([2_999, 2_998]);
        // Whoever asks knows of all of them what Qdrant was not told yet.
        const where = { kind: "has", attribute: "colour" } as const;
        const found = yield* index.search("m", Float32Array.of(1, 0), 2, { ...everything(), where });
        expect(found.map(({ itemIdx }) => itemIdx)).toEqual([2_999, 2_998]);
      }).pipe(Effect.provide(layerAt(server.url)));
    }),
);
