import { execFileSync } from "node:child_process";
import { expect, it } from "@effect/vitest";
import { tryThis } from "../../src/serving/TryThis.ts";

/** What a shell makes of the lines: the arguments of each `curl`. */
const run = (lines: string): ReadonlyArray<ReadonlyArray<string>> =>
  execFileSync("sh", ["-c", `curl() { printf '%s\\t' "$@"; printf '\\n'; }\n${lines}`], { encoding: "utf8" })
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/\t$/, "").split("\t"));

it("shows commands that a shell runs as they are meant, whatever ids look like", () => {
  const ids = ["42", "26c838e0", "o'hara $(id) `id`", '"a/b?c&d#e"', "žemė 用户", "\\", "a;b%"];
  for (const [i, user] of ids.entries()) {
    const item = ids[ids.length - 1 - i];
    const [ask, tell, again] = run(tryThis("http://127.0.0.1:8000", { user, item }));
    expect(ask).toEqual(again);
    const url = new URL(ask[0]);
    expect(decodeURIComponent(url.pathname)).toBe(`/recommend/${user}`);
    expect(url.search).toBe("?k=10");
    expect(tell[0]).toBe("http://127.0.0.1:8000/events");
    expect(JSON.parse(tell.at(-1) ?? "")).toEqual({ user_id: user, item_id: item, event_type: "purchase" });
  }
});
