import { createRequire } from "node:module";
import { describe, expect, it } from "@effect/vitest";
import { decodeFetch, encodeFetch } from "../../../../layers/engines/kafka/Fetch.ts";
import { fetchFrom } from "../../../../layers/engines/kafka/Reading.ts";
import { type Asked, fakeCluster, fetchAnswer } from "./fakeBroker.ts";
import { batch } from "./records/encoding.ts";
import { plain, values } from "./records/reading.ts";

const require = createRequire(import.meta.url);
const fetchKey = 1;
const limits = { bytes: 100_000, wait: 250 };

describe.each([4, 10])("Fetch, version %i", (version) => {
  it("is asked as kafkajs asks it", async () => {
    const theirs = require(`kafkajs/src/protocol/requests/fetch/v${version}/request.js`)({
      replicaId: -1,
      isolationLevel: 1,
      maxWaitTime: 250,
      minBytes: 1,
      maxBytes: 200_000,
      topics: [
        {
          topic: "user_events",
          partitions: [
            { partition: 2, fetchOffset: "77", maxBytes: 100_000 },
            { partition: 0, fetchOffset: "9007199254740993", maxBytes: 100_000 },
          ],
        },
      ],
    });
    const wanted = [
      { partition: 2, offset: 77n },
      { partition: 0, offset: 9007199254740993n },
    ];
    const { buffer } = await theirs.encode();
    expect(encodeFetch(version, "user_events", wanted, limits)).toEqual(buffer);
  });

  it("is read whole, or not at all where it is cut off", () => {
    const partitions = [
      { partition: 1, errorCode: 0, end: 12n, aborted: [[5n, 3n] as const], bytes: Buffer.from("bytes") },
      { partition: 0, errorCode: 6, end: -1n, aborted: [], bytes: Buffer.alloc(0) },
    ];
    const answer = fetchAnswer(version, partitions);
    expect(decodeFetch(version, answer)).toEqual([
      { ...partitions[0], aborted: [{ producerId: 5n, firstOffset: 3n }] },
      partitions[1],
    ]);
    for (let length = 0; length < answer.length; length++) {
      expect(decodeFetch(version, answer.subarray(0, length))).toBeUndefined();
    }
  });
});

describe("records of partitions", () => {
  const good = (base: bigint, text: string) => batch([plain(0, text)], { base, codec: "gzip" });
  const bad = Buffer.from(good(0n, "zero")).fill(0, 70, 74);
  const asking = async (answer: (asked: Asked, nth: number) => Buffer, partitions: ReadonlyArray<number>) => {
    const asked: Array<Asked> = [];
    const cluster = fakeCluster({ [fetchKey]: 17 }, (one) => answer(one, asked.push(one)));
    const wanted = partitions.map((partition) => ({ partition, offset: 0n }));
    return { asked, answers: await fetchFrom(cluster, "1", "t", wanted, limits) };
  };

  it("that look damaged are asked for again, alone, and read if it was a fault on the way", async () => {
    const { answers, asked } = await asking(
      (_, nth) =>
        nth === 1
          ? fetchAnswer(10, [
              { partition: 0, bytes: bad },
              { partition: 1, bytes: good(0n, "one") },
            ])
          : fetchAnswer(10, [{ partition: 0, bytes: good(0n, "zero") }]),
      [0, 1],
    );
    expect(asked.map(({ body, version }) => [version, body])).toEqual([
      [
        10,
        encodeFetch(
          10,
          "t",
          [0, 1].map((partition) => ({ partition, offset: 0n })),
          limits,
        ),
      ],
      [10, encodeFetch(10, "t", [{ partition: 0, offset: 0n }], limits)],
    ]);
    expect(answers.map(({ next, records }) => [next, values(records)])).toEqual([
      [1n, ["zero"]],
      [1n, ["one"]],
    ]);
  });

  it("that are damaged still are a gap", async () => {
    const { answers, asked } = await asking(() => fetchAnswer(10, [{ partition: 0, bytes: bad }]), [0]);
    expect(asked).toHaveLength(2);
    expect(answers).toMatchObject([{ next: 1n, records: [{ offset: 0n, gap: { first: 0n } }] }]);
  });

  it("fail for themselves alone", async () => {
    const { answers } = await asking(
      () =>
        fetchAnswer(10, [
          { partition: 0, errorCode: 1 },
          { partition: 1, errorCode: 6 },
          { partition: 2, bytes: batch([plain(0, "x")], { base: 0n, codecNumber: 7 }) },
          { partition: 3, errorCode: 2 },
          { partition: 4, bytes: good(0n, "four") },
        ]),
      [0, 1, 2, 3, 4],
    );
    expect(answers.map(({ failure }) => failure?.kind)).toEqual([
      "outOfRange",
      "stale",
      "unreadable",
      "unreadable",
      undefined,
    ]);
    expect(answers[2]!.failure!.message).toContain("partition 2 of topic t from offset 0 on cannot be read");
    expect(answers[2]!.failure!.message).toContain("codec 7");
    expect(values(answers[4]!.records)).toEqual(["four"]);
  });

  it("share a bound on what they take uncompressed", async () => {
    const large = (base: bigint) => batch([plain(0, "x".repeat(40 << 20))], { base, codec: "gzip" });
    const set = Buffer.concat([large(0n), large(1n), large(2n)]);
    const { answers } = await asking(
      () =>
        fetchAnswer(
          10,
          [0, 1].map((partition) => ({ partition, bytes: set })),
        ),
      [0, 1],
    );
    expect(answers.map(({ next }) => next)).toEqual([2n, 1n]);
  });

  it("are refused by a broker that is older than Kafka 0.11", async () => {
    const cluster = fakeCluster({ [fetchKey]: 3 }, () => Buffer.alloc(0));
    await expect(fetchFrom(cluster, "1", "t", [{ partition: 0, offset: 0n }], limits)).rejects.toMatchObject({
      kind: "unreadable",
      message: expect.stringContaining("0.11"),
    });
  });
});
