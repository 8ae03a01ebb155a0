import { z } from 'zod';

/** What a client asks for. `login`, `session` and `subsystem` come before the first of SFTP's own requests. */
export const SFTP_STEPS = [
  'login',
  'session',
  'subsystem',
  'OPEN',
  'READ',
  'WRITE',
  'CLOSE',
  'OPENDIR',
  'READDIR',
  'STAT',
  'MKDIR',
  'RENAME',
  'REMOVE',
] as const;
export type SftpStep = (typeof SFTP_STEPS)[number];

/** A status that a request gets in place of its response. */
export interface SftpRefusal {
  readonly step: SftpStep;
  /** Of SFTP, e.g. 3 (permission denied), 4 (failure). */
  readonly status: number;
  /** The name of the file, without its folder. @default any */
  readonly name?: string;
  /** READ only: from this byte on. @default 0 */
  readonly from?: number;
}

/** What a test or the demo can make the server do wrong. */
export interface SftpFaults {
  /** The server takes a request of this kind and never responds; for the name of one file alone where it is given. */
  hang?: { readonly step: SftpStep; readonly name?: string; readonly once?: boolean };
  /** Requests that get a status other than they should. */
  refuse?: readonly SftpRefusal[];
  /** What the attributes of files and folders lack, in listings and everywhere else. `type`: the bits of the mode that say what it is. */
  omit?: readonly ('size' | 'time' | 'permissions' | 'type')[];
  /** Attributes lack it in listings only. */
  omitListed?: readonly ('size' | 'time' | 'permissions' | 'type')[];
  /** What the line of a listing looks like. @default as `ls -l` prints it */
  longname?: 'name' | 'empty' | 'dos';
  /** Sizes are told larger by so many bytes (or smaller, below 0). */
  sizeOff?: number;
  /** Each time that is told is another one. */
  restless?: boolean;
  /** Listings never end: of entries with made-up names, or of parts without an entry. */
  endless?: 'entries' | 'empty';
  /** An entry of this name is listed that is not there. */
  listedName?: string;
  /** The connection is cut when this file is read. */
  dropOn?: string;
  /** Cuts the connection once so many bytes of file content were read; once. */
  dropAfterBytes?: number;
  /** Every write fails, as on a full disk. */
  diskFull?: boolean;
  /** Milliseconds before each response to a read. */
  readDelayMs?: number;
  /** Requests of these kinds are refused for lack of rights. */
  deny?: readonly ('read' | 'rename' | 'remove' | 'mkdir')[];
}

const omissions = z.array(z.enum(['size', 'time', 'permissions', 'type']));

/** The same as an order over the control interface. */
export const sftpFaultsSchema = z
  .object({
    hang: z.object({ step: z.enum(SFTP_STEPS), name: z.string().optional(), once: z.boolean().optional() }).strict(),
    refuse: z.array(
      z
        .object({
          step: z.enum(SFTP_STEPS),
          status: z.number().int(),
          name: z.string().optional(),
          from: z.number().optional(),
        })
        .strict(),
    ),
    omit: omissions,
    omitListed: omissions,
    longname: z.enum(['name', 'empty', 'dos']),
    sizeOff: z.number().int(),
    restless: z.boolean(),
    endless: z.enum(['entries', 'empty']),
    listedName: z.string(),
    dropOn: z.string(),
    dropAfterBytes: z.number(),
    diskFull: z.boolean(),
    readDelayMs: z.number(),
    deny: z.array(z.enum(['read', 'rename', 'remove', 'mkdir'])),
  })
  .partial()
  .strict();

/** Puts these faults in the place of those that are there. */
export function setFaults(faults: SftpFaults, next: z.infer<typeof sftpFaultsSchema>): SftpFaults {
  for (const key of Object.keys(faults)) delete faults[key as keyof SftpFaults];
  return Object.assign(faults, next);
}

/** True when the server is to say nothing to this request; an order for one time is used up by it. */
export function hangs(faults: SftpFaults, step: SftpStep, name?: string): boolean {
  const { hang } = faults;
  if (hang?.step !== step || (hang.name ?? name) !== name) return false;
  if (hang.once === true) delete faults.hang;
  return true;
}
