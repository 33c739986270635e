import {
  add,
  along,
  angle,
  anyNormal,
  cross,
  dot,
  length,
  nearest,
  scale,
  subtract,
  turn,
  unit,
  type Vector,
} from './sphere.ts';

type Path = readonly Vector[];

/** Pairs of neighbours; the last with the first where the path is a closed border. */
export function edges(path: Path, isClosed: boolean): readonly (readonly [Vector, Vector])[] {
  const found: (readonly [Vector, Vector])[] = [];
  path.forEach((from, at) => {
    const to = path[at + 1] ?? (isClosed ? path[0] : undefined);
    if (to) found.push([from, to]);
  });
  return found;
}

/** Steradians to the left of a border, as a negative number where that is the larger part of the globe. */
export function signedArea(border: Path): number {
  const first = border[0];
  if (!first) return 0;
  let sum = 0;
  for (let at = 1; at + 1 < border.length; at++) {
    const [b, c] = [border[at], border[at + 1]];
    if (b && c) sum += triangle(first, b, c);
  }
  const whole = 4 * Math.PI;
  return sum - whole * Math.round(sum / whole);
}

/** Van Oosterom and Strackee's formula, on differences so that small triangles keep their digits. */
function triangle(a: Vector, b: Vector, c: Vector): number {
  return 2 * Math.atan2(turn(a, b, c), 1 + dot(a, b) + dot(b, c) + dot(c, a));
}

/** The middle of the area inside borders, holes taken out. */
export function areaCentroid(borders: readonly Path[]): Vector {
  let sum: Vector = [0, 0, 0];
  for (const border of borders) {
    const first = border[0];
    for (let at = 1; first && at + 1 < border.length; at++) {
      const [b, c] = [border[at], border[at + 1]];
      if (b && c) sum = add(sum, triangleCentroid(first, b, c));
    }
  }
  return unit(sum);
}

/** The centroid of a spherical triangle times its signed area (the integral of position over it). */
function triangleCentroid(a: Vector, b: Vector, c: Vector): Vector {
  const ratio = (from: Vector, to: Vector) => {
    const span = angle(from, to);
    return span === 0 ? 1 : span / Math.sin(span);
  };
  const ra = ratio(b, c);
  const x: Vector = [a[0], b[0] - a[0], c[0] - a[0]];
  const y: Vector = [a[1], b[1] - a[1], c[1] - a[1]];
  const z: Vector = [a[2], b[2] - a[2], c[2] - a[2]];
  const r: Vector = [ra, ratio(c, a) - ra, ratio(a, b) - ra];
  return scale([dot(cross(y, z), r), dot(cross(z, x), r), dot(cross(x, y), r)], 0.5);
}

export function lineCentroid(lines: readonly Path[]): Vector {
  let sum: Vector = [0, 0, 0];
  for (const [a, b] of lines.flatMap((line) => edges(line, false))) {
    const [difference, total] = [length(subtract(a, b)), add(a, b)];
    sum = add(sum, scale(total, difference / length(total)));
  }
  return unit(sum);
}

/** Radians. */
export function pathLength(path: Path, isClosed: boolean): number {
  return edges(path, isClosed).reduce((sum, [a, b]) => sum + angle(a, b), 0);
}

/** The point at a fraction of a line's length. */
export function pointAt(line: Path, fraction: number): Vector | undefined {
  let left = fraction * pathLength(line, false);
  for (const [a, b] of edges(line, false)) {
    const span = angle(a, b);
    if (left < span) return left <= 0 ? a : along(a, b, left);
    left -= span;
  }
  return line.at(-1);
}

/** The fraction of a line's length at which it comes nearest to a point. */
export function fractionOf(line: Path, point: Vector): number {
  let [best, at, before] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const [a, b] of edges(line, false)) {
    const foot = nearest(point, a, b);
    const away = angle(point, foot);
    if (away < best) [best, at] = [away, before + angle(a, foot)];
    before += angle(a, b);
  }
  return before === 0 ? 0 : Math.min(1, at / before);
}

/** A point of a path, and its distance in radians. */
export interface Nearest {
  readonly foot: Vector;
  readonly away: number;
}

/** The nearest point of some paths. */
export function nearestOf(point: Vector, paths: readonly Path[], isClosed: boolean): Nearest {
  let best = { foot: point, away: Number.POSITIVE_INFINITY };
  for (const [a, b] of paths.flatMap((path) => edges(path, isClosed))) {
    const foot = nearest(point, a, b);
    const away = angle(point, foot);
    if (away < best.away) best = { foot, away };
  }
  return best;
}

/**
 * How often borders go around a point to the left: 1 inside a polygon, 0 outside of it and in a hole. Counts the edges
 * that cross half a great circle from the point.
 */
export function winding(point: Vector, borders: readonly Path[]): number {
  const ahead = anyNormal(point);
  const left = cross(point, ahead);
  let turns = 0;
  for (const border of borders) {
    let previous = border.at(-1);
    for (const vertex of border) {
      if (previous) {
        const [from, to] = [dot(previous, left), dot(vertex, left)];
        if (from < 0 !== to < 0) {
          const weight = dot(previous, ahead) * Math.abs(to) + dot(vertex, ahead) * Math.abs(from);
          if (weight > 0) turns += from < 0 ? 1 : -1;
        }
      }
      previous = vertex;
    }
  }
  return turns;
}
