/** Purchases: what the list of best sellers is made of, counted by Spark. */
import { join } from "node:path";
import { Effect, Schema, type Scope, Stream } from "effect";
import { itemMap } from "../../../src/domain/TableSchemas.ts";
import {
  type BatchStepsFailure,
  type InteractionTables,
  nothingRead,
  type Purchases,
} from "../../../src/ports/BatchSteps.ts";
import { writeFolder } from "./Judged.ts";
import { sourcesOf, tableAsked } from "./Sources.ts";
import type { Work } from "./Work.ts";

const Spans = Schema.Struct({
  spans: Schema.Array(Schema.Struct({ bought: Schema.Boolean, earliest: Schema.Number, latest: Schema.Number })),
});

const Found = Schema.Struct({
  items: Schema.Array(Schema.Struct({ itemIdx: Schema.Number, buyers: Schema.Number })),
  shoppers: Schema.Number,
  purchases: Schema.Number,
  asOf: Schema.NullOr(Schema.Number),
});

export interface ToCount {
  readonly tables: InteractionTables;
  /** Version of the item map. */
  readonly items: number;
  /** Ids that may be in the list; undefined: all. */
  readonly listed: ReadonlySet<string> | undefined;
}

const id = { name: "id", type: "string", nullable: false } as const;

export const purchases = (
  { ask, engine, folder, tables }: Work,
  { items: version, listed, tables: found }: ToCount,
): Effect.Effect<Purchases, BatchStepsFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const sources = yield* sourcesOf(tables, found, nothingRead);
    const { asked: items } = yield* tableAsked(tables, itemMap.name, { version });
    const listedIn = listed === undefined ? null : join(folder, "listed");
    if (listed !== undefined && listedIn !== null) {
      const rows = { rows: listed.size, columns: { id: [...listed] } };
      yield* Effect.scoped(
        Effect.flatMap(engine.session, (session) => writeFolder(session, listedIn, [id], Stream.make(rows))),
      );
    }
    const { spans } = yield* ask("popular.span", { sources }, Spans);
    const [first] = spans;
    const all = first?.bought === true ? [first] : spans;
    const span =
      first === undefined
        ? undefined
        : {
            onlyPurchases: first.bought,
            earliest: Math.min(...all.map(({ earliest }) => earliest)),
            latest: Math.max(...all.map(({ latest }) => latest)),
          };
    return {
      span,
      mostBought: (firstDay, most) =>
        Effect.map(
          ask(
            "popular.most_bought",
            {
              sources,
              firstDay,
              most,
              onlyPurchases: span?.onlyPurchases ?? true,
              items,
              names: itemMap.schema.map(({ name }) => name),
              listed: listedIn,
            },
            Found,
          ),
          ({ asOf, ...counted }) => ({ ...counted, asOf: asOf ?? 0 }),
        ),
    };
  });
