import type { Cell } from '../../contract.ts';
import { EARTH_RADIUS_M } from './sphere.ts';

const DEFAULT_TOLERANCE_M = 10;

export function metres(radians: number): number {
  return radians * EARTH_RADIUS_M;
}

/** A radius and a tolerance in metres as radians; undefined where they are none. */
export function sizesOf(radius: Cell | undefined, tolerance: Cell | undefined): [number, number] | undefined {
  const error = tolerance === undefined ? DEFAULT_TOLERANCE_M : tolerance;
  if (typeof radius !== 'number' || typeof error !== 'number' || !(radius > 0 && error > 0)) return undefined;
  const radians = radius / EARTH_RADIUS_M;
  return radians < Math.PI / 2 ? [radians, error / EARTH_RADIUS_M] : undefined;
}

export function toleranceOf(tolerance: Cell | undefined): number | undefined {
  const value = tolerance === undefined ? DEFAULT_TOLERANCE_M : tolerance;
  return typeof value === 'number' && value > 0 && Number.isFinite(value)
    ? value / EARTH_RADIUS_M
    : undefined;
}
