/** GET /live over HTTP: states as server-sent events. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import { LiveState } from "../../src/serving/live/LiveState.ts";
import { expectProblem, inShop, post } from "./Served.ts";

const decode = Schema.decodeUnknownSync(Schema.parseJson(LiveState), { onExcessProperty: "error" });

const statesOf = (text: string): ReadonlyArray<LiveState> =>
  text
    .split("\n\n")
    .filter((event) => event.startsWith("event: state\n"))
    .map((event) => decode(event.split("\ndata: ")[1]));

const click = (user: string, item = "0100000003") => post({ user_id: user, item_id: item, event_type: "click" });

describe("GET /live", () => {
  it.live("tells how all is as an event stream, with the newest events and what followed since the state before", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        yield* ask("/events", click("u1"));
        yield* ask("/events", click("u22", "0100000007"));
        const reply = yield* ask("/live?states=2");
        expect(reply.status).toBe(200);
        expect(reply.type).toBe("text/event-stream");
        expect(reply.headers.get("cache-control")).toBe("no-store");
        const [first, second, ...more] = statesOf(reply.text);
        expect(more).toEqual([]);
        expect(first).toMatchObject({
          events: { appended: null, applied: null, total: "2" },
          models: { serving: "a", use: null },
          requests: null,
          dead_letters: { count: 0 },
        });
        expect(new Set(first?.newest.map(({ user_id }) => user_id))).toEqual(new Set(["u1", "u22"]));
        expect(first?.groups.map(({ group, model, serves }) => [group, model, serves])).toEqual([
          ["updater-a", "a", true],
          ["updater-b", "b", false],
          ["archiver", null, false],
        ]);
        expect(first?.groups[0]?.partitions.map(({ state }) => state)).toEqual(Array(4).fill("elsewhere"));
        expect(second).toMatchObject({ events: { appended: 0 }, newest: [], process: { consoles: 1 } });
        expect(second?.process.cpu).toBeGreaterThanOrEqual(0);
      }),
    ),
  );

  it.live("tells of nobody who was forgotten", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        yield* ask("/events", click("u1"));
        yield* ask("/events", click("u22"));
        yield* ask("/users/u1", { method: "DELETE" });
        const { text } = yield* ask("/live?states=1");
        expect(text).toContain("u22");
        expect(text).not.toContain('"u1"');
      }),
    ),
  );

  it.live("takes whole numbers of states", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        for (const states of ["0", "-1", "x", ""]) {
          expectProblem(yield* ask(`/live?states=${states}`), 400, /send a whole number/);
        }
      }),
    ),
  );

  it.live("goes on while a store is away, and says what is not known", () =>
    inShop((ask, { control }) =>
      Effect.gen(function* () {
        control.down.add("log").add("registry");
        const [state] = statesOf((yield* ask("/live?states=1")).text);
        expect(state).toMatchObject({ events: { total: null, lag: null }, newest: [], models: { serving: null } });
      }),
    ),
  );

  it.live("lets its callers go when the server stops", () => {
    let text: Promise<string> | undefined;
    return inShop((_, __, base) =>
      Effect.promise(async () => {
        const response = await fetch(`${base}/live`);
        const [kept, read] = response.body?.tee() ?? [];
        text = new Response(kept).text();
        // Once the first state is there, the server is stopped while more are to come.
        let before = "";
        for await (const piece of read?.pipeThrough(new TextDecoderStream()) ?? []) {
          before += piece;
          if (statesOf(before).length > 0) break;
        }
      }),
    ).pipe(
      Effect.zipRight(Effect.promise(() => text ?? Promise.resolve(""))),
      Effect.map((all) => expect(statesOf(all).length).toBeGreaterThanOrEqual(1)),
    );
  });
});
