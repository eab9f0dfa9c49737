/** Samples: how an operation is asked with curl, from TypeScript and from Python, by the examples of its schemas. */
import type { OpenApi } from "@effect/platform";

/** What documentation pages show beside an operation: https://redocly.com/docs-legacy/api-reference-docs/specification-extensions/x-code-samples */
export interface CodeSample {
  readonly lang: string;
  readonly label: string;
  readonly source: string;
}

interface Schema {
  readonly $ref?: string;
  readonly examples?: ReadonlyArray<unknown>;
  readonly anyOf?: ReadonlyArray<Schema>;
  readonly oneOf?: ReadonlyArray<Schema>;
  readonly type?: string | ReadonlyArray<string>;
  readonly items?: Schema;
}

const server = "http://localhost:8000";
const lines = "application/x-ndjson";

/** What stands for a parameter of a path. */
const inPath: Readonly<Record<string, string>> = {
  user_id: "42",
  item_id: "0108775015",
  model_id: "20261126T031500-3f9a",
  receipt: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
};

/** What is asked for beside: what must be, and where else an answer would have no end. */
const inQuery: Readonly<Record<string, string | number>> = { q: "42", ids: "0108775015", states: 1 };

/** The first example of the schema, or of what it is made of; undefined where there is none. */
const exampleOf = (schema: Schema | undefined, schemas: Readonly<Record<string, unknown>>): unknown => {
  if (schema === undefined) return undefined;
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  if (schema.$ref !== undefined) return exampleOf(schemas[schema.$ref.split("/").at(-1) ?? ""] as Schema, schemas);
  const found = (schema.anyOf ?? schema.oneOf ?? []).map((one) => exampleOf(one, schemas));
  const item = exampleOf(schema.items, schemas);
  return found.find((one) => one !== undefined) ?? (item === undefined ? undefined : [item]);
};

const nameOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** A JSON value as it is written in TypeScript, on one line. */
const inTypeScript = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inTypeScript).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, one]) => `${nameOf(name)}: ${inTypeScript(one)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
};

const inPython = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inPython).join(", ")}]`;
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, one]) => `${JSON.stringify(name)}: ${inPython(one)}`)
    .join(", ")}}`;
};

interface Body {
  readonly type: string;
  readonly value: unknown;
}

const bodyOf = (
  { requestBody }: OpenApi.OpenAPISpecOperation,
  schemas: Readonly<Record<string, unknown>>,
): Body | undefined => {
  const all = Object.entries(requestBody?.content ?? {}).filter(([type]) => type !== lines);
  const first = all[0];
  if (first === undefined) return undefined;
  return { type: first[0], value: exampleOf(first[1].schema as Schema, schemas) ?? {} };
};

/** Bytes are no text that could be printed. */
const answersBytes = ({ responses }: OpenApi.OpenAPISpecOperation): boolean =>
  Object.keys(responses[200]?.content ?? {}).includes("application/octet-stream");

const curl = (method: string, url: string, body: Body | undefined, isBytes: boolean): string => {
  const verb = method === "GET" ? "" : ` -X ${method}`;
  const sent =
    body === undefined
      ? ""
      : ` \\\n  -H 'content-type: ${body.type}' \\\n  -d '${JSON.stringify(body.value).replaceAll("'", "'\\''")}'`;
  return `curl${verb} '${url}'${isBytes ? " --output answer.bin" : ""}${sent}`;
};

const typescript = (
  operationId: string,
  params: Readonly<Record<string, string | number>>,
  body: Body | undefined,
): string => {
  const args = [
    ...(Object.keys(params).length === 0 ? [] : [inTypeScript(params)]),
    ...(body === undefined ? [] : [inTypeScript(body.value)]),
  ];
  return `import { makeClient } from "slipstream/client";

const shop = makeClient({ url: "${server}" });
console.log(await shop.${operationId}(${args.join(", ")}));`;
};

const python = (method: string, url: string, body: Body | undefined, isBytes: boolean): string => {
  const sent =
    body === undefined
      ? ""
      : `,
    headers={"content-type": ${JSON.stringify(body.type)}},
    data=json.dumps(${inPython(body.value)}).encode()`;
  return `${body === undefined ? "" : "import json\n"}from urllib.request import Request, urlopen

with urlopen(Request(
    ${JSON.stringify(url)}, method=${JSON.stringify(method)}${sent},
)) as answer:
    print(${isBytes ? "len(answer.read())" : "answer.read().decode()"})`;
};

/** `method`: in capitals. `schemas`: those that the document names. */
export const samplesOf = (
  method: string,
  path: string,
  operation: OpenApi.OpenAPISpecOperation,
  schemas: Readonly<Record<string, unknown>>,
): ReadonlyArray<CodeSample> => {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const placed = Object.fromEntries(names.map((name) => [name, inPath[name] ?? name]));
  const asked = Object.fromEntries(
    operation.parameters.flatMap((one) => {
      const value = one.in === "query" ? inQuery[one.name] : undefined;
      return value === undefined ? [] : [[one.name, value]];
    }),
  );
  const query = Object.entries(asked).map(([name, value]) => `${name}=${value}`);
  const target = path.replace(/\{(\w+)\}/g, (_, name: string) => placed[name]);
  const url = `${server}${target}${query.length === 0 ? "" : `?${query.join("&")}`}`;
  const body = bodyOf(operation, schemas);
  const isBytes = answersBytes(operation);
  return [
    { lang: "shell", label: "curl", source: curl(method, url, body, isBytes) },
    {
      lang: "typescript",
      label: "TypeScript",
      source: typescript(operation.operationId, { ...placed, ...asked }, body),
    },
    { lang: "python", label: "Python", source: python(method, url, body, isBytes) },
  ];
};
