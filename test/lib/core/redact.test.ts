import { RetriableError } from '../../../lib/core/errors';
import { redact, tellable } from '../../../lib/core/redact';

describe('redact', () => {
  it.each([
    [
      "The value 'Ada' is not valid for the 'nms:recipient:gender' enumeration",
      [],
      "The value '…' is not valid for the 'nms:recipient:gender' enumeration",
    ],
    ["Cannot update key 'SVC3' to 'SVC4'.", [], "Cannot update key '…' to '…'."],
    ["The value 'O'Brien' is wrong", ["O'Brien"], "The value '…' is wrong"],
    ['Key (semail)=(ada@example.org) already exists', [], 'Key … already exists'],
    ['ERROR: duplicate DETAIL: Key (x)=(Ada) exists', [], 'ERROR: duplicate'],
    ['mail ada.lovelace@example.org refused', [], 'mail … refused'],
    ['phone +49 (731) 123-456 refused', [], 'phone … refused'],
    ['contact With Id = 0a1b2c3d-0000-4000-8000-000000000001 Does Not Exist', [], 'contact With Id = … Does Not Exist'],
    ['RST-360011 An error, PGS-220000 and 0x80040265', [], 'RST-360011 An error, PGS-220000 and 0x80040265'],
    ['<html><b>Bad</b> gateway</html>', [], 'Bad gateway'],
    ["for the reason 'LEGAL HOLD' of today", [], "for the reason '…' of …"],
    ['Smith\'s value of type "not valid" is wrong', [], '… value of type "…" is wrong'],
    ['Ada Lovelace of Ulm', [], ''],
    ['', [], ''],
  ])('turns %p into something without values', (text, sent, expected) => {
    expect(redact(text, sent)).toBe(expected);
  });

  it('keeps the names of fields that were sent', () => {
    expect(redact("Cannot update the 'age' property to 'Ada'", ['Ada'], new Set(['age']))).toBe(
      "Cannot update the 'age' property to '…'",
    );
  });

  it('is short', () => {
    expect(redact('word '.repeat(1000)).length).toBeLessThan(250);
  });
});

describe('tellable', () => {
  it.each([
    [new RetriableError('X', 'Ours, with Ada.'), 'Ours, with Ada.'],
    [new Error('connect ECONNREFUSED 10.0.0.1:22'), 'connect ECONNREFUSED …'],
    [Object.assign(new TypeError('Ada Lovelace'), { code: 'EPIPE' }), 'TypeError (EPIPE)'],
    ['Ada', 'A value that is no error was thrown.'],
  ])('gives of %p what may be told', (error, expected) => {
    expect(tellable(error)).toBe(expected);
  });
});
