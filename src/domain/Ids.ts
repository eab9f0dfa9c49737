/** Ids: what may be the shop's own id of a user or an item. */

/** Longest id, in UTF-16 units: what every store can use as a key. */
export const longestId = 256;

/** What programs write where there is no value, and is no id. */
export const noIds = ["NA", "N/A", "<NA>", "NULL", "null", "nan", "NaN", "None", "\\N"];

/** What forbids `id` as the id of a user or an item, or undefined; `name` is for the message. */
export const idProblem = (name: string, id: string): string | undefined => {
  if (id === "") return `${name} is empty`;
  if (noIds.includes(id)) return `${name} "${id}" stands for no value`;
  if (id.length > longestId) return `${name} has ${id.length} characters, more than ${longestId}`;
  return /\p{Cc}/u.test(id) ? `${name} contains a control character` : undefined;
};
