/** How writes behave in Dynamics 365, apart from what they write. */
export interface WriteOptions {
  /** A mark that plug-ins see (`?tag=`), so that they can tell these writes from a user's. */
  readonly tag?: string | undefined;
  /** Custom synchronous plug-ins and real-time workflows do not run. Needs the privilege prvBypassCustomPlugins. */
  readonly bypassPlugIns?: boolean;
  /** Power Automate flows do not start. */
  readonly bypassFlows?: boolean;
  /** Duplicate detection rules refuse the write. */
  readonly detectDuplicates?: boolean;
}

/** The headers of these options (docs/facts/dataverse.md, "Writes"). */
export function headersOf(options: WriteOptions): Record<string, string> {
  return {
    ...(options.bypassPlugIns ? { 'MSCRM.BypassCustomPluginExecution': 'true' } : {}),
    ...(options.bypassFlows ? { 'MSCRM.SuppressCallbackRegistrationExpanderJob': 'true' } : {}),
    // The header's name says the opposite of what it does where it is left out.
    ...(options.detectDuplicates ? { 'MSCRM.SuppressDuplicateDetection': 'false' } : {}),
  };
}

/** A path with the mark of these options. */
export function withTag(path: string, { tag }: WriteOptions): string {
  return tag === undefined || tag === '' ? path : `${path}?tag=${encodeURIComponent(tag)}`;
}
