import { InvalidArgumentError, Option } from 'commander';

export function portOption(description: string): Option {
  return new Option('--port <port>', description).argParser((text) => {
    const port = Number(text);
    if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is 0 to 65535');
    return port;
  });
}
