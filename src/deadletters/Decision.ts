/**
 * Decision: whether an event that was given up is to be appended again, so that it counts once for every model and once in
 * the archive.
 *
 * The archive takes events of unknown items and types: a model that is trained beyond such an event has counted it, and one
 * that was not reads it from the log by itself. So it is appended again only for those who miss it: models that gave it up
 * and could use it now, or that came when the log had it no more, and the archive where it was given up there as well. What
 * is appended says whom it is for (`ReplayOf`). A model goes by the types of events that it was trained by, so those of
 * another type are for later models, which count them in the archive.
 */
import { Either } from "effect";
import type { Event, ReplayOf } from "../domain/Event.ts";
import { decodeEvent, positionId } from "../domain/EventCodec.ts";
import { timeProblem } from "../domain/EventTime.ts";
import type { KeptLetter } from "../ports/DeadLetters.ts";
import { archiverGroup } from "../stream/ArchiveOffsets.ts";
import { type Case, openLetters } from "./Cases.ts";

/** A model that updaters follow, or may follow again. */
export interface Follower {
  readonly id: string;
  readonly group: string;
  /** Unix seconds. */
  readonly createdAt: number;
  /** The partition's first event that is not in the training data. */
  readonly start: (partition: number) => bigint;
  /** The types of events that it knows. */
  readonly types: ReadonlyArray<string>;
  readonly knows: (itemId: string) => boolean;
  /** What it holds of the user cannot be decoded; asked only of those whose events were given up for that. */
  readonly isDamaged: (userId: string) => boolean;
}

export interface Facts {
  /** Identity of the log. */
  readonly log: string;
  /** Unix seconds. */
  readonly now: number;
  readonly serving: string | undefined;
  readonly followers: ReadonlyArray<Follower>;
  /** The offset that the archive has the letter's event from, which may be that of a replay; undefined: it has not. */
  readonly archivedFrom: (letter: KeptLetter) => bigint | undefined;
  /** The first offset that the archiver has not dealt with. */
  readonly archiveNext: (partition: number) => bigint;
  /** The log has the record no more. */
  readonly isGone: (partition: number, offset: bigint) => boolean;
  /** Seconds that the log keeps records at least. */
  readonly retention: number;
  /** Take also what is still not usable. */
  readonly all: boolean;
}

export type Decision =
  | { readonly _tag: "Unusable"; readonly why: string }
  | { readonly _tag: "Counted" }
  | { readonly _tag: "Replay"; readonly event: Event & { readonly replayOf: ReplayOf } };

/** Version 0.1 did not tell whose updater it was. */
const anyUpdater = "updater";

const isOf = (log: string, facts: Facts): boolean => log === "" || log === facts.log;

const unusable = (why: string): Decision => ({ _tag: "Unusable", why });

/** Why the serving model could not use the event. */
const obstacle = (event: Event, { followers, serving }: Facts): string | undefined => {
  const model = followers.find(({ id }) => id === serving);
  if (model === undefined) return "no model serves";
  if (!model.types.includes(event.eventType)) {
    return `event_type ${JSON.stringify(event.eventType)} is none of model ${model.id}`;
  }
  if (model.isDamaged(event.userId)) {
    return `what model ${model.id} holds of user_id ${JSON.stringify(event.userId)} cannot be decoded: the next batch makes a model anew`;
  }
  return model.knows(event.itemId)
    ? undefined
    : `item_id ${JSON.stringify(event.itemId)} is neither in model ${model.id} nor in the catalogue`;
};

/** Whether the archive has the event, or will have it without our doing. */
const isArchived = (event: Event, { letters }: Case, open: Case["letters"], facts: Facts): boolean => {
  const [{ appendedAt, log, offset, partition }] = letters as [KeptLetter];
  const isTaken =
    timeProblem(event.timestamp, appendedAt) === undefined &&
    letters.every(({ consumer }) => consumer !== archiverGroup);
  const comes = isOf(log, facts) && isTaken && facts.archiveNext(partition) <= offset;
  const replayedBefore = open.length < letters.length;
  return replayedBefore || comes || facts.archivedFrom(letters[0] as KeptLetter) !== undefined;
};

const missedBy = (event: Event, open: Case["letters"], facts: Facts): ReadonlyArray<Follower> => {
  const [letter] = open as [KeptLetter];
  const { appendedAt, offset, partition, reason } = letter;
  const gaveUp = ({ group, start }: Follower): boolean =>
    open.some(
      ({ consumer }) =>
        consumer === group || (consumer === anyUpdater && reason !== "unknown_item" && offset >= start(partition)),
    );
  const cameTooLate = ({ createdAt }: Follower): boolean =>
    facts.isGone(partition, offset) && createdAt - appendedAt >= facts.retention;
  return facts.followers
    .filter(
      ({ isDamaged, knows, types }) =>
        facts.all || (knows(event.itemId) && types.includes(event.eventType) && !isDamaged(event.userId)),
    )
    .filter((model) => gaveUp(model) || cameTooLate(model));
};

const decide = (event: Event, one: Case, open: Case["letters"], facts: Facts): Decision => {
  const [{ log, offset, partition }] = open as [KeptLetter];
  const archived = isArchived(event, one, open, facts);
  // What the archive has not is wanted there, whether a model can use it or not.
  const why = archived && !facts.all ? obstacle(event, facts) : undefined;
  if (why !== undefined) return unusable(why);
  const missed = isOf(log, facts) ? missedBy(event, open, facts) : [];
  const replayOf: ReplayOf = {
    partition,
    offset: isOf(log, facts) ? offset : -1n,
    archived,
    missed: missed.map(({ id }) => id),
  };
  return archived && missed.length === 0 ? { _tag: "Counted" } : { _tag: "Replay", event: { ...event, replayOf } };
};

/** About a case that has open letters, none of which a replay has begun with. */
export const decisionOf = (one: Case, facts: Facts): Decision => {
  const [first] = one.letters as [KeptLetter];
  const decoded = decodeEvent(first.value, positionId(first.log || facts.log, first.partition, first.offset));
  if (Either.isLeft(decoded)) return unusable(decoded.left);
  // What was a replay itself stands for the record that it is.
  const { replayOf: _, ...event } = decoded.right;
  const time = facts.all ? undefined : timeProblem(event.timestamp, facts.now);
  return time === undefined
    ? decide(event, one, openLetters(one), facts)
    : unusable(`timestamp ${event.timestamp} ${time}`);
};
