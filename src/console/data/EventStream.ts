/** EventStream: server-sent events out of pieces of text (https://html.spec.whatwg.org/multipage/server-sent-events.html), as far as the API sends them. */

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

const eventOf = (text: string): ServerEvent | undefined => {
  let name = "message";
  const data: Array<string> = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice(7);
    else if (line.startsWith("data: ")) data.push(line.slice(6));
  }
  return data.length === 0 ? undefined : { name, data: data.join("\n") };
};

/** Of one connection: each piece of its text gives the events that it completes. */
export const makeReader = (): ((piece: string) => ReadonlyArray<ServerEvent>) => {
  let rest = "";
  return (piece) => {
    const texts = `${rest}${piece}`.split("\n\n");
    rest = texts.pop() ?? "";
    return texts.flatMap((text) => eventOf(text) ?? []);
  };
};
