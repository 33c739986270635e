import { toDegrees, unit, type Vector } from './sphere.ts';

/**
 * Cells of the S2 grid: six faces of a cube, each a quadtree along a Hilbert curve.
 * https://s2geometry.io/devguide/s2cell_hierarchy
 */
export interface Cell {
  readonly face: number;
  readonly level: number;
  /** The cell's corner of smallest coordinates, in leaf cells: 0 to 2^30 - 1. */
  readonly i: number;
  readonly j: number;
}

const MAX_LEVEL = 30;
const SIZE = 2 ** MAX_LEVEL;

/** Quadrant visited at each step of the curve, by the curve's orientation: bit 0 swaps the axes, bit 1 inverts. */
const QUADRANTS: readonly (readonly number[])[] = [
  [0, 1, 3, 2],
  [0, 2, 3, 1],
  [3, 2, 0, 1],
  [3, 1, 0, 2],
];
const ORIENTATIONS: readonly number[] = [1, 0, 0, 3];

function cellId({ face, level, i, j }: Cell): bigint {
  let position = 0n;
  let orientation = face & 1;
  for (let step = MAX_LEVEL - 1; step >= MAX_LEVEL - level; step--) {
    const quadrant = 2 * (Math.floor(i / 2 ** step) & 1) + (Math.floor(j / 2 ** step) & 1);
    const order = at(QUADRANTS, orientation).indexOf(quadrant);
    position = position * 4n + BigInt(order);
    orientation ^= at(ORIENTATIONS, order);
  }
  const shift = BigInt(2 * (MAX_LEVEL - level));
  return (BigInt(face) << 61n) | (((position << 1n) | 1n) << shift);
}

export function token(cell: Cell): string {
  const hex = cellId(cell).toString(16).padStart(16, '0').replace(/0+$/, '');
  return hex === '' ? 'X' : hex;
}

/** The cell of a token; undefined for what names none. */
export function fromToken(text: string): Cell | undefined {
  if (!/^[0-9a-fA-F]{1,16}$/.test(text)) return undefined;
  const id = BigInt(`0x${text.padEnd(16, '0')}`);
  const face = Number(id >> 61n);
  let zeros = 0;
  for (let rest = id; zeros < 61 && (rest & 1n) === 0n; rest >>= 1n) zeros++;
  if (face > 5 || zeros > 60 || zeros % 2 === 1) return undefined;
  const level = MAX_LEVEL - zeros / 2;
  let [i, j, orientation] = [0, 0, face & 1];
  for (let step = 0; step < level; step++) {
    const order = Number((id >> BigInt(59 - 2 * step)) & 3n);
    const quadrant = at(at(QUADRANTS, orientation), order);
    i = i * 2 + (quadrant >> 1);
    j = j * 2 + (quadrant & 1);
    orientation ^= at(ORIENTATIONS, order);
  }
  const size = 2 ** (MAX_LEVEL - level);
  return { face, level, i: i * size, j: j * size };
}

/** The corners, counterclockwise from the one of smallest coordinates. */
export function corners({ face, level, i, j }: Cell): readonly [Vector, Vector, Vector, Vector] {
  const size = 2 ** (MAX_LEVEL - level);
  const [west, east] = [straighten(i / SIZE), straighten((i + size) / SIZE)];
  const [south, north] = [straighten(j / SIZE), straighten((j + size) / SIZE)];
  const corner = (u: number, v: number) => unit(onCube(face, u, v));
  return [corner(west, south), corner(east, south), corner(east, north), corner(west, north)];
}

export function center({ face, level, i, j }: Cell): Vector {
  const half = 2 ** (MAX_LEVEL - level) / 2;
  return unit(onCube(face, straighten((i + half) / SIZE), straighten((j + half) / SIZE)));
}

export function children({ face, level, i, j }: Cell): readonly Cell[] {
  const size = 2 ** (MAX_LEVEL - level - 1);
  return [
    { face, level: level + 1, i, j },
    { face, level: level + 1, i: i + size, j },
    { face, level: level + 1, i, j: j + size },
    { face, level: level + 1, i: i + size, j: j + size },
  ];
}

