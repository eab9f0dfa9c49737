/**
 * Turns by a file, `$DATA_DIR/turn.json` (for tuning: `tuning.turn.json`), that says whose turn it is: the host, the process and
 * what it does.
 *
 * It is linked into its place whole, which only one process can. A holder on this host is asked for by its number; one on
 * another host (a container, a shared disk) counts as gone when it has not touched its file for a while, which is measured
 * by our own clock. The file of one who is gone is renamed before another takes its place; should it be the file of a third,
 * who was faster, it is put back.
 *
 * This keeps processes from doing twice what one can do. What they write must be safe without it: files are written under
 * names of their own and renamed, tables by atomic commits. So where the folder cannot be written, work has its turn at
 * once, and fails by itself.
 */
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { Clock, type ConfigError, Effect, Either, FiberRef, Layer, Option, Schedule, Schema } from "effect";
import { type DataFolder, dataFolder } from "../../src/config/DataFolder.ts";
import { type Place, Turns, type TurnsService } from "../../src/ports/Turns.ts";
import { Identity, isRunning, ownIdentity } from "./Identity.ts";

const Turn = Schema.parseJson(
  Schema.Struct({ id: Schema.String, what: Schema.String, since: Schema.String, holder: Identity }),
);
type Turn = typeof Turn.Type;
const decode = Schema.decodeUnknownEither(Turn);
const encode = Schema.encodeSync(Turn);

const lookEvery = "250 millis";
const touchEvery = "3 seconds";
/** Longer than a holder may be too busy to touch its file. */
const patienceMillis = 30_000;

/** Turns of this process: a file that names it and is none of them was left by an earlier one of its number. */
const own = new Set<string>();

/** What is in the holder's file; undefined where there is none. */
interface Seen {
  /** Undefined while it cannot be read. */
  readonly turn: Turn | undefined;
  /** Changes when the holder touches its file. */
  readonly mark: string;
}

const attempt = <A>(run: () => Promise<A>): Effect.Effect<Option.Option<A>> => Effect.option(Effect.tryPromise(run));

const look = (file: string): Effect.Effect<Seen | undefined> =>
  attempt(async () => ({ text: await readFile(file, "utf8"), at: (await stat(file)).mtimeMs })).pipe(
    Effect.map(
      Option.match({
        onNone: () => undefined,
        onSome: ({ at, text }) => {
          const turn = Either.getOrUndefined(decode(text));
          return { turn, mark: `${turn?.id} ${at}` };
        },
      }),
    ),
  );

/** Whether it is known to be gone, by its number. */
const isGone = ({ holder, id }: Turn): boolean | undefined => {
  const isOwn = holder.pid === ownIdentity.pid && holder.host === ownIdentity.host;
  if (isOwn) return !own.has(id);
  const running = isRunning(holder);
  return running === undefined ? undefined : !running;
};

/** Takes away the file of one who is gone, unless it is another's by now. */
const clear = (file: string, seen: Seen): Effect.Effect<unknown> => {
  const aside = `${file}.${randomUUID()}.old`;
  return attempt(() => rename(file, aside)).pipe(
    Effect.zipRight(look(aside)),
    Effect.flatMap((moved) =>
      moved !== undefined && moved.turn?.id !== seen.turn?.id ? attempt(() => link(aside, file)) : Effect.void,
    ),
    Effect.zipRight(attempt(() => rm(aside, { force: true }))),
  );
};

type Put = "taken" | "held" | "impossible";

/** Puts the file in its place, if there is none. */
const put = (folder: string, file: string, turn: Turn): Effect.Effect<Put> => {
  const beside = `${file}.${turn.id}.tmp`;
  return Effect.promise(async (): Promise<Put> => {
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(beside, encode(turn));
      await link(beside, file);
      return "taken";
    } catch (cause) {
      return (cause as NodeJS.ErrnoException).code === "EEXIST" ? "held" : "impossible";
    } finally {
      await rm(beside, { force: true }).catch(() => undefined);
    }
  });
};

const worded = ({ holder, since, what }: Turn): string => {
  const isHere = holder.host === ownIdentity.host;
  const who = isHere && holder.pid === ownIdentity.pid ? "this" : "another";
  return `${who} process (${holder.pid}${isHere ? "" : ` on ${holder.host}`}) is ${what}, since ${since.slice(11, 19)}`;
};

/** Waits until the file is ours; false where that cannot be. */
const acquire = (folder: string, file: string, id: string, what: string): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    const since = new Date(yield* Clock.currentTimeMillis).toISOString();
    let told = false;
    let mark = "";
    let markedAt = 0;
    while (true) {
      const answer = yield* put(folder, file, { id, what, since, holder: ownIdentity });
      if (answer !== "held") return answer === "taken";
      const seen = yield* look(file);
      if (seen === undefined) continue;
      const now = yield* Clock.currentTimeMillis;
      if (seen.mark !== mark) {
        mark = seen.mark;
        markedAt = now;
      }
      const gone = seen.turn === undefined ? undefined : isGone(seen.turn);
      if (gone === true || (gone === undefined && now - markedAt >= patienceMillis)) {
        yield* clear(file, seen);
        continue;
      }
      if (!told && seen.turn !== undefined) {
        told = true;
        yield* Effect.logInfo(`${worded(seen.turn)}: waiting for its end`);
      }
      yield* Effect.sleep(lookEvery);
    }
  });

const make = ({ root, tuningTurn, turn }: DataFolder): TurnsService => {
  const files: Readonly<Record<Place, string>> = { data: turn, tuning: tuningTurn };
  const mine = FiberRef.unsafeMake<ReadonlySet<Place>>(new Set());

  const touch = (file: string) =>
    attempt(async () => {
      const now = new Date();
      await utimes(file, now, now);
    }).pipe(Effect.repeat(Schedule.spaced(touchEvery)));

  const release = (file: string, id: string) =>
    look(file).pipe(
      Effect.flatMap((seen) => (seen?.turn?.id === id ? attempt(() => rm(file, { force: true })) : Effect.void)),
      Effect.ensuring(Effect.sync(() => own.delete(id))),
    );

  /** Held until the scope closes. */
  const hold = (file: string, what: string) =>
    Effect.gen(function* () {
      const id = randomUUID();
      own.add(id);
      yield* Effect.addFinalizer(() => release(file, id));
      if (yield* acquire(root, file, id, what)) yield* Effect.forkScoped(touch(file));
    });

  return {
    at: (place) =>
      Effect.map(look(files[place]), (seen) =>
        seen?.turn === undefined || isGone(seen.turn) === true ? undefined : worded(seen.turn),
      ),
    take: (what, place) => (work) =>
      Effect.flatMap(FiberRef.get(mine), (held) =>
        held.has(place)
          ? work
          : Effect.scoped(
              Effect.zipRight(hold(files[place], what), Effect.locally(work, mine, new Set([...held, place]))),
            ),
      ),
  };
};

export const layerAt = (folder: DataFolder): Layer.Layer<Turns> => Layer.succeed(Turns, make(folder));

export const layer: Layer.Layer<Turns, ConfigError.ConfigError> = Layer.unwrapEffect(Effect.map(dataFolder, layerAt));
