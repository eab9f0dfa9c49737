/**
 * ManyLines: users as lines of JSON, any number of them, answered while they arrive: a line for each, in their order.
 *
 * No more is read than is answered, and no more is answered than is taken: who reads slowly is sent to slowly, and holds up
 * nothing but what they send. In memory are a chunk of the body, the longest line that is taken and the answers to `together` users or,
 * where other processes answer, too (`beside/`), to as many for each part that is under way. A line that cannot be used is told of in its
 * place.
 */
import { Effect, Either, Stream } from "effect";
import { othersFirst } from "../../vitals/OthersFirst.ts";
import { type AnswerPart, Beside } from "../beside/Beside.ts";
import type { InvalidInput, NotNow } from "../Errors.ts";
import type { FieldError } from "../FieldError.ts";
import { type Line, makeLines, parsed } from "../items/Lines.ts";
import type { Serving } from "../ServingModel.ts";
import { Many, type ManyService, together } from "./Many.ts";
import type { AnswerLine } from "./ManyAnswer.ts";
import { type Common, queryOfLine } from "./ManyInput.ts";
import { lineText } from "./ManyText.ts";
import type { RecommendQuery } from "./Query.ts";
import { makeTextBytes } from "./TextBytes.ts";

/** What holds for all lines. */
export interface CommonOfLines extends Common {
  /** Of which model the answers to what is read now are. */
  readonly serving: Effect.Effect<Serving | undefined>;
}

type Read = readonly [line: number, Either.Either<RecommendQuery, ReadonlyArray<FieldError>>];

const chunksOf = <A>(all: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

/** What went wrong with all lines that were asked together. */
const whole = ({ message, ...error }: InvalidInput | NotNow): ReadonlyArray<FieldError> =>
  ("errors" in error ? error.errors : undefined) ?? [{ field: "line", detail: message }];

const answered = (
  answers: ManyService["answers"],
  answerPart: AnswerPart,
  { isWorded, serving: current }: CommonOfLines,
  read: ReadonlyArray<Read>,
): Effect.Effect<Uint8Array> =>
  Effect.gen(function* () {
    const serving = yield* current;
    const asked = read.flatMap(([line, query], at) =>
      Either.isRight(query) ? [{ line, at, query: query.right }] : [],
    );
    const queries = asked.map(({ query }) => query);
    const here = Effect.gen(function* () {
      const { add, take } = makeTextBytes();
      let next = 0;
      /** Of the lines before this one that have no answer. */
      const wrongBefore = (at: number, failed: ReadonlyArray<FieldError>): void => {
        for (const [line, query] of read.slice(next, at)) {
          const errors = Either.isLeft(query) ? query.left : failed;
          add(`${JSON.stringify({ line, errors } satisfies AnswerLine)}\n`);
        }
        next = at;
      };
      const failed = yield* answers(serving, queries, (answer, place) => {
        const { at, line } = asked[place];
        wrongBefore(at, []);
        add(`${lineText(line, answer, isWorded)}\n`);
        next++;
      }).pipe(
        Effect.as([]),
        Effect.catchAll((error) => Effect.succeed(whole(error))),
      );
      wrongBefore(read.length, failed);
      return take();
    });
    // Lines that cannot be used are told of here.
    const isPart = asked.length === read.length;
    return yield* answerPart(
      isPart ? { serving, queries, lines: asked.map(({ line }) => line), isWorded } : undefined,
      here,
    );
  });

/** The text of the answers, some lines at a time; ends where the body does, in whichever way. One of the few batches until then. */
export const answerLines = (
  body: Stream.Stream<Uint8Array, unknown>,
  common: CommonOfLines,
  maxLineBytes: number,
): Effect.Effect<Stream.Stream<Uint8Array>, NotNow, Many | Beside> =>
  Effect.gen(function* () {
    const { answers, room, underWay } = yield* Many;
    const { atOnce, batch } = yield* Beside;
    const answerPart = batch();
    const lines = makeLines(maxLineBytes);
    let count = 0;
    const read = (line: Line): ReadonlyArray<Read> => {
      count += 1;
      const input = parsed(line, maxLineBytes);
      if (Either.isLeft(input)) return [[count, Either.left([input.left])]];
      return input.right === undefined ? [] : [[count, queryOfLine(input.right, common.query)]];
    };
    const ended = Stream.suspend(() => Stream.succeed(lines.end()));
    const told = body.pipe(
      Stream.map((chunk) => lines.push(chunk)),
      Stream.catchAll(() => Stream.empty),
      Stream.concat(ended),
      Stream.flatMap((found) => Stream.fromIterable(chunksOf(found, together))),
      Stream.map((found) => found.flatMap(read)),
      Stream.mapEffect(
        // Lines that are wrong take time, too.
        (found) => Effect.zipLeft(answered(answers, answerPart, common, found), othersFirst),
        { concurrency: atOnce },
      ),
      Stream.filter((text) => text.length > 0),
    );
    yield* room;
    return Stream.unwrapScoped(Effect.as(underWay, told));
  });
