import { describe, expect, it } from "@effect/vitest";
import { Option } from "effect";
import { bracketed, host } from "../../src/config/Address.ts";

const read = (text: string) => Option.getOrUndefined(host.parse(text));

describe("an address to listen on", () => {
  it.each([
    ["0.0.0.0", "0.0.0.0"],
    ["::", "::"],
    ["[::1]", "::1"],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["localhost", "localhost"],
    ["my-host.example", "my-host.example"],
  ])("%s is %s", (text, value) => expect(read(text)).toBe(value));

  it.each(["http://0.0.0.0", "0.0.0.0:8000", "two words", "-x", "a/b", "::1]"])("%s is refused", (text) =>
    expect(read(text)).toBeUndefined(),
  );

  it("is in brackets before a port where it has colons", () => {
    expect(["::1", "127.0.0.1", "db"].map(bracketed)).toEqual(["[::1]", "127.0.0.1", "db"]);
  });
});
