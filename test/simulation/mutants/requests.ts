import type { Mutant } from './mutant';

const RETRY = 'lib/http/retry.ts';

/** Faults in sending requests, and in what their responses are taken for. */
export const requests: readonly Mutant[] = [
  {
    name: 'A POST is sent again after its response was lost',
    breaks: ['nothing is doubled'],
    flows: ['contacts'],
    changes: [
      { file: RETRY, find: 'if (failure.sent && !idempotent) return undefined;', replace: '' },
      { file: RETRY, find: 'if (!idempotent || !isTransient(', replace: 'if (!isTransient(' },
    ],
  },
  {
    name: 'A refusal for too many requests is not waited out',
    breaks: ['what passes by itself fails no run'],
    flows: ['contacts'],
    changes: [
      {
        file: RETRY,
        find: '} else if (failure.status !== 429) {',
        replace: '} else if (failure.status === 429) {\n    return undefined;\n  } else {',
      },
    ],
  },
  {
    name: 'An access token that was refused is used on and on',
    breaks: ['nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: 'lib/http/http-client.ts',
        find: 'token !== undefined && !renewed) {',
        replace: 'token === null && !renewed) {',
      },
    ],
  },
  {
    name: 'A web page in response to a change is taken for success',
    breaks: ['the checkpoint is never ahead', 'nothing is lost'],
    flows: ['contacts'],
    changes: [
      {
        file: 'lib/campaign/client.ts',
        find: 'if (response.status < 300) return requireNoPage(response, purpose);',
        replace: 'if (response.status < 300) return;',
      },
    ],
  },
  {
    name: 'A web page that says "not found" is taken for a record that is not there',
    breaks: ['nothing is lost', 'nothing is doubled'],
    flows: ['contacts'],
    changes: [
      {
        file: 'lib/campaign/rest-api.ts',
        find: 'if (!isWebPage(notFound.text)) return notFound;',
        replace: 'if (notFound.status > 0) return notFound;',
      },
    ],
  },
];
