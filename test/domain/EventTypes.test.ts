import { describe, expect, it } from "@effect/vitest";
import { Either } from "effect";
import * as fc from "fast-check";
import {
  defaultEventTypes,
  type EventType,
  eventTypesOf,
  eventTypesText,
  mostEventTypes,
  parseEventTypes,
  pieceMillionths,
} from "../../src/domain/EventTypes.ts";
import { everyType } from "../support/EventTypes.ts";

const name = fc.stringMatching(/^[a-z_é .-]{0,10}[a-z]$/).map((text) => text.trim());
const weight = fc.integer({ min: 1, max: 1_000_000_000 }).map((millionths) => millionths / 1e6);
const type: fc.Arbitrary<EventType> = fc.oneof(
  fc.record({ name, weight }),
  fc.record({ name, weight: fc.oneof(weight, fc.constant(0)), role: fc.constant("takes-back" as const) }),
  fc.record({ name, weight: fc.oneof(weight, fc.constant(0)), role: fc.constant("buys" as const) }),
  fc.record({ name, weight: weight.map((one) => -one), role: fc.constant("hides" as const) }),
  fc.record({ name, weight: fc.constant(0), role: fc.constant("shown" as const) }),
);
const table = fc
  .uniqueArray(type, { selector: (one) => one.name, maxLength: mostEventTypes - 1 })
  .map((list): ReadonlyArray<EventType> => [...list, { name: "purchase!", weight: 1, role: "buys" }]);

describe("a table of event types", () => {
  it("is read as it is written, whatever its names and weights", () => {
    fc.assert(
      fc.property(table, (list) => {
        const read = Either.getOrThrowWith(parseEventTypes(eventTypesText(list)), (problem) => new Error(problem));
        expect(read.list).toEqual(list);
        expect(read.names.map(read.codeOf)).toEqual(list.map((_, code) => code));
        expect(read.codeOf("no such type")).toBe(-1);
      }),
    );
  });

  it("has by default what there was before any was configured", () => {
    expect(parseEventTypes("click=0.1, add_to_cart=0.5, purchase=1 buys")).toEqual(Either.right(defaultEventTypes));
    expect(defaultEventTypes.weights).toEqual([0.1, 0.5, 1]);
    expect(pieceMillionths(defaultEventTypes)).toEqual([100_000, 500_000, 1_000_000]);
    expect([defaultEventTypes.visit, defaultEventTypes.usual]).toEqual([0, 2]);
  });

  it("teaches by weights above 0 of no role, or of what buys; what takes back takes off a piece that was bought", () => {
    const [view, cart, purchase, sample, back, swap, dislike, impression, search] = everyType.names.keys();
    expect(everyType.weights).toEqual([0.1, 0.5, 1, 0, 0, 0, 0, 0, 0]);
    expect(pieceMillionths(everyType)).toEqual([100_000, 500_000, 1_000_000, 0, -1_000_000, -250_000, 0, 0, 0]);
    expect([view, cart, purchase, sample].map((code) => everyType.buys[code!])).toEqual([false, false, true, true]);
    expect([back, swap].map((code) => everyType.takesBack[code!])).toEqual([true, true]);
    expect([dislike, impression, search].map((code) => everyType.isIdle[code!])).toEqual([false, true, true]);
    expect([everyType.visit, everyType.usual]).toEqual([0, 2]);
    expect(eventTypesOf([{ name: "like", weight: 1 }])).toMatchObject({ usual: 0, visit: 0 });
  });

  it.each([
    ["click", 'the entry "click" has no weight: write click=0.1'],
    ["click 1 buys", 'the entry "click 1 buys" has no weight: write click=0.1'],
    ["=1", 'the entry "=1" has no name: write click=0.1'],
    ["click=much", 'the entry "click=much" has "much" for a weight: write a number, as in click=0.1'],
    ["click=", 'the entry "click=" has "" for a weight: write a number, as in click=0.1'],
    ["buy=1 buy", 'the entry "buy=1 buy" has "buy" for a role: take buys, takes-back, hides, shown, or none'],
    ["a=1 buys b=1", 'the entry "a=1 buys b=1" says more'],
    ["a=1, a=2", '"a" is there twice: leave one of them out'],
    ["a=1,,b=1", "entry 2 is empty: leave out a comma"],
    ["a=1,", "entry 2 is empty"],
    ["bad=-1", 'the entry "bad=-1" weighs less than 0: write bad=-1 hides, or bad=0'],
    ["bad=1 hides", "hides, so it cannot weigh above 0: write bad=-1 hides"],
    ["seen=0.1 shown", "is shown and weighs nothing: write seen=0 shown"],
    ["purchase=1 buys, back=-1 takes-back", "takes back 1 a piece: write back=1 takes-back, or back=0 takes-back"],
    ["click=0.1, back=0 takes-back", '"back" takes back what no type buys: give one the role buys'],
    ["impression=0 shown", "no type teaches anything: give one a weight above 0"],
    ["a=1e-9", "weighs less than a millionth: scale all weights up"],
    ["a=2000", "weighs more than 1000: scale all weights down"],
    [Array.from({ length: 16 }, (_, i) => `t${i}=1`).join(","), "there are 16 types: leave out all but 15"],
    ['say"=1', "has a name that is none"],
  ])("of %s is none, and it is told what to write instead", (text, problem) => {
    expect(Either.getOrThrow(Either.flip(parseEventTypes(text)))).toContain(problem);
  });
});
