/** An import that is stopped in the middle leaves the shop as it was, and nothing else. */
import { readdirSync } from "node:fs";
import { expect, it } from "@effect/vitest";
import { Deferred, Effect, Exit, Fiber } from "effect";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { Progress } from "../../src/ports/Progress.ts";
import { inFolder, rowsOf } from "../support/Folder.ts";

const columns = { user: "user", item: "item" };

for (const [way, label, last] of [
  ["straight", "shop.csv", ""],
  ["row by row", "shop.csv, row by row", "one cell\n"],
] as const) {
  it.effect(`leaves the shop as it was when stopped while it reads ${way}`, () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* importEvents({ events: yield* folder.write("small.csv", "user,item\nanna,x\n"), ...columns });
        const lines = Array.from({ length: 400_000 }, (_, i) => `user ${i % 1000},${i % 77}\n`);
        const events = yield* folder.write("shop.csv", `user,item\n${lines.join("")}${last}`);
        const files = () => readdirSync(folder.dataDir, { recursive: true }).sort();
        const before = files();

        const silent = yield* Progress;
        const begun = yield* Deferred.make<void>();
        const running = yield* importEvents({ events, ...columns }).pipe(
          Effect.provideService(Progress, {
            ...silent,
            task: (options) =>
              Effect.tap(silent.task(options), () =>
                options.label === label ? Deferred.succeed(begun, undefined) : Effect.void,
              ),
          }),
          Effect.fork,
        );
        yield* Deferred.await(begun);
        yield* Effect.sleep("100 millis");
        expect(files()).not.toEqual(before);
        const exit = yield* Fiber.interrupt(running);
        expect(Exit.isInterrupted(exit)).toBe(true);
        expect(files().filter((name) => !String(name).startsWith("rejected"))).toEqual(before);
        expect((yield* rowsOf("raw/transactions")).map((row) => row.customer_id)).toEqual(["anna"]);
      }),
    ),
  );
}
