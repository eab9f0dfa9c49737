import { describe, expect, it } from "@effect/vitest";
import { Effect, Exit, Layer, Scope, Stream } from "effect";
import { programs } from "../../../src/http/Server.ts";
import type { Beside } from "../../../src/serving/beside/Beside.ts";
import { Many, together } from "../../../src/serving/recommend/Many.ts";
import { answerLines } from "../../../src/serving/recommend/ManyLines.ts";
import { noFilters } from "../../../src/serving/recommend/Query.ts";
import { ServingModel } from "../../../src/serving/ServingModel.ts";
import { settings } from "../../http/Served.ts";
import { countingTurns } from "../../support/Turns.ts";
import { makeShop } from "../Shop.ts";

const inShop = <A, E>(use: Effect.Effect<A, E, Many | Beside | ServingModel>, over: Record<string, string> = {}) =>
  Effect.gen(function* () {
    const shop = yield* makeShop();
    shop.addModel("a");
    yield* shop.serve("a");
    return yield* Effect.provide(use, programs.pipe(Layer.provide(shop.layer), Layer.provide(settings(over))));
  });

const serving = Effect.flatMap(ServingModel, (model) =>
  Effect.zipRight(
    Stream.runDrain(Stream.takeUntil(model.changes, (now) => now?.model === "a")),
    Effect.succeed(model.current),
  ),
);

const line = Buffer.from('{"user_id":"u1"}\n');

const asked = Effect.map(serving, (current) => ({
  query: { ...noFilters, user: "", k: 5 },
  isWorded: false,
  serving: current,
}));

describe("answerLines", () => {
  it.live("reads no more than what is taken of its answers asks for", () =>
    inShop(
      Effect.gen(function* () {
        const common = yield* asked;
        let read = 0;
        const body = Stream.repeatEffect(
          Effect.sync(() => {
            read += 1;
            return line;
          }),
        );
        const answers = yield* answerLines(body, common, 1024);
        const taken = yield* Stream.runCollect(Stream.take(answers, 100));
        expect(taken.length).toBe(100);
        expect(read).toBeGreaterThanOrEqual(100);
        expect(read).toBeLessThan(110);
      }),
    ),
  );

  it.live("lets all else have its turn between lines that are wrong", () =>
    inShop(
      Effect.gen(function* () {
        const common = yield* asked;
        const answers = yield* answerLines(Stream.make(Buffer.from("wrong\n".repeat(20 * together))), common, 1024);
        const { turns, value: told } = yield* countingTurns(Stream.runCollect(answers));
        expect(told.length).toBe(20);
        expect(turns).toBeGreaterThanOrEqual(20);
      }),
    ),
  );

  it.live("is refused while so many are under way as may be, and no longer than they are", () =>
    inShop(
      Effect.gen(function* () {
        const { room, underWay } = yield* Many;
        const common = yield* asked;
        const scope = yield* Scope.make();
        yield* Effect.provideService(underWay, Scope.Scope, scope);
        const answers = yield* answerLines(Stream.make(line), common, 1024);
        yield* Stream.runForEach(answers, () => Effect.flip(room));
        yield* room;
        const other = yield* Scope.make();
        yield* Effect.provideService(underWay, Scope.Scope, other);
        const refused = yield* Effect.flip(answerLines(Stream.make(line), common, 1024));
        expect(refused.message).toMatch(/MAX_BATCHES/);
        yield* Scope.close(scope, Exit.void);
        yield* Scope.close(other, Exit.void);
        expect(yield* Stream.runCollect(yield* answerLines(Stream.make(line), common, 1024))).toHaveLength(1);
      }),
      { MAX_BATCHES: "2" },
    ),
  );
});
