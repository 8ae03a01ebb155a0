import { FatalError } from '../core/errors';

/**
 * A link that a server gave, checked to be of that server's own origin before a token goes with it.
 *
 * @param link absolute, or relative to `base`
 * @param base absolute URL; its origin is the only one allowed
 * @returns an absolute link given is returned byte for byte
 * @throws FatalError FOREIGN_LINK
 */
export function sameOriginLink(link: string, base: string, system: string): string {
  const absolute = resolved(link, base);
  // The text is what is sent; so it must not be one that a lenient parser reads as another host than a strict one.
  const plain = /^https?:\/\/[^/?#\\@\s]+(?:[/?]|$)/i.test(absolute?.text ?? '');
  if (!absolute || !plain || absolute.url.origin !== new URL(base).origin || absolute.url.username !== '') {
    throw new FatalError('FOREIGN_LINK', `${system} sent a link that leads to another server; it was not followed.`, {
      hint: `A link must begin with ${new URL(base).origin}. If a gateway changes host names, use that host's URL in the credential.`,
    });
  }
  return absolute.text;
}

function resolved(link: string, base: string): { url: URL; text: string } | undefined {
  try {
    const url = new URL(link, base);
    return { url, text: /^https?:\/\//i.test(link) ? link : url.href };
  } catch {
    return undefined;
  }
}
