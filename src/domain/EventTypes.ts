/**
 * EventTypes: the kinds of events of a shop: their names, what each weighs, and what else it does, its role.
 *
 * A type's code is its place in the table. A table belongs to a model, which keeps the one it was trained by: whatever reads
 * or writes codes of a model goes by the model's table, so that another setting, or a roll-back, never gives a code another
 * meaning. ARCHITECTURE.md has what a role does to history, bought set, hidden set, trend, followers and training.
 */
import { Either, Schema } from "effect";

/**
 * buys: the item is bought, and not recommended again. takes-back: a piece is given back, and the item is not bought any more.
 * hides: it is not recommended again until it is bought. shown: it was seen, and nothing more: it may sink in lists.
 */
export const Role = Schema.Literal("buys", "takes-back", "hides", "shown");
export type Role = typeof Role.Type;

export const EventType = Schema.Struct({
  name: Schema.String,
  /** Implicit feedback: above 0, an event teaches that much. What a role alone has to say weighs 0, or for hides below. */
  weight: Schema.Number,
  role: Schema.optional(Role),
});
export type EventType = typeof EventType.Type;

/** A table, by code. */
export interface EventTypes {
  readonly list: ReadonlyArray<EventType>;
  readonly names: ReadonlyArray<string>;
  /** -1: the table has no such type. */
  readonly codeOf: (name: string) => number;
  /** What is learnt from an event: 0 where it teaches nothing. */
  readonly weights: ReadonlyArray<number>;
  readonly buys: ReadonlyArray<boolean>;
  readonly takesBack: ReadonlyArray<boolean>;
  readonly hides: ReadonlyArray<boolean>;
  readonly shows: ReadonlyArray<boolean>;
  /** Neither teaches nor changes what was bought or is hidden: it is archived and counted. */
  readonly isIdle: ReadonlyArray<boolean>;
  /** The code of what does not say its type: the first that buys, or else the first that teaches. */
  readonly usual: number;
  /** The code of what a visitor did who does not say more: a click, or else the first that teaches and does not buy. */
  readonly visit: number;
}

export const eventTypesOf = (list: ReadonlyArray<EventType>): EventTypes => {
  const codes = new Map(list.map(({ name }, code) => [name, code]));
  const has = (role: Role) => list.map((type) => type.role === role);
  const [buys, takesBack, hides, shows] = [has("buys"), has("takes-back"), has("hides"), has("shown")];
  const weights = list.map(({ role, weight }) => ((role ?? "buys") === "buys" && weight > 0 ? weight : 0));
  const isIdle = list.map((_, code) => weights[code] === 0 && !buys[code] && !takesBack[code] && !hides[code]);
  const teaching = weights.findIndex((weight) => weight > 0);
  const first = buys.indexOf(true);
  const looks = weights.findIndex((weight, code) => weight > 0 && !buys[code]);
  const click = codes.get("click");
  return {
    list,
    names: list.map(({ name }) => name),
    codeOf: (name) => codes.get(name) ?? -1,
    weights,
    buys,
    takesBack,
    hides,
    shows,
    isIdle,
    usual: first < 0 ? teaching : first,
    visit: click !== undefined && weights[click] > 0 ? click : looks < 0 ? teaching : looks,
  };
};

/** What a shop has that says nothing, and every model of a version that knew no others. */
export const defaultEventTypes = eventTypesOf([
  { name: "click", weight: 0.1 },
  { name: "add_to_cart", weight: 0.5 },
  { name: "purchase", weight: 1, role: "buys" },
]);

/** The codes of which `which` is true. */
export const codesOf = (which: ReadonlyArray<boolean>): ReadonlyArray<number> =>
  which.flatMap((is, code) => (is ? [code] : []));

/** As it is set: `click=0.1, purchase=1 buys`. */
export const eventTypesText = (list: ReadonlyArray<EventType>): string =>
  list.map(({ name, role, weight }) => `${name}=${weight}${role === undefined ? "" : ` ${role}`}`).join(", ");

export const sameEventTypes: (one: EventTypes, other: EventTypes) => boolean = (one, other) =>
  eventTypesText(one.list) === eventTypesText(other.list);

/** More do not fit into the keys of a batch. */
export const mostEventTypes = 15;
const heaviestType = 1000;
const lightestType = 1e-6;
const longestName = 64;
const roles = Role.literals;
const decimal = /^-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?$/i;

const isRole = (text: string): text is Role => (roles as ReadonlyArray<string>).includes(text);

