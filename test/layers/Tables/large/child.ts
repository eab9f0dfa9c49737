/** Reads the table `t` under a folder and prints what it found, and the most memory that it had, in MiB. */
import { Effect, Stream } from "effect";
import { make } from "../../../../layers/Tables/Local.ts";

const [, , folder = ""] = process.argv;
let rows = 0;
let total = 0n;
let largest = 0;
await Effect.runPromise(
  Effect.flatMap(make(folder), (tables) =>
    Stream.runForEach(tables.read("t"), ({ columns, rows: count }) =>
      Effect.sync(() => {
        rows += count;
        largest = Math.max(largest, count);
        for (const value of Array.from(columns.big as ArrayLike<bigint | null>)) total += value ?? 0n;
        if (columns.word?.length !== count || columns.list?.length !== count) process.exit(1);
      }),
    ),
  ),
);
const memory = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(JSON.stringify({ rows, total: String(total), largest, memory }));
