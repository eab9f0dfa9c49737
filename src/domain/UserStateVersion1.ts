/**
 * UserStateVersion1: what version 1 of a user's state kept in place of recent events, as such events.
 *
 * Marks: per mark f64 time, u32 length, UTF-8 key. `i:ITEM:TYPE` was left by an event that counted, `e:KEY` by an event's
 * id, KEY its `eventKey` in base 36. They knew the time of the event alone, which stands for its arrival.
 */
import { packEvents, type RecentEvent, type RecentEvents } from "./RecentEvents.ts";

const markHead = 12;
const noItem = 0xffffffff;
const words = new TextDecoder("utf-8", { ignoreBOM: true });
const act = /^i:(\d+):(\d)$/;
const id = /^e:([\da-z]{1,11})$/;

const eventOf = (key: string, time: number): RecentEvent | undefined => {
  const [, itemIdx, type] = act.exec(key) ?? [];
  if (itemIdx !== undefined) {
    return { id: -1, arrival: time, time, itemIdx: Number(itemIdx), type: Number(type), counted: true };
  }
  const [, digits] = id.exec(key) ?? [];
  return digits === undefined
    ? undefined
    : { id: Number.parseInt(digits, 36), arrival: time, time, itemIdx: noItem, type: -1, counted: false };
};

/** Undefined for bytes that are no marks. */
export const recentOfMarks = (bytes: Uint8Array): RecentEvents | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: Array<RecentEvent> = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + markHead > bytes.length) return undefined;
    const end = at + markHead + view.getUint32(at + 8, true);
    if (end > bytes.length) return undefined;
    const event = eventOf(words.decode(bytes.subarray(at + markHead, end)), view.getFloat64(at, true));
    if (event === undefined) return undefined;
    events.push(event);
    at = end;
  }
  return packEvents(events);
};
