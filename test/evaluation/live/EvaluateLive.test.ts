import { FileSystem } from "@effect/platform";
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema, Stream } from "effect";
import type { Event } from "../../../src/domain/Event.ts";
import { defaultEventTypes, eventTypesOf } from "../../../src/domain/EventTypes.ts";
import { readRecommendationId, type Source } from "../../../src/domain/RecommendationId.ts";
import { rawEvents } from "../../../src/domain/TableSchemas.ts";
import { evaluateLive, liveReport } from "../../../src/evaluation/live/EvaluateLive.ts";
import { LiveReport } from "../../../src/evaluation/live/LiveReport.ts";
import { formatLive } from "../../../src/evaluation/live/LiveText.ts";
import { makeRandom } from "../../../src/kernels/Random.ts";
import { Tables } from "../../../src/ports/Tables.ts";
import { inFolder } from "../../support/Folder.ts";
import { answerOf, archive, day, event, start } from "./Made.ts";

const types = eventTypesOf([
  { name: "click", weight: 0.1 },
  { name: "add_to_cart", weight: 0.5 },
  { name: "purchase", weight: 1, role: "buys" },
  { name: "impression", weight: 0, role: "shown" },
]);
const question = { types, days: 30, conversionDays: 7 };

const named = (groups: LiveReport["sources"]) => Object.fromEntries(groups.map((group) => [group.name, group]));

