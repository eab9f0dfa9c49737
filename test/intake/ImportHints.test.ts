/** What import says to whoever brings a file of another layout, and what it takes of it. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Logger } from "effect";
import { importEvents } from "../../src/intake/ImportEvents.ts";
import { type Folder, inFolder, rowsOf } from "../support/Folder.ts";

type Options = Omit<Parameters<typeof importEvents>[0], "events">;

const columns = { user: "user", item: "item" };
const timed = { ...columns, timestamp: "when" };

/** Imports a file of these lines; answers the summary and what was logged. */
const run = (folder: Folder, lines: ReadonlyArray<string>, options: Options) =>
  Effect.gen(function* () {
    const said: Array<string> = [];
    const logger = Logger.make(({ message }) => said.push(String(message)));
    const events = yield* folder.write("shop.csv", `${lines.join("\n")}\n`);
    const summary = yield* Effect.provide(importEvents({ events, ...options }), Logger.add(logger));
    return { summary, said };
  });

const messageOf = (folder: Folder, lines: ReadonlyArray<string>, options: Options) =>
  Effect.map(Effect.flip(run(folder, lines, options)), ({ message }) => message);

describe("import", () => {
  it.effect("says how times are written only where they are what cannot be read", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const german = ["user;item;when", "a;x;13.01.2024 09:43", ";y;14.01.2024 10:00"];
        expect(yield* messageOf(folder, german, timed)).toMatch(/when seems to be written "d\.M\.yyyy H:mm"/);
        const said = yield* messageOf(folder, german, { ...timed, timeFormat: "dd.MM.yyyy HH:mm" });
        expect(said).toMatch(/line 3, user is empty/);
        expect(said).not.toMatch(/seems to/);
        const iso = yield* messageOf(folder, ["user,item,when", "NA,x,2016-05-09"], timed);
        expect(iso).toMatch(/user "NA" stands for no value/);
        expect(iso).not.toMatch(/seems to/);
        const days = yield* messageOf(folder, ["user,item,when", "a,x,3", "b,y,711"], timed);
        expect(days).toMatch(
          /Column when seems to count from a day of the shop's own \(3\): write days as dates first\.$/,
        );
      }),
    ),
  );

  it.effect("names all types of a file that are unknown, and those alone", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const lines = ["user,item,event", "a,x,view", "a,y,addtocart", "b,x,purchase", "b,y,view"];
        const options = { ...columns, type: "event" };
        expect(yield* messageOf(folder, lines, options)).toMatch(
          /In event there are the types view, addtocart: say by --types what each is here, as in view=click, or view=ignore\.$/,
        );
        const mapped = yield* messageOf(folder, lines, { ...options, types: "view=click" });
        expect(mapped).toMatch(/there are the types addtocart: .* addtocart=click/);
        const numbered = yield* messageOf(folder, lines.slice(1), { header: false, user: "1", item: "2", type: "3" });
        expect(numbered).toMatch(/The first: line 1, column 3 "view" is not one of .* In column 3 there are/);
      }),
    ),
  );

  it.effect("takes all events as of one type where no column has it", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const lines = ["user,item,n", "a,x,1", "b,y,2"];
        const types = Effect.map(rowsOf("raw/transactions"), (rows) => rows.map(({ event_type }) => event_type));
        yield* run(folder, lines, { ...columns, types: " click " });
        expect(yield* types).toEqual(["click", "click"]);
        yield* run(folder, lines, columns);
        expect(yield* types).toEqual([null, null]);
        yield* run(folder, lines, { ...columns, types: "click", quantity: "n" });
        expect((yield* rowsOf("raw/transactions")).map(({ weight }) => weight)).toEqual([null, 0.2]);
        expect(yield* messageOf(folder, lines, { ...columns, types: "view=click" })).toMatch(
          /--types view=click needs --type, .* one of click, add_to_cart, purchase \(EVENT_TYPES\)\.$/,
        );
        expect(yield* messageOf(folder, lines, { ...columns, type: "click" })).toMatch(
          /has no column "click", which --type names: .* say --types click and no --type\.$/,
        );
      }),
    ),
  );

  it.effect("says how to read a file whose columns are parted by two colons", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const films = ["1::Toy Story (1995)::Animation|Children's|Comedy", "2::Misérables, Les::Drama|War|X|Y"];
        const options = { header: false, user: "1", item: "3" };
        for (const lines of [films, ["1::1193::5::978300760", "1::661::3::978302109"]]) {
          expect(yield* messageOf(folder, lines, options)).toMatch(/has :: between its columns.*: sed 's\/::\/\\t\/g'/);
        }
        const { summary } = yield* run(folder, ["a::b::c,x,1", "a,x,2"], { header: false, user: "1", item: "2" });
        expect(summary).toMatchObject({ events: 2, users: 2 });
      }),
    ),
  );

  it.effect("takes of a file of both events and items no more of an item than flags name: no buyer's id", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const lines = ["user,item,name,price,kind,available", "anna,x,Shirt,5,Tops,true", "bert,y,Hat,6,Hats,false"];
        const named = { ...columns, title: "name", category: "kind" };
        const items = `${folder.dataDir}/./shop.csv`;
        const { said } = yield* run(folder, lines, { ...named, items });
        expect(said.join("\n")).toMatch(/shop\.csv is the events' file, too: of items it tells what flags name/);
        const rows = Effect.map(rowsOf("raw/articles"), (all) =>
          all.map((row) => [row.prod_name, row.product_type_name, row.available, row.attributes]),
        );
        expect(yield* rows).toEqual([
          ["Shirt", "Tops", null, '{"kind":"Tops"}'],
          ["Hat", "Hats", null, '{"kind":"Hats"}'],
        ]);
        const own = yield* folder.write("items.csv", `${lines.map((line) => line.replace(/^\w+,/, "")).join("\n")}\n`);
        yield* run(folder, lines, { ...named, items: own });
        expect(yield* rows).toEqual([
          ["Shirt", "Tops", true, '{"price":5.0,"kind":"Tops"}'],
          ["Hat", "Hats", false, '{"price":6.0,"kind":"Hats"}'],
        ]);
      }),
    ),
  );

  it.effect("warns of events of weight 0, and of an items file with a row per attribute", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const lines = ["user,item,stars", "a,x,0", "a,y,5", "b,y,0", "b,x,"];
        const items = yield* folder.write(
          "items.csv",
          "item,property,value\nx,price,5\nx,colour,red\ny,price,6\ny,size,L\n",
        );
        const { said } = yield* run(folder, lines, { ...columns, weight: "stars", items });
        expect(said.join("\n")).toMatch(/2 of 4 events weigh 0 by column stars: no taste is learnt from them\./);
        expect(said.join("\n")).toMatch(/items\.csv has 4 rows of 2 items, of which one each is kept/);
        const once = yield* folder.write("items.csv", "item,name\nx,Shirt\ny,Hat\ny,Hat\n");
        const quiet = yield* run(folder, lines.slice(0, 1).concat("a,x,1"), {
          ...columns,
          weight: "stars",
          items: once,
        });
        expect(quiet.said.join("\n")).not.toMatch(/weigh 0|rows of/);
      }),
    ),
  );
});
