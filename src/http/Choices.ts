/** Choices: of which members of a value one must be there, which the programs check beyond its schema, as JSON Schema says it. */

const choices: Readonly<Record<string, ReadonlyArray<ReadonlyArray<string>>>> = {
  Event: [
    ["user_id", "user_idx"],
    ["item_id", "item_idx"],
  ],
  Purchase: [
    ["user_id", "user_idx"],
    ["item_id", "item_idx"],
  ],
  ContextItem: [["item_id", "item_idx"]],
};

const oneOf = (names: ReadonlyArray<string>) => ({ anyOf: names.map((name) => ({ required: [name] })) });

/** The document's schemas, those that have choices with them. */
export const withChoices = (schemas: Readonly<Record<string, object>>): Record<string, object> =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const all = (choices[name] ?? []).map(oneOf);
      return [name, all.length === 0 ? schema : { ...schema, ...(all.length === 1 ? all[0] : { allOf: all }) }];
    }),
  );
