import { changedLine, loadFailure, rebuiltLine, welcome } from '../../../sandbox/dev/texts';

const N8N = {
  url: 'http://127.0.0.1:5678',
  owner: { email: 'owner@sandbox.example', password: 'Campaign-2026' },
  logFile: 'n8n.log',
  userFolder: 'data',
} as const;

describe('what npm run dev says', () => {
  it('tells where n8n is and who can log in; of the sandbox and the debugger only when they are there', () => {
    const alone = welcome(N8N, { controlUrl: undefined, inspect: undefined });
    expect(alone).toContain('http://127.0.0.1:5678');
    expect(alone).toContain('owner@sandbox.example');
    expect(alone).toContain('Campaign-2026');
    expect(alone).not.toMatch(/Sandbox {2}|Debugger/);

    const all = welcome(N8N, { controlUrl: 'http://127.0.0.1:1/_control', inspect: 9229 });
    expect(all).toMatch(/Sandbox +http:\/\/127\.0\.0\.1:1\/_control/);
    expect(all).toMatch(/Debugger +127\.0\.0\.1:9229/);
  });

  it('names a few files, and counts the others', () => {
    expect(changedLine(['a.ts', 'b.ts'])).toBe('\nChanged: a.ts, b.ts');
    expect(changedLine(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe('\nChanged: a, b, c, d, e, and 2 more');
  });

  it('says what was rebuilt, or that n8n had ended by itself', () => {
    expect(rebuiltLine(['a.js'], 512)).toBe('Rebuilt 1 file in 0.5 s: a.js. n8n restarts ...');
    expect(rebuiltLine(['a.js', 'b.js'], 90)).toBe('Rebuilt 2 files in 0.1 s: a.js, b.js. n8n restarts ...');
    expect(rebuiltLine([], 10)).toBe('n8n had ended. n8n restarts ...');
  });

  it('finds in the log why the nodes could not be loaded at the latest start, and at no earlier one', () => {
    const failed =
      'Initializing n8n process\nFailed to load package "ours"\nbroken\n    at rules.ts:3:1\nn8n ready on 127.0.0.1';
    expect(loadFailure(failed)).toMatch(/^Failed to load package "ours"\nbroken\n {4}at rules\.ts:3:1/);
    expect(loadFailure(`${failed}\nInitializing n8n process\nn8n ready on 127.0.0.1`)).toBe('');
  });
});
