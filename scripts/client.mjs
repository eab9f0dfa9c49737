// Makes the typed client of the API's OpenAPI document: `node client.mjs TARGET` writes TARGET/client.js and TARGET/client.d.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const bundled = async (contents, options) => {
  const stdin = { contents, resolveDir: root, loader: "ts" };
  const { outputFiles } = await build({
    stdin,
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "warning",
    ...options,
  });
  return outputFiles[0].text;
};

const documentOf = async () => {
  const code = await bundled(
    `import { OpenApi } from "@effect/platform";
     import { apiOf } from "./src/http/Api.ts";
     import { defaultEventTypes } from "./src/domain/EventTypes.ts";
     export const document = OpenApi.fromApi(apiOf(defaultEventTypes), { additionalPropertiesStrategy: "allow" });`,
    { platform: "node" },
  );
  const { document } = await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
  return JSON.parse(JSON.stringify(document));
};

const isName = (text) => /^[A-Za-z_$][\w$]*$/.test(text);
const quoted = (text) => (isName(text) ? text : JSON.stringify(text));
const comment = (text, indent) =>
  text === undefined ? "" : `${indent}/** ${text.replaceAll("*/", "*\\/").replaceAll("\n", `\n${indent} * `)} */\n`;
const many = (types, joint) => {
  const distinct = [...new Set(types)];
  return distinct.length === 1 ? distinct[0] : `(${distinct.join(joint)})`;
};

const simple = { string: "string", number: "number", integer: "number", boolean: "boolean", null: "null" };

/** Whether it says of members of an object that one of them must be there. */
const isPick = (anyOf) => anyOf?.every((one) => Object.keys(one).join() === "required") ?? false;

/** A JSON schema as a type. Of what the document does not use, nothing is known here: then it is `unknown`. */
const typeOf = (schema, indent = "") => {
  if (schema.$ref !== undefined) return schema.$ref.split("/").at(-1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined)
    return many(
      schema.enum.map((value) => JSON.stringify(value)),
      " | ",
    );
  const picks = [schema, ...(schema.allOf ?? [])].flatMap(({ anyOf }) => (isPick(anyOf) ? [anyOf] : []));
  if (picks.length > 0) {
    const { allOf: _, anyOf: __, ...rest } = schema;
    const member = ({ required: [name] }) => `{ readonly ${name}: ${typeOf(schema.properties[name], indent)} }`;
    return [typeOf(rest, indent), ...picks.map((pick) => many(pick.map(member), " | "))].join(" & ");
  }
  if (schema.allOf !== undefined)
    return many(
      schema.allOf.map((one) => typeOf(one, indent)),
      " & ",
    );
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined)
    return many(
      choices.map((one) => typeOf(one, indent)),
      " | ",
    );
  if (Array.isArray(schema.type))
    return many(
      schema.type.map((type) => typeOf({ ...schema, type }, indent)),
      " | ",
    );
  if (schema.type === "array") return `ReadonlyArray<${typeOf(schema.items ?? {}, indent)}>`;
  if (schema.type === "object") {
    const inner = `${indent}  `;
    const required = new Set(schema.required ?? []);
    const members = Object.entries(schema.properties ?? {}).map(
      ([name, one]) =>
        `${comment(one.description, inner)}${inner}readonly ${quoted(name)}${required.has(name) ? "" : "?"}: ${typeOf(one, inner)};\n`,
    );
    const others = schema.additionalProperties ?? schema.patternProperties?.[""];
    const open = typeof others === "object" ? [`${inner}readonly [name: string]: ${typeOf(others, inner)};\n`] : [];
    if (members.length === 0 && open.length === 0) return "Readonly<Record<string, unknown>>";
    return `{\n${[...members, ...open].join("")}${indent}}`;
  }
  return simple[schema.type] ?? "unknown";
};

const json = /^application\/(?:[\w.-]+\+)?json$/;
const lines = "application/x-ndjson";

/** What the client makes of answers that are no JSON. */
const forms = { [lines]: "AsyncIterable<unknown>", "application/octet-stream": "Uint8Array" };

const operationsOf = (document) =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
  );

const bodyOf = ({ requestBody, "x-also-takes": others = [] }) => {
  const content = requestBody?.content ?? {};
  const type = Object.keys(content).find((name) => json.test(name));
  return { type, schema: content[type]?.schema, takesLines: content[lines] !== undefined || others.includes(lines) };
};

const named = (schema, schemas) => (schema.$ref === undefined ? schema : schemas[schema.$ref.split("/").at(-1)]);

/** Whether a body, or one of its choices, is an event: what has an id of its own, by which it counts once. */
const isEvents = (schema, schemas) =>
  schema !== undefined &&
  [schema, ...(named(schema, schemas).anyOf ?? [])].some(
    (one) => named(one, schemas).properties?.event_id !== undefined,
  );

