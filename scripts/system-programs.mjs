// Programs of the system that some tests need and npm can't bring. A test file says what it needs in its first comment:
//   /** @needs chromium */
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Name after `@needs` -> the programs (any of them will do), where they hide, and the Debian package.
 *
 * @type {Record<string, { programs: string[], folders: string[], debian: string }>}
 */
const PROGRAMS = {
  chromium: { programs: ['chromium', 'chromium-browser', 'google-chrome'], folders: [], debian: 'chromium' },
  sshd: { programs: ['sshd'], folders: ['/usr/sbin'], debian: 'openssh-server' },
  redis: { programs: ['redis-server'], folders: [], debian: 'redis-server' },
  postgres: { programs: ['postgres'], folders: postgresFolders(), debian: 'postgresql' },
};

function postgresFolders() {
  try {
    return readdirSync('/usr/lib/postgresql').map((version) => join('/usr/lib/postgresql', version, 'bin'));
  } catch {
    return [];
  }
}

/**
 * The path of a program, or undefined where it is not installed.
 *
 * @param {string} need `chromium`, `sshd`, `redis` or `postgres`
 */
export function findProgram(need) {
  const known = knownProgram(need);
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...known.folders]) {
    for (const program of known.programs) {
      try {
        accessSync(join(folder, program), constants.X_OK);
        return join(folder, program);
      } catch {
        // not here
      }
    }
  }
  return undefined;
}

/**
 * The Debian package that brings a program.
 *
 * @param {string} need
 */
export const debianPackageOf = (need) => knownProgram(need).debian;

/** @param {string} need */
function knownProgram(need) {
  const known = PROGRAMS[need];
  if (!known) throw new Error(`@needs ${need} is unknown; there are: ${Object.keys(PROGRAMS).join(', ')}`);
  return known;
}

/**
 * What a test file needs beyond the packages of npm.
 *
 * @param {string} file
 */
export function needsOf(file) {
  const firstComment = /^\s*\/\*\*[\s\S]*?\*\//.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
  return [...firstComment.matchAll(/@needs\s+([\w-]+)/g)].map((match) => String(match[1]));
}
