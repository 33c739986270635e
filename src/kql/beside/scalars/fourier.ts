import type { Cell, ScalarProgram } from '../contract.ts';
import { seriesOf } from './series.ts';

/** The discrete Fourier transform and its inverse: the real parts, then the imaginary ones. */
export const fourierPrograms: Readonly<Record<string, ScalarProgram>> = {
  series_fft: transform('series-fft-function', false),
  series_ifft: transform('series-ifft-function', true),
};

function transform(page: string, isInverse: boolean): ScalarProgram {
  return {
    summary: isInverse ? 'The inverse Fourier transform of a series.' : 'The Fourier transform of a series.',
    page,
    params: ['dynamic'],
    result: 'dynamic',
    compute: ([real, imaginary]): Cell => {
      const re = seriesOf(real);
      const im = imaginary === undefined ? re?.map(() => 0) : seriesOf(imaginary);
      if (!re || !im || re.length !== im.length || re.length === 0) return [null, null];
      // The inverse is the transform with the parts exchanged, and divided by the length.
      const [a, b] = isInverse ? dft(im, re) : dft(re, im);
      const n = isInverse ? re.length : 1;
      const parts = isInverse ? [b, a] : [a, b];
      return parts.map((part) => part.map((value) => value / n));
    },
  };
}

type Complex = [real: number[], imaginary: number[]];

function dft(re: readonly number[], im: readonly number[]): Complex {
  const n = re.length;
  return (n & (n - 1)) === 0 ? radix2(re, im) : bluestein(re, im);
}

function radix2(re: readonly number[], im: readonly number[]): Complex {
  const n = re.length;
  const [a, b]: Complex = [new Array<number>(n), new Array<number>(n)];
  const bits = Math.log2(n);
  for (let at = 0; at < n; at++) {
    let turned = 0;
    for (let bit = 0; bit < bits; bit++) if (at & (1 << bit)) turned |= 1 << (bits - 1 - bit);
    a[turned] = re[at] ?? 0;
    b[turned] = im[at] ?? 0;
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let step = 0; step < half; step++) {
      const [cos, sin] = [Math.cos((-2 * Math.PI * step) / size), Math.sin((-2 * Math.PI * step) / size)];
      for (let low = step; low < n; low += size) {
        const high = low + half;
        const [x, y] = [a[high] ?? 0, b[high] ?? 0];
        const [u, v] = [x * cos - y * sin, x * sin + y * cos];
        const [p, q] = [a[low] ?? 0, b[low] ?? 0];
        [a[low], b[low], a[high], b[high]] = [p + u, q + v, p - u, q - v];
      }
    }
  }
  return [a, b];
}

/** Any length, as a convolution of a power of two. */
function bluestein(re: readonly number[], im: readonly number[]): Complex {
  const n = re.length;
  let m = 1;
  while (m < 2 * n - 1) m *= 2;
  const zeros = () => new Array<number>(m).fill(0);
  const [a, b, c, d] = [zeros(), zeros(), zeros(), zeros()];
  // Squares are taken modulo 2n: the angles stay exact.
  const angle = (at: number) => (Math.PI * ((at * at) % (2 * n))) / n;
  for (let at = 0; at < n; at++) {
    const [cos, sin] = [Math.cos(angle(at)), Math.sin(angle(at))];
    const [x, y] = [re[at] ?? 0, im[at] ?? 0];
    a[at] = x * cos + y * sin;
    b[at] = y * cos - x * sin;
    for (const place of at === 0 ? [0] : [at, m - at]) [c[place], d[place]] = [cos, sin];
  }
  const [fa, fb] = radix2(a, b);
  const [fc, fd] = radix2(c, d);
  const product = fa.map((x, at) => [x, fb[at] ?? 0, fc[at] ?? 0, fd[at] ?? 0] as const);
  const [ga, gb] = radix2(
    product.map(([x, y, u, v]) => x * v + y * u),
    product.map(([x, y, u, v]) => x * u - y * v),
  );
  const [sumRe, sumIm] = [gb.map((value) => value / m), ga.map((value) => value / m)];
  const places = re.map((_, at) => at);
  return [
    places.map((at) => (sumRe[at] ?? 0) * Math.cos(angle(at)) + (sumIm[at] ?? 0) * Math.sin(angle(at))),
    places.map((at) => (sumIm[at] ?? 0) * Math.cos(angle(at)) - (sumRe[at] ?? 0) * Math.sin(angle(at))),
  ];
}
