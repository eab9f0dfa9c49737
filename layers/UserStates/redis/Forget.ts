/** Forget: one user of a model, out of it for good: the state, and the id in the index. */
import { Effect } from "effect";
import type { UserStatesError, UserStatesService } from "../../../src/ports/UserStates.ts";
import { evaluate, failed, indexBucket, type RedisModels } from "./Models.ts";
import { forgetIndex, forgetUser } from "./Scripts.ts";
import { fieldsAt, stateOf } from "./States.ts";

/** Parts of the index looked through at a time. */
const bucketsAtOnce = 64;

/** The index goes from number to id: it is looked through, part by part, up to its end. */
export const makeRedisForget =
  ({ indexKey, under, userKey }: RedisModels): UserStatesService["forget"] =>
  (model, userId, { next, slot }) =>
    Effect.gen(function* () {
      yield* under(model, async (connection, generation) => {
        const key = userKey(model, generation, userId);
        const isDamaged = stateOf(await fieldsAt(connection, key)) === "damaged";
        return isDamaged ? connection.unlink(key) : evaluate(connection, forgetUser, key, `next:${slot}`, String(next));
      });
      const look = (from: number) =>
        under(model, (connection, generation) =>
          Promise.all(
            Array.from({ length: bucketsAtOnce }, (_, i) =>
              evaluate(connection, forgetIndex, indexKey(model, generation, (from + i) * indexBucket), userId),
            ),
          ),
        );
      yield* Effect.iterate(0, {
        while: (from) => from >= 0,
        body: (from) =>
          Effect.map(look(from), (found) =>
            found?.answer.some((fields) => Number(fields) > 0) === true ? from + bucketsAtOnce : -1,
          ),
      });
    }).pipe(
      Effect.mapError((error): UserStatesError => failed("forget")(error)),
      Effect.asVoid,
    );
