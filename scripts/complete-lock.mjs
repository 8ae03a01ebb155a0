// Adds to package-lock.json the optional packages of other platforms that the registry in use did not offer when the
// file was made:
//   node scripts/complete-lock.mjs
//
// npm leaves such packages out of the file, and `npm ci` then refuses it ("Missing: @swc/core-darwin-arm64@ from lock
// file"). An entry with the exact version, the system and the processor is enough: npm skips it elsewhere and fetches it
// where it fits.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32'];

/** @typedef {{ version?: string, dev?: boolean, optionalDependencies?: Record<string, string> }} LockEntry */

/**
 * The entries that a lock file lacks: packages named as `optionalDependencies` with an exact version.
 *
 * @param {{ packages: Record<string, LockEntry> }} lock the content of package-lock.json
 * @returns {Record<string, LockEntry>} by the lock file's keys (`node_modules/...`)
 */
export function missingOptionalPackages(lock) {
  /** @type {Record<string, LockEntry & { cpu: string[], os: string[], optional: true }>} */
  const missing = {};
  for (const entry of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const key = `node_modules/${name}`;
      if (lock.packages[key] || !/^\d+\.\d+\.\d+/.test(version)) continue;
      const parts = name.split(/[-/]/);
      const os = SYSTEMS.find((system) => parts.includes(system));
      const cpu = PROCESSORS.find((processor) => parts.includes(processor));
      if (!os || !cpu) throw new Error(`For which platform is ${name}? Add it to scripts/complete-lock.mjs.`);
      missing[key] = { version, cpu: [cpu], ...(entry.dev ? { dev: true } : {}), optional: true, os: [os] };
    }
  }
  return missing;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(fileURLToPath(import.meta.url), '..', '..', 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingOptionalPackages(lock);
  const sorted = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  console.log(`${Object.keys(missing).length} packages added`);
}
