/**
 * Items: what the shop says of its items, from clients into the catalogue, and what the catalogue knows of them. What was said is
 * durable when a call returns, and every answer of this process that begins then goes by it.
 *
 * Ids are taken as they are written. One that lost its leading zeros (`LostZeros.ts`) makes no new item beside the one that is meant:
 * it is refused, with the spelling that the shop has.
 */
import { Context, Effect, Either, Layer } from "effect";
import { separate } from "effect/Array";
import { LiveCatalogue } from "../../catalogue/LiveCatalogue.ts";
import { statesOf } from "../../catalogue/States.ts";
import { applyChange, fieldsOf, type ItemRecord, newestOf, noRecord } from "../../domain/ItemRecord.ts";
import { nameOfField } from "../../domain/Where.ts";
import type { CatalogueError, ItemChange, StoredItem } from "../../ports/Catalogue.ts";
import { eachInTurn } from "../../vitals/OthersFirst.ts";
import { Vitals } from "../../vitals/Vitals.ts";
import { outageOf } from "../../vitals/Waiting.ts";
import { InvalidInput, NotNow, type ServingError, UnknownIds } from "../Errors.ts";
import { type FieldError, shown } from "../FieldError.ts";
import { ServingModel } from "../ServingModel.ts";
import { answerOf } from "./ItemAnswer.ts";
import {
  decodeItem,
  fieldsProblems,
  type ItemInput,
  idProblemOf,
  maxItems,
  mostNames,
  mostWords,
  patchOf,
  replacementOf,
} from "./ItemInput.ts";
import type { Item, ItemsTaken } from "./ItemSchema.ts";

