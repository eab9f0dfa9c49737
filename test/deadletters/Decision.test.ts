import { describe, expect, it } from "@effect/vitest";
import type { Case } from "../../src/deadletters/Cases.ts";
import { decisionOf, type Facts, type Follower } from "../../src/deadletters/Decision.ts";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import type { KeptLetter } from "../../src/ports/DeadLetters.ts";

const now = 1_700_000_000;
const day = 86_400;

const event = {
  eventId: "e",
  userId: "u",
  itemId: "new",
  eventType: "click",
  timestamp: now - 40 * day,
  quantity: 1,
  userIdx: undefined,
  itemIdx: undefined,
  recommendationId: "of an answer",
};

const letter = (of: Partial<KeptLetter> = {}): KeptLetter => ({
  log: "log",
  consumer: "updater-old",
  partition: 1,
  offset: 10n,
  reason: "unknown_item",
  detail: "",
  appendedAt: now - 40 * day,
  value: encodeEvent(event),
  keptAt: now - 40 * day,
  replay: undefined,
  ...of,
});

const follower = (of: Partial<Follower> = {}): Follower => ({
  id: "new",
  group: "updater-new",
  createdAt: now - day,
  start: () => 5n,
  types: ["click"],
  knows: (item) => item === "new",
  isDamaged: () => false,
  ...of,
});

const old = follower({ id: "old", group: "updater-old", knows: () => false });

const facts = (of: Partial<Facts> = {}): Facts => ({
  log: "log",
  now,
  serving: "new",
  followers: [old, follower()],
  archivedFrom: ({ offset }) => offset,
  archiveNext: () => 20n,
  isGone: () => false,
  retention: 30 * day,
  all: false,
  ...of,
});

const decide = (letters: ReadonlyArray<KeptLetter>, of: Partial<Facts> = {}) =>
  decisionOf({ letters } as Case, facts(of));

/** Whom the event is appended for; the rest is as it was. */
const replayOf = (letters: ReadonlyArray<KeptLetter>, of: Partial<Facts> = {}) => {
  const decision = decide(letters, of);
  if (decision._tag !== "Replay") return decision;
  const { replayOf, ...rest } = decision.event;
  expect(rest).toEqual(event);
  return replayOf;
};

describe("an event that was given up", () => {
  it("counted already where the model was trained on it, or has read it from the log", () => {
    expect(decide([letter()], { followers: [follower({ start: () => 11n })] })).toEqual({ _tag: "Counted" });
    expect(decide([letter()])).toEqual({ _tag: "Counted" });
  });

  it("waits for a model that knows its item, for its type and for its time", () => {
    expect(decide([letter()], { serving: "old" })).toEqual({
      _tag: "Unusable",
      why: 'item_id "new" is neither in model old nor in the catalogue',
    });
    expect(decide([letter()], { serving: undefined })).toEqual({ _tag: "Unusable", why: "no model serves" });
    const wish = letter({ value: encodeEvent({ ...event, eventType: "wish" }) });
    expect(decide([wish])).toMatchObject({ _tag: "Unusable", why: expect.stringContaining('"wish"') });
    const late = letter({ value: encodeEvent({ ...event, timestamp: now + 2 * day }) });
    expect(decide([late])).toMatchObject({ _tag: "Unusable", why: expect.stringContaining("a day ahead") });
    expect(decide([letter({ value: Uint8Array.of(0x7b) })])).toMatchObject({ _tag: "Unusable" });
    expect(replayOf([wish], { all: true, followers: [] })).toEqual({ _tag: "Counted" });
  });

  it("is for the models that gave it up and can use it now", () => {
    const both = [letter({ consumer: "updater-new" }), letter()];
    expect(replayOf(both)).toEqual({ partition: 1, offset: 10n, archived: true, missed: ["new"] });
    expect(replayOf(both, { all: true })).toMatchObject({ missed: ["old", "new"] });
    const done = { state: "replayed" } as const;
    expect(decide([letter({ consumer: "updater-new", replay: done }), letter()])).toEqual({ _tag: "Counted" });
  });

  it("is for the archive, too, where that gave it up, or has lost it", () => {
    const unread = { archivedFrom: () => undefined, serving: "old" };
    const wanted = { partition: 1, offset: 10n, archived: false, missed: [] };
    expect(
      replayOf([letter({ consumer: "archiver", reason: "bad_time" })], { ...unread, archiveNext: () => 0n }),
    ).toEqual(wanted);
    expect(replayOf([letter()], unread)).toEqual(wanted);
    // It comes to the archive by itself.
    expect(decide([letter()], { ...unread, archiveNext: () => 10n })).toMatchObject({ _tag: "Unusable" });
  });

  it("is in the archive, or will be, where it was replayed before", () => {
    const done = letter({ consumer: "archiver", reason: "bad_time", replay: { state: "replayed" } });
    const unread = { archivedFrom: () => undefined, archiveNext: () => 0n };
    expect(replayOf([done, letter({ consumer: "updater-new" })], unread)).toMatchObject({
      archived: true,
      missed: ["new"],
    });
  });

  it("is for a model that came when the log had it no more, and for none that does not know its type", () => {
    const gone = { isGone: () => true };
    expect(replayOf([letter()], gone)).toMatchObject({ missed: ["new"] });
    expect(decide([letter({ appendedAt: now - 20 * day })], gone)).toEqual({ _tag: "Counted" });
    const ignorant = follower({ types: ["purchase"] });
    const given = letter({ reason: "unknown_type", consumer: "updater-new" });
    expect(decide([given], { followers: [ignorant] })).toEqual({
      _tag: "Unusable",
      why: 'event_type "click" is none of model new',
    });
    const others = [follower({ id: "later", group: "updater-later", start: () => 11n }), ignorant];
    expect(decide([given], { followers: others, serving: "later" })).toEqual({ _tag: "Counted" });
  });

  it("of a shopper whose state is damaged waits for it to be well, or for a model that was trained on it", () => {
    const given = letter({ reason: "damaged_state", consumer: "updater-new" });
    const damaged = follower({ isDamaged: (user) => user === "u" });
    expect(decide([given], { followers: [damaged] })).toEqual({
      _tag: "Unusable",
      why: 'what model new holds of user_id "u" cannot be decoded: the next batch makes a model anew',
    });
    expect(replayOf([given])).toMatchObject({ archived: true, missed: ["new"] });
    const later = follower({ id: "later", group: "updater-later", start: () => 11n });
    expect(decide([given], { followers: [later, damaged], serving: "later" })).toEqual({ _tag: "Counted" });
  });

  it("of another log is for the archive alone, and for the models trained without it", () => {
    const other = letter({ log: "other", consumer: "updater-new" });
    expect(decide([other])).toEqual({ _tag: "Counted" });
    expect(replayOf([other], { archivedFrom: () => undefined })).toEqual({
      partition: 1,
      offset: -1n,
      archived: false,
      missed: [],
    });
  });

  it("of version 0.1, which did not say whose updater it was, is for every model that has read it", () => {
    const any = { log: "", consumer: "updater" } as const;
    const followers = [follower(), follower({ id: "later", start: () => 11n })];
    expect(replayOf([letter({ ...any, reason: "undecodable" })], { followers })).toMatchObject({ missed: ["new"] });
    expect(decide([letter(any)], { followers })).toEqual({ _tag: "Counted" });
  });
});
