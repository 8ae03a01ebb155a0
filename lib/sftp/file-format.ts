import type { DelimiterName } from '../sync/export/delimiter';

/** How the files are written. */
export interface FileFormat {
  readonly delimiter: DelimiterName | 'auto';
  /** `double`: values may stand in double quotes. `none`: a quote is a character like any other. */
  readonly quotes: 'double' | 'none';
  /** `auto`: UTF-8 when the whole file is valid UTF-8, else Latin-1. */
  readonly encoding: 'auto' | 'utf8' | 'latin1';
  /** The last line may lack its line end. Then a file that was cut off inside its last value can't be told from a whole one. */
  readonly openEndAllowed: boolean;
  /** A file of no bytes is an export without rows; otherwise it is broken (a full disk leaves such files). */
  readonly emptyAllowed: boolean;
}
