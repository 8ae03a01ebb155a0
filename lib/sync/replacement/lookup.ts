import { API_BOOLEANS, readBoolean } from '../../core/boolean-words';
import type { SourceValue } from '../../core/change';
import { parseNumber } from '../../core/numbers';
import { textOf } from '../../core/text';

/** How values of a column or field are told apart. */
export type Likeness = 'text' | 'number' | 'boolean' | 'id';

/** The key under which every empty value is found: no text can be equal to it, as NUL does not come in from either system. */
const EMPTY = '\0';

/** Makes values into keys that are equal where the values are: `2`, `2.0` and `"2"` in a number column are one. */
export function keyMaker(likeness: Likeness, caseSensitive: boolean): (value: SourceValue) => string {
  return (value) => {
    if (value === null) return EMPTY;
    const text = textOf(value);
    if (text.trim() === '') return EMPTY;
    switch (likeness) {
      case 'number':
        return String(parseNumber(text) ?? text);
      case 'boolean':
        return String(readBoolean(text, API_BOOLEANS) ?? text);
      case 'id':
        return text.trim().toLowerCase();
      case 'text':
        return caseSensitive ? text : text.toLowerCase();
    }
  };
}
