import { describe, expect, it } from "@effect/vitest";
import { Cause, ConfigError } from "effect";
import { describeFailure } from "../../src/cli/Failure.ts";
import { UsageError } from "../../src/cli/UsageError.ts";

/** What a client's error carries. */
const laden = (message: string) => Object.assign(new Error(message), { command: { name: "auth", args: ["hunter2"] } });

describe("a person reads of", () => {
  it("a failure: its sentence alone", () => {
    expect(describeFailure(Cause.fail(laden("Redis is away")))).toBe("error: Redis is away");
  });

  it("several failures: a line each, none twice", () => {
    const cause = Cause.parallel(
      Cause.fail(new Error("a")),
      Cause.parallel(Cause.fail(new Error("b")), Cause.fail(new Error("a"))),
    );
    expect(describeFailure(cause)).toBe("error: a\nerror: b");
  });

  it("what cannot be used: a line for each problem", () => {
    expect(describeFailure(Cause.fail(new UsageError({ problems: ["a", "b"] })))).toBe("error: a\nerror: b");
  });

  it("settings that are read later: a line for each", () => {
    const error = ConfigError.And(ConfigError.InvalidData(["A"], "A is 1"), ConfigError.InvalidData(["B"], "B is 2"));
    expect(describeFailure(Cause.fail(error))).toBe("error: A is 1\nerror: B is 2");
  });

  it("what is no error: what kind of thing it is", () => {
    expect(describeFailure(Cause.fail({ _tag: "Away" }))).toBe("error: Away");
    expect(describeFailure(Cause.fail(new Map()))).toBe("error: Map");
    expect(describeFailure(Cause.fail("gone"))).toBe("error: gone");
  });

  it("what stood in a file: nothing that moves the cursor or recolours", () => {
    const cause = Cause.fail(new Error('t "\u001b[31mX\u001b]0;renamed\u0007" is no time\nsee --help'));
    expect(describeFailure(cause)).toBe('error: t "\uFFFD[31mX\uFFFD]0;renamed\uFFFD" is no time\nsee --help');
  });

  it("a fault of ours: where it was, not what it carries", () => {
    const text = describeFailure(Cause.die(laden("impossible")));
    expect(text).toMatch(/^this is a fault in Slipstream: Error: impossible\n {4}at /);
    expect(text).not.toContain("hunter2");
  });
});
