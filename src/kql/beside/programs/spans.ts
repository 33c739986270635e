/** Closed spans of whole bins, for what counts in several neighbouring bins at once. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The spans without overlap, so that each bin is counted once. */
export function merged(spans: readonly Span[]): readonly Span[] {
  const out: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last && span.from <= last.to + 1) {
      if (span.to > last.to) out[out.length - 1] = { from: last.from, to: span.to };
    } else out.push(span);
  }
  return out;
}

/** Sums weights per bin: each span costs two steps, however long it is. */
export class SpanCounter {
  readonly #steps = new Map<number, number>();

  add(span: Span, weight = 1): void {
    this.#steps.set(span.from, (this.#steps.get(span.from) ?? 0) + weight);
    this.#steps.set(span.to + 1, (this.#steps.get(span.to + 1) ?? 0) - weight);
  }

  /** The sums of the bins 0 to `last`. */
  totals(last: number): readonly number[] {
    let running = 0;
    for (const [bin, step] of this.#steps) if (bin < 0) running += step;
    const out: number[] = [];
    for (let bin = 0; bin <= last; bin++) {
      running += this.#steps.get(bin) ?? 0;
      out.push(running);
    }
    return out;
  }
}
