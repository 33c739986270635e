import { arc, sineAndCosine } from './exact-angles.ts';

/** A point on the unit sphere. */
export type Vector = readonly [x: number, y: number, z: number];

/** Metres; the sphere that Kusto measures on: https://s2geometry.io */
export const EARTH_RADIUS_M = 6_371_010;

export function fromDegrees(longitude: number, latitude: number): Vector {
  const lat = (Math.PI / 180) * latitude;
  const lng = (Math.PI / 180) * longitude;
  const [height, ring] = sineAndCosine(lat);
  const [north, east] = sineAndCosine(lng);
  return [east * ring, north * ring, height];
}

export function toDegrees([x, y, z]: Vector): [longitude: number, latitude: number] {
  const degrees = 180 / Math.PI;
  return [degrees * arc(y + 0, x + 0), degrees * arc(z + 0, Math.sqrt(x * x + y * y))];
}

export const add = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const subtract = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a: Vector, by: number): Vector => [a[0] * by, a[1] * by, a[2] * by];
export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const length = (a: Vector): number => Math.sqrt(dot(a, a));
export const same = (a: Vector, b: Vector): boolean => a[0] === b[0] && a[1] === b[1] && a[2] === b[2];

export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

export function unit(a: Vector): Vector {
  const size = length(a);
  return size === 0 ? a : scale(a, 1 / size);
}

/** A vector along `a x b` that keeps its direction where the two nearly coincide. */
export const normal = (a: Vector, b: Vector): Vector => cross(add(b, a), subtract(b, a));

/** Radians between two points. */
export const angle = (a: Vector, b: Vector): number => Math.atan2(length(cross(a, b)), dot(a, b));

/** Positive where a, b, c turn to the left. Differences keep the digits of points that lie close together. */
export const turn = (a: Vector, b: Vector, c: Vector): number =>
  dot(a, cross(subtract(b, a), subtract(c, a)));

/** Some direction at a right angle to `a`: the one that the S2 library takes. */
export function anyNormal(a: Vector): Vector {
  const [x, y, z] = [Math.abs(a[0]), Math.abs(a[1]), Math.abs(a[2])];
  const largest = x > y ? (x > z ? 0 : 2) : y > z ? 1 : 2;
  const axis = (largest + 2) % 3;
  const other: Vector = [axis === 0 ? 1 : 0.012, axis === 1 ? 1 : 0.0053, axis === 2 ? 1 : 0.00457];
  return unit(cross(a, other));
}

/** The point `radians` away from `a` along the great circle to `b`. */
export function along(a: Vector, b: Vector, radians: number): Vector {
  return travel(a, unit(cross(normal(a, b), a)), radians);
}

/** The point `radians` away from `a` in a direction (a unit tangent). */
export function travel(a: Vector, direction: Vector, radians: number): Vector {
  return unit(add(scale(a, Math.cos(radians)), scale(direction, Math.sin(radians))));
}

/** The nearest point of the edge a-b. */
export function nearest(point: Vector, a: Vector, b: Vector): Vector {
  const pole = unit(normal(a, b));
  const projected = subtract(point, scale(pole, dot(point, pole)));
  if (turnAround(pole, a, projected) && turnAround(pole, projected, b)) return unit(projected);
  return length(subtract(point, a)) <= length(subtract(point, b)) ? a : b;
}

function turnAround(pole: Vector, from: Vector, to: Vector): boolean {
  return dot(pole, cross(from, to)) > 0;
}

/** True where the insides of the edges a-b and c-d cross. */
export function crosses(a: Vector, b: Vector, c: Vector, d: Vector): boolean {
  const abc = turn(a, b, c);
  const abd = turn(a, b, d);
  if (abc === 0 || abd === 0 || abc > 0 === abd > 0) return false;
  const cda = turn(c, d, a);
  const cdb = turn(c, d, b);
  return cda !== 0 && cdb !== 0 && abc > 0 === cdb > 0 && abd > 0 === cda > 0;
}

/** Where two crossing edges meet. */
export function meeting(a: Vector, b: Vector, c: Vector, d: Vector): Vector {
  const point = unit(cross(unit(normal(a, b)), unit(normal(c, d))));
  return dot(point, add(add(a, b), add(c, d))) < 0 ? scale(point, -1) : point;
}
