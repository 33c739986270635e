/** Files of the data folder by which the command line finds a running server and proves its right to ask. */

/** JSON `{"url","tenant","pid"}` of the server that runs on this folder; gone when none does. */
export const SERVER_FILE = 'server.json';

/** The command line's key, one line of text; only the owner can read it. */
export const KEY_FILE = 'cli.key';
