import type { Cell, Json, ScalarProgram } from '../contract.ts';
import { seriesOf } from './series.ts';

/** Least squares: two lines with a break between them, and polynomials. */
export const fitPrograms: Readonly<Record<string, ScalarProgram>> = {
  series_fit_2lines: {
    summary: 'The two lines that fit a series best, as columns.',
    page: 'series-fit-2lines-function',
    params: ['dynamic'],
    result: 'dynamic',
    compute: ([series]): Cell => {
      const fit = twoLines(seriesOf(series));
      if (!fit) return new Array<Json>(15).fill(null);
      const { right, left, ...whole } = fit;
      return [...Object.values(whole), ...Object.values(right), ...Object.values(left)];
    },
  },
  series_fit_2lines_dynamic: {
    summary: 'The two lines that fit a series best, as a bag.',
    page: 'series-fit-2lines-dynamic-function',
    params: ['dynamic'],
    result: 'dynamic',
    compute: ([series]) => (twoLines(seriesOf(series)) as Json | undefined) ?? null,
  },
  series_fit_poly: {
    summary: 'The polynomial of a degree, by default 5, that fits a series best.',
    page: 'series-fit-poly-function',
    params: ['dynamic', 'dynamic', 'long'],
    result: 'dynamic',
    compute: ([series, places, degree]): Cell => {
      const y = seriesOf(series);
      const x = places === undefined ? y?.map((_, at) => at) : seriesOf(places);
      const wanted = degree === undefined ? DEFAULT_DEGREE : Number(degree);
      const isDegree = Number.isInteger(wanted) && wanted >= 1 && wanted <= MAX_DEGREE;
      return (y && x && isDegree && polynomial(x, y, wanted)) || [null, null, null, null, null];
    },
  },
};

const DEFAULT_DEGREE = 5;
const MAX_DEGREE = 7;

interface Fit {
  readonly rsquare: number;
  readonly slope: number;
  readonly interception: number;
  readonly variance: number;
  readonly rvariance: number;
}

function line(y: readonly number[], first: number): Fit {
  const n = y.length;
  const middle = first + (n - 1) / 2;
  const mean = y.reduce((sum, value) => sum + value, 0) / n;
  const spread = y.reduce((sum, _, at) => sum + (first + at - middle) ** 2, 0);
  const slope =
    spread === 0 ? 0 : y.reduce((sum, value, at) => sum + (first + at - middle) * value, 0) / spread;
  const interception = mean - slope * middle;
  return {
    ...quality(
      y,
      y.map((_, at) => interception + slope * (first + at)),
    ),
    slope,
    interception,
  };
}

function quality(
  y: readonly number[],
  fitted: readonly number[],
): Pick<Fit, 'rsquare' | 'variance' | 'rvariance'> {
  const n = y.length;
  const mean = y.reduce((sum, value) => sum + value, 0) / n;
  const degrees = Math.max(n - 1, 1);
  const variance = y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / degrees;
  const rvariance = y.reduce((sum, value, at) => sum + (value - (fitted[at] ?? 0)) ** 2, 0) / degrees;
  return { rsquare: variance === 0 ? 1 : 1 - rvariance / variance, variance, rvariance };
}

/** Every place is tried as the first one of the right line; the least rest wins. */
function twoLines(y: readonly number[] | undefined) {
  if (!y || y.length < 4) return undefined;
  let best: { readonly split: number; readonly rest: number } | undefined;
  for (let split = 2; split <= y.length - 2; split++) {
    const [left, right] = [line(y.slice(0, split), 0), line(y.slice(split), 0)];
    const rest = left.rvariance * (split - 1) + right.rvariance * (y.length - split - 1);
    if (!best || rest < best.rest) best = { split, rest };
  }
  if (!best) return undefined;
  const { split } = best;
  const [left, right] = [line(y.slice(0, split), 0), line(y.slice(split), 0)];
  const fitted = y.map((_, at) =>
    at < split ? left.interception + left.slope * at : right.interception + right.slope * (at - split),
  );
  const { rsquare, variance, rvariance } = quality(y, fitted);
  return {
    rsquare,
    split_idx: BigInt(split),
    variance,
    rvariance,
    line_fit: fitted,
    right: sided(right),
    left: sided(left),
  };
}

function sided({ rsquare, slope, interception, variance, rvariance }: Fit) {
  return { rsquare, slope, interception, variance, rvariance };
}

/** rsquare, coefficients from the highest power down, variance, rvariance, fitted values. */
function polynomial(x: readonly number[], y: readonly number[], degree: number): Json | undefined {
  if (x.length !== y.length || x.length <= degree) return undefined;
  // Powers of a centred, scaled place keep the equations well conditioned.
  const middle = x.reduce((sum, value) => sum + value, 0) / x.length;
  const width = Math.max(...x.map((value) => Math.abs(value - middle))) || 1;
  const scaled = x.map((value) => (value - middle) / width);
  const size = degree + 1;
  const basis = orthogonal(scaled, size);
  if (!basis) return undefined;
  const powers = new Array<number>(size).fill(0);
  for (const { values, coefficients } of basis) {
    const weight = values.reduce((sum, value, at) => sum + value * (y[at] ?? 0), 0);
    coefficients.forEach((coefficient, power) => {
      powers[power] = (powers[power] ?? 0) + weight * coefficient;
    });
  }
  const fitted = scaled.map((value) =>
    powers.reduceRight((sum, coefficient) => sum * value + coefficient, 0),
  );
  const { rsquare, variance, rvariance } = quality(y, fitted);
  return [rsquare, expanded(powers, middle, width).reverse(), variance, rvariance, fitted];
}

interface BasisVector {
  readonly values: readonly number[];
  /** Of the powers of the place, from 0 up. */
  readonly coefficients: readonly number[];
}

/** Orthonormal polynomials on the places (Gram and Schmidt, twice); undefined where places are too few. */
function orthogonal(x: readonly number[], size: number): readonly BasisVector[] | undefined {
  const basis: BasisVector[] = [];
  for (let power = 0; power < size; power++) {
    let values = x.map((value) => value ** power);
    let coefficients: number[] = Array.from({ length: size }, (_, at) => (at === power ? 1 : 0));
    for (const _ of [1, 2])
      for (const known of basis) {
        const share = values.reduce((sum, value, at) => sum + value * (known.values[at] ?? 0), 0);
        values = values.map((value, at) => value - share * (known.values[at] ?? 0));
        coefficients = coefficients.map((value, at) => value - share * (known.coefficients[at] ?? 0));
      }
    const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    if (norm < 1e-12) return undefined;
    basis.push({ values: values.map((v) => v / norm), coefficients: coefficients.map((c) => c / norm) });
  }
  return basis;
}

/** Coefficients for `x` of a polynomial in `(x - middle) / width`, from power 0 up. */
function expanded(powers: readonly number[], middle: number, width: number): number[] {
  let found: number[] = [];
  for (const coefficient of [...powers].reverse()) {
    const next = [0, ...found.map((value) => value / width)];
    found.forEach((value, at) => {
      next[at] = (next[at] ?? 0) - (value * middle) / width;
    });
    next[0] = (next[0] ?? 0) + coefficient;
    found = next;
  }
  return found.slice(0, powers.length);
}