/** The six faces. */
export const FACES: readonly Cell[] = [0, 1, 2, 3, 4, 5].map((face) => ({ face, level: 0, i: 0, j: 0 }));

/** The cell of a level that holds a point. */
export function cellOf(point: Vector, level: number): Cell {
  const [x, y, z] = point;
  const largest =
    Math.abs(x) > Math.abs(y) ? (Math.abs(x) > Math.abs(z) ? 0 : 2) : Math.abs(y) > Math.abs(z) ? 1 : 2;
  const face = at(point, largest) < 0 ? largest + 3 : largest;
  const [u, v] = ON_FACE[face]?.(x, y, z) ?? [0, 0];
  const size = 2 ** (MAX_LEVEL - level);
  const cut = (value: number) => {
    const leaf = Math.min(Math.max(Math.floor(SIZE * bend(value)), 0), SIZE - 1);
    return Math.floor(leaf / size) * size;
  };
  return { face, level, i: cut(u), j: cut(v) };
}

/** The cells around a cell, in the order in which the S2 library lists them; each once. */
export function neighbors(cell: Cell): readonly Cell[] {
  const { face, level, i, j } = cell;
  const size = 2 ** (MAX_LEVEL - level);
  const found = new Map<bigint, Cell>();
  const visit = (at: number, up: number) => {
    const next = wrapped(face, at, up, level);
    const id = cellId(next);
    if (id !== cellId(cell)) found.set(id, next);
  };
  for (let step = -size; step <= size; step += size) {
    if (step === 0) {
      visit(i, j - size);
      visit(i, j + size);
    }
    visit(i - size, j + step);
    visit(i + size, j + step);
    if (step !== 0) visit(i, j + step);
  }
  return [...found.values()];
}

function wrapped(face: number, i: number, j: number, level: number): Cell {
  if (i >= 0 && j >= 0 && i < SIZE && j < SIZE) return { face, level, i, j };
  const half = 2 ** (MAX_LEVEL - level) / 2;
  // Just beyond the border of a face the cube's own neighbour begins.
  const edge = (at: number) => {
    const middle = (2 * (at + half)) / SIZE - 1;
    return Math.max(-1 - 1e-9, Math.min(1 + 1e-9, middle));
  };
  const inside = (value: number) => (Math.abs(value) > 1 ? value : straighten((value + 1) / 2));
  return cellOf(unit(onCube(face, inside(edge(i)), inside(edge(j)))), level);
}

export function ring(cell: Cell): number[][] {
  const border = corners(cell).map(toDegrees);
  const first = border[0];
  return first ? [...border, first] : border;
}

/** Position on a face (0 to 1) to its place on the cube (-1 to 1): cells get nearly equal areas. */
function straighten(s: number): number {
  return s >= 0.5 ? (1 / 3) * (4 * s * s - 1) : (1 / 3) * (1 - 4 * (1 - s) * (1 - s));
}

function bend(u: number): number {
  return u >= 0 ? 0.5 * Math.sqrt(1 + 3 * u) : 1 - 0.5 * Math.sqrt(1 - 3 * u);
}

function onCube(face: number, u: number, v: number): Vector {
  switch (face) {
    case 0:
      return [1, u, v];
    case 1:
      return [-u, 1, v];
    case 2:
      return [-u, -v, 1];
    case 3:
      return [-1, -v, -u];
    case 4:
      return [v, -1, -u];
    default:
      return [v, u, -1];
  }
}

const ON_FACE: readonly ((x: number, y: number, z: number) => readonly [u: number, v: number])[] = [
  (x, y, z) => [y / x, z / x],
  (x, y, z) => [-x / y, z / y],
  (x, y, z) => [-x / z, -y / z],
  (x, y, z) => [z / x, y / x],
  (x, y, z) => [z / y, -x / y],
  (x, y, z) => [-y / z, -x / z],
];

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`no element ${index}`);
  return value;
}
