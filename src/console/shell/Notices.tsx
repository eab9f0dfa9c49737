/** Notices: what a page has to say in passing, read out by screen readers, gone by itself unless it is of something bad. */
import { signal } from "@preact/signals";

export type Tone = "info" | "good" | "bad";

interface Notice {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
}

const notices = signal<ReadonlyArray<Notice>>([]);
const shownFor = 5000;
const most = 4;
let last = 0;

const dismiss = (id: number): void => {
  notices.value = notices.value.filter((notice) => notice.id !== id);
};

export const notify = (text: string, tone: Tone = "info"): void => {
  last += 1;
  const id = last;
  notices.value = [...notices.value.filter((notice) => notice.text !== text), { id, tone, text }].slice(-most);
  if (tone !== "bad") setTimeout(() => dismiss(id), shownFor);
};

export const Notices = () => (
  <div class="notices" role="status" aria-live="polite">
    {notices.value.map(({ id, text, tone }) => (
      <div key={id} class={`notice notice-${tone}`}>
        <span>{text}</span>
        <button type="button" class="notice-close" aria-label="Dismiss" onClick={() => dismiss(id)}>
          ×
        </button>
      </div>
    ))}
  </div>
);
