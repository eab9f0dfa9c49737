/**
 * Settings: every setting there is, registered once: what programs read, here; what adapters read, by the entry point, which
 * chose them. Help pages, checks, warnings and the README's table follow from it.
 */
import { batch, switching } from "../batch/Settings.ts";
import type { Rule } from "../config/Check.ts";
import { storage } from "../config/DataFolder.ts";
import type { Group, Setting } from "../config/Setting.ts";
import { drainTimeout, eventLog } from "../config/Shared.ts";
import { question } from "../datasets/Settings.ts";
import { letters } from "../deadletters/Settings.ts";
import { evaluate, live } from "../evaluation/Settings.ts";
import { health, http, rules as httpRules } from "../http/Settings.ts";
import { importing } from "../intake/Settings.ts";
import { keyScopes } from "../keys/Settings.ts";
import { learning } from "../learning/Settings.ts";
import { models } from "../models/Settings.ts";
import * as Retraining from "../retraining/Settings.ts";
import { campaign } from "../serving/Settings.ts";
import { generate, producer } from "../simulation/Settings.ts";
import { archive, runtime } from "../stream/Settings.ts";
import { tuning } from "../tuning/Settings.ts";
import type { Command, Program } from "./Command.ts";
import { role } from "./Role.ts";

/** What the adapters read that the entry point chose. */
export interface Adapters {
  readonly logging: Group;
  readonly sql: Group;
  /** What computes a batch. */
  readonly engines: Group;
  /** Which Spark, and what it needs to archive. */
  readonly spark: Group;
  readonly sparkArchive: Group;
  /** Where it is kept who is forgotten. */
  readonly forgotten: Group;
  readonly deadLetters: Group;
  readonly userStates: Group;
  /** Where event log and dead letters are, by server. */
  readonly log: Readonly<Record<string, Group>>;
  /** Where all other stores are, by server. */
  readonly stores: Readonly<Record<string, Group>>;
  /** About several of these. */
  readonly rules: ReadonlyArray<Rule>;
}

/** By what reads them, in the order of the README. */
export const groupsWith = (adapters: Adapters): Readonly<Record<string, Group>> => ({
  process: { role },
  storage,
  logging: adapters.logging,
  batch,
  switching,
  retraining: Retraining.retraining,
  models,
  sql: adapters.sql,
  engines: adapters.engines,
  spark: adapters.spark,
  sparkArchive: adapters.sparkArchive,
  learning,
  eventLog,
  deadLetters: adapters.deadLetters,
  userStates: adapters.userStates,
  letters,
  campaign,
  runtime,
  archive,
  http,
  keys: { keyScopes },
  health,
  ...adapters.log,
  ...adapters.stores,
  evaluate,
  live,
  tuning,
  generate,
  importing,
  producer,
  question,
});

export const allSettings = (adapters: Adapters): ReadonlyArray<Setting<unknown>> =>
  Object.values(groupsWith(adapters)).flatMap((group) => Object.values(group));

export const rulesWith = (adapters: Adapters): ReadonlyArray<Rule> => [
  ...adapters.rules,
  ...Retraining.rules,
  ...httpRules,
];

/** Those that say which servers the stores are on. */
export const serversOf = ({ log, stores }: Adapters): ReadonlyArray<Group> => [
  ...Object.values(log),
  ...Object.values(stores),
];

/** Those of every command. */
export const everybodys = ({ logging }: Adapters): ReadonlyArray<Group> => [storage, logging];

const standsOn = (on: Program["on"], adapters: Adapters): ReadonlyArray<Group> => {
  const { deadLetters, log, userStates } = adapters;
  const stores = [eventLog, deadLetters, userStates, { drainTimeout }, ...serversOf(adapters)];
  switch (on) {
    case "files":
      return [];
    case "log":
      return [eventLog, deadLetters, { drainTimeout }, ...Object.values(log)];
    case "stores":
      return stores;
    case "api":
      return [http, ...stores];
  }
};

export type SettingsOf = (command: Command) => ReadonlyArray<Setting<unknown>>;

/** Every setting that a command reads, in the order of its help page: the program's own first, everybody's last. */
export const settingsWith =
  (adapters: Adapters): SettingsOf =>
  ({ program, settings }) => {
    const own = settings.map((group) => (typeof group === "string" ? adapters[group] : group));
    const page = "probes" in program ? [health] : [];
    const groups: ReadonlyArray<Group> = [...own, ...page, ...standsOn(program.on, adapters), ...everybodys(adapters)];
    return [
      ...new Map(groups.flatMap((group) => Object.values(group)).map((setting) => [setting.env, setting])).values(),
    ];
  };
