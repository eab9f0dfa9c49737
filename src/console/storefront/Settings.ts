/** Settings: the controls of a list, and what the API is asked by them. */

export interface Settings {
  /** By attribute: the value that items are to have. */
  readonly facets: Readonly<Record<string, string>>;
  /** A condition in the API's own language, beside them. */
  readonly filter: string;
  /** From 0, by score alone, to 1: each as unlike those before as can be. */
  readonly diversity: number;
  readonly seen: "bought" | "seen" | "shown" | "none";
  /** The most items of one product; undefined: as the shop has it. */
  readonly variants: number | undefined;
}

export const noSettings: Settings = { facets: {}, filter: "", diversity: 0, seen: "bought", variants: undefined };

const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/** A name as the language has it: in quotation marks only where it must be. */
const nameIn = (name: string): string => (/^(?!(?:AND|OR|NOT)$)[A-Za-z_]\w*$/.test(name) ? name : quoted(name));

/**
 * In the filter language of AIP-160; undefined where everything may be in the list. What was typed stands first and as it is, so that the
 * place of a fault in it is told as its writer counts; OR binds tighter than AND there.
 */
export const filterOf = ({ facets, filter }: Settings): string | undefined => {
  const conditions = Object.entries(facets)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${quoted(name)} = ${quoted(value)}`);
  const own = filter.trim() === "" ? [] : [filter.trim()];
  const all = [...own, ...conditions];
  return all.length === 0 ? undefined : all.join(" AND ");
};

/** A filter that says something in this shop, as an example of the language. */
export const exampleOf = (
  facets: ReadonlyArray<{ readonly name: string; readonly values: ReadonlyArray<{ readonly value: string }> }>,
): string => {
  const [one] = chosenFacets(facets);
  const [value] = one?.values ?? [];
  return one === undefined || value === undefined ? "" : `NOT ${nameIn(one.name)} = ${quoted(value.value)}`;
};

/** As a body of POST /recommend has them. */
export const bodyOf = (settings: Settings): Readonly<Record<string, unknown>> => {
  const filter = filterOf(settings);
  return {
    seen: settings.seen,
    ...(filter === undefined ? {} : { filter }),
    ...(settings.variants === undefined ? {} : { variants: settings.variants }),
    ...(settings.diversity === 0 ? {} : { diversity_lambda: Math.round(100 * (1 - settings.diversity)) / 100 }),
  };
};

/** Whether anything is set. */
export const isSet = (settings: Settings): boolean => {
  const { filter, ...body } = bodyOf(settings);
  return filter !== undefined || body.seen !== noSettings.seen || Object.keys(body).length > 1;
};

/** `product_group_name` as people say it. */
export const wordOf = (attribute: string): string => {
  const words =
    attribute
      .replace(/_?(?:name|value_name)$/, "")
      .replaceAll(/[_-]+/g, " ")
      .trim() || attribute;
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const preferred = [
  /^index_group/,
  /^product_type|^type$|categor/,
  /colou?r_(?:group|master)|perceived_colour_master|^colou?r$/,
];

/** At most three attributes to choose by: what a thing is for, what it is, its colour; else those of the fewest values. */
export const chosenFacets = <F extends { readonly name: string }>(facets: ReadonlyArray<F>): ReadonlyArray<F> => {
  const usable = facets.filter(({ name }) => !/_(?:code|no|id)$/.test(name));
  const best = preferred.flatMap((pattern) => usable.find(({ name }) => pattern.test(name)) ?? []);
  return [...new Set([...best, ...usable])].slice(0, 3);
};