describe("what recommendations sold", () => {
  it.live("tells of what was shown what was clicked and bought, by source, position and model", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const first = answerOf("m1", ["a", "personalized"], ["b", "personalized"], ["c", "trending"]);
        const second = answerOf("m2", ["a", "new"]);
        const shown = (userId: string, itemId: string, recommendationId: string) =>
          event({ userId, itemId, recommendationId, eventType: "impression" });
        yield* archive([
          ...["a", "b", "c"].map((item) => shown("u", item, first)),
          shown("v", "a", second),
          shown("w", "a", second),
          event({ recommendationId: first, timestamp: start + 10 }),
          event({ recommendationId: first, timestamp: start + 20 }),
          event({ eventType: "add_to_cart", recommendationId: first, itemId: "b" }),
          // Of the click before, though it does not say so.
          event({ eventType: "purchase", timestamp: start + 2 * day }),
          // Says itself what it comes of.
          event({ userId: "v", eventType: "purchase", recommendationId: second }),
          event({ userId: "v", itemId: "z", eventType: "purchase" }),
        ]);
        const report = yield* liveReport(question);
        expect(report.all).toMatchObject({
          clicks: 2,
          purchases: 2,
          clickRate: { hits: 1, of: 5, shoppers: 3 },
          purchaseRate: { hits: 2, of: 5, shoppers: 3 },
          conversion: { hits: 1, of: 2 },
        });
        const sources = named(report.sources);
        expect(Object.keys(sources)).toEqual(["personalized", "new", "trending"]);
        expect(sources.personalized).toMatchObject({ clickRate: { hits: 1, of: 2 }, purchaseRate: { hits: 1, of: 2 } });
        expect(sources.new).toMatchObject({ clickRate: { hits: 0, of: 2 }, purchaseRate: { hits: 1, of: 2 } });
        expect(sources.trending).toMatchObject({ clickRate: { hits: 0, of: 1 }, clicks: 0, purchases: 0 });
        const positions = named(report.positions);
        expect(Object.keys(positions)).toEqual(["1", "2", "3"]);
        expect(positions["1"]).toMatchObject({ clickRate: { hits: 1, of: 3 }, purchases: 2 });
        expect(report.models.map(({ name, clickRate }) => [name, clickRate?.of])).toEqual([
          ["m1", 3],
          ["m2", 2],
        ]);
        expect(report.purchaseShare).toMatchObject({ hits: 2, of: 3 });
        expect(report.comparisons).toMatchObject([{ better: "m1", worse: "m2", proven: false }]);
        expect(report.warnings.join("\n")).toMatch(/too few to rely on/);
        const text = formatLive(report);
        expect(text).toMatch(/^Of 100 recommended items that shoppers see, they click 20 /);
        expect(text).toMatch(/Nothing is proven between models m1 and m2/);
      }),
    ),
  );

  it.live("without what was shown tells shares and how clicks convert, and how to send more", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const recommended = answerOf(undefined, ["a", "trending"]);
        const shoppers = Array.from({ length: 400 }, (_, i) => `u${i}`);
        yield* archive(
          shoppers.flatMap((userId, i): ReadonlyArray<Event> => {
            const own = i % 2 === 0 ? { recommendationId: recommended } : {};
            const buys = i % 2 === 0 ? i % 4 === 0 : i % 10 === 1;
            const bought = { userId, eventType: "purchase", timestamp: start + day } as const;
            return [event({ userId, ...own }), ...(buys ? [event(bought)] : [])];
          }),
        );
        const report = yield* liveReport(question);
        expect(report.all).toMatchObject({ clicks: 200, purchases: 100, clickRate: null });
        expect(report.all.conversion).toMatchObject({ hits: 100, of: 200 });
        expect(report.otherConversion).toMatchObject({ hits: 40, of: 200 });
        expect(report.conversionGain.low).toBeGreaterThan(0.2);
        expect(report.clickShare).toMatchObject({ hits: 200, of: 400, shoppers: 400 });
        expect(report.purchaseShare).toMatchObject({ hits: 100, of: 140 });
        expect(report.models.map(({ name }) => name)).toEqual(["no model"]);
        expect(report.comparisons).toEqual([]);
        expect(report.warnings).toEqual([]);
        const text = formatLive(report);
        expect(text).toMatch(/^Of 100 purchases, 71 \(\d\d to \d\d\) come of recommendations\.\n/);
        expect(text).toMatch(/send an event of type `impression`/);
        expect(text).not.toContain("NaN");
        const { types: _, ...withoutShown } = report;
        const none = { ...withoutShown, types: { shown: [], click: ["click"], purchase: ["purchase"] } };
        expect(formatLive(none)).toMatch(/name a type that is shown in `EVENT_TYPES` \(`impression=0 shown`\)/);
      }),
    ),
  );

  it.live(
    "counts what a client sent again once, a purchase for the last click within the days, and old events not",
    () =>
      inFolder(() =>
        Effect.gen(function* () {
          const recommended = answerOf("m", ["a", "personalized"], ["b", "personalized"]);
          const click = event({ recommendationId: recommended });
          const others = [
            // The last click before the purchase is of no recommendation.
            event({ itemId: "b", recommendationId: recommended }),
            event({ itemId: "b", timestamp: start + 10 }),
            event({ itemId: "b", eventType: "purchase", timestamp: start + 20 }),
            // Too late.
            event({ eventType: "purchase", timestamp: start + 7 * day + 1 }),
            // Named, but not of that answer; and no id at all.
            event({ userId: "v", itemId: "c", recommendationId: recommended }),
            event({ userId: "v", itemId: "c", recommendationId: "no id" }),
            event({ timestamp: start - 40 * day, recommendationId: recommended }),
          ];
          yield* archive([click, click, ...others]);
          yield* archive([{ ...click, timestamp: start + 1 }, others[0] as Event], 100);
          const report = yield* liveReport(question);
          expect(report.all).toMatchObject({ clicks: 2, purchases: 0, conversion: { hits: 0, of: 2 } });
          expect(report.clickShare).toMatchObject({ hits: 2, of: 5 });
          expect(report.purchaseShare).toMatchObject({ hits: 0, of: 2 });
          expect(report.otherConversion).toMatchObject({ hits: 1, of: 3 });
          expect(report.warnings).toContainEqual(expect.stringMatching(/^2 clicks and purchases named an answer/));
          expect(formatLive(report)).toMatch(/^Of 100 clicks, 40 .* and no purchase yet\./);
        }),
      ),
  );

  it.live("counts as a plain loop over the events would", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const random = makeRandom(3, "live");
        const items = ["a", "b", "c", "d"];
        const sources: ReadonlyArray<Source> = ["personalized", "trending", "catalogue", "new"];
        const answers = Array.from({ length: 12 }, (_, i) =>
          answerOf(`m${i % 3}`, ...items.map((item, at) => [item, sources[(at + i) % 4] as Source] as const)),
        );
        const events = Array.from({ length: 1500 }, (_, i) =>
          event({
            userId: `u${random.below(40)}`,
            itemId: items[random.below(4)] as string,
            eventType: ["click", "purchase", "impression", "add_to_cart"][random.below(4)] as string,
            timestamp: start + i * 997,
            ...(random.chance(0.6) ? { recommendationId: answers[random.below(12)] as string } : {}),
          }),
        );
        yield* archive(events);
        yield* archive(
          events.filter((_, i) => i % 7 === 0),
          5000,
        );
        const report = yield* liveReport(question);
        const isOf = (type: string) => events.filter(({ eventType }) => eventType === type);
        const lastClick = (purchase: Event) =>
          isOf("click")
            .filter(({ itemId, userId }) => itemId === purchase.itemId && userId === purchase.userId)
            .filter(({ timestamp }) => timestamp <= purchase.timestamp && purchase.timestamp - timestamp <= 7 * day)
            .at(-1);
        const answered = (one: Event) => one.recommendationId ?? lastClick(one)?.recommendationId;
        const converted = new Set(isOf("purchase").map(lastClick));
        const purchases = isOf("purchase").filter((one) => answered(one) !== undefined);
        const clicks = isOf("click").filter(({ recommendationId }) => recommendationId !== undefined);
        const keyOf = ({ itemId, recommendationId, userId }: Event) => `${userId} ${recommendationId} ${itemId}`;
        const impressions = new Map(
          isOf("impression").flatMap((one) => (one.recommendationId === undefined ? [] : [[keyOf(one), one] as const])),
        );
        const clicked = new Set(clicks.map(keyOf));
        const bought = new Set([
          ...purchases.filter(({ recommendationId }) => recommendationId !== undefined).map(keyOf),
          ...clicks.filter((one) => converted.has(one)).map(keyOf),
        ]);
        const shown = [...impressions.keys()];
        expect(report.all).toMatchObject({
          clicks: clicks.length,
          purchases: purchases.length,
          conversion: { hits: clicks.filter((one) => converted.has(one)).length, of: clicks.length },
          clickRate: { hits: shown.filter((key) => clicked.has(key)).length, of: shown.length },
          purchaseRate: { hits: shown.filter((key) => bought.has(key)).length, of: shown.length },
        });
        const others = isOf("click").filter((one) => !clicks.includes(one));
        expect(report.otherConversion).toMatchObject({
          hits: others.filter((one) => converted.has(one)).length,
          of: others.length,
        });
        expect(report.purchaseShare).toMatchObject({ hits: purchases.length, of: isOf("purchase").length });
        for (const group of report.sources) {
          const own = [...impressions].filter(
            ([, one]) => readRecommendationId(one.recommendationId as string)?.find(one.itemId)?.source === group.name,
          );
          expect(group.clickRate).toMatchObject({
            of: own.length,
            hits: own.filter(([key]) => clicked.has(key)).length,
          });
        }
        for (const groups of [report.sources, report.positions, report.models]) {
          expect(groups.reduce((sum, one) => sum + one.purchases, 0)).toBe(purchases.length);
        }
        expect(report.comparisons).toHaveLength(3);
      }),
    ),
  );

  it.live("tells nothing where no event names an answer, also of a table of before, and what to do", () =>
    inFolder(() =>
      Effect.gen(function* () {
        expect(yield* Effect.flip(liveReport(question))).toMatchObject({ reason: "NoData" });
        const former = rawEvents.schema.filter(({ name }) => name !== "recommendation_id");
        const columns: Readonly<Record<string, ArrayLike<unknown>>> = {
          t_dat: [19_675],
          customer_id: ["u"],
          article_id: ["a"],
          price: [null],
          sales_channel_id: [2],
          event_type: ["click"],
          timestamp: [start],
          quantity: [1],
          event_id: ["e"],
          user_idx: [null],
          item_idx: [null],
          log_partition: [0],
          log_offset: [0n],
          arrived_at: [start],
          log_id: ["log"],
        };
        const tables = yield* Tables;
        yield* tables.append(rawEvents.name, former, Stream.make({ rows: 1, columns }));
        expect(yield* Effect.flip(liveReport(question))).toMatchObject({
          reason: "NoData",
          message: expect.stringMatching(/of 1 clicks and 0 purchases .* recommendation_id/),
        });
        yield* archive([event({ recommendationId: answerOf("m", ["a", "new"]) })]);
        expect((yield* liveReport(question)).clickShare).toMatchObject({ hits: 1, of: 2 });
      }),
    ),
  );

  it.live("goes by the shop's types, also where none is shown or all buy", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const answer = answerOf("m", ["a", "personalized"]);
        yield* archive([
          event({ recommendationId: answer }),
          event({ userId: "v", eventType: "view", recommendationId: answer }),
          event({ userId: "v", eventType: "purchase", recommendationId: answer }),
        ]);
        const usual = yield* liveReport({ ...question, types: defaultEventTypes });
        expect(usual.types).toEqual({ shown: [], click: ["click"], purchase: ["purchase"] });
        expect(usual.all).toMatchObject({ clicks: 1, purchases: 1, clickRate: null });
        const views = eventTypesOf([
          { name: "view", weight: 0.1 },
          { name: "purchase", weight: 1, role: "buys" },
        ]);
        const viewed = yield* liveReport({ ...question, types: views });
        expect(viewed.all).toMatchObject({ clicks: 1, purchases: 1, conversion: { hits: 1, of: 1 } });
        const purchases = eventTypesOf([{ name: "purchase", weight: 1, role: "buys" }]);
        const bought = yield* liveReport({ ...question, types: purchases });
        expect(bought.types).toEqual({ shown: [], click: [], purchase: ["purchase"] });
        expect(bought.all).toMatchObject({ clicks: 0, purchases: 1 });
        expect(formatLive(bought)).toMatch(
          /^Of 100 purchases, 100 .*Clicks: no type; purchases: purchase; shown: no type/s,
        );
        expect(formatLive(bought)).not.toMatch(/NaN|undefined/);
      }),
    ),
  );

  it.live("writes a page and data that hold it", () =>
    inFolder(({ dataDir }) =>
      Effect.gen(function* () {
        yield* archive([
          event({ recommendationId: answerOf("<b>m</b>", ["a", "new"]) }),
          event({ userId: "v", recommendationId: answerOf("m2", ["a", "new"]) }),
        ]);
        const { html, json, report } = yield* evaluateLive(question, `${dataDir}/reports`);
        const files = yield* FileSystem.FileSystem;
        const data = Schema.decodeUnknownSync(Schema.parseJson(LiveReport))(yield* files.readFileString(json));
        expect(data).toEqual(report);
        const page = yield* files.readFileString(html);
        expect(page).toContain("come of recommendations");
        expect(page).not.toContain("<b>m</b>");
        expect(page).not.toMatch(/NaN|undefined|<script/);
      }),
    ),
  );
});
