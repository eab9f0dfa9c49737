import { describe, expect, it, vi } from "vitest";
import { askForKey, dismissKey, giveKey, key, reconsider, wanted } from "../../../src/console/data/Key.ts";

vi.stubGlobal("sessionStorage", { getItem: () => null, setItem: () => undefined, removeItem: () => undefined });

describe("asking for a key", () => {
  it("is done once for all who wait, and after it was dismissed only for what somebody does", async () => {
    const both = [askForKey("why", false), askForKey("why", true)];
    dismissKey();
    expect(await Promise.all(both)).toEqual([false, false]);
    expect(await askForKey("why", false)).toBe(false);
    expect(wanted.value).toBeUndefined();
    const deed = askForKey("a deed", true);
    const byItself = askForKey("a page", false);
    expect(wanted.value).toBe("a page");
    giveKey("slip_one");
    expect([await deed, await byItself, key.value]).toEqual([true, true, "slip_one"]);
  });

  it("is done again for anything once there was a key, or something is asked for again", async () => {
    for (const meanwhile of [() => giveKey("slip_two"), reconsider]) {
      const before = askForKey("why", false);
      dismissKey();
      expect(await before).toBe(false);
      meanwhile();
      const asked = askForKey("again", false);
      expect(wanted.value).toBe("again");
      dismissKey();
      expect(await asked).toBe(false);
      reconsider();
    }
  });
});