export interface ItemsService {
  /** Bodies are JSON as parsed. `isNew`: there was no such item just before. */
  readonly put: (
    itemId: string,
    body: unknown,
  ) => Effect.Effect<{ readonly item: Item; readonly isNew: boolean }, InvalidInput | NotNow>;
  readonly patch: (itemId: string, body: unknown) => Effect.Effect<Item, ServingError>;
  readonly remove: (itemId: string) => Effect.Effect<void, UnknownIds | NotNow>;
  readonly find: (itemId: string) => Effect.Effect<Item, UnknownIds | NotNow>;
  /** Those of them that there are. */
  readonly findAll: (itemIds: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Item>, NotNow>;
  /** All of a list, or none. */
  readonly putAll: (body: unknown) => Effect.Effect<ItemsTaken, InvalidInput | NotNow>;
  /** A replacement by an item of a list, or why it cannot be one. */
  readonly replacement: (
    input: unknown,
    prefix: string,
  ) => Effect.Effect<Either.Either<ItemChange, ReadonlyArray<FieldError>>>;
  /** Durable when it returns. */
  readonly replace: (changes: ReadonlyArray<ItemChange>) => Effect.Effect<void, NotNow>;
}

/** Items of a list that are read before others get their turn. */
const atOnce = 32;

const invalid = (errors: ReadonlyArray<FieldError>) =>
  new InvalidInput({
    message: `${errors.length === 1 ? "One value is not as it" : `${errors.length} values are not as they`} should be; nothing was changed.`,
    // A list of bad items could name thousands.
    errors: errors.slice(0, 100),
  });

const away = new NotNow({
  message: "The catalogue does not answer just now. Try again: to send the same again does no harm.",
});

/** Whether there is such an item, rather than an index alone, or one that was taken away. */
const isSaid = (record: ItemRecord): boolean => record !== noRecord && !record.removed;

const make = Effect.gen(function* () {
  const live = yield* LiveCatalogue;
  const servingModel = yield* ServingModel;
  const vitals = yield* Vitals;
  const waiting = vitals.waiting("api");
  vitals.catalogue.states = (now) => statesOf(live, now);

  const asked = <A>(self: Effect.Effect<A, CatalogueError>): Effect.Effect<A, NotNow> =>
    Effect.matchEffect(self, {
      onFailure: (error) => Effect.zipRight(waiting.begin("catalogue", outageOf(error)), Effect.fail(away)),
      onSuccess: (found) => (waiting.isAway() ? Effect.as(waiting.end("catalogue"), found) : Effect.succeed(found)),
    });

  /** The shop's spelling of an id that lost its zeros; undefined for any other. */
  const meant = (itemId: string): Effect.Effect<string | undefined> =>
    Effect.map(servingModel.current, (serving) => {
      const spelt = serving?.itemIdOf(itemId);
      return spelt === itemId ? undefined : spelt;
    });

  const unknown = (itemId: string) =>
    Effect.flatMap(meant(itemId), (spelt) => {
      const detail = spelt === undefined ? "send the id of an item that there is" : `did you mean ${spelt}?`;
      const message = `There is no item ${itemId}, or it was removed.`;
      return Effect.fail(new UnknownIds({ message, errors: [{ field: "item_id", value: itemId, detail }] }));
    });

  const spelling = (itemId: string, field: string): Effect.Effect<ReadonlyArray<FieldError>> =>
    live.idxOf(itemId) !== undefined
      ? Effect.succeed([])
      : Effect.map(meant(itemId), (spelt) =>
          spelt === undefined
            ? []
            : [{ field, value: itemId, detail: `the shop has ${spelt}: send its leading zeros` }],
        );

  /** Names of attributes that were said here: their columns are on the way. */
  const names = new Set<string>();
  /** What is wrong with names that no item of the shop has had yet, of which each makes a column. */
  const namesProblems = ({ words }: ItemInput, at: (field: string) => string): ReadonlyArray<FieldError> => {
    const { seen } = live.columns;
    const fresh = Object.keys(words).filter(
      (field) => words[field] !== null && !seen.has(nameOfField(field)) && !names.has(field),
    );
    if (fresh.length === 0) return [];
    const room = mostNames - seen.size - [...names].filter((field) => !seen.has(nameOfField(field))).length;
    if (fresh.length > room) {
      const detail = `the shop's items have ${mostNames} names of attributes, which is the most: use one of them`;
      return [{ field: at(fresh[0]!), value: `${fresh.length} new names`, detail }];
    }
    for (const field of fresh) names.add(field);
    return [];
  };

  const changed = (kind: "put" | "patch" | "delete", changes: ReadonlyArray<ItemChange>) =>
    Effect.map(asked(live.change(changes)), (found) => {
      vitals.measured.changed(kind, found.filter((item) => item !== undefined).length);
      return found;
    });

  const decoded = (itemId: string, body: unknown): Effect.Effect<ItemInput, InvalidInput> => {
    const found = decodeItem(body, "");
    if (Either.isLeft(found)) return Effect.fail(invalid(found.left));
    const other = found.right.itemId;
    if (other === undefined || other === itemId) return Effect.succeed(found.right);
    return Effect.fail(
      invalid([{ field: "item_id", value: other, detail: "send the id that is in the path, or leave it out" }]),
    );
  };

  const answer = (itemId: string, stored: StoredItem | undefined) => {
    const item = stored && answerOf(stored);
    return item === undefined ? unknown(itemId) : Effect.succeed(item);
  };

  const put = Effect.fnUntraced(function* (itemId: string, body: unknown) {
    const unfit = idProblemOf(itemId);
    if (unfit !== undefined) {
      return yield* Effect.fail(invalid([{ field: "item_id", value: shown(itemId), detail: unfit }]));
    }
    const input = yield* decoded(itemId, body);
    const misspelt = [...(yield* spelling(itemId, "item_id")), ...namesProblems(input, (field) => field)];
    if (misspelt.length > 0) return yield* Effect.fail(invalid(misspelt));
    let isNew = false;
    const decide = (before: ItemRecord) => {
      isNew = !isSaid(before);
      return { kind: "replace", fields: replacementOf(input) } as const;
    };
    const [stored] = yield* changed("put", [{ itemId, kind: "decided", decide }]);
    const item = stored && answerOf(stored);
    return item === undefined ? yield* Effect.dieMessage(`${itemId} was put, and is not there`) : { item, isNew };
  });

  const find = Effect.fnUntraced(function* (itemId: string) {
    const [stored] = yield* asked(live.find([itemId]));
    return yield* answer(itemId, stored);
  });

  /** What would be wrong with an item that was patched so, unless it is of before: a file has limits of its own. */
  const patched = (record: ItemRecord, fields: ReturnType<typeof patchOf>): ReadonlyArray<FieldError> => {
    const after = applyChange(record, { kind: "patch", at: newestOf(record), fields });
    const words = Object.keys(after.patches).length;
    if (words > mostWords) {
      const detail = "so many single fields were set since it was put last: put it as a whole";
      return [{ field: "attributes", value: `${words} fields`, detail }];
    }
    return fieldsProblems(fieldsOf(record)).length > 0 ? [] : fieldsProblems(fieldsOf(after));
  };

  const patch = Effect.fnUntraced(function* (itemId: string, body: unknown) {
    const input = yield* decoded(itemId, body);
    yield* find(itemId);
    let wrong: ReadonlyArray<FieldError> = namesProblems(input, (field) => field);
    if (wrong.length > 0) return yield* Effect.fail(invalid(wrong));
    // Of what others patch meanwhile each is in order by itself, and all together perhaps not.
    const decide = (before: ItemRecord) => {
      const fields = patchOf(input, fieldsOf(before));
      wrong = isSaid(before) ? patched(before, fields) : [];
      return isSaid(before) && wrong.length === 0 ? ({ kind: "patch", fields } as const) : undefined;
    };
    const [stored] = yield* changed("patch", [{ itemId, kind: "decided", decide }]);
    return wrong.length > 0 ? yield* Effect.fail(invalid(wrong)) : yield* answer(itemId, stored);
  });

  const remove = Effect.fnUntraced(function* (itemId: string) {
    const [stored] = yield* changed("delete", [{ itemId, kind: "remove" }]);
    if (stored === undefined) return yield* unknown(itemId);
  });

  type Replaced = Either.Either<ItemChange, ReadonlyArray<FieldError>>;
  const replacement = Effect.fnUntraced(function* (input: unknown, prefix: string): Effect.fn.Return<Replaced> {
    const at = (field: string) => (prefix === "" ? field : `${prefix}.${field}`);
    const found = decodeItem(input, prefix);
    if (Either.isLeft(found)) return Either.left(found.left);
    const { itemId } = found.right;
    if (itemId === undefined) {
      return Either.left([{ field: at("item_id"), detail: "is missing: send the item's id" }]);
    }
    const misspelt = [...(yield* spelling(itemId, at("item_id"))), ...namesProblems(found.right, at)];
    if (misspelt.length > 0) return Either.left(misspelt);
    const change: ItemChange = { itemId, kind: "replace", fields: replacementOf(found.right) };
    return Either.right(change);
  });

  const replace = (changes: ReadonlyArray<ItemChange>) => Effect.asVoid(changed("put", changes));

  const putAll = Effect.fnUntraced(function* (body: unknown) {
    if (!Array.isArray(body) || body.length === 0 || body.length > maxItems) {
      const value = Array.isArray(body) ? `${body.length} items` : undefined;
      const detail = `send a list of 1 to ${maxItems} items, or any number as lines of application/x-ndjson`;
      return yield* Effect.fail(invalid([{ field: "body", value, detail }]));
    }
    const found = yield* eachInTurn(body, atOnce, (input, at) => replacement(input, `[${at}]`));
    const [wrong, changes] = separate(found);
    if (wrong.length > 0) return yield* Effect.fail(invalid(wrong.flat()));
    yield* replace(changes);
    return { accepted: body.length, rejected: 0, rejects: [] };
  });

  return {
    put,
    patch,
    remove,
    findAll: (itemIds) =>
      Effect.map(asked(live.find(itemIds)), (found) => found.flatMap((stored) => (stored && answerOf(stored)) ?? [])),
    find,
    putAll,
    replacement,
    replace,
  } satisfies ItemsService;
});

export class Items extends Context.Tag("slipstream/Items")<Items, ItemsService>() {
  static readonly layer = Layer.effect(Items, make);
}
