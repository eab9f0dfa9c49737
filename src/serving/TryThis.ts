/** TryThis: commands to try, with ids that the shop has: they work in any shop, whatever its ids look like. */

/** Ids as the shop writes them. */
export interface Example {
  readonly user: string;
  readonly item: string;
}

/** A user that no shop has. */
export const newcomer = "newcomer";

/** As an argument of a shell, in single quotes. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Ask, tell of a purchase, or what the shop calls it, ask again. Before anything is known, for a newcomer. */
export const tryThis = (base: string, example: Example | undefined, purchase = "purchase"): string => {
  const { item, user } = example ?? { user: newcomer, item: "an-article-id" };
  const ask = `  curl ${quoted(`${base}/recommend/${encodeURIComponent(user)}?k=10`)}`;
  const event = JSON.stringify({ user_id: user, item_id: item, event_type: purchase });
  const tell = `  curl ${quoted(`${base}/events`)} -H 'content-type: application/json' -d ${quoted(event)}`;
  return [ask, tell, `${ask}   # what was bought is gone; what goes with it came up`].join("\n");
};
