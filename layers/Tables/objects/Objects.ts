/**
 * Objects: what a place must be able to do to hold Delta tables: whole objects under paths, of which one may be put where
 * there is none.
 *
 * A path's parts are divided by "/"; what it begins with is the layer's. A folder is what paths share: some layers must make
 * it before anything is put there.
 */
import { Context, Data, type Effect, type Option, type Scope } from "effect";

export interface ObjectHead {
  /** Another one under the same path means another object. */
  readonly tag: string;
  /** Unix milliseconds. */
  readonly modified: number;
  readonly size: number;
}

export interface Entry {
  readonly name: string;
  /** None: neither, such as a symbolic link. */
  readonly kind: "object" | "folder" | "none";
}

/** An object as it was when it was opened. */
export interface Opened {
  readonly size: number;
  /** Bytes from `start` to before `end`. Rejects with an `ObjectError`, or with what is wrong with the object itself. */
  readonly range: (start: number, end: number) => Promise<ArrayBuffer>;
}

/** A large object on its way. Rejects with `ObjectError`s. */
export interface Upload {
  /** The bytes may be changed once it returns. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Makes its content, but not its name, survive a power cut. */
  readonly finish: () => Promise<void>;
}

export interface ObjectsService<E = ObjectError> {
  /** None where there is none, here and below. */
  readonly get: (path: string) => Effect.Effect<Option.Option<Uint8Array>, E>;
  readonly head: (path: string) => Effect.Effect<Option.Option<ObjectHead>, E>;
  readonly open: (path: string) => Effect.Effect<Option.Option<Opened>, E, Scope.Scope>;
  /** What is in a folder, but not in its folders. */
  readonly list: (folder: string) => Effect.Effect<ReadonlyArray<Entry>, E>;
  /**
   * Puts an object where there is none, whole and with durable content; answers whether it did. Of many who try at a time
   * one does.
   */
  readonly putIfAbsent: (path: string, content: Uint8Array) => Effect.Effect<boolean, E>;
  /** Puts an object in the place of what may be there; nobody sees a part of it. */
  readonly put: (path: string, content: Uint8Array) => Effect.Effect<void, E>;
  /** A new object, given up where the scope closes before it is finished; what is left of it then is to be deleted. */
  readonly create: (path: string) => Effect.Effect<Upload, E, Scope.Scope>;
  /** An object, or a folder with all that is in it. */
  readonly delete: (path: string) => Effect.Effect<void, E>;
  /** Deletes a folder of which nobody is to see a part, and what an interrupted call left. */
  readonly drop: (folder: string) => Effect.Effect<void, E>;
  /** Makes a folder and those it is in, durably. */
  readonly makeFolder: (folder: string) => Effect.Effect<void, E>;
  /** Makes the names in a folder survive a power cut. */
  readonly persistNames: (folder: string) => Effect.Effect<void, E>;
  /** For engines that read files: where an object is on this machine's disk, until the scope closes. */
  readonly fileOf: (path: string) => Effect.Effect<string, E, Scope.Scope>;
  /** For engines that write files: a file that will be the object, until the scope closes. */
  readonly newFile: (path: string) => Effect.Effect<string, E, Scope.Scope>;
  /** Makes what an engine wrote to `file` the object, with durable content; answers its size. */
  readonly takeFile: (file: string, path: string) => Effect.Effect<number, E>;
}

export class Objects extends Context.Tag("slipstream/Objects")<Objects, ObjectsService>() {}

/** `cause` is what the place says; of a file system it has the system's `code`. */
export class ObjectError extends Data.TaggedError("ObjectError")<{
  readonly path: string;
  readonly cause: unknown;
}> {}

/** The file system's name of what went wrong. */
export const codeOf = (cause: unknown): string | undefined =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : undefined;
