/** Two doubles that print alike to so many digits after the point are one place on the globe. */
const DIGITS = 7;

/**
 * A closed ring of `[longitude, latitude]` points without its last one, turned to start at its least point;
 * undefined if `points` is none. Where a ring starts is no part of what it says.
 */
export function fromLeastPoint(points: readonly unknown[]): readonly (readonly number[])[] | undefined {
  if (points.length < 4 || !points.every(isPoint)) return undefined;
  const ring = points.slice(0, -1);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || keyOf(first) !== keyOf(last)) return undefined;
  const keys = ring.map(keyOf);
  const start = keys.indexOf([...keys].sort()[0] ?? '');
  return [...ring.slice(start), ...ring.slice(0, start)];
}

function isPoint(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'number');
}

function keyOf(point: readonly number[]): string {
  return point.map((part) => part.toFixed(DIGITS)).join(' ');
}
