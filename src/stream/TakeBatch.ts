/**
 * TakeBatch: a micro-batch of another engine into the archive: dead letters first, then rows and offsets in one commit.
 *
 * What the engine takes for no event is judged once more, by the rule of all others, which has the words for it. Should the two
 * differ, nothing of the micro-batch is taken.
 */
import { Chunk, Effect, Either, Stream } from "effect";
import { isForget } from "../domain/Forget.ts";
import { archiveAppId } from "../domain/TableSchemas.ts";
import { type DeadLetter, DeadLetters, type DeadLettersError } from "../ports/DeadLetters.ts";
import { type MicroBatch, MicroBatchesError, type RefusedRecord } from "../ports/MicroBatches.ts";
import type { TableError } from "../ports/Tables.ts";
import { archiverGroup } from "./ArchiveOffsets.ts";
import { readRecord } from "./ReadRecord.ts";

/** Letters of one append. */
const lettersAtOnce = 200;

/** None of a word that forgets a user, which holds nothing to archive either. */
const letterOf = (
  log: string,
  { partition, record }: RefusedRecord,
): Effect.Effect<DeadLetter | undefined, MicroBatchesError> => {
  const { appendedAt, value } = record;
  const event = readRecord(log, partition, record);
  if (Either.isRight(event) && isForget(event.right)) return Effect.succeed(undefined);
  if (Either.isLeft(event) && event.left !== undefined) {
    return Effect.succeed({ log, consumer: archiverGroup, partition, appendedAt, value, ...event.left });
  }
  const place = `offset ${record.offset} of partition ${partition}`;
  return new MicroBatchesError({ reason: "Failed", message: `Spark takes for no event what is one, at ${place}` });
};

/** Per partition, the version of its txn action in the table; undefined before the first. */
export type Standing = ReadonlyMap<number, bigint | undefined>;

/** Answers where the partitions stand that have moved. */
export const takeBatch = (
  log: string,
  standing: Standing,
  batch: MicroBatch,
): Effect.Effect<ReadonlyMap<number, bigint>, DeadLettersError | TableError | MicroBatchesError, DeadLetters> =>
  Effect.gen(function* () {
    const deadLetters = yield* DeadLetters;
    const moved = new Map([...batch.next].filter(([partition, next]) => next > (standing.get(partition) ?? 0n)));
    if (moved.size === 0) return moved;
    yield* batch.refused.pipe(
      Stream.mapEffect((record) => letterOf(log, record)),
      Stream.filter((letter) => letter !== undefined),
      Stream.grouped(lettersAtOnce),
      Stream.runForEach((letters) => deadLetters.append(Chunk.toReadonlyArray(letters))),
    );
    yield* batch.commit(
      Array.from(moved, ([partition, next]) => ({
        appId: archiveAppId(log, partition),
        expected: standing.get(partition),
        next,
      })),
    );
    return moved;
  });
