/** Why: all parts of one item's score, which add up to it exactly. */

import { useEffect } from "preact/hooks";
import type { Recommendation } from "../../serving/recommend/Answer.ts";
import { Bar, Legend } from "../kit/Bar.tsx";
import { Dialog } from "../kit/Dialog.tsx";
import { precise } from "../kit/Format.ts";
import { Drawing } from "./Drawing.tsx";
import { type Looks, sketchOf } from "./Looks.ts";
import { idOf } from "./Pane.ts";
import { barOf, kinds, partsOf } from "./Reasons.ts";
import { learnLooks, lookOf, looks } from "./Shop.ts";

const sources: Readonly<Record<string, string>> = {
  personalized: "By the shopper's own taste and by what follows what they did.",
  trending: "It fills a place that the shopper's own taste left open: it is popular in the shop now.",
  catalogue: "It fills a place that nothing else took: what the shop sells, by its buyers.",
  new: "Nobody has had to do with it yet. It is near to the shopper's taste by its attributes, and is tried in a place drawn by chance.",
};

const Row = ({ whole, looks: shown, parts }: RowProps) => (
  <li class="sf-reason">
    {shown === undefined ? (
      <span class="sf-mini" />
    ) : (
      <span class="sf-mini" style={{ "--thing": shown.colour }}>
        <Drawing looks={shown} />
      </span>
    )}
    <div>
      <p dir="auto">{shown?.title ?? "Popular in the shop now"}</p>
      <Bar parts={parts} whole={whole} label={parts.map(({ label, value }) => `${label} ${value}`).join(", ")} />
    </div>
    <span class="number small">{precise(parts.reduce((sum, { value }) => sum + value, 0))}</span>
  </li>
);

interface RowProps {
  readonly whole: number;
  readonly looks: Looks | undefined;
  readonly parts: ReturnType<typeof barOf>;
}

/** Reasons that have a line of their own. */
const most = 8;

const unknown = { taste: 0, followers: 0, trending: 0, new: 0, catalogue: 0 };

const Parts = ({ reasons }: { readonly reasons: NonNullable<Recommendation["reasons"]> }) => {
  const rows = [
    ...reasons.because.map(({ article_id, followers, taste }) => ({
      looks: lookOf(article_id),
      id: article_id,
      parts: { ...unknown, taste, followers },
    })),
    { looks: undefined, id: "", parts: { ...unknown, trending: reasons.trending } },
  ];
  const heavy = rows
    .map((row) => ({ ...row, sum: row.parts.taste + row.parts.followers + row.parts.trending }))
    .filter(({ sum }) => sum !== 0)
    .sort((one, other) => other.sum - one.sum);
  const whole = heavy[0]?.sum ?? 1;
  const shown = heavy.slice(0, most);
  // The list asks for the looks of the first few alone.
  useEffect(() => {
    learnLooks(shown.map(({ id }) => id));
  }, [reasons]);
  const rest = heavy.slice(most).reduce((sum, row) => sum + row.sum, 0);
  return (
    <>
      <ul class="sf-reasons">
        {shown.map(({ id, looks: one, parts }) => (
          <Row key={id} looks={one} parts={barOf(parts)} whole={whole} />
        ))}
      </ul>
      {heavy.length > shown.length ? (
        <p class="small soft">
          and {heavy.length - shown.length} more, {precise(rest)} together
        </p>
      ) : null}
      {reasons.shown === undefined ? null : (
        <p class="small soft">{precise(reasons.shown)}, since it was shown and nothing was done to it.</p>
      )}
    </>
  );
};

export const Why = ({ one, onClose }: { readonly one: Recommendation; readonly onClose: () => void }) => {
  const shown = looks.value.get(idOf(one)) ?? sketchOf(one);
  const parts = barOf(partsOf(one));
  return (
    <Dialog title={`Why ${shown.title}?`} onClose={onClose}>
      <p class="soft">{sources[one.source] ?? ""}</p>
      <div class="k-row sf-sum">
        <strong class="number">{precise(one.score, 4)}</strong>
        <span class="soft small">
          = {parts.map(({ label, value }) => `${label.toLowerCase()} ${precise(value)}`).join(" + ")}
        </span>
      </div>
      {one.reasons === undefined ? null : (
        <>
          <Legend
            parts={[kinds.taste, kinds.followers, kinds.trending].map(({ about, color, label }) => ({
              color,
              label: `${label}: ${about}`,
            }))}
          />
          <Parts reasons={one.reasons} />
        </>
      )}
    </Dialog>
  );
};
