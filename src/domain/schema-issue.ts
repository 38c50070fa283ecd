import * as v from 'valibot';

/**
 * Extracts the values for texts of errors from an issue that a schema has found. A check of our own has the name of its
 * rule as its message.
 */
export function schemaIssue(issue: v.BaseIssue<unknown>): {
  /** Path of the field, its parts joined by dots; null for the whole value. */
  field: string | null;
  expected: string | null;
  received: string;
  rule: string;
} {
  const { expected, received, type, message } = issue;
  return {
    field: v.getDotPath(issue),
    expected,
    received,
    rule: type === 'check' ? message : type,
  };
}
