const kWidth = 96;
const kHeight = 26;
const kMost = 60;
const kFewest = 20; // fewer than these begin at the right, and fill the width as they come

/** The points of a line through `values`, newest at the right edge, the highest at the top. */
export function sparkPoints(values: readonly number[], width = kWidth, height = kHeight): string {
  const shown = values.slice(-kMost);
  const highest = Math.max(...shown, 1);
  const step = width / (Math.max(shown.length, kFewest) - 1);
  return shown
    .map((value, index) => {
      const x = width - (shown.length - 1 - index) * step;
      const y = height - 2 - (Math.max(0, value) / highest) * (height - 4);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}

/** The last minute of a rate. A picture of the number beside it, so not read aloud. */
export function Sparkline({ values }: { values: readonly number[] }) {
  const points = sparkPoints(values);
  const first = points.split(',')[0] ?? '0';
  return (
    <svg class="spark" viewBox={`0 0 ${kWidth} ${kHeight}`} preserveAspectRatio="none" aria-hidden="true">
      {values.length > 1 && (
        <>
          <polygon class="spark-area" points={`${first},${kHeight} ${points} ${kWidth},${kHeight}`} />
          <polyline class="spark-line" points={points} />
        </>
      )}
    </svg>
  );
}
