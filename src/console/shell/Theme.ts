/** Theme: light, dark, or as the system has it; kept in this browser. */
import { effect, signal } from "@preact/signals";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const place = "slipstream-theme";

const kept = (): Theme => {
  const found = globalThis.localStorage?.getItem(place);
  return themes.find((theme) => theme === found) ?? "system";
};

export const theme = signal<Theme>(kept());

/** Counts the changes of what is drawn: charts, which draw by hand, follow it. */
export const drawn = signal(0);

effect(() => {
  const { value } = theme;
  if (value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
  localStorage.setItem(place, value);
  drawn.value = drawn.peek() + 1;
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  drawn.value = drawn.peek() + 1;
});

/** A token's value as it is now, for what draws by hand: `tokenOf("--accent")`. */
export const tokenOf = (name: string): string => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};
