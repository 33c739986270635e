import type { Json } from '../../contract.ts';
import {
  along,
  angle,
  cross,
  dot,
  fromDegrees,
  normal,
  same,
  scale,
  toDegrees,
  unit,
  type Vector,
} from './sphere.ts';

/** Longitude and latitude in degrees. */
export type Position = readonly [longitude: number, latitude: number];

/**
 * Vertices added so that geodesics between them follow the straight lines of a flat map (longitude by latitude). Edges
 * are halved until the two are within a tolerance in radians, as the S2 library's tessellator estimates it at two
 * points. https://s2geometry.io
 */
export function densified(path: readonly Position[], tolerance: number): readonly Position[] {
  const found: Position[] = [];
  let previous: Position | undefined;
  for (const position of path) {
    if (!previous) found.push(position);
    else halve(previous, position, tolerance * SCALE, found, 0);
    previous = position;
  }
  return found;
}

/** Where the error of a halved edge is estimated, and what the estimate is to be scaled by for it to be safe. */
const AT = 0.31215691082248315;
const SCALE = 0.8382999256988851;
const MAX_DEPTH = 24;

function halve(from: Position, to: Position, tolerance: number, found: Position[], depth: number): void {
  if (depth >= MAX_DEPTH || error(from, to) <= tolerance) {
    found.push(to);
    return;
  }
  const middle = between(from, to, 0.5);
  halve(from, middle, tolerance, found, depth + 1);
  halve(middle, to, tolerance, found, depth + 1);
}

function error(from: Position, to: Position): number {
  const [a, b] = [fromDegrees(...from), fromDegrees(...to)];
  if (dot(a, b) < -1e-14) return Number.POSITIVE_INFINITY;
  const miss = (fraction: number) => angle(part(a, b, fraction), fromDegrees(...between(from, to, fraction)));
  return Math.max(miss(AT), miss(1 - AT));
}

function part(a: Vector, b: Vector, fraction: number): Vector {
  const span = angle(a, b);
  return span === 0 ? a : along(a, b, span * fraction);
}

function between(from: Position, to: Position, fraction: number): Position {
  return [from[0] + (to[0] - from[0]) * fraction, from[1] + (to[1] - from[1]) * fraction];
}

/** The paths of a valid line or polygon as they were written, so that longitudes go on beyond the date line. */
export function rawPaths(json: Json | undefined): readonly (readonly Position[])[] {
  const { coordinates } = json as { readonly coordinates: Json };
  const found: (readonly Position[])[] = [];
  const visit = (list: Json): void => {
    if (!Array.isArray(list)) return;
    const isPath = Array.isArray(list[0]) && !Array.isArray(list[0][0]);
    if (isPath)
      found.push(list.map((position: readonly Json[]) => [Number(position[0]), Number(position[1])]));
    else for (const part of list) visit(part);
  };
  visit(coordinates);
  return found;
}

/** A closed path turned the way of the border that was read from it. */
export function asOrdered(path: readonly Position[], border: readonly Vector[]): readonly Position[] {
  const [first, start] = [path[0], border[0]];
  if (!first || !start || same(fromDegrees(...first), start)) return path;
  const back = path.slice(0, -1).reverse();
  return back[0] ? [...back, back[0]] : back;
}

export function normalized(position: Position): Position {
  return toDegrees(fromDegrees(...position));
}

/** Parts on either side of the date line, with longitudes between -180 and 180. */
export function cutAtDateLine(path: readonly Position[]): readonly (readonly Position[])[] {
  const parts: Position[][] = [[]];
  let previous: Position | undefined;
  for (const position of path) {
    const lap = (longitude: number) => Math.floor((longitude + 180) / 360);
    if (previous && lap(previous[0]) !== lap(position[0])) {
      const latitude = onDateLine(fromDegrees(...previous), fromDegrees(...position));
      const side = position[0] < previous[0] ? -EDGE : EDGE;
      parts.at(-1)?.push([side, latitude]);
      parts.push([[-side, latitude]]);
    }
    parts.at(-1)?.push(normalized(position));
    previous = position;
  }
  return parts;
}

/** The longitude that stands for the date line on its two sides. */
const EDGE = 179.999999999999;

function onDateLine(a: Vector, b: Vector): number {
  const pole = normal(a, b);
  const crossing = unit(cross(pole, [0, 1, 0]));
  return toDegrees(crossing[0] < 0 ? crossing : scale(crossing, -1))[1];
}
