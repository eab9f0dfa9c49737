import { inspect } from "node:util";
import { expect, it } from "@effect/vitest";
import fc from "fast-check";
import { conceal } from "../../src/config/Secrets.ts";

const secrets = fc.array(fc.string({ unit: fc.constantFrom(..."abc%/@ $&"), minLength: 1, maxLength: 6 }), {
  maxLength: 3,
});

it("leaves no secret in a text, as it is or percent-encoded", () => {
  fc.assert(
    fc.property(secrets, fc.array(fc.string({ maxLength: 5 })), (secrets, between) => {
      const { text } = conceal(secrets);
      const said = secrets.flatMap((secret, i) => [between[i] ?? "-", secret, encodeURIComponent(secret)]).join(" = ");
      for (const secret of secrets.filter((secret) => !/^\s*$/.test(secret))) expect(text(said)).not.toContain(secret);
    }),
  );
});

it("keeps of a foreign error what it says and where it was, not what it carries", () => {
  const foreign = Object.assign(new Error("AUTH ann hunter2 refused"), {
    name: "ReplyError",
    command: { name: "auth", args: ["ann", "hunter2"] },
    cause: new Error("hunter2"),
  });
  const cause = conceal(["hunter2"]).cause(foreign);
  expect(cause).toMatchObject({ name: "ReplyError", message: "AUTH ann *** refused" });
  expect(inspect(cause, { depth: 9 })).not.toContain("hunter2");
  expect(cause.stack).toContain("Secrets.test.ts");
  expect(conceal([]).cause("no error").message).toBe("no error");
});
