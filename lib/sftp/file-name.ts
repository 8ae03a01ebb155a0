import { ConfigurationError, type SyncError } from '../core/errors';
import { LONGEST_NAME } from './sftp-limits';

/** What stands for a byte that could not be read as UTF-8. */
export const REPLACEMENT = '\ufffd';

/** Why a file of this name can't be asked for, if so. The name comes from the server: it could be anything. */
export function nameFault(name: string): SyncError | undefined {
  if (name.length > LONGEST_NAME) {
    return new ConfigurationError('FILE_NAME', `A file has a name of ${name.length} characters, ${shown(name)}.`, {
      hint: `Rename it: names of up to ${LONGEST_NAME} characters are read.`,
    });
  }
  if (name === '' || /[/\x00-\x1f\x7f]/.test(name)) {
    return new ConfigurationError(
      'FILE_NAME',
      `A file has a slash or a control character in its name, ${shown(name)}.`,
      {
        hint: 'Rename it: files with such names are not read.',
      },
    );
  }
  return undefined;
}

/** The error for a name that is not what the server has on its disk, since its bytes are not UTF-8. */
export function notUtf8(name: string): ConfigurationError {
  return new ConfigurationError(
    'FILE_NAME',
    `The name of the file ${shown(name)} is not encoded in UTF-8, so the file can't be asked for.`,
    { hint: 'Rename it, or let the exporter use plain letters (a to z, digits, underscores) in file names.' },
  );
}

/** A name as a message may show it. */
export function shown(name: string): string {
  const plain = name.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, '?');
  const start = Array.from(plain.slice(0, 200)).slice(0, 100).join('');
  return `"${start}${start.length < plain.length ? '…' : ''}"`;
}
