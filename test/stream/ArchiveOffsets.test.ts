import { expect, it } from "@effect/vitest";
import { Effect, HashMap, Logger } from "effect";
import { archiveAppId } from "../../src/domain/TableSchemas.ts";
import { EventLog } from "../../src/ports/EventLog.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { makeArchiveOffsets } from "../../src/stream/ArchiveOffsets.ts";
import { Faults, MemoryTable } from "../support/MemoryStores.ts";
import { ScriptedLog } from "../support/ScriptedLog.ts";

/** Written at this time, in unix seconds. */
const writtenAt = 1_700_000_000;

const setting = ({ ends, appendedAt = 0 }: { ends: ReadonlyArray<number>; appendedAt?: number }) => {
  const log = new ScriptedLog(ends.length, "here");
  ends.forEach((end, partition) => {
    for (let i = 0; i < end; i++) log.append(partition, new Uint8Array(1), appendedAt);
  });
  const table = new MemoryTable(new Faults());
  table.writtenAt = writtenAt * 1000;
  const warnings: Array<string> = [];
  const logger = Logger.make(({ annotations, message }) => {
    if (HashMap.isEmpty(annotations)) warnings.push(String(message));
  });
  const ask = Effect.flatMap(makeArchiveOffsets, (offsets) => offsets("here")).pipe(
    Effect.provideService(EventLog, log.service),
    Effect.provideService(Tables, table.service),
    Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
  );
  return { log, table, warnings, ask };
};

const offsets = (identity: string, ...next: ReadonlyArray<bigint>) =>
  new Map(next.map((offset, partition) => [archiveAppId(identity, partition), offset]));

it.effect("is none in a table that is new", () =>
  Effect.gen(function* () {
    const { ask, warnings } = setting({ ends: [5, 5] });
    expect(yield* ask).toEqual(new Map());
    expect(warnings).toEqual([]);
  }),
);

it.effect("is what the table has of this log, whatever it has of others", () =>
  Effect.gen(function* () {
    const { ask, table, warnings } = setting({ ends: [5, 5] });
    table.transactions = new Map([...offsets("there", 9n, 9n), ...offsets("", 4n, 4n), ...offsets("here", 2n)]);
    expect(yield* ask).toEqual(new Map([[0, 2n]]));
    expect(warnings).toEqual([]);
  }),
);

it.effect("is none where the table has another log's only, and says so once", () =>
  Effect.gen(function* () {
    const { log, table, warnings } = setting({ ends: [5, 5] });
    table.transactions = offsets("there", 1n, 2n);
    const logger = Logger.make(({ message }) => void warnings.push(String(message)));
    yield* Effect.gen(function* () {
      const of = yield* makeArchiveOffsets;
      expect(yield* of("here")).toEqual(new Map());
      expect(yield* of("here")).toEqual(new Map());
    }).pipe(
      Effect.provideService(EventLog, log.service),
      Effect.provideService(Tables, table.service),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
    );
    expect(warnings).toEqual([
      "archiving event log here from its beginning: what is in raw/events so far is of another log",
    ]);
    expect(table.transactions).toEqual(offsets("there", 1n, 2n));
  }),
);

it.effect("takes over what version 0.1 wrote of this log, all at once", () =>
  Effect.gen(function* () {
    const own: ReadonlyArray<Parameters<typeof setting>[0]> = [
      { ends: [5, 5] },
      { ends: [5, 5], appendedAt: writtenAt - 60 },
    ];
    for (const options of own) {
      const { ask, table, warnings } = setting(options);
      table.transactions = offsets("", 4n, 5n);
      expect(yield* ask).toEqual(
        new Map([
          [0, 4n],
          [1, 5n],
        ]),
      );
      expect(table.transactions).toEqual(new Map([...offsets("", 4n, 5n), ...offsets("here", 4n, 5n)]));
      expect(warnings).toEqual([]);
    }
  }),
);

it.effect("takes over what version 0.1 wrote where its group has read this log, whatever the clocks say", () =>
  Effect.gen(function* () {
    const { ask, log, table } = setting({ ends: [5, 5], appendedAt: writtenAt + 3600 });
    table.transactions = offsets("", 4n, 5n);
    log.positions.set(1, 5n);
    expect((yield* ask).get(0)).toBe(4n);
  }),
);

it.effect("takes nothing over that cannot be of this log: it ends before, or is younger", () =>
  Effect.gen(function* () {
    const foreign: ReadonlyArray<Parameters<typeof setting>[0]> = [
      { ends: [5, 0] },
      { ends: [5] },
      { ends: [5, 5], appendedAt: writtenAt + 3600 },
    ];
    for (const options of foreign) {
      const { ask, log, table, warnings } = setting(options);
      table.transactions = offsets("", 4n, 5n);
      if (options.ends[1] !== 5) log.positions.set(0, 4n);
      expect(yield* ask).toEqual(new Map());
      expect(table.transactions).toEqual(offsets("", 4n, 5n));
      expect(warnings).toHaveLength(1);
    }
  }),
);
