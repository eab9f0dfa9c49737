/**
 * Export: all that is held of a user, as JSON, for whoever may ask for it: what the serving model knows, archived events and rows of
 * the raw tables, the customer's row, dead letters. Rows are written while they are read, however many there are.
 */
import { Clock, Context, Effect, Layer, Stream } from "effect";
import { saltedHash, type Tombstone } from "../domain/Forgotten.ts";
import { unpackShown } from "../domain/ShownItems.ts";
import { rawCustomers, rawEvents, rawTransactions } from "../domain/TableSchemas.ts";
import type { UserState } from "../domain/UserState.ts";
import { heldRows } from "../forgetting/HeldRows.ts";
import { lettersOf } from "../forgetting/Letters.ts";
import { DeadLetters } from "../ports/DeadLetters.ts";
import { Forgotten } from "../ports/Forgotten.ts";
import { Sql, type SqlError } from "../ports/Sql.ts";
import type { TableError, Tables } from "../ports/Tables.ts";
import { unanswered } from "../vitals/Waiting.ts";
import { NotNow } from "./Errors.ts";
import { makeStateOf } from "./recommend/Shopper.ts";
import { type Serving, ServingModel } from "./ServingModel.ts";
import { makeNamed } from "./users/Named.ts";

export interface ExportService {
  /** JSON in pieces. It fails in between where a table cannot be read on. */
  readonly held: (userId: string) => Effect.Effect<Stream.Stream<string, SqlError | TableError>, NotNow>;
}

/** What the model knows, by names; an item that nobody names any more by its index. */
const stateOf = ({ catalogue, model, types }: Serving, state: UserState) => {
  const itemId = (itemIdx: number) => catalogue.idOf(itemIdx) ?? itemIdx;
  return {
    model,
    history: state.interactions.map(({ itemIdx, time, type }) => ({
      item_id: itemId(itemIdx),
      event_type: types.names[type] ?? null,
      timestamp: time,
    })),
    bought: Array.from(state.bought, itemId),
    hidden: Array.from(state.hidden, itemId),
    shown: unpackShown(state.shown).map(({ count, itemIdx, last }) => ({
      item_id: itemId(itemIdx),
      times: count,
      last,
    })),
    vector: state.vector === undefined ? null : Array.from(state.vector),
  };
};

/** `"name":[…]` of rows that are JSON already. */
const list = <E, R>(name: string, rows: Stream.Stream<string, E, R>): Stream.Stream<string, E, R> =>
  Stream.make(`,"${name}":[`).pipe(
    Stream.concat(Stream.zipWithIndex(rows).pipe(Stream.map(([row, at]) => (at === 0 ? `\n${row}` : `,\n${row}`)))),
    Stream.concat(Stream.make("]")),
  );

const make = Effect.gen(function* () {
  const context = yield* Effect.context<Tables>();
  const engine = yield* Sql;
  const modelKnows = yield* makeStateOf;
  const forgotten = yield* Forgotten;
  const letters = yield* DeadLetters;
  const { current } = yield* ServingModel;
  const named = yield* makeNamed;

  const rows = (userId: string, tombstone: Tombstone | undefined) =>
    Stream.unwrapScoped(
      Effect.map(engine.session, (session) =>
        Stream.empty.pipe(
          Stream.concat(list("customers", heldRows(session, rawCustomers, userId, tombstone))),
          Stream.concat(list("transactions", heldRows(session, rawTransactions, userId, tombstone))),
          Stream.concat(list("events", heldRows(session, rawEvents, userId, tombstone))),
        ),
      ),
    ).pipe(Stream.provideContext(context));

  const held: ExportService["held"] = (asked) =>
    Effect.gen(function* () {
      const userId = yield* named(asked);
      const serving = yield* current;
      const state = serving === undefined ? undefined : yield* modelKnows(serving.model, userId);
      const tombstone = yield* forgotten.find(saltedHash(yield* forgotten.salt, userId));
      const kept = lettersOf(yield* letters.list(2 ** 31 - 1), userId, tombstone);
      const now = new Date(yield* Clock.currentTimeMillis).toISOString();
      const head = JSON.stringify({
        user_id: userId,
        exported_at: now,
        state: serving === undefined || state === undefined ? null : stateOf(serving, state),
        dead_letters: kept.map(({ detail, reason, value }) => ({
          reason,
          detail,
          value: new TextDecoder().decode(value),
        })),
      });
      return Stream.make(head.slice(0, -1)).pipe(
        Stream.concat(rows(userId, tombstone)),
        Stream.concat(Stream.make("}\n")),
      );
    }).pipe(
      Effect.catchAll((error) =>
        error._tag === "DamagedState"
          ? new NotNow({ message: error.message })
          : Effect.zipRight(
              Effect.logWarning(`what is held of a user could not be told: ${error.message}`),
              new NotNow({ message: `What is held cannot be told just now: ${unanswered(error)}. Ask again.` }),
            ),
      ),
    );

  return { held };
});

export class Export extends Context.Tag("slipstream/Export")<Export, ExportService>() {
  static readonly layer = Layer.effect(Export, make);
}
