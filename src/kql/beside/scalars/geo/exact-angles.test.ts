import { describe, expect, test } from 'vitest';
import { arc, sineAndCosine } from './exact-angles.ts';
import { fromDegrees, toDegrees } from './sphere.ts';

describe('angles to the last digit', () => {
  /** Nearest doubles of the true values. */
  test.each([
    [0.8726646259971648, 0.766044443118978, 0.6427876096865394],
    [-2.5, -0.5984721441039565, -0.8011436155469337],
    [Math.PI, 1.2246467991473532e-16, -1],
    [Math.PI / 2, 1, 6.123233995736766e-17],
    [1e-9, 1e-9, 1],
    [0, 0, 1],
  ])('sine and cosine of %d', (radians, sine, cosine) => {
    expect(sineAndCosine(radians)).toEqual([sine, cosine]);
  });

  test.each([
    [1, 0, Math.PI / 2],
    [0, -1, Math.PI],
    [-1, -1, (-3 * Math.PI) / 4],
    [0, 0, 0],
    [1e-300, 1, 1e-300],
  ])('arc of %d over %d', (y, x, expected) => {
    expect(arc(y, x)).toBe(expected);
  });

  // As Kusto's engine was measured to print them: https://learn.microsoft.com/kusto/query/geo-line-densify-function
  test.each([
    [50, 50, 50, 50],
    [50.25, 50.25, 50.25000000000001, 50.25000000000001],
    [50.375, 50.375, 50.375, 50.375],
    [50.625, 50.625, 50.625, 50.62500000000001],
    [51, 51, 50.99999999999999, 51],
  ])('%d, %d there and back', (lng, lat, shownLng, shownLat) => {
    expect(toDegrees(fromDegrees(lng, lat))).toEqual([shownLng, shownLat]);
  });
});