/** What is wrong with a weight, and what to write. */
const weightProblem = ({ name, role, weight }: EventType): string | undefined => {
  if (Math.abs(weight) > heaviestType) return `weighs more than ${heaviestType}: scale all weights down`;
  if (weight !== 0 && Math.abs(weight) < lightestType) return `weighs less than a millionth: scale all weights up`;
  if (role === "shown" && weight !== 0) return `is shown and weighs nothing: write ${name}=0 shown`;
  if (role === "hides" && weight > 0) return `hides, so it cannot weigh above 0: write ${name}=-${weight} hides`;
  if ((role === undefined || role === "buys") && weight < 0) {
    return `weighs less than 0: write ${name}=${weight} hides, or ${name}=0`;
  }
  if (role === "takes-back" && weight < 0) {
    return `takes back ${-weight} a piece: write ${name}=${-weight} takes-back, or ${name}=0 takes-back for what a piece bought weighs`;
  }
  return undefined;
};

const parseEntry = (entry: string): Either.Either<EventType, string> => {
  const wrong = (problem: string) => Either.left(`the entry "${entry}" ${problem}`);
  const at = entry.indexOf("=");
  const name = (at < 0 ? entry : entry.slice(0, at)).trim();
  const [weight = "", role, ...more] =
    at < 0
      ? []
      : entry
          .slice(at + 1)
          .trim()
          .split(/\s+/);
  if (at < 0) return wrong(`has no weight: write ${name.split(/\s/)[0] || "click"}=0.1`);
  if (name === "") return wrong("has no name: write click=0.1");
  if (name.length > longestName || /[\p{Cc}\p{Cs}"]/u.test(name)) {
    return wrong(`has a name that is none: take text of 1 to ${longestName} characters, without quotes`);
  }
  if (!decimal.test(weight) || !Number.isFinite(Number(weight))) {
    return wrong(`has ${JSON.stringify(weight)} for a weight: write a number, as in ${name}=0.1`);
  }
  if (more.length > 0) return wrong(`says more than a weight and a role: put a comma before the next name`);
  if (role !== undefined && !isRole(role)) {
    return wrong(`has ${JSON.stringify(role)} for a role: take ${roles.join(", ")}, or none`);
  }
  const type: EventType = { name, weight: Number(weight), ...(role === undefined ? {} : { role }) };
  const problem = weightProblem(type);
  return problem === undefined ? Either.right(type) : wrong(problem);
};

/** What is wrong with a table whose entries are as they should be. */
const tableProblem = (list: ReadonlyArray<EventType>): string | undefined => {
  const twice = list.find(({ name }, place) => list.findIndex((other) => other.name === name) < place);
  if (twice !== undefined) return `"${twice.name}" is there twice: leave one of them out`;
  if (list.length > mostEventTypes) return `there are ${list.length} types: leave out all but ${mostEventTypes}`;
  if (!list.some(({ role, weight }) => weight > 0 && (role ?? "buys") === "buys")) {
    return "no type teaches anything: give one a weight above 0, as in purchase=1 buys";
  }
  const back = list.find(({ role }) => role === "takes-back");
  return back !== undefined && !list.some(({ role }) => role === "buys")
    ? `"${back.name}" takes back what no type buys: give one the role buys, as in purchase=1 buys`
    : undefined;
};

/** The table that a text spells, or which of its entries is wrong, why, and what to write in its place. */
export const parseEventTypes = (text: string): Either.Either<EventTypes, string> => {
  const entries = text.split(",").map((entry) => entry.trim());
  const list: Array<EventType> = [];
  for (const [place, entry] of entries.entries()) {
    if (entry === "") return Either.left(`entry ${place + 1} is empty: leave out a comma`);
    const type = parseEntry(entry);
    if (Either.isLeft(type)) return Either.left(type.left);
    list.push(type.right);
  }
  const problem = tableProblem(list);
  if (problem !== undefined) return Either.left(problem);
  const types = eventTypesOf(list);
  return Either.right(sameEventTypes(types, defaultEventTypes) ? defaultEventTypes : types);
};

/** In millionths, what a piece adds to what a pair of user and item comes to, by code; below 0 it is taken off. */
export const pieceMillionths = ({ list, takesBack, usual, weights }: EventTypes): ReadonlyArray<number> =>
  list.map(({ weight }, code) => {
    const millionths = Math.round(1e6 * (takesBack[code] ? weight || weights[usual] : weights[code]));
    return takesBack[code] && millionths > 0 ? -millionths : millionths;
  });
