import { parseQuery, type Incoming } from '../http/service';

/** What a request prefers and which options its URL has. */
export interface Preferences {
  readonly trackChanges: boolean;
  readonly pageSize: number | undefined;
  readonly annotations: string | undefined;
  readonly returnRepresentation: boolean;
  readonly continueOnError: boolean;
}

export function preferences(incoming: Pick<Incoming, 'headers'>): Preferences {
  const header = incoming.headers['prefer'];
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const size = /odata\.maxpagesize\s*=\s*"?(\d+)/i.exec(text);
  const annotations = /odata\.include-annotations\s*=\s*(?:"([^"]*)"|([^\s,;]+))/i.exec(text);
  return {
    trackChanges: /(?:^|[,\s])odata\.track-changes/i.test(text),
    pageSize: size ? Number(size[1]) : undefined,
    annotations: annotations?.[1] ?? annotations?.[2],
    returnRepresentation: /return\s*=\s*representation/i.test(text),
    continueOnError: /odata\.continue-on-error/i.test(text),
  };
}

export type Options = ReadonlyMap<string, string>;

export function options(incoming: Pick<Incoming, 'query'>): Options {
  return parseQuery(incoming.query);
}
