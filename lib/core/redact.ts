import { bareCause, SyncError } from './errors';
import { urlEncoded } from './text';
import { ALSO_NAMES, ERROR_WORDS } from './error-words';

/** So much of a server's text is looked at, and no more: an error page may have megabytes. */
export const LONGEST_READ = 2000;

const LONGEST_SHOWN = 240;

/** Less than this share of a text's words, and what is left is codes and noise. */
const READABLE_SHARE = 0.4;

const CODE =
  /^(?:(?:RST|XTK|PGS|ORA|MSQ|ODB|WDB|SOP|SCR|NMS|XSV|NCM|INT|JST|DBF|SQL|MYS|TSQL)-\d{5,6}|0x8[0-9a-fA-F]{7}|AADSTS\d{5,8})$/;

/** Codes of the operating system and of Node's connections. */
const ERRNO: ReadonlySet<string> = new Set(
  `EACCES EADDRINUSE EADDRNOTAVAIL EAGAIN EAI_AGAIN EBADF EBUSY ECONNABORTED ECONNREFUSED ECONNRESET EDQUOT EEXIST
  EHOSTDOWN EHOSTUNREACH EINVAL EIO EISDIR ELOOP EMFILE ENAMETOOLONG ENETDOWN ENETRESET ENETUNREACH ENOENT ENOMEM ENOSPC
  ENOTCONN ENOTDIR ENOTEMPTY ENOTFOUND ENOTSUP EPERM EPIPE EPROTO EROFS ETIMEDOUT ETXTBSY EXDEV`.split(/\s+/),
);

const OPENING = new Set(['"', "'", '‘', '“', '„', '«', '`']);
const CLOSING = new Set(['"', "'", '’', '”', '“', '»', '`']);

/**
 * What may be quoted of a server's error text: codes such as `RST-360011`, names of the request's own fields, and
 * ordinary words of error texts ({@link ERROR_WORDS}) outside quotes. Everything else becomes `…`: what is not known
 * to be harmless may be a value of a record or a secret.
 *
 * The text is cut to {@link LONGEST_READ} characters first and then read once, word by word.
 *
 * @param sent values that the request carried: not even words of the list are quoted where they are one of them
 * @param names words that may stand in quotes: names of fields and resources
 * @returns empty where nothing but `…` is left
 */
export function redact(
  text: string,
  sent: Iterable<string> = [],
  names: { has(word: string): boolean } = new Set<string>(),
): string {
  const values = [...sent];
  const said = withoutMarkup(withoutValues(text, values, names));
  const detail = /\bDETAIL\b/.exec(said);
  const reader = new Reader(names, new Set(values.map((value) => value.toLowerCase())));
  const words = (detail ? said.slice(0, detail.index) : said).split(/\s+/).filter((word) => word !== '');
  const shown = joined(words.map((word) => reader.read(word)));
  const kept = reader.readable >= READABLE_SHARE * words.length ? shown : [...reader.codes].join(' ');
  if (!/[\p{L}\d]/u.test(kept)) return '';
  return kept.length > LONGEST_SHOWN ? `${kept.slice(0, kept.lastIndexOf(' ', LONGEST_SHOWN))} …` : kept;
}

/**
 * A server's text, cut to a length, without the values that were sent where they stand as words of their own: neither
 * as they are nor escaped. Patterns that decide what an error means look at this.
 */
export function withoutValues(
  text: string,
  sent: Iterable<string>,
  names: { has(word: string): boolean } = new Set<string>(),
): string {
  let result = spaced(text.slice(0, LONGEST_READ));
  const forms = new Set([...sent].filter((value) => !names.has(value)).flatMap(formsOf));
  for (const form of [...forms].sort((a, b) => b.length - a.length)) result = withoutWord(result, form);
  return result;
}

/** A server may break its lines where it likes. */
function spaced(text: string): string {
  return text.replace(/\s+|\\[nrt]/g, ' ');
}

