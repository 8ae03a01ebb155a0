/** Longest row, in bytes: past it the quotes or the line ends are not what was set. */
export const LONGEST_ROW = 1024 * 1024;

/** A batch ends early where its rows have so much text, in bytes: what is handed over is kept in n8n's database as one execution. */
export const LARGEST_BATCH = 4 * 1024 * 1024;

/** Most bytes of a file's content. At 10 MB/s its reading takes two hours. */
export const LARGEST_CONTENT = 64 * 1024 ** 3;

/** So many times its size a compressed file may become, beyond EXPANSION_FREE. Exports become 5 to 30 times as large. */
export const MOST_EXPANSION = 200;

/** Bytes up to which the content of a compressed file is read whatever its size. */
export const EXPANSION_FREE = 64 * 1024 * 1024;

/** A quoted cell may go over so many lines. */
export const MOST_LINES_OF_A_ROW = 2000;

/** The SFTP Export Reader makes items of so much text at once at most, in characters, the columns' names counted with each row. */
export const LARGEST_READING = 256 * 1024 * 1024;