/** Lines of whatever the list of the JSON body holds. */
const lineOf = (schema, schemas) => {
  const whole = named(schema, schemas);
  const list = whole.type === "array" ? whole : (whole.anyOf ?? []).find(({ type }) => type === "array");
  return list?.items === undefined ? "unknown" : typeOf(list.items, "  ");
};

const answerOf = ({ responses }) => {
  const good = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  const types = good.flatMap(([, { content }]) =>
    content === undefined
      ? ["undefined"]
      : Object.entries(content).map(
          ([type, { schema }]) => forms[type] ?? (json.test(type) ? typeOf(schema, "  ") : "string"),
        ),
  );
  return many(types.length === 0 ? ["undefined"] : types, " | ");
};

const signatureOf = (operation, schemas) => {
  const { operationId, parameters, requestBody, summary } = operation;
  const asked = parameters.filter((one) => one.in === "path" || one.in === "query");
  const schema = { type: "object", properties: {}, required: [] };
  for (const { description, in: place, name, required, schema: type } of asked) {
    schema.properties[name] = { ...type, description: type.description ?? description };
    if (required || place === "path") schema.required.push(name);
  }
  const { schema: body, takesLines, type } = bodyOf(operation);
  const hasPath = asked.some((one) => one.in === "path");
  const params = `params${schema.required.length === 0 ? "?" : ""}: ${typeOf(schema, "  ")}`;
  const line = takesLines ? ` | AsyncIterable<${lineOf(body, schemas)}>` : "";
  // Parameters that can all be left out come behind the body.
  const args = [
    ...(hasPath ? [params] : []),
    ...(type === undefined ? [] : [`body${requestBody.required === false ? "?" : ""}: ${typeOf(body, "  ")}${line}`]),
    ...(!hasPath && asked.length > 0 ? [params] : []),
    "options?: CallOptions",
  ];
  return `${comment(`${summary}: ${operation.method} ${operation.path}`, "  ")}  readonly ${operationId}: (${args.join(", ")}) => Promise<${answerOf(operation)}>;\n`;
};

const tableOf = (operations, schemas) =>
  Object.fromEntries(
    operations.map((operation) => {
      const { method, operationId, parameters, path } = operation;
      const { schema, takesLines, type } = bodyOf(operation);
      const query = parameters.filter((one) => one.in === "query").map(({ name }) => name);
      return [
        operationId,
        {
          method,
          path,
          query,
          ...(type === undefined ? {} : { body: type }),
          ...(takesLines ? { lines: true } : {}),
          ...(isEvents(schema, schemas) ? { events: true } : {}),
        },
      ];
    }),
  );

/** What the functions have in common, as its source declares it. */
const shared = () => {
  const source = readFileSync(join(root, "src/client/Client.ts"), "utf8");
  const interfaces = ["ClientOptions", "CallOptions", "ProblemDetails"].map(
    (name) => new RegExp(`(?:/\\*\\*[^\\n]*\\*/\\n)?export interface ${name} \\{[\\s\\S]*?\\n\\}\\n`).exec(source)[0],
  );
  const about = /\/\*\*[^\n]*\*\/(?=\nexport class SlipstreamError)/.exec(source)[0];
  const error = `${about}
export declare class SlipstreamError extends Error {
  readonly status: number;
  readonly problem: ProblemDetails | undefined;
}
`;
  return [...interfaces, error].join("\n");
};

const typesOf = (document, operations) => {
  const { schemas } = document.components;
  const named = Object.entries(schemas).map(
    ([name, schema]) => `${comment(schema.description, "")}export type ${name} = ${typeOf(schema)};\n`,
  );
  const methods = operations.map((operation) => signatureOf(operation, schemas));
  return [
    `/** The Slipstream API ${document.info.version}: a function per operation. */\n`,
    `export interface Client {\n${methods.join("\n")}}\n`,
    `/** Tries again what may succeed later; events get ids, so that they count once. */\nexport declare const makeClient: (options: ClientOptions) => Client;\n`,
    shared(),
    ...named,
  ].join("\n");
};

export const makeClientFiles = async (target) => {
  const document = await documentOf();
  const operations = operationsOf(document);
  const code = await bundled(
    `import { clientOf, SlipstreamError } from "./src/client/Client.ts";
     const makeClient = clientOf(${JSON.stringify(tableOf(operations, document.components.schemas))});
     export { makeClient, SlipstreamError };`,
    { platform: "neutral", target: "es2022" },
  );
  writeFileSync(join(target, "client.js"), code);
  writeFileSync(join(target, "client.d.ts"), typesOf(document, operations));
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await makeClientFiles(process.argv[2] ?? join(root, "dist"));
