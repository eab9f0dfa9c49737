/** SqlErrors: the engine's errors as `SqlError`s that say what to do. */
import { Option, Schema } from "effect";
import { SqlError } from "../../../src/ports/Sql.ts";

/** How the engine tells an error (setting errors_as_json). */
const Told = Schema.parseJson(
  Schema.Struct({
    exception_type: Schema.String,
    exception_message: Schema.String,
    errno: Schema.optional(Schema.String),
  }),
);
const decodeTold = Schema.decodeUnknownOption(Told);

type Reason = SqlError["reason"];

const remedies: Partial<Readonly<Record<Reason, string>>> = {
  Full: "free some space, or set DATA_DIR to a folder with more that this user may write to",
  Memory: "raise SQL_MEMORY_MIB, or lower SQL_THREADS so that each thread has more",
};

/** Of a file or folder of ours that cannot be made. */
export const unwritable = (path: string, cause: unknown): SqlError => {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new SqlError({ reason: "Full", message: `${path} cannot be written (${said}): ${remedies.Full}`, cause });
};

/** Numbers of the operating system's errors: no space, quota, read-only, permission. */
const fullErrors = new Set(["28", "122", "30", "13", "1"]);

const byType: Readonly<Record<string, Reason>> = {
  "Out of Memory": "Memory",
  Conversion: "Value",
  "Out of Range": "Value",
  Permission: "Forbidden",
  Parser: "Statement",
  Syntax: "Statement",
  Binder: "Statement",
  Catalog: "Statement",
  "Not implemented": "Statement",
  "Mismatch Type": "Statement",
  "Missing Extension": "Statement",
  "Parameter Not Resolved": "Statement",
  FATAL: "Unavailable",
  INTERNAL: "Unavailable",
  Invalid: "BadFile",
  Serialization: "BadFile",
};

const reasonOf = (type: string, message: string, errno: string | undefined): Reason => {
  if (
    /No space left|quota exceeded|Read-only file system|Failed to create directory|max_temp_directory_size/i.test(
      message,
    )
  )
    return "Full";
  if (type === "IO") {
    if (errno !== undefined && fullErrors.has(errno)) return "Full";
    return /No files found|No such file/i.test(message) || errno === "2" ? "Missing" : "BadFile";
  }
  // What the engine finds in a file that it was not told of.
  if (type === "Parameter Not Allowed" && message.startsWith("CSV Error")) return "BadFile";
  if (type === "Invalid Input") {
    if (/configuration has been locked/.test(message)) return "Forbidden";
    return /CSV|magic bytes|Failed to read|parquet/i.test(message) ? "BadFile" : "Value";
  }
  return byType[type] ?? "Statement";
};

/** The engine's advice is for those who type SQL into it: only what was wrong is kept. */
const withoutAdvice = (message: string): string =>
  message
    .split(/\n\s*(?:Possible (?:fixes|solutions?):|This limit was set|\n)/i)[0]
    ?.trim()
    .replace(/\.$/, "") ?? message;

/** What an error of the engine means. */
export const sqlError = (cause: unknown): SqlError => {
  const text = cause instanceof Error ? cause.message : String(cause);
  const told = decodeTold(text.slice(Math.max(0, text.indexOf("{"))));
  if (Option.isNone(told)) {
    return new SqlError({ reason: "Unavailable", message: `the SQL engine cannot be used: ${text}`, cause });
  }
  const { exception_type: type, exception_message: message, errno } = told.value;
  const reason = reasonOf(type, message, errno);
  const remedy = remedies[reason];
  const said = withoutAdvice(message);
  return new SqlError({ reason, message: remedy === undefined ? said : `${said}: ${remedy}`, cause });
};