function formsOf(value: string): string[] {
  const text = spaced(value).trim();
  if (text.length < 2 || text.length > LONGEST_READ) return [];
  const html = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const forms = [
    text,
    JSON.stringify(text).slice(1, -1),
    html,
    html.replaceAll("'", '&#39;').replaceAll('"', '&quot;'),
  ];
  return /^[\w.-]+$/.test(text) ? [text] : [...forms, urlEncoded(text)];
}

const isWordPart = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}_]/u.test(character);

/** In either case of its letters: Campaign changes the case of some fields itself. */
function withoutWord(text: string, word: string): string {
  const [inText, inWord] = [sameLengthLower(text), sameLengthLower(word)];
  let result = '';
  let done = 0;
  for (let at = inText.indexOf(inWord); at >= 0; at = inText.indexOf(inWord, at + 1)) {
    const end = at + inWord.length;
    if (at < done || (isWordPart(text[at - 1]) && isWordPart(text[at]))) continue;
    if (isWordPart(text[end]) && isWordPart(text[end - 1])) continue;
    result += `${text.slice(done, at)}…`;
    done = end;
  }
  return done === 0 ? text : result + text.slice(done);
}

function sameLengthLower(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

function withoutMarkup(text: string): string {
  return text.replace(/<(?:script|style)\b[^>]*>/gi, ' … ').replace(/<[^>]*>/g, ' ');
}

/** Reads a text word by word. Between quotation marks nothing stays but one name. */
class Reader {
  readonly codes = new Set<string>();
  readable = 0;
  private quoted = false;

  constructor(
    private readonly names: { has(word: string): boolean },
    private readonly sent: ReadonlySet<string>,
  ) {}

  read(word: string): string {
    const [, before = '', core = '', after = ''] = /^([^\p{L}\p{N}…]*)(.*?)([^\p{L}\p{N}]*)$/su.exec(word) ?? [];
    const opens = [...before].some((character) => OPENING.has(character));
    const closes = [...after].some((character) => CLOSING.has(character));
    const end = /[.,;:!?]$/.exec(after)?.[0] ?? '';
    if (this.quoted) {
      this.quoted = !closes;
      return this.quoted ? '' : closingOf(after) + end;
    }
    if (opens && !closes) {
      this.quoted = true;
      return `${openingOf(before)}…`;
    }
    if (this.names.has(core) || (opens && ERROR_WORDS.has(core) && core.includes(':'))) {
      this.readable += 1;
      return before.replace(/[^"'‘“„«(]/g, '') + core + after.replace(/[^"'’”“».,;:!?)]/g, '');
    }
    if (opens) {
      this.readable += 1;
      return `${openingOf(before)}…${closingOf(after)}${end}`;
    }
    if (CODE.test(core) || ERRNO.has(core)) {
      this.readable += 1;
      this.codes.add(core);
      return core + end;
    }
    if (core === '') return /^[=:–-]$/.test(word) ? word : '';
    if (!this.isOrdinary(core)) return `…${end}`;
    this.readable += 1;
    return core + end;
  }

  private isOrdinary(word: string): boolean {
    const lower = word.toLowerCase();
    if (!ERROR_WORDS.has(lower) || this.sent.has(lower)) return false;
    return word === lower || !ALSO_NAMES.has(lower);
  }
}

function openingOf(before: string): string {
  return [...before].find((character) => OPENING.has(character)) ?? '';
}

function closingOf(after: string): string {
  return [...after].find((character) => CLOSING.has(character)) ?? '';
}

/** Without empty words, and with one `…` for several. */
function joined(words: readonly string[]): string {
  let result = '';
  for (const word of words) {
    if (word === '' || (word === '…' && result.endsWith('…'))) continue;
    const closes = CLOSING.has(word.charAt(0)) && word.length <= 2 && !word.includes('…');
    result += (result === '' || closes ? '' : ' ') + word;
  }
  return result;
}

/** What may be told of any error: the message of one of ours, and of any other what {@link redact} leaves of it. */
export function tellable(error: unknown): string {
  if (error instanceof SyncError) return error.message;
  const reason = error instanceof Error ? redact(error.message) : '';
  return reason === '' ? bareCause(error).message : reason;
}
