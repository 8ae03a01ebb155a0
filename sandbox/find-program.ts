import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of the first of these programs that is in the PATH or in one of `folders`; undefined where none is installed. */
export function findProgram(names: readonly string[], folders: readonly string[] = []): string | undefined {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...folders]) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // not here
      }
    }
  }
  return undefined;
}
