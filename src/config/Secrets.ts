/** Secrets: keeps what is secret out of what other people's code says. */

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

export interface Concealed {
  /** The text with each secret, as it is or percent-encoded, replaced. */
  readonly text: (text: string) => string;
  /**
   * What a foreign error says, and nothing of what it carries: errors of clients hold commands, options and requests, in
   * which passwords are.
   */
  readonly cause: (cause: unknown) => Error;
}

export const conceal = (secrets: Iterable<string>): Concealed => {
  const hidden = [...new Set([...secrets].flatMap((secret) => [secret, encodeURIComponent(secret)]))]
    .filter((secret) => secret !== "")
    // A secret that contains another one goes first.
    .sort((a, b) => b.length - a.length);
  const text = (text: string) => hidden.reduce((text, secret) => text.replaceAll(secret, () => "***"), text);
  return {
    text,
    cause: (cause) => {
      const error = new Error(text(messageOf(cause)));
      if (cause instanceof Error) {
        error.name = cause.name;
        error.stack = text(cause.stack ?? `${cause.name}: ${cause.message}`);
      }
      return error;
    },
  };
};
