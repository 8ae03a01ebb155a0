import type { DelimiterName } from '../sync/export/delimiter';

/** How the files are written. */
export interface FileFormat {
  readonly delimiter: DelimiterName | 'auto';
  /** `none`: a quote is a character like any other, as Campaign writes. `double`: values may stand in double quotes (see RowParser). */
  readonly quotes: 'double' | 'none';
  /** `latin1` is Windows-1252. `auto`: that for a file with nothing that is UTF-8 but ASCII, else UTF-8 (see EncodingEvidence). */
  readonly encoding: 'auto' | 'utf8' | 'latin1';
  /** The last line may lack its line end. Then a file that was cut off inside its last value can't be told from a whole one. */
  readonly openEndAllowed: boolean;
  /** A file of no bytes is an export without rows; otherwise it is broken (a full disk leaves such files). */
  readonly emptyAllowed: boolean;
}
