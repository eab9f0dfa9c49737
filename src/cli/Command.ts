/**
 * Command: what can be asked of this program, as a value. Help, ROLE, flags, exit codes and the README's table follow from it.
 *
 * A command says what its program stands on; the entry point has a layer for each, and the settings that those layers read
 * are the command's too.
 */
import type { Etag, FileSystem, HttpPlatform, HttpServer, Path, Terminal } from "@effect/platform";
import type { Effect } from "effect";
import type { Group, Setting } from "../config/Setting.ts";
import type { BatchSteps } from "../ports/BatchSteps.ts";
import type { Catalogue } from "../ports/Catalogue.ts";
import type { DeadLetters } from "../ports/DeadLetters.ts";
import type { EventLog } from "../ports/EventLog.ts";
import type { Forgotten } from "../ports/Forgotten.ts";
import type { ItemIndex } from "../ports/ItemIndex.ts";
import type { MicroBatches } from "../ports/MicroBatches.ts";
import type { ModelRegistry } from "../ports/ModelRegistry.ts";
import type { Popular } from "../ports/Popular.ts";
import type { Progress } from "../ports/Progress.ts";
import type { Sql } from "../ports/Sql.ts";
import type { StoreFile } from "../ports/StoreFile.ts";
import type { Tables } from "../ports/Tables.ts";
import type { Trainer } from "../ports/Trainer.ts";
import type { UserStates } from "../ports/UserStates.ts";
import type { Probes } from "../vitals/Check.ts";

export type Platform = FileSystem.FileSystem | Path.Path | Terminal.Terminal;
/** All that a command on files needs; who is forgotten is asked where that is kept, once something asks. */
export type FilePorts = Tables | Sql | BatchSteps | Trainer | Progress | MicroBatches | Forgotten | StoreFile;
/** And all that a role needs which knows no model. */
export type LogPorts = EventLog | DeadLetters;
/** What the stream, the models and the API stand on. */
export type StorePorts = LogPorts | UserStates | Catalogue | ItemIndex | ModelRegistry | Popular | Forgotten;
/** A server to answer with. */
export type HttpPorts = HttpServer.HttpServer | HttpPlatform.HttpPlatform | Etag.Generator;

type Files = Platform | FilePorts;
type Log = Files | LogPorts;
type Stores = Files | StorePorts;

/** Given the command's operands, in their order. */
type Run<R> = (...operands: ReadonlyArray<string>) => Effect.Effect<unknown, unknown, R>;

/** `probes`: what the program's health page asks, where it has one. */
export type Program =
  | { readonly on: "files"; readonly run: Run<Files> }
  | { readonly on: "log"; readonly run: Run<Log>; readonly probes?: Probes<Log> }
  | { readonly on: "stores"; readonly run: Run<Stores>; readonly probes?: Probes<Stores> }
  | { readonly on: "api"; readonly run: Run<Stores | HttpPorts> };

export interface Operand {
  readonly name: string;
  readonly about: string;
}

export interface Command {
  readonly name: string;
  /** One sentence, without its full stop. */
  readonly about: string;
  /** Without an end of its own: to be told to stop is how it ends well. */
  readonly service?: true;
  /** What the program reads itself; a name: what the engines read that do its work. */
  readonly settings: ReadonlyArray<Group | "sql" | "engines" | "spark" | "sparkArchive" | "forgotten">;
  /** Of the settings, those without which there is nothing to do. */
  readonly required?: ReadonlyArray<Setting<string>>;
  /** Of the settings, those of which one must be given. */
  readonly oneOf?: ReadonlyArray<Setting<unknown>>;
  readonly operands?: ReadonlyArray<Operand>;
  readonly program: Program;
  /** Commands of a second word. */
  readonly steps?: ReadonlyArray<Command>;
}

/** Each command with the words that name it, steps after what they are of. */
export const withPaths = (commands: ReadonlyArray<Command>): ReadonlyArray<readonly [path: string, command: Command]> =>
  commands.flatMap((command) => [
    [command.name, command] as const,
    ...withPaths(command.steps ?? []).map(([path, step]) => [`${command.name} ${path}`, step] as const),
  ]);
