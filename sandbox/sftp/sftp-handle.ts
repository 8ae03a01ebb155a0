/** A running SFTP server. */
export interface SftpHandle {
  readonly kind: 'embedded' | 'openssh';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** undefined where the server takes keys only. */
  readonly password: string | undefined;
  readonly privateKey: string;
  /** `SHA256:...` of the host key in use. */
  readonly fingerprint: string;
  /** Connections that were made so far, whatever became of them. */
  readonly connectionsMade: number;
  /** How often a client came so far as to ask for a login, whatever became of it. */
  readonly loginsAsked: number;
  /** The user's folder on this machine. */
  readonly folder: string;
  /** What the user's folder is called in SFTP paths. */
  readonly remoteFolder: string;
  /** Cuts all connections; new ones are taken. */
  dropAll(): void;
  /** Ends the server, files and port kept for `start`. */
  stop(): Promise<void>;
  /** Starts it again on the same port, for the same user; with another host key (PEM) this time where one is given. */
  start(hostKey?: string): Promise<void>;
  /** The server tells how full its storage is, `fillDisk` included. */
  readonly tellsRoom: boolean;
  /** From now on nothing more can be written into the user's folder. */
  fillDisk(): void;
  /** There is room again. */
  freeDisk(): void;
  close(): Promise<void>;
}
