import { describe, expect, it } from "@effect/vitest";
import { Effect, Exit, Scope, TestClock } from "effect";
import { formatBar, formatEnd, formatLine, formatSeconds } from "../../../layers/Progress/Format.ts";
import { make, type Told } from "../../../layers/Progress/Terminal.ts";
import type { Task } from "../../../src/ports/Progress.ts";

const state = { label: "train", unit: "iterations", total: 10, done: 4, seconds: 8, note: "loss 0.01" };

describe("Format", () => {
  it("draws a bar with share, count, rate, time left and note", () => {
    expect(formatBar(state, 120)).toBe(
      "train █████████░░░░░░░░░░░░░░░  40 %  4 iterations of 10 iterations, 0.50 iterations/s, 12 s left, loss 0.01",
    );
  });
  it("leaves out what is not known", () => {
    expect(formatBar({ ...state, total: undefined, note: "" }, 120)).toBe("train  4 iterations, 0.50 iterations/s");
    expect(formatBar({ ...state, done: 0, seconds: 0, note: "" }, 120)).toBe(
      "train ░░░░░░░░░░░░░░░░░░░░░░░░   0 %  0 iterations of 10 iterations",
    );
  });
  it("tells the time alone of a task that lasts as long as it is given", () => {
    const tuning = { label: "tuning", unit: "seconds", total: 600, done: 150, seconds: 150, note: "best 0.09" };
    expect(formatBar(tuning, 120)).toBe("tuning ██████░░░░░░░░░░░░░░░░░░  25 %  2:30 of 10:00, best 0.09");
    expect(formatEnd(tuning)).toBe("tuning: 2:30, best 0.09");
  });
  it("never exceeds the width, nor the bar its length", () => {
    expect(formatBar(state, 30)).toHaveLength(30);
    expect(formatBar({ ...state, done: 99 }, 200)).toContain(`${"█".repeat(24)} 100 %`);
    expect(formatBar({ ...state, total: 0, done: 0 }, 200)).toContain("100 %");
  });
  it("scales units", () => {
    expect(formatLine({ ...state, unit: "bytes", total: 3.49e9, done: 1.2e9, seconds: 10, note: "" })).toBe(
      "train: 34 %, 1.20 GB of 3.49 GB, 120 MB/s, 19 s left",
    );
    expect(formatEnd({ ...state, unit: "rows", done: 31_788_324, seconds: 65 })).toBe(
      "train: 31.8 M rows in 1:05, 489 k rows/s, loss 0.01",
    );
    expect(formatSeconds(7384)).toBe("2:03:04");
  });
});

const recorder = (isTerminal: boolean) => {
  const written: Array<string> = [];
  return { written, progress: make({ write: (text) => written.push(text), isTerminal, columns: () => 80 }) };
};

describe("Terminal", () => {
  const clear = "\r\u001b[K";

  it.effect("tells another of the innermost task, at its start and end, and twice a second at most between", () =>
    Effect.gen(function* () {
      const told: Array<Told | null> = [];
      const progress = make({ write: () => {}, isTerminal: false, columns: () => 80, tell: (task) => told.push(task) });
      yield* Effect.scoped(
        Effect.gen(function* () {
          const outer = yield* progress.task({ label: "read", unit: "rows", total: 4 });
          yield* Effect.scoped(progress.task({ label: "sort", unit: "files" }));
          for (let i = 0; i < 4; i++) {
            yield* TestClock.adjust("250 millis");
            outer.advance(1);
          }
        }),
      );
      const read = (done: number) => ({ name: "read", done, of: 4, unit: "rows" });
      const sort = { name: "sort", done: 0, of: null, unit: "files" };
      expect(told).toEqual([read(0), sort, read(0), read(2), read(4), null]);
    }),
  );

  it.effect("without a terminal tells a line every ten seconds and one at the end", () =>
    Effect.gen(function* () {
      const { written, progress } = recorder(false);
      yield* Effect.scoped(
        Effect.gen(function* () {
          const task = yield* progress.task({ label: "read", unit: "rows", total: 100 });
          for (let i = 0; i < 25; i++) {
            task.advance(4);
            yield* TestClock.adjust("1 second");
          }
        }),
      );
      expect(written).toEqual([
        "read: 40 %, 40 rows of 100 rows, 4 rows/s, 15 s left\n",
        "read: 80 %, 80 rows of 100 rows, 4 rows/s, 5 s left\n",
        "read: 100 rows in 25 s, 4 rows/s\n",
      ]);
    }),
  );

  it.effect("on a terminal redraws one line, at most ten times a second, and leaves the end on it", () =>
    Effect.gen(function* () {
      const { written, progress } = recorder(true);
      yield* Effect.scoped(
        Effect.gen(function* () {
          const task = yield* progress.task({ label: "read", unit: "rows", total: 100 });
          for (let i = 0; i < 50; i++) {
            task.advance(2);
            yield* TestClock.adjust("10 millis");
          }
        }),
      );
      expect(written.length).toBeLessThanOrEqual(7);
      expect(written.slice(0, -1).every((text) => text.startsWith(clear) && !text.includes("\n"))).toBe(true);
      expect(written.at(-1)).toBe(`${clear}read: 100 rows in 1 s, 200 rows/s\n`);
    }),
  );

  it.effect("shows the innermost of nested tasks, then the outer one again", () =>
    Effect.gen(function* () {
      const { written, progress } = recorder(true);
      yield* Effect.scoped(
        Effect.gen(function* () {
          const outer = yield* progress.task({ label: "outer", unit: "steps", total: 2 });
          yield* Effect.scoped(
            Effect.gen(function* () {
              const inner = yield* progress.task({ label: "inner", unit: "rows", total: 2 });
              yield* TestClock.adjust("1 second");
              outer.advance(1);
              inner.advance(1);
            }),
          );
          expect(written.some((text) => text.includes("outer"))).toBe(false);
          expect(written.at(-1)).toMatch(/inner: 1 rows in 1 s/);
          yield* TestClock.adjust("1 second");
          expect(written.at(-1)).toContain("outer");
        }),
      );
    }),
  );

  it.effect("writes nothing after its scope has closed, and says when the task was stopped", () =>
    Effect.gen(function* () {
      const { written, progress } = recorder(true);
      const scope = yield* Scope.make();
      const task: Task = yield* Scope.extend(progress.task({ label: "read", unit: "rows" }), scope);
      yield* Scope.close(scope, Exit.fail("broken"));
      expect(written).toEqual([`${clear}read: 0 rows, stopped\n`]);
      task.advance(1);
      task.note("late");
      yield* TestClock.adjust("1 minute");
      expect(written).toHaveLength(1);
    }),
  );
});
