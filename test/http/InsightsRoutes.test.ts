/** GET /map and GET /items/{item_id}/card, over HTTP. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import { codesOf, colouringOf, drawingOf } from "../../src/console/items/map/Drawing.ts";
import { faint } from "../../src/console/items/map/Layer.ts";
import { ItemCard } from "../../src/serving/insights/CardSchema.ts";
import { MapColours, MapPoints } from "../../src/serving/insights/MapSchema.ts";
import { itemPlane } from "../../src/training/Plane.ts";
import { expectProblem, fieldsOf, inShop, post, type Reply } from "./Served.ts";

const decoded = <A, I>(schema: Schema.Schema<A, I>, { body, text }: Reply): A => {
  expect(body, text).not.toHaveProperty("status");
  return Schema.decodeUnknownSync(schema, { onExcessProperty: "error" })(body);
};
const itemId = (item: number) => String(100_000_000 + item).padStart(10, "0");
const put = (attributes: Record<string, unknown>, more = {}): RequestInit => ({
  ...post({ attributes, title: "Boots", ...more }),
  method: "PUT",
});

describe("the map of items", () => {
  it.live("has each item once, by the model's plane, near to what is alike", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const points = decoded(MapPoints, yield* ask("/map"));
        const length = 60;
        expect(points).toMatchObject({ model: "a", items: length, not_for_sale: [], attributes: [] });
        expect(points.item_ids).toEqual(Array.from({ length }, (_, item) => itemId(item)));
        expect(points.names[points.name_codes[7]]).toBe("a item 7");
        const { rank, vectors } = shop.catalogues.get("a")!;
        const plane = (yield* itemPlane(vectors, rank))!;
        expect(points.explained).toEqual(plane.explained);
        for (const axis of [points.x, points.y]) {
          expect(axis).toHaveLength(length);
          expect(Math.min(...axis)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...axis)).toBeLessThanOrEqual(65_535);
        }
        expect(Math.max(...points.x) - Math.min(...points.x)).toBe(65_535);
        const along = (item: number, axis: ReadonlyArray<number>) => {
          const own = vectors.subarray(item * rank, (item + 1) * rank);
          const length = Math.hypot(...own);
          return own.reduce((sum, value, f) => sum + (value / length - plane.mean[f]) * axis[f], 0);
        };
        const unit = (points.x[1] - points.x[0]) / (along(1, plane.axes[0]) - along(0, plane.axes[0]));
        for (const item of [5, 17, 42]) {
          expect((points.x[item] - points.x[0]) / unit).toBeCloseTo(
            along(item, plane.axes[0]) - along(0, plane.axes[0]),
            3,
          );
          expect((points.y[item] - points.y[0]) / unit).toBeCloseTo(
            along(item, plane.axes[1]) - along(0, plane.axes[1]),
            3,
          );
        }
        expect((yield* ask("/map")).body.drawn_at).toBe(points.drawn_at);
      }),
    ),
  );

  it.live("is coloured by what the shop says of items, and tells what is not for sale", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        yield* shop.catalogue.service.adopt(
          0,
          Array.from({ length: 60 }, (_, item) => itemId(item)),
        );
        yield* ask(`/items/${itemId(3)}`, put({ colour: "Red", price: 10 }));
        yield* ask(`/items/${itemId(4)}`, put({ colour: "Blue", price: 30 }, { available: false }));
        yield* ask(`/items/${itemId(5)}`, put({ colour: "Red", since: "2026-01-01T00:00:00Z" }));
        const points = decoded(MapPoints, yield* ask("/map"));
        expect(points.attributes).toEqual([
          { name: "colour", kind: "text", items: 3 },
          { name: "price", kind: "number", items: 2 },
        ]);
        expect(points.not_for_sale).toEqual([4]);
        expect(points.names[points.name_codes[3]]).toBe("Boots");
        const colours = decoded(MapColours, yield* ask("/map?attribute=colour"));
        expect(colours).toMatchObject({
          ...{ model: "a", drawn_at: points.drawn_at, attribute: "colour", ordered: false },
          ...{ values: ["Red", "Blue"], counts: [2, 1], others: 0 },
        });
        expect(colours.codes.slice(2, 7)).toEqual([0, 1, 2, 1, 0]);
        expect(decoded(MapColours, yield* ask("/map?attribute=price"))).toMatchObject({ ordered: true });
        const wrong = yield* ask("/map?attribute=color");
        expectProblem(wrong, 400, /such as colour, price/);
        expect(fieldsOf(wrong)).toEqual(["attribute"]);
      }),
    ),
  );

  it.live("is the same as typed arrays, and coloured by them", () =>
    inShop((ask, shop, base) =>
      Effect.gen(function* () {
        yield* shop.catalogue.service.adopt(
          0,
          Array.from({ length: 60 }, (_, item) => itemId(item)),
        );
        yield* ask(`/items/${itemId(3)}`, put({ colour: "Red" }));
        yield* ask(`/items/${itemId(4)}`, put({ colour: "Blue" }, { available: false }));
        const bytesOf = (path: string) =>
          Effect.promise(async () => {
            const reply = await fetch(`${base}${path}`);
            expect(reply.headers.get("content-type")).toBe("application/octet-stream");
            return reply.arrayBuffer();
          });
        const points = decoded(MapPoints, yield* ask("/map"));
        const drawing = drawingOf(yield* bytesOf("/map/columns"));
        const { item_ids, name_codes, names, not_for_sale, x, y, ...head } = points;
        expect(drawing.head).toEqual(head);
        expect([[...drawing.points.x], [...drawing.points.y]]).toEqual([x, y]);
        expect(item_ids.map((_, point) => drawing.idOf(point))).toEqual(item_ids);
        expect(item_ids.map(drawing.pointOf)).toEqual(item_ids.map((_, point) => point));
        expect(item_ids.map((_, point) => drawing.nameOf(point))).toEqual(name_codes.map((code) => names[code]));
        expect([...drawing.notForSale]).toEqual(not_for_sale);
        const { codes, ...told } = decoded(MapColours, yield* ask("/map?attribute=colour"));
        const colouring = colouringOf(yield* bytesOf("/map/columns?attribute=colour"));
        expect(colouring).toEqual({ ...told, codes: Uint8Array.from(codes) });
        expect([...codesOf(drawing, colouring)].slice(2, 6)).toEqual([0, 1, 2 + faint, 0]);
        expectProblem(yield* ask("/map/columns?attribute=color"), 400, /such as colour/);
      }),
    ),
  );

  it.live("leaves an item that is called so to be asked for and changed as others are", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        expect((yield* ask("/items/map", put({}, { title: "A map of the town" }))).status).toBe(201);
        expect((yield* ask("/items/map")).body).toMatchObject({ item_id: "map" });
        const found = yield* ask("/items?query=town");
        expect(found.body.items).toMatchObject([{ item_id: "map" }]);
        expect((yield* ask("/items/map/card")).body).toMatchObject({ item_id: "map", name: "A map of the town" });
        expect((yield* ask("/items/map", { method: "DELETE" })).status).toBe(204);
      }),
    ),
  );
});

describe("an item's card", () => {
  it.live("tells what it is, what follows it and what is like it", () =>
    inShop((ask, shop) =>
      Effect.gen(function* () {
        const before = decoded(ItemCard, yield* ask(`/items/${itemId(4)}/card`));
        expect(before).toMatchObject({ item_id: itemId(4), item_idx: 4, name: "a item 4", item: null, model: "a" });
        expect(before).toMatchObject({ for_sale: true, is_new: false, bought: null });
        expect(before.similar).toHaveLength(10);
        expect(before.similar.map(({ score }) => score)).toEqual(
          before.similar.map(({ score }) => score).toSorted((a, b) => b - a),
        );
        yield* shop.catalogue.service.adopt(
          0,
          Array.from({ length: 60 }, (_, item) => itemId(item)),
        );
        yield* ask(`/items/${itemId(4)}`, put({ colour: "Red" }, { available: false }));
        const after = decoded(ItemCard, yield* ask(`/items/${itemId(4)}/card`));
        expect(after).toMatchObject({ name: "Boots", for_sale: false, item: { attributes: { colour: "Red" } } });
        const others = decoded(ItemCard, yield* ask(`/items/${before.similar[0].item_id}/card`));
        expect(others.similar.map(({ item_id }) => item_id)).not.toContain(itemId(4));
        expectProblem(yield* ask("/items/nothing/card"), 404, /There is no item/);
      }),
    ),
  );
});
