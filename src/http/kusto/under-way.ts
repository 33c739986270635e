/** So much of an answer is held back: until then, a failure can still be told by the status. */
const HELD_CHARS = 256 * 1024;

/**
 * Reads the first pieces of an answer, or all of a short one. Fails as the text does. Gives the whole text, to be read
 * once: closing it closes the source.
 */
export async function begin(text: AsyncGenerator<string>): Promise<AsyncGenerator<string>> {
  const held: string[] = [];
  let chars = 0;
  let ended = false;
  while (!ended && chars < HELD_CHARS) {
    const next = await text.next();
    if (next.done === true) ended = true;
    else {
      held.push(next.value);
      chars += next.value.length;
    }
  }
  return (async function* () {
    try {
      yield held.join('');
      if (!ended) yield* text;
    } finally {
      await text.return(undefined);
    }
  })();
}
