import fc from "fast-check";
import { expect, it } from "vitest";
import { makeReader, type ServerEvent } from "../../../src/console/data/EventStream.ts";

const textOf = ({ data, name }: ServerEvent) => `event: ${name}\ndata: ${data}\n\n`;
const event = fc.record({ name: fc.constantFrom("state", "lost"), data: fc.json() });

it("finds the same events however the text is cut, and skips what is none", () => {
  fc.assert(
    fc.property(fc.array(event), fc.array(fc.nat()), (events, cuts) => {
      const text = `retry: 2000\n\n${events.map(textOf).join("")}`;
      const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
      const read = makeReader();
      const found = places.slice(1).flatMap((end, at) => read(text.slice(places[at], end)));
      expect(found).toEqual(events);
    }),
  );
});

it("keeps back what is not whole", () => {
  const read = makeReader();
  expect(read("event: state\ndata: 1\n")).toEqual([]);
  expect(read("\nevent: lo")).toEqual([{ name: "state", data: "1" }]);
  expect(read("st\ndata: 2\n\n")).toEqual([{ name: "lost", data: "2" }]);
});
