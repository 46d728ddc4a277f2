// The geometry of a small bar chart: plain arithmetic, so that it can be tested without a screen.

export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Share of a slot that is empty. */
const GAP = 0.25;
/** Anything above nothing is seen. */
const HEIGHT_MIN = 2;

/** One bar for each value, from the bottom of a box of this size. */
export function barsOf(values: readonly number[], box: { width: number; height: number }): Bar[] {
  const most = Math.max(1, ...values);
  const slot = box.width / Math.max(1, values.length);
  return values.map((value, index) => {
    const height = value <= 0 ? 0 : Math.max(HEIGHT_MIN, (value / most) * box.height);
    return { x: (index + GAP / 2) * slot, y: box.height - height, width: slot * (1 - GAP), height };
  });
}

/** A share in whole per cent, as basis points: finer would say more than such figures know. */
export const shareOf = (part: number, whole: number): number => Math.round((part / whole) * 100) * 100;

/** How much more or less than before, in whole per cent as basis points; null where there was nothing before. */
export const changeOf = (now: number, before: number): number | null =>
  before > 0 ? shareOf(now - before, before) : null;
