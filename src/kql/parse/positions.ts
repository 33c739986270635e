/** One change of the text: `length` characters from `start` give way to `text`. Edits of one round never overlap. */
export interface Edit {
  readonly start: number;
  readonly length: number;
  readonly text: string;
}

/** A text that was mended, and where each of its positions stands in the text as given. */
export interface MendedText {
  readonly text: string;
  readonly original: (position: number) => number;
}

export function unmended(text: string): MendedText {
  return { text, original: (position) => position };
}

interface Segment {
  readonly at: number;
  readonly from: number;
  readonly inserted: boolean;
}

/** Applies edits whose positions are those of the text so far. A position inside an edit becomes that of its start. */
export function mended(before: MendedText, edits: readonly Edit[]): MendedText {
  const sorted = [...edits].sort((a, b) => a.start - b.start);
  const segments: Segment[] = [{ at: 0, from: 0, inserted: false }];
  let text = '';
  let done = 0;
  for (const edit of sorted) {
    text += before.text.slice(done, edit.start);
    done = edit.start + edit.length;
    segments.push({ at: text.length, from: edit.start, inserted: edit.text.length !== edit.length });
    text += edit.text;
    segments.push({ at: text.length, from: done, inserted: false });
  }
  text += before.text.slice(done);
  return {
    text,
    original(position) {
      const segment = segments.findLast(({ at }) => at <= position) ?? { at: 0, from: 0, inserted: false };
      return before.original(segment.inserted ? segment.from : segment.from + position - segment.at);
    },
  };
}
