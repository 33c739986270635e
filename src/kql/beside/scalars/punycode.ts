import type { ScalarProgram } from '../contract.ts';

/** Labels with letters beyond ASCII as ASCII, and back: https://www.rfc-editor.org/rfc/rfc3492 */
export const punycodePrograms: Readonly<Record<string, ScalarProgram>> = {
  punycode_from_string: onText(
    'punycode-from-string-function',
    'A text as Punycode, without prefix.',
    encoded,
  ),
  punycode_to_string: onText('punycode-to-string-function', 'The text that Punycode stands for.', decoded),
  punycode_domain_to_string: onText(
    'punycode-domain-to-string-function',
    'A domain name with each label that needs it as Punycode behind `xn--`.',
    (domain) =>
      labels(domain, (label) => {
        if (isAscii(label)) return label;
        const code = encoded(label);
        return code === undefined ? undefined : `${PREFIX}${code}`;
      }),
  ),
  punycode_domain_from_string: onText(
    'punycode-domain-from-string-function',
    'A domain name with its Punycode labels spelled out.',
    (domain) =>
      labels(domain, (label) =>
        label.toLowerCase().startsWith(PREFIX) ? decoded(label.slice(PREFIX.length)) : label,
      ),
  ),
};

const PREFIX = 'xn--';
const [BASE, T_MIN, T_MAX, SKEW, DAMP, FIRST_BIAS, FIRST_CODE] = [36, 1, 26, 38, 700, 72, 128];
const LAST_CODE = 0x10ffff;

function onText(page: string, summary: string, turn: (text: string) => string | undefined): ScalarProgram {
  return { summary, page, params: ['string'], compute: ([text]) => turn(String(text ?? '')) ?? '' };
}

/** The dots of Chinese and Japanese writing separate labels too. */
function labels(domain: string, turn: (label: string) => string | undefined): string | undefined {
  const turned = domain.split(/[.\u3002\uff0e\uff61]/u).map(turn);
  return turned.includes(undefined) ? undefined : turned.join('.');
}

function isAscii(text: string): boolean {
  return [...text].every((letter) => (letter.codePointAt(0) ?? 0) < FIRST_CODE);
}

function encoded(text: string): string | undefined {
  const codes = [...text].map((letter) => letter.codePointAt(0) ?? 0);
  const plain = codes.filter((code) => code < FIRST_CODE);
  let out = plain.map((code) => String.fromCharCode(code)).join('');
  let done = plain.length;
  if (done > 0) out += '-';
  let [code, delta, bias] = [FIRST_CODE, 0, FIRST_BIAS];
  while (done < codes.length) {
    const next = codes.reduce((least, one) => (one >= code && one < least ? one : least), LAST_CODE + 1);
    delta += (next - code) * (done + 1);
    code = next;
    for (const one of codes) {
      if (one < code) delta++;
      if (one !== code) continue;
      let rest = delta;
      for (let place = BASE; ; place += BASE) {
        const least = threshold(place, bias);
        if (rest < least) break;
        out += digit(least + ((rest - least) % (BASE - least)));
        rest = Math.floor((rest - least) / (BASE - least));
      }
      out += digit(rest);
      bias = adapted(delta, done + 1, done === plain.length);
      delta = 0;
      done++;
    }
    delta++;
    code++;
  }
  return out;
}

function decoded(text: string): string | undefined {
  if (!isAscii(text)) return undefined;
  const dash = text.lastIndexOf('-');
  const codes = [...text.slice(0, Math.max(0, dash))].map((letter) => letter.charCodeAt(0));
  let [code, at, bias] = [FIRST_CODE, 0, FIRST_BIAS];
  for (let index = dash > 0 ? dash + 1 : 0; index < text.length; ) {
    const before = at;
    let weight = 1;
    for (let place = BASE; ; place += BASE) {
      const value = digitValue(text.charCodeAt(index++));
      if (value === undefined) return undefined;
      at += value * weight;
      const least = threshold(place, bias);
      if (value < least) break;
      weight *= BASE - least;
      if (!Number.isSafeInteger(at) || !Number.isSafeInteger(weight)) return undefined;
    }
    const count = codes.length + 1;
    bias = adapted(at - before, count, before === 0);
    code += Math.floor(at / count);
    at %= count;
    if (code > LAST_CODE) return undefined;
    codes.splice(at++, 0, code);
  }
  return codes.map((one) => String.fromCodePoint(one)).join('');
}

function threshold(place: number, bias: number): number {
  return Math.min(T_MAX, Math.max(T_MIN, place - bias));
}

function adapted(given: number, count: number, isFirst: boolean): number {
  let delta = isFirst ? Math.floor(given / DAMP) : Math.floor(given / 2);
  delta += Math.floor(delta / count);
  let steps = 0;
  for (; delta > ((BASE - T_MIN) * T_MAX) / 2; steps += BASE) delta = Math.floor(delta / (BASE - T_MIN));
  return steps + Math.floor(((BASE - T_MIN + 1) * delta) / (delta + SKEW));
}

function digit(value: number): string {
  return String.fromCharCode(value < 26 ? 97 + value : 22 + value);
}

function digitValue(character: number): number | undefined {
  if (character >= 48 && character <= 57) return character - 22;
  const letter = (character | 32) - 97;
  return letter >= 0 && letter < 26 ? letter : undefined;
}
