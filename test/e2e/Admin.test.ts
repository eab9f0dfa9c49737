/** What admins ask of a running shop, over HTTP: a batch, the older model again, the newer deleted, a letter replayed. */
import { afterAll, describe, expect, it } from "vitest";
import { smallShop, temporaryFolder } from "./process.ts";
import { type Service, serve } from "./serving.ts";

interface Model {
  readonly id: string;
  readonly serves: boolean;
}

/** As without a setting, and one more. */
const EVENT_TYPES = "click=0.1,add_to_cart=0.5,purchase=1 buys,wish=0.2";

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

describe("a shop that is run over HTTP", () => {
  const folder = temporaryFolder();
  let service: Service | undefined;
  afterAll(async () => {
    await service?.stop();
    folder.remove();
  });

  it("learns again, replays, goes back, and deletes", async () => {
    const settings = { DATA_DIR: folder.path, ARCHIVE_FLUSH_AGE: "100 millis", ...smallShop };
    // The first model is made before the shop names a type more, whose events it gives up.
    await (await serve(settings)).stop();
    const shop = await serve({ ...settings, EVENT_TYPES });
    service = shop;
    const ask = async (path: string, method = "GET", body?: unknown) => {
      const response = await fetch(`${shop.url}${path}`, {
        method,
        ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, text, body: text.startsWith("{") ? JSON.parse(text) : {} };
    };
    const until = async (path: string, is: (body: Record<string, unknown>) => boolean) => {
      while (true) {
        const { body } = await ask(path);
        if (is(body)) return body;
        await pause();
      }
    };

    const [first] = (await ask("/models")).body.models as ReadonlyArray<Model>;
    const event = { user_id: "shopper-1", item_idx: 3, event_type: "wish", event_id: "wish-1" };
    expect((await ask("/events", "POST", event)).status).toBe(202);
    const lost = await until("/dead-letters", ({ total }) => total === 1);
    expect(lost.letters).toMatchObject([{ reason: "unknown_type", state: "open" }]);
    expect((await ask("/dead-letters/replay", "POST")).body).toMatchObject({ replayed: 0, unusable: [{ events: 1 }] });
    // Something new to learn, once it is archived.
    while (!/^slipstream_archived_rows_total 1$/m.test((await ask("/metrics")).text)) await pause();

    const begun = await ask("/batch", "POST");
    expect(begun.status, begun.text).toBe(202);
    const steps = new Set<string>();
    const ended = await until("/batch", (body) => {
      const running = body.running as { readonly step: { readonly name: string } | null } | null;
      if (running?.step != null) steps.add(running.step.name);
      return running === null;
    });
    expect(ended.ended).toMatchObject([{ id: begun.body.id, by: "asked", outcome: "done" }]);
    expect([...steps].length, "steps were told").toBeGreaterThan(0);
    const models = (await ask("/models")).body.models as ReadonlyArray<Model>;
    expect(models.map(({ serves }) => serves)).toEqual([false, true]);
    const second = models[1]?.id;
    expect((ended.ended as ReadonlyArray<unknown>)[0]).toMatchObject({ model: second });

    const { body: replayed } = await ask("/dead-letters/replay", "POST");
    expect([replayed.replayed + replayed.counted, replayed.unusable]).toEqual([1, []]);
    expect((await ask("/dead-letters", "DELETE")).body).toEqual({ dropped: 1 });

    expect((await ask(`/models/${second}`, "DELETE")).status).toBe(409);
    expect((await ask(`/models/${first?.id}/use`, "POST")).status).toBe(202);
    const card = await until(`/models/${first?.id}`, (body) => (body.use as { ended: unknown }).ended !== null);
    expect(card).toMatchObject({ serves: true, use: { state: "done", detail: null } });
    await until("/recommend/shopper-1", (body) => body.model === first?.id);
    expect((await ask(`/models/${second}`, "DELETE")).status).toBe(204);
    expect((await ask("/models")).body).toMatchObject({ serving: first?.id, models: [{ id: first?.id }] });

    expect(shop.program.output()).not.toMatch(/level=(ERROR|FATAL)/);
  }, 240_000);
});
