import { edges } from './measure.ts';
import type { Line, Loop } from './shape.ts';
import { angle, nearest, type Vector } from './sphere.ts';

/** A line with the vertices left out that lie within a tolerance (radians) of what remains (Douglas and Peucker). */
export function simplifiedLine(line: Line, tolerance: number): Line | undefined {
  const kept = thin(line, tolerance);
  const [first, last] = [kept[0], kept.at(-1)];
  return kept.length === 2 && first && last && angle(first, last) <= tolerance ? undefined : kept;
}

/**
 * Borders with fewer vertices. A part that several borders share is thinned once, so that they still fit. A border of
 * which no area remains is left out.
 */
export function simplifiedLoops(loops: readonly Loop[], tolerance: number): readonly (Loop | undefined)[] {
  const next = new Map<string, Set<string>>();
  for (const [from, to] of loops.flatMap((loop) => edges(loop, true)))
    for (const [here, there] of [
      [from, to],
      [to, from],
    ] as const) {
      const known = next.get(String(here)) ?? new Set<string>();
      next.set(String(here), known.add(String(there)));
    }
  const isFork = (vertex: Vector) => (next.get(String(vertex))?.size ?? 0) > 2;
  return loops.map((loop) => {
    const begin = Math.max(0, loop.findIndex(isFork));
    const around = [...loop.slice(begin), ...loop.slice(0, begin)];
    const stops = around.flatMap((vertex, at) => (at === 0 || isFork(vertex) ? [at] : []));
    if (stops.length === 1) stops.push(farthest(around));
    const first = around[0];
    if (!first) return undefined;
    const kept = stops.flatMap((from, at) => {
      const to = stops[at + 1] ?? around.length;
      return thinBothWays([...around.slice(from, to), around[to] ?? first], tolerance).slice(0, -1);
    });
    const shift = begin === 0 ? 0 : kept.findIndex((vertex) => loop.indexOf(vertex) === 0);
    const placed = shift > 0 ? [...kept.slice(shift), ...kept.slice(0, shift)] : kept;
    return placed.length < 3 || placed.every((vertex) => angle(vertex, first) <= tolerance)
      ? undefined
      : placed;
  });
}

/** The same vertices whichever border a shared part belongs to. */
function thinBothWays(path: readonly Vector[], tolerance: number): readonly Vector[] {
  const isForward = String(path[0]) <= String(path.at(-1));
  return isForward ? thin(path, tolerance) : [...thin([...path].reverse(), tolerance)].reverse();
}

function farthest(around: Loop): number {
  const first = around[0];
  let best = 0;
  around.forEach((vertex, at) => {
    if (first && angle(first, vertex) > angle(first, around[best] ?? first)) best = at;
  });
  return best;
}

function thin(path: readonly Vector[], tolerance: number): readonly Vector[] {
  const kept = new Set([0, path.length - 1]);
  const waiting: [number, number][] = [[0, path.length - 1]];
  for (let span = waiting.pop(); span; span = waiting.pop()) {
    const [from, to] = span;
    const [a, b] = [path[from], path[to]];
    let [worst, at] = [tolerance, -1];
    for (let middle = from + 1; a && b && middle < to; middle++) {
      const vertex = path[middle];
      const away = vertex ? angle(vertex, nearest(vertex, a, b)) : 0;
      if (away > worst) [worst, at] = [away, middle];
    }
    if (at < 0) continue;
    kept.add(at);
    waiting.push([from, at], [at, to]);
  }
  return path.filter((_, at) => kept.has(at));
}
