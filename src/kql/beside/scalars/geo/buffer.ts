import { type Area, swept } from './overlay.ts';
import type { Line, Loop } from './shape.ts';
import { anyNormal, cross, dot, normal, scale, travel, unit, type Vector } from './sphere.ts';

/** A circle of a radius (radians) as a polygon that lies within a tolerance (radians) of it. */
export function circle(center: Vector, radius: number, tolerance: number): Loop {
  const corners = Math.max(3, Math.ceil((2 * Math.PI) / stepOf(radius, tolerance)));
  const north = anyNormal(center);
  const west = cross(center, north);
  return Array.from({ length: corners }, (_, at) => {
    const turned = (2 * Math.PI * at) / corners;
    const direction: Vector = [
      Math.cos(turned) * north[0] + Math.sin(turned) * west[0],
      Math.cos(turned) * north[1] + Math.sin(turned) * west[1],
      Math.cos(turned) * north[2] + Math.sin(turned) * west[2],
    ];
    return travel(center, direction, radius);
  });
}

/** What lies within a radius of lines. Radius and tolerance in radians. */
export function aroundLines(lines: readonly Line[], radius: number, tolerance: number): readonly Area[] {
  return swept(
    lines.map((line) => {
      const there = [...line];
      const back = line.slice(1, -1).reverse();
      return outline([...there, ...back], radius, tolerance);
    }),
  );
}

/** What lies within a radius of areas. */
export function aroundAreas(areas: readonly Area[], radius: number, tolerance: number): readonly Area[] {
  return swept(areas.flatMap((area) => area.map((loop) => outline(loop, radius, tolerance, 0))));
}

/** The path that runs at a distance to the right of a closed path, with arcs around its corners. */
function outline(loop: Loop, radius: number, tolerance: number, begin = loop.length - 1): Loop {
  const step = stepOf(radius, tolerance);
  const n = loop.length;
  const vertex = (at: number) => loop[((at % n) + n) % n];
  const found: Vector[] = [];
  for (let count = 0; count < n; count++) {
    const [a, b, c] = [vertex(begin + count), vertex(begin + count + 1), vertex(begin + count + 2)];
    if (!a || !b || !c) continue;
    const [before, after] = [right(a, b), right(b, c)];
    if (begin === 0) found.push(travel(a, before, radius));
    found.push(travel(b, before, radius));
    const turned = bend(b, before, after);
    if (turned > 0) {
      const side = cross(b, before);
      for (let at = step; at < turned - 1e-9; at += step) {
        const direction = unit([
          Math.cos(at) * before[0] + Math.sin(at) * side[0],
          Math.cos(at) * before[1] + Math.sin(at) * side[1],
          Math.cos(at) * before[2] + Math.sin(at) * side[2],
        ]);
        found.push(travel(b, direction, radius));
      }
    } else found.push(b);
    if (begin !== 0) found.push(travel(b, after, radius));
  }
  return found;
}

/** Counterclockwise from one direction at a point to another: a turn back is a half turn. */
function bend(at: Vector, from: Vector, to: Vector): number {
  const turned = Math.atan2(dot(at, cross(from, to)), dot(from, to));
  return turned < -Math.PI + 1e-9 ? turned + 2 * Math.PI : turned;
}

function right(a: Vector, b: Vector): Vector {
  return scale(unit(normal(a, b)), -1);
}

/** A third of a circle. */
const MAX_STEP = (2 * Math.PI) / 3;

/** The angle at the centre between corners that keep edges within a tolerance of a circle. */
function stepOf(radius: number, tolerance: number): number {
  return tolerance >= radius / 2 ? MAX_STEP : 2 * Math.acos(Math.tan(radius - tolerance) / Math.tan(radius));
}
