import { totalmem } from 'node:os';
import type { Config } from '../config/settings.ts';

/** What the engine process may take: as set, or else half of what the machine, or its container, has. */
export function engineMemoryBytes(config: Pick<Config, 'engineMemoryBytes'>): number {
  return config.engineMemoryBytes ?? Math.floor(availableBytes() / 2);
}

/**
 * What one query may take: as set, or else a quarter of the embedded engine's, so that four at a time fit. Undefined
 * for a server, whose memory is not known here.
 */
export function queryMemoryBytes(
  config: Pick<Config, 'engineMemoryBytes' | 'queryMemoryBytes' | 'clickhouseUrl'>,
): number | undefined {
  if (config.queryMemoryBytes !== undefined || config.clickhouseUrl !== undefined)
    return config.queryMemoryBytes;
  return Math.floor(engineMemoryBytes(config) / 4);
}

/** Node tells no limit of a container as 0 or as a number beyond all memory. */
function availableBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
