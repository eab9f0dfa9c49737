import { createHash } from "node:crypto";
import { describe, expect, it } from "@effect/vitest";
import { Either, Option } from "effect";
import * as fc from "fast-check";
import { digestOf, entryOf, finder, type Key, newKey, parseEntries, parseEntry, scopes } from "../../src/keys/Key.ts";
import { access, keyScopes } from "../../src/keys/Settings.ts";

const key = (name: string, text: string, made = ""): Key => ({ name, scopes: ["read"], digest: digestOf(text), made });

const anyKey: fc.Arbitrary<Key> = fc.record({
  name: fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,20}$/),
  scopes: fc.subarray([...scopes], { minLength: 1 }),
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
  made: fc.constantFrom("", "2026-11-26"),
});

describe("a key", () => {
  it("is new each time, of 256 random bits, and kept as its SHA-256", () => {
    const [one, other] = [newKey(), newKey()];
    expect(one).toMatch(/^slip_[\w-]{43}$/);
    expect(one).not.toBe(other);
    expect(digestOf(one).toString("hex")).toBe(createHash("sha256").update(one).digest("hex"));
    expect(entryOf(key("shop", one, "2026-11-26"))).not.toContain(one);
  });

  it("is read from its entry as it was written", () => {
    fc.assert(
      fc.property(anyKey, (made) => {
        expect(Either.getOrThrow(parseEntry(` ${entryOf(made)} `))).toEqual(made);
      }),
    );
  });

  it.each([
    ["", /name/],
    ["my shop:read:00", /name/],
    ["shop", /scopes/],
    ["shop:all:00", /scopes/],
    ["shop:read,write:00", /scopes/],
    ["shop:read:00", /64 hex digits/],
    [`shop:read:${"0".repeat(64)}:yesterday`, /day/],
    [`shop:read:${"0".repeat(64)}:2026-11-26:x`, /day/],
  ])("is refused where the entry is %s, and none of it is repeated", (entry, said) => {
    const wrong = Either.getOrThrow(Either.flip(parseEntry(entry)));
    expect(wrong).toMatch(said);
    const secret = "slip_hunter2";
    expect(Either.getOrThrow(Either.flip(parseEntry(secret)))).not.toContain(secret);
  });

  it("has a name of its own", () => {
    const twice = [key("a", "x"), key("b", "y"), key("a", "z")].map((k, i) => [i + 1, entryOf(k)] as const);
    expect(Either.getOrThrow(Either.flip(parseEntries(twice)))).toMatch(/two keys are called a/);
  });

  it("is found by itself alone, also where digests begin alike", () => {
    const known = Array.from({ length: 50 }, (_, i) => key(`k${i}`, `text ${i}`));
    const alike: Key = { ...known[0], name: "alike", digest: Buffer.from(known[0].digest) };
    alike.digest[31] ^= 1;
    const find = finder([alike, ...known]);
    for (const [i, { name }] of known.entries()) expect(find(`text ${i}`)?.name).toBe(name);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(find(text)?.name).toBe(/^text (?:\d|[1-4]\d)$/.test(text) ? `k${text.slice(5)}` : undefined);
      }),
    );
  });
});

describe("the settings", () => {
  it("take entries, and show nothing of what they refuse", () => {
    const entries = [key("shop", "x"), key("feed", "y")].map(entryOf);
    expect(Option.isSome(access.keys.parse(entries.join(", ")))).toBe(true);
    expect(Option.isNone(access.keys.parse(newKey()))).toBe(true);
    expect(access.keys.hidden).toBe(true);
  });

  it("take scopes in any order, and name those there are", () => {
    expect(Option.getOrThrow(keyScopes.parse("Write, read,read"))).toBe("read,write");
    expect(Option.isNone(keyScopes.parse("read,all"))).toBe(true);
    expect(keyScopes.allowed).toContain("read, events, write, admin");
  });
});
