import { urlEncoded } from './text';

/** Shorter ones may be parts of ordinary words: cutting them out would spoil messages and hide nothing. */
const SHORTEST = 6;

/** Tokens are renewed all the time: the ones that were kept longest ago are forgotten. */
const MOST_SECRETS = 200;

/** Every secret in the forms in which a server may give it back. The last one kept stands last. */
const kept = new Map<string, readonly string[]>();

/**
 * Remembers a secret of this process (a client's ID or secret, a token, a password), so that no message can hold it:
 * {@link withoutSecrets} cuts it out wherever an error is made.
 */
export function keepSecret(secret: string | undefined): void {
  const text = secret?.trim() ?? '';
  if (text.length < SHORTEST) return;
  const forms = kept.get(text) ?? formsOf(text);
  kept.delete(text);
  kept.set(text, forms);
  const [oldest] = kept.keys();
  if (kept.size > MOST_SECRETS && oldest !== undefined) kept.delete(oldest);
}

/** The text without any secret of this process, as it is, URL-encoded, JSON- or HTML-escaped, or in base64. */
export function withoutSecrets(text: string): string {
  let result = text;
  for (const forms of kept.values()) {
    for (const form of forms) if (result.includes(form)) result = result.replaceAll(form, '…');
  }
  return result;
}

/** Longest first: a longer form may hold a shorter one. */
function formsOf(secret: string): readonly string[] {
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(secret))).replace(/=+$/, '');
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    urlEncoded(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    html,
    html.replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_'),
    urlEncoded(base64),
  ];
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}
