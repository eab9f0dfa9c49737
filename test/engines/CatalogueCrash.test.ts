/** Processes that put items are SIGKILLed again and again; this one follows, and puts, too. What was answered is seen, once, in time. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "@effect/vitest";
import { Chunk, Effect, Fiber, Layer, Stream } from "effect";
import * as esbuild from "esbuild";
import { layer } from "../../layers/Catalogue/Embedded.ts";
import { layerAt } from "../../layers/engines/lmdb/Store.ts";
import { Catalogue, type StoredItem } from "../../src/ports/Catalogue.ts";
import { temporaryFolder } from "../layers/engines/lmdb/temporary.ts";

const rounds = 4;
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Beside the tree's packages, so that the bundle finds them. */
const bundle = Effect.acquireRelease(
  Effect.promise(async () => {
    mkdirSync(join(root, "dist"), { recursive: true });
    const folder = mkdtempSync(join(root, "dist/crash-"));
    await esbuild.build({
      entryPoints: [fileURLToPath(new URL("../layers/Catalogue/crash/child.ts", import.meta.url))],
      outfile: join(folder, "child.mjs"),
      bundle: true,
      format: "esm",
      platform: "node",
      packages: "external",
      logLevel: "warning",
    });
    return join(folder, "child.mjs");
  }),
  (file) => Effect.sync(() => rmSync(join(file, ".."), { recursive: true, force: true })),
);

interface Put {
  readonly itemId: string;
  readonly itemIdx: number;
  readonly number: number;
  readonly toldAt: number;
}

/** Lets the child run until it has printed so many lines, kills it, and answers them. */
const runAndKill = (file: string, folder: string, round: number, lines: number) =>
  Effect.async<ReadonlyArray<Put>, Error>((resume) => {
    const child = spawn(process.execPath, [file, folder, String(round)], { stdio: ["ignore", "pipe", "inherit"] });
    const puts: Array<Put> = [];
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, itemId, itemIdx, number] = line.split(" ");
      puts.push({ itemId: itemId!, itemIdx: Number(itemIdx), number: Number(number), toldAt: performance.now() });
      if (puts.length >= lines) child.kill("SIGKILL");
    });
    child.on("close", (_, signal) =>
      resume(signal === "SIGKILL" ? Effect.succeed(puts) : Effect.fail(new Error("the child ended by itself"))),
    );
    return Effect.sync(() => child.kill("SIGKILL"));
  });

it.scopedLive("what was answered outlives SIGKILL, is seen by others within a second, and has one index for ever", () =>
  Effect.gen(function* () {
    const file = yield* bundle;
    const folder = yield* temporaryFolder;
    const live = yield* Layer.build(Layer.provide(layer, layerAt(folder)));
    yield* Effect.gen(function* () {
      const catalogue = yield* Catalogue;
      /** By item: the newest number that this process has seen, and when it saw a number at least as great. */
      const seen = new Map<string, Array<{ readonly number: number; readonly at: number }>>();
      const following = yield* catalogue.changes(0).pipe(
        Stream.runForEach(({ items }) =>
          Effect.sync(() => {
            for (const { itemId, number } of items) {
              seen.set(itemId, [...(seen.get(itemId) ?? []), { number, at: performance.now() }]);
            }
          }),
        ),
        Effect.fork,
      );
      const putting = yield* Effect.iterate(0, {
        while: () => true,
        body: (i) =>
          Effect.as(catalogue.change([{ kind: "replace", itemId: `item-${(i * 11) % 5000}`, fields: {} }]), i + 1),
      }).pipe(Effect.fork);
      const puts: Array<Put> = [];
      for (let round = 0; round < rounds; round++) {
        puts.push(...(yield* runAndKill(file, folder, round, 400 + 300 * round)));
      }
      yield* Fiber.interrupt(putting);
      yield* Effect.sleep("1 second");
      yield* Fiber.interrupt(following);

      const size = yield* catalogue.size;
      const ids = Chunk.toReadonlyArray(yield* Stream.runCollect(catalogue.ids(0))).flat();
      expect(ids).toHaveLength(size);
      expect(new Set(ids).size).toBe(size);
      const items = (yield* catalogue.find(ids)) as ReadonlyArray<StoredItem>;
      expect(items.map(({ itemIdx }) => itemIdx)).toEqual(ids.map((_, itemIdx) => itemIdx));
      expect(puts.length).toBeGreaterThan(1000);
      const lateness = puts.map(({ itemId, itemIdx, number, toldAt }) => {
        expect(ids[itemIdx]).toBe(itemId);
        expect(items[itemIdx]!.number).toBeGreaterThanOrEqual(number);
        return (seen.get(itemId)?.find((one) => one.number >= number)?.at ?? Number.POSITIVE_INFINITY) - toldAt;
      });
      expect(Math.max(...lateness)).toBeLessThan(1000);
    }).pipe(Effect.provide(live));
  }),
);
