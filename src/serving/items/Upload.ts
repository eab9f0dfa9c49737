/**
 * Upload: items as lines of JSON (application/x-ndjson), any number of them, applied while they arrive.
 *
 * No more is read than was applied: a slow store holds the sender up. What is in memory is a few chunks of the body and the longest
 * line that is taken. A line that cannot be used is told of and left out; the others count. Lines are applied in their order, up to a
 * thousand in one step, so what is durable is always all of the first lines.
 */
import { Clock, Effect, Either, Schema, Stream } from "effect";
import type { ItemChange } from "../../ports/Catalogue.ts";
import { othersFirst } from "../../vitals/OthersFirst.ts";
import type { NotNow } from "../Errors.ts";
import type { FieldError } from "../FieldError.ts";
import { maxItems } from "./ItemInput.ts";
import { ItemsTaken, type Reject } from "./ItemSchema.ts";
import { Items } from "./Items.ts";
import { type Line, makeLines, parsed } from "./Lines.ts";

/** Of what is wrong with lines. */
const mostRejects = 100;
/** Chunks of the body that are applied together, where they come so fast. */
const mostChunks = 16;
const longestWait = "50 millis";
const tellEvery = 10_000;
/** Lines that are read before others get their turn: a few milliseconds. */
const linesAtOnce = 256;

/** It went no further: the first `lines` are done with, and what was accepted of them is durable. */
export class UploadStopped extends Schema.TaggedError<UploadStopped>()("UploadStopped", {
  reason: Schema.Literal("Store", "Sender"),
  message: Schema.String,
  lines: Schema.Int,
  taken: ItemsTaken,
}) {}

export const uploadItems = (body: Stream.Stream<Uint8Array, unknown>, maxLineBytes: number) =>
  Effect.gen(function* () {
    const items = yield* Items;
    const lines = makeLines(maxLineBytes);
    const rejects: Array<Reject> = [];
    /** `settled` of the rejected are among the lines that are done with. */
    const count = { lines: 0, done: 0, accepted: 0, rejected: 0, settled: 0 };
    const began = yield* Clock.currentTimeMillis;
    let told = began;

    const stopped = (reason: UploadStopped["reason"], message: string) => {
      const { accepted, done, settled } = count;
      return new UploadStopped({
        reason,
        message: `${message} The first ${done} lines are done with: go on from the one after.`,
        lines: done,
        taken: { accepted, rejected: settled, rejects: rejects.filter(({ line }) => line <= done) },
      });
    };

    const reject = (line: number, errors: ReadonlyArray<FieldError>) => {
      count.rejected += 1;
      for (const error of errors) if (rejects.length < mostRejects) rejects.push({ line, ...error });
    };

    const apply = (changes: ReadonlyArray<ItemChange>) =>
      (changes.length === 0 ? Effect.void : items.replace(changes)).pipe(
        Effect.mapError(({ message }: NotNow) => stopped("Store", message)),
        Effect.tap(() => {
          count.accepted += changes.length;
          count.done = count.lines;
          count.settled = count.rejected;
        }),
      );

    const read = Effect.fnUntraced(function* (found: ReadonlyArray<Line>) {
      let changes: Array<ItemChange> = [];
      for (const line of found) {
        const input = parsed(line, maxLineBytes);
        count.lines += 1;
        if (Either.isLeft(input)) reject(count.lines, [input.left]);
        else if (input.right !== undefined) {
          const change = yield* items.replacement(input.right, "");
          if (Either.isLeft(change)) reject(count.lines, change.left);
          else changes.push(change.right);
        }
        if (count.lines % linesAtOnce === 0) yield* othersFirst;
        if (changes.length < maxItems) continue;
        yield* apply(changes);
        changes = [];
      }
      yield* apply(changes);
      yield* progress;
    });

    const tell = () =>
      Effect.logInfo(`items as lines: ${count.lines} read, ${count.accepted} accepted, ${count.rejected} rejected`);

    const progress = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (now - told < tellEvery) return Effect.void;
      told = now;
      return tell();
    });

    yield* body.pipe(
      Stream.mapError((cause) => ({ _tag: "Ended" as const, cause })),
      Stream.groupedWithin(mostChunks, longestWait),
      Stream.runForEach((chunks) => read(Array.from(chunks).flatMap((chunk) => lines.push(chunk)))),
      Effect.catchTag("Ended", () => Effect.fail(stopped("Sender", "The body ended early."))),
    );
    yield* read(lines.end());
    if (told > began) yield* tell();
    const { accepted, rejected } = count;
    return { accepted, rejected, rejects } satisfies ItemsTaken;
  });
