import { posix } from 'node:path';

/** The path of a file in a folder of the server. */
export function fileIn(folder: string, name: string): string {
  return posix.join(folder === '' ? '.' : folder, name);
}

/** A folder given by the user: one that does not begin with a slash is inside the watched folder. */
export function folderIn(watched: string, folder: string): string {
  const path = posix.normalize(folder.startsWith('/') ? folder : posix.join(watched === '' ? '.' : watched, folder));
  return path.length > 1 ? path.replace(/\/$/, '') : path;
}

/** `exports/a.txt` as `['exports', 'a.txt']`. */
export function splitPath(path: string): { folder: string; name: string } {
  return { folder: posix.dirname(path), name: posix.basename(path) };
}
