/** Numbering: every user and item that is read gets its lasting index. */
import { Effect, type Scope } from "effect";
import { gatherIds, newIds } from "../datasets/Ids.ts";
import { countsOrShows } from "../datasets/Interactions.ts";
import type { EventTypes } from "../domain/EventTypes.ts";
import { itemMap, userMap } from "../domain/TableSchemas.ts";
import type { Numbered, Tell } from "../ports/BatchSteps.ts";
import type { SqlSession } from "../ports/Sql.ts";
import { type Statement, sql } from "../ports/Statement.ts";
import type { Tables } from "../ports/Tables.ts";
import { addRows } from "./Adding.ts";
import { part } from "./Told.ts";

const foundIn = (types: EventTypes, id: Statement): Statement => sql`
  SELECT ${id} AS id, place FROM transaction_rows WHERE ${countsOrShows(types)}
  UNION ALL SELECT ${id}, place FROM event_rows WHERE ${countsOrShows(types)}`;

export interface ToNumber {
  /** With the views of `viewInteractions`. */
  readonly session: SqlSession;
  readonly types: EventTypes;
  readonly withoutArrival: boolean;
  readonly tell: Tell;
}

export const numberIds = ({ session, types, withoutArrival, tell }: ToNumber) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<Tables | Scope.Scope>();
    tell("ids", 0);
    const items = yield* gatherIds(session, {
      table: itemMap,
      name: "items",
      found: foundIn(types, sql`article_id`),
    });
    const users = yield* gatherIds(session, { table: userMap, name: "users", found: foundIn(types, sql`customer_id`) });
    tell("ids", 2 * part);
    return {
      users: { size: users.size, stored: users.stored },
      items: { size: items.size, stored: items.stored },
      newItems: newIds(session, items),
      add: (options) => Effect.provide(addRows({ session, types, withoutArrival, users, items, ...options }), context),
    } satisfies Numbered;
  });
