/**
 * ReadLive: what shoppers did with what they were recommended, from raw/events. Each event counts once, by its user and id,
 * however often it was sent.
 */
import { Effect, Schema, type Scope, Stream } from "effect";
import { namingDamage } from "../../datasets/Damage.ts";
import { ifThere } from "../../datasets/IfThere.ts";
import { leftOut } from "../../datasets/LeftOut.ts";
import { relation } from "../../datasets/Relation.ts";
import type { EventTypes } from "../../domain/EventTypes.ts";
import { rawEvents } from "../../domain/TableSchemas.ts";
import type { Forgotten, ForgottenError } from "../../ports/Forgotten.ts";
import { Sql, type SqlError, type SqlSession } from "../../ports/Sql.ts";
import { type Statement, sql } from "../../ports/Statement.ts";
import type { TableError, Tables } from "../../ports/Tables.ts";
import { type Happened, makeLedger } from "./Ledger.ts";

export interface LiveQuestion {
  readonly types: EventTypes;
  /** Before the newest event. */
  readonly days: number;
  /** Between a click and the purchase that comes of it, at most. */
  readonly conversionDays: number;
}

/** The names of the types that are looked at: a click is what a visit usually holds. */
export const typesOf = ({ buys, list, names, visit }: EventTypes) => ({
  shown: list.filter(({ role }) => role === "shown").map(({ name }) => name),
  click: names.filter((_, code) => code === visit && buys[code] !== true),
  purchase: names.filter((_, code) => buys[code] === true),
});

const isOneOf = (names: ReadonlyArray<string>): Statement => sql`list_contains(${names}::VARCHAR[], event_type)`;

const columns = rawEvents.schema.filter(({ name }) =>
  [
    "customer_id",
    "article_id",
    "event_type",
    "timestamp",
    "event_id",
    "recommendation_id",
    "log_id",
    "log_partition",
    "log_offset",
    "arrived_at",
  ].includes(name),
);

const Extent = Schema.Struct({ first: Schema.NullOr(Schema.Number), last: Schema.NullOr(Schema.Number) });

const daySeconds = 86_400;

/** Makes the tables `happened` (the events in question, each once) and `bought` (a purchase, and the last click before it). */
const gather = (session: SqlSession, events: Statement, { conversionDays, days, types }: LiveQuestion) =>
  Effect.gen(function* () {
    const { click, purchase, shown } = typesOf(types);
    const asked = [...shown, ...click, ...purchase];
    yield* session.run(sql`
      CREATE TEMP TABLE happened AS
      SELECT DISTINCT ON (customer_id, event_id) customer_id AS shopper, article_id AS item, "timestamp" AS time, place,
        recommendation_id AS answer, ${isOneOf(shown)} AS is_shown, ${isOneOf(purchase)} AS is_bought
      FROM ${events}
      WHERE ${isOneOf(asked)} AND "timestamp" > (SELECT max("timestamp") FROM ${events}) - ${days * daySeconds}
      ORDER BY customer_id, event_id, place`);
    yield* session.run(sql`
      CREATE TEMP TABLE bought AS
      WITH clicks AS (
        SELECT shopper, item, time, min(place) AS click, arg_min(answer, place) AS click_answer
        FROM happened WHERE NOT is_shown AND NOT is_bought GROUP BY shopper, item, time)
      SELECT place, click, click_answer
      FROM (FROM happened WHERE is_bought) AS purchases
      ASOF JOIN clicks ON purchases.shopper = clicks.shopper AND purchases.item = clicks.item AND purchases.time >= clicks.time
      WHERE purchases.time - clicks.time <= ${conversionDays * daySeconds}`);
    yield* session.run(sql`CREATE TEMP TABLE converted AS SELECT DISTINCT click AS place FROM bought`);
  });

const eachRow = (session: SqlSession, rows: Statement, take: (happened: Happened) => void) =>
  Stream.runForEach(session.stream(rows), (batch) =>
    Effect.sync(() => {
      const of = batch.columns as {
        readonly [K in keyof Happened]: ArrayLike<Happened[K]>;
      };
      for (let i = 0; i < batch.rows; i++) {
        take({
          shopper: of.shopper[i] as string,
          item: of.item[i] as string,
          answer: of.answer[i] ?? null,
          lastAnswer: of.lastAnswer[i] ?? null,
          isBought: of.isBought[i] as boolean,
          isFollowed: of.isFollowed[i] as boolean,
        });
      }
    }),
  );

/** Undefined where no event was archived. */
export const readLive = (
  question: LiveQuestion,
): Effect.Effect<
  { readonly from: number; readonly to: number; readonly ledger: ReturnType<typeof makeLedger> } | undefined,
  TableError | SqlError | ForgottenError,
  Tables | Sql | Forgotten | Scope.Scope
> =>
  Effect.gen(function* () {
    const found = yield* ifThere(relation(rawEvents.name, { columns, position: "place" }));
    if (found === undefined || found.rows === 0) return undefined;
    const session = yield* Effect.flatMap(Sql, (engine) => engine.session);
    const { without } = yield* leftOut;
    const names = [...columns.map(({ name }) => name), "place"];
    yield* gather(session, without(rawEvents.name, found.statement, names), question);
    const [extent] = yield* session.rows(Extent, sql`SELECT min(time) AS first, max(time) AS last FROM happened`);
    if (extent === undefined || extent.first === null || extent.last === null) return undefined;
    const ledger = makeLedger();
    // A purchase comes of the answer that it names or, where it names none, of the one that the last click named.
    yield* eachRow(
      session,
      sql`
        SELECT shopper, item, answer, click_answer AS "lastAnswer", is_bought AS "isBought", converted.place IS NOT NULL AS "isFollowed"
        FROM happened LEFT JOIN bought USING (place) LEFT JOIN converted USING (place)
        WHERE NOT is_shown ORDER BY shopper, answer, place`,
      ledger.act,
    );
    yield* eachRow(
      session,
      sql`
        SELECT shopper, item, answer, NULL::VARCHAR AS "lastAnswer", bool_or(NOT is_shown AND NOT is_bought) AS "isFollowed",
          bool_or(is_bought OR converted.place IS NOT NULL) AS "isBought"
        FROM happened LEFT JOIN converted USING (place)
        WHERE answer IS NOT NULL GROUP BY shopper, item, answer HAVING bool_or(is_shown) ORDER BY shopper, answer, item`,
      ledger.show,
    );
    return { from: extent.first, to: extent.last, ledger };
  }).pipe(namingDamage([rawEvents.name]));
