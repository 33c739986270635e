import { edges, winding } from './measure.ts';
import type { Line, Loop } from './shape.ts';
import {
  add,
  angle,
  cross,
  crosses,
  dot,
  meeting,
  nearest,
  same,
  scale,
  subtract,
  unit,
  type Vector,
} from './sphere.ts';

/** Vertices closer than this (radians: less than a micrometre) are one. */
const SAME_PLACE = 1e-13;

interface Edge {
  readonly owner: number;
  readonly from: Vector;
  readonly to: Vector;
  /** The place of the edge that it was cut from. */
  readonly id: number;
}

function edgesOf(paths: readonly Path[], owner: number, isClosed: boolean, places: Places): readonly Edge[] {
  return paths.flatMap((path) =>
    edges(
      path.map((vertex) => places.of(vertex)),
      isClosed,
    ).map(([from, to]): Edge => ({ owner, from, to, id: 0 })),
  );
}

type Path = readonly Vector[];

/** One area: borders with their inside to the left. */
export type Area = readonly Loop[];

/** The parts that all areas share (`all`) or that any has (`any`). */
export function overlay(areas: readonly Area[], wanted: 'all' | 'any'): readonly Area[] {
  const places = new Places();
  const raw = areas.flatMap((area, owner) => edgesOf(area, owner, true, places));
  const kept: Edge[] = [];
  for (const group of grouped(split(raw, places))) {
    const first = group[0];
    if (!first) continue;
    const middle = halfway(first);
    let [left, right] = [0, 0];
    areas.forEach((area, owner) => {
      const own = group.filter((piece) => piece.owner === owner);
      if (own.length === 0) {
        const isInside = winding(middle, area) > 0;
        if (isInside) [left, right] = [left + 1, right + 1];
        return;
      }
      const forward = own.filter((piece) => same(piece.from, first.from)).length;
      const net = forward - (own.length - forward);
      if (net > 0) left++;
      if (net < 0) right++;
    });
    const need = wanted === 'all' ? areas.length : 1;
    const id = Math.max(...group.map((piece) => piece.id));
    if (left >= need && right < need) kept.push({ ...first, id });
    if (right >= need && left < need) kept.push({ ...first, from: first.to, to: first.from, id });
  }
  return nest(chain(kept));
}

/**
 * Areas as one, the two of fewest vertices first: the order in which the S2 library unites many, which decides where its
 * borders begin.
 */
export function unionOfAreas(areas: readonly Area[]): readonly Area[] {
  const waiting = areas.map((area) => ({ parts: [area], size: area.flat().length }));
  for (;;) {
    waiting.sort((a, b) => a.size - b.size);
    const [first, second] = waiting.splice(0, 2);
    if (!first) return [];
    if (!second) return first.parts;
    const parts = overlay([first.parts.flat(), second.parts.flat()], 'any');
    waiting.push({ parts: [...parts], size: first.size + second.size });
  }
}

/** The polygons of a multi-polygon may overlap: what they cover counts once. */
export function united(areas: readonly Area[]): readonly Area[] {
  return areas.length > 1 ? unionOfAreas(areas) : areas;
}

/** What borders that may cross themselves go around at least once. */
export function swept(borders: readonly Loop[]): readonly Area[] {
  const places = new Places();
  const kept: Edge[] = [];
  for (const group of grouped(split(edgesOf(borders, 0, true, places), places))) {
    const first = group[0];
    if (!first) continue;
    const middle = halfway(first);
    const aside = unit(cross(middle, subtract(first.to, first.from)));
    const [left, right] = [1, -1].map((side) => {
      const step = side * BESIDE;
      return winding(unit(add(middle, scale(aside, step))), borders);
    });
    if ((left ?? 0) > 0 && (right ?? 0) <= 0) kept.push(first);
    if ((right ?? 0) > 0 && (left ?? 0) <= 0) kept.push({ ...first, from: first.to, to: first.from });
  }
  return nest(chain(kept));
}

/** Radians: near enough to an edge to tell its two sides. */
const BESIDE = 2e-12;

function grouped(pieces: readonly Edge[]): Iterable<readonly Edge[]> {
  const groups = new Map<string, Edge[]>();
  for (const piece of pieces) {
    const [from, to] = [String(piece.from), String(piece.to)];
    const key = from < to ? `${from}|${to}` : `${to}|${from}`;
    const group = groups.get(key);
    if (group) group.push(piece);
    else groups.set(key, [piece]);
  }
  return groups.values();
}

