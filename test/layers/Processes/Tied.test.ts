import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { type Start, startTied, stopTied } from "../../../layers/Processes/Tied.ts";

/** Tells, once it was told of its tie, what it was given; `stays`: it does not go by SIGTERM. */
const program = `
process.on("message", (pledge) => {
  if (process.argv[3] === "stays") process.on("SIGTERM", () => process.send("told to stop"));
  const { HEALTH_PORT, MINE, THEIRS } = process.env;
  process.send({ pledge, args: process.argv.slice(2), HEALTH_PORT, MINE, THEIRS, map: new Map([[1, 2]]) });
});`;

const withProgram = <A, E>(use: (start: Start) => Effect.Effect<A, E>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "tied-"))),
    (folder) => {
      const entry = join(folder, "program.mjs");
      writeFileSync(entry, program);
      return use({
        entry,
        args: ["a"],
        texts: new Map([["MINE", "1"]]),
        priority: constants.priority.PRIORITY_BELOW_NORMAL,
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
    },
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true })),
  );

const started = (start: Start) => {
  const tied = startTied(start);
  const said = new Promise<unknown>((resolve) => tied.child.once("message", resolve));
  const ended = new Promise<unknown>((resolve) => tied.child.once("exit", (_, signal) => resolve(signal)));
  return { ...tied, said, ended };
};

describe("startTied", () => {
  it.live("gives a process its arguments and settings alone, a tie and its priority", () =>
    withProgram((start) =>
      Effect.gen(function* () {
        process.env.THEIRS = "2";
        const { child, ended, givesWay, said } = started(start);
        const { map: _, ...told } = (yield* Effect.promise(() => said)) as Record<string, unknown>;
        expect(told).toEqual({
          pledge: expect.stringContaining("end with me"),
          args: ["a"],
          HEALTH_PORT: "0",
          MINE: "1",
        });
        expect(givesWay).toBe(true);
        expect(getPriority(child.pid)).toBe(constants.priority.PRIORITY_BELOW_NORMAL);
        yield* stopTied(child, ended, "1 minute");
        expect(yield* Effect.promise(() => ended)).toBe("SIGTERM");
        // Whoever is gone is not waited for again.
        yield* stopTied(child, new Promise(() => {}), "1 minute");
      }).pipe(Effect.ensuring(Effect.sync(() => delete process.env.THEIRS))),
    ),
  );

  it.live("passes on values whole where that is wanted, and kills who does not stop", () =>
    withProgram((start) =>
      Effect.gen(function* () {
        const { child, ended, said } = started({ ...start, args: ["a", "stays"], serialization: "advanced" });
        expect(yield* Effect.promise(() => said)).toMatchObject({ map: new Map([[1, 2]]) });
        yield* stopTied(child, ended, "50 millis");
        expect(yield* Effect.promise(() => ended)).toBe("SIGKILL");
      }),
    ),
  );
});
