/** A MaxMind database of IPv4 networks. Source: https://maxmind.github.io/MaxMind-DB */
export function mmdb(networks: readonly { readonly network: string; readonly record: object }[]): Buffer {
  type Tree = { zero?: Tree | number; one?: Tree | number };
  const root: Tree = {};
  const data: Buffer[] = [];
  let offset = 0;
  for (const { network, record } of networks) {
    const [address = '', prefix = '32'] = network.split('/');
    const bits = address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('')
      .slice(0, Number(prefix));
    let node = root;
    for (const bit of bits.slice(0, -1)) {
      const side = bit === '0' ? 'zero' : 'one';
      const next = typeof node[side] === 'object' ? node[side] : {};
      node[side] = next;
      node = next;
    }
    node[bits.endsWith('0') ? 'zero' : 'one'] = offset;
    const encoded = encode(record);
    data.push(encoded);
    offset += encoded.length;
  }
  const nodes: Tree[] = [];
  const number = (node: Tree): void => {
    nodes.push(node);
    for (const side of [node.zero, node.one]) if (typeof side === 'object') number(side);
  };
  number(root);
  const tree = Buffer.concat(
    nodes.map((node) => {
      const bytes = Buffer.alloc(6);
      for (const [i, side] of [node.zero, node.one].entries()) {
        const value =
          side === undefined
            ? nodes.length
            : typeof side === 'number'
              ? nodes.length + 16 + side
              : nodes.indexOf(side);
        bytes.writeUIntBE(value, i * 3, 3);
      }
      return bytes;
    }),
  );
  const metadata = encode({
    node_count: nodes.length,
    record_size: 24,
    ip_version: 4,
    database_type: 'Test-City',
    languages: ['en'],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    description: { en: 'test' },
  });
  return Buffer.concat([
    tree,
    Buffer.alloc(16),
    ...data,
    Buffer.from('abcdef4d61784d696e642e636f6d', 'hex'),
    metadata,
  ]);
}

function encode(value: unknown): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([control(2, bytes.length), bytes]);
  }
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), bytes]);
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return Buffer.concat([control(3, 8), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)]);
  const members = Object.entries(value as object);
  return Buffer.concat([control(7, members.length), ...members.flatMap(([k, v]) => [encode(k), encode(v)])]);
}

/** Type and size; types past 7 take a byte of their own. Sizes here are below 29. */
function control(type: number, size: number): Buffer {
  if (size >= 29) throw new Error('a value of the test database is too long');
  return type <= 7 ? Buffer.from([(type << 5) | size]) : Buffer.from([size, type - 7]);
}
