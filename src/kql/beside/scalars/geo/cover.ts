import { edges, nearestOf, pathLength, signedArea, winding } from './measure.ts';
import { type Cell, center, children, corners, FACES, token } from './s2-cell.ts';
import { angle, crosses, nearest, unit, type Vector } from './sphere.ts';

/** More cells than this are refused, as the service does. */
const MAX_CELLS = 65_536;

/** Radians that rounding may take. */
const TOUCHES = 1e-14;

interface Border {
  readonly from: Vector;
  readonly to: Vector;
  readonly middle: Vector;
  readonly reach: number;
}

/**
 * The tokens of the S2 cells of a level within a radius (radians) of paths; with `isClosed` also those inside. Undefined
 * where they are too many.
 */
export function covering(
  paths: readonly (readonly Vector[])[],
  isClosed: boolean,
  level: number,
  radius: number,
): readonly string[] | undefined {
  const borders = paths
    .flatMap((path) => edges(path, isClosed))
    .map(([from, to]): Border => {
      const middle = unit([from[0] + to[0], from[1] + to[1], from[2] + to[2]]);
      return { from, to, middle, reach: angle(from, to) / 2 };
    });
  // A cell that is only touched counts.
  const reach = Math.max(radius, TOUCHES);
  let count = 0;
  const visit = (cell: Cell, near: readonly Border[]): readonly string[] | undefined => {
    const [middle, ring] = [center(cell), corners(cell)];
    const size = Math.max(...ring.map((corner) => angle(middle, corner)));
    const close = near.filter((border) => angle(middle, border.middle) <= size + border.reach + reach);
    const touched = close.filter((border) => meets(border, ring, middle, reach));
    const isInside = touched.length === 0 && isClosed && winding(middle, paths) > 0;
    if (touched.length === 0 && !isInside) return [];
    if (cell.level === level) {
      count++;
      return count > MAX_CELLS ? undefined : [token(cell)];
    }
    const found: string[] = [];
    for (const child of children(cell)) {
      const inner = visit(child, close);
      if (!inner) return undefined;
      found.push(...inner);
    }
    return found;
  };
  if (isClosed && paths.reduce((sum, path) => sum + signedArea(path), 0) / cellArea(level) > 2 * MAX_CELLS)
    return undefined;
  if (paths.reduce((sum, path) => sum + pathLength(path, isClosed), 0) / cellWidth(level) > MAX_CELLS)
    return undefined;
  const found: string[] = [];
  for (const face of FACES) {
    const inner = visit(face, borders);
    if (!inner) return undefined;
    found.push(...inner);
  }
  return found.sort();
}

/** Steradians on the average; the largest cells have 1.4 times that. */
function cellArea(level: number): number {
  return (4 * Math.PI) / 6 / 4 ** level;
}

/** Radians that no cell's diagonal exceeds. */
function cellWidth(level: number): number {
  return 2.44 / 2 ** level;
}

function meets({ from, to }: Border, ring: readonly Vector[], middle: Vector, radius: number): boolean {
  if (winding(from, [ring]) > 0 || winding(to, [ring]) > 0) return true;
  const sides = edges(ring, true);
  if (sides.some(([a, b]) => crosses(from, to, a, b))) return true;
  return (
    ring.some((corner) => angle(corner, nearest(corner, from, to)) <= radius) ||
    [from, to].some((end) => nearestOf(end, [ring], true).away <= radius) ||
    angle(middle, nearest(middle, from, to)) <= radius
  );
}
