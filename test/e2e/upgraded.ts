/** What must hold once a later version has opened what an earlier one wrote. */
import { expect } from "@effect/vitest";
import { Effect, Stream } from "effect";
import * as Embedded from "../../layers/Embedded.ts";
import { rawEvents } from "../../src/domain/TableSchemas.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { onFolder, type Running } from "./process.ts";

/** Nothing is deleted for its age, however long ago the fixture was made. */
export const patientSettings = {
  PORT: "0",
  LOG_FORMAT: "logfmt",
  ARCHIVE_FLUSH_AGE: "150 millis",
  RETENTION: "36500 days",
};

const wait = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

/** Where the program listens, once it has applied and archived all that the fixture's log holds. */
export const settled = async (program: Running): Promise<string> => {
  const began = Date.now();
  let url: string | undefined;
  while (Date.now() - began < 60_000 && program.child.exitCode === null) {
    url ??= /curl '(http:\/\/[\d.:]+)\/recommend/.exec(program.output())?.[1];
    if (url !== undefined) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const lags = [...text.matchAll(/^slipstream_partition_lag\{.*\} (\d+)$/gm)].map(([, lag]) => Number(lag));
      if (lags.length === 4 && lags.every((lag) => lag === 0)) return url;
    }
    await wait(100);
  }
  throw new Error(program.output());
};

interface Answer {
  readonly user: string;
  readonly recommendations: ReadonlyArray<{ readonly item_idx: number; readonly score: number }>;
}

/** A user's answer is the same list of items with the same scores; what is added to fill it up comes behind. */
export const expectAnswersKept = async (url: string, answers: string): Promise<void> => {
  const expected = answers
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Answer);
  expect(expected).toHaveLength(4);
  for (const { recommendations, user } of expected) {
    const found = (await (await fetch(`${url}/recommend/${user}?k=24`)).json()) as Answer;
    const shown = ({ item_idx, score }: Answer["recommendations"][number]) => `${item_idx} ${score.toFixed(5)}`;
    expect(found.recommendations.slice(0, recommendations.length).map(shown)).toEqual(recommendations.map(shown));
  }
};

/** The event ids in the archive, sorted; each must be there once. */
export const archivedEvents = async (dataDir: string): Promise<ReadonlyArray<string>> => {
  const batches = await onFolder(
    dataDir,
    Effect.flatMap(Tables, (tables) => Stream.runCollect(tables.read(rawEvents.name, { columns: ["event_id"] }))),
    Embedded.tables,
  );
  const ids = [...batches].flatMap(({ columns }) => Array.from(columns.event_id as ArrayLike<string>)).sort();
  expect(new Set(ids).size).toBe(ids.length);
  return ids;
};
