import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Fiber, Logger, TestClock } from "effect";
import { ownIdentity } from "../../../layers/Processes/Identity.ts";
import { layerAt } from "../../../layers/Processes/Turns.ts";
import { dataFolderAt } from "../../../src/config/DataFolder.ts";
import { inTurn, Turns } from "../../../src/ports/Turns.ts";

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "slipstream-turns-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
);

const fileOf = (path: string): string => join(path, "turn.json");

const left = (path: string, holder: object, id = "left"): void =>
  writeFileSync(fileOf(path), JSON.stringify({ id, what: "at it", since: "2026-09-21T10:15:30.000Z", holder }));

const logged = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const lines: Array<string> = [];
    const logger = Logger.make(({ message }) => lines.push(String(message)));
    return Effect.map(Effect.provide(effect, Logger.replace(Logger.defaultLogger, logger)), (value) => ({
      value,
      lines,
    }));
  });

/** Lets virtual time pass, with turns of the event loop for the files, until the fiber has ended. */
const until = <A, E>(fiber: Fiber.Fiber<A, E>, seconds: number) =>
  Effect.gen(function* () {
    for (let s = 0; s < seconds * 4 && (yield* Fiber.poll(fiber))._tag === "None"; s++) {
      yield* TestClock.adjust("250 millis");
      yield* Effect.promise(() => new Promise((done) => setTimeout(done, 2)));
    }
    return (yield* Fiber.poll(fiber))._tag === "Some";
  });

describe("a turn", () => {
  it.scopedLive("is told of while it lasts, and not that of a process that is gone", () =>
    Effect.gen(function* () {
      const path = yield* folder;
      const at = Effect.flatMap(Turns, (turns) => turns.at("data")).pipe(Effect.provide(layerAt(dataFolderAt(path))));
      expect(yield* at).toBeUndefined();
      const within = yield* at.pipe(inTurn("counting"), Effect.provide(layerAt(dataFolderAt(path))));
      expect(within).toMatch(new RegExp(`^this process \\(${process.pid}\\) is counting, since \\d\\d:`));
      expect(yield* at).toBeUndefined();
      left(path, { host: "elsewhere", pid: 7, began: "" });
      expect(yield* at).toBe("another process (7 on elsewhere) is at it, since 10:15:30");
      left(path, { ...ownIdentity, pid: 2 ** 22 + 1 });
      expect(yield* at).toBeUndefined();
    }),
  );

  it.scopedLive("is one process's at a time, whatever ends the work, and work within work has it already", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "new/data");
      let atWork = 0;
      let most = 0;
      const work = Effect.gen(function* () {
        most = Math.max(most, ++atWork);
        expect(JSON.parse(readFileSync(fileOf(path), "utf8"))).toMatchObject({ what: "counting", holder: ownIdentity });
        yield* Effect.sleep("20 millis").pipe(inTurn("counting within"));
        atWork--;
        return yield* Effect.fail("done");
      });
      // A layer each, as processes have.
      const ends = yield* Effect.forEach(
        [1, 2, 3],
        () => Effect.flip(work.pipe(inTurn("counting"), Effect.provide(layerAt(dataFolderAt(path))))),
        { concurrency: "unbounded" },
      );
      expect([ends, most]).toEqual([["done", "done", "done"], 1]);
      expect(readdirSync(path)).toEqual([]);
    }),
  );

  it.scopedLive("to tune is another than that on the shop's data, and is one process's, too", () =>
    Effect.gen(function* () {
      const path = yield* folder;
      const files = Effect.sync(() => readdirSync(path).sort());
      const layer = layerAt(dataFolderAt(path));
      const beside = files.pipe(inTurn("importing"), Effect.provide(layer));
      expect(yield* beside.pipe(inTurn("tuning", "tuning"), Effect.provide(layer))).toEqual([
        "tuning.turn.json",
        "turn.json",
      ]);
      let atWork = 0;
      const second = Effect.gen(function* () {
        expect(++atWork).toBe(1);
        yield* Effect.sleep("20 millis");
        atWork--;
      }).pipe(inTurn("tuning", "tuning"));
      yield* Effect.forEach([1, 2], () => Effect.provide(second, layerAt(dataFolderAt(path))), { concurrency: 2 });
      expect(yield* files).toEqual([]);
    }),
  );

  it.scopedLive("of a process that is no more is taken over at once, that of a living one is waited for", () =>
    Effect.gen(function* () {
      const path = yield* folder;
      const turn = Effect.succeed("mine").pipe(inTurn("testing"), Effect.provide(layerAt(dataFolderAt(path))));
      const gone = spawnSync(process.execPath, ["-e", ""]).pid;
      for (const holder of [
        { ...ownIdentity, pid: gone },
        ownIdentity,
        { ...ownIdentity, pid: process.ppid, began: "long ago" },
      ]) {
        left(path, holder);
        expect(yield* logged(turn)).toEqual({ value: "mine", lines: [] });
      }

      const parent = readFileSync(`/proc/${process.ppid}/stat`, "latin1");
      const began = parent.slice(parent.lastIndexOf(")") + 2).split(" ")[19];
      left(path, { ...ownIdentity, pid: process.ppid, began });
      const waiting = yield* Effect.fork(logged(turn));
      yield* Effect.sleep("600 millis");
      expect((yield* Fiber.poll(waiting))._tag).toBe("None");
      rmSync(fileOf(path));
      expect(yield* Fiber.join(waiting)).toEqual({
        value: "mine",
        lines: [`another process (${process.ppid}) is at it, since 10:15:30: waiting for its end`],
      });
      expect(readdirSync(path)).toEqual([]);
    }),
  );

  it.scoped("of another host is waited for while its holder gives signs of life", () =>
    Effect.gen(function* () {
      const path = yield* folder;
      const turn = Effect.succeed("mine").pipe(inTurn("testing"), Effect.provide(layerAt(dataFolderAt(path))));
      left(path, { host: "elsewhere", pid: 7, began: "" });
      const waiting = yield* Effect.fork(logged(turn));
      for (let touch = 1; touch <= 5; touch++) {
        expect(yield* until(waiting, 20)).toBe(false);
        utimesSync(fileOf(path), touch, touch);
      }
      expect(yield* until(waiting, 60)).toBe(true);
      const { lines } = yield* Fiber.join(waiting);
      expect(lines).toEqual(["another process (7 on elsewhere) is at it, since 10:15:30: waiting for its end"]);
      writeFileSync(fileOf(path), "no turn");
      const damaged = yield* Effect.fork(turn);
      expect(yield* until(damaged, 60)).toBe(true);
      expect(readdirSync(path)).toEqual([]);
    }),
  );

  it.scopedLive("is no obstacle where the folder cannot be made: what is done then fails by itself", () =>
    Effect.gen(function* () {
      const path = yield* folder;
      writeFileSync(join(path, "file"), "");
      const turn = Effect.succeed("mine").pipe(
        inTurn("testing"),
        Effect.provide(layerAt(dataFolderAt(join(path, "file/data")))),
      );
      expect(yield* turn).toBe("mine");
    }),
  );
});
