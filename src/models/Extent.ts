/** Extent: of how much a model is learnt, by which a later one is compared with it. */
import { Effect } from "effect";
import type { TrainingData } from "../datasets/TrainingData.ts";
import type { Model, TrainingSnapshot } from "../domain/Model.ts";
import { rawEvents, rawTransactions } from "../domain/TableSchemas.ts";
import { type TableError, Tables } from "../ports/Tables.ts";
import type { Ratings } from "../ports/Trainer.ts";

/** Rows of the raw tables that the ratings were made of. */
const eventsOf = ({ tables: versions }: TrainingSnapshot) =>
  Effect.gen(function* () {
    const tables = yield* Tables;
    const counts = yield* Effect.forEach([rawTransactions, rawEvents], ({ name }) =>
      versions[name] === undefined
        ? Effect.succeed(0)
        : Effect.map(tables.snapshot(name, versions[name]), ({ rows }) => rows),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  });

const ratedItems = ({ itemIdx, items }: Ratings): number => {
  const rated = new Uint8Array(items);
  for (let i = 0; i < itemIdx.length; i++) rated[itemIdx[i]!] = 1;
  return rated.reduce((sum, one) => sum + one, 0);
};

const ratingUsers = ({ pointers }: Ratings): number => {
  let users = 0;
  for (let user = 1; user < pointers.length; user++) if (pointers[user]! > pointers[user - 1]!) users++;
  return users;
};

/** Users and items with a rating, and how many events there are. */
export const extentOf = (data: TrainingData): Effect.Effect<NonNullable<Model["learntFrom"]>, TableError, Tables> =>
  Effect.map(eventsOf(data.snapshot), (events) => ({ users: ratingUsers(data), items: ratedItems(data), events }));
