/**
 * Lines: values as lines of JSON, on their way out and in; events among them get ids, so that a retry counts once.
 *
 * Both go on at the same time, and neither faster than it is taken: a value is asked for when the connection takes more, and answers are
 * read when they are asked for. Whoever takes no answers is thus asked for no more values once the buffers on the way are full.
 */

export const typeOf = ({ headers }: Response): string => headers.get("content-type") ?? "";
export const isLines = (answer: Response): boolean => typeOf(answer).startsWith("application/x-ndjson");

/** Events with ids, so that a retry counts once. */
export const withEventIds = (body: unknown): unknown => {
  if (Array.isArray(body)) return body.map(withEventIds);
  const lacksId = typeof body === "object" && body !== null && (body as { event_id?: unknown }).event_id === undefined;
  return lacksId ? { ...body, event_id: crypto.randomUUID() } : body;
};

export const same = (body: unknown): unknown => body;

export const isAsync = (body: unknown): body is AsyncIterable<unknown> =>
  typeof body === "object" && body !== null && Symbol.asyncIterator in body;

/** `made`: what each value becomes before it goes out. */
export const linesOf = (
  values: AsyncIterable<unknown>,
  made: (value: unknown) => unknown,
): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder();
  const iterator = values[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(made(value))}\n`));
    },
    cancel: async () => {
      await iterator.return?.();
    },
  });
};

/** The values of an answer of lines, as they arrive. */
export async function* valuesOf(answer: Response, end: () => void): AsyncGenerator<unknown> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split("\n");
      rest = done ? "" : (lines.pop() ?? "");
      for (const line of lines) if (line.trim() !== "") yield JSON.parse(line);
      if (done) return;
    }
  } finally {
    end();
    await reader.cancel().catch(() => {});
  }
}