function halfway({ from, to }: Edge): Vector {
  return unit(add(from, to));
}

/** The parts of lines inside an area. */
export function clip(lines: readonly Line[], area: Area): readonly Line[] {
  const places = new Places();
  const all = [...edgesOf(lines, 0, false, places), ...edgesOf(area, 1, true, places)];
  const pieces = split(all, places).filter((piece) => piece.owner === 0);
  const inside = pieces.filter((piece) => winding(halfway(piece), area) > 0);
  return joined(inside.map(({ from, to }) => [from, to]));
}

/** Lines with every shared part once, as long as they go on without a fork. */
export function unionOfLines(lines: readonly Line[]): readonly Line[] {
  const places = new Places();
  const raw = edgesOf(lines, 0, false, places);
  const seen = new Set<string>();
  const pieces = split(raw, places).filter(({ from, to }) => {
    const known = seen.has(`${from}|${to}`) || seen.has(`${to}|${from}`);
    seen.add(`${from}|${to}`);
    return !known;
  });
  return joined(pieces.map(({ from, to }) => [from, to]));
}

/** Where lines meet: single points and shared parts. */
export function commonOfLines(
  a: readonly Line[],
  b: readonly Line[],
): { readonly points: readonly Vector[]; readonly lines: readonly Line[] } {
  const places = new Places();
  const raw = [a, b].flatMap((lines, owner) => edgesOf(lines, owner, false, places));
  const pieces = split(raw, places);
  const sides = (edge: Edge) => [`${edge.from}|${edge.to}`, `${edge.to}|${edge.from}`];
  const second = new Set(pieces.filter(({ owner }) => owner === 1).flatMap(sides));
  const shared = pieces.filter((piece) => piece.owner === 0 && second.has(`${piece.from}|${piece.to}`));
  const covered = new Set(shared.flatMap(({ from, to }) => [String(from), String(to)]));
  const ends = (owner: number) =>
    new Map(
      pieces
        .filter((piece) => piece.owner === owner)
        .flatMap(({ from, to }) => [from, to])
        .map((vertex) => [String(vertex), vertex] as const),
    );
  const others = ends(1);
  const points = [...ends(0)].filter(([key]) => others.has(key) && !covered.has(key));
  return {
    points: points.map(([, vertex]) => vertex),
    lines: joined(shared.map(({ from, to }) => [from, to])),
  };
}

/** One vertex for all that lie at the same place. */
class Places {
  readonly #cells = new Map<string, Vector>();

  of(vertex: Vector): Vector {
    const [x, y, z] = vertex.map((part) => Math.round(part / SAME_PLACE / 4)) as [number, number, number];
    for (const dx of [0, -1, 1])
      for (const dy of [0, -1, 1])
        for (const dz of [0, -1, 1]) {
          const known = this.#cells.get(`${x + dx},${y + dy},${z + dz}`);
          if (known && angle(known, vertex) <= SAME_PLACE) return known;
        }
    this.#cells.set(`${x},${y},${z}`, vertex);
    return vertex;
  }
}

/** Edges cut wherever another one crosses or touches them; edges of no length are left out. */
function split(all: readonly Edge[], places: Places): readonly Edge[] {
  const cuts = all.map(() => [] as Vector[]);
  const middles = all.map(halfway);
  const reaches = all.map(({ from, to }) => angle(from, to) / 2);
  all.forEach((one, at) => {
    for (let next = at + 1; next < all.length; next++) {
      const other = all[next];
      const [here, there] = [middles[at], middles[next]];
      if (!other || !here || !there) continue;
      if (angle(here, there) > (reaches[at] ?? 0) + (reaches[next] ?? 0) + SAME_PLACE) continue;
      const touches = (edge: Edge, point: Vector) =>
        !same(point, edge.from) &&
        !same(point, edge.to) &&
        angle(point, nearest(point, edge.from, edge.to)) <= SAME_PLACE;
      let hasTouched = false;
      for (const end of [other.from, other.to])
        if (touches(one, end)) {
          cuts[at]?.push(end);
          hasTouched = true;
        }
      for (const end of [one.from, one.to])
        if (touches(other, end)) {
          cuts[next]?.push(end);
          hasTouched = true;
        }
      if (!hasTouched && crosses(one.from, one.to, other.from, other.to)) {
        const point = places.of(meeting(one.from, one.to, other.from, other.to));
        cuts[at]?.push(point);
        cuts[next]?.push(point);
      }
    }
  });
  return all.flatMap((edge, at) => {
    const inner = [...(cuts[at] ?? [])].sort((a, b) => angle(edge.from, a) - angle(edge.from, b));
    const stops = [edge.from, ...inner, edge.to];
    return edges(stops, false)
      .filter(([from, to]) => !same(from, to))
      .map(([from, to]) => ({ owner: edge.owner, from, to, id: at }));
  });
}

