/**
 * Sines and arcs rounded to the nearest double. The runtime's own may be off in the last digit, which shows where
 * coordinates are printed: Kusto's are those of a library that rounds them so.
 * Sums and products carry their error as a second double (T. J. Dekker, Numerische Mathematik 18, 1971).
 */
type Double = readonly [high: number, low: number];

function sum(a: number, b: number): Double {
  const high = a + b;
  const part = high - a;
  return [high, a - (high - part) + (b - part)];
}

function product(a: number, b: number): Double {
  const high = a * b;
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = split(b);
  return [high, aHigh * bHigh - high + aHigh * bLow + aLow * bHigh + aLow * bLow];
}

function split(a: number): Double {
  const wide = 134_217_729 * a;
  const high = wide - (wide - a);
  return [high, a - high];
}

function add(a: Double, b: Double): Double {
  const [high, low] = sum(a[0], b[0]);
  return sum(high, low + a[1] + b[1]);
}

function times(a: Double, b: Double): Double {
  const [high, low] = product(a[0], b[0]);
  return sum(high, low + a[0] * b[1] + a[1] * b[0]);
}

function over(a: Double, b: number): Double {
  const first = a[0] / b;
  const [high, low] = product(first, b);
  return sum(first, (a[0] - high - low + a[1]) / b);
}

/** A quarter of a turn, to three doubles. */
const QUARTER = [1.5707963267948966, 6.123233995736766e-17, -1.4973849048591833e-33] as const;

/** Sine and cosine, each to about thirty digits. */
function both(radians: number): { readonly sine: Double; readonly cosine: Double } {
  const turns = Math.round(radians / QUARTER[0]);
  const [most, rest] = [product(turns, QUARTER[0]), product(turns, QUARTER[1])];
  const small = add(add([radians, 0], [-most[0], -most[1]]), [-rest[0], -rest[1] - turns * QUARTER[2]]);
  const square = times(small, small);
  let [sine, cosine]: [Double, Double] = [small, [1, 0]];
  let [odd, even]: [Double, Double] = [small, [1, 0]];
  for (let n = 1; n < 28; n += 2) {
    even = over(times(even, square), -n * (n + 1));
    odd = over(times(odd, square), -(n + 1) * (n + 2));
    cosine = add(cosine, even);
    sine = add(sine, odd);
  }
  switch (((turns % 4) + 4) % 4) {
    case 0:
      return { sine, cosine };
    case 1:
      return { sine: cosine, cosine: [-sine[0], -sine[1]] };
    case 2:
      return { sine: [-sine[0], -sine[1]], cosine: [-cosine[0], -cosine[1]] };
    default:
      return { sine: [-cosine[0], -cosine[1]], cosine: sine };
  }
}

export function sineAndCosine(radians: number): readonly [sine: number, cosine: number] {
  const { sine, cosine } = both(radians);
  return [sine[0], cosine[0]];
}

/** One step of Newton's method from the runtime's own answer, which is off by a last digit at most. */
export function arc(y: number, x: number): number {
  const near = Math.atan2(y, x);
  if (near === 0 || !Number.isFinite(near)) return near;
  const { sine, cosine } = both(near);
  const across = add(times([y, 0], cosine), times([-x, 0], sine));
  const along = x * cosine[0] + y * sine[0];
  return near + across[0] / along;
}
