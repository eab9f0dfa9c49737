import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Dictionary, makeLists, makeTexts } from "../../src/catalogue/Dictionary.ts";
import { hashOfAscii } from "../../src/kernels/TextHash.ts";

interface Step<A> {
  readonly take?: A;
  readonly isAscii?: boolean;
  /** The how many-th of what is held. */
  readonly release?: number;
}

/** What is held, each as often as it was taken and not released. */
const isHeld = <A>(dictionary: Dictionary<A>, steps: ReadonlyArray<Step<A>>, keyOf: (value: A) => string): void => {
  let held: ReadonlyArray<{ readonly code: number; readonly value: A }> = [];
  for (const { isAscii, release, take } of steps) {
    if (take !== undefined) {
      const bytes = Buffer.from(`<${keyOf(take)}>`);
      const end = bytes.length - 1;
      const code = isAscii ? dictionary.takeAscii(bytes, 1, end, hashOfAscii(bytes, 1, end)) : dictionary.take(take);
      const known = held.find(({ value }) => keyOf(value) === keyOf(take));
      if (known !== undefined) expect(code).toBe(known.code);
      else expect(held.some((one) => one.code === code)).toBe(false);
      held = [...held, { code, value: take }];
    } else if (held.length > 0) {
      const gone = held[(release ?? 0) % held.length]!;
      dictionary.release(gone.code);
      held = held.filter((one) => one !== gone);
      if (!held.some(({ code }) => code === gone.code)) expect(dictionary.codeOf(gone.value)).toBeUndefined();
    }
    for (const { code, value } of held) {
      expect(dictionary.codeOf(value)).toBe(code);
      expect(dictionary.values[code]).toEqual(value);
    }
  }
};

const steps = <A>(value: fc.Arbitrary<A>): fc.Arbitrary<ReadonlyArray<Step<A>>> =>
  fc.array(fc.oneof(fc.record({ take: value, isAscii: fc.boolean() }), fc.record({ release: fc.nat() })), {
    maxLength: 120,
  });

describe("a dictionary", () => {
  it("holds texts as long as somebody does, by their words or their bytes", () => {
    const text = fc.integer({ min: 0, max: 60 }).map((n) => (n === 0 ? "" : `text ${n}`));
    fc.assert(fc.property(steps(text), (some) => isHeld(makeTexts(), some, (one) => one)));
  });

  it("holds lists, by their JSON", () => {
    const list = fc.array(fc.constantFrom("sale", "new", "a,b", ""), { maxLength: 2 });
    fc.assert(fc.property(steps(list), (some) => isHeld(makeLists(), some, JSON.stringify)));
  });

  it("keeps texts apart that are of the same hash", () => {
    const texts = makeTexts();
    const bytes = Buffer.from("ab");
    const [one, other] = [texts.takeAscii(bytes, 0, 1, 7), texts.takeAscii(bytes, 1, 2, 7)];
    expect(one).not.toBe(other);
    expect([texts.takeAscii(bytes, 0, 1, 7), texts.takeAscii(bytes, 1, 2, 7)]).toEqual([one, other]);
    for (const code of [one, one, other]) texts.release(code);
    expect([texts.values[one], texts.values[other]]).toEqual(["", "b"]);
    expect(texts.takeAscii(bytes, 1, 2, 7)).toBe(other);
  });
});
