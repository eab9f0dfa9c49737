/**
 * ItemMap: the serving model's items on a plane, near to each other where the same shoppers have taste for them: where each lies, and
 * what colours it by an attribute. Drawn when it is first asked for and kept while the model serves, as JSON and as bytes.
 *
 * The plane is the model's, or of one of before is made of its vectors (`training/Plane.ts`). New items lie where their attributes say.
 * What has changed since shows within `freshness`. All is done in slices: answers that wait are given in between.
 */
import { Clock, Context, Effect, Layer } from "effect";
import { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import { type Plane, project } from "../../kernels/Plane.ts";
import { breathe, itemPlane } from "../../training/Plane.ts";
import { InvalidInput, NotNow } from "../Errors.ts";
import { shown } from "../FieldError.ts";
import { type Serving, ServingModel } from "../ServingModel.ts";
import { coloursOf } from "./Colours.ts";
import { asBytes, asJson, type Columns } from "./Columns.ts";
import { atOnce, inSlices } from "./Slices.ts";

/** Of more items every nth is drawn. */
export const mostPoints = 200_000;
/** Milliseconds: so long a drawing stands though items have changed. */
export const freshness = 30_000;
/** Places along an axis. */
const places = 65_535;
/** Attributes whose colours are kept. */
const coloursKept = 8;

/** JSON, or the bytes of `Columns.ts`. */
export type Form = "json" | "bytes";

export interface ItemMapService {
  /** `MapPoints`. */
  readonly points: (form: Form) => Effect.Effect<Buffer, NotNow>;
  /** `MapColours` of an attribute that `points` names. */
  readonly colours: (attribute: string, form: Form) => Effect.Effect<Buffer, InvalidInput | NotNow>;
}

/** What is told, and the forms that were asked for. */
interface Told extends Columns {
  readonly forms: Map<Form, Buffer>;
}

interface Drawing {
  readonly serving: Serving;
  readonly drawnAt: number;
  /** By point. */
  readonly rows: Uint32Array;
  readonly points: Told;
  readonly attributes: ReadonlyMap<string, string>;
  readonly colours: Map<string, Told>;
  /** Whether items have changed since. */
  isOld: boolean;
}

const none: Plane = { mean: [], axes: [[], []], explained: [0, 0] };

const noModel = new NotNow({ message: "No model serves yet, so that there is nothing to draw. Ask again." });

/** Whole numbers, alike in both directions, the middle of what there is in the middle. */
const scaled = (values: Float32Array, rows: Uint32Array, [least, most]: readonly [number, number], extent: number) =>
  Effect.gen(function* () {
    const middle = (least + most) / 2;
    const found = new Uint16Array(rows.length);
    yield* inSlices(rows.length, (point) => {
      const place = Math.round(places * (0.5 + (values[rows[point]!]! - middle) / extent));
      found[point] = Math.min(places, Math.max(0, place));
    });
    return found;
  });

const widened = ([least, most]: readonly [number, number], value: number): readonly [number, number] => [
  Math.min(least, value),
  Math.max(most, value),
];
const empty: readonly [number, number] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

/** Where items with a direction lie, and which rows they are. */
const placed = ({ catalogue, trained }: Serving) =>
  Effect.gen(function* () {
    const { inverse, rank, vectors } = catalogue;
    const size = catalogue.size();
    const plane = trained.plane ?? (yield* itemPlane(vectors, rank, size)) ?? none;
    const [x, y] = [new Float32Array(size), new Float32Array(size)];
    let items = 0;
    yield* inSlices(size, (row) => {
      if (inverse[row]! > 0) items += 1;
    });
    const step = Math.max(1, Math.ceil(items / mostPoints));
    const drawn: Array<number> = [];
    let seen = 0;
    let [across, along] = [empty, empty];
    for (let from = 0; from < size; from += atOnce) {
      const to = Math.min(size, from + atOnce);
      project(plane, vectors, [from, to], x, y);
      for (let row = from; row < to; row++) {
        if (inverse[row] === 0 || seen++ % step !== 0) continue;
        drawn.push(row);
        across = widened(across, x[row]!);
        along = widened(along, y[row]!);
      }
      yield* breathe;
    }
    const rows = Uint32Array.from(drawn);
    const extent = Math.max(across[1] - across[0], along[1] - along[0], Number.MIN_VALUE);
    return {
      ...{ rows, items, explained: plane.explained },
      x: yield* scaled(x, rows, across, extent),
      y: yield* scaled(y, rows, along, extent),
    };
  });

const written = (told: Told, form: Form) =>
  Effect.gen(function* () {
    const kept = told.forms.get(form);
    if (kept !== undefined) return kept;
    const made = yield* (form === "json" ? asJson : asBytes)(told);
    told.forms.set(form, made);
    return made;
  });

const make = Effect.gen(function* () {
  const { current } = yield* ServingModel;
  const live = yield* LiveCatalogue;
  const turns = Effect.unsafeMakeSemaphore(1);
  let last: Drawing | undefined;
  const stop = live.onChange(() => {
    if (last !== undefined) last.isOld = true;
  });
  yield* Effect.addFinalizer(() => Effect.sync(stop));

  /** Texts, numbers and truths, by the name that a filter knows them by; the most common first. */
  const attributes = () =>
    [...live.columns.seen]
      .flatMap(([name, kinds]) => {
        const items = [...kinds.values()].reduce((sum, count) => sum + count, 0);
        const [kind] = [...kinds].sort(([, a], [, b]) => b - a)[0] ?? [];
        if (["item_id", "title", "available", "valid_from", "valid_until"].includes(name) || items === 0) return [];
        return kind === "text" || kind === "number" || kind === "boolean" ? [{ name, kind, items }] : [];
      })
      .sort((a, b) => b.items - a.items || (a.name < b.name ? -1 : 1));

  const draw = (serving: Serving) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis;
      const { catalogue, model } = serving;
      const { explained, items, rows, x, y } = yield* placed(serving);
      const codes = new Map<string, number>();
      const names = new Uint32Array(rows.length);
      const ids: Array<string> = [];
      const closed: Array<number> = [];
      yield* inSlices(rows.length, (point) => {
        const row = rows[point]!;
        const { item_id, prod_name } = catalogue.metadata(row);
        const code = codes.get(prod_name) ?? codes.size;
        codes.set(prod_name, code);
        names[point] = code;
        ids.push(item_id);
        if (!catalogue.isOpen(row, now)) closed.push(point);
      });
      const known = attributes();
      const head = { model, drawn_at: new Date(now).toISOString(), items, explained, attributes: known };
      const columns = {
        ...{ x, y, item_ids: ids, names: [...codes.keys()] },
        ...{ name_codes: names, not_for_sale: Uint32Array.from(closed) },
      };
      const points = { head, columns, forms: new Map() };
      const kinds = new Map(known.map(({ kind, name }) => [name, kind]));
      last = { serving, drawnAt: now, rows, points, attributes: kinds, colours: new Map(), isOld: false };
      return last;
    });

  /** One at a time; who comes meanwhile takes what is made then. */
  const inTurn = turns.withPermits(1);

  const drawing = Effect.gen(function* () {
    const serving = yield* current;
    if (serving === undefined) return yield* noModel;
    const now = yield* Clock.currentTimeMillis;
    const stands = last?.serving.catalogue === serving.catalogue && !(last.isOld && now - last.drawnAt > freshness);
    return last !== undefined && stands ? last : yield* draw(serving);
  });

  const colour = ({ attributes: known, colours, drawnAt, rows, serving }: Drawing, attribute: string) =>
    Effect.gen(function* () {
      const kept = colours.get(attribute);
      if (kept !== undefined) return kept;
      if (!known.has(attribute)) {
        const some = [...known.keys()].slice(0, 3).join(", ");
        const detail = known.size === 0 ? "no item has attributes" : `send one that GET /map names, such as ${some}`;
        const message = "There is no such attribute.";
        return yield* new InvalidInput({ message, errors: [{ field: "attribute", value: shown(attribute), detail }] });
      }
      const { itemIdx } = serving.catalogue;
      const values: Array<ReturnType<typeof live.columns.valueOf>> = [];
      yield* inSlices(
        rows.length,
        (point) => void values.push(live.columns.valueOf(attribute, itemIdx[rows[point]!]!)),
      );
      const { codes, ...told } = yield* coloursOf(values);
      const head = { model: serving.model, drawn_at: new Date(drawnAt).toISOString(), attribute, ...told };
      const made = { head, columns: { codes }, forms: new Map() };
      for (const old of colours.keys()) if (colours.size >= coloursKept) colours.delete(old);
      colours.set(attribute, made);
      return made;
    });

  return {
    points: (form) => inTurn(Effect.flatMap(drawing, ({ points }) => written(points, form))),
    colours: (attribute, form) =>
      inTurn(
        drawing.pipe(
          Effect.flatMap((drawn) => colour(drawn, attribute)),
          Effect.flatMap((told) => written(told, form)),
        ),
      ),
  } satisfies ItemMapService as ItemMapService;
});

export class ItemMap extends Context.Tag("slipstream/ItemMap")<ItemMap, ItemMapService>() {
  static readonly layer = Layer.scoped(ItemMap, make);
}
