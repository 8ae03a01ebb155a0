import type { Conversions } from '../../core/conversions';
import { compileConversion, compileExpressionConversion, emptyValue, isConvertible } from './compile-conversion';

/** The conversions of docs/conversions.md. */
export const conversions: Conversions = {
  compile: compileConversion,
  compileExpression: compileExpressionConversion,
  isConvertible,
  emptyValue,
};
