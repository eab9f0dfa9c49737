/**
 * Collections: a model's collections. Each load writes a new one, `<QDRANT_COLLECTION>_<model>.<12 hex digits>`; the alias
 * `<QDRANT_COLLECTION>_<model>` names the one that is complete. A model without that alias is not loaded, whatever a
 * broken load left. The alias `<QDRANT_COLLECTION>` itself names the serving model's, for readers outside.
 */
import type { QdrantClient } from "@qdrant/js-client-rest";

/** Letters, digits, `-`, `_`, `!`, `~`, `'`, `(`, `)` and percent signs: what Qdrant allows, and no dot. */
const plain = (model: string): string => encodeURIComponent(model).replace(/[.*]/g, (c) => (c === "." ? "%2E" : "%2A"));

export const aliasOf = (collection: string, model: string): string => `${collection}_${plain(model)}`;

export const newCollection = (alias: string): string =>
  `${alias}.${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;

const isCollectionOf = (alias: string, name: string): boolean =>
  name.startsWith(`${alias}.`) && /^[0-9a-f]{12}$/.test(name.slice(alias.length + 1));

/** The collection an alias names, if it does. */
export const resolve = async (client: QdrantClient, alias: string): Promise<string | undefined> => {
  const { aliases } = await client.getAliases();
  return aliases.find(({ alias_name }) => alias_name === alias)?.collection_name;
};

const pointAt = (collection: string, alias: string, taken: boolean) => [
  ...(taken ? [{ delete_alias: { alias_name: alias } }] : []),
  { create_alias: { collection_name: collection, alias_name: alias } },
];

/** Names `collection` by `alias` instead of what it named; whatever else named that one follows, in the same step. */
export const replace = async (client: QdrantClient, alias: string, collection: string): Promise<void> => {
  const { aliases } = await client.getAliases();
  const previous = aliases.find(({ alias_name }) => alias_name === alias)?.collection_name;
  const followers = aliases.filter((other) => other.collection_name === previous && other.alias_name !== alias);
  await client.updateCollectionAliases({
    actions: [
      ...pointAt(collection, alias, previous !== undefined),
      ...followers.flatMap(({ alias_name }) => pointAt(collection, alias_name, true)),
    ],
  });
};

/** Names what `source` names by `alias` too, in one step; false when `source` names nothing. */
export const copyAlias = async (client: QdrantClient, source: string, alias: string): Promise<boolean> => {
  const { aliases } = await client.getAliases();
  const collection = aliases.find(({ alias_name }) => alias_name === source)?.collection_name;
  if (collection === undefined) return false;
  const current = aliases.find(({ alias_name }) => alias_name === alias)?.collection_name;
  if (current !== collection) {
    await client.updateCollectionAliases({ actions: pointAt(collection, alias, current !== undefined) });
  }
  return true;
};

/** Removes the alias's collections but `kept`. */
export const removeOthers = async (client: QdrantClient, alias: string, kept: string | undefined): Promise<void> => {
  const { collections } = await client.getCollections();
  for (const { name } of collections) {
    if (name !== kept && isCollectionOf(alias, name)) await client.deleteCollection(name);
  }
};

/** Removes the alias, so that nothing is found any more, then the collections. */
export const removeAll = async (client: QdrantClient, alias: string): Promise<void> => {
  if ((await resolve(client, alias)) !== undefined) {
    await client.updateCollectionAliases({ actions: [{ delete_alias: { alias_name: alias } }] });
  }
  await removeOthers(client, alias, undefined);
};
