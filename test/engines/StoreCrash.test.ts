/** A real process under load is SIGKILLed again and again; what it had acknowledged must be there, once, in order. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Fiber, Layer, Option } from "effect";
import * as esbuild from "esbuild";
import * as EmbeddedLog from "../../layers/EventLog/Embedded.ts";
import { layerAt } from "../../layers/engines/lmdb/Store.ts";
import * as EmbeddedStates from "../../layers/UserStates/Embedded.ts";
import { eventKey, noEvents, unpackEvents } from "../../src/domain/RecentEvents.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { UserStates } from "../../src/ports/UserStates.ts";
import { temporaryFolder } from "../layers/engines/lmdb/temporary.ts";

const rounds = 6;
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Beside the tree's packages, so that the bundle finds them. */
const bundle = Effect.acquireRelease(
  Effect.promise(async () => {
    mkdirSync(join(root, "dist"), { recursive: true });
    const folder = mkdtempSync(join(root, "dist/crash-"));
    await esbuild.build({
      entryPoints: [fileURLToPath(new URL("../layers/engines/lmdb/crash/child.ts", import.meta.url))],
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

/** Lets the child run until it has printed `lines` lines of each kind, kills it, and answers all that it printed. */
const runAndKill = (file: string, folder: string, round: number, lines: number) =>
  Effect.async<ReadonlyArray<string>, Error>((resume) => {
    const child = spawn(process.execPath, [file, folder, String(round)], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, PARTITIONS: "2" },
    });
    const printed: Array<string> = [];
    let [appended, applied] = [0, 0];
    const output = createInterface({ input: child.stdout });
    output.on("line", (line) => {
      printed.push(line);
      if (line.startsWith("appended")) appended += 1;
      if (line.startsWith("applied")) applied += 1;
      if (appended >= lines && applied >= lines / 10) child.kill("SIGKILL");
    });
    child.on("close", (_, signal) =>
      resume(signal === "SIGKILL" ? Effect.succeed(printed) : Effect.fail(new Error(`the child ended by itself`))),
    );
    return Effect.sync(() => child.kill("SIGKILL"));
  });

const words = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** This process appends while the children live and die, so that locks of the dead are taken over by the living. */
const surviveAndCompare = (file: string, folder: string) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const states = yield* UserStates;
    const printed: Array<string> = [];

    const appending = yield* Effect.iterate(0, {
      while: () => true,
      body: (i) =>
        log.append([{ key: "user-9", value: Buffer.from(`user-9/0.${i}`) }]).pipe(
          Effect.map(([position]) => {
            printed.push(`appended ${position!.partition} ${position!.offset} user-9/0.${i}`);
            return i + 1;
          }),
        ),
    }).pipe(Effect.fork);
    for (let round = 0; round < rounds; round++) {
      printed.push(...(yield* runAndKill(file, folder, round, 40 + 37 * round)));
    }
    yield* log.append([{ key: "user-9", value: Buffer.from("user-9/1.0") }]);
    expect(Option.isNone(yield* Fiber.poll(appending))).toBe(true);
    yield* Fiber.interrupt(appending);

    const epochs = printed.filter((line) => line.startsWith("epoch")).map((line) => Number(line.split(" ")[1]));
    expect(epochs.length).toBeGreaterThanOrEqual(2 * rounds);
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));

    const ends = yield* log.endOffsets;
    expect(ends).toHaveLength(2);
    const values = yield* Effect.forEach(ends, (end, partition) =>
      Effect.map(log.read(partition, 0n, Number(end) + 1), (records) => {
        expect(records.map(({ offset }) => offset)).toEqual(records.map((_, i) => BigInt(i)));
        expect(records).toHaveLength(Number(end));
        return records.map((record) => words(record.value));
      }),
    );
    const all = values.flat();
    expect(new Set(all).size).toBe(all.length);

    // A line is shorter than a pipe writes at once, so a kill cuts none.
    const acknowledged = printed.filter((line) => /^appended \d+ \d+ user-\d\/\d+\.\d+$/.test(line));
    expect(acknowledged.length).toBeGreaterThan(rounds * 40);
    for (const line of acknowledged) {
      const [, partition, offset, value] = line.split(" ");
      expect(values[Number(partition)]![Number(offset)]).toBe(value);
    }

    const committed = yield* log.committed("crash");
    for (const [partition, expected] of values.entries()) {
      const position = (yield* states.position("crash", partition)) ?? 0n;
      expect(committed[partition] ?? 0n).toBeLessThanOrEqual(position);
      expect(position).toBeLessThanOrEqual(ends[partition]!);
      const applied = printed.filter((line) => line.startsWith(`applied ${partition} `));
      for (const line of applied) expect(BigInt(line.split(" ")[2]!)).toBeLessThanOrEqual(position);
      const users = [...new Set(expected.map((value) => value.split("/")[0]!))];
      const read = yield* states.read("crash", users);
      for (const [i, user] of users.entries()) {
        const ofUser = expected.slice(0, Number(position)).filter((value) => value.startsWith(`${user}/`));
        expect(unpackEvents(read[i]?.recent ?? noEvents).map(({ id }) => id)).toEqual(ofUser.map(eventKey));
      }
    }
  });

describe("SIGKILL under load", () => {
  it.scopedLive(
    "loses nothing that was acknowledged, doubles nothing, and leaves states that equal the log",
    () =>
      Effect.gen(function* () {
        const file = yield* bundle;
        const folder = yield* temporaryFolder;
        const live = Layer.mergeAll(EmbeddedLog.layer, EmbeddedStates.layer).pipe(Layer.provide(layerAt(folder)));
        yield* surviveAndCompare(file, folder).pipe(Effect.provide(live));
      }).pipe(Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["PARTITIONS", "2"]])))),
    60_000,
  );
});
