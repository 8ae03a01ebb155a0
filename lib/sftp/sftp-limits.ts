/**
 * How long a server is waited for, and how much is taken from it. A server that says nothing is not told apart from one that is gone: past
 * each of these times the connection is given up and made anew.
 */

/** For all of connecting: address, handshake, login, session and the SFTP subsystem. Servers do it in one to three seconds, busy ones in ten. */
export const CONNECT_MS = 30_000;

/** For each response. Requests are small and so are most responses; the largest, one of {@link READ_BYTES}, gets through at 35 kbit/s. */
export const RESPONSE_MS = 30_000;

/** For moving a file: a server that stands before an object storage copies it, which took a minute for some GB. */
export const MOVE_MS = 120_000;

/** For the whole list of a folder, so that one that trickles in ends too. */
export const LIST_MS = 300_000;

/** For the server to take leave after the connection was ended. */
export const FAREWELL_MS = 2_000;

/** The server is asked for a sign of life every so often, and the connection given up after so many without a response. */
export const KEEPALIVE_MS = 15_000;
export const KEEPALIVE_TRIES = 4;

/** Bytes that one request of a file asks for; ssh2 makes several of it where the server takes less. */
export const READ_BYTES = 128 * 1024;

/** Entries of a folder. A folder of exports has some hundred; 50,000 entries are about 10 MB. */
export const MOST_ENTRIES = 50_000;

/** Characters of the names and lines that a server lists, all together. */
export const MOST_LISTED_CHARACTERS = 32 * 1024 * 1024;

/** Files that are looked at one by one because the listing says too little of them. */
export const MOST_SINGLE_LOOKS = 2_000;

/** Characters of a name: file systems take 255 bytes. */
export const LONGEST_NAME = 255;