/** Edges strung together to closed borders; at a vertex of several the sharpest left turn is taken. */
function chain(kept: readonly Edge[]): readonly Loop[] {
  const leaving = new Map<string, Edge[]>();
  for (const edge of kept) {
    const list = leaving.get(String(edge.from));
    if (list) list.push(edge);
    else leaving.set(String(edge.from), [edge]);
  }
  const loops: Loop[] = [];
  for (const { from: start } of kept) {
    let [previous, vertex]: [Vector | undefined, Vector] = [undefined, start];
    const loop: Edge[] = [];
    for (let exits = leaving.get(String(vertex)); exits && exits.length > 0; ) {
      const edge = take(exits, previous, vertex);
      if (!edge) break;
      loop.push(edge);
      [previous, vertex] = [vertex, edge.to];
      if (same(vertex, start)) break;
      exits = leaving.get(String(vertex));
    }
    if (loop.length >= 3 && same(vertex, start)) loops.push(ordered(loop));
  }
  return loops;
}

/** Begins after the edge that was given last, as the S2 library does. */
function ordered(loop: readonly Edge[]): Loop {
  const highest = Math.max(...loop.map((edge) => edge.id));
  const last = loop.findIndex(
    (edge, at) => edge.id === highest && loop[(at + 1) % loop.length]?.id !== highest,
  );
  return [...loop.slice(last + 1), ...loop.slice(0, last + 1)].map((edge) => edge.from);
}

function take(exits: Edge[], previous: Vector | undefined, vertex: Vector): Edge | undefined {
  let best = 0;
  if (previous && exits.length > 1) {
    const back = direction(vertex, previous);
    const turns = exits.map((exit) => {
      const out = direction(vertex, exit.to);
      const around = Math.atan2(dot(cross(back, out), vertex), dot(back, out));
      return around <= 0 ? around + 2 * Math.PI : around;
    });
    // Clockwise from where it came, the first exit on the left hand is the last one counted counterclockwise.
    turns.forEach((turned, at) => {
      if (turned > (turns[best] ?? 0)) best = at;
    });
  }
  return exits.splice(best, 1)[0];
}

function direction(at: Vector, to: Vector): Vector {
  const away = subtract(to, at);
  const lift = dot(away, at);
  return unit([away[0] - at[0] * lift, away[1] - at[1] * lift, away[2] - at[2] * lift]);
}

/** Puts each hole with the smallest border around it. */
function nest(loops: readonly Loop[]): readonly Area[] {
  // A border that turns to the right around the point beside it bounds a hole: its own inside is the rest of the globe.
  const outer = loops.filter((loop) => turnsLeft(loop));
  const holes = loops.filter((loop) => !turnsLeft(loop));
  return outer.map((border) => [
    border,
    ...holes.filter((hole) => hole[0] !== undefined && winding(hole[0], [border]) > 0),
  ]);
}

function turnsLeft(loop: Loop): boolean {
  const first = loop[0];
  let sum = 0;
  for (let at = 1; first && at + 1 < loop.length; at++) {
    const [b, c] = [loop[at], loop[at + 1]];
    if (b && c) sum += dot(first, cross(subtract(b, first), subtract(c, first)));
  }
  return sum > 0;
}

function joined(pieces: readonly (readonly [Vector, Vector])[]): readonly Line[] {
  const lines: Vector[][] = [];
  const degree = new Map<string, number>();
  for (const vertex of pieces.flat()) degree.set(String(vertex), (degree.get(String(vertex)) ?? 0) + 1);
  for (const [from, to] of pieces) {
    const before = lines.find((line) => same(line.at(-1) ?? to, from) && degree.get(String(from)) === 2);
    if (before) before.push(to);
    else lines.push([from, to]);
  }
  // A line may begin where one that was found later ends.
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    const end = line?.at(-1);
    if (!line || !end || degree.get(String(end)) !== 2) continue;
    const next = lines.findIndex((other) => other !== line && same(other[0] ?? line[0] ?? end, end));
    const [found] = next >= 0 ? lines.splice(next, 1) : [];
    if (found) {
      line.push(...found.slice(1));
      at = Math.max(-1, at - 2);
    }
  }
  return lines;
}
