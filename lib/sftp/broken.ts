import { BrokenFileError } from '../sync/export/broken-file-error';

/** @param message without its full stop @param hint a whole sentence */
export function broken(
  code: string,
  message: string,
  hint = 'Check the export and upload the file again.',
): BrokenFileError {
  return new BrokenFileError(code, `${message}.`, { hint });
}
