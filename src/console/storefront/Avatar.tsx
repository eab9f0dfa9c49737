/** Avatar: a shopper as a spot of colour, always the same; names are ids, which may be long. */
import { hueOf } from "./Colour.ts";

const longest = 16;

/** `93fd0bc5…` of a long id. */
export const nameOf = (user: string): string => (user.length > longest ? `${user.slice(0, 8)}…` : user);

export const Avatar = ({ user }: { readonly user: string }) => {
  const hue = hueOf(user);
  return (
    <svg class="sf-avatar" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="16" fill={user === "" ? "var(--sunken)" : `oklch(0.62 0.12 ${hue})`} />
      <circle cx="16" cy="12.5" r="5.2" class={user === "" ? "sf-avatar-new" : "sf-avatar-ink"} />
      <path d="M6.5 27Q7 19.5 16 19.5T25.5 27" class={user === "" ? "sf-avatar-new" : "sf-avatar-ink"} />
    </svg>
  );
};
