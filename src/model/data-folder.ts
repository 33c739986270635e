/** Files of the data folder by which the command line finds a running server and proves its right to ask. */

/** JSON `{"url","tenant","pid","certificate"}` of the server that runs on this folder; gone when none does. */
export const SERVER_FILE = 'server.json';

/** The command line's key, one line of text; only the owner can read it. */
export const KEY_FILE = 'cli.key';

/** The server's own certificate, where it makes one. */
export const TLS_FOLDER = 'tls';

/** The certificate authority that clients of such a server trust, PEM. */
export const CA_FILE = 'tls/ca.pem';
